package handlers

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/assure-portal/portal/internal/audit"
	"github.com/assure-portal/portal/web/templates"
)

// question is one of the six with which an auditor comes. Each is a filter of the trail, so that its answer can be linked
// to, narrowed and exported like any other.
type question struct {
	label    string
	explains string // what the records answer, and what they cannot
	none     string // what it means that there is no record
	actions  []audit.Action
	outcome  audit.Outcome
	about    []string // parameters of which one says whom or what it is about
	choose   string   // where to choose that
	keeps    []string // further parameters that narrow it
}

// seeing are the acts by which a person gets to see something of a process.
var seeing = []audit.Action{audit.ProcessView, audit.FieldReveal, audit.ProcessRaw, audit.ProcessImage, audit.ProcessSearch}

// sixQuestions in the order of the page.
var sixQuestions = []question{
	{label: "Who saw this person?", actions: seeing, outcome: audit.OK, about: []string{"process", "dossier"}, choose: "/audit/person",
		explains: "Everybody to whom a page, a value, an image or the raw answer of it was shown, or who had it in a list. By a dossier, lists are not among " +
			"them: ask by each of its processes. An export does not keep which processes it held; the access statement names those that may have held it.",
		none: "Nobody has seen it: the trail has no record of a page, a value, an image or a list that showed it."},
	{label: "What did this colleague do?", about: []string{"actor"}, choose: "/audit/people",
		explains: "Everything that this person did or was refused while signed in, newest first.",
		none:     "This person has done nothing here: the trail has no record under this id."},
	{label: "Why was this revealed?", actions: []audit.Action{audit.FieldReveal, audit.ProcessRaw}, keeps: []string{"process", "dossier", "actor"},
		explains: "Each masked value that was unmasked and each raw answer that was opened, with the purpose that was given for it. Reviewers see most values " +
			"unmasked from the start; those are records of opened processes.",
		none: "Nothing was revealed: no masked value was unmasked and no raw answer was opened."},
	{label: "What left the house?", actions: []audit.Action{audit.ProcessExport, audit.ProcessExportDone, audit.AuditExport, audit.AuditExportDone}, keeps: []string{"actor"},
		explains: "Each export of processes and of the trail: a record when it began, another when it ended, with its rows and the SHA-256 of the file. What somebody copied " +
			"from the screen the portal cannot know.",
		none: "Nothing was exported."},
	{label: "What was refused?", outcome: audit.Refused, keeps: []string{"process", "dossier", "actor"},
		explains: "Each page or act that was asked for and not allowed, and each sign-in that was turned away. Attempts by people who are not signed in are " +
			"counted, not recorded.",
		none: "Nothing was refused."},
	{label: "Is the trail whole?", actions: []audit.Action{audit.TrailStart, audit.TrailStop, audit.TrailResume, audit.ProcessErase},
		explains: "What the portal last found when it checked itself stands above. Here is each time at which the trail was opened, closed, put back from a backup, or had details " +
			"erased. A start without a stop before it is a crash: what was acknowledged before is there.",
		none: "The trail has no record of its own beginning within this time."},
}

// trailQuestion is the question whose filter is in force.
func trailQuestion(params url.Values) *templates.TrailQuestion {
	q, ok := asked(params)
	if !ok {
		return nil
	}
	view := &templates.TrailQuestion{Label: q.label, Explains: q.explains}
	process, dossier := params.Get("process"), params.Get("dossier")
	switch {
	case q.choose == "/audit/person":
		view.Links = append(view.Links, templates.Link{Label: "Access statement", Href: statementHref(process, dossier)}, templates.Link{Label: "Another person", Href: q.choose})
	case q.choose != "":
		view.Links = append(view.Links, templates.Link{Label: "Another colleague", Href: q.choose})
	case slices.Contains(q.actions, audit.AuditExport):
		view.Links = append(view.Links, templates.Link{Label: "Register: one line an export, and a check of files", Href: "/audit/exports"})
	case slices.Contains(q.actions, audit.TrailStart):
		view.Links = append(view.Links, templates.Link{Label: "How to verify an export yourself", Href: "/help#verify"})
	}
	return view
}

// asked finds the question to which the filters belong.
func asked(params url.Values) (question, bool) {
	for _, q := range sixQuestions {
		given := func(name string) bool { return params.Get(name) != "" }
		if params.Get("action") == joinActions(q.actions) && params.Get("outcome") == string(q.outcome) &&
			(len(q.about) == 0 || slices.ContainsFunc(q.about, given)) {
			return q, true
		}
	}
	return question{}, false
}

// trailQuestions are the links to the six, which keep what is asked about and when.
func trailQuestions(params url.Values) []templates.Link {
	now, _ := asked(params)
	links := make([]templates.Link, len(sixQuestions))
	for i, q := range sixQuestions {
		links[i] = templates.Link{Label: q.label, Href: q.href(params), Current: q.label == now.label}
	}
	return links
}

// href is the filter of the question; without whom it is about it leads to where that is chosen.
func (q question) href(params url.Values) string {
	filter := url.Values{}
	for _, name := range slices.Concat(q.about, q.keeps, []string{"from", "to"}) {
		if value := params.Get(name); value != "" {
			filter.Set(name, value)
		}
	}
	if len(q.about) > 0 && !slices.ContainsFunc(q.about, filter.Has) {
		return q.choose
	}
	if len(q.actions) > 0 {
		filter.Set("action", joinActions(q.actions))
	}
	if q.outcome != "" {
		filter.Set("outcome", string(q.outcome))
	}
	return withQuery("/audit", filter)
}

// seenHref answers who saw a process.
func seenHref(process string) string {
	return sixQuestions[0].href(url.Values{"process": {process}})
}

func joinActions(actions []audit.Action) string {
	words := make([]string, len(actions))
	for i, a := range actions {
		words[i] = string(a)
	}
	return strings.Join(words, ",")
}

// whose asks whom the first question is about. It shows nobody, so it leaves no record.
func (s *Server) whose(q *request) error {
	return q.render(http.StatusOK, templates.Whose(templates.WhosePage{Page: s.page(q, "Who saw this person?"), Seeing: joinActions(seeing)}))
}

// people names everybody in the trail.
func (s *Server) people(q *request) error {
	e := q.event(audit.AuditView)
	e.Facts = map[string]string{"page": "people"}
	receipt, err := q.record(e)
	if err != nil {
		return err
	}
	people, more, err := s.Trail.People(q.ctx(), receipt)
	if err != nil {
		return err
	}
	view := templates.PeoplePage{Page: s.page(q, "What did this colleague do?")}
	for _, o := range peopleOptions(people, "")[1:] {
		at := slices.IndexFunc(people, func(p audit.Person) bool { return p.Subject == o.Value })
		view.People = append(view.People, templates.PersonRow{Name: o.Label, Subject: o.Value, Last: columnInstant(people[at].Last),
			Href: withQuery("/audit", url.Values{"actor": {o.Value}})})
	}
	if more {
		view.More = "There are more people than this page lists: follow a name in the trail."
	}
	return q.render(http.StatusOK, templates.People(view))
}
