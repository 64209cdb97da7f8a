package audit

import (
	"database/sql"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// pick draws one of the words.
func pick(t *rapid.T, label string, words ...string) string {
	return rapid.SampledFrom(words).Draw(t, label)
}

func TestAFilterFindsWhatItMatches(t *testing.T) {
	f := start(t)
	began := f.clock.Now()
	rapid.Check(t, func(rt *rapid.T) {
		n := rapid.IntRange(0, 10).Draw(rt, "records")
		for range n {
			f.clock.move(time.Duration(rapid.IntRange(-2, 5).Draw(rt, "later")) * time.Second)
			e := Event{Action: Action(pick(rt, "action", string(ProcessView), string(ProcessSearch), string(AccessRefused))),
				Outcome: Outcome(pick(rt, "outcome", "ok", "refused", "unknown")), Actor: Actor{Subject: pick(rt, "actor", "a", "b")},
				Purpose: pick(rt, "purpose", "", "alert"), Process: Process{ID: pick(rt, "process", "", "p-1", "p-2"), DossierID: pick(rt, "dossier", "", "d-1", "d-2")}}
			if e.Action == ProcessSearch {
				e.Shown = rapid.SliceOfN(rapid.SampledFrom([]string{"p-1", "p-2", "p-3"}), 0, 3).Draw(rt, "shown")
			}
			f.append(e)
		}
		filter := Filter{Actor: pick(rt, "of", "", "a", "b"), Action: pick(rt, "did", "", string(ProcessView), string(ProcessSearch)+","+string(ProcessView)),
			Outcome: pick(rt, "ended", "", "ok", "refused"), Purpose: pick(rt, "for", "", "alert"), Process: pick(rt, "about", "", "p-1", "p-3"), Dossier: pick(rt, "with", "", "d-1"),
			Before: rapid.Int64Range(0, 20).Draw(rt, "before")}
		if rapid.Bool().Draw(rt, "since") {
			filter.From = began.Add(time.Duration(rapid.IntRange(0, 40_000_000).Draw(rt, "from")) * time.Microsecond)
		}
		if rapid.Bool().Draw(rt, "until") {
			filter.To = began.Add(time.Duration(rapid.IntRange(0, 40_000_000).Draw(rt, "to")) * time.Microsecond)
		}
		var want []int64
		for _, r := range slices.Backward(f.all()) {
			if l, err := parseLeaf(r.Leaf); err != nil {
				rt.Fatal(err)
			} else if filter.matches(l, r.Shown) {
				want = append(want, r.Seq)
			}
		}
		if got := f.pages(rt, filter, rapid.IntRange(1, 7).Draw(rt, "limit"), rapid.IntRange(1, 50).Draw(rt, "look")); !slices.Equal(got, want) {
			rt.Errorf("%+v finds %v, want %v", filter, got, want)
		}
		f.checkNeighbours(rt, filter, want)
	})
}

// pages reads a filter page by page. Each page looks at so many records of an index and no more, and each leads on.
func (f *fixture) pages(t *rapid.T, filter Filter, limit, look int) (seqs []int64) {
	for {
		p, err := f.page(f.t.Context(), filter, limit, look)
		if err != nil {
			t.Fatal(err)
		}
		if len(p.Seqs) > limit || len(p.Seqs) < limit && p.Older != 0 && !p.Partial || p.Older != 0 && filter.Before > 0 && p.Older >= filter.Before {
			t.Fatalf("a page of %d before %d: %+v", limit, filter.Before, p)
		}
		seqs = append(seqs, p.Seqs...)
		if p.Older == 0 {
			return seqs
		}
		filter.Before = p.Older
	}
}

// checkNeighbours compares the neighbours of some records with all that match, newest first.
func (f *fixture) checkNeighbours(t *rapid.T, filter Filter, matching []int64) {
	if filter.Before != 0 {
		return // it does not count for neighbours, but made the list
	}
	seq := rapid.Int64Range(0, f.State().Size).Draw(t, "neighbours of")
	before, after := int64(-1), int64(-1)
	for _, m := range matching {
		if m > seq {
			after = m
		}
		if m < seq && before < 0 {
			before = m
		}
	}
	if b, a, err := f.Neighbours(f.t.Context(), filter, seq); err != nil || b != before || a != after {
		t.Errorf("neighbours of %d by %+v: %d and %d, %v; want %d and %d", seq, filter, b, a, err, before, after)
	}
}

// everyFilter is each combination of criteria.
func everyFilter() (all []Filter) {
	at := time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)
	for mask := range 1 << 8 {
		var f Filter
		for i, set := range []func(){func() { f.Actor = "a" }, func() { f.Action = "process.view" }, func() { f.Action = "process.view,process.raw" },
			func() { f.Outcome = []string{"ok", "refused"}[mask>>1&1] }, func() { f.Process = "p-1" }, func() { f.Dossier = "d-1" },
			func() { f.Purpose = "alert" }, func() { f.From, f.To, f.Before = at, at.Add(time.Hour), 5 }} {
			if mask>>i&1 == 1 {
				set()
			}
		}
		all = append(all, f)
	}
	return all
}

// TestEveryFilterReadsAnIndex keeps lists quick: with millions of records a page must not read them all, nor sort them.
func TestEveryFilterReadsAnIndex(t *testing.T) {
	f := start(t)
	for _, filter := range everyFilter() {
		ways := slices.Concat(append(filter.ways(), []way{every})...)
		for _, w := range ways {
			h := hunt{filter: filter, within: stretch{0, 5}, newestFirst: true, most: 101, look: mostLooked}
			query, args := h.statement(w)
			f.checkPlan(t, query, args)
			query, args = w.stretched(w.seq(), h.within, false)
			f.checkPlan(t, query+" LIMIT 1 OFFSET 7", args)
		}
	}
}

// checkPlan reads how SQLite would go about a statement. A co-routine hands on row by row.
func (f *fixture) checkPlan(t *testing.T, query string, args []any) {
	t.Helper()
	plan := f.plan(t, query, args)
	for _, step := range plan {
		known := strings.HasPrefix(step, "SEARCH ") || step == "CO-ROUTINE looked" || step == "SCAN looked" || strings.HasPrefix(step, "CORRELATED SCALAR SUBQUERY")
		if !known || strings.Contains(step, "AUTOMATIC") {
			t.Errorf("%s\n%s", query, strings.Join(plan, "\n"))
			return
		}
	}
}

func (f *fixture) plan(t *testing.T, query string, args []any) (steps []string) {
	t.Helper()
	err := f.db.Load().Stream(t.Context(), "EXPLAIN QUERY PLAN "+query, args, func(c []sql.RawBytes) error {
		steps = append(steps, string(c[3]))
		return nil
	})
	if err != nil || len(steps) == 0 {
		t.Fatal(query, steps, err)
	}
	return steps
}

// TestAnExportReadsWithoutSorting: its chunks are asked for one after the other, and a sort would be made for each.
func TestAnExportReadsWithoutSorting(t *testing.T) {
	f := start(t)
	for _, filter := range everyFilter() {
		x := Export{options: ExportOptions{Filter: filter}}
		where, args := x.conditions(stretch{0, 500})
		f.checkPlan(t, "SELECT f.seq FROM fact f NOT INDEXED WHERE "+where+" ORDER BY f.seq", args)
	}
}

func TestTheFewestRecordsLeadTheWay(t *testing.T) {
	f := start(t)
	for range 5 {
		f.append(view("p-1"))
	}
	rare := view("p-2")
	rare.Actor.Subject = "rare"
	f.append(rare)
	for name, tc := range map[string]struct {
		filter Filter
		first  string
	}{
		"a rare actor among common actions":    {Filter{Actor: "rare", Action: "process.view"}, "fact_actor"},
		"an action that nobody did":            {Filter{Actor: ada.Subject, Action: "sign-in"}, "fact_action"},
		"several actions, of which few happen": {Filter{Actor: ada.Subject, Action: "sign-in,sign-out"}, "fact_action"},
		"a process that few looked at":         {Filter{Actor: ada.Subject, Process: "p-2"}, "fact_process"},
		"a dossier":                            {Filter{Purpose: "onboarding", Dossier: "d-p-2"}, "fact_dossier"},
		"a refusal":                            {Filter{Purpose: "onboarding", Outcome: "refused"}, "fact_outcome"},
		"nothing":                              {Filter{Outcome: "ok"}, "NOT INDEXED"},
	} {
		ways, err := f.shortest(t.Context(), hunt{filter: tc.filter, within: stretch{0, 100}})
		if err != nil || !strings.Contains(ways[0].from, tc.first) {
			t.Errorf("%s: %+v, %v", name, ways, err)
		}
	}
}

func TestTimesAreFoundByBlocks(t *testing.T) {
	f := start(t)
	began := f.clock.Now()
	f.fillBatch(3*spanSize, "somebody") // all at one time
	f.clock.move(-time.Hour)            // set back
	f.append(view("p-back"))
	f.clock.move(2 * time.Hour)
	f.append(view("p-late"))
	size := f.State().Size
	for name, tc := range map[string]struct {
		filter Filter
		want   stretch
	}{
		"before all":        {Filter{To: began.Add(-2 * time.Hour)}, stretch{0, 0}},
		"after all":         {Filter{From: began.Add(3 * time.Hour)}, stretch{3 * spanSize, math.MaxInt64}},
		"the whole":         {Filter{From: began.Add(-2 * time.Hour), To: began.Add(3 * time.Hour)}, stretch{0, math.MaxInt64}},
		"the set back hour": {Filter{To: began.Add(-time.Minute)}, stretch{0, math.MaxInt64}},
		"a page of it":      {Filter{To: began.Add(time.Minute), Before: 7}, stretch{0, 7}},
	} {
		if got, err := f.stretch(t.Context(), tc.filter); err != nil || got != tc.want {
			t.Errorf("%s: %v, %v; want %v", name, got, err, tc.want)
		}
	}
	late := Filter{From: began.Add(30 * time.Minute)}
	if p, err := f.Find(t.Context(), late, 10); err != nil || !slices.Equal(p.Seqs, []int64{size - 1}) || p.Older != 0 {
		t.Errorf("late: %+v, %v", p, err)
	}
	back := Filter{To: began.Add(-30 * time.Minute)}
	if p, err := f.Find(t.Context(), back, 10); err != nil || !slices.Equal(p.Seqs, []int64{size - 2}) || p.Older != 0 {
		t.Errorf("set back: %+v, %v", p, err)
	}
}

func TestAPageOfARareFilterEndsAndLeadsOn(t *testing.T) {
	f := start(t)
	odd := view("p-odd")
	odd.Purpose = "alert"
	f.append(odd) // 2
	f.fillBatch(100, "somebody")
	filter := Filter{From: f.clock.Now().Add(-time.Hour), Purpose: "alert", Outcome: "ok", Actor: ada.Subject}
	size := f.State().Size
	p, err := f.page(t.Context(), Filter{Outcome: "ok", From: filter.From.Add(2 * time.Hour)}, 10, 30)
	if want := (Page{Older: size - 30, Partial: true}); err != nil || len(p.Seqs) != 0 || p.Older != want.Older || !p.Partial {
		t.Errorf("%+v, %v; want %+v", p, err, want)
	}
	if p, err = f.page(t.Context(), filter, 1000, 1000); err != nil || p.Partial || !slices.Contains(p.Seqs, 2) {
		t.Errorf("looked at all: %+v, %v", p, err)
	}
}

func TestRecordsComeInTheOrderAskedFor(t *testing.T) {
	f := start(t)
	f.fill(5)
	r := f.append(Event{Action: AuditView, Outcome: OK, Actor: ada})
	records, err := f.Records(t.Context(), r, []int64{4, 2, 99, 3})
	var seqs []int64
	for _, record := range records {
		seqs = append(seqs, record.Seq)
	}
	if err != nil || !slices.Equal(seqs, []int64{4, 2, 3}) {
		t.Errorf("got %v, %v", seqs, err)
	}
	if none, err := f.Records(t.Context(), r, nil); err != nil || len(none) != 0 {
		t.Errorf("of none: %v, %v", none, err)
	}
}

func TestSeenTellsWhoOpenedAProcess(t *testing.T) {
	f := start(t)
	other := view("p-1")
	other.Actor = Actor{Subject: "subject-2", Name: "Bo Example"}
	reveal := other
	reveal.Action = FieldReveal
	refused := other
	refused.Action, refused.Outcome, refused.Actor = AccessRefused, Refused, Actor{Subject: "subject-3", Name: "Cy Example"}
	for _, e := range []Event{view("p-1"), other, view("p-2"), refused, search("x", "p-1", "p-2"), search("y", "p-1"), reveal} {
		f.clock.move(time.Second)
		f.append(e)
	}
	want := Seen{Views: 2, Reveals: 1, Listed: 2, Readers: 2, Names: []string{"Bo Example", "Ada Example"}, Last: f.clock.Now()}
	if got, err := f.Seen(t.Context(), "p-1"); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, %v", got, err)
	}
	for _, id := range []string{"p-9", ""} {
		if got, err := f.Seen(t.Context(), id); err != nil || !reflect.DeepEqual(got, Seen{}) {
			t.Errorf("%q: %+v, %v", id, got, err)
		}
	}
}

func TestProcessFindsListsAndRefusalsToo(t *testing.T) {
	f := start(t)
	f.append(view("p-1"))
	f.append(search("x", "p-1", "p-2"))
	f.append(Event{Action: AccessRefused, Outcome: Refused, Actor: ada, Process: Process{ID: "p-1"}})
	f.append(view("p-2"))
	p, err := f.Find(t.Context(), Filter{Process: "p-1"}, 10)
	if err != nil || fmt.Sprint(p) != "{[4 3 2] 0 false}" {
		t.Errorf("got %v, %v", p, err)
	}
}
