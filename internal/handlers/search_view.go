package handlers

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/assure-portal/portal/internal/auth"
	"github.com/assure-portal/portal/internal/evidence"
	"github.com/assure-portal/portal/internal/store"
	"github.com/assure-portal/portal/web/templates"
)

// searchView is all that the search page is made of.
type searchView struct {
	params url.Values
	query  store.Query
	found  store.Found
	rows   []store.Row
	fresh  store.Freshness
	eyes   eyes
	trail  bool // the reader may read the trail
	asks   bool // and may have Assure asked for a process
	now    time.Time
	saved  []store.SavedSearch
}

// page builds the view: pure, so that tests can call it.
func (v searchView) page(p templates.Page) templates.SearchPage {
	view := templates.SearchPage{
		Page: p, TermID: v.params.Get("s"), Understood: v.found.Understood,
		From: v.params.Get("from"), To: v.params.Get("to"), UpdatedFrom: v.params.Get("updated_from"), UpdatedTo: v.params.Get("updated_to"),
		Within: v.params.Get("within"), Sort: v.sort(), Sorts: v.sorts(), Chips: v.chips(), Filters: v.filters(),
		Missing: v.found.Missing, Freshness: freshnessWords(v.fresh, v.now),
		Masked: v.eyes.sight(evidence.Identity) != open,
		As:     v.params.Get("as"), Readings: v.readings(), Saved: v.savedLinks(), List: v.list(), Return: withQuery("/processes", v.without("after", "before")),
	}
	view.Total, view.TotalWords = totals(v.found.Total, v.found.More)
	if v.found.Next != "" {
		view.NextHref = v.with("after", v.found.Next)
	}
	if v.found.Prev != "" {
		view.PrevHref = v.with("before", v.found.Prev)
	}
	for _, r := range v.rows {
		view.Rows = append(view.Rows, v.row(r))
	}
	if len(v.rows) == 0 {
		view.Empty = v.empty()
	}
	return view
}

func totals(n int, more bool) (digits, words string) {
	if more {
		return "10000+", "more than 10,000 processes"
	}
	return strconv.Itoa(n), counted(n, "process", "processes")
}

func (v searchView) sort() string {
	if s := v.params.Get("sort"); s != "" {
		return s
	}
	return "created"
}

func (v searchView) sorts() []templates.Link {
	var links []templates.Link
	for _, s := range []struct{ code, label string }{{"created", "Newest created"}, {"updated", "Newest updated"}, {"attention", "Needs attention first"}} {
		links = append(links, templates.Link{Label: s.label, Href: v.with("sort", s.code), Current: s.code == v.sort()})
	}
	return links
}

// with is this search's address with one parameter set and its place in the pages forgotten.
func (v searchView) with(name, value string) string {
	params := v.without("after", "before", name)
	params.Set(name, value)
	return withQuery("/processes", params)
}

func (v searchView) without(names ...string) url.Values {
	params := url.Values{}
	for name, values := range v.params {
		if !slices.Contains(names, name) {
			params[name] = slices.Clone(values)
		}
	}
	return params
}

// chips are the filters in force, each with the address that drops it.
func (v searchView) chips() []templates.Chip {
	var chips []templates.Chip
	add := func(label string, params url.Values) {
		chips = append(chips, templates.Chip{Label: label, RemoveHref: withQuery("/processes", params)})
	}
	if v.query.Term != "" {
		add("“"+v.query.Term+"”", v.without("s", "after", "before"))
	}
	if v.query.IDs != nil {
		add(counted(len(v.query.IDs), "pasted id", "pasted ids"), v.without("s", "after", "before"))
	}
	for _, g := range filterGroups {
		for _, value := range v.params[g.name] {
			params := v.without("after", "before")
			params[g.name] = slices.DeleteFunc(params[g.name], func(o string) bool { return o == value })
			add(g.legend+": "+g.label(value), params)
		}
	}
	return append(chips, v.dateChips()...)
}

func (v searchView) dateChips() []templates.Chip {
	var chips []templates.Chip
	for _, d := range []struct{ from, to, label string }{{"from", "to", "Created"}, {"updated_from", "updated_to", "Updated"}} {
		from, to := v.params.Get(d.from), v.params.Get(d.to)
		if from == "" && to == "" {
			continue
		}
		chips = append(chips, templates.Chip{Label: d.label + " " + dayRange(from, to),
			RemoveHref: withQuery("/processes", v.without(d.from, d.to, "after", "before"))})
	}
	if within := v.params.Get("within"); within != "" {
		chips = append(chips, templates.Chip{Label: "Created in the last " + counted(int(v.query.Within.Hours()/24), "day", "days"),
			RemoveHref: withQuery("/processes", v.without("within", "after", "before"))})
	}
	return chips
}

func dayRange(from, to string) string {
	switch {
	case to == "":
		return "from " + from + " 00:00 UTC"
	case from == "":
		return "to " + to + " 24:00 UTC"
	}
	return from + " 00:00 – " + to + " 24:00 UTC"
}

// filterGroup is one filter parameter of the search page.
type filterGroup struct {
	name, legend string
	label        func(string) string
	fixed        []string // shown even with a count of zero, in this order
}

var filterGroups = []filterGroup{
	{"status", "Status", capital, []string{"accepted", "rejected", "inconclusive", "processing", "pending", "canceled", "failed"}},
	{"ending", "Ended", endingWords, []string{"final", "open", "with-result", "without-result"}},
	{"provider", "Provider", evidence.ProviderName, nil},
	{"type", "Process type", same, nil},
	{"relation", "Compared", func(v string) string { return relationWords[evidence.Relation(v)].words }, nil},
	{"finding", "Findings", findingWords, nil},
	{"nationality", "Nationality", same, nil},
	{"country", "Issuing country", same, nil},
	{"way_in", "Came in by", wayInWords, nil},
}

func same(s string) string { return s }

func capital(s string) string {
	if s == "" {
		return "(none)"
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

func endingWords(code string) string {
	words := map[string]string{"final": "Final", "open": "Not final yet", "with-result": "Final, with a result", "without-result": "Final, without a result"}
	if w, ok := words[code]; ok {
		return w
	}
	return code
}

func wayInWords(code string) string {
	words := map[string]string{string(store.ByListing): "Assure’s list", string(store.ByEvent): "an event",
		string(store.ByRefresh): "a refresh", string(store.ByImport): "imported by hand"}
	if w, ok := words[code]; ok {
		return w
	}
	return code
}

// findingWords turns a finding's code into words: "document-expired" into "Document expired".
func findingWords(code string) string { return capital(strings.ReplaceAll(code, "-", " ")) }

func (v searchView) filters() []templates.FilterGroup {
	var groups []templates.FilterGroup
	for _, g := range filterGroups {
		options := g.options(v.found.Facets[g.name], g.chosen(v.params[g.name]))
		if len(options) > 0 {
			groups = append(groups, templates.FilterGroup{Name: g.name, Legend: g.legend, Options: options})
		}
	}
	return groups
}

// chosen are the values in force as facets have them: a country by its one code.
func (g filterGroup) chosen(values []string) []string {
	values = slices.Clone(values)
	for i := range values {
		if g.name == "nationality" || g.name == "country" {
			values[i] = evidence.CountryCode(values[i])
		}
	}
	return values
}

// options are the fixed values, those counted, and those chosen although nothing matches them.
func (g filterGroup) options(facets []store.Facet, chosen []string) []templates.FilterOption {
	counts := map[string]int{}
	values := slices.Clone(g.fixed)
	for _, f := range facets {
		counts[f.Value] = f.Count
		values = append(values, f.Value)
	}
	values = append(values, chosen...)
	var options []templates.FilterOption
	seen := map[string]bool{}
	for _, value := range values {
		if seen[value] || value == "" {
			continue
		}
		seen[value] = true
		options = append(options, templates.FilterOption{Value: value, Label: g.label(value),
			Count: thousands(counts[value]), Checked: slices.Contains(chosen, value)})
	}
	return options
}

// row is one line of the list: little about the person, the worst finding only.
func (v searchView) row(r store.Row) templates.ResultRow {
	row := templates.ResultRow{
		ProcessID: r.ProcessID, Href: v.processHref(r.ProcessID), Created: shortInstant(r.CreatedAt),
		Status:   statusView(evidence.DescribeStatus(r.Status)),
		Provider: evidence.ProviderName(r.Provider), Type: r.ProcessType,
		Person: v.person(r.Person), Stated: v.stated(r.Person), Country: r.Person.IssuingCountry,
		LookAt: r.WorstText, LookAtBad: r.WorstSeverity == evidence.Bad,
	}
	if row.Country == "" {
		row.Country = r.Person.Nationality
	}
	if v.trail {
		row.SeenHref = seenHref(r.ProcessID)
	}
	row.Updated, row.Dossier = shortInstant(r.UpdatedAt), r.DossierID
	row.Reference = marked(r.ExternalReference, store.ReferenceMark(r.ExternalReference, v.term("reference")))
	row.Born = v.seen(evidence.Identity, r.Person.DateOfBirth, store.DateMark(r.Person.DateOfBirth, v.term("born")))
	row.Document = v.seen(evidence.DocumentNumber, r.Person.DocumentNumber, store.NumberMark(r.Person.DocumentNumber, v.term("document")))
	switch {
	case r.WayIn == store.ByImport:
		row.Note = "imported by hand"
	case r.Gone:
		row.Note = "no longer at Assure"
	}
	return row
}

// processHref opens a process and remembers the list it was opened from; the term stays behind its opaque id.
func (v searchView) processHref(id string) string {
	params := v.without()
	if len(params) == 0 {
		params.Set("sort", v.sort()) // all processes are a list, too
	}
	return "/processes/" + id + processQuery(0, params.Encode())
}

func (v searchView) person(p evidence.Person) []templates.Part {
	name := fullName(p)
	if name == "" {
		return nil
	}
	return v.seen(evidence.Identity, name, store.NameMarks(name, v.term("name"))...)
}

// stated is the name that the customer stated, where it says more than the one that the provider read: there is none, or the term finds the
// process by the stated one alone.
func (v searchView) stated(p evidence.Person) []templates.Part {
	read, stated, term := fullName(p), strings.TrimSpace(p.StatedFirstName+" "+p.StatedLastName), v.term("name")
	marks := store.NameMarks(stated, term)
	if stated == "" || read != "" && (len(marks) == 0 || len(store.NameMarks(read, term)) > 0) {
		return nil
	}
	return v.seen(evidence.Identity, stated, marks...)
}

// term is the term as far as it can be meant in a way; empty if it is meant in another.
func (v searchView) term(reading string) string {
	if v.query.As != "" && v.query.As != reading {
		return ""
	}
	return v.query.Term
}

// seen is a value as the reader may see it, marked where it was found if it stands open.
func (v searchView) seen(class evidence.Class, value string, marks ...store.Mark) []templates.Part {
	if shown, isMasked := v.eyes.text(class, value); isMasked {
		return []templates.Part{{Text: shown}}
	}
	return marked(value, marks...)
}

// marked parts a text at its marks; nothing of an empty one.
func marked(text string, marks ...store.Mark) (parts []templates.Part) {
	at := 0
	add := func(to int, mark string) {
		if to > at {
			parts = append(parts, templates.Part{Text: text[at:to], Mark: mark})
			at = to
		}
	}
	for _, m := range marks {
		add(m.From, "")
		add(m.To, "match")
	}
	add(len(text), "")
	return parts
}

// readings are the ways to read the term, each with its address; the one that is in force has none. One way alone needs no choice.
func (v searchView) readings() (links []templates.ReadingLink) {
	if len(v.found.Readings) < 2 && v.query.As == "" {
		return nil
	}
	if v.query.As != "" {
		links = append(links, templates.ReadingLink{Words: "anything", Href: withQuery("/processes", v.without("as", "after", "before"))})
	}
	for _, r := range v.found.Readings {
		link := templates.ReadingLink{Words: r.Words, Count: thousands(r.Count), Href: v.with("as", r.Code)}
		if r.Code == v.query.As {
			link.Href = ""
		}
		links = append(links, link)
	}
	return links
}

func fullName(p evidence.Person) string {
	return strings.TrimSpace(p.FirstName + " " + p.LastName)
}

func (v searchView) empty() *templates.EmptyState {
	e := &templates.EmptyState{Reset: "/processes", What: "No process matches this search."}
	if v.fresh.Processes == 0 {
		e.What, e.Reset = "The portal holds no process yet.", ""
		e.Try = []string{"Wait for the first synchronisation, or ask the administrator how it is going."}
		return e
	}
	if v.found.Understood != "" {
		e.What = "Searched for " + v.found.Understood + " among " + counted(v.fresh.Processes, "process", "processes") + ": nothing found."
	}
	e.Try = []string{"Fewer or shorter words: each word may be the beginning of a name.",
		"The number as printed on the document, with or without spaces.",
		"Take away filters, one chip at a time.",
		"A process younger than the last reading of Assure is not here yet."}
	if id := strings.TrimSpace(v.query.Term); v.asks && assureID.MatchString(id) {
		e.Ask = &templates.AskForm{Process: id}
	}
	return e
}

// freshnessWords says how new a list is.
func freshnessWords(f store.Freshness, now time.Time) string {
	if f.ReadTo.IsZero() {
		return "Assure has not been read yet"
	}
	words := "Assure read to " + f.ReadTo.UTC().Format("15:04:05 UTC")
	if f.ReadTo.UTC().Format(time.DateOnly) != now.UTC().Format(time.DateOnly) {
		words = "Assure read to " + f.ReadTo.UTC().Format("2006-01-02 15:04:05 UTC")
	}
	if f.NotYetFetched > 0 {
		words += "; " + counted(f.NotYetFetched, "finished process not yet fetched", "finished processes not yet fetched")
	}
	if f.LastError != "" {
		words += "; last reading failed: " + f.LastError
	}
	return words
}

// exportLinks are the CSV addresses of this search, if the role may export.
func exportLinks(q *request, params url.Values) (plain, identity string) {
	if !q.may(auth.ExportProcesses) {
		return "", ""
	}
	export := url.Values{}
	for name, values := range params {
		if name != "after" && name != "before" {
			export[name] = values
		}
	}
	plain = withQuery("/processes.csv", export)
	export.Set("with", "identity")
	return plain, withQuery("/processes.csv", export)
}
