package handlers

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/assure-portal/portal/internal/assure"
	"github.com/assure-portal/portal/internal/audit"
	"github.com/assure-portal/portal/internal/evidence"
	"github.com/assure-portal/portal/internal/store"
	"github.com/assure-portal/portal/web/templates"
)

// processView is all that the process page is made of.
type processView struct {
	head     store.Head
	report   evidence.Report
	versions []store.Head // newest first
	held     []string     // attachments that are kept, by name
	seen     audit.Seen
	eyes     eyes
	now      time.Time
	list     string // query of the list one came from
	reveals  bool   // this reader may reveal what a purpose opens
	found    lookups
}

// lookups are what the parts of a page look things up in, gathered once: an answer may hold thousands of values and of checks.
type lookups struct {
	places map[string]bool     // pointers of the tree
	asked  map[string]string   // what a check asks, by its id
	states map[string][]string // the fields that a pointer states
}

func lookupsOf(r evidence.Report) lookups {
	l := lookups{places: map[string]bool{}, asked: map[string]string{}, states: map[string][]string{}}
	l.addPlaces(r.Tree)
	for _, c := range r.Checks {
		l.asked[c.ID] = c.Asked
	}
	for _, f := range r.Fields {
		l.states[finalPointer(f.Name)] = append(l.states[finalPointer(f.Name)], f.Name)
		for _, s := range f.Sources {
			l.states[s.Pointer] = append(l.states[s.Pointer], f.Name)
		}
	}
	return l
}

func (l lookups) addPlaces(n evidence.Node) {
	l.places[n.Pointer] = true
	for _, child := range n.Children {
		l.addPlaces(child)
	}
}

// page builds the view: pure, masked for these eyes.
func (v processView) page(p templates.Page) templates.ProcessPage {
	r := v.report
	v.found = lookupsOf(r)
	view := templates.ProcessPage{
		Page: p, ProcessID: v.head.ProcessID, Heading: v.heading(), Status: statusView(r.Status),
		Provider: r.ProviderName, Type: r.ProcessType, Facts: v.facts(), Notices: v.notices(),
		NoResult: v.noResult(), Malformed: r.Malformed, Images: v.images(), Versions: v.versionRows(),
		Seen: seenWords(v.seen), Back: backTo(v.list), Paper: v.paper(),
	}
	view.Findings, view.FindingsWords = v.findings()
	view.AllClear = len(view.Findings) == 0 && r.Status.WithResult
	for _, reason := range r.Reasons {
		view.Reasons = append(view.Reasons, templates.ReasonView{Code: reason.Code, Text: reason.Text, Meaning: reason.Meaning})
	}
	for _, f := range r.Fields {
		view.Fields = append(view.Fields, v.field(f))
	}
	for _, question := range r.Questions {
		view.Questions = append(view.Questions, v.question(question))
	}
	view.CheckGroups = v.checkGroups()
	view.Tree = v.node(r.Tree)
	if len(view.Images) == 0 {
		view.ImagesNote = imagesNote(r)
	}
	return view
}

func (v processView) heading() []templates.Part {
	name := fullName(v.report.Person)
	if name == "" {
		return []templates.Part{{Text: "Process without a name"}}
	}
	shown, _ := v.eyes.text(evidence.Identity, name)
	return []templates.Part{{Text: shown}}
}

func (v processView) facts() []templates.Fact {
	h := v.head
	facts := []templates.Fact{{Label: "Process", Value: h.ProcessID, Mono: true, Copy: true}}
	add := func(f templates.Fact) {
		if f.Value != "" {
			facts = append(facts, f)
		}
	}
	add(templates.Fact{Label: "Dossier", Value: h.DossierID, Mono: true, Copy: true})
	add(templates.Fact{Label: "Reference", Value: h.ExternalReference, Copy: true})
	add(templates.Fact{Label: "External id", Value: h.ExternalID, Mono: true, Copy: true})
	add(templates.Fact{Label: "Created", Value: instant(h.CreatedAt).Words, Machine: instant(h.CreatedAt).Machine})
	add(v.finished())
	add(templates.Fact{Label: "Received", Value: fmt.Sprintf("version %d of %d, %s", h.Version, h.Versions, instant(h.ReceivedAt).Words),
		Note: "sha " + shortHash(h.SHA256)})
	add(templates.Fact{Label: "Came in by", Value: wayInWords(string(h.WayIn))})
	return facts
}

func (v processView) finished() templates.Fact {
	h := v.head
	if h.UpdatedAt.IsZero() {
		return templates.Fact{}
	}
	f := templates.Fact{Label: "Last changed", Value: instant(h.UpdatedAt).Words, Machine: instant(h.UpdatedAt).Machine}
	if v.report.Status.Final {
		f.Label = "Finished"
	}
	if d := h.UpdatedAt.Sub(h.CreatedAt); d > 0 && !h.CreatedAt.IsZero() {
		f.Value, f.Note = inWords(d)+" later", instant(h.UpdatedAt).Words
	}
	return f
}

func shortHash(hash string) string {
	if len(hash) < 12 {
		return hash
	}
	return hash[:8] + "…" + hash[len(hash)-4:]
}

// paper says which snapshot a print shows.
func (v processView) paper() string {
	return fmt.Sprintf("Process %s, version %d of %d, SHA-256 %s", v.head.ProcessID, v.head.Version, v.head.Versions, v.head.SHA256)
}

// notices are the strips above the findings.
func (v processView) notices() []templates.Notice {
	var notices []templates.Notice
	h := v.head
	if h.Version != h.Versions {
		notices = append(notices, templates.Notice{Kind: "warning", Text: fmt.Sprintf("This is version %d of %d. A newer one is held.", h.Version, h.Versions),
			Link: &templates.Link{Label: "Open the newest", Href: "/processes/" + h.ProcessID}})
	}
	if h.WayIn == store.ByImport {
		notices = append(notices, templates.Notice{Kind: "info", Text: "Imported by hand by " + orUnknown(h.ImportedBy) + " on " +
			instant(h.FirstSeenAt).Words + ". The portal did not receive it from Assure itself."})
	}
	if h.Gone {
		notices = append(notices, templates.Notice{Kind: "warning", Text: "Assure no longer has this process. Last seen there: " +
			orUnknown(instant(h.LastSeenUpstream).Words) + ". What you see is the portal's own copy."})
	}
	if v.report.Malformed != "" {
		notices = append(notices, templates.Notice{Kind: "bad", Text: "What Assure sent cannot be read as one JSON object: " + v.report.Malformed})
	}
	return notices
}

func orUnknown(s string) string {
	if s == "" {
		return "unknown"
	}
	return s
}

// noResult says why the final result's column is empty.
func (v processView) noResult() string {
	r := v.report
	switch {
	case r.HasFinalResult:
		return ""
	case !r.Status.Known:
		return "No final result was sent, and the portal does not know this status."
	case !r.Status.Final:
		return "No final result yet: the verification is not finished. The table shows what the provider has read so far."
	case !r.Status.WithResult:
		return "No final result: a process that ended as " + r.Status.Status + " has none."
	case r.Status.Status == "accepted":
		return "No final result was sent although the process was accepted. The table compares the provider's readings with each other."
	}
	return "No final result: Assure gives one for accepted processes. The table compares the provider's readings with each other."
}

func (v processView) findings() ([]templates.FindingView, string) {
	var views []templates.FindingView
	look := 0
	for _, f := range v.report.Findings {
		if f.Severity > evidence.Info {
			look++
		}
		views = append(views, templates.FindingView{Code: f.Code, Text: f.Text, Href: v.target(f), Severity: severityWords[f.Severity]})
	}
	switch look {
	case 0:
		return views, v.quietWords()
	case 1:
		return views, "1 thing to look at"
	}
	return views, strconv.Itoa(look) + " things to look at"
}

// quietWords stand where nothing was found. Only a verification that ended with a result could have had something to find.
func (v processView) quietWords() string {
	switch status := v.report.Status; {
	case !status.Known:
		return "Nothing found, but the portal does not know this status"
	case !status.Final:
		return "Not finished: nothing to stop at so far"
	case !status.WithResult:
		return "Ended without a result: nothing was verified"
	}
	return "Nothing to stop at"
}

// target is the anchor that a finding points at, or the other process that it is about.
func (v processView) target(f evidence.Finding) string {
	check, isCheck := strings.CutPrefix(f.Target, "check-")
	switch {
	case f.Process != "":
		return "/processes/" + f.Process
	case isCheck:
		return "#" + checkAnchor(check)
	case f.Field != "":
		return "#field-" + idOf(f.Field)
	case strings.HasPrefix(f.Target, "/"):
		return v.place(f.Target)
	case f.Target != "":
		return "#" + f.Target
	}
	return ""
}

// place leads to a pointer's place in the tree; empty if the answer has no such place.
func (v processView) place(pointer string) string {
	whole := wholePointer(pointer)
	if whole == "" || !v.found.places[whole] {
		return ""
	}
	return "#" + anchor(whole)
}

// anchor makes an element id of a JSON Pointer.
func anchor(pointer string) string { return "p" + idOf(pointer) }

// idOf makes a text fit for an element id and a fragment: no white space, nothing to escape, one to one.
func idOf(text string) string {
	var id strings.Builder
	id.Grow(len(text))
	for _, c := range text {
		switch {
		case c == '/':
			id.WriteByte('.')
		case c == '-', '0' <= c && c <= '9', 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z':
			id.WriteRune(c)
		default:
			fmt.Fprintf(&id, "_%x_", c)
		}
	}
	return id.String()
}

func (v processView) field(f evidence.Field) templates.FieldRow {
	row := templates.FieldRow{
		Anchor: "field-" + idOf(f.Name), Name: f.Name, Label: f.Label, Relation: string(f.Relation),
		Present: f.Present, Note: f.Note, Known: f.Known, Confirmed: f.Confirmed,
	}
	row.Words, row.Glyph = compared(f.Relation, f.Rule)
	if f.Confirmed {
		row.ConfirmedWords = confirmedWords(f)
	} else if f.Relation == evidence.Same {
		row.Words = copiedWords(f)
	}
	value, isMasked := v.eyes.text(f.Class, f.Value, f.Name, finalPointer(f.Name))
	row.Masked = isMasked
	if isMasked {
		row.Note = "" // it may say as much as the value: an age, a place
	}
	row.Value = v.value(f, value, isMasked)
	row.Revealed = !isMasked && (v.eyes.revealed == f.Name || v.eyes.revealed == finalPointer(f.Name))
	if v.opens(f.Class) && !row.Revealed && (isMasked || anySource(f)) {
		row.RevealField = revealName(f.Name)
	}
	for _, s := range f.Sources {
		row.Sources = append(row.Sources, v.source(f, s))
	}
	return row
}

// finalPointer is the place of a final result field in the answer: a report names a field as its pointer goes on there.
func finalPointer(name string) string { return "/finalResult/" + name }

// revealName is what a form calls a field: its name, or its place where the name is none that a record would keep.
func revealName(name string) string {
	if name == rawField || !fieldPattern.MatchString(name) {
		return finalPointer(name)
	}
	return name
}

// opens reports whether a purpose opens values of class c to this reader.
func (v processView) opens(c evidence.Class) bool { return v.reveals && v.eyes.sight(c) == revealable }

// value marks in the final result what a differing source says otherwise.
func (v processView) value(f evidence.Field, shown string, isMasked bool) []templates.Part {
	for _, s := range f.Sources {
		if !f.Present || s.Relation != evidence.Differs || len(s.Edit) == 0 {
			continue // without a final result sources are compared with each other
		}
		var mine []evidence.Span
		for _, span := range s.Edit {
			if span.Kind != "removed" {
				mine = append(mine, span)
			}
		}
		return v.eyes.parts(isMasked, mine)
	}
	if shown == "" {
		return nil
	}
	return []templates.Part{{Text: shown}}
}

func anySource(f evidence.Field) bool {
	return slices.ContainsFunc(f.Sources, func(s evidence.Source) bool { return s.Raw != "" })
}

// copiedWords say how many places state a value without calling a copy a confirmation.
func copiedWords(f evidence.Field) string {
	n := 0
	for _, s := range f.Sources {
		if s.Relation == evidence.Same {
			n++
		}
	}
	return "Same in " + counted(n, "place", "places")
}

// confirmedWords name the media that agree. Beside a source that differs they name the sources: another of the same medium may be the one.
func confirmedWords(f evidence.Field) string {
	var words []string
	if f.Relation != evidence.Differs {
		for _, m := range f.Media {
			words = append(words, mediumWords[m])
		}
		return "confirmed by " + listed(words)
	}
	for _, s := range f.Agreeing() {
		name := s.Name
		if medium := mediumWords[s.Medium]; !strings.EqualFold(name, medium) {
			name += " (" + medium + ")"
		}
		words = append(words, name)
	}
	return "only " + listed(words) + " agree"
}

// listed joins words as a sentence does.
func listed(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:len(words)-1], ", ") + " and " + words[len(words)-1]
}

func (v processView) source(f evidence.Field, s evidence.Source) templates.SourceView {
	view := templates.SourceView{Pointer: s.Pointer, Href: v.place(s.Pointer), Name: s.Name, Medium: mediumWords[s.Medium],
		Relation: string(s.Relation), Unmapped: s.Found, Customer: s.Medium == evidence.Customer}
	view.Words, _ = compared(s.Relation, s.Rule)
	if s.Relation == evidence.Single && !f.Present && len(f.Sources) > 1 {
		view.Words = "the others are compared with this"
	}
	if view.Customer {
		view.Href = ""
	}
	if s.Relation == evidence.Same {
		return view
	}
	shown, isMasked := v.eyes.text(stricter(f.Class, s.Class), s.Raw, f.Name, s.Pointer)
	view.Masked = isMasked
	if s.Relation != evidence.Differs || len(s.Edit) == 0 {
		view.Value = []templates.Part{{Text: shown}}
		return view
	}
	var theirs []evidence.Span
	for _, span := range s.Edit {
		if span.Kind != "added" {
			theirs = append(theirs, span)
		}
	}
	view.Value = v.eyes.parts(isMasked, theirs)
	return view
}

// wholePointer drops the part of a string that a source is.
func wholePointer(pointer string) string {
	whole, _, _ := strings.Cut(pointer, "#")
	return whole
}

// stricter is the stricter of two classes in the contract's order.
func stricter(a, b evidence.Class) evidence.Class {
	classes := evidence.Classes()
	if slices.Index(classes, b) > slices.Index(classes, a) {
		return b
	}
	return a
}

func (v processView) question(q evidence.Question) templates.QuestionView {
	words := answerWords[q.Answer]
	view := templates.QuestionView{ID: q.ID, Asked: q.Asked, Answer: string(q.Answer), Words: words.words, Glyph: words.glyph, Why: q.Why}
	for _, id := range q.Checks {
		view.Checks = append(view.Checks, templates.Link{Label: v.found.asked[id], Href: "#" + checkAnchor(id)})
	}
	return view
}

func checkAnchor(id string) string { return "check-" + idOf(id) }

// checkGroups gathers the checks of one element, in the order of the report.
func (v processView) checkGroups() []templates.CheckGroup {
	var groups []templates.CheckGroup
	at := map[string]int{}
	for _, c := range v.report.Checks {
		i, ok := at[c.Group]
		if !ok {
			i = len(groups)
			at[c.Group] = i
			groups = append(groups, templates.CheckGroup{Name: groupWords(c.Group)})
		}
		groups[i].Checks = append(groups[i].Checks, v.check(c))
		groups[i].Bad = groups[i].Bad || c.Result == evidence.Fail || c.Result == evidence.Attention
	}
	for i := range groups {
		groups[i].Words = passedWords(groups[i].Checks)
	}
	return groups
}

// groupWords says whose checks a group holds where they are not the provider's: the portal never passes its own off as theirs.
func groupWords(group string) string {
	own := map[string]string{"portal": "The portal’s own checks", "mrz digits": "Check digits of the machine-readable zone, worked out by the portal",
		"stated": "What the customer stated, compared by the portal"}
	if words, ok := own[group]; ok {
		return words
	}
	return group
}

func passedWords(checks []templates.CheckView) string {
	passed, done := 0, 0
	for _, c := range checks {
		if c.Result == string(evidence.Pass) {
			passed++
		}
		if c.Result != string(evidence.NotDone) {
			done++
		}
	}
	if done == 0 {
		return "none done"
	}
	return fmt.Sprintf("%d of %d clear", passed, done)
}

func (v processView) check(c evidence.Check) templates.CheckView {
	words := resultWords[c.Result]
	return templates.CheckView{ID: c.ID, Anchor: checkAnchor(c.ID), Asked: c.Asked, Answer: c.Answer, Meaning: c.Meaning,
		Result: string(c.Result), Words: words.words, Glyph: words.glyph, Href: v.place(c.Pointer), Required: requiredWords[c.Required]}
}

// node masks the tree leaf by leaf.
func (v processView) node(n evidence.Node) templates.NodeView {
	view := templates.NodeView{Anchor: anchor(n.Pointer), Pointer: n.Pointer, Key: n.Key, Explain: n.Explain, Mood: n.Mood,
		Open: n.Open, Leaf: n.Kind != "object" && n.Kind != "array"}
	if view.Leaf {
		view.Value, view.Masked = v.eyes.text(n.Class, n.Value, v.namesOf(n.Pointer)...)
		view.Revealed = v.eyes.revealed != "" && !view.Masked && n.Value != "" && v.opens(n.Class)
		if view.Masked && v.opens(n.Class) {
			view.RevealField = n.Pointer
		}
		return view
	}
	if len(n.Children) == 0 { // an empty object or list is a leaf too: it says that nothing was sent
		view.Leaf, view.Value = true, map[string]string{"object": "{}", "array": "[]"}[n.Kind]
		return view
	}
	view.Summary = summary(n)
	view.Children = make([]templates.NodeView, len(n.Children))
	var last map[string]int
	if n.Kind == "object" && len(n.Children) > 1 {
		last = make(map[string]int, len(n.Children))
	}
	for i, child := range n.Children {
		view.Children[i] = v.node(child)
		if last == nil {
			continue
		}
		if before, again := last[child.Pointer]; again { // a name that stands twice: what points at it means the last one
			view.Children[before].Anchor = ""
		}
		last[child.Pointer] = i
	}
	return view
}

// foldTree opens or closes every part of a tree; without a state it stays as it is.
func foldTree(n *templates.NodeView, state string) {
	if state == "" {
		return
	}
	n.Open = state == allOpen
	for i := range n.Children {
		foldTree(&n.Children[i], state)
	}
}

// namesOf are the names under which a leaf may have been revealed: its pointer, and the field that it states.
func (v processView) namesOf(pointer string) []string {
	names := []string{pointer}
	if v.eyes.revealed == "" {
		return names
	}
	return append(names, v.found.states[pointer]...)
}

func summary(n evidence.Node) string {
	if n.Kind == "array" {
		return counted(len(n.Children), "element", "elements")
	}
	return counted(len(n.Children), "entry", "entries")
}

var depictionWords = map[string]string{"front": "Document, front", "back": "Document, back", "selfie": "Selfie", "portrait": "Portrait from the document"}

// images are those that the process names, and those that are kept: most answers name none.
func (v processView) images() []templates.ImageLink {
	var links []templates.ImageLink
	for _, d := range assure.Depictions() {
		if name := string(d); slices.Contains(v.report.Depictions, name) || slices.Contains(v.held, name) {
			links = append(links, templates.ImageLink{Label: depictionWords[name], Href: "/processes/" + v.head.ProcessID + "/images/" + name})
		}
	}
	if slices.Contains(v.held, "video") || len(links) > 0 && hasVideo(v.report.Provider, v.report.ProcessType) {
		links = append(links, templates.ImageLink{Label: "Video", Href: "/processes/" + v.head.ProcessID + "/video", Video: true})
	}
	return links
}

// hasVideo follows the reference, section 2.2: only VideoID and Onfido's documentVideo have one.
func hasVideo(provider, processType string) bool {
	return provider == "signicatvideoid" || provider == "eid" || (provider == "onfido" && processType == "documentVideo")
}

func imagesNote(r evidence.Report) string {
	if !r.Status.Final {
		return "Images can be read once the process is finished."
	}
	return "Assure lists no images for this process."
}

func (v processView) versionRows() []templates.VersionRow {
	var rows []templates.VersionRow
	for i, h := range v.versions {
		row := templates.VersionRow{Number: h.Version, Href: "/processes/" + h.ProcessID + processQuery(h.Version, v.list),
			Received: instant(h.ReceivedAt), Status: statusView(evidence.DescribeStatus(h.Status)), SHA: shortHash(h.SHA256), Current: h.Version == v.head.Version}
		if i+1 < len(v.versions) && v.versions[i+1].Status != h.Status {
			row.Words = v.versions[i+1].Status + " → " + h.Status
		}
		rows = append(rows, row)
	}
	return rows
}

// seenWords count for everybody; names stand in the trail, for auditors.
func seenWords(seen audit.Seen) []string {
	words := []string{"Opened " + counted(seen.Views, "time", "times") + " by " + counted(seen.Readers, "colleague", "colleagues")}
	if seen.Reveals > 0 {
		words = append(words, "Fields revealed "+counted(seen.Reveals, "time", "times"))
	}
	if seen.Listed > 0 {
		words = append(words, "Shown in "+counted(seen.Listed, "list", "lists"))
	}
	if !seen.Last.IsZero() {
		words = append(words, "Last: "+instant(seen.Last).Words)
	}
	return words
}

// placeOf reads the query of the list one came from. It may hold parameters of a search and nothing else.
func placeOf(list string) (url.Values, bool) {
	params, err := url.ParseQuery(list)
	if err != nil {
		return nil, false
	}
	for name := range params {
		if !slices.Contains(searchParams, name) {
			return nil, false
		}
	}
	return params, true
}

// backTo is the list one came from.
func backTo(list string) string {
	params, _ := placeOf(list)
	return withQuery("/processes", params)
}

// positionView leads to the neighbours in the same list, which may stand on another of its pages.
func positionView(n store.Neighbours, list string) *templates.Position {
	of, _ := totals(n.Total, n.More)
	p := &templates.Position{Words: strconv.Itoa(n.Number) + " of " + of}
	if n.Prev != "" {
		p.PrevHref = "/processes/" + n.Prev + processQuery(0, list)
	}
	if n.Next != "" {
		p.NextHref = "/processes/" + n.Next + processQuery(0, list)
	}
	return p
}
