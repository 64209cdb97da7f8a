package handlers_test

import (
	"errors"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/assure-portal/portal/internal/assure"
	"github.com/assure-portal/portal/internal/handlers"
	"github.com/assure-portal/portal/web/static"
)

// ways in which a trail stops taking records.
var closings = map[string]func(*house){
	"its file was taken away": func(h *house) {
		for _, suffix := range []string{"", "-wal", "-shm"} {
			if err := os.Remove(h.trailFile + suffix); err != nil && !errors.Is(err, os.ErrNotExist) {
				h.t.Fatal(err)
			}
		}
	},
	"it was closed": func(h *house) { h.must(h.trail.Close(h.t.Context())) },
}

// personalPages show something about a person, or about what was done, and so must not be without a record.
var personalPages = []ask{
	{as: "reviewer", path: "/processes"}, {as: "auditor", path: "/processes?s={term}"}, {as: "reviewer", path: "/processes/{canary}"},
	{as: "reviewer", path: "/processes", header: map[string]string{"HX-Request": "true", "HX-Target": "results"}},
	{as: "inspector", method: "POST", path: "/processes/{canary}/reveal", form: form("field", "firstName", "purpose", "audit")},
	{as: "inspector", method: "POST", path: "/processes/{canary}/reveal", form: form("field", "raw", "purpose", "audit")},
	{as: "reviewer", path: "/processes/{canary}/raw"}, {as: "reviewer", path: "/processes/{canary}/images/front"},
	{as: "reviewer", method: "POST", path: "/processes/{canary}/refresh"}, {as: "auditor", path: "/processes.csv?with=identity"},
	{as: "auditor", path: "/audit"}, {as: "auditor", path: "/audit/0"}, {as: "auditor", path: "/audit.csv"}, {as: "auditor", path: "/audit.zip"},
	{as: "auditor", path: "/audit/people"}, {as: "auditor", path: "/audit/exports"}, {as: "auditor", path: "/audit/statement?process={canary}"}, upload("auditor", []byte("x")),
	{as: "admin", path: "/processes"}, {as: "reviewer", path: "/processes/{unknown}"}, {as: "reviewer", method: "DELETE", path: "/processes/{canary}"},
}

func TestWithoutATrailNoPageShowsAnybody(t *testing.T) {
	for name, shut := range closings {
		t.Run(name, func(t *testing.T) {
			h := canaryHouse(t)
			for _, user := range []string{"reviewer", "auditor", "inspector", "admin"} {
				h.as(user)
			}
			// A purpose for raw was given while the trail was open.
			if got := h.send(ask{as: "reviewer", method: "POST", path: "/processes/{canary}/reveal", form: form("field", "raw", "purpose", "audit")}); got.status != 200 {
				t.Fatal(got.status)
			}
			asked := h.sim.Requests("")
			shut(h)
			for _, a := range personalPages {
				got := h.exchange(a, h.as(a.as))
				if got.status != http.StatusServiceUnavailable || len(visible(got.body)) > 0 || strings.Contains(strings.ToLower(got.body), "zaphi") {
					t.Errorf("%s %s of the %s: status %d, shows %q", a.method, a.path, a.as, got.status, visible(got.body))
				}
			}
			if n := h.sim.Requests("") - asked; n > 0 {
				t.Errorf("Assure was asked %d times without a record", n)
			}
		})
	}
}

// staysUp are the routes of somebody who is signed in that show nothing personal and change nothing that needs a record: counts,
// forms that were not filled in, redirections to a page that is closed, the signed state of the trail.
var staysUp = map[string]bool{"GET /help": true, "GET /admin": true, "GET /completeness": true, "GET /completeness.csv": true, "GET /processes.csv/progress": true,
	"GET /audit/person": true, "GET /audit/statement": true, "GET /processes/:id/raw": true,
	"POST /processes/search": true, "POST /processes/columns": true, "POST /purpose": true, "GET /audit/checkpoint": true, "GET /audit/key": true}

// A route that is new stands in the matrix at once, and so here.
func TestWithoutATrailEveryRouteIsClosedThatIsNotSaidToStayUp(t *testing.T) {
	h := canaryHouse(t)
	matrix := readMatrix(t)
	for _, user := range roleColumns[1 : len(roleColumns)-1] {
		h.as(user)
	}
	closings["it was closed"](h)
	delete(matrix, "POST /auth/logout") // ends the session, whatever the trail does; it has a test of its own
	for route, statuses := range matrix {
		method, pattern, _ := strings.Cut(route, " ")
		path := strings.NewReplacer(":id", "{canary}", ":depiction", "front", ":seq", "0", ":session", "nonesuch", ":search", "nonesuch").Replace(pattern)
		for i, user := range roleColumns {
			if user == "" || user == "nobody" || statuses[i] >= 400 || statuses[0] == statuses[i] {
				continue // whoever may not, or may without a session
			}
			a := ask{as: user, method: method, path: path, form: goodForms[pattern]}
			if route == "POST /audit/exports" {
				a = upload(user, []byte("x"))
			}
			got := h.exchange(a, h.as(user))
			if closed := got.status == http.StatusServiceUnavailable; closed == staysUp[route] || len(visible(got.body)) > 0 {
				t.Errorf("%s as %s: status %d, shows %q", route, user, got.status, visible(got.body))
			}
		}
	}
}

func TestWithoutATrailThePlainPagesStayUp(t *testing.T) {
	for name, shut := range closings {
		t.Run(name, func(t *testing.T) {
			h := canaryHouse(t)
			h.as("admin")
			h.as("reviewer")
			shut(h)
			for _, row := range []struct {
				ask
				status int
			}{
				{ask{path: "/healthz"}, 200}, {ask{path: static.URL("app.css")}, 200}, {ask{path: "/auth/login?signed-out=1"}, 200},
				{ask{path: "/auth/login"}, 302}, {ask{path: "/nothing"}, 404}, {ask{as: "reviewer", path: "/help"}, 200}, {ask{as: "admin", path: "/admin"}, 200},
			} {
				if got := h.exchange(row.ask, h.as(row.as)); got.status != row.status {
					t.Errorf("%s answers %d, want %d", row.path, got.status, row.status)
				}
			}
		})
	}
}

func TestWithoutATrailThePortalIsNotReadyAndSaysSo(t *testing.T) {
	h := build(t)
	h.as("admin")
	closings["it was closed"](h)
	if got := h.exchange(ask{path: "/readyz"}, nil); got.status != http.StatusServiceUnavailable {
		t.Errorf("/readyz answers %d", got.status)
	}
	page := h.exchange(ask{as: "admin", path: "/admin"}, h.as("admin"))
	if len(find(t, document(t, page.body), ".trail-note")) == 0 {
		t.Error("the administration does not say that the trail is closed")
	}
}

func TestWithoutATrailNobodySignsIn(t *testing.T) {
	h := build(t)
	closings["it was closed"](h)
	cookies, status, body := h.signIn("reviewer")
	if status != http.StatusServiceUnavailable || strings.Contains(body, "Rosalind") {
		t.Errorf("the callback answers %d: %s", status, body)
	}
	for _, c := range cookies {
		if strings.Contains(c.Name, "session") {
			t.Errorf("the portal set the cookie %s", c.Name)
		}
	}
	sessions, err := h.auth.Sessions(t.Context())
	if err != nil || len(sessions) > 0 {
		t.Errorf("sessions %v, %v", sessions, err)
	}
}

func TestWithoutATrailSigningOutStillEndsTheSession(t *testing.T) {
	h := build(t)
	cookies := h.as("reviewer")
	closings["it was closed"](h)
	got := h.exchange(ask{method: "POST", path: "/auth/logout"}, cookies)
	if got.status != http.StatusServiceUnavailable || !slices.ContainsFunc(got.header.Values("Set-Cookie"), func(c string) bool { return strings.HasPrefix(c, "portal_session=;") }) {
		t.Errorf("status %d, cookies %q", got.status, got.header.Values("Set-Cookie"))
	}
	if after := h.exchange(ask{path: "/help"}, cookies); after.status != http.StatusSeeOther {
		t.Errorf("the session lives on: %d", after.status)
	}
}

// A part of the portal that breaks leaves a page without its reason, and the portal goes on.
func TestAPanicIsAPageWithoutItsReason(t *testing.T) {
	h := canaryHouseWith(t, func(o *handlers.Options) { o.Assure = &assure.Client{} })
	got := h.send(ask{as: "reviewer", path: "/processes/{canary}/images/front"})
	if got.status != http.StatusInternalServerError || len(find(t, document(t, got.body), errorPage("500")[0])) == 0 || containsAny(got.body, "goroutine", "nil pointer", ".go:") {
		t.Errorf("status %d: %s", got.status, got.body)
	}
	if want := []string{"process.image unknown role=reviewer process=canary@1 image=front"}; !slices.Equal(got.records, want) {
		t.Errorf("records %q", got.records)
	}
	if !strings.Contains(h.log.String(), "msg=panic") {
		t.Error("the log does not tell of it")
	}
	if after := h.send(ask{as: "reviewer", path: "/processes/{canary}"}); after.status != 200 {
		t.Errorf("the next page: %d", after.status)
	}
}
