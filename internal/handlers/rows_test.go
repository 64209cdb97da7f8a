package handlers_test

import (
	"archive/zip"
	"bytes"
	"encoding/base64"
	"encoding/json"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/assure-portal/portal/internal/assure"
	"github.com/assure-portal/portal/internal/assure/assuretest"
	"github.com/assure-portal/portal/internal/auth"
	"github.com/assure-portal/portal/internal/handlers"
	"github.com/assure-portal/portal/web/static"
)

// example fills a route's pattern.
func example(pattern, id string) string {
	return strings.NewReplacer(":id", id, ":depiction", "front", ":seq", "0", ":session", "nonesuch", "/static/*", static.URL("app.css")).Replace(pattern)
}

// withoutSession are the routes that serve anybody.
func withoutSession(pattern string) bool {
	return strings.HasPrefix(pattern, "/auth/") && pattern != "/auth/logout" || slices.Contains([]string{"/events", "/csp-report", "/healthz", "/readyz", "/static/*", "/robots.txt"}, pattern)
}

func split(route string) (method, pattern string) {
	method, pattern, _ = strings.Cut(route, " ")
	return method, pattern
}

// An id that is malformed, of somebody else's system or guessed is answered like one that nobody has, and a role that may
// not ask at all learns nothing of ids.
func TestZ02_EveryIdThatIsNoneIsAnsweredAlike(t *testing.T) {
	h := build(t).furnish()
	ids := []string{"..", "%2e%2e", "..%2fadmin", "a%2fb", "a%5cb", "%00", "%0a", "zaphi%20rellek", "%E2%80%AE", "%C3%A9", "%ff", strings.Repeat("a", 65), "a.b", "a;b", "'%20OR%201=1--", "{{x}}", "%25s"}
	for _, route := range h.handler.Routes() {
		method, pattern := split(route)
		if !strings.Contains(pattern, ":id") {
			continue
		}
		for _, user := range []string{"reviewer", "auditor", "inspector", "admin", "both"} {
			want := h.send(ask{as: user, method: method, path: example(pattern, unknownID), form: goodForms[pattern]})
			if want.status != 404 && want.status != 403 {
				t.Errorf("%s as %s: %d for an id that nobody has", route, user, want.status)
			}
			for _, id := range ids {
				got := h.send(ask{as: user, method: method, path: example(pattern, id), form: goodForms[pattern]})
				if got.status != want.status || got.status == 404 && withoutID(got) != withoutID(want) {
					t.Errorf("%s as %s with %s: %d, want %d and the same page\n%s", route, user, id, got.status, want.status, got.body)
				}
			}
		}
	}
}

// withoutID is a page without what differs at each request: its id, and the address to come back to.
func withoutID(a answer) string {
	page := strings.ReplaceAll(a.body, a.header.Get("X-Request-Id"), "")
	before, rest, _ := strings.Cut(page, `name="return" value="`)
	_, after, _ := strings.Cut(rest, `"`)
	return before + after
}

func TestZ04_WhatAFormHasBeyondItsFieldsDecidesNothing(t *testing.T) {
	h := build(t).furnish()
	more := []string{"role", "admin", "roles", "admin", "actor", "somebody", "session", "x", "id", onfido, "processId", onfido, "with", "identity", "Purpose", "audit", "PURPOSE", "audit", "purpose", "alert"}
	inAddress := h.send(ask{as: "inspector", method: "POST", path: "/processes/{paper}/reveal?purpose=audit&field=lastName&role=reviewer", form: form("field", "firstName", "purpose", "alert")})
	if inAddress.status != 400 || containsAny(inAddress.body, paperPerson...) {
		t.Errorf("fields in the address: %d", inAddress.status)
	}
	got := h.send(ask{as: "inspector", method: "POST", path: "/processes/{paper}/reveal", form: form(append([]string{"field", "firstName", "purpose", "alert"}, more...)...)})
	if want := []string{"field.reveal ok role=inspector process=paper@1 purpose=alert field=firstName"}; got.status != 200 || !slices.Equal(got.records, want) {
		t.Errorf("%d, records %q", got.status, got.records)
	}
	if got := h.send(ask{as: "auditor", method: "POST", path: "/processes/{paper}/reveal", form: form(append(more, "field", "firstName")...)}); got.status != 403 {
		t.Errorf("an auditor who claims another role: %d", got.status)
	}
	if got := h.send(ask{as: "reviewer", path: "/admin?role=admin", header: map[string]string{"X-Role": "admin", "X-Forwarded-User": "admin", "Authorization": "Bearer x"}}); got.status != 403 {
		t.Errorf("a reviewer who claims to administer: %d", got.status)
	}
}

func TestZ06_EveryOtherMethodIsRefusedAndDoesNothing(t *testing.T) {
	h := build(t).furnish()
	methods := map[string][]string{}
	for _, route := range h.handler.Routes() {
		method, pattern := split(route)
		methods[pattern] = append(methods[pattern], method)
	}
	for pattern, have := range methods {
		for _, method := range []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND", "SEARCH"} {
			if slices.Contains(have, method) || strings.HasPrefix(pattern, "/auth/") && method == "POST" && pattern != "/auth/login" && pattern != "/auth/callback" {
				continue
			}
			got := h.send(ask{as: "both", method: method, path: example(pattern, paper), form: form("_method", have[0]),
				header: map[string]string{"X-HTTP-Method-Override": have[0], "X-HTTP-Method": have[0], "X-Method-Override": have[0]}})
			// A path that another pattern takes as an id is unknown there.
			if got.status != http.StatusMethodNotAllowed && got.status != http.StatusNotFound {
				t.Errorf("%s %s: %d", method, pattern, got.status)
			}
			for _, record := range got.records {
				if !strings.HasPrefix(record, "access.refused refused") && !strings.Contains(record, " failed ") {
					t.Errorf("%s %s left %q", method, pattern, record)
				}
			}
		}
	}
}

func TestB03_AnUnsafeRequestFromAnywhereElseIsRefusedOnEveryRoute(t *testing.T) {
	h := build(t).furnish()
	from := map[string]map[string]string{
		"another site": {"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"}, "a neighbour": {"Sec-Fetch-Site": "same-site", "Origin": "https://mail.portal.example"},
		"nowhere": noOrigin, "the Origin of nobody": {"Sec-Fetch-Site": "", "Origin": "null"}, "another origin": {"Sec-Fetch-Site": "", "Origin": "http://evil.example"},
		"another port":  {"Sec-Fetch-Site": "", "Origin": "http://127.0.0.1:1"},
		"a longer name": {"Sec-Fetch-Site": "", "Origin": h.portal.URL + ".evil.example"}, "the address bar": {"Sec-Fetch-Site": "none"},
	}
	for _, route := range h.handler.Routes() {
		method, pattern := split(route)
		if method != "POST" || withoutSession(pattern) {
			continue
		}
		for name, header := range from {
			got := h.send(ask{as: "both", method: method, path: example(pattern, paper), form: goodForms[pattern], header: header})
			if want := "access.refused refused method=POST reason=origin route=" + pattern; got.status != http.StatusForbidden || len(got.records) != 1 || got.records[0] != want {
				t.Errorf("%s from %s: %d, records %q", route, name, got.status, got.records)
			}
		}
	}
	// What a form sends under a policy of no referrer.
	if got := h.send(ask{as: "both", method: "POST", path: "/purpose", form: form("purpose", "alert"), header: map[string]string{"Sec-Fetch-Site": "same-origin", "Origin": "null"}}); got.status != http.StatusSeeOther {
		t.Errorf("our own form without a referrer: %d", got.status)
	}
}

func TestB04_WhatAnotherSiteOpensOrABrowserGuessesLeavesNoRecordAndAsksNobody(t *testing.T) {
	h := build(t).furnish()
	ways := map[string]map[string]string{
		"a link of another site": {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}, "a link of a neighbour": {"Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "navigate"},
		"an image of another site": {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Dest": "image"}, "a script of another site": {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Dest": "script"},
		"a frame of another site": {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Dest": "iframe"}, "a prefetch": {"Sec-Purpose": "prefetch"}, "a prerendering": {"Sec-Purpose": "prefetch;prerender", "Sec-Fetch-Site": "none"},
		"an old prefetch": {"Purpose": "prefetch"},
	}
	asked := h.sim.Requests(assuretest.Any)
	for _, route := range h.handler.Routes() {
		method, pattern := split(route)
		if method != "GET" || withoutSession(pattern) || pattern == "/" {
			continue
		}
		for name, header := range ways {
			got := h.send(ask{as: "both", path: example(pattern, paper), header: header})
			guessed := strings.Contains(header["Sec-Purpose"]+header["Purpose"], "prefetch")
			if len(got.records) != 0 || guessed != (got.status == http.StatusServiceUnavailable) || containsAny(got.body, paperPerson...) {
				t.Errorf("%s by %s: %d, records %q", route, name, got.status, got.records)
			}
			if !guessed && len(find(t, document(t, got.body), "a.button[href='"+example(pattern, paper)+"']")) != 1 {
				t.Errorf("%s by %s does not ask whether to go on", route, name)
			}
		}
	}
	if now := h.sim.Requests(assuretest.Any); now != asked {
		t.Errorf("Assure was asked %d times", now-asked)
	}
}

// The identity provider signs in without a question whoever has a session there: a link of another site to the sign-in
// would end on a page of that site's choice, opened by the portal itself.
func TestB04_ASignInThatAnotherSiteBeginsAsksFirst(t *testing.T) {
	h := build(t)
	for _, path := range []string{"/auth/login", "/auth/login?return=%2Fprocesses%2F" + paper, "/auth/login?for=roles&return=%2Fprocesses%2F" + paper, "/auth/login?for=reveal&return=%2Faudit"} {
		for _, site := range []string{"cross-site", "same-site"} {
			for _, user := range []string{"", "reviewer"} {
				got := h.send(ask{as: user, path: path, header: map[string]string{"Sec-Fetch-Site": site, "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}})
				if got.status != http.StatusOK || len(got.header.Values("Set-Cookie")) > 0 || len(got.records) > 0 {
					t.Errorf("%s from a %s page as %q: %d, cookies %q, records %q", path, site, user, got.status, got.header.Values("Set-Cookie"), got.records)
				}
				if len(find(t, document(t, got.body), "a.button[href='"+path+"']")) != 1 || len(find(t, document(t, got.body), "meta[http-equiv=refresh]")) > 0 {
					t.Errorf("%s from a %s page as %q does not ask whether to go on", path, site, user)
				}
			}
		}
	}
	if got := h.send(ask{path: "/auth/login", header: map[string]string{"Sec-Fetch-Site": "same-origin"}}); got.status != http.StatusFound {
		t.Errorf("from our own page: %d", got.status)
	}
}

func TestB05N07_AfterTheSessionAFragmentAsksForAWholePageOnEveryRoute(t *testing.T) {
	h := build(t).furnish()
	ended := h.as("both")
	h.exchange(ask{method: "POST", path: "/auth/logout"}, ended)
	for _, route := range h.handler.Routes() {
		method, pattern := split(route)
		if withoutSession(pattern) {
			continue
		}
		before := h.trail.State().Size
		path := example(pattern, paper)
		fragment := h.exchange(ask{method: method, path: path, form: goodForms[pattern], header: htmx}, ended)
		if fragment.status != http.StatusUnauthorized || fragment.body != "" || !strings.HasPrefix(fragment.header.Get("HX-Redirect"), "/auth/login?return=") {
			t.Errorf("%s as a fragment: %d, %q, %q", route, fragment.status, fragment.header.Get("HX-Redirect"), fragment.body)
		}
		whole := h.exchange(ask{method: method, path: path, form: goodForms[pattern]}, ended)
		if method == "GET" && (whole.status != http.StatusSeeOther || !strings.HasPrefix(whole.header.Get("Location"), "/auth/login?return=")) || method == "POST" && whole.status != http.StatusUnauthorized {
			t.Errorf("%s as a page: %d", route, whole.status)
		}
		if whole.header.Get("Cache-Control") != "no-store" || h.trail.State().Size != before {
			t.Errorf("%s: %q, records %q", route, whole.header.Get("Cache-Control"), h.recordsFrom(before))
		}
	}
}

func TestN05_EveryCookieOfEveryRouteIsBoundToThePortal(t *testing.T) {
	h := build(t).furnish()
	seen := map[string]bool{}
	for _, route := range h.handler.Routes() {
		method, pattern := split(route)
		for _, user := range []string{"", "both", "admin"} {
			got := h.send(ask{as: user, method: method, path: example(pattern, paper), form: goodForms[pattern]})
			for _, line := range got.header.Values("Set-Cookie") {
				c, err := http.ParseSetCookie(line)
				if err != nil || !c.HttpOnly || c.Path != "/" || c.Domain != "" || len(line) > 4096 || c.SameSite != http.SameSiteStrictMode && c.SameSite != http.SameSiteLaxMode {
					t.Errorf("%s sets %q", route, line)
					continue
				}
				seen[c.Name] = true
				if strict := c.Name != "portal_login"; strict != (c.SameSite == http.SameSiteStrictMode) {
					t.Errorf("%s sets %q", route, line)
				}
			}
			if pattern == "/auth/logout" {
				delete(h.sessions, user)
			}
		}
	}
	if !seen["portal_session"] || !seen["portal_login"] || !seen["portal_columns"] || len(seen) != 3 {
		t.Errorf("cookies %v", seen)
	}
}

func TestI04_WhatIsSentNeverMakesALineOfTheLog(t *testing.T) {
	written := &lockedBuffer{}
	h := canaryHouseWith(t, func(o *handlers.Options) {
		o.Assure, o.Log = &assure.Client{}, slog.New(slog.NewJSONHandler(written, nil)) // an image panics; the log is as the program has it
	})
	evil := "%0d%0aX-Evil:%201%0a\x1b[31mlevel=ERROR"
	long := strings.Repeat("A", 8<<10)
	for _, a := range []ask{
		{as: "reviewer", path: "/processes/" + "%0d%0alevel=ERROR%1b[31m"}, {as: "reviewer", path: "/processes?status=%0d%0alevel=ERROR%1b[31m"}, {path: "/%0d%0alevel=ERROR"},
		{as: "reviewer", path: "/processes/{canary}/images/front?x=%0a%ff"}, {as: "reviewer", path: "/processes/{canary}/images/front", header: map[string]string{"User-Agent": long, "X-Request-Id": "x\tlevel=ERROR", "X-Forwarded-For": "level=ERROR"}},
		{as: "reviewer", method: "POST", path: "/processes/search", form: form("q", "a\r\nlevel=ERROR\x1b[31m")}, {as: "reviewer", method: "POST", path: "/purpose", form: form("purpose", "alert", "case", "a\nlevel=ERROR")},
		{path: "/auth/callback?error=%0alevel=ERROR&state=" + long}, {method: "POST", path: "/csp-report", body: evil}, {method: "POST", path: "/events", body: evil},
		{method: "POST", path: "/auth/backchannel-logout", form: form("logout_token", "a.b.c\nlevel=ERROR")},
	} {
		if got := h.send(a); got.err != nil {
			t.Errorf("%s: %v", a.path, got.err)
		} else if got.header.Get("X-Evil") != "" || len(got.header.Get("X-Request-Id")) != 24 {
			t.Errorf("%s: headers %v", a.path, got.header)
		}
	}
	log := written.String()
	if !strings.Contains(log, `"msg":"panic"`) {
		t.Fatal("the log has no line, so this shows nothing")
	}
	for line := range strings.Lines(log) {
		var entry struct{ Time, Level, Msg string }
		if err := json.Unmarshal([]byte(line), &entry); err != nil || entry.Time == "" || entry.Msg == "" || !utf8.ValidString(line) || len(line) > 32<<10 || containsAny(line, "\x1b", "\r", "X-Evil", "[31m") {
			t.Errorf("a line of the log: %.300q", line)
		}
	}
}

// The leaves are what stays for good. Everything personal is in the parts beside them, which can be erased.
func TestI06_NothingPersonalIsInLeavesLogMetricsAddressesOrTitles(t *testing.T) {
	h := canaryHouse(t)
	personal := []string{"Rosalind Ekeberg", "Augustin Delvaux", "zaphi", "K-canary-17"}
	for _, c := range canaries {
		personal = append(personal, c.value)
	}
	var addresses, titles strings.Builder
	follow := func(a ask) answer {
		got := h.send(a)
		for _, name := range []string{"Location", "Hx-Redirect", "Hx-Push-Url", "Link", "Content-Disposition"} {
			addresses.WriteString(got.header.Get(name) + "\n")
		}
		if strings.HasPrefix(got.header.Get("Content-Type"), "text/html") {
			doc := document(t, got.body)
			titles.WriteString(text(find(t, doc, "title")...) + "\n")
			for _, n := range find(t, doc, "[href], [action], [src], [hx-get], [hx-post]") {
				for _, name := range []string{"href", "action", "src", "hx-get", "hx-post"} {
					addresses.WriteString(attribute(n, name) + "\n")
				}
			}
		}
		return got
	}
	follow(ask{as: "reviewer", method: "POST", path: "/purpose", form: form("purpose", "alert", "case", "K-canary-17")})
	found := follow(ask{as: "reviewer", method: "POST", path: "/processes/search", form: form("q", "zaphirellek")})
	for _, a := range []ask{{as: "reviewer", path: found.header.Get("Location")}, {as: "reviewer", path: "/processes/{canary}"}, {as: "reviewer", path: "/processes/{canary}/images/front"},
		{as: "reviewer", method: "POST", path: "/processes/{canary}/reveal", form: form("field", "personalIdentificationNumber", "purpose", "alert")},
		{as: "reviewer", method: "POST", path: "/processes/{canary}/reveal", form: form("field", "raw", "purpose", "alert")}, {as: "reviewer", path: "/processes/{canary}/raw"},
		{as: "auditor", path: "/processes.csv?with=identity"}, {as: "auditor", path: "/audit"}, {as: "auditor", path: "/audit?process={canary}"}, {as: "admin", path: "/admin"}} {
		if got := follow(a); got.status >= 500 {
			t.Errorf("%s: %d", a.path, got.status)
		}
	}
	leaves := h.leaves(t)
	if len(leaves) < 12 || !strings.Contains(strings.Join(leaves, "\n"), "field.reveal") {
		t.Fatalf("%d leaves", len(leaves))
	}
	for where, all := range map[string]string{"a leaf": strings.Join(leaves, "\n"), "the log": h.log.String(), "the metrics": h.metrics(t), "an address": addresses.String(), "a title": titles.String()} {
		for _, p := range personal {
			if strings.Contains(strings.ToLower(all), strings.ToLower(p)) {
				t.Errorf("%s holds %q", where, p)
			}
		}
	}
}

// leaves are those of the whole trail, as an auditor's bundle has them.
func (h *house) leaves(t *testing.T) (leaves []string) {
	t.Helper()
	body := h.send(ask{as: "auditor", path: "/audit.zip?leaves=all"}).body
	bundle, err := zip.NewReader(bytes.NewReader([]byte(body)), int64(len(body)))
	h.must(err)
	file, err := bundle.Open("leaves.jsonl")
	h.must(err)
	defer file.Close()
	lines := json.NewDecoder(file)
	for lines.More() {
		var line struct{ Leaf string }
		h.must(lines.Decode(&line))
		leaf, err := base64.StdEncoding.DecodeString(line.Leaf)
		h.must(err)
		leaves = append(leaves, string(leaf))
	}
	return leaves
}

func TestN09_AnAdminEndsEverySessionOfOnePerson(t *testing.T) {
	h := build(t)
	first, _, _ := h.signIn("reviewer")
	second, _, _ := h.signIn("reviewer")
	other := h.as("auditor")
	sessions, err := h.auth.Sessions(t.Context())
	h.must(err)
	for _, s := range sessions {
		if s.Has(auth.Reviewer) {
			h.names["session"] = s.ID
		}
	}
	if got := h.send(ask{as: "admin", method: "POST", path: "/admin/sessions/{session}/end", form: form("all", "yes")}); got.status != http.StatusSeeOther || len(got.records) != 2 {
		t.Errorf("status %d, records %q", got.status, got.records)
	}
	for who, cookies := range map[string][]*http.Cookie{"the first": first, "the second": second} {
		if got := h.exchange(ask{path: "/processes"}, cookies); got.status != http.StatusSeeOther {
			t.Errorf("%s session: %d", who, got.status)
		}
	}
	if got := h.exchange(ask{path: "/processes"}, other); got.status != http.StatusOK {
		t.Errorf("somebody else's: %d", got.status)
	}
}
