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
	params  url.Values
	records []audit.Record
	older   int64
	state   audit.State
	now     time.Time
	me      string // the reader's own subject
}

func (v trailView) page(p templates.Page) templates.TrailPage {
	view := templates.TrailPage{
		Page: p, Questions: trailQuestions(v.params), Total: thousands(int(v.state.Size)),
		Actor: v.params.Get("actor"), Process: v.params.Get("process"), From: v.params.Get("from"), To: v.params.Get("to"),
		Actions: actionOptions(v.params.Get("action")), Outcomes: outcomeOptions(v.params.Get("outcome")), Chips: v.chips(),
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
	if v.older > 0 {
		view.OlderHref = v.with("before", strconv.FormatInt(v.older, 10))
	}
	if v.params.Has("before") {
		view.NewestHref = withQuery("/audit", v.without("before"))
	}
	if len(v.records) == 0 {
		view.Empty = &templates.EmptyState{What: "No record matches these filters.", Try: []string{"Take a filter away.", "Widen the time."}, Reset: "/audit"}
	}
	return view
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
	for _, name := range []string{"actor", "action", "outcome", "process", "purpose", "from", "to"} {
		if value := v.params.Get(name); value != "" {
			chips = append(chips, templates.Chip{Label: capital(name) + ": " + value, RemoveHref: withQuery("/audit", v.without(name, "before"))})
		}
	}
	return chips
}

// trailQuestions are the six questions an auditor starts from, each a filter.
func trailQuestions(params url.Values) []templates.Link {
	process, actor := params.Get("process"), params.Get("actor")
	return []templates.Link{
		{Label: "Who saw this person?", Href: filterOrField("process", process), Current: process != ""},
		{Label: "What did this colleague do?", Href: filterOrField("actor", actor), Current: actor != ""},
		{Label: "Why was this revealed?", Href: "/audit?action=field.reveal", Current: params.Get("action") == "field.reveal"},
		{Label: "What left the house?", Href: "/audit?action=process.export", Current: params.Get("action") == "process.export"},
		{Label: "What was refused?", Href: "/audit?outcome=refused", Current: params.Get("outcome") == "refused"},
		{Label: "Is the trail whole?", Href: "/audit#trail-state"},
	}
}

// filterOrField is a filter by the value at hand; without one it leads to the field that asks for it.
func filterOrField(name, value string) string {
	if value == "" {
		return "/audit#t-" + name
	}
	return withQuery("/audit", url.Values{name: {value}})
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
	for _, a := range audit.Actions() {
		options = append(options, templates.Option{Value: string(a), Label: string(a), Selected: string(a) == selected})
	}
	return options
}

func outcomeOptions(selected string) []templates.Option {
	options := []templates.Option{{Value: "", Label: "Any outcome", Selected: selected == ""}}
	for _, o := range []audit.Outcome{audit.OK, audit.Refused, audit.Failed, audit.Unknown} {
		options = append(options, templates.Option{Value: string(o), Label: string(o), Selected: string(o) == selected})
	}
	return options
}

func trailRow(r audit.Record) templates.TrailRow {
	seq := strconv.FormatInt(r.Seq, 10)
	row := templates.TrailRow{Seq: seq, Href: "/audit/" + seq, Time: columnInstant(r.Time), Who: who(r), Role: r.Role,
		Action: string(r.Action), Outcome: string(r.Outcome), Sentence: sentence(r), Purpose: purposeWords(r.Purpose), Case: r.Case}
	if r.Actor != "" {
		row.WhoHref = withQuery("/audit", url.Values{"actor": {r.Actor}})
	}
	if r.ProcessID != "" {
		row.ProcessHref = "/processes/" + r.ProcessID
	}
	return row
}

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

// sentence says a record in words; its codes stand beside it.
func sentence(r audit.Record) string {
	words := sentences[r.Action]
	if words == "" {
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
	switch r.Action {
	case audit.ProcessSearch, audit.AuditView, audit.ProcessExportDone, audit.AuditExportDone:
		return thousands(int(r.Rows))
	}
	return "that does not exist here"
}

// extraWords are the facts that a reader of the list needs: which field, which image, which change, why refused.
func extraWords(r audit.Record) string {
	if r.Action == audit.ProcessSearch && r.Outcome == audit.OK {
		return filterWords(r.Facts)
	}
	if from, to := r.Facts["from_status"], r.Facts["to_status"]; to != "" {
		return orUnknown(from) + " → " + to
	}
	if v := r.Facts["beside_version"]; v != "" && r.Action == audit.ProcessView {
		return "version " + strconv.Itoa(r.Version) + " beside version " + v
	}
	for _, name := range []string{"field", "image", "reason", "route", "status"} {
		if v := r.Facts[name]; v != "" {
			return v
		}
	}
	return ""
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
}

func (v recordView) page(p templates.Page) templates.RecordPage {
	r := v.record
	view := templates.RecordPage{Page: p, Seq: strconv.FormatInt(r.Seq, 10), Sentence: who(r) + " " + sentence(r), Facts: v.facts(),
		Leaf: string(r.Leaf), Checkpoint: v.proof.Checkpoint, Back: "/audit"}
	for _, id := range r.Shown {
		view.Shown = append(view.Shown, templates.Link{Label: id, Href: "/audit?process=" + url.QueryEscape(id)})
	}
	for _, h := range v.proof.Hashes {
		view.Proof = append(view.Proof, hex.EncodeToString(h[:]))
	}
	view.ProofWords = fmt.Sprintf("Record %d is leaf %d of a tree of %s with root %s.", r.Seq, r.Seq,
		counted(int(v.proof.Size), "record", "records"), base64.StdEncoding.EncodeToString(v.proof.Root[:]))
	if r.Seq > 0 {
		view.PrevHref = "/audit/" + strconv.FormatInt(r.Seq-1, 10)
	}
	if r.Seq+1 < v.size {
		view.NextHref = "/audit/" + strconv.FormatInt(r.Seq+1, 10)
	}
	return view
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
