package audit

import (
	"database/sql"
	"fmt"
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
				Purpose: pick(rt, "purpose", "", "alert"), Process: Process{ID: pick(rt, "process", "", "p-1", "p-2")}}
			if e.Action == ProcessSearch {
				e.Shown = rapid.SliceOfN(rapid.SampledFrom([]string{"p-1", "p-2", "p-3"}), 0, 3).Draw(rt, "shown")
			}
			f.append(e)
		}
		filter := Filter{Actor: pick(rt, "of", "", "a", "b"), Action: pick(rt, "did", "", string(ProcessView), string(ProcessSearch)),
			Outcome: pick(rt, "ended", "", "ok", "refused"), Purpose: pick(rt, "for", "", "alert"), Process: pick(rt, "about", "", "p-1", "p-3"),
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
		if got := f.pages(rt, filter, rapid.IntRange(1, 7).Draw(rt, "limit")); !slices.Equal(got, want) {
			rt.Errorf("%+v finds %v, want %v", filter, got, want)
		}
	})
}

// pages reads a filter page by page.
func (f *fixture) pages(t *rapid.T, filter Filter, limit int) (seqs []int64) {
	for {
		p, err := f.Find(f.t.Context(), filter, limit)
		if err != nil {
			t.Fatal(err)
		}
		if len(p.Seqs) > limit || len(p.Seqs) == 0 && p.Older != 0 {
			t.Fatalf("a page of %d: %+v", limit, p)
		}
		seqs = append(seqs, p.Seqs...)
		if p.Older == 0 {
			return seqs
		}
		filter.Before = p.Older
	}
}

// TestAFilterReadsAnIndex keeps lists quick: with millions of records a page must not read them all, nor sort them.
func TestAFilterReadsAnIndex(t *testing.T) {
	f := start(t)
	for name, tc := range map[string]struct {
		filter Filter
		index  string
	}{
		"by actor":          {Filter{Actor: "a"}, "fact_actor"},
		"by action":         {Filter{Action: "process.view"}, "fact_action"},
		"what was refused":  {Filter{Outcome: "refused"}, "fact_outcome"},
		"by purpose":        {Filter{Purpose: "alert"}, "fact_purpose"},
		"by process":        {Filter{Process: "p-1"}, "fact_process"},
		"nothing":           {Filter{}, "SCAN fact"},
		"what went well":    {Filter{Outcome: "ok"}, "SCAN fact"},
		"actor, older page": {Filter{Actor: "a", Before: 5}, "fact_actor"},
	} {
		where, args := tc.filter.conditions()
		var plan []string
		err := f.db.Load().Stream(t.Context(), "EXPLAIN QUERY PLAN SELECT seq FROM fact WHERE "+where+" ORDER BY seq DESC LIMIT 100", args, func(c []sql.RawBytes) error {
			plan = append(plan, string(c[3]))
			return nil
		})
		text := strings.Join(plan, "; ")
		if err != nil || !strings.Contains(text, tc.index) || strings.Contains(text, "ORDER BY") && tc.filter.Process == "" {
			t.Errorf("%s: %s, %v", name, text, err)
		}
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
	if err != nil || fmt.Sprint(p) != "{[4 3 2] 0}" {
		t.Errorf("got %v, %v", p, err)
	}
}
