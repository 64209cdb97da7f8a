package handlers_test

import (
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/assure-portal/portal/internal/assure/assuretest"
)

// exchange is one row of the big table: a request, and everything that must follow from it.
type exchange struct {
	name string
	ask
	before  func(*house) // what happens first; it leaves no record that counts
	status  int
	has     []string // selectors that match
	lacks   []string // selectors that must not
	absent  []string // texts that stand nowhere in the bytes
	to      string   // Location
	records []string // exactly these, in order
}

var (
	htmx     = map[string]string{"HX-Request": "true"}
	noOrigin = map[string]string{"Sec-Fetch-Site": ""}
)

// paperPerson is who the sample process is about.
var paperPerson = []string{"Sanne", "de Wilde", "1989-07-30", "NX4B70K12", "900000023", "Zwolle"}

func errorPage(status string) []string { return []string{"main [data-status='" + status + "'] h1"} }

func form(pairs ...string) url.Values {
	v := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		v.Add(pairs[i], pairs[i+1])
	}
	return v
}

func TestEveryRouteAnswersAndRecordsAsTheContractSays(t *testing.T) {
	h := build(t).furnish()
	for _, user := range []string{"reviewer", "auditor", "inspector", "admin", "both"} {
		h.as(user)
	}
	h.saveTerm("term", "sanne")
	h.saveTerm("nothing", "Xyzzyx")
	h.saveTerm("ids", paper+"\n"+unknownID+"\n"+onfido)
	for _, rows := range [][]exchange{startRows, searchRows, processRows, revealRows, rawRows, imageRows, refreshRows, trailRows, exportRows, registerRows, otherRows, refusedRows} {
		for _, row := range rows {
			t.Run(row.name, func(t *testing.T) { h.check(t, row) })
		}
	}
}

// saveTerm posts a term's row without a request, so that paths can name it.
func (h *house) saveTerm(name, term string) {
	h.t.Helper()
	id, err := h.store.SaveTerm(h.t.Context(), term, h.clock.Now())
	h.must(err)
	h.names[name] = id
}

func (h *house) check(t *testing.T, row exchange) {
	h.t = t
	if row.before != nil {
		row.before(h)
	}
	got := h.send(row.ask)
	if got.err != nil {
		t.Fatal(got.err)
	}
	if got.status != row.status {
		t.Errorf("status %d, want %d", got.status, row.status)
	}
	if !slices.EqualFunc(got.records, row.records, func(got, want string) bool { return matches(got, h.fill(want)) }) {
		t.Errorf("records\n  %s\nwant\n  %s", strings.Join(got.records, "\n  "), strings.Join(row.records, "\n  "))
	}
	if to := got.header.Get("Location"); to != h.fill(row.to) {
		t.Errorf("Location %q, want %q", to, h.fill(row.to))
	}
	h.checkBody(t, row, got.body)
}

// matches compares a record with what is wanted, where {*} stands for anything.
func matches(got, want string) bool {
	pattern := strings.ReplaceAll(regexp.QuoteMeta(want), regexp.QuoteMeta("{*}"), ".*")
	return regexp.MustCompile("(?s)^" + pattern + "$").MatchString(got)
}

func (h *house) checkBody(t *testing.T, row exchange, body string) {
	t.Helper()
	doc := document(t, body)
	for _, s := range row.has {
		if len(find(t, doc, h.fill(s))) == 0 {
			t.Errorf("nothing matches %q in %.3000s", h.fill(s), body)
		}
	}
	for _, s := range row.lacks {
		if found := find(t, doc, h.fill(s)); len(found) > 0 {
			t.Errorf("%q matches %q", s, text(found...))
		}
	}
	for _, s := range row.absent {
		if strings.Contains(body, s) {
			t.Errorf("the bytes hold %q", s)
		}
	}
	if strings.Contains(body, "goroutine ") || strings.Contains(body, ".go:") {
		t.Error("the page shows the portal's inside")
	}
}

var startRows = []exchange{
	{name: "the start leads a reviewer to the search", ask: ask{as: "reviewer", path: "/"}, status: 303, to: "/processes"},
	{name: "the start leads an auditor to the search", ask: ask{as: "auditor", path: "/"}, status: 303, to: "/processes"},
	{name: "the start leads an admin to the administration", ask: ask{as: "admin", path: "/"}, status: 303, to: "/admin"},
	{name: "the start leads a stranger to the sign-in", ask: ask{path: "/"}, status: 303, to: "/auth/login?return=%2F"},
	{name: "help is for everybody who is signed in", ask: ask{as: "admin", path: "/help"}, status: 200, has: []string{"h1", "header.top .who"}},
	{name: "a page without a session leads to the sign-in and back", ask: ask{path: "/processes/{paper}?version=1"}, status: 303,
		to: "/auth/login?return=%2Fprocesses%2F{paper}%3Fversion%3D1"},
	{name: "a fragment without a session asks for a whole navigation", ask: ask{path: "/processes", header: htmx}, status: 401, lacks: []string{"form"}},
	{name: "a form without a session does nothing", ask: ask{method: "POST", path: "/processes/{paper}/reveal", form: form("field", "firstName", "purpose", "alert")},
		status: 401, has: errorPage("401"), absent: paperPerson},
	{name: "a wrong session is none", ask: ask{path: "/processes", header: map[string]string{"Cookie": "portal_session=made-up"}}, status: 303,
		to: "/auth/login?return=%2Fprocesses"},
	{name: "robots are sent away", ask: ask{path: "/robots.txt"}, status: 200},
	{name: "the portal is alive", ask: ask{path: "/healthz"}, status: 200},
	{name: "the portal is ready", ask: ask{path: "/readyz"}, status: 200},
	{name: "an unknown address is not found", ask: ask{path: "/nothing/here"}, status: 404, has: errorPage("404")},
	{name: "an unknown address is not found by a signed-in person either", ask: ask{as: "reviewer", path: "/nothing/here"}, status: 404, has: errorPage("404")},
	{name: "an unknown static file is not found", ask: ask{path: "/static/app.js"}, status: 404, has: errorPage("404")},
	{name: "after a sign-out the sign-in page only offers", ask: ask{path: "/auth/login?signed-out=1"}, status: 200, has: []string{`a[href="/auth/login"]`}},
	{name: "a callback without a started sign-in", ask: ask{path: "/auth/callback?code=x&state=y"}, status: 400, has: errorPage("400")},
	{name: "a logout token that is none", ask: ask{method: "POST", path: "/auth/backchannel-logout", form: form("logout_token", "x"), header: noOrigin}, status: 400},
	{name: "a logout token in an oversized form", ask: ask{method: "POST", path: "/auth/backchannel-logout", body: "logout_token=" + strings.Repeat("x", 200_000), header: noOrigin}, status: 413},
}

var searchRows = []exchange{
	{name: "a reviewer sees the list with persons", ask: ask{as: "reviewer", path: "/processes"}, status: 200,
		has:     []string{"tr[data-process]", "[data-total='54']", `textarea[name=q]`, "form[action='/purpose']"},
		lacks:   []string{"a[href^='/processes.csv']", "a[href^='/audit']", "a[href^='/admin']"},
		records: []string{"process.search ok role=reviewer rows=54 shown=50"}},
	{name: "an auditor sees the list masked", ask: ask{as: "auditor", path: "/processes?s={term}"}, status: 200,
		has: []string{"tr[data-process='{paper}']", "a[href^='/processes.csv']", "tr[data-process='{paper}'] a[href^='/audit?action=process.view'][href*='process={paper}']"}, absent: []string{"NX4B70K12", "1989-07-30", "de Wilde"},
		records: []string{"process.search ok role=auditor rows=3 shown=3 term=sanne s={term}"}},
	{name: "a term finds the beginning of a name", ask: ask{as: "reviewer", path: "/processes?s={term}"}, status: 200,
		has: []string{"tr[data-process='{paper}']", "[data-total='3']"}, records: []string{"process.search ok role=reviewer rows=3 shown=3 term=sanne s={term}"}},
	{name: "filters narrow", ask: ask{as: "reviewer", path: "/processes?provider=signicatpaper&status=accepted&sort=updated&from=2026-03-01&to=2026-03-31"}, status: 200,
		has:     []string{"tr[data-process='{paper}']", "[data-total='2']", "input[name=provider][checked]"},
		records: []string{"process.search ok role=reviewer rows=2 shown=2 from=2026-03-01 provider=signicatpaper sort=updated status=accepted to=2026-03-31"}},
	{name: "htmx gets the results alone", ask: ask{as: "reviewer", path: "/processes?status=failed", header: map[string]string{"HX-Request": "true", "HX-Target": "results"}}, status: 200,
		has: []string{"#results"}, lacks: []string{"header.top", "title"}, records: []string{"process.search ok role=reviewer rows=7 shown=7 status=failed"}},
	{name: "going back with htmx gets the whole page", ask: ask{as: "reviewer", path: "/processes?status=failed",
		header: map[string]string{"HX-Request": "true", "HX-Target": "results", "HX-History-Restore-Request": "true"}}, status: 200,
		has: []string{"header.top"}, records: []string{"process.search ok role=reviewer rows=7 shown=7 status=failed"}},
	{name: "nothing found has words", ask: ask{as: "reviewer", path: "/processes?s={nothing}"}, status: 200, has: []string{"[data-total='0']"},
		lacks: []string{"tr[data-process]"}, records: []string{"process.search ok role=reviewer term=Xyzzyx s={nothing}"}},
	{name: "pasted ids find what is held and name what is not", ask: ask{as: "reviewer", path: "/processes?s={ids}"}, status: 200,
		has:     []string{"tr[data-process='{paper}']", "tr[data-process='{onfido}']", ".notice-box li"},
		records: []string{"process.search ok role=reviewer rows=2 shown=2 term={paper}\n{unknown}\n{onfido} s={ids}"}},
	{name: "any date range has an answer", ask: ask{as: "reviewer", path: "/processes?from=2031-01-01&to=1990-01-01"}, status: 200, has: []string{"[data-total='0']"},
		records: []string{"process.search ok role=reviewer from=2031-01-01 to=1990-01-01"}},
	{name: "a name in place of a country stays out of the record", ask: ask{as: "reviewer", path: "/processes?country=Sanne+de+Wilde&country=NLD"}, status: 400,
		records: []string{"process.search failed role=reviewer route=/processes status=Bad Request"}},
	{name: "a country by its name stays out of the record's codes", ask: ask{as: "reviewer", path: "/processes?country=United+States&country=NLD"}, status: 200,
		records: []string{"process.search ok role=reviewer rows={*} shown={*} country=(no code),NLD"}},
	{name: "within some days", ask: ask{as: "reviewer", path: "/processes?within=7d"}, status: 200, records: []string{"process.search ok role=reviewer within=7d"}},
	{name: "both roles work as reviewer", ask: ask{as: "both", path: "/processes?s={term}"}, status: 200, has: []string{"a[href^='/processes.csv']"},
		records: []string{"process.search ok role=reviewer rows=3 shown=3 term=sanne s={term}"}},
	{name: "an unknown parameter", ask: ask{as: "reviewer", path: "/processes?q=Sanne"}, status: 400, has: errorPage("400"), absent: []string{"Sanne"},
		records: []string{"process.search failed role=reviewer route=/processes status=Bad Request"}},
	{name: "an unknown value", ask: ask{as: "reviewer", path: "/processes?status=done"}, status: 400, has: errorPage("400"),
		records: []string{"process.search failed role=reviewer route=/processes status=Bad Request"}},
	{name: "an unknown order", ask: ask{as: "reviewer", path: "/processes?sort=name"}, status: 400, records: []string{"process.search failed role=reviewer route=/processes status=Bad Request"}},
	{name: "an unknown finding", ask: ask{as: "reviewer", path: "/processes?finding=zz"}, status: 400, has: errorPage("400"),
		records: []string{"process.search failed role=reviewer route=/processes status=Bad Request"}},
	{name: "a finding that no process has now", ask: ask{as: "reviewer", path: "/processes?finding=malformed"}, status: 200,
		records: []string{"process.search ok role=reviewer finding=malformed"}},
	{name: "an unknown relation as a fragment", ask: ask{as: "reviewer", path: "/processes?relation=similar", header: htmx}, status: 400, has: []string{".problem"}, lacks: []string{"title"},
		records: []string{"process.search failed role=reviewer route=/processes status=Bad Request"}},
	{name: "a day that is none", ask: ask{as: "reviewer", path: "/processes?from=2026-02-30"}, status: 400, records: []string{"process.search failed role=reviewer route=/processes status=Bad Request"}},
	{name: "a span that is none", ask: ask{as: "reviewer", path: "/processes?within=7"}, status: 400, records: []string{"process.search failed role=reviewer route=/processes status=Bad Request"}},
	{name: "a cursor that is none", ask: ask{as: "reviewer", path: "/processes?after=x"}, status: 400, records: []string{"process.search failed role=reviewer route=/processes status=Bad Request"}},
	{name: "an address that cannot be read", ask: ask{as: "reviewer", path: "/processes?status=%zz"}, status: 400, records: []string{"process.search failed role=reviewer route=/processes status=Bad Request"}},
	{name: "a term that has expired or never was", ask: ask{as: "reviewer", path: "/processes?s=nonesuch"}, status: 400, has: errorPage("400"),
		records: []string{"process.search failed role=reviewer route=/processes status=Bad Request"}},
	{name: "export words are not search words", ask: ask{as: "auditor", path: "/processes?with=identity"}, status: 400,
		records: []string{"process.search failed role=auditor route=/processes status=Bad Request"}},
	{name: "an admin may not search", ask: ask{as: "admin", path: "/processes"}, status: 403, has: errorPage("403"), lacks: []string{"textarea", "form[action='/purpose']"},
		records: []string{"access.refused refused method=GET permission=search-and-read route=/processes"}},
	{name: "posting only filters", ask: ask{as: "reviewer", method: "POST", path: "/processes/search", form: form("q", "", "status", "accepted", "status", "failed", "after", "x", "s", "y", "nonsense", "z")},
		status: 303, to: "/processes?status=accepted&status=failed"},
	{name: "a term in the address of the form does not count", ask: ask{as: "reviewer", method: "POST", path: "/processes/search?q=Sanne", form: form("q", "")}, status: 303, to: "/processes"},
	{name: "more ids than 1,000", ask: ask{as: "reviewer", method: "POST", path: "/processes/search", form: form("q", strings.Repeat("x\n", 1001))}, status: 422, has: errorPage("422"),
		records: []string{"process.search failed role=reviewer route=/processes/search status=Unprocessable Entity"}},
	{name: "a term that no record can hold", ask: ask{as: "reviewer", method: "POST", path: "/processes/search", body: "q=" + strings.Repeat("%01", 30_000)}, status: 422, has: errorPage("422"),
		records: []string{"process.search failed role=reviewer route=/processes/search status=Unprocessable Entity"}},
	{name: "an oversized form", ask: ask{as: "reviewer", method: "POST", path: "/processes/search", body: "q=" + strings.Repeat("x", 128<<10)}, status: 413, has: errorPage("413"),
		records: []string{"process.search failed role=reviewer route=/processes/search status=Request Entity Too Large"}},
	{name: "a form that cannot be read", ask: ask{as: "reviewer", method: "POST", path: "/processes/search", body: "q=%zz"}, status: 422, has: errorPage("422"),
		records: []string{"process.search failed role=reviewer route=/processes/search status=Unprocessable Entity"}},
	{name: "JSON is no form", ask: ask{as: "reviewer", method: "POST", path: "/processes/search", body: `{"q":"x"}`, header: map[string]string{"Content-Type": "application/json"}}, status: 422,
		records: []string{"process.search failed role=reviewer route=/processes/search status=Unprocessable Entity"}},
	{name: "an oversized form of another kind", ask: ask{as: "reviewer", method: "POST", path: "/processes/search", body: strings.Repeat("x", 1<<20), header: map[string]string{"Content-Type": "multipart/form-data; boundary=x"}},
		status: 413, records: []string{"process.search failed role=reviewer route=/processes/search status=Request Entity Too Large"}},
	{name: "an admin may not post a search", ask: ask{as: "admin", method: "POST", path: "/processes/search", form: form("q", "x")}, status: 403,
		records: []string{"access.refused refused method=POST permission=search-and-read route=/processes/search"}},
}

var processRows = []exchange{
	{name: "a reviewer reads a process", ask: ask{as: "reviewer", path: "/processes/{paper}"}, status: 200,
		has: []string{"tr[data-field=firstName][data-relation]", "[data-question=document][data-answer]", "[data-pointer='/providerSpecific/features/firstName']",
			"form[action='/processes/{paper}/reveal']", "a[href='/processes/{paper}/raw?view=page']", "form[action='/processes/{paper}/refresh']", "a[href='/processes/{paper}/images/front']"},
		lacks: []string{"a[href^='/audit']"}, absent: []string{"900000023"}, records: []string{"process.view ok role=reviewer process=paper@1"}},
	{name: "an auditor reads it masked", ask: ask{as: "auditor", path: "/processes/{paper}"}, status: 200,
		has:   []string{"tr[data-field=firstName] [data-masked]", "a[href^='/audit?'][href$='process={paper}']"},
		lacks: []string{"form[action$='/reveal']", "a[href*='/raw']", "form[action$='/refresh']", "a[href*='/images/']"}, absent: paperPerson,
		records: []string{"process.view ok role=auditor process=paper@1"}},
	{name: "an inspector reads it masked and may reveal", ask: ask{as: "inspector", path: "/processes/{paper}"}, status: 200,
		has: []string{"form[action='/processes/{paper}/reveal']", "a[href='/processes/{paper}/images/front']", "a[href$='/raw?view=page']"}, lacks: []string{"form[action$='/refresh']"}, absent: paperPerson,
		records: []string{"process.view ok role=inspector process=paper@1"}},
	{name: "an older version says so", ask: ask{as: "reviewer", path: "/processes/{onfido}?version=1"}, status: 200,
		has:     []string{".notice[data-kind=warning] a[href='/processes/{onfido}']", "form[action='/processes/{onfido}/reveal?version=1']", "a[href='/processes/{onfido}/raw?version=1&view=page']"},
		records: []string{"process.view ok role=reviewer process=onfido@1"}},
	{name: "the newest version", ask: ask{as: "reviewer", path: "/processes/{onfido}"}, status: 200, has: []string{"a[href='/processes/{onfido}?version=1']"},
		records: []string{"process.view ok role=reviewer process=onfido@2"}},
	{name: "the list one came from", ask: ask{as: "reviewer", path: "/processes/{paper}?list=s%3D{term}%26status%3Daccepted"}, status: 200,
		has: []string{"a[href='/processes?s={term}&status=accepted']"}, records: []string{"process.view ok role=reviewer process=paper@1"}},
	{name: "a list without the process has no place for it", ask: ask{as: "reviewer", path: "/processes/{paper}?list=status%3Dfailed"}, status: 200,
		has: []string{"a[href='/processes?status=failed']"}, lacks: []string{"[data-go=next]", "[data-go=prev]"}, records: []string{"process.view ok role=reviewer process=paper@1"}},
	{name: "a list whose term has expired leaves the process readable", ask: ask{as: "reviewer", path: "/processes/{paper}?list=s%3DAAAAAAAAAAAAAAAAAAAAAA"}, status: 200,
		lacks: []string{"[data-go=next]", "[data-go=prev]"}, records: []string{"process.view ok role=reviewer process=paper@1"}},
	{name: "a list is kept through the forms of the page", ask: ask{as: "reviewer", path: "/processes/{onfido}?list=sort%3Dcreated&version=1"}, status: 200,
		has: []string{"form[action='/processes/{onfido}/reveal?list=sort%3Dcreated&version=1']", "form[action='/processes/{onfido}/refresh?list=sort%3Dcreated']",
			"a[href='/processes/{onfido}/raw?list=sort%3Dcreated&version=1&view=page']", "a[href='/processes/{onfido}?list=sort%3Dcreated&version=2']"},
		records: []string{"process.view ok role=reviewer process=onfido@1"}},
	{name: "all of the tree at once", ask: ask{as: "auditor", path: "/processes/{paper}?tree=open"}, status: 200,
		has: []string{".nodes details[open]"}, lacks: []string{".nodes details:not([open])"}, absent: paperPerson, records: []string{"process.view ok role=auditor process=paper@1"}},
	{name: "none of the tree", ask: ask{as: "auditor", path: "/processes/{paper}?tree=closed"}, status: 200,
		has: []string{".nodes details"}, lacks: []string{".nodes details[open]"}, records: []string{"process.view ok role=auditor process=paper@1"}},
	{name: "a state of the tree that there is not", ask: ask{as: "reviewer", path: "/processes/{paper}?tree=ajar"}, status: 400,
		records: []string{"process.view failed role=reviewer process=paper@1 route=/processes/:id status=Bad Request"}},
	{name: "a list that is no search", ask: ask{as: "reviewer", path: "/processes/{paper}?list=q%3DSanne"}, status: 400, absent: []string{"Sanne"},
		records: []string{"process.view failed role=reviewer process=paper@1 route=/processes/:id status=Bad Request"}},
	{name: "a list that leads elsewhere", ask: ask{as: "reviewer", path: "/processes/{paper}?list=%2F%2Fevil.example"}, status: 400,
		records: []string{"process.view failed role=reviewer process=paper@1 route=/processes/:id status=Bad Request"}},
	{name: "imported by hand", ask: ask{as: "reviewer", path: "/processes/{facetec-rejected}"}, status: 200, lacks: []string{"form[action$='/refresh']"},
		records: []string{"process.view ok role=reviewer process={facetec-rejected}@1"}},
	{name: "an unknown id", ask: ask{as: "reviewer", path: "/processes/{unknown}"}, status: 404, has: errorPage("404"),
		records: []string{"process.view failed role=reviewer process=unknown route=/processes/:id status=Not Found"}},
	{name: "a malformed id is answered like an unknown one", ask: ask{as: "reviewer", path: "/processes/%2e%2e%2fetc"}, status: 404, has: errorPage("404"),
		records: []string{"process.view failed role=reviewer route=/processes/:id status=Not Found"}},
	{name: "an id of another alphabet", ask: ask{as: "reviewer", path: "/processes/%C3%A9"}, status: 404, records: []string{"process.view failed role=reviewer route=/processes/:id status=Not Found"}},
	{name: "an id that is too long", ask: ask{as: "reviewer", path: "/processes/" + strings.Repeat("a", 65)}, status: 404,
		records: []string{"process.view failed role=reviewer route=/processes/:id status=Not Found"}},
	{name: "an unknown version", ask: ask{as: "reviewer", path: "/processes/{paper}?version=9"}, status: 404, has: errorPage("404"),
		records: []string{"process.view failed role=reviewer process=paper route=/processes/:id status=Not Found"}},
	{name: "a version that is no number", ask: ask{as: "reviewer", path: "/processes/{paper}?version=new"}, status: 400,
		records: []string{"process.view failed role=reviewer process=paper@1 route=/processes/:id status=Bad Request"}},
	{name: "a version below the first", ask: ask{as: "reviewer", path: "/processes/{paper}?version=0"}, status: 400,
		records: []string{"process.view failed role=reviewer process=paper@1 route=/processes/:id status=Bad Request"}},
	{name: "an unknown parameter of a process", ask: ask{as: "reviewer", path: "/processes/{paper}?show=all"}, status: 400,
		records: []string{"process.view failed role=reviewer process=paper@1 route=/processes/:id status=Bad Request"}},
	{name: "an admin may not read a process", ask: ask{as: "admin", path: "/processes/{paper}"}, status: 403, absent: paperPerson,
		records: []string{"access.refused refused process=paper@1 method=GET permission=search-and-read route=/processes/:id"}},
}

var revealRows = []exchange{
	{name: "a reviewer reveals a number", ask: ask{as: "reviewer", method: "POST", path: "/processes/{paper}/reveal", form: form("field", "/providerSpecific/features/personalNumber", "purpose", "alert", "because", "sanctions hit")},
		status: 200, has: []string{"tr[data-field]", "[data-pointer='/providerSpecific/features/personalNumber']:not([data-masked])"},
		records: []string{"field.reveal ok role=reviewer process=paper@1 purpose=alert because=sanctions hit field=/providerSpecific/features/personalNumber"}},
	{name: "an inspector reveals a name", ask: ask{as: "inspector", method: "POST", path: "/processes/{paper}/reveal", form: form("field", "firstName", "purpose", "audit")},
		status: 200, has: []string{"tr[data-field=firstName] .value:not([data-masked])", "tr[data-field=lastName] [data-masked]"}, absent: []string{"de Wilde", "NX4B70K12", "1989-07-30"},
		records: []string{"field.reveal ok role=inspector process=paper@1 purpose=audit field=firstName"}},
	{name: "htmx gets the row alone", ask: ask{as: "inspector", method: "POST", path: "/processes/{paper}/reveal", form: form("field", "firstName", "purpose", "audit"), header: htmx},
		status: 200, has: []string{"tr[data-field=firstName]"}, lacks: []string{"tr[data-field=lastName]", "header.top", "title"}, absent: []string{"de Wilde"},
		records: []string{"field.reveal ok role=inspector process=paper@1 purpose=audit field=firstName"}},
	{name: "the next page is masked again", ask: ask{as: "inspector", path: "/processes/{paper}"}, status: 200, absent: paperPerson, records: []string{"process.view ok role=inspector process=paper@1"}},
	{name: "an older version is revealed as such", ask: ask{as: "inspector", method: "POST", path: "/processes/{onfido}/reveal?version=1", form: form("field", "firstName", "purpose", "audit")},
		status: 200, records: []string{"field.reveal ok role=inspector process=onfido@1 purpose=audit field=firstName"}},
	{name: "a field that is not there", ask: ask{as: "inspector", method: "POST", path: "/processes/{paper}/reveal", form: form("field", "shoeSize", "purpose", "audit")}, status: 422, has: errorPage("422"), absent: paperPerson,
		records: []string{"field.reveal ok role=inspector process=paper@1 purpose=audit field=shoeSize",
			"field.reveal failed role=inspector process=paper@1 purpose=audit field=shoeSize status=Unprocessable Entity"}},
	{name: "no purpose", ask: ask{as: "inspector", method: "POST", path: "/processes/{paper}/reveal", form: form("field", "firstName")}, status: 422,
		has: []string{"#mistake", "form[action='/processes/{paper}/reveal'] input[name=field][value=firstName]", "select[name=purpose] option"}, absent: paperPerson,
		records: []string{"field.reveal failed role=inspector process=paper@1 route=/processes/:id/reveal status=Unprocessable Entity"}},
	{name: "an unknown purpose as a fragment", ask: ask{as: "inspector", method: "POST", path: "/processes/{paper}/reveal", form: form("field", "firstName", "purpose", "curiosity"), header: htmx},
		status: 422, has: []string{".problem"}, lacks: []string{"title"}, absent: paperPerson,
		records: []string{"field.reveal failed role=inspector process=paper@1 route=/processes/:id/reveal status=Unprocessable Entity"}},
	{name: "a purpose in the address does not count", ask: ask{as: "inspector", method: "POST", path: "/processes/{paper}/reveal?purpose=audit", form: form("field", "firstName")}, status: 400,
		records: []string{"field.reveal failed role=inspector process=paper@1 route=/processes/:id/reveal status=Bad Request"}},
	{name: "no field", ask: ask{as: "inspector", method: "POST", path: "/processes/{paper}/reveal", form: form("purpose", "audit")}, status: 422,
		records: []string{"field.reveal failed role=inspector process=paper@1 route=/processes/:id/reveal status=Unprocessable Entity"}},
	{name: "a field with a line end", ask: ask{as: "inspector", method: "POST", path: "/processes/{paper}/reveal", form: form("field", "/a\nb", "purpose", "audit")}, status: 422,
		records: []string{"field.reveal failed role=inspector process=paper@1 route=/processes/:id/reveal status=Unprocessable Entity"}},
	{name: "a name in place of a field", ask: ask{as: "inspector", method: "POST", path: "/processes/{paper}/reveal", form: form("field", "Sanne de Wilde", "purpose", "audit")}, status: 422,
		records: []string{"field.reveal failed role=inspector process=paper@1 route=/processes/:id/reveal status=Unprocessable Entity"}},
	{name: "a reason that is too long", ask: ask{as: "inspector", method: "POST", path: "/processes/{paper}/reveal", form: form("field", "firstName", "purpose", "audit", "because", strings.Repeat("x", 1001))}, status: 422,
		records: []string{"field.reveal failed role=inspector process=paper@1 route=/processes/:id/reveal status=Unprocessable Entity"}},
	{name: "a reveal in an oversized form", ask: ask{as: "inspector", method: "POST", path: "/processes/{paper}/reveal", body: "field=firstName&purpose=audit&because=" + strings.Repeat("x", 128<<10)}, status: 413, absent: paperPerson,
		records: []string{"field.reveal failed role=inspector process=paper@1 route=/processes/:id/reveal status=Request Entity Too Large"}},
	{name: "a reveal of an unknown process", ask: ask{as: "inspector", method: "POST", path: "/processes/{unknown}/reveal", form: form("field", "firstName", "purpose", "audit")}, status: 404,
		records: []string{"field.reveal failed role=inspector process=unknown route=/processes/:id/reveal status=Not Found"}},
	{name: "an auditor never reveals", ask: ask{as: "auditor", method: "POST", path: "/processes/{paper}/reveal", form: form("field", "firstName", "purpose", "audit")}, status: 403, absent: paperPerson,
		records: []string{"access.refused refused process=paper@1 method=POST permission=reveal route=/processes/:id/reveal"}},
	{name: "an admin never reveals", ask: ask{as: "admin", method: "POST", path: "/processes/{paper}/reveal", form: form("field", "firstName", "purpose", "audit")}, status: 403,
		records: []string{"access.refused refused process=paper@1 method=POST permission=reveal route=/processes/:id/reveal"}},
}

var rawRows = []exchange{
	{name: "raw asks for a purpose first", ask: ask{as: "reviewer", path: "/processes/{paper}/raw"}, status: 200,
		has: []string{"form[action='/processes/{paper}/reveal'] input[name=field][value=raw]", "select[name=purpose] option"}, absent: paperPerson},
	{name: "the form for raw comes back with its mistake", ask: ask{as: "reviewer", method: "POST", path: "/processes/{paper}/reveal", form: form("field", "raw", "purpose", "")}, status: 422,
		has: []string{"#mistake", "input[name=field][value=raw]"}, absent: paperPerson,
		records: []string{"field.reveal failed role=reviewer process=paper@1 route=/processes/:id/reveal status=Unprocessable Entity"}},
	{name: "a purpose for raw leads to it", ask: ask{as: "reviewer", method: "POST", path: "/processes/{paper}/reveal", form: form("field", "raw", "purpose", "audit")}, status: 200,
		has: []string{"a[href='/processes/{paper}/raw']"}, absent: paperPerson, records: []string{"field.reveal ok role=reviewer process=paper@1 purpose=audit field=raw"}},
	{name: "raw after a purpose, under that purpose", ask: ask{as: "reviewer", path: "/processes/{paper}/raw"}, status: 200,
		records: []string{"process.raw ok role=reviewer process=paper@1 purpose=audit"}},
	{name: "raw as a page, under that purpose too", ask: ask{as: "reviewer", path: "/processes/{paper}/raw?view=page"}, status: 200,
		has:     []string{".raw details[open] > summary", ".tabs a[aria-current=page]", "a[href='/processes/{paper}/raw']", "a[href='/processes/{paper}/raw?view=page&parts=open']"},
		records: []string{"process.raw ok role=reviewer process=paper@1 purpose=audit"}},
	{name: "raw in a view that there is not", ask: ask{as: "reviewer", path: "/processes/{paper}/raw?view=tree"}, status: 400, absent: paperPerson,
		records: []string{"process.raw failed role=reviewer process=paper@1 route=/processes/:id/raw status=Bad Request"}},
	{name: "the page of raw asks for a purpose and keeps what was asked for", ask: ask{as: "inspector", path: "/processes/{paper}/raw?view=page"}, status: 200,
		has: []string{"input[name=field][value=raw]", "input[name=view][value=page]"}, absent: paperPerson},
	{name: "a purpose for the page of raw leads to it", ask: ask{as: "inspector", method: "POST", path: "/processes/{paper}/reveal", form: form("field", "raw", "purpose", "audit", "view", "page")}, status: 200,
		has: []string{"a[href='/processes/{paper}/raw?view=page']"}, absent: paperPerson, records: []string{"field.reveal ok role=inspector process=paper@1 purpose=audit field=raw"}},
	{name: "a view that there is not leads to the bytes", ask: ask{as: "inspector", method: "POST", path: "/processes/{paper}/reveal", form: form("field", "raw", "purpose", "audit", "view", "//evil.example")}, status: 200,
		has: []string{"a[href='/processes/{paper}/raw']"}, records: []string{"field.reveal ok role=inspector process=paper@1 purpose=audit field=raw"}},
	{name: "an auditor never reads raw as a page", ask: ask{as: "auditor", path: "/processes/{paper}/raw?view=page"}, status: 403, absent: paperPerson,
		records: []string{"access.refused refused process=paper@1 method=GET permission=read-raw route=/processes/:id/raw"}},
	{name: "the purpose holds for no other process", ask: ask{as: "reviewer", path: "/processes/{onfido}/raw"}, status: 200, has: []string{"input[value=raw]"}},
	{name: "nor for another session", ask: ask{as: "both", path: "/processes/{paper}/raw"}, status: 200, has: []string{"input[value=raw]"}, absent: paperPerson},
	{name: "raw of an unknown process", ask: ask{as: "reviewer", path: "/processes/{unknown}/raw"}, status: 404,
		records: []string{"process.raw failed role=reviewer process=unknown route=/processes/:id/raw status=Not Found"}},
	{name: "an auditor never reads raw", ask: ask{as: "auditor", path: "/processes/{paper}/raw"}, status: 403, absent: paperPerson,
		records: []string{"access.refused refused process=paper@1 method=GET permission=read-raw route=/processes/:id/raw"}},
}

var imageRows = []exchange{
	{name: "an image is asked of Assure, with a record before and after", ask: ask{as: "reviewer", path: "/processes/{paper}/images/front"}, status: 200,
		records: []string{"process.image unknown role=reviewer process=paper@1 image=front", "process.image ok role=reviewer process=paper@1 image=front"}},
	{name: "an inspector sees images", ask: ask{as: "inspector", path: "/processes/{paper}/images/front"}, status: 200,
		records: []string{"process.image unknown role=inspector process=paper@1 image=front", "process.image ok role=inspector process=paper@1 image=front"}},
	{name: "a video of a provider without any is not asked for", ask: ask{as: "reviewer", path: "/processes/{paper}/video"}, status: 404, has: errorPage("404"),
		records: []string{"process.image failed role=reviewer process=paper@1 route=/processes/:id/video status=Not Found"}},
	{name: "an image that Assure does not have", ask: ask{as: "reviewer", path: "/processes/{signicatvideoid-accepted}/video"}, status: 404, has: errorPage("404"),
		records: []string{"process.image unknown role=reviewer process={signicatvideoid-accepted}@1 image=video", "process.image failed role=reviewer process={signicatvideoid-accepted}@1 image=video"}},
	{name: "an image that Assure keeps back", before: func(h *house) {
		h.sim.Fail(assuretest.Fault{Class: assuretest.Images, Sort: assuretest.StatusCode, Status: 403, Times: 1})
	}, ask: ask{as: "reviewer", path: "/processes/{paper}/images/front"}, status: 404, has: errorPage("404"),
		records: []string{"process.image unknown role=reviewer process=paper@1 image=front", "process.image failed role=reviewer process=paper@1 image=front"}},
	{name: "an image that no process of this provider has", ask: ask{as: "reviewer", path: "/processes/{paper}/images/portrait"}, status: 404, has: errorPage("404"),
		records: []string{"process.image unknown role=reviewer process=paper@1 image=portrait", "process.image failed role=reviewer process=paper@1 image=portrait"}},
	{name: "Assure breaks off", before: func(h *house) {
		h.sim.Fail(assuretest.Fault{Class: assuretest.Images, Sort: assuretest.ContentType, Times: 1})
	},
		ask: ask{as: "reviewer", path: "/processes/{paper}/images/front"}, status: 502, has: errorPage("502"),
		records: []string{"process.image unknown role=reviewer process=paper@1 image=front", "process.image failed role=reviewer process=paper@1 image=front"}},
	{name: "an image without a dossier", ask: ask{as: "reviewer", path: "/processes/{facetec-rejected}/images/selfie"}, status: 404,
		records: []string{"process.image failed role=reviewer process={facetec-rejected}@1 route=/processes/:id/images/:depiction status=Not Found"}},
	{name: "no such depiction", ask: ask{as: "reviewer", path: "/processes/{paper}/images/fingerprint"}, status: 404,
		records: []string{"process.image failed role=reviewer process=paper@1 route=/processes/:id/images/:depiction status=Not Found"}},
	{name: "an image of an unknown process", ask: ask{as: "reviewer", path: "/processes/{unknown}/images/front"}, status: 404,
		records: []string{"process.image failed role=reviewer process=unknown route=/processes/:id/images/:depiction status=Not Found"}},
	{name: "an auditor sees no image", ask: ask{as: "auditor", path: "/processes/{paper}/images/front"}, status: 403,
		records: []string{"access.refused refused process=paper@1 method=GET permission=read-images route=/processes/:id/images/:depiction"}},
	{name: "an auditor sees no video", ask: ask{as: "auditor", path: "/processes/{paper}/video"}, status: 403,
		records: []string{"access.refused refused process=paper@1 method=GET permission=read-images route=/processes/:id/video"}},
}

var refreshRows = []exchange{
	{name: "a refresh without news", ask: ask{as: "reviewer", method: "POST", path: "/processes/{paper}/refresh"}, status: 303, to: "/processes/{paper}",
		records: []string{"process.refresh unknown role=reviewer process=paper@1", "process.refresh ok role=reviewer process=paper@1 changed=no"}},
	{name: "a refresh comes back to the place in the list", ask: ask{as: "reviewer", method: "POST", path: "/processes/{paper}/refresh?list=sort%3Dupdated"}, status: 303,
		to:      "/processes/{paper}?list=sort%3Dupdated",
		records: []string{"process.refresh unknown role=reviewer process=paper@1", "process.refresh ok role=reviewer process=paper@1 changed=no"}},
	{name: "a refresh that Assure does not answer", before: func(h *house) {
		h.sim.Fail(assuretest.Fault{Class: assuretest.Process, Sort: assuretest.OtherID, Times: 1})
	},
		ask: ask{as: "reviewer", method: "POST", path: "/processes/{paper}/refresh"}, status: 502, has: errorPage("502"),
		records: []string{"process.refresh unknown role=reviewer process=paper@1", "process.refresh failed role=reviewer process=paper@1 reason=another-process"}},
	{name: "a refresh without a dossier", ask: ask{as: "reviewer", method: "POST", path: "/processes/{facetec-rejected}/refresh"}, status: 409, has: errorPage("409"),
		records: []string{"process.refresh failed role=reviewer process={facetec-rejected}@1 route=/processes/:id/refresh status=Conflict"}},
	{name: "a refresh of an unknown process", ask: ask{as: "reviewer", method: "POST", path: "/processes/{unknown}/refresh"}, status: 404,
		records: []string{"process.refresh failed role=reviewer process=unknown route=/processes/:id/refresh status=Not Found"}},
	{name: "an inspector never refreshes", ask: ask{as: "inspector", method: "POST", path: "/processes/{paper}/refresh"}, status: 403,
		records: []string{"access.refused refused process=paper@1 method=POST permission=refresh route=/processes/:id/refresh"}},
}

var trailRows = []exchange{
	{name: "an auditor reads the trail", ask: ask{as: "auditor", path: "/audit"}, status: 200, has: []string{"tr[data-seq][data-action][data-outcome]", "tr[data-action='process.refresh'][data-outcome=unknown]", "a[href^='/audit.csv']", "a[href^='/audit.zip']"},
		records: []string{"audit.view ok role=auditor rows=100"}},
	{name: "filters of the trail", ask: ask{as: "inspector", path: "/audit?action=field.reveal&outcome=refused&from=2020-01-01&to=2020-01-02T10:00:00Z&purpose=audit&process={paper}"}, status: 200,
		records: []string{"audit.view ok role=inspector action=field.reveal from=2020-01-01 outcome=refused process={paper} purpose=audit to=2020-01-02T10:00:00Z"}},
	{name: "whom one looks for stands in the erasable part", ask: ask{as: "auditor", path: "/audit?actor=Rosalind+Ekeberg&before=1"}, status: 200,
		records: []string{"audit.view ok role=auditor term=Rosalind Ekeberg actor=given before=1"}},
	{name: "an unknown action", ask: ask{as: "auditor", path: "/audit?action=peek"}, status: 400, has: errorPage("400"), records: []string{"audit.view failed role=auditor route=/audit status=Bad Request"}},
	{name: "an unknown outcome", ask: ask{as: "auditor", path: "/audit?outcome=good"}, status: 400, records: []string{"audit.view failed role=auditor route=/audit status=Bad Request"}},
	{name: "a name in place of a process", ask: ask{as: "auditor", path: "/audit?process=Sanne+de+Wilde"}, status: 400, absent: []string{"Sanne"}, records: []string{"audit.view failed role=auditor route=/audit status=Bad Request"}},
	{name: "a name in place of a purpose", ask: ask{as: "auditor", path: "/audit?purpose=Sanne"}, status: 400, records: []string{"audit.view failed role=auditor route=/audit status=Bad Request"}},
	{name: "a day of the trail that is none", ask: ask{as: "auditor", path: "/audit?to=yesterday"}, status: 400, records: []string{"audit.view failed role=auditor route=/audit status=Bad Request"}},
	{name: "a place in the trail that is none", ask: ask{as: "auditor", path: "/audit?before=-4"}, status: 400, records: []string{"audit.view failed role=auditor route=/audit status=Bad Request"}},
	{name: "an unknown parameter of the trail", ask: ask{as: "auditor", path: "/audit?with=identity"}, status: 400, records: []string{"audit.view failed role=auditor route=/audit status=Bad Request"}},
	{name: "a reviewer does not read the trail", ask: ask{as: "reviewer", path: "/audit"}, status: 403, records: []string{"access.refused refused method=GET permission=read-trail route=/audit"}},
	{name: "an admin does not read the trail", ask: ask{as: "admin", path: "/audit"}, status: 403, records: []string{"access.refused refused method=GET permission=read-trail route=/audit"}},
	{name: "the first record with its proof", ask: ask{as: "auditor", path: "/audit/0"}, status: 200, has: []string{"article.record pre", "a[href='/audit/1']"}, lacks: []string{"a[href='/audit/-1']"},
		records: []string{"audit.view ok role=auditor rows=1 seq=0"}},
	{name: "a record that is not there yet", ask: ask{as: "auditor", path: "/audit/999999"}, status: 404, has: errorPage("404"), records: []string{"audit.view failed role=auditor route=/audit/:seq status=Not Found"}},
	{name: "a malformed number of a record", ask: ask{as: "auditor", path: "/audit/1x"}, status: 404, records: []string{"audit.view failed role=auditor route=/audit/:seq status=Not Found"}},
	{name: "a number of a record as nobody writes it", ask: ask{as: "auditor", path: "/audit/+1"}, status: 404, records: []string{"audit.view failed role=auditor route=/audit/:seq status=Not Found"}},
	{name: "a number with more behind it", ask: ask{as: "auditor", path: "/audit/1/2"}, status: 404, records: []string{"audit.view failed role=auditor route=/audit/:seq status=Not Found"}},
	{name: "the checkpoint", ask: ask{as: "auditor", path: "/audit/checkpoint"}, status: 200},
	{name: "the verifier key", ask: ask{as: "inspector", path: "/audit/key"}, status: 200},
	{name: "a reviewer gets no checkpoint", ask: ask{as: "reviewer", path: "/audit/checkpoint"}, status: 403, records: []string{"access.refused refused method=GET permission=read-trail route=/audit/checkpoint"}},
}

var exportRows = []exchange{
	{name: "processes as CSV", ask: ask{as: "auditor", path: "/processes.csv?status=accepted&provider=signicatpaper"}, status: 200, absent: paperPerson,
		records: []string{"process.export ok role=auditor provider=signicatpaper status=accepted", "process.export.done ok role=auditor rows=2 export={*} sha256={*}"}},
	{name: "processes as CSV with persons, as far as the role sees them", ask: ask{as: "auditor", path: "/processes.csv?s={term}&with=identity&delimiter=%3B"}, status: 200, absent: paperPerson,
		records: []string{"process.export ok role=auditor term=sanne s={term} with=identity", "process.export.done ok role=auditor rows=3 export={*} sha256={*}"}},
	{name: "both roles export what a reviewer sees", ask: ask{as: "both", path: "/processes.csv?s={term}&with=identity"}, status: 200, absent: []string{"900000023"},
		records: []string{"process.export ok role=auditor term=sanne s={term} with=identity", "process.export.done ok role=auditor rows=3 export={*} sha256={*}"}},
	{name: "details are no part of processes", ask: ask{as: "auditor", path: "/processes.csv?with=detail"}, status: 400, has: errorPage("400"),
		records: []string{"process.export failed role=auditor route=/processes.csv status=Bad Request"}},
	{name: "an unknown delimiter", ask: ask{as: "auditor", path: "/processes.csv?delimiter=%7C"}, status: 400, records: []string{"process.export failed role=auditor route=/processes.csv status=Bad Request"}},
	{name: "a cursor that is none in an export", ask: ask{as: "auditor", path: "/processes.csv?after=x"}, status: 400, records: []string{"process.export failed role=auditor route=/processes.csv status=Bad Request"}},
	{name: "a second value where one is taken", ask: ask{as: "reviewer", path: "/processes?sort=created&sort=updated"}, status: 400, has: errorPage("400"),
		records: []string{"process.search failed role=reviewer route=/processes status=Bad Request"}},
	{name: "a provider that nobody knows", ask: ask{as: "reviewer", path: "/processes?provider=nobody"}, status: 400, has: errorPage("400"),
		records: []string{"process.search failed role=reviewer route=/processes status=Bad Request"}},
	{name: "an unknown value in an export", ask: ask{as: "auditor", path: "/processes.csv?status=done"}, status: 400, records: []string{"process.export failed role=auditor route=/processes.csv status=Bad Request"}},
	{name: "a reviewer exports nothing", ask: ask{as: "reviewer", path: "/processes.csv"}, status: 403, absent: paperPerson, records: []string{"access.refused refused method=GET permission=export-processes route=/processes.csv"}},
	{name: "the trail as CSV", ask: ask{as: "auditor", path: "/audit.csv?action=sign-in"}, status: 200,
		records: []string{"audit.export ok role=auditor term={*} action=sign-in file=audit.csv", "audit.export.done ok role=auditor rows={*}"}},
	{name: "the trail with names and details", ask: ask{as: "inspector", path: "/audit.csv?with=identity,detail&delimiter=%3B&actor=Rosalind+Ekeberg"}, status: 200,
		records: []string{"audit.export ok role=inspector term={*}Rosalind Ekeberg{*} actor=given file=audit.csv with=identity,detail", "audit.export.done ok role=inspector rows={*}"}},
	{name: "the trail as a bundle", ask: ask{as: "auditor", path: "/audit.zip?leaves=all"}, status: 200,
		records: []string{"audit.export ok role=auditor term={*} file=audit.zip leaves=all", "audit.export.done ok role=auditor rows={*}"}},
	{name: "all leaves are for the bundle", ask: ask{as: "auditor", path: "/audit.csv?leaves=all"}, status: 400, records: []string{"audit.export failed role=auditor route=/audit.csv status=Bad Request"}},
	{name: "some leaves are nothing", ask: ask{as: "auditor", path: "/audit.zip?leaves=some"}, status: 400, records: []string{"audit.export failed role=auditor route=/audit.zip status=Bad Request"}},
	{name: "an unknown part of an export", ask: ask{as: "auditor", path: "/audit.csv?with=everything"}, status: 400, records: []string{"audit.export failed role=auditor route=/audit.csv status=Bad Request"}},
	{name: "a reviewer exports no trail", ask: ask{as: "reviewer", path: "/audit.csv"}, status: 403, records: []string{"access.refused refused method=GET permission=read-trail route=/audit.csv"}},
	{name: "an admin exports no bundle", ask: ask{as: "admin", path: "/audit.zip"}, status: 403, records: []string{"access.refused refused method=GET permission=read-trail route=/audit.zip"}},
}

var otherRows = []exchange{
	{name: "completeness", ask: ask{as: "admin", path: "/completeness"}, status: 200, has: []string{"h1", "a[href='/completeness.csv']"}},
	{name: "how far exports are, with none under way", ask: ask{as: "auditor", path: "/processes.csv/progress"}, status: 204},
	{name: "completeness as CSV", ask: ask{as: "reviewer", path: "/completeness.csv"}, status: 200},
	{name: "the administration", ask: ask{as: "admin", path: "/admin"}, status: 200, has: []string{"tr[data-session]"}, absent: paperPerson},
	{name: "a reviewer does not administer", ask: ask{as: "reviewer", path: "/admin"}, status: 403, records: []string{"access.refused refused method=GET permission=administer route=/admin"}},
	{name: "a session that is not there", ask: ask{as: "admin", method: "POST", path: "/admin/sessions/nonesuch/end"}, status: 404,
		records: []string{"session.ended failed role=admin route=/admin/sessions/:session/end status=Not Found"}},
	{name: "a reviewer ends no session", ask: ask{as: "reviewer", method: "POST", path: "/admin/sessions/nonesuch/end"}, status: 403,
		records: []string{"access.refused refused method=POST permission=administer route=/admin/sessions/:session/end"}},
	{name: "a working purpose is set and leads back", ask: ask{as: "both", method: "POST", path: "/purpose", form: form("purpose", "alert", "case", " C-17 ", "return", "/processes?s={term}")}, status: 303, to: "/processes?s={term}"},
	{name: "and stands on every record from then on", ask: ask{as: "both", path: "/processes/{paper}"}, status: 200, has: []string{"select[name=purpose] option[value=alert][selected]", "input[name=case][value='C-17']"},
		records: []string{"process.view ok role=reviewer process=paper@1 purpose=alert case=C-17"}},
	{name: "on refusals too", ask: ask{as: "both", path: "/admin"}, status: 403, records: []string{"access.refused refused purpose=alert case=C-17 method=GET permission=administer route=/admin"}},
	{name: "an unknown purpose changes nothing", ask: ask{as: "both", method: "POST", path: "/purpose", form: form("purpose", "curiosity", "case", "C-18")}, status: 422,
		has: []string{"main [data-status='422']", "input[name=case][value='C-18']"}, records: []string{"settings.changed failed role=reviewer purpose=alert case=C-17 route=/purpose status=Unprocessable Entity"}},
	{name: "back to where nobody leads away", ask: ask{as: "both", method: "POST", path: "/purpose", form: form("purpose", "onboarding", "return", "//evil.example/")}, status: 303, to: "/"},
	{name: "an admin has no working purpose to set", ask: ask{as: "admin", method: "POST", path: "/purpose", form: form("purpose", "alert")}, status: 403,
		records: []string{"access.refused refused method=POST permission=search-and-read route=/purpose"}},
}

var refusedRows = []exchange{
	{name: "a foreign method", ask: ask{as: "reviewer", method: "DELETE", path: "/processes/{paper}"}, status: 405, has: errorPage("405"), records: []string{"access.refused refused method=DELETE reason=method route=/processes/:id"}},
	{name: "HEAD is a foreign method", ask: ask{as: "reviewer", method: "HEAD", path: "/processes"}, status: 405, records: []string{"access.refused refused method=HEAD reason=method route=/processes"}},
	{name: "OPTIONS is a foreign method", ask: ask{as: "reviewer", method: "OPTIONS", path: "/processes"}, status: 405, has: errorPage("405"), records: []string{"access.refused refused method=OPTIONS reason=method route=/processes"}},
	{name: "a method that does not exist", ask: ask{as: "reviewer", method: "SANNE", path: "/processes"}, status: 405, records: []string{"access.refused refused method=other reason=method route=/processes"}},
	{name: "a foreign method of a stranger leaves a metric only", ask: ask{method: "PUT", path: "/processes"}, status: 405, has: errorPage("405")},
	{name: "an override of the method is not heard", ask: ask{as: "reviewer", method: "POST", path: "/processes/{paper}?_method=GET", form: form("_method", "GET"), header: map[string]string{"X-HTTP-Method-Override": "GET"}}, status: 405,
		absent: paperPerson, records: []string{"access.refused refused method=POST reason=method route=/processes/:id"}},
	{name: "a form from nowhere", ask: ask{as: "reviewer", method: "POST", path: "/processes/search", form: form("q", "x"), header: noOrigin}, status: 403, has: errorPage("403"),
		records: []string{"access.refused refused method=POST reason=origin route=/processes/search"}},
	{name: "a form from another site", ask: ask{as: "reviewer", method: "POST", path: "/processes/{paper}/refresh", header: map[string]string{"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"}}, status: 403,
		records: []string{"access.refused refused method=POST reason=origin route=/processes/:id/refresh"}},
	{name: "a form from a neighbour", ask: ask{as: "reviewer", method: "POST", path: "/purpose", form: form("purpose", "alert"), header: map[string]string{"Sec-Fetch-Site": "same-site"}}, status: 403,
		records: []string{"access.refused refused method=POST reason=origin route=/purpose"}},
	{name: "a form with the Origin of nobody", ask: ask{as: "reviewer", method: "POST", path: "/purpose", form: form("purpose", "alert"), header: map[string]string{"Sec-Fetch-Site": "", "Origin": "null"}}, status: 403,
		records: []string{"access.refused refused method=POST reason=origin route=/purpose"}},
	{name: "a stranger's form from another site leaves a metric only", ask: ask{method: "POST", path: "/auth/logout", header: map[string]string{"Sec-Fetch-Site": "cross-site"}}, status: 403},
	{name: "a page that another site opens asks first", ask: ask{as: "reviewer", path: "/processes/{paper}", header: map[string]string{"Sec-Fetch-Site": "cross-site"}}, status: 200,
		has: []string{"a.button[href='/processes/{paper}']"}, absent: paperPerson},
	{name: "without a session as well, so that no sign-in passes the question by", ask: ask{path: "/processes/{paper}", header: map[string]string{"Sec-Fetch-Site": "cross-site"}}, status: 200,
		has: []string{"a.button[href='/processes/{paper}']"}},
	{name: "a parameter where a page takes none", ask: ask{as: "auditor", path: "/completeness?x=1"}, status: 400, has: errorPage("400")},
	{name: "a parameter where a record takes none", ask: ask{as: "auditor", path: "/audit/0?x=1"}, status: 400, has: errorPage("400"),
		records: []string{"audit.view failed role=auditor route=/audit/:seq status=Bad Request"}},
	{name: "back from a sign-out at the identity provider", ask: ask{path: "/", header: map[string]string{"Sec-Fetch-Site": "cross-site"}}, status: 200,
		has: []string{"a[href='/auth/login']"}, lacks: []string{"tr[data-process]"}},
	{name: "a fragment that a neighbour asks for", ask: ask{as: "reviewer", path: "/processes", header: map[string]string{"Sec-Fetch-Site": "same-site", "HX-Request": "true"}}, status: 200, lacks: []string{"tr[data-process]"}},
	{name: "a page fetched ahead of a click", ask: ask{as: "reviewer", path: "/processes/{paper}", header: map[string]string{"Sec-Purpose": "prefetch;prerender"}}, status: 503, absent: paperPerson},
	{name: "a page fetched ahead in the older words", ask: ask{as: "reviewer", path: "/processes/{paper}", header: map[string]string{"Purpose": "prefetch"}}, status: 503, absent: paperPerson},
}

// A script says where it comes from with Origin alone, as the contract allows.
func TestAScriptPostsWithTheOriginOfThePortal(t *testing.T) {
	h := build(t)
	got := h.send(ask{as: "reviewer", method: "POST", path: "/processes/search", form: form("q", "x"), header: map[string]string{"Sec-Fetch-Site": "", "Origin": h.portal.URL}})
	if got.status != http.StatusSeeOther || len(got.records) != 0 {
		t.Errorf("%d, records %q", got.status, got.records)
	}
}
