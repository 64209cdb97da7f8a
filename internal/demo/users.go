package demo

import (
	"crypto/sha256"
	"encoding/base64"
	"slices"
	"strings"
)

// The roles of the portal; at the demo provider the group of a role bears the role's own name.
const (
	roleReviewer  = "reviewer"
	roleAuditor   = "auditor"
	roleInspector = "inspector"
	roleAdmin     = "admin"
)

// User can sign in at the demo provider.
type User struct {
	Name   string // reviewer@demo.test
	Roles  []string
	Groups []string

	// DisplayName is the invented name of the person, claim "name".
	DisplayName string
	// Subject is the claim "sub": opaque, and the same at every start.
	Subject string
}

// Users are the people of the demo, in the order in which they are printed.
func Users() []User {
	return []User{
		newUser("reviewer@demo.test", "Rosalind Ekeberg", roleReviewer),
		newUser("auditor@demo.test", "Augustin Delvaux", roleAuditor),
		newUser("inspector@demo.test", "Ingeborg Szalai", roleInspector),
		newUser("admin@demo.test", "Adetola Marchetti", roleAdmin),
		newUser("both@demo.test", "Birgitta Oyelaran", roleReviewer, roleAuditor),
		newUser("nobody@demo.test", "Nestor Quillfeather"),
	}
}

func newUser(name, display string, roles ...string) User {
	return User{
		Name:        name,
		Roles:       roles,
		Groups:      slices.Clone(roles),
		DisplayName: display,
		Subject:     subjectOf(name),
	}
}

// subjectOf makes an identifier that does not show the name, because records of the trail keep it for good.
func subjectOf(name string) string {
	sum := sha256.Sum256([]byte("demo identity provider\x00" + name))
	return base64.RawURLEncoding.EncodeToString(sum[:15])
}

// userByName finds a user as a person would type the name.
func userByName(typed string) (User, bool) {
	typed = strings.ToLower(strings.TrimSpace(typed))
	for _, u := range Users() {
		if u.Name == typed {
			return u, true
		}
	}
	return User{}, false
}

// userBySubject finds a user by the claim "sub".
func userBySubject(subject string) (User, bool) {
	for _, u := range Users() {
		if u.Subject == subject {
			return u, true
		}
	}
	return User{}, false
}
