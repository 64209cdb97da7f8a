package handlers

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/assure-portal/portal/internal/audit"
	"github.com/assure-portal/portal/web/templates"
)

// trailView is all that the trail page is made of.
type trailView struct {
	params   url.Values
	records  []audit.Record
	found    audit.Page
	reached  time.Time // see audit.Page.Partial
	people   []audit.Person
	purposes []string
	state    audit.State
	now      time.Time
}

func (v trailView) page(p templates.Page) templates.TrailPage {
	view := templates.TrailPage{
		Page: p, Questions: trailQuestions(v.params), Question: trailQuestion(v.params), Total: thousands(int(v.state.Size)),
		Process: v.params.Get("process"), Dossier: v.params.Get("dossier"), From: v.params.Get("from"), To: v.params.Get("to"),
		People: peopleOptions(v.people, v.params.Get("actor")), Actions: actionOptions(v.params.Get("action")),
		Outcomes: outcomeOptions(v.params.Get("outcome")), PurposeOptions: purposeFilter(v.purposes, v.params.Get("purpose")), Chips: v.chips(),
		CheckpointHref: "/audit/checkpoint", KeyHref: "/audit/key",
	}
	view.State, view.StateBad = trailState(v.state, v.now)
	export := v.without("before")
	view.CSVHref, view.BundleHref = withQuery("/audit.csv", export), withQuery("/audit.zip", export)
	export.Set("with", "identity,detail")
	view.CSVIdentityHref = withQuery("/audit.csv", export)
	for _, r := range v.records {
		view.Rows = append(view.Rows, trailRow(r))
	}
	if v.found.Older > 0 {
		view.OlderHref = v.with("before", strconv.FormatInt(v.found.Older, 10))
	}
	view.Looked = lookedWords(v.found, v.reached)
	if v.params.Has("before") {
		view.NewestHref = withQuery("/audit", v.without("before"))
	}
	if len(v.records) == 0 {
		view.Empty = v.empty()
	}
	return view
}

// empty says what it means that nothing was found: that there is nothing, or that one has to look further.
func (v trailView) empty() *templates.EmptyState {
	e := &templates.EmptyState{What: "No record matches these filters.", Try: []string{"Take a filter away.", "Widen the time."}, Reset: "/audit"}
	if q, ok := asked(v.params); ok && !v.params.Has("from") && !v.params.Has("to") {
		e.What, e.Try = q.none, nil
	}
	if v.found.Partial {
		e.What, e.Try = "Nothing matches so far.", []string{"Look further back: older records are still to be looked at.", "Name a time, a person or a process to find it sooner."}
	}
	return e
}

// lookedWords say how far a page looked that ends early.
func lookedWords(found audit.Page, reached time.Time) string {
	if !found.Partial {
		return ""
	}
	return "Looked back to record " + thousands(int(found.Older)) + " of " + instant(reached).Words + "."
}

func (v trailView) with(name, value string) string {
	params := v.without("before", name)
	params.Set(name, value)
	return withQuery("/audit", params)
}

func (v trailView) without(names ...string) url.Values {
	params := url.Values{}
	for name, values := range v.params {
		if slices.Contains(trailParams, name) && !slices.Contains(names, name) {
			params[name] = slices.Clone(values)
		}
	}
	return params
}

func (v trailView) chips() []templates.Chip {
	var chips []templates.Chip
	for _, name := range []string{"actor", "action", "outcome", "process", "dossier", "purpose", "from", "to"} {
		if value := v.params.Get(name); value != "" {
			if name == "actor" {
				value = nameOf(v.people, value)
			}
			value = strings.ReplaceAll(value, ",", ", ")
			chips = append(chips, templates.Chip{Label: capital(name) + ": " + value, RemoveHref: withQuery("/audit", v.without(name, "before"))})
		}
	}
	return chips
}

func trailState(st audit.State, now time.Time) (words string, bad bool) {
	switch {
	case !st.Open:
		return "The trail is closed: " + st.Reason, true
	case st.VerifyError != "":
		return "The portal's own check failed: " + st.VerifyError, true
	case st.VerifiedTime.IsZero():
		return fmt.Sprintf("%s records, signed up to %s. The portal has not yet checked itself since it started.",
			thousands(int(st.Size)), thousands(int(st.CheckpointSize))), false
	}
	return fmt.Sprintf("The portal checked itself %s ago: %s match the signed checkpoint, %s not yet checked. This is not independent proof: verify an export.",
		inWords(now.Sub(st.VerifiedTime)), counted(int(st.VerifiedSize), "record", "records"), newerRecords(int(st.Size-st.VerifiedSize))), false
}

func newerRecords(n int) string {
	if n == 1 {
		return "1 newer is"
	}
	return thousands(n) + " newer are"
}

func actionOptions(selected string) []templates.Option {
	options := []templates.Option{{Value: "", Label: "Any action", Selected: selected == ""}}
	if strings.Contains(selected, ",") {
		options = append(options, templates.Option{Value: selected, Label: counted(strings.Count(selected, ",")+1, "action", "actions"), Selected: true})
	}
	for _, a := range audit.Actions() {
		options = append(options, templates.Option{Value: string(a), Label: string(a), Selected: string(a) == selected})
	}
	return options
}

func outcomeOptions(selected string) []templates.Option {
	options := []templates.Option{{Value: "", Label: "Any outcome", Selected: selected == ""}}
	for _, o := range audit.Outcomes() {
		options = append(options, templates.Option{Value: string(o), Label: string(o), Selected: string(o) == selected})
	}
	return options
}

// purposeFilter offers the configured purposes; records may hold one that no longer is.
func purposeFilter(codes []string, selected string) []templates.Option {
	if selected != "" && !slices.Contains(codes, selected) {
		codes = append(slices.Clone(codes), selected)
	}
	return append([]templates.Option{{Value: "", Label: "Any purpose", Selected: selected == ""}}, purposeOptions(codes, selected)...)
}

// peopleOptions are the people in the trail by name; who has none stands by the id. One who is asked for and is not among
// them stands there too.
func peopleOptions(people []audit.Person, selected string) []templates.Option {
	options := make([]templates.Option, 0, len(people)+2)
	known := selected == ""
	for _, p := range people {
		known = known || p.Subject == selected
		options = append(options, templates.Option{Value: p.Subject, Label: personLabel(people, p), Selected: p.Subject == selected})
	}
	if !known {
		options = append(options, templates.Option{Value: selected, Label: selected, Selected: true})
	}
	slices.SortStableFunc(options, func(a, b templates.Option) int {
		return strings.Compare(strings.ToLower(a.Label), strings.ToLower(b.Label))
	})
	return append([]templates.Option{{Value: "", Label: "Anybody", Selected: selected == ""}}, options...)
}

// personLabel is a name, with the id where another has the same.
func personLabel(people []audit.Person, p audit.Person) string {
	if p.Name == "" {
		return p.Subject
	}
	if slices.ContainsFunc(people, func(o audit.Person) bool { return o.Name == p.Name && o.Subject != p.Subject }) {
		return p.Name + " (" + p.Subject + ")"
	}
	return p.Name
}

func nameOf(people []audit.Person, subject string) string {
	for _, p := range people {
		if p.Subject == subject {
			return personLabel(people, p)
		}
	}
	return subject
}

func trailRow(r audit.Record) templates.TrailRow {
	seq := strconv.FormatInt(r.Seq, 10)
	row := templates.TrailRow{Seq: seq, Href: "/audit/" + seq, Time: columnInstant(r.Time), Who: who(r), Role: r.Role,
		Action: string(r.Action), Outcome: string(r.Outcome), Sentence: sentence(r), Purpose: purposeWords(r.Purpose), Case: r.Case, Because: r.Because}
	if r.Actor != "" {
		row.WhoHref = withQuery("/audit", url.Values{"actor": {r.Actor}})
	}
	if leadsToProcess(r) {
		row.ProcessHref = "/processes/" + r.ProcessID
	}
	return row
}

// leadsToProcess leaves out a look at the trail: whoever asks it about a process may name one that is not there.
func leadsToProcess(r audit.Record) bool { return r.ProcessID != "" && r.Action != audit.AuditView }

func who(r audit.Record) string {
	if r.ActorName != "" {
		return r.ActorName
	}
	return r.Actor
}

// sentences say what was done, with %s for the process or the count.
var sentences = map[audit.Action]string{
	audit.SignIn: "signed in", audit.SignInRefused: "tried to sign in", audit.SignOut: "signed out", audit.SessionEnded: "a session was ended",
	audit.ProcessSearch: "searched, %s found", audit.ProcessView: "opened process %s", audit.ProcessRaw: "read the raw JSON of process %s",
	audit.ProcessImage: "looked at an image of process %s", audit.FieldReveal: "revealed a field of process %s",
	audit.ProcessRefresh: "asked Assure again for process %s", audit.ProcessExport: "exported processes as CSV", audit.ProcessExportDone: "an export of processes ended, %s rows",
	audit.ProcessFetch: "received a version of process %s", audit.ProcessImport: "imported process %s", audit.ProcessErase: "erased process %s",
	audit.AuditView: "looked at the trail, %s shown", audit.AuditExport: "exported the trail", audit.AuditExportDone: "an export of the trail ended, %s rows",
	audit.AccessRefused: "was refused", audit.AccessAlert: "opens far more than usual", audit.TrailStart: "the trail was opened", audit.TrailStop: "the trail was closed",
	audit.TrailResume: "the trail goes on after a restore", audit.SettingsChanged: "changed a setting",
}

// trailPages are the pages of the trail beside its list and its records.
var trailPages = map[string]string{"people": "looked at the people in the trail", "exports": "looked at the register of exports, %s shown",
	"file-check": "checked whose export a file is", "statement": "made an access statement of %s"}

// sentence says a record in words; its codes stand beside it.
func sentence(r audit.Record) string {
	words := sentences[r.Action]
	switch {
	case r.Action == audit.AuditView && trailPages[r.Facts["page"]] != "":
		words = trailPages[r.Facts["page"]]
	case r.Action == audit.FieldReveal && r.Facts["field"] == rawField:
		return "gave a purpose for the raw JSON of process " + subjectOf(r)
	case r.Action == audit.ProcessRefresh && r.Version == 0 && r.ProcessID != "":
		words = "asked Assure for process %s, which was not held"
	case r.Action == audit.AuditView && r.Facts["seq"] != "":
		words = "looked at record " + r.Facts["seq"]
	case r.Action == audit.ProcessErase && r.Facts["reason"] == audit.TermAge:
		return "removed " + counted(int(r.Rows), "search term", "search terms") + " older than " + r.Facts["months"] + " months"
	case words == "":
		words = string(r.Action)
	}
	if strings.Contains(words, "%s") {
		words = fmt.Sprintf(words, subjectOf(r))
	}
	if extra := extraWords(r); extra != "" {
		words += ": " + extra
	}
	return words
}

func subjectOf(r audit.Record) string {
	if r.ProcessID != "" {
		return r.ProcessID[:min(8, len(r.ProcessID))] + "…"
	}
	if r.Facts["page"] == "statement" {
		return counted(int(r.Rows), "process", "processes")
	}
	switch r.Action {
	case audit.ProcessSearch, audit.AuditView, audit.ProcessExportDone, audit.AuditExportDone:
		return thousands(int(r.Rows))
	}
	return "that does not exist here"
}

// extraWords are the facts that a reader of the list needs: which field, which image, which change, why refused.
func extraWords(r audit.Record) string {
	switch {
	case r.Action == audit.ProcessSearch && r.Outcome == audit.OK:
		return filterWords(r.Facts)
	case (r.Action == audit.ProcessExport || r.Action == audit.AuditExport) && r.Outcome == audit.OK:
		return whatLeft(r) + ", " + queryWords(r, nil)
	case r.Facts["page"] == "file-check":
		return map[bool]string{true: "none of ours", false: "export " + r.Facts["exports"]}[r.Facts["exports"] == "none"]
	}
	switch from, to := r.Facts["from_status"], r.Facts["to_status"]; {
	case from != "" && to != "":
		return from + " → " + to
	case to != "":
		return "the first, " + to
	case r.Action == audit.AccessRefused:
		return refusedWords(r.Facts)
	}
	if v := r.Facts["beside_version"]; v != "" && r.Action == audit.ProcessView {
		return "version " + strconv.Itoa(r.Version) + " beside version " + v
	}
	switch {
	case r.Facts["gone"] != "":
		return "process " + subjectOf(r) + " is " + r.Facts["gone"] + ", though gone from Assure"
	case r.Facts["saved-search"] != "":
		return "a search was " + r.Facts["saved-search"]
	}
	for _, name := range []string{"field", "image", "part", "reason", "route", "status", "because"} {
		if v := r.Facts[name]; v != "" {
			return v
		}
	}
	return ""
}

// refusedWords say what was asked for and why it was not allowed.
func refusedWords(facts map[string]string) string {
	words := strings.TrimSpace(facts["method"] + " " + facts["route"])
	switch {
	case facts["reason"] != "":
		return words + ", " + strings.ReplaceAll(facts["reason"], "-", " ")
	case facts["permission"] != "":
		return words + ", no role that may " + strings.ReplaceAll(facts["permission"], "-", " ")
	}
	return words
}

// filterWords are the filters of a search: "provider onfido, status accepted".
func filterWords(facts map[string]string) string {
	var words []string
	for _, name := range slices.Sorted(maps.Keys(facts)) {
		if name != "s" && name != "page" {
			words = append(words, strings.ReplaceAll(name, "_", " ")+" "+facts[name])
		}
	}
	return strings.Join(words, ", ")
}

// recordView is all that one record's page is made of.
type recordView struct {
	record audit.Record
	proof  audit.Proof
	size   int64
	base   string // of the portal's addresses
	near   []templates.Link
}

func (v recordView) page(p templates.Page) templates.RecordPage {
	r := v.record
	view := templates.RecordPage{Page: p, Seq: strconv.FormatInt(r.Seq, 10), Sentence: who(r) + " " + sentence(r), Facts: v.facts(),
		Leaf: string(r.Leaf), Checkpoint: v.proof.Checkpoint, Back: "/audit",
		Self: recordHref(r.Seq), Address: v.base + recordHref(r.Seq), Near: v.links()}
	for _, id := range r.Shown {
		view.Shown = append(view.Shown, templates.Link{Label: id, Href: "/audit?process=" + url.QueryEscape(id)})
	}
	for _, h := range v.proof.Hashes {
		view.Proof = append(view.Proof, hex.EncodeToString(h[:]))
	}
	view.ProofWords = fmt.Sprintf("Record %d is leaf %d of a tree of %s with root %s.", r.Seq, r.Seq,
		counted(int(v.proof.Size), "record", "records"), base64.StdEncoding.EncodeToString(v.proof.Root[:]))
	if r.Seq > 0 {
		view.PrevHref = recordHref(r.Seq - 1)
	}
	if r.Seq+1 < v.size {
		view.NextHref = recordHref(r.Seq + 1)
	}
	return view
}

// links lead from the record to what it is about, and to its neighbours.
func (v recordView) links() (links []templates.Link) {
	r := v.record
	if leadsToProcess(r) {
		links = append(links, templates.Link{Label: "The process", Href: "/processes/" + r.ProcessID})
	}
	if r.ProcessID != "" {
		links = append(links, templates.Link{Label: "All records about the process", Href: withQuery("/audit", url.Values{"process": {r.ProcessID}})})
	}
	if r.Actor != "" {
		links = append(links, templates.Link{Label: "All records of this person", Href: withQuery("/audit", url.Values{"actor": {r.Actor}})})
	}
	if start, err := strconv.ParseInt(r.Facts["export"], 10, 64); err == nil && start >= 0 && start < v.size {
		links = append(links, templates.Link{Label: "The export that this record ends", Href: recordHref(start)})
	}
	return append(links, v.near...)
}

func (v recordView) facts() []templates.Fact {
	r := v.record
	all := []templates.Fact{
		{Label: "Time", Value: r.Time.UTC().Format("2006-01-02 15:04:05.000 UTC")},
		{Label: "Action", Value: string(r.Action), Mono: true}, {Label: "Outcome", Value: string(r.Outcome), Mono: true},
		{Label: "Actor", Value: r.Actor, Mono: true, Copy: true}, {Label: "Name", Value: r.ActorName}, {Label: "Issuer", Value: r.Issuer, Mono: true},
		{Label: "Role", Value: r.Role}, {Label: "Process", Value: r.ProcessID, Mono: true, Copy: true}, {Label: "Dossier", Value: r.DossierID, Mono: true, Copy: true},
		{Label: "Version", Value: positive(r.Version)}, {Label: "Snapshot SHA-256", Value: r.SnapshotSHA256, Mono: true, Copy: true},
		{Label: "Mapping version", Value: positive(r.MappingVersion)}, {Label: "Classes shown", Value: strings.Join(r.Classes, ", ")},
		{Label: "Rows", Value: positive(int(r.Rows))}, {Label: "Purpose", Value: purposeWords(r.Purpose)}, {Label: "Case", Value: r.Case},
		{Label: "Because", Value: r.Because}, {Label: "Search term", Value: r.Term}, {Label: "Request", Value: r.RequestID, Mono: true, Copy: true},
		{Label: "Session", Value: r.Session, Mono: true}, {Label: "Address", Value: r.Address, Mono: true}, {Label: "Build", Value: r.Build, Mono: true},
		{Label: "Leaf hash", Value: hex.EncodeToString(r.LeafHash[:]), Mono: true, Copy: true},
	}
	for _, name := range slices.Sorted(maps.Keys(r.Facts)) {
		all = append(all, templates.Fact{Label: capital(strings.ReplaceAll(name, "_", " ")), Value: r.Facts[name], Mono: true})
	}
	if r.Erased {
		all = append(all, templates.Fact{Label: "Erased", Value: "The personal details of this record were erased; its proof is not affected."})
	}
	return slices.DeleteFunc(all, func(f templates.Fact) bool { return f.Value == "" })
}

func positive(n int) string {
	if n <= 0 {
		return ""
	}
	return strconv.Itoa(n)
}
