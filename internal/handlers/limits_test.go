package handlers_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/assure-portal/portal/internal/handlers"
)

// serve answers a request of an address without a network between.
func (h *house) serve(path, address string, header map[string]string, cookies []*http.Cookie) *httptest.ResponseRecorder {
	h.t.Helper()
	r := httptest.NewRequestWithContext(h.t.Context(), http.MethodGet, path, nil)
	r.RemoteAddr = address
	for name, value := range header {
		r.Header.Set(name, value)
	}
	for _, c := range cookies {
		r.AddCookie(c)
	}
	w := httptest.NewRecorder()
	h.handler.ServeHTTP(w, r)
	return w
}

// until429 counts the answers before the first refusal.
func (h *house) until429(most int, path, address string, header map[string]string, cookies []*http.Cookie) (n int, refused *httptest.ResponseRecorder) {
	h.t.Helper()
	for n = range most {
		if w := h.serve(path, address, header, cookies); w.Code == http.StatusTooManyRequests {
			return n, w
		}
	}
	return most, nil
}

func TestB07_AFloodFromOneAddressIsToldToWaitAndDisturbsNobodyElse(t *testing.T) {
	for _, row := range []struct {
		name, path string
		burst      int
		wait       string
	}{
		{"of pages without a session", "/processes", 600, "1"},
		{"of addresses that are not there", "/nothing/here", 600, "1"},
		{"of started sign-ins", "/auth/login", 240, "1"},
		{"of made-up callbacks", "/auth/callback?state=x&code=y", 240, "1"},
	} {
		t.Run(row.name, func(t *testing.T) {
			h := build(t)
			cookies := h.as("admin")
			h.clock.catchUp()
			n, refused := h.until429(row.burst+1, row.path, "203.0.113.7:4000", nil, nil)
			if n != row.burst || refused == nil || refused.Header().Get("Retry-After") != row.wait || !strings.Contains(refused.Body.String(), "Too many requests") {
				t.Fatalf("%d answers, then %+v", n, refused)
			}
			if refused.Header().Get("Content-Security-Policy") == "" || refused.Header().Get("Cache-Control") != "no-store" {
				t.Errorf("headers %v", refused.Header())
			}
			if w := h.serve(row.path, "203.0.113.8:4000", nil, nil); w.Code == http.StatusTooManyRequests {
				t.Error("another address waits too")
			}
			if w := h.serve("/admin", "203.0.113.7:4001", nil, cookies); w.Code != http.StatusOK {
				t.Errorf("a signed-in person of the same address: %d", w.Code)
			}
			if w := h.serve("/healthz", "203.0.113.7:4002", nil, nil); w.Code != http.StatusOK {
				t.Errorf("health: %d", w.Code)
			}
			h.clock.add(time.Second)
			if w := h.serve(row.path, "203.0.113.7:4003", nil, nil); w.Code == http.StatusTooManyRequests {
				t.Error("a second later it still waits")
			}
		})
	}
}

// held is a body that does not come.
type held struct {
	reading chan<- struct{}
	end     <-chan struct{}
}

func (b held) Read([]byte) (int, error) {
	b.reading <- struct{}{}
	<-b.end
	return 0, io.EOF
}

func TestB07_WhoSendsSlowlyTakesNobodyElsesPlace(t *testing.T) {
	h := build(t)
	cookies := h.as("admin")
	ask := func(method, path, address string, body io.Reader, cookies ...*http.Cookie) int {
		r := httptest.NewRequestWithContext(t.Context(), method, path, body)
		r.RemoteAddr = address
		for _, c := range cookies {
			r.AddCookie(c)
		}
		w := httptest.NewRecorder()
		h.handler.ServeHTTP(w, r)
		if w.Code == http.StatusTooManyRequests && w.Header().Get("Retry-After") != "1" {
			t.Errorf("told to wait %q", w.Header().Get("Retry-After"))
		}
		return w.Code
	}
	reading, end := make(chan struct{}), make(chan struct{})
	var slow sync.WaitGroup
	for range 64 {
		slow.Go(func() { ask("POST", "/events", "203.0.113.7:4000", held{reading, end}) })
		<-reading
	}
	for _, row := range []struct {
		who, method, path, address string
		cookies                    []*http.Cookie
		want                       int
	}{
		{"one more of the address", "POST", "/events", "203.0.113.7:4001", nil, http.StatusTooManyRequests},
		{"a sign-in of the address", "GET", "/auth/login", "203.0.113.7:4002", nil, http.StatusTooManyRequests},
		{"a signed-in person of the address", "GET", "/admin", "203.0.113.7:4003", cookies, http.StatusOK},
		{"the health of the portal", "GET", "/healthz", "203.0.113.7:4004", nil, http.StatusOK},
		{"another address", "POST", "/events", "203.0.113.8:4000", nil, http.StatusUnauthorized},
	} {
		if got := ask(row.method, row.path, row.address, nil, row.cookies...); got != row.want {
			t.Errorf("%s: %d, want %d", row.who, got, row.want)
		}
	}
	close(end)
	slow.Wait()
	if got := ask("POST", "/events", "203.0.113.7:4001", nil); got != http.StatusUnauthorized {
		t.Errorf("when the slow ones are over: %d", got)
	}
}

func TestB08_AMadeUpAddressGetsNobodyAroundALimit(t *testing.T) {
	proxy := []netip.Prefix{netip.MustParsePrefix("198.51.100.1/32")}
	for _, row := range []struct {
		name    string
		proxies []netip.Prefix
		peer    string
		around  bool
	}{
		{"no proxy is configured", nil, "203.0.113.7:1", false},
		{"the peer is not the proxy", proxy, "203.0.113.7:1", false},
		{"the proxy itself is believed", proxy, "198.51.100.1:1", true},
	} {
		t.Run(row.name, func(t *testing.T) {
			h := build(t, func(o *handlers.Options) { o.TrustedProxies = row.proxies })
			refused := 0
			for i := range 300 {
				made := fmt.Sprintf("192.0.2.%d", i%250)
				w := h.serve("/auth/callback", row.peer, map[string]string{"X-Forwarded-For": made, "X-Real-Ip": made, "Forwarded": "for=" + made}, nil)
				if w.Code == http.StatusTooManyRequests {
					refused++
				}
			}
			if around := refused == 0; around != row.around {
				t.Errorf("%d of 300 were refused", refused)
			}
		})
	}
}

func TestB08_AForwardedSchemeOrHostChangesNothing(t *testing.T) {
	h := build(t)
	w := h.serve("/auth/login", "203.0.113.7:1", map[string]string{"X-Forwarded-Proto": "https", "X-Forwarded-Host": "evil.example", "X-Forwarded-Ssl": "on", "Host": "evil.example"}, nil)
	if to := w.Header().Get("Location"); w.Code != http.StatusFound || strings.Contains(to, "evil") || w.Header().Get("Strict-Transport-Security") != "" {
		t.Errorf("%d to %s, %v", w.Code, to, w.Header())
	}
}

// people keeps n processes.
func (h *house) people(n int) (ids []string) {
	h.t.Helper()
	for i := range n {
		id := fmt.Sprintf("bulk-%04d", i)
		h.keep(fmt.Appendf(nil, `{"processId":%q,"provider":"readid","status":"accepted","createdAt":"2026-03-05T09:14:05Z","finalResult":{"firstName":"Zaphirellek"}}`, id), "")
		ids = append(ids, id)
	}
	return ids
}

func TestBulkReadingIsToldToAuditorsOnceAnHour(t *testing.T) {
	h := build(t)
	ids := h.people(202)
	reviewer := h.as("reviewer")
	h.as("auditor")
	open := func(id string) {
		t.Helper()
		if w := h.serve("/processes/"+id, "203.0.113.7:1", nil, reviewer); w.Code != http.StatusOK {
			t.Fatalf("%s: %d", id, w.Code)
		}
	}
	for _, id := range ids[:200] {
		open(id)
		open(id) // again: the same process is one
	}
	if note := h.send(ask{as: "auditor", path: "/audit"}); strings.Contains(note.body, "data-alert") {
		t.Error("an alert after 200")
	}
	before := h.trail.State().Size
	open(ids[200])
	open(ids[201])
	h.sameRecords(t, before, []string{"process.view ok role=reviewer process=bulk-0200@1", "access.alert ok role=reviewer opened=201 reason=bulk-reading usual=0",
		"process.view ok role=reviewer process=bulk-0201@1"})
	for user, want := range map[string]int{"auditor": 1, "both": 1, "inspector": 1, "reviewer": 0, "admin": 0} {
		page := h.send(ask{as: user, path: "/help"})
		if notes := find(t, document(t, page.body), "[data-alert] a[href='/audit?action=access.alert']"); len(notes) != want {
			t.Errorf("%s has %d notes, want %d", user, len(notes), want)
		}
	}
	alerts := document(t, h.send(ask{as: "auditor", path: "/audit?action=access.alert"}).body)
	if len(find(t, alerts, "tr[data-action='access.alert']")) != 1 {
		t.Error("the trail does not list it")
	}
}

// Whoever opens much every day is told of only far above that.
func TestBulkReadingIsMeasuredByWhatThePersonUsuallyOpens(t *testing.T) {
	h := build(t)
	ids := h.people(205)
	reviewer := h.as("reviewer")
	sessions, err := h.auth.Sessions(t.Context())
	h.must(err)
	for ago := 1; ago <= 5; ago++ {
		h.must(h.auth.KeepHour(t.Context(), sessions[0], h.clock.Now().UTC().Truncate(time.Hour).Add(-time.Duration(ago)*time.Hour), 51))
	}
	for _, id := range ids[:204] { // four times 51
		h.serve("/processes/"+id, "203.0.113.7:1", nil, reviewer)
	}
	before := h.trail.State().Size
	h.sameRecords(t, before-1, []string{"process.view ok role=reviewer process=bulk-0203@1"})
	before = h.trail.State().Size
	h.serve("/processes/"+ids[204], "203.0.113.7:1", nil, reviewer)
	h.sameRecords(t, before, []string{"process.view ok role=reviewer process=bulk-0204@1", "access.alert ok role=reviewer opened=205 reason=bulk-reading usual=51"})
}

func TestL06_WhoOpensFasterThanConfiguredIsSlowedAndToldSo(t *testing.T) {
	h := build(t, func(o *handlers.Options) { o.MaxOpens = 10 })
	ids := h.people(52)
	reviewer, other := h.as("reviewer"), h.as("both")
	h.clock.catchUp()
	for _, id := range ids[:50] { // five minutes' worth at once
		if w := h.serve("/processes/"+id, "203.0.113.7:1", nil, reviewer); w.Code != http.StatusOK {
			t.Fatalf("%s: %d", id, w.Code)
		}
	}
	before := h.trail.State().Size
	for _, id := range []string{ids[50], ids[51], ids[50]} {
		w := h.serve("/processes/"+id, "203.0.113.7:1", nil, reviewer)
		if w.Code != http.StatusTooManyRequests || w.Header().Get("Retry-After") != "6" || strings.Contains(w.Body.String(), "Zaphirellek") || !strings.Contains(w.Body.String(), "10 a minute are allowed") {
			t.Errorf("%s: %d after %s", id, w.Code, w.Header().Get("Retry-After"))
		}
	}
	h.sameRecords(t, before, []string{"access.refused refused role=reviewer process=bulk-0050@1 method=GET reason=too-many-opened route=/processes/:id"})
	for name, w := range map[string]*httptest.ResponseRecorder{
		"one that is open already": h.serve("/processes/"+ids[3], "203.0.113.7:1", nil, reviewer),
		"another person":           h.serve("/processes/"+ids[50], "203.0.113.7:1", nil, other),
		"the list":                 h.serve("/processes", "203.0.113.7:1", nil, reviewer),
	} {
		if w.Code != http.StatusOK {
			t.Errorf("%s: %d", name, w.Code)
		}
	}
	h.clock.add(6 * time.Second)
	if w := h.serve("/processes/"+ids[50], "203.0.113.7:1", nil, reviewer); w.Code != http.StatusOK {
		t.Errorf("when the time is over: %d", w.Code)
	}
}
