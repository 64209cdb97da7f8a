package handlers_test

import (
	"net/http"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/assure-portal/portal/web/static"
)

// roleColumns are the columns of the matrix after the route.
var roleColumns = []string{"", "reviewer", "auditor", "inspector", "admin", "both", "nobody"}

// goodForms are what is posted where a form is needed.
var goodForms = map[string]url.Values{
	"/processes/:id/reveal": form("field", "firstName", "purpose", "alert"),
	"/purpose":              form("purpose", "alert"),
	"/processes/save":       form("name", "Rejected", "list", "status=rejected"),
	"/processes/ask":        form("process", onfido, "dossier", onfido),
	"/processes/columns":    form("column", "status"),
}

func TestZ01_EveryRouteGivesEveryRoleItsStatus(t *testing.T) {
	h := build(t).furnish()
	matrix := readMatrix(t)
	for _, route := range h.handler.Routes() {
		if matrix[route] == nil {
			t.Errorf("%s is registered and missing in testdata/matrix.txt", route)
		}
	}
	for route, statuses := range matrix {
		if !slices.Contains(h.handler.Routes(), route) {
			t.Errorf("%s stands in testdata/matrix.txt and is not registered", route)
		}
		for i, user := range roleColumns {
			t.Run(route+" as "+user, func(t *testing.T) { h.checkStatus(t, route, user, statuses[i]) })
		}
	}
}

// readMatrix reads the statuses by route.
func readMatrix(t *testing.T) map[string][]int {
	t.Helper()
	file, err := os.ReadFile("testdata/matrix.txt")
	if err != nil {
		t.Fatal(err)
	}
	matrix := map[string][]int{}
	for line := range strings.Lines(string(file)) {
		words := strings.Fields(line)
		if len(words) == 0 || words[0] == "#" || strings.HasPrefix(line, "#") {
			continue
		}
		if len(words) != 2+len(roleColumns) {
			t.Fatalf("%d columns in %q", len(words), line)
		}
		for _, w := range words[2:] {
			status, err := strconv.Atoi(w)
			if err != nil {
				t.Fatal(err)
			}
			matrix[words[0]+" "+words[1]] = append(matrix[words[0]+" "+words[1]], status)
		}
	}
	return matrix
}

func (h *house) checkStatus(t *testing.T, route, user string, want int) {
	h.t = t
	method, pattern, _ := strings.Cut(route, " ")
	path := strings.NewReplacer(":id", paper, ":depiction", "front", ":seq", "0", ":session", "nonesuch", ":search", "nonesuch",
		"/static/*", static.URL("app.css")).Replace(pattern)
	a := ask{as: user, method: method, path: path, form: goodForms[pattern]}
	if pattern == "/audit/exports" && method == "POST" {
		a = upload(user, []byte("x"))
	}
	if user == "nobody" {
		a.as = ""
		if _, known := h.sessions[user]; !known {
			h.checkNobody(t)
		}
	}
	if got := h.send(a); got.status != want {
		t.Errorf("status %d, want %d", got.status, want)
	}
	if pattern == "/auth/logout" {
		delete(h.sessions, user)
	}
}

// checkNobody proves once that a person without a role ends up as a stranger.
func (h *house) checkNobody(t *testing.T) {
	t.Helper()
	before := h.trail.State().Size
	cookies, status, body := h.signIn("nobody")
	if status != http.StatusForbidden || len(find(t, document(t, body), "main [data-status='403']")) == 0 {
		t.Errorf("the callback answered %d to a person without a role: %s", status, body)
	}
	for _, c := range cookies {
		if strings.Contains(c.Name, "session") {
			t.Errorf("a person without a role got the cookie %s", c.Name)
		}
	}
	if got := h.recordsFrom(before); !slices.Equal(got, []string{"sign-in.refused refused purpose=none because=no-role groups=0"}) {
		t.Errorf("records %q", got)
	}
	h.sessions["nobody"] = []*http.Cookie{}
}
