package handlers_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// savedNames are the saved searches that a list offers its reader, each with its address.
func savedNames(t *testing.T, body string) (names, hrefs, deletes []string) {
	t.Helper()
	for _, n := range find(t, document(t, body), ".saved li") {
		for _, a := range find(t, n, "a") {
			names, hrefs = append(names, text(a)), append(hrefs, attribute(a, "href"))
		}
		for _, f := range find(t, n, "form") {
			deletes = append(deletes, attribute(f, "action"))
		}
	}
	return names, hrefs, deletes
}

func TestASearchIsSavedOpenedAndDeletedByItsOwnerAlone(t *testing.T) {
	h := build(t).furnish()
	posted := h.send(ask{as: "reviewer", method: "POST", path: "/processes/search", form: form("q", "Zaphirellek")})
	address, err := url.Parse(posted.header.Get("Location"))
	h.must(err)
	list := url.Values{"s": {address.Query().Get("s")}, "within": {"7d"}, "status": {"accepted"}}
	saved := h.send(ask{as: "reviewer", method: "POST", path: "/processes/save", form: form("name", "The <b> week", "list", list.Encode()+"&after=somewhere")})
	if saved.status != 303 || saved.header.Get("Location") != "/processes?"+list.Encode() {
		t.Fatalf("saving answered %d %s", saved.status, saved.header.Get("Location"))
	}
	if want := []string{"settings.changed unknown role=reviewer saved-search=saved", "settings.changed ok role=reviewer saved-search=saved"}; !slices.Equal(saved.records, want) {
		t.Errorf("records %q", saved.records)
	}
	h.clock.add(40 * 24 * 60 * 60 * 1e9)
	h.sessions = map[string][]*http.Cookie{}
	page := h.send(ask{as: "reviewer", path: "/processes"})
	names, hrefs, deletes := savedNames(t, page.body)
	if !slices.Equal(names, []string{"The <b> week"}) || len(hrefs) != 1 || hrefs[0] != "/processes?"+list.Encode() {
		t.Fatalf("offered %q at %q", names, hrefs)
	}
	opened := h.send(ask{as: "reviewer", path: hrefs[0]})
	if opened.status != 200 || len(opened.records) != 1 || !strings.HasPrefix(opened.records[0], "process.search ok role=reviewer term=Zaphirellek s=") || !strings.Contains(opened.records[0], "within=7d") {
		t.Errorf("opened after forty days: %d, records %q", opened.status, opened.records)
	}
	if names, _, _ := savedNames(t, h.send(ask{as: "both", path: "/processes"}).body); len(names) > 0 {
		t.Errorf("another person is offered %q", names)
	}
	if other := h.send(ask{as: "both", method: "POST", path: deletes[0]}); other.status != 404 {
		t.Errorf("another person deletes it: %d", other.status)
	}
	if gone := h.send(ask{as: "reviewer", method: "POST", path: deletes[0], form: form("return", "/processes?sort=updated")}); gone.status != 303 || gone.header.Get("Location") != "/processes?sort=updated" {
		t.Errorf("deleting answered %d %s", gone.status, gone.header.Get("Location"))
	}
	if names, _, _ := savedNames(t, h.send(ask{as: "reviewer", path: "/processes"}).body); len(names) > 0 {
		t.Errorf("after it was deleted: %q", names)
	}
}

func TestWhatIsNoListIsNotSaved(t *testing.T) {
	h := build(t).furnish()
	for what, tc := range map[string]struct {
		form   url.Values
		status int
	}{
		"no name":              {form("name", " ", "list", "status=accepted"), 422},
		"an unknown parameter": {form("name", "x", "list", "status=accepted&to_do=1"), 400},
		"no query":             {form("name", "x", "list", "%zz"), 400},
		"a long one":           {form("name", "x", "list", "status="+strings.Repeat("a", 3000)), 400},
		"a term that is gone":  {form("name", "x", "list", "s=AAAAAAAAAAAAAAAAAAAAAA"), 400},
	} {
		if got := h.send(ask{as: "reviewer", method: "POST", path: "/processes/save", form: tc.form}); got.status != tc.status {
			t.Errorf("%s: %d, want %d", what, got.status, tc.status)
		}
	}
	if names, _, _ := savedNames(t, h.send(ask{as: "reviewer", path: "/processes"}).body); len(names) > 0 {
		t.Errorf("saved all the same: %q", names)
	}
}

func TestColumnsAreChosenAndRemembered(t *testing.T) {
	h := build(t).furnish()
	heads := func() (all []string) {
		for _, n := range find(t, document(t, h.send(ask{as: "reviewer", path: "/processes"}).body), ".results th[scope=col]") {
			all = append(all, text(n))
		}
		return all
	}
	if got := strings.Join(heads(), " | "); got != "Created, UTC | Status | Provider | Person | Born | Document | Country | Look at" {
		t.Errorf("at first %s", got)
	}
	for _, tc := range []struct {
		chosen []string
		want   string
	}{
		{[]string{"column", "reference", "column", "updated", "column", "nonsense"}, "Created, UTC | Last changed, UTC | Person | Reference"},
		{nil, "Created, UTC | Person"},
	} {
		chosen := h.send(ask{as: "reviewer", method: "POST", path: "/processes/columns", form: form(append(tc.chosen, "return", "/processes")...)})
		cookie := chosen.header.Get("Set-Cookie")
		if chosen.status != 303 || !strings.HasPrefix(cookie, "portal_columns=v1") || !strings.Contains(cookie, "HttpOnly") || strings.Contains(cookie, "nonsense") {
			t.Fatalf("choosing answered %d, cookie %s", chosen.status, cookie)
		}
		set, err := http.ParseSetCookie(cookie)
		h.must(err)
		h.sessions["reviewer"] = append(slices.DeleteFunc(h.as("reviewer"), func(c *http.Cookie) bool { return c.Name == set.Name }), set)
		if got := strings.Join(heads(), " | "); got != tc.want {
			t.Errorf("%q shows %s, want %s", tc.chosen, got, tc.want)
		}
	}
}

func TestHowATermIsReadCanBeChanged(t *testing.T) {
	h := build(t).furnish()
	person := find(t, document(t, h.send(ask{as: "reviewer", path: "/processes"}).body), "tr[data-process] a[data-row] bdi")
	posted := h.send(ask{as: "reviewer", method: "POST", path: "/processes/search", form: form("q", strings.Fields(text(person[0]))[0])})
	page := h.send(ask{as: "reviewer", path: posted.header.Get("Location")})
	links := find(t, document(t, page.body), ".readings a")
	if len(links) < 2 {
		t.Fatalf("%d readings are offered", len(links))
	}
	i := slices.IndexFunc(find(t, document(t, page.body), ".readings a"), func(n *html.Node) bool { return text(n) == "a reference" })
	narrowed := h.send(ask{as: "reviewer", path: attribute(links[i], "href")})
	if got := find(t, document(t, narrowed.body), ".readings b"); narrowed.status != 200 || len(got) != 1 || text(got[0]) != "a reference" {
		t.Errorf("read as a reference: %d", narrowed.status)
	}
	if len(find(t, document(t, narrowed.body), "tr[data-process]")) > 0 || len(find(t, document(t, page.body), "tr[data-process] mark")) == 0 {
		t.Error("the reading changes nothing, or what was found is not marked")
	}
	if got := h.send(ask{as: "reviewer", path: "/processes?as=palm"}); got.status != 400 {
		t.Errorf("an unknown reading: %d", got.status)
	}
}
