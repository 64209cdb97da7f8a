package auth

import (
	"maps"
	"slices"
	"strings"
	"testing"
)

// matrix is what each role may do, written out by hand from the table of roles in the contract.
const matrix = `
permission        reviewer  auditor  inspector  admin
anyone            yes       yes      yes        yes
signed-in         yes       yes      yes        yes
search-and-read   yes       yes      yes        -
read-images       yes       -        yes        -
read-raw          yes       -        yes        -
reveal            yes       -        yes        -
refresh           yes       -        -          -
decide-gone       yes       -        -          -
export-processes  -         yes      yes        -
read-trail        -         yes      yes        -
see-completeness  yes       yes      yes        yes
administer        -         -        -          yes
`

func TestPermissionsAreThoseOfTheMatrix(t *testing.T) {
	lines := strings.Split(strings.TrimSpace(matrix), "\n")
	roles := strings.Fields(lines[0])[1:]
	var seen []Permission
	for _, line := range lines[1:] {
		cells := strings.Fields(line)
		p := Permission(cells[0])
		seen = append(seen, p)
		for i, cell := range cells[1:] {
			role, ok := Allowed([]Role{Role(roles[i])}, p)
			if ok != (cell == "yes") {
				t.Errorf("%s as %s: allowed %t", p, roles[i], ok)
			}
			if ok && p != Anyone && role != Role(roles[i]) {
				t.Errorf("%s as %s: the right comes from %q", p, roles[i], role)
			}
		}
		if _, ok := Allowed(nil, p); ok != (p == Anyone) {
			t.Errorf("%s without a role: allowed %t", p, ok)
		}
	}
	for p := range permissions {
		if !slices.Contains(seen, p) {
			t.Errorf("%s is not in the matrix", p)
		}
	}
	if len(seen) != len(permissions)+1 {
		t.Errorf("the matrix has %d permissions, the table %d and anyone", len(seen), len(permissions))
	}
}

func TestOfSeveralRolesTheFirstInTheTableIsRecorded(t *testing.T) {
	for _, tc := range []struct {
		permission Permission
		roles      []Role
		want       Role
	}{
		{SearchAndRead, []Role{Auditor, Reviewer}, Reviewer},
		{SearchAndRead, []Role{Auditor, Inspector}, Inspector},
		{Reveal, []Role{Inspector, Reviewer}, Reviewer},
		{ReadTrail, []Role{Inspector, Auditor}, Auditor},
		{ExportProcesses, []Role{Reviewer, Inspector}, Inspector},
		{SeeCompleteness, []Role{Admin, Inspector, Auditor}, Auditor},
		{SignedIn, []Role{Admin, Auditor}, Auditor},
		{Administer, []Role{Reviewer, Admin}, Admin},
	} {
		if got, ok := Allowed(tc.roles, tc.permission); !ok || got != tc.want {
			t.Errorf("%s with %v: %q, want %q", tc.permission, tc.roles, got, tc.want)
		}
	}
}

func TestWhatIsNotInTheTableIsAllowedToNobody(t *testing.T) {
	all := slices.Collect(maps.Keys(map[Role]bool{Reviewer: true, Auditor: true, Inspector: true, Admin: true, "owner": true}))
	if role, ok := Allowed(all, "delete-records"); ok {
		t.Errorf("allowed as %s", role)
	}
	if _, ok := Allowed([]Role{"owner", ""}, SignedIn); ok {
		t.Error("an unknown role counts as signed in")
	}
}
