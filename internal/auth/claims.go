package auth

import (
	"encoding/json"
	"math"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// maxName bounds a display name in bytes.
const maxName = 200

// identity is who the provider says came.
type identity struct {
	issuer, subject string
	claims          map[string]any
}

func (i identity) text(claim string) string {
	text, _ := i.claims[claim].(string)
	return text
}

// name is how the person is shown: the first of the usual claims that is there, else the subject.
func (i identity) name() string {
	for _, claim := range []string{"name", "preferred_username", "email"} {
		if name := clean(i.text(claim), maxName); name != "" {
			return name
		}
	}
	return i.subject
}

// authTime is when the person last proved who they are; zero if the provider does not tell.
func (i identity) authTime() time.Time {
	seconds, ok := i.claims["auth_time"].(float64)
	if number, isNumber := i.claims["auth_time"].(json.Number); isNumber {
		f, err := number.Float64()
		seconds, ok = f, err == nil
	}
	if !ok || math.IsNaN(seconds) || seconds <= 0 || seconds > math.MaxInt32*2 {
		return time.Time{}
	}
	return time.Unix(int64(seconds), 0).UTC()
}

// find follows a dotted path into objects. A claim whose own name holds dots is found under it.
func find(claims map[string]any, path string) (any, bool) {
	if value, ok := claims[path]; ok {
		return value, true
	}
	for at, c := range path {
		if c != '.' {
			continue
		}
		if inner, ok := claims[path[:at]].(map[string]any); ok {
			if value, ok := find(inner, path[at+1:]); ok {
				return value, true
			}
		}
	}
	return nil, false
}

// groupsOf reads a claim that is a string or a list of strings.
func groupsOf(claims map[string]any, path string) []string {
	value, _ := find(claims, path)
	switch value := value.(type) {
	case string:
		return []string{value}
	case []any:
		var groups []string
		for _, entry := range value {
			if group, ok := entry.(string); ok {
				groups = append(groups, group)
			}
		}
		return groups
	}
	return nil
}

// rolesOf maps a person's groups to roles, each once, in the order of the permission table.
func (s *Service) rolesOf(who identity) []Role {
	groups := groupsOf(who.claims, s.o.RoleClaim)
	var roles []Role
	for _, role := range permissions[SignedIn] {
		if slices.ContainsFunc(groups, func(group string) bool { return s.o.RoleMap[group] == role }) {
			roles = append(roles, role)
		}
	}
	return roles
}

// clean drops what cannot be printed and bounds the length in bytes.
func clean(text string, most int) string {
	text = strings.TrimSpace(strings.Map(func(c rune) rune {
		if !unicode.IsPrint(c) {
			return -1
		}
		return c
	}, strings.ToValidUTF8(text, "")))
	for len(text) > most {
		_, size := utf8.DecodeLastRuneInString(text)
		text = text[:len(text)-size]
	}
	return text
}

func joined(roles []Role) string {
	names := make([]string, len(roles))
	for i, role := range roles {
		names[i] = string(role)
	}
	return strings.Join(names, ",")
}

// parseRoles reads what joined wrote; a role that this program does not know gives nothing.
func parseRoles(text string) []Role {
	var roles []Role
	for name := range strings.SplitSeq(text, ",") {
		if known(Role(name)) {
			roles = append(roles, Role(name))
		}
	}
	return roles
}
