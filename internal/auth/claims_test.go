package auth

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
)

func TestGroupsAreFoundWhereTheClaimSays(t *testing.T) {
	for name, tc := range map[string]struct {
		claims, path string
		want         []string
	}{
		"a list":                               {`{"groups":["a","b"]}`, "groups", []string{"a", "b"}},
		"one string":                           {`{"groups":"a b"}`, "groups", []string{"a b"}},
		"a list with other things in it":       {`{"groups":["a",1,null,["b"]]}`, "groups", []string{"a"}},
		"inside an object":                     {`{"realm_access":{"roles":["a"]}}`, "realm_access.roles", []string{"a"}},
		"two objects deep":                     {`{"resource_access":{"portal":{"roles":["a"]}}}`, "resource_access.portal.roles", []string{"a"}},
		"an object whose name holds dots":      {`{"resource_access":{"kyc.portal":{"roles":["a"]}}}`, "resource_access.kyc.portal.roles", []string{"a"}},
		"a claim named by a URL":               {`{"https://id.example/roles":["a"]}`, "https://id.example/roles", []string{"a"}},
		"the whole name wins over the path":    {`{"a.b":"whole","a":{"b":"path"}}`, "a.b", []string{"whole"}},
		"nothing there":                        {`{"name":"x"}`, "groups", nil},
		"a path through something that is not": {`{"realm_access":["roles"]}`, "realm_access.roles", nil},
		"an object instead of a list":          {`{"groups":{"a":true}}`, "groups", nil},
		"null":                                 {`{"groups":null}`, "groups", nil},
	} {
		t.Run(name, func(t *testing.T) {
			var claims map[string]any
			if err := json.Unmarshal([]byte(tc.claims), &claims); err != nil {
				t.Fatal(err)
			}
			if got := groupsOf(claims, tc.path); !reflect.DeepEqual(got, tc.want) {
				t.Errorf("got %q, want %q", got, tc.want)
			}
		})
	}
}

func TestNamesAreShowable(t *testing.T) {
	for name, tc := range map[string]struct {
		claims map[string]any
		want   string
	}{
		"the name":                      {map[string]any{"name": " Rosalind Ekeberg ", "email": "r@example.test"}, "Rosalind Ekeberg"},
		"else the user name":            {map[string]any{"name": "", "preferred_username": "rosalind"}, "rosalind"},
		"else the e-mail address":       {map[string]any{"name": 7, "email": "r@example.test"}, "r@example.test"},
		"else the subject":              {map[string]any{}, "subject-1"},
		"without control characters":    {map[string]any{"name": "Rosa\r\nlind\u202e\x1b[31m"}, "Rosalind[31m"},
		"cut between characters":        {map[string]any{"name": strings.Repeat("é", 150)}, strings.Repeat("é", 100)},
		"accents and other scripts too": {map[string]any{"name": "Søren Ångström 李"}, "Søren Ångström 李"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := (identity{subject: "subject-1", claims: tc.claims}).name(); got != tc.want {
				t.Errorf("got %q, want %q", got, tc.want)
			}
		})
	}
}

func TestAuthTimeIsReadOrLeftOpen(t *testing.T) {
	for value, want := range map[any]string{
		float64(1772442000):       "2026-03-02T09:00:00Z",
		json.Number("1772442000"): "2026-03-02T09:00:00Z",
		"1772442000":              "0001-01-01T00:00:00Z",
		float64(-1):               "0001-01-01T00:00:00Z",
		1e300:                     "0001-01-01T00:00:00Z",
		nil:                       "0001-01-01T00:00:00Z",
	} {
		got := identity{claims: map[string]any{"auth_time": value}}.authTime().Format("2006-01-02T15:04:05Z07:00")
		if got != want {
			t.Errorf("%v is %s, want %s", value, got, want)
		}
	}
}
