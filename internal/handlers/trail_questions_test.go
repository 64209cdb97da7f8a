package handlers

import (
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/assure-portal/portal/internal/audit"
	"github.com/assure-portal/portal/web/templates"
)

func parsed(t *testing.T, address string) (path string, params url.Values) {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	return u.Path, u.Query()
}

func TestEachQuestionIsAFilterThatTheTrailTakes(t *testing.T) {
	given := url.Values{"process": {"p-1"}, "actor": {"a-1"}, "from": {"2026-03-02"}, "before": {"7"}, "outcome": {"failed"}}
	for i, link := range trailQuestions(given) {
		path, params := parsed(t, link.Href)
		f, err := trailFilter(params, trailParams)
		if path != "/audit" || err != nil {
			t.Errorf("%s leads to %s: %v", link.Label, link.Href, err)
		}
		if f.Before != 0 || f.From.IsZero() {
			t.Errorf("%s keeps the place in another list, or loses the time: %s", link.Label, link.Href)
		}
		for j, other := range trailQuestions(params) {
			if other.Current != (i == j) {
				t.Errorf("at %s the question %q is current: %v", link.Href, other.Label, other.Current)
			}
		}
		if q := trailQuestion(params); q == nil || q.Label != link.Label || q.Explains == "" {
			t.Errorf("%s does not say what it answers: %+v", link.Href, q)
		}
	}
}

func TestAQuestionKeepsWhatItIsAboutAndAsksForIt(t *testing.T) {
	for name, tc := range map[string]struct {
		question int
		given    url.Values
		want     string
	}{
		"who saw nobody in particular":    {0, nil, "/audit/person"},
		"who saw, from a colleague":       {0, url.Values{"actor": {"a"}}, "/audit/person"},
		"who saw a dossier":               {0, url.Values{"dossier": {"d"}}, "/audit?action=process.view%2Cfield.reveal%2Cprocess.raw%2Cprocess.image%2Cprocess.search&dossier=d&outcome=ok"},
		"what a colleague did":            {1, url.Values{"actor": {"a"}, "process": {"p"}}, "/audit?actor=a"},
		"what nobody in particular did":   {1, url.Values{"process": {"p"}}, "/audit/people"},
		"why it was revealed, of one":     {2, url.Values{"process": {"p"}}, "/audit?action=field.reveal%2Cprocess.raw&process=p"},
		"what left, whomever it is about": {3, url.Values{"process": {"p"}}, "/audit?action=process.export%2Cprocess.export.done%2Caudit.export%2Caudit.export.done"},
		"what was refused to one":         {4, url.Values{"actor": {"a"}, "action": {"sign-in"}}, "/audit?actor=a&outcome=refused"},
		"the whole trail":                 {5, url.Values{"actor": {"a"}}, "/audit?action=trail.start%2Ctrail.stop%2Ctrail.resume%2Cprocess.erase"},
	} {
		if got := sixQuestions[tc.question].href(tc.given); got != tc.want {
			t.Errorf("%s: %s, want %s", name, got, tc.want)
		}
	}
}

// What somebody sees of a process must be among what the first question asks for.
func TestWhoSawAsksForEveryActThatShowsAProcess(t *testing.T) {
	for action := range opening {
		if !slices.Contains(seeing, action) {
			t.Errorf("%s opens a process, and who saw it does not ask for it", action)
		}
	}
}

func TestAnEmptyTrailPageSaysWhatThatMeans(t *testing.T) {
	refused := url.Values{"outcome": {"refused"}}
	for name, tc := range map[string]struct {
		view trailView
		want string
	}{
		"a question without a time": {trailView{params: refused}, "Nothing was refused."},
		"a question of a time":      {trailView{params: url.Values{"outcome": {"refused"}, "from": {"2026-03-02"}}}, "No record matches these filters."},
		"no question":               {trailView{params: url.Values{"action": {"sign-in"}}}, "No record matches these filters."},
		"a page that ended early":   {trailView{params: refused, found: audit.Page{Older: 1000, Partial: true}}, "Nothing matches so far."},
	} {
		if got := tc.view.page(templates.Page{}).Empty; got == nil || got.What != tc.want {
			t.Errorf("%s: %+v, want %q", name, got, tc.want)
		}
	}
}

func TestAPageThatEndsEarlySaysHowFarItLooked(t *testing.T) {
	v := trailView{params: url.Values{"actor": {"a"}, "purpose": {"alert"}}, found: audit.Page{Older: 12345, Partial: true}, reached: time.Date(2025, 11, 2, 8, 0, 0, 0, time.UTC)}
	page := v.page(templates.Page{})
	if page.Looked != "Looked back to record 12,345 of 2025-11-02 08:00:00 UTC." || page.OlderHref != "/audit?actor=a&before=12345&purpose=alert" {
		t.Errorf("%q, %s", page.Looked, page.OlderHref)
	}
	v.found.Partial = false
	if page := v.page(templates.Page{}); page.Looked != "" || page.OlderHref == "" {
		t.Errorf("a page that is full: %q, %s", page.Looked, page.OlderHref)
	}
}

func TestPeopleAreChosenByName(t *testing.T) {
	people := []audit.Person{{Subject: "s-1", Name: "Zora Example"}, {Subject: "s-2", Name: "ada Example"}, {Subject: "s-3", Name: "Zora Example"}, {Subject: "system"}}
	var labels []string
	for _, o := range peopleOptions(people, "s-9") {
		if o.Selected != (o.Value == "s-9") {
			t.Errorf("%s is selected: %v", o.Label, o.Selected)
		}
		labels = append(labels, o.Label)
	}
	if got, want := strings.Join(labels, "; "), "Anybody; ada Example; s-9; system; Zora Example (s-1); Zora Example (s-3)"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

func TestARecordIsASentence(t *testing.T) {
	for want, r := range map[string]audit.Record{
		"was refused: GET /audit, no role that may read trail":             {Action: audit.AccessRefused, Facts: map[string]string{"method": "GET", "route": "/audit", "permission": "read-trail"}},
		"was refused: POST /purpose, origin":                               {Action: audit.AccessRefused, Facts: map[string]string{"method": "POST", "route": "/purpose", "reason": "origin"}},
		"received a version of process p-1…: the first, accepted":          {Action: audit.ProcessFetch, ProcessID: "p-1", Facts: map[string]string{"to_status": "accepted"}},
		"received a version of process p-1…: pending → accepted":           {Action: audit.ProcessFetch, ProcessID: "p-1", Facts: map[string]string{"from_status": "pending", "to_status": "accepted"}},
		"removed 3 search terms older than 12 months":                      {Action: audit.ProcessErase, Rows: 3, Facts: map[string]string{"reason": audit.TermAge, "months": "12"}},
		"asked Assure for process p-1…, which was not held":                {Action: audit.ProcessRefresh, ProcessID: "p-1"},
		"asked Assure again for process p-1…":                              {Action: audit.ProcessRefresh, ProcessID: "p-1", Version: 2},
		"changed a setting: process p-1… is kept, though gone from Assure": {Action: audit.SettingsChanged, ProcessID: "p-1", Facts: map[string]string{"gone": "kept"}},
		"changed a setting: a search was saved":                            {Action: audit.SettingsChanged, Facts: map[string]string{"saved-search": "saved"}},
		"looked at record 12":                                              {Action: audit.AuditView, Rows: 1, Facts: map[string]string{"seq": "12"}},
		"made an access statement of 2 processes":                          {Action: audit.AuditView, Rows: 2, Facts: map[string]string{"page": "statement"}},
		"checked whose export a file is: none of ours":                     {Action: audit.AuditView, Facts: map[string]string{"page": "file-check", "exports": "none"}},
		"checked whose export a file is: export 12":                        {Action: audit.AuditView, Facts: map[string]string{"page": "file-check", "exports": "12"}},
		"gave a purpose for the raw JSON of process p-1…":                  {Action: audit.FieldReveal, ProcessID: "p-1", Facts: map[string]string{"field": "raw"}},
		"exported the trail: Trail, CSV with names and details, of s-1":    {Action: audit.AuditExport, Outcome: audit.OK, Term: `{"actor":"s-1"}`, Facts: map[string]string{"file": "audit.csv", "with": "identity,detail", "actor": "given"}},
		"exported processes as CSV: Processes, CSV, status accepted":       {Action: audit.ProcessExport, Outcome: audit.OK, Facts: map[string]string{"status": "accepted"}},
		"exported processes as CSV: Processes, CSV, a term that has gone":  {Action: audit.ProcessExport, Outcome: audit.OK, Facts: map[string]string{"s": "abc"}},
	} {
		if got := sentence(r); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// An older page of the list is no narrower question.
func TestAnExportFromAnOlderPageHoldsTheWholeFilter(t *testing.T) {
	page := trailView{params: url.Values{"outcome": {"refused"}, "before": {"41"}}}.page(templates.Page{})
	for name, href := range map[string]string{"CSV": page.CSVHref, "CSV with names": page.CSVIdentityHref, "bundle": page.BundleHref} {
		if !strings.Contains(href, "outcome=refused") || strings.Contains(href, "before") {
			t.Errorf("%s: %s", name, href)
		}
	}
}
