package handlers

import (
	"encoding/json"
	"maps"
	"net/url"
	"strings"
	"time"

	"github.com/assure-portal/portal/internal/audit"
	"github.com/assure-portal/portal/web/templates"
)

// registerView is all that the register of exports is made of.
type registerView struct {
	params  url.Values
	exports []audit.Departure
	found   audit.Page
	reached time.Time
	people  []audit.Person
	running map[int64]int64 // rows so far of exports under way, by record
}

func (v registerView) page(p templates.Page) templates.RegisterPage {
	view := templates.RegisterPage{Page: p, People: peopleOptions(v.people, v.params.Get("actor")), From: v.params.Get("from"), To: v.params.Get("to"),
		Rows: v.rows(), Looked: lookedWords(v.found, v.reached), CSVHref: withQuery("/audit.csv", v.records())}
	for _, name := range []string{"actor", "from", "to"} {
		if value := v.params.Get(name); value != "" {
			if name == "actor" {
				value = nameOf(v.people, value)
			}
			view.Chips = append(view.Chips, templates.Chip{Label: capital(name) + ": " + value, RemoveHref: withQuery("/audit/exports", v.without(name, "before"))})
		}
	}
	if v.found.Older > 0 {
		older := v.without("before")
		older.Set("before", numbersOr([]int64{v.found.Older}, ""))
		view.OlderHref = withQuery("/audit/exports", older)
	}
	if v.params.Has("before") {
		view.NewestHref = withQuery("/audit/exports", v.without("before"))
	}
	if len(v.exports) == 0 {
		view.Empty = v.empty()
	}
	return view
}

// rows are the lines of the register; of an export that this portal is just sending, with the rows so far.
func (v registerView) rows() []templates.RegisterRow {
	rows := registerRows(v.exports, v.people)
	for i, d := range v.exports {
		if n, underWay := v.running[d.Start.Seq]; underWay && d.End == nil {
			rows[i].StateWords, rows[i].Rows = "under way", thousands(int(n))+" so far"
		}
	}
	return rows
}

func (v registerView) empty() *templates.EmptyState {
	switch {
	case v.found.Partial:
		return &templates.EmptyState{What: "No export so far.", Try: []string{"Look further back: older records are still to be looked at."}}
	case len(v.without("before")) > 0:
		return &templates.EmptyState{What: "No export matches these filters.", Try: []string{"Take a filter away."}, Reset: "/audit/exports"}
	}
	return &templates.EmptyState{What: "Nothing has left the house: no export of processes or of the trail was ever begun."}
}

func (v registerView) without(names ...string) url.Values {
	params := maps.Clone(v.params)
	for _, name := range names {
		params.Del(name)
	}
	return params
}

// records are the filters of the trail with the records of these exports.
func (v registerView) records() url.Values {
	params := v.without("before")
	params.Set("action", joinActions([]audit.Action{audit.ProcessExport, audit.ProcessExportDone, audit.AuditExport, audit.AuditExportDone}))
	return params
}

func registerRows(exports []audit.Departure, people []audit.Person) (rows []templates.RegisterRow) {
	for _, d := range exports {
		rows = append(rows, registerRow(d, people))
	}
	return rows
}

func registerRow(d audit.Departure, people []audit.Person) templates.RegisterRow {
	start := d.Start
	row := templates.RegisterRow{Seq: numbersOr([]int64{start.Seq}, ""), Href: recordHref(start.Seq), Began: columnInstant(start.Time), Who: who(start), What: whatLeft(start),
		Query: queryWords(start, people), Purpose: purposeWords(start.Purpose), Case: start.Case, SHA: d.SHA256()}
	if start.Actor != "" {
		row.WhoHref = withQuery("/audit", url.Values{"actor": {start.Actor}})
	}
	row.State, row.StateWords = ended(d)
	if d.End != nil {
		row.Rows, row.EndHref = thousands(int(d.End.Rows)), recordHref(d.End.Seq)
	}
	return row
}

// ended says how an export ended.
func ended(d audit.Departure) (state, words string) {
	switch {
	case d.Delivered():
		return "delivered", "delivered whole"
	case d.End != nil:
		return "broken", "broken off"
	case d.Halted:
		return "broken", "broken off: the portal stopped, or its end could not be recorded"
	}
	return "open", "no end recorded: it may be under way"
}

// whatLeft names the file.
func whatLeft(start audit.Record) string {
	words := map[string]string{"audit.csv": "Trail, CSV", "audit.zip": "Trail, bundle with proof", "": "Trail, bundle by the command line"}[start.Facts["file"]]
	if start.Action == audit.ProcessExport {
		words = "Processes, CSV"
	}
	switch with := start.Facts["with"]; {
	case with == "":
		return words
	case start.Action == audit.ProcessExport:
		return words + " with persons"
	default:
		return words + " with " + strings.NewReplacer("identity", "names", "detail", "details", ",", " and ").Replace(with)
	}
}

// queryWords say by which query an export was made; the reader of the trail sees terms as typed.
func queryWords(start audit.Record, people []audit.Person) string {
	facts := maps.Clone(start.Facts)
	for _, name := range []string{"file", "with", "actor", "s"} {
		delete(facts, name)
	}
	words := filterWords(facts)
	switch {
	case start.Action == audit.AuditExport:
		var query struct{ Actor string }
		if json.Unmarshal([]byte(start.Term), &query) == nil && query.Actor != "" {
			words = join(words, "of "+nameOf(people, query.Actor))
		}
	case start.Term != "":
		words = join(words, "term “"+start.Term+"”")
	case start.Facts["s"] != "":
		words = join(words, "a term that has gone")
	}
	if words == "" {
		return "everything"
	}
	return words
}

func join(words, more string) string {
	if words == "" {
		return more
	}
	return words + ", " + more
}

// fileCheck says what a file is.
func fileCheck(sum string, size int64, same []audit.Departure, people []audit.Person) *templates.FileCheck {
	c := &templates.FileCheck{Kind: "warning", SHA: sum, Size: counted(int(size), "byte", "bytes"), Rows: registerRows(same, people)}
	if len(same) == 0 {
		c.Verdict = "This file is none of ours."
		c.Explains = []string{"No export of this portal has this SHA-256.", "One changed byte is enough: a spreadsheet that saved the file again, or an unpacked part of a bundle, is another file.",
			"What of a broken export reached its reader may be shorter than what was sent."}
		return c
	}
	whole := "It was delivered whole: what you have is what left the house."
	for _, d := range same {
		if !d.Delivered() {
			c.Verdict, c.Kind = "This file is of the register, but broken off: export "+numbersOr([]int64{d.Start.Seq}, "")+".", "bad"
			c.Explains = []string{"The export ended before all of it was sent, so rows are missing."}
			return c
		}
	}
	c.Kind, c.Verdict, c.Explains = "good", "This is the file of export "+numbersOr([]int64{same[0].Start.Seq}, "")+".", []string{whole}
	if len(same) > 1 {
		c.Verdict = "This is the file of " + counted(len(same), "export", "exports") + " that gave the same bytes."
	}
	return c
}
