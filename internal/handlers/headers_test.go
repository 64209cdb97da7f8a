package handlers_test

import (
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/assure-portal/portal/internal/assure"
	"github.com/assure-portal/portal/internal/assure/assuretest"
	"github.com/assure-portal/portal/internal/handlers"
	"github.com/assure-portal/portal/web/static"
)

// protective are the headers of every answer, with their whole values.
var protective = map[string]string{
	"Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; media-src 'self'; connect-src 'self'; form-action 'self'; " +
		"frame-ancestors 'none'; base-uri 'none'; object-src 'none'; require-trusted-types-for 'script'; trusted-types default; report-uri /csp-report; report-to csp",
	"Reporting-Endpoints":          `csp="/csp-report"`,
	"Cross-Origin-Opener-Policy":   "same-origin",
	"Cross-Origin-Resource-Policy": "same-origin",
	"Cross-Origin-Embedder-Policy": "require-corp",
	"Referrer-Policy":              "no-referrer",
	"X-Content-Type-Options":       "nosniff",
	"X-Frame-Options":              "DENY",
	"Permissions-Policy":           "camera=(), microphone=(), geolocation=(), payment=(), usb=(), browsing-topics=()",
}

// mediaPolicy is the policy of an attachment, whose document the browser makes itself, with inline styles.
const mediaPolicy = "default-src 'none'; img-src 'self'; media-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"

func TestB01_EveryAnswerCarriesTheProtectiveHeaders(t *testing.T) {
	h := build(t).furnish()
	big := strings.Repeat("x", 200_000)
	for _, row := range []struct {
		ask
		status int
	}{
		{ask{as: "reviewer", path: "/processes"}, 200}, {ask{as: "reviewer", path: "/processes/{paper}"}, 200}, {ask{as: "reviewer", path: "/processes/{paper}/images/front"}, 200},
		{ask{as: "auditor", path: "/processes.csv"}, 200}, {ask{as: "auditor", path: "/audit.csv"}, 200}, {ask{as: "auditor", path: "/audit.zip"}, 200},
		{ask{as: "auditor", path: "/audit/checkpoint"}, 200}, {ask{path: "/"}, 303}, {ask{path: "/auth/login"}, 302}, {ask{path: "/auth/callback"}, 400},
		{ask{path: "/processes", header: htmx}, 401}, {ask{as: "admin", path: "/processes"}, 403}, {ask{path: "/nothing"}, 404}, {ask{method: "PUT", path: "/processes"}, 405},
		{ask{as: "reviewer", method: "POST", path: "/processes/search", body: "q=" + big}, 413}, {ask{as: "reviewer", method: "POST", path: "/purpose"}, 422},
		{ask{path: "/processes", header: map[string]string{"Purpose": "prefetch"}}, 503}, {ask{path: "/healthz"}, 200}, {ask{path: "/robots.txt"}, 200},
		{ask{path: static.URL("app.js")}, 200}, {ask{path: "/static/nothing.js"}, 404}, {ask{method: "POST", path: "/events"}, 401}, {ask{method: "POST", path: "/csp-report"}, 204},
		{ask{method: "HEAD", path: "/processes"}, 405}, {ask{method: "OPTIONS", path: "/processes"}, 405}, {ask{method: "OPTIONS", path: "/nothing"}, 404},
		{ask{as: "reviewer", path: "/processes", header: map[string]string{"HX-Request": "true", "HX-Target": "results"}}, 200}, {ask{as: "reviewer", path: "/processes/{unknown}", header: htmx}, 404},
		{ask{as: "reviewer", path: "/processes/{paper}", header: map[string]string{"Sec-Fetch-Site": "cross-site"}}, 200}, {ask{as: "reviewer", path: "/processes?x=1"}, 400},
		{ask{as: "reviewer", method: "POST", path: "/processes/search", form: form("q", "x")}, 303}, {ask{method: "POST", path: "/purpose", header: noOrigin}, 403}, {ask{method: "POST", path: "/purpose"}, 401},
		{ask{as: "admin", path: "/completeness.csv"}, 200}, {ask{as: "reviewer", method: "POST", path: "/auth/logout"}, 200},
	} {
		checkProtective(t, row.ask, row.status, h.exchange(row.ask, h.as(row.as)))
	}
	late := h.as("both")
	h.shift(31 * time.Minute)
	for _, row := range []struct {
		ask
		status int
	}{
		{ask{path: "/processes"}, 303}, {ask{path: "/processes", header: htmx}, 401}, {ask{method: "POST", path: "/purpose", form: form("purpose", "alert")}, 409},
	} {
		checkProtective(t, row.ask, row.status, h.exchange(row.ask, late))
	}
}

func TestB01_AnswersToWhatGoesWrongInsideCarryThemToo(t *testing.T) {
	inside := ask{as: "reviewer", path: "/processes/{canary}/images/front"}
	for name, tc := range map[string]struct {
		change func(*handlers.Options)
		before func(*house)
		ask    ask
		status int
	}{
		"a panic":                {func(o *handlers.Options) { o.Assure = &assure.Client{} }, nil, inside, 500},
		"a trail that is closed": {nil, closings["it was closed"], ask{as: "reviewer", path: "/processes"}, 503},
		"an upstream that fails": {nil, func(h *house) {
			h.sim.Fail(assuretest.Fault{Class: assuretest.Images, Sort: assuretest.StatusCode, Status: 500, Times: 100})
		}, inside, 502},
		"a flood from an address": {nil, func(h *house) { h.until429(241, "/auth/login", "127.0.0.1:1", nil, nil) }, ask{path: "/auth/login"}, 429},
	} {
		t.Run(name, func(t *testing.T) {
			h := canaryHouseWith(t, func(o *handlers.Options) {
				if tc.change != nil {
					tc.change(o)
				}
			})
			cookies := h.as(tc.ask.as)
			if tc.before != nil {
				tc.before(h)
			}
			checkProtective(t, ask{path: name}, tc.status, h.exchange(tc.ask, cookies))
		})
	}
}

// checkProtective wants the whole set, each header once.
func checkProtective(t *testing.T, a ask, status int, got answer) {
	t.Helper()
	if got.status != status {
		t.Errorf("%s %s: status %d, want %d", a.method, a.path, got.status, status)
	}
	for name, want := range protective {
		if name == "Content-Security-Policy" && strings.Contains(a.path, "/images/") {
			want = mediaPolicy
		}
		if values := got.header.Values(name); len(values) != 1 || values[0] != want {
			t.Errorf("%s %s (%d): %s is %q", a.method, a.path, got.status, name, values)
		}
	}
	if len(got.header.Get("X-Request-Id")) != 24 {
		t.Errorf("%s: request id %q", a.path, got.header.Get("X-Request-Id"))
	}
	kept := strings.HasPrefix(a.path, "/static/") && got.status == 200
	if got.header.Get("Cache-Control") == "no-store" == kept {
		t.Errorf("%s: Cache-Control %q", a.path, got.header.Get("Cache-Control"))
	}
}

func TestEveryRequestHasAnIdOfItsOwnThatItsRecordBears(t *testing.T) {
	h := build(t).furnish()
	first, second := h.send(ask{as: "reviewer", path: "/processes"}), h.send(ask{as: "reviewer", path: "/processes"})
	if first.header.Get("X-Request-Id") == second.header.Get("X-Request-Id") {
		t.Error("two requests with one id")
	}
	before := h.trail.State().Size
	got := h.exchange(ask{path: "/processes/{paper}"}, h.as("reviewer"))
	if records := h.read(before); len(records) != 1 || records[0].RequestID != got.header.Get("X-Request-Id") || records[0].Address != "127.0.0.1" || records[0].ActorName != "Rosalind Ekeberg" {
		t.Errorf("records %+v", records)
	}
}

func TestN05_OverHTTPSCookiesAndTransportAreStrict(t *testing.T) {
	h := build(t, func(o *handlers.Options) { o.BaseURL = "https://portal.example" })
	got := h.exchange(ask{path: "/auth/login"}, nil)
	cookie, err := http.ParseSetCookie(got.header.Get("Set-Cookie"))
	if err != nil || cookie.Name != "__Host-portal-login" || !cookie.Secure || !cookie.HttpOnly || cookie.Path != "/" || cookie.Domain != "" || cookie.SameSite != http.SameSiteLaxMode {
		t.Errorf("cookie %+v, %v", cookie, err)
	}
	if hsts := got.header.Get("Strict-Transport-Security"); hsts != "max-age=63072000; includeSubDomains" {
		t.Errorf("Strict-Transport-Security %q", hsts)
	}
}

func TestN04N05_TheSessionCookieIsStrictAndSignInReplacesIt(t *testing.T) {
	h := build(t)
	planted := &http.Cookie{Name: "portal_session", Value: strings.Repeat("A", 43), Path: "/"}
	browser := h.browser()
	browser.Jar.SetCookies(mustURL(t, h.portal.URL), []*http.Cookie{planted})
	signIn := func() *http.Cookie {
		t.Helper()
		if status, body := h.signInWithBrowser(browser, "/auth/login", "reviewer"); status != http.StatusOK {
			t.Fatalf("sign-in answered %d: %s", status, body)
		}
		cookies := h.cookies(browser)
		if len(cookies) != 1 || cookies[0].Name != "portal_session" || len(cookies[0].Value) < 43 {
			t.Fatalf("cookies %v", cookies)
		}
		return cookies[0]
	}
	first := signIn()
	sessions, err := h.auth.Sessions(t.Context())
	h.must(err)
	before := h.trail.State().Size
	second := signIn()
	if first.Value == planted.Value || second.Value == first.Value {
		t.Error("a sign-in took over a token that was there before")
	}
	for who, c := range map[string]*http.Cookie{"the planted token": planted, "the token of before": first} {
		if got := h.exchange(ask{path: "/help"}, []*http.Cookie{c}); got.status != http.StatusSeeOther {
			t.Errorf("%s: %d", who, got.status)
		}
	}
	if got := h.exchange(ask{path: "/help"}, []*http.Cookie{second}); got.status != http.StatusOK {
		t.Errorf("the new token: %d", got.status)
	}
	h.sameRecords(t, before, []string{"session.ended ok role=reviewer because=signed-in-again session=" + sessions[0].ID, "sign-in ok role=reviewer roles=reviewer"})
}

func TestN07B06_SigningOutEndsTheSessionAndClearsTheBrowser(t *testing.T) {
	h := build(t)
	cookies := h.as("reviewer")
	got := h.send(ask{as: "reviewer", method: "POST", path: "/auth/logout"})
	if got.status != 200 || got.header.Get("Clear-Site-Data") != `"cache", "storage"` || len(got.records) != 1 || got.records[0] != "sign-out ok role=reviewer" {
		t.Errorf("status %d, headers %v, records %q", got.status, got.header, got.records)
	}
	doc := document(t, got.body)
	if len(find(t, doc, "meta[http-equiv=refresh]")) == 0 || len(find(t, doc, "a.button[href*='post_logout_redirect_uri']")) == 0 || len(find(t, doc, ".who")) > 0 {
		t.Error("the page does not lead on to the identity provider")
	}
	if after := h.exchange(ask{path: "/processes"}, cookies); after.status != http.StatusSeeOther {
		t.Errorf("the old cookie still works: %d", after.status)
	}
}

func TestN07_SigningOutEverywhereEndsEverySessionOfThePersonAndNobodyElses(t *testing.T) {
	h := build(t)
	here, there, other := h.as("reviewer"), []*http.Cookie(nil), h.as("auditor")
	there, _, _ = h.signIn("reviewer")
	if got := h.exchange(ask{path: "/help"}, there); len(find(t, document(t, got.body), "form[action='/auth/logout'] button[name=everywhere][value=yes]")) != 1 {
		t.Error("the help does not offer it")
	}
	got := h.send(ask{as: "reviewer", method: "POST", path: "/auth/logout", form: form("everywhere", "yes")})
	if got.status != 200 || len(got.records) != 2 || !strings.HasPrefix(got.records[0], "sign-out ok role=reviewer because=everywhere session=") || got.records[1] != "sign-out ok role=reviewer" {
		t.Errorf("status %d, records %q", got.status, got.records)
	}
	for who, row := range map[string]struct {
		cookies []*http.Cookie
		want    int
	}{"here": {here, 303}, "in the other browser": {there, 303}, "somebody else": {other, 200}} {
		if got := h.exchange(ask{path: "/help"}, row.cookies); got.status != row.want {
			t.Errorf("%s: %d, want %d", who, got.status, row.want)
		}
	}
}

func TestN09_AnAdminEndsASession(t *testing.T) {
	h := build(t)
	cookies := h.as("reviewer")
	h.as("admin")
	sessions, err := h.auth.Sessions(t.Context())
	h.must(err)
	for _, s := range sessions {
		if s.Has("reviewer") {
			h.names["session"] = s.ID
		}
	}
	got := h.send(ask{as: "admin", method: "POST", path: "/admin/sessions/{session}/end"})
	want := "session.ended ok role=admin because=admin session=" + h.names["session"]
	if got.status != http.StatusSeeOther || len(got.records) != 1 || got.records[0] != want {
		t.Errorf("status %d, records %q", got.status, got.records)
	}
	if after := h.exchange(ask{path: "/processes"}, cookies); after.status != http.StatusSeeOther {
		t.Errorf("the session lives on: %d", after.status)
	}
}

func TestI07_NoReturnAddressLeadsOutOfThePortal(t *testing.T) {
	for _, row := range []struct{ in, want string }{
		{"/processes?status=failed", "/processes?status=failed"}, {"/", "/"}, {"", "/"}, {"//evil.example", "/"}, {`/\evil.example`, "/"}, {`\\evil.example`, "/"},
		{"https://evil.example", "/"}, {"https:evil.example", "/"}, {"javascript:alert(1)", "/"}, {"/\t/evil.example", "/"}, {"/\n/evil.example", "/"}, {"/\r/evil.example", "/"},
		{"/\x00/evil.example", "/"}, {"/%09/evil.example", "/%09/evil.example"}, {"/" + strings.Repeat("a", 5000), "/"}, {"/\x7f/x", "/"},
	} {
		if got := handlers.LocalPath(row.in); got != row.want {
			t.Errorf("%q leads to %q, want %q", row.in, got, row.want)
		}
	}
}

// The whole way: whatever stood in return, the page after sign-in leads to a path of the portal.
func TestI07_SignInLeadsBackIntoThePortalAlone(t *testing.T) {
	h := build(t)
	for in, want := range map[string]string{"/completeness": "/completeness", "//evil.example/x": "/", "https://evil.example": "/", `/\evil.example`: "/"} {
		_, status, body := h.signInFrom("/auth/login?return="+url.QueryEscape(in), "admin")
		doc := document(t, body)
		if status != 200 || len(find(t, doc, "a.button[href='"+want+"']")) != 1 || len(find(t, doc, "meta[http-equiv=refresh][content='0;url="+want+"']")) != 1 {
			t.Errorf("%q: status %d, %s", in, status, body)
		}
	}
}

func TestI06_ASearchTermStandsInNoAddressAndNoTitle(t *testing.T) {
	h := canaryHouse(t)
	got := h.send(ask{as: "reviewer", method: "POST", path: "/processes/search", form: form("q", " Zaphirellek ", "status", "accepted")})
	to := got.header.Get("Location")
	address, err := url.Parse(to)
	h.must(err)
	if got.status != http.StatusSeeOther || len(got.records) != 0 || address.Path != "/processes" || len(address.Query()) != 2 || address.Query().Get("status") != "accepted" || len(address.Query().Get("s")) < 16 {
		t.Errorf("status %d to %q, records %q", got.status, to, got.records)
	}
	page := h.send(ask{as: "reviewer", path: to})
	if want := []string{"process.search ok role=reviewer rows=1 shown=1 term= Zaphirellek  s=" + address.Query().Get("s") + " status=accepted"}; len(page.records) != 1 || page.records[0] != want[0] {
		t.Errorf("records %q, want %q", page.records, want)
	}
	doc := document(t, page.body)
	for _, n := range find(t, doc, "[href], [action], [src], [hx-get], [hx-post], title") {
		for _, a := range n.Attr {
			if strings.Contains(strings.ToLower(a.Val), "zaphi") {
				t.Errorf("%s of <%s> holds the term: %s", a.Key, n.Data, a.Val)
			}
		}
	}
	if title := text(find(t, doc, "title")...); strings.Contains(strings.ToLower(title), "zaphi") {
		t.Errorf("title %q", title)
	}
	if strings.Contains(to, "aphi") || len(find(t, doc, "tr[data-process='"+canaryID+"']")) != 1 {
		t.Error("the search did not find, or its address holds the term")
	}
	if log := h.log.String(); strings.Contains(log, "aphirellek") {
		t.Errorf("the log holds the term: %s", log)
	}
}

func TestI06_TheTitleOfAProcessIsNobodysName(t *testing.T) {
	h := canaryHouse(t)
	title := text(find(t, document(t, h.send(ask{as: "reviewer", path: "/processes/{canary}"}).body), "title")...)
	if title == "" || len(visible(title)) > 0 {
		t.Errorf("title %q", title)
	}
}

// A cursor belongs to the search that gave it.
func TestPagesFollowEachOtherAndACursorServesNoOtherSearch(t *testing.T) {
	h := build(t).furnish()
	first := document(t, h.send(ask{as: "reviewer", path: "/processes"}).body)
	next := find(t, first, "a[rel=next]")
	if len(next) != 1 {
		t.Fatal("54 processes have no second page")
	}
	second := h.send(ask{as: "reviewer", path: attribute(next[0], "href")})
	if want := "process.search ok role=reviewer rows=54 shown=4 page=further"; second.status != 200 || second.records[0] != want {
		t.Errorf("status %d, records %q, want %q", second.status, second.records, want)
	}
	doc := document(t, second.body)
	seen := map[string]bool{}
	for _, n := range append(find(t, first, "tr[data-process]"), find(t, doc, "tr[data-process]")...) {
		seen[attribute(n, "data-process")] = true
	}
	if len(seen) != 54 || len(find(t, doc, "a[rel=prev]")) != 1 || len(find(t, doc, "a[rel=next]")) != 0 {
		t.Errorf("%d processes on two pages", len(seen))
	}
	if other := h.send(ask{as: "reviewer", path: attribute(next[0], "href") + "&status=accepted"}); other.status != 400 {
		t.Errorf("the cursor of another search: %d", other.status)
	}
}

func TestB08_OnlyAConfiguredProxyIsBelievedAboutTheAddress(t *testing.T) {
	forwarded := map[string]string{"X-Forwarded-For": "203.0.113.9, 198.51.100.7", "X-Real-Ip": "203.0.113.9", "Forwarded": "for=203.0.113.9"}
	for _, row := range []struct {
		name    string
		proxies []netip.Prefix
		want    string
	}{
		{"no proxy", nil, "127.0.0.1"},
		{"another proxy", []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}, "127.0.0.1"},
		{"the peer", []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}, "198.51.100.7"},
		{"the peer and the one before it", []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("198.51.100.7/32")}, "203.0.113.9"},
	} {
		t.Run(row.name, func(t *testing.T) {
			h := build(t, func(o *handlers.Options) { o.TrustedProxies = row.proxies })
			cookies, before := h.as("reviewer"), h.trail.State().Size
			h.exchange(ask{path: "/processes", header: forwarded}, cookies)
			if records := h.read(before); len(records) != 1 || records[0].Address != row.want {
				t.Errorf("records %+v, want the address %s", records, row.want)
			}
		})
	}
}
