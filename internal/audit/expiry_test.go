package audit

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"
)

// keepFor keeps search terms for some months, until the test ends.
func (f *fixture) keepFor(months int) {
	f.t.Helper()
	ctx, end := context.WithCancel(context.Background())
	var keeping sync.WaitGroup
	keeping.Go(func() { f.KeepTerms(ctx, months) })
	f.t.Cleanup(func() { end(); keeping.Wait() })
}

// expired counts the records that say that terms have expired, and the terms.
func (f *fixture) expired() (records int, terms int64) {
	for _, r := range f.all() {
		if r.Action == ProcessErase && r.Facts["reason"] == TermAge {
			records, terms = records+1, terms+r.Rows
		}
	}
	return records, terms
}

func TestSearchTermsGoByThemselves(t *testing.T) {
	f := start(t)
	f.append(search("old-canary", "p-1"))   // 2
	f.csv(ExportOptions{})                  // 3: its query stays; 4
	f.append(search("older-canary", "p-1")) // 5
	f.clock.move(200 * 24 * time.Hour)
	f.append(search("young")) // 6
	older, err := f.Checkpoint(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	f.keepFor(12)
	f.clock.move(164 * 24 * time.Hour)
	if records, _ := f.expired(); records != 0 {
		t.Fatalf("after 364 days %d records", records)
	}
	f.clock.move(2 * 24 * time.Hour)
	until(t, "the terms go", 10*time.Second, func() bool { _, terms := f.expired(); return terms == 2 })
	until(t, "their bytes go", 10*time.Second, func() bool { return heldBy(t, filepath.Dir(f.o.Path), "canary") == 0 })
	records := f.all()
	at := slices.IndexFunc(records, func(r Record) bool { return r.Action == ProcessErase })
	if e := records[at]; e.Actor != System.Subject || e.Facts["records"] != "2,5" || e.Facts["parts"] != "term" || e.Facts["months"] != "12" {
		t.Errorf("the record of it: %+v", e)
	}
	if records[2].Term != "" || records[2].ActorName == "" || records[3].Term == "" || records[6].Term != "young" {
		t.Error("other things went than the terms whose time is over")
	}
	f.soundErased(older, 2)
}

// atFirst is a writer that does something before the first byte.
type atFirst struct {
	bytes.Buffer
	do func()
}

func (w *atFirst) Write(b []byte) (int, error) {
	if w.do != nil {
		do := w.do
		w.do = nil
		do()
	}
	return w.Buffer.Write(b)
}

func TestNoTermGoesFromUnderAnExport(t *testing.T) {
	for name, o := range map[string]ExportOptions{"a bundle of everything": {Detail: true}, "a bundle of some": {Filter: Filter{Action: string(ProcessSearch)}}} {
		f := start(t)
		f.append(search("of long ago", "p-1"))
		f.clock.move(400 * 24 * time.Hour)
		x, err := f.BeginExport(t.Context(), Event{Actor: ada}, o)
		if err != nil {
			t.Fatal(err)
		}
		out := &atFirst{do: func() {
			if removed, err := f.EraseTerms(t.Context(), f.clock.Now(), nil); removed != 0 || !errors.Is(err, errLeaving) {
				t.Errorf("%s: %d terms went, %v", name, removed, err)
			}
		}}
		if err := x.WriteBundle(t.Context(), out); err != nil {
			t.Fatal(err)
		}
		if v := Verify(t.Context(), VerifyOptions{File: save(t, out.Bytes()), Key: f.VerifierKey()}); v.Exit != exitSound {
			t.Errorf("%s: %+v", name, v)
		}
		if removed, err := f.EraseTerms(t.Context(), f.clock.Now(), nil); removed != 1 || err != nil {
			t.Errorf("%s: afterwards %d terms went, %v", name, removed, err)
		}
	}
}

// A clock that was ahead for a while gave a term a time that is still to come. It must not be passed over for ever.
func TestATermThatWasWrittenAheadOfItsTimeGoesInItsTurn(t *testing.T) {
	f := start(t)
	now := f.clock.Now()
	f.clock.move(48 * time.Hour)
	f.append(search("ahead")) // 2
	f.clock.move(-48 * time.Hour)
	f.append(search("in time")) // 3
	removed, from, err := f.eraseTerms(t.Context(), now.Add(time.Hour), 0, nil)
	if err != nil || removed != 1 || from != 2 {
		t.Fatalf("removed %d, the next look begins at %d, %v", removed, from, err)
	}
	if removed, from, err = f.eraseTerms(t.Context(), now.Add(72*time.Hour), from, nil); err != nil || removed != 1 || from != f.State().Size-1 {
		t.Errorf("removed %d, the next look begins at %d of %d, %v", removed, from, f.State().Size, err)
	}
}

// Terms that stay between those that go make many spans: a record names some and leaves the others to the next.
func TestScatteredTermsFillSeveralRecords(t *testing.T) {
	f := start(t)
	const n = 2*expiredSpans + 5
	for range n {
		f.append(search("old"))
		f.append(Event{Action: AuditExport, Outcome: OK, Actor: ada, Term: `{"identity":false}`})
	}
	f.clock.move(time.Hour)
	older, err := f.Checkpoint(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	removed, err := f.EraseTerms(t.Context(), f.clock.Now(), map[string]string{"reason": TermAge})
	if records, terms := f.expired(); err != nil || removed != n || terms != n || records != 3 {
		t.Errorf("removed %d of %d, in %d records of %d, %v", removed, n, records, terms, err)
	}
	f.soundErased(older, n)
}

// A sweep must not say that it removed what somebody else did.
func TestASweepOfTermsCoversNothingThatSomebodyRemovedByHand(t *testing.T) {
	f := start(t)
	f.append(search("old", "p-1"))                                                                            // 2
	f.csv(ExportOptions{})                                                                                    // 3: its query stays; 4
	f.append(view("p-1"))                                                                                     // 5
	f.append(search("older", "p-1"))                                                                          // 6
	f.append(search("oldest", "p-1"))                                                                         // 7
	f.fillBatch(sweepChunk, "old")                                                                            // from 9 on; even ones have a term
	f.append(Event{Action: ProcessView, Outcome: OK, Actor: ada, Process: Process{ID: "p-1"}, Case: "KYC-1"}) // the last
	last := f.State().Size - 1
	f.clock.move(time.Hour)
	f.close()
	for name, tc := range map[string]struct {
		removed string
		bad     int64 // -1: none
	}{
		"nothing":                            {"seq = -1", -1},
		"the query of an export":             {"seq = 3 AND part = 'term'", 3},
		"a term between others":              {"seq = 6 AND part = 'term'", 6},
		"the first term":                     {"seq = 2 AND part = 'term'", 2},
		"the last term before a chunk ends":  {"seq = 1998 AND part = 'term'", 1998},
		"the first term after it":            {"seq = 2000 AND part = 'term'", 2000},
		"the case of a view, the very last":  {fmt.Sprintf("seq = %d AND part = 'purpose'", last), last},
		"the case of a view among the terms": {"seq = 5 AND part = 'purpose'", 5},
	} {
		t.Run(name, func(t *testing.T) {
			harmed := &fixture{t: t, clock: f.clock, o: f.o, logged: make(chan string, 1000)}
			harmed.o.Path, harmed.o.AnchorFile = f.copyTo(t.TempDir()), ""
			edit(t, harmed.o.Path, "DELETE FROM detail WHERE "+tc.removed)
			harmed.open(harmed.o)
			removed, err := harmed.EraseTerms(t.Context(), f.clock.Now(), map[string]string{"reason": TermAge})
			if err != nil || removed < sweepChunk/2 {
				t.Fatal(removed, err)
			}
			harmed.close()
			want := exitErased
			if tc.bad < 0 {
				want = exitSound
			}
			if v := Verify(t.Context(), VerifyOptions{File: harmed.o.Path, Key: f.VerifierKey()}); v.Exit != want || v.FirstBad != tc.bad {
				t.Errorf("%+v", v)
			}
		})
	}
}

// Where nothing is left to remove for a while, a span must not reach over it.
func TestASpanDoesNotReachOverAChunkWithoutTerms(t *testing.T) {
	f := start(t)
	s := sweep{trail: f.Trail, young: -1}
	for _, terms := range [][]term{{{seq: 3, expired: true}, {seq: 5, expired: true}}, nil, {{seq: 30_000, expired: true}}} {
		if err := s.take(t.Context(), terms); err != nil {
			t.Fatal(err)
		}
	}
	if got := spanWords(s.covers); got != "3-5,30000" {
		t.Errorf("it covers %s", got)
	}
}

func TestBytesOfTermsThatAKilledProgramLeftGoAfterTheNextStart(t *testing.T) {
	f := start(t)
	f.append(search("old-canary", "p-1"))
	f.clock.move(time.Hour)
	if removed, err := f.EraseTerms(t.Context(), f.clock.Now(), map[string]string{"reason": TermAge}); removed != 1 || err != nil {
		t.Fatal(removed, err)
	}
	next := &fixture{t: t, clock: f.clock, o: f.o, logged: f.logged}
	next.o.Path = f.copyTo(t.TempDir()) // as a kill leaves it before its bytes are overwritten
	if heldBy(t, filepath.Dir(next.o.Path), "canary") == 0 {
		t.Fatal("nothing is left to overwrite")
	}
	f.close()
	next.o.AnchorFile = ""
	next.open(next.o)
	next.keepFor(12)
	until(t, "their bytes go", 10*time.Second, func() bool { return heldBy(t, filepath.Dir(next.o.Path), "canary") == 0 })
}
