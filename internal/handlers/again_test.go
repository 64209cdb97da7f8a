package handlers_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"
)

// shift makes everything that sessions know of time older, as if it had passed; the identity provider's tokens bear the
// system's time, so the clock itself cannot run ahead of a sign-in.
func (h *house) shift(by time.Duration) {
	h.t.Helper()
	_, err := h.db.Writer.Exec(`UPDATE session SET checked_at = checked_at - ?1, auth_time = auth_time - ?1, created_at = created_at - ?1`, by.Milliseconds())
	h.must(err)
}

func (h *house) sameRecords(t *testing.T, from int64, want []string) {
	t.Helper()
	if got := h.recordsFrom(from); !slices.Equal(got, want) {
		t.Errorf("records\n %s\nwant\n %s", strings.Join(got, "\n "), strings.Join(want, "\n "))
	}
}

func TestN09_WhenRolesAreDueEachRequestWaitsInItsOwnWay(t *testing.T) {
	h := build(t).furnish()
	image := map[string]string{"Sec-Fetch-Dest": "image", "Sec-Fetch-Site": "same-origin"}
	for _, row := range []struct {
		name   string
		after  time.Duration
		ask    ask
		status int
		header map[string]string
		has    []string
	}{
		{"a page in the 24th minute is shown", 24 * time.Minute, ask{path: "/processes"}, 200, nil, nil},
		{"a page in the 26th minute goes through the provider", 26 * time.Minute, ask{path: "/processes?status=accepted"}, 303,
			map[string]string{"Location": "/auth/login?for=roles&return=%2Fprocesses%3Fstatus%3Daccepted"}, nil},
		{"a fragment in the 26th minute is shown", 26 * time.Minute, ask{path: "/processes", header: htmx}, 200, nil, nil},
		{"an image in the 26th minute is shown", 26 * time.Minute, ask{path: "/processes/{paper}/images/front", header: image}, 200, nil, nil},
		{"a form in the 26th minute is taken", 26 * time.Minute, ask{method: "POST", path: "/purpose", form: form("purpose", "alert")}, 303, nil, nil},
		{"a page in the 31st minute goes through the provider", 31 * time.Minute, ask{path: "/processes/{paper}"}, 303,
			map[string]string{"Location": "/auth/login?for=roles&return=%2Fprocesses%2F" + paper}, nil},
		{"a fragment in the 31st minute asks for a whole page", 31 * time.Minute, ask{path: "/processes", header: htmx}, 401,
			map[string]string{"Hx-Redirect": "/auth/login?for=roles&return=%2Fprocesses"}, nil},
		{"an image in the 31st minute is not shown", 31 * time.Minute, ask{path: "/processes/{paper}/images/front", header: image}, 401, nil, nil},
		{"a form in the 31st minute comes back with what was typed", 31 * time.Minute,
			ask{method: "POST", path: "/purpose", form: form("purpose", "alert", "case", `K-7 "<b>`)}, 409, nil,
			[]string{"form[action='/purpose'][method=post] input[type=hidden][name=purpose][value=alert]", `form input[name=case][value='K-7 "<b>']`,
				"a[href='/auth/login?for=roles&return=%2F'][target=_blank]", "button[type=submit]"}},
		{"a form of a part of a page stays where it is", 31 * time.Minute,
			ask{method: "POST", path: "/processes/{paper}/reveal", form: form("field", "personalIdentificationNumber", "purpose", "alert"), header: htmx}, 409, nil,
			[]string{".problem a[target=_blank]"}},
		{"signing out is always possible", 31 * time.Minute, ask{method: "POST", path: "/auth/logout"}, 200, nil, nil},
	} {
		t.Run(row.name, func(t *testing.T) {
			h.t = t
			delete(h.sessions, "reviewer")
			cookies := h.as("reviewer")
			h.shift(row.after)
			before := h.trail.State().Size
			got := h.exchange(row.ask, cookies)
			if got.status != row.status {
				t.Errorf("status %d, want %d", got.status, row.status)
			}
			for name, want := range row.header {
				if got.header.Get(name) != want {
					t.Errorf("%s is %q, want %q", name, got.header.Get(name), want)
				}
			}
			doc := document(t, got.body)
			for _, selector := range row.has {
				if len(find(t, doc, selector)) == 0 {
					t.Errorf("no %s in %s", selector, got.body)
				}
			}
			if stopped := row.status == 401 || row.status == 409 || row.header != nil; stopped && h.trail.State().Size != before {
				t.Errorf("records %q", h.recordsFrom(before))
			}
		})
	}
}

func TestN09_APageComesBackAfterTheProviderConfirmedAndLeavesNoRecordOfIt(t *testing.T) {
	h := build(t).furnish()
	browser := h.browser()
	h.signInWithBrowser(browser, "/auth/login", "reviewer")
	token := h.cookies(browser)
	h.shift(31 * time.Minute)
	h.clock.catchUp()
	before := h.trail.State().Size
	answer, err := browser.Get(h.portal.URL + "/completeness")
	h.must(err)
	status, body := read(t, answer)
	if status != 200 || len(find(t, document(t, body), "meta[http-equiv=refresh][content='0;url=/completeness']")) != 1 {
		t.Fatalf("status %d: %s", status, body)
	}
	if now := h.cookies(browser); len(token) != 1 || now[0].Value != token[0].Value {
		t.Errorf("the browser's token changed from %v to %v", token, now)
	}
	if got := h.exchange(ask{path: "/completeness"}, h.cookies(browser)); got.status != 200 {
		t.Errorf("the page afterwards: %d", got.status)
	}
	h.sameRecords(t, before, []string{})
}

func TestN09_WhoIsSignedOutAtTheProviderIsOutWithinTheInterval(t *testing.T) {
	h := build(t).furnish()
	browser := h.browser()
	h.signInWithBrowser(browser, "/auth/login", "reviewer")
	portal := h.cookies(browser)
	h.shift(31 * time.Minute)
	stranger := h.browser() // a browser with the portal's session, whom the provider does not know
	stranger.Jar.SetCookies(mustURL(t, h.portal.URL), portal)
	before := h.trail.State().Size
	answer, err := stranger.Get(h.portal.URL + "/processes")
	h.must(err)
	if status, body := read(t, answer); status != 200 || !strings.Contains(body, `name="username"`) || answer.Request.URL.Host == h.portal.Listener.Addr().String() {
		t.Errorf("it ended at %s with %d", answer.Request.URL, status)
	}
	if got := h.exchange(ask{path: "/processes"}, portal); got.status != http.StatusSeeOther || !strings.HasPrefix(got.header.Get("Location"), "/auth/login?return=") {
		t.Errorf("the session lives on: %d to %s", got.status, got.header.Get("Location"))
	}
	lines := h.recordsFrom(before)
	if len(lines) != 1 || !strings.HasPrefix(lines[0], "session.ended ok role=reviewer because=not-confirmed session=") {
		t.Errorf("records %q", lines)
	}
}

func TestAnAimThatIsNoneIsRefused(t *testing.T) {
	h := build(t)
	if got := h.send(ask{as: "reviewer", path: "/auth/login?for=fun"}); got.status != 400 {
		t.Errorf("status %d", got.status)
	}
	// Roles that are not due need no provider, and whoever is not signed in signs in as usual.
	if got := h.send(ask{as: "reviewer", path: "/auth/login?for=roles&return=//evil.example"}); got.status != 303 || got.header.Get("Location") != "/" {
		t.Errorf("status %d to %s", got.status, got.header.Get("Location"))
	}
	if got := h.send(ask{path: "/auth/login?for=reveal"}); got.status != 302 || strings.Contains(got.header.Get("Location"), "prompt") {
		t.Errorf("status %d to %s", got.status, got.header.Get("Location"))
	}
}
