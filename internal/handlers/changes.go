package handlers

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/assure-portal/portal/internal/audit"
	"github.com/assure-portal/portal/internal/evidence"
	"github.com/assure-portal/portal/internal/store"
	"github.com/assure-portal/portal/web/templates"
)

// changes shows an older version beside a newer one: heads without anything personal, one record of both, then the comparison.
func (s *Server) changes(q *request) error {
	newer, err := s.headOf(q, sinceParam)
	if err != nil {
		return err
	}
	older, err := s.olderOf(q, newer)
	if err != nil {
		return err
	}
	if older.Version > newer.Version { // a form may be filled in either way
		older, newer = newer, older
	}
	versions, err := s.Store.Versions(q.ctx(), newer.ProcessID)
	if err != nil {
		return err
	}
	v := changesView{older: older, newer: newer, versions: versions, eyes: q.eyes(), list: q.QueryParam("list")}
	if v.changes, err = s.recordedChanges(q, older, newer); err != nil {
		return err
	}
	view := v.page(s.page(q, "What changed"))
	view.Tabs = q.tabs(newer, changesTab)
	return q.render(http.StatusOK, templates.Changes(view))
}

// sinceParam names the older of two versions; without it the one before is meant.
const sinceParam = "since"

// olderOf finds the version to compare with; the zero head where there is none.
func (s *Server) olderOf(q *request, newer store.Head) (store.Head, error) {
	since := newer.Version - 1
	if q.QueryParams().Has(sinceParam) {
		var err error
		if since, err = strconv.Atoi(q.QueryParam(sinceParam)); err != nil || since < 1 || since > newer.Versions {
			return store.Head{}, badParameter(sinceParam)
		}
	}
	if since == 0 {
		return store.Head{}, nil
	}
	return s.Store.Head(q.ctx(), newer.ProcessID, since)
}

// recordedChanges leaves the one record of this page, which names both snapshots, and compares them with its receipt.
func (s *Server) recordedChanges(q *request, older, newer store.Head) (evidence.Changes, error) {
	e := about(q.event(audit.ProcessView), newer)
	e.Classes = q.eyes().classesSeen()
	if older.Version == newer.Version {
		older = store.Head{}
	}
	if older.Version > 0 {
		e.Beside = audit.Beside{Version: older.Version, SHA256: older.SHA256}
	}
	receipt, err := q.record(e)
	if err != nil || older.Version == 0 {
		return evidence.Changes{}, err
	}
	return s.Store.Changes(q.ctx(), receipt, newer.ProcessID, older.Version, newer.Version)
}

// changesHref is the address of the changes tab; same keeps version and list.
func changesHref(head store.Head, same string) string {
	return "/processes/" + head.ProcessID + "/changes" + same
}

// changesView is all that the page of changes is made of.
type changesView struct {
	older, newer store.Head // older is zero where only one version is held
	versions     []store.Head
	changes      evidence.Changes
	eyes         eyes
	list         string
}

// page builds the view: pure, masked for these eyes.
func (v changesView) page(p templates.Page) templates.ChangesPage {
	view := templates.ChangesPage{Page: p, ProcessID: v.newer.ProcessID, Newer: v.version(v.newer), Words: v.words(), Notices: v.notices(),
		List: v.list, Back: v.href(v.newer.Version)}
	if len(v.versions) > 1 {
		view.Action, view.Olders, view.Newers = "/processes/"+v.newer.ProcessID+"/changes", v.choices(v.older.Version), v.choices(v.newer.Version)
	}
	if v.older.Version == 0 {
		return view
	}
	view.Older, view.Groups = v.version(v.older), v.groups()
	view.Moved, view.MovedWords = v.moved()
	return view
}

func (v changesView) version(h store.Head) templates.VersionRow {
	return templates.VersionRow{Number: h.Version, Href: v.href(h.Version), Received: instant(h.ReceivedAt),
		Status: statusView(evidence.DescribeStatus(h.Status)), SHA: shortHash(h.SHA256)}
}

// href is the page of one version.
func (v changesView) href(version int) string {
	if version == v.newer.Versions {
		version = 0
	}
	return "/processes/" + v.newer.ProcessID + processQuery(version, v.list)
}

func (v changesView) choices(selected int) []templates.Option {
	var options []templates.Option
	for _, h := range v.versions {
		options = append(options, templates.Option{Value: strconv.Itoa(h.Version), Selected: h.Version == selected,
			Label: "Version " + strconv.Itoa(h.Version) + ", " + orUnknown(h.Status) + ", " + instant(h.ReceivedAt).Words})
	}
	return options
}

// words say in a sentence what happened.
func (v changesView) words() string {
	c := v.changes
	switch {
	case len(v.versions) == 1:
		return "The portal holds one version of this process, so there is nothing to compare it with. A second one is kept as soon as Assure answers otherwise."
	case v.older.Version == 0:
		return "This is the first version of the process: nothing came before it. Choose another to see what changed."
	case v.older.Version == v.newer.Version:
		return "This is one version, chosen twice. Choose two."
	case c.OldMalformed != "" || c.NewMalformed != "":
		return "The two cannot be compared."
	case len(c.List) == 0:
		return "The bytes differ and the values do not: only white space, the order of names or of lists, or the spelling of characters changed. " +
			stayed(c.Same) + "."
	}
	return capital(changeCounts(c.List)) + ". " + stayed(c.Same) + "."
}

func stayed(n int) string {
	if n == 1 {
		return "1 value stayed as it was"
	}
	return thousands(n) + " values stayed as they were"
}

// changeCounts counts by kind: "2 values changed, 1 was added".
func changeCounts(all []evidence.Change) string {
	counts := map[evidence.ChangeKind]int{}
	for _, c := range all {
		counts[c.Kind]++
	}
	var words []string
	for _, kind := range []evidence.ChangeKind{evidence.Changed, evidence.Added, evidence.Removed} {
		if n := counts[kind]; n > 0 {
			words = append(words, counted(n, "value ", "values ")+string(kind))
		}
	}
	return strings.Join(words, ", ")
}

// notices tell first what a company acts upon, and then what is wrong with one of the versions.
func (v changesView) notices() []templates.Notice {
	var notices []templates.Notice
	c := v.changes
	tell := func(kind, text string) { notices = append(notices, templates.Notice{Kind: kind, Text: text}) }
	if v.older.Version == 0 || v.older.Version == v.newer.Version {
		return nil
	}
	for _, side := range []struct {
		version   int
		malformed string
	}{{v.older.Version, c.OldMalformed}, {v.newer.Version, c.NewMalformed}} {
		if side.malformed != "" {
			tell("bad", "Version "+strconv.Itoa(side.version)+" cannot be read as one JSON object: "+side.malformed)
		}
	}
	if was, is := v.older.Status, v.newer.Status; was != is {
		kind, rule := "info", ""
		if evidence.DescribeStatus(was).Final {
			kind, rule = "bad", ". By the rule a final status stays"
		}
		tell(kind, "Status: "+orUnknown(was)+" → "+orUnknown(is)+rule)
	}
	if text := finalResultWords[c.FinalResult]; text != "" {
		tell("info", text)
	}
	return notices
}

var finalResultWords = map[evidence.ChangeKind]string{
	evidence.Added: "The final result came with this version", evidence.Removed: "The final result is there no more", evidence.Changed: "The final result changed",
}

// mostChanges is how many changes the page shows: a browser holds no table of ten thousand rows well.
const mostChanges = 2000

// changeGroups are the parts of the answer in the order of the page.
var changeGroups = []struct{ name, below string }{
	{"Status", "/status"}, {"Final result", "/finalResult"}, {"Provider’s detail", "/providerSpecific"}, {"Other parts of the answer", ""},
}

func (v changesView) groups() []templates.ChangeGroup {
	shown := v.changes.List[:min(len(v.changes.List), mostChanges)]
	var groups []templates.ChangeGroup
	for i, part := range changeGroups {
		g := templates.ChangeGroup{Name: part.name}
		for _, c := range shown {
			if groupOf(c.Pointer) == i {
				g.Rows = append(g.Rows, v.rows(c)...)
			}
		}
		if len(g.Rows) > 0 {
			groups = append(groups, g)
		}
	}
	if more := len(v.changes.List) - len(shown); more > 0 {
		groups = append(groups, templates.ChangeGroup{Name: counted(more, "more change is", "more changes are") + " not shown here. Both versions have every value on their own pages."})
	}
	return groups
}

func groupOf(pointer string) int {
	return slices.IndexFunc(changeGroups, func(part struct{ name, below string }) bool {
		return pointer == part.below || strings.HasPrefix(pointer, part.below+"/") || part.below == ""
	})
}

// rows are a change and the facts inside its text that changed.
func (v changesView) rows(c evidence.Change) []templates.ChangeRow {
	rows := []templates.ChangeRow{v.row(c)}
	for _, p := range c.Parts {
		row := v.row(p)
		row.Part = true
		rows = append(rows, row)
	}
	return rows
}

func (v changesView) row(c evidence.Change) templates.ChangeRow {
	row := templates.ChangeRow{Kind: string(c.Kind), Relation: string(c.Relation), Field: c.Field, Label: changeLabel(c), Pointer: c.Pointer, From: c.From}
	row.Words, row.Glyph = changeWords(c)
	row.Note = changeNote(c)
	row.Bad = c.NewResult == evidence.Fail && c.OldResult != evidence.Fail
	if c.Kind != evidence.Added {
		row.OldHref = v.href(v.older.Version) + "#" + anchor(wholePointer(c.From))
	}
	if c.Kind != evidence.Removed {
		row.NewHref = v.href(v.newer.Version) + "#" + anchor(wholePointer(c.Pointer))
	}
	row.Old, row.New, row.Masked = v.values(c)
	return row
}

// values are both sides of a change as this person sees them.
func (v changesView) values(c evidence.Change) (old, new []templates.Part, isMasked bool) {
	oldText, oldMasked := v.eyes.text(c.Class, c.Old)
	newText, newMasked := v.eyes.text(c.Class, c.New)
	isMasked = oldMasked || newMasked
	if len(c.Edit) == 0 {
		return shortened(oldText), shortened(newText), isMasked
	}
	not := func(kind string) []evidence.Span {
		return slices.DeleteFunc(slices.Clone(c.Edit), func(s evidence.Span) bool { return s.Kind == kind })
	}
	return v.marked(isMasked, not("added")), v.marked(isMasked, not("removed")), isMasked
}

// marked is one side of a difference. Of two values that have little in common, marking what they share by chance says nothing.
func (v changesView) marked(isMasked bool, side []evidence.Span) []templates.Part {
	if !isMasked && mostDiffers(side) {
		return []templates.Part{{Text: textOf(side), Mark: markOf(side)}}
	}
	return v.eyes.parts(isMasked, side)
}

// longestShown is how many characters of a value the table shows; the whole stands in the tree.
const longestShown = 400

func shortened(text string) []templates.Part {
	if text == "" {
		return nil
	}
	if n := utf8.RuneCountInString(text); n > longestShown {
		return []templates.Part{{Text: string([]rune(text)[:longestShown])}, {Text: " … and " + thousands(n-longestShown) + " characters more"}}
	}
	return []templates.Part{{Text: text}}
}

// changeLabel is the fact that a leaf states, the check that it answers, or else its own name.
func changeLabel(c evidence.Change) string {
	if c.Label != "" {
		return c.Label
	}
	if c.Asked != "" {
		return c.Asked
	}
	name := c.Pointer[strings.LastIndexByte(c.Pointer, '/')+1:]
	return strings.NewReplacer("~1", "/", "~0", "~").Replace(name)
}

func changeWords(c evidence.Change) (words, glyph string) {
	switch {
	case c.Kind == evidence.Added:
		return "Added", "+"
	case c.Kind == evidence.Removed:
		return "Removed", "−"
	case c.Relation != "":
		return compared(c.Relation, c.Rule)
	}
	return "Changed", "→"
}

// changeNote says what the words leave out: how a check ended before and now, another JSON kind, a name that stands twice.
func changeNote(c evidence.Change) string {
	var notes []string
	if c.OldResult != c.NewResult {
		notes = append(notes, resultBefore(c.OldResult)+" → "+resultBefore(c.NewResult))
	}
	if c.Kind == evidence.Changed && c.OldKind != c.NewKind {
		notes = append(notes, c.OldKind+" → "+c.NewKind)
	}
	if c.Repeated {
		notes = append(notes, "this name stands twice in its object")
	}
	return strings.Join(notes, "; ")
}

func resultBefore(r evidence.Result) string {
	if r == "" {
		return "no check"
	}
	return resultWords[r].words
}

// mostMoves bounds the list of elements that stand elsewhere.
const mostMoves = 100

func (v changesView) moved() (moves []templates.MoveView, words string) {
	n := 0
	for _, m := range v.changes.Moves {
		if m.Shifted {
			continue
		}
		if n++; n <= mostMoves {
			moves = append(moves, templates.MoveView{From: m.From, To: m.To, Href: v.href(v.newer.Version) + "#" + anchor(m.To)})
		}
	}
	if n == 0 {
		return nil, ""
	}
	return moves, counted(n, "element of a list stands", "elements of lists stand") + " in another place"
}

// changesTab is the tab of the provider's detail that compares two versions.
const changesTab = "Changes"
