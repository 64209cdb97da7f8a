package auth

import "slices"

// Role of a person; a person may hold several.
type Role string

// Roles.
const (
	Reviewer  Role = "reviewer"
	Auditor   Role = "auditor"
	Inspector Role = "inspector"
	Admin     Role = "admin"
)

// Permission is one thing a role may do. Routes name theirs.
type Permission string

// Permissions.
const (
	Anyone          Permission = "anyone"           // no session needed
	SignedIn        Permission = "signed-in"        // any role
	SearchAndRead   Permission = "search-and-read"  // reviewer, auditor, inspector
	ReadImages      Permission = "read-images"      // reviewer, inspector
	ReadRaw         Permission = "read-raw"         // reviewer, inspector
	Reveal          Permission = "reveal"           // reviewer, inspector
	Refresh         Permission = "refresh"          // reviewer
	DecideGone      Permission = "decide-gone"      // reviewer
	ExportProcesses Permission = "export-processes" // auditor, inspector
	ReadTrail       Permission = "read-trail"       // auditor, inspector
	SeeCompleteness Permission = "see-completeness" // reviewer, auditor, inspector, admin
	Administer      Permission = "administer"       // admin
)

// permissions says who may do what. Of several roles the one that stands first gives the right and is recorded, so
// whoever works on cases comes before whoever only looks. What is not in the table is allowed to nobody.
var permissions = map[Permission][]Role{
	SignedIn:        {Reviewer, Inspector, Auditor, Admin},
	SearchAndRead:   {Reviewer, Inspector, Auditor},
	ReadImages:      {Reviewer, Inspector},
	ReadRaw:         {Reviewer, Inspector},
	Reveal:          {Reviewer, Inspector},
	Refresh:         {Reviewer},
	DecideGone:      {Reviewer},
	ExportProcesses: {Auditor, Inspector},
	ReadTrail:       {Auditor, Inspector},
	SeeCompleteness: {Reviewer, Auditor, Inspector, Admin},
	Administer:      {Admin},
}

// Allowed returns the role of roles that gives the permission; ok false when none does.
// With several, the one first in the permission's row of the table. Anyone needs no role and gives none.
func Allowed(roles []Role, p Permission) (Role, bool) {
	if p == Anyone {
		return "", true
	}
	for _, role := range permissions[p] {
		if slices.Contains(roles, role) {
			return role, true
		}
	}
	return "", false
}

// known reports whether r is one of the roles.
func known(r Role) bool { return slices.Contains(permissions[SignedIn], r) }
