package audit

import (
	"bytes"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/tlog"
)

// life fills a trail with what happens around process p-1. The records, from 2 on:
//
//	2 a look at it        3 a search that found it alone   4 a search that found it and another   5 a look at another
//	6 an export of processes   7 an export of the trail that held it   8 its end
func life(f *fixture) {
	look := view("p-1")
	look.Case, look.Because = "CASE-canary-1", "because-canary-1"
	f.append(look)
	f.append(search("term-canary-1", "p-1"))
	f.append(search("term-of-two", "p-1", "p-2"))
	f.append(view("p-2"))
	f.append(Event{Action: ProcessExport, Outcome: OK, Actor: ada, Term: "term-of-export", Facts: map[string]string{"provider": "onfido"}})
	f.csv(ExportOptions{Filter: Filter{Process: "p-1"}, Detail: true})
}

func (f *fixture) csv(o ExportOptions) {
	f.t.Helper()
	x, err := f.BeginExport(f.t.Context(), Event{Actor: ada}, o)
	if err != nil {
		f.t.Fatal(err)
	}
	if err := x.WriteCSV(f.t.Context(), &bytes.Buffer{}); err != nil {
		f.t.Fatal(err)
	}
}

// heldBy counts how often a text stands in the files of a directory.
func heldBy(t testing.TB, dir, text string) (n int) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		n += bytes.Count(content, []byte(text))
	}
	return n
}

func (f *fixture) traces(id string) Traces {
	f.t.Helper()
	found, err := f.Traces(f.t.Context(), id)
	if err != nil {
		f.t.Fatal(err)
	}
	return found
}

func (f *fixture) erase(id string) {
	f.t.Helper()
	e := Event{Action: ProcessErase, Outcome: OK, Actor: ada, Process: Process{ID: id}, Because: "art. 17", Facts: map[string]string{"versions": "1"}}
	if err := f.Erase(f.t.Context(), e, f.traces(id)); err != nil {
		f.t.Fatal(err)
	}
	if err := f.Scrub(f.t.Context(), 5*time.Second); err != nil {
		f.t.Fatal(err)
	}
}

func TestTracesOfAProcess(t *testing.T) {
	f := start(t)
	if found := f.traces("p-1"); !found.First.IsZero() || len(found.Records)+len(found.Handouts)+len(found.Listings) != 0 {
		t.Errorf("before anything: %+v", found)
	}
	f.csv(ExportOptions{}) // records 2 and 3: it held nothing of the process yet
	f.append(Event{Action: ProcessExport, Outcome: OK, Actor: ada})
	life(f) // from 5 on
	f.csv(ExportOptions{Filter: Filter{Actor: "nobody"}})
	f.csv(ExportOptions{AllLeaves: true})
	found := f.traces("p-1")
	if !slices.Equal(found.Records, []int64{5, 6}) || found.First != f.clock.Now() {
		t.Errorf("records %v since %v", found.Records, found.First)
	}
	if len(found.Listings) != 1 || found.Listings[0].Seq != 7 || found.Listings[0].Others != 1 {
		t.Errorf("listings %+v", found.Listings)
	}
	var handouts []string
	for _, h := range found.Handouts {
		handouts = append(handouts, fmt.Sprintf("%d %s %t %s", h.Seq, h.Action, h.Sure, h.Actor))
	}
	want := []string{"9 process.export false subject-1", "10 audit.export true subject-1", "14 audit.export true subject-1"}
	if !slices.Equal(handouts, want) {
		t.Errorf("handouts %q, want %q", handouts, want)
	}
}

func TestASearchOfManyPagesIsNotTakenForOneThatFoundTheProcessAlone(t *testing.T) {
	f := start(t)
	last := search("a name of many", "p-1") // the last page of 51 results
	last.Rows = 51
	f.append(last)
	if found := f.traces("p-1"); len(found.Records) != 0 || len(found.Listings) != 1 || found.Listings[0].Others != 50 {
		t.Errorf("%+v", found)
	}
}

func TestAnErasureTakesTheDetailsOfTheProcessAndNothingElse(t *testing.T) {
	f := start(t)
	life(f)
	older, err := f.Checkpoint(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	whole := save(t, f.bundle(ExportOptions{Identity: true, Detail: true}))
	dir := filepath.Dir(f.o.Path)
	if heldBy(t, dir, "canary-1") == 0 {
		t.Fatal("the canaries are not there")
	}
	f.erase("p-1")
	if n := heldBy(t, dir, "canary-1"); n != 0 {
		t.Errorf("%d canaries are left", n)
	}
	records := f.all()
	for _, r := range records {
		if erased := r.Seq == 2 || r.Seq == 3; r.Erased != erased {
			t.Errorf("record %d erased: %t", r.Seq, r.Erased)
		}
	}
	if r := records[2]; r.ActorName != ada.Name || r.Purpose != "onboarding" || r.Case != "" {
		t.Errorf("who looked, and for what, must stay: %+v", r)
	}
	if records[4].Term != "term-of-two" || records[6].Term != "term-of-export" || records[5].Case != "KYC-1" {
		t.Error("details of others were taken")
	}
	last := records[len(records)-1]
	if last.Facts["records"] != "2-3" || last.Facts["parts"] != "purpose,shown,term" || last.Facts["versions"] != "1" || last.Because != "art. 17" {
		t.Errorf("the record of it: %+v", last)
	}
	f.soundErased(older, 2)
	if v := Verify(t.Context(), VerifyOptions{File: whole, Key: f.VerifierKey()}); v.Exit != 0 {
		t.Errorf("the bundle from before: %+v", v)
	}
	if again := f.traces("p-1"); len(again.Records) != 0 {
		t.Errorf("left to erase: %v", again.Records)
	}
}

// soundErased verifies file and bundles, also against what was signed before.
func (f *fixture) soundErased(older string, erased int) {
	f.t.Helper()
	against := save(f.t, []byte(older))
	for name, file := range map[string]string{"the file": f.o.Path, "a bundle": save(f.t, f.bundle(ExportOptions{Detail: true})),
		"a bundle of what was erased": save(f.t, f.bundle(ExportOptions{Filter: Filter{Actor: ada.Subject}}))} {
		v := Verify(f.t.Context(), VerifyOptions{File: file, Key: f.VerifierKey(), Against: against})
		if v.Exit != 0 || !strings.Contains(v.Sentence, fmt.Sprintf("details of %d records were erased, each with a record that says so", erased)) {
			f.t.Errorf("%s: %+v", name, v)
		}
	}
}

func TestAnErasureOfWhatHasNoDetailsIsOneRecord(t *testing.T) {
	f := start(t)
	size := f.State().Size
	f.erase("p-1")
	if last := f.all()[size]; f.State().Size != size+1 || last.Action != ProcessErase || last.Facts["records"] != "" {
		t.Errorf("%d records, the last %+v", f.State().Size-size, last)
	}
}

func TestALongErasureTakesSeveralRecordsThatEachFit(t *testing.T) {
	f := start(t)
	const n = 600
	for range n {
		f.append(view("p-1"))
		f.append(Event{Action: AccessRefused, Outcome: Refused, Actor: System}) // so that no two make a range
	}
	size := f.State().Size
	f.erase("p-1")
	var covered int
	for _, r := range f.all()[size:] {
		if len(r.Leaf) > maxLeaf {
			t.Errorf("record %d has %d bytes", r.Seq, len(r.Leaf))
		}
		covered += len(strings.Split(r.Facts["records"], ","))
	}
	if covered != n || f.State().Size-size < 2 {
		t.Errorf("%d records cover %d", f.State().Size-size, covered)
	}
	if v := Verify(t.Context(), VerifyOptions{File: f.o.Path, Key: f.VerifierKey()}); v.Exit != 0 {
		t.Errorf("%+v", v)
	}
}

func TestDetailsGoWithTheirRecordOrNotAtAll(t *testing.T) {
	f := start(t)
	life(f)
	// The record cannot be written: neither may the details go.
	edit(t, f.o.Path, "CREATE TRIGGER stop BEFORE INSERT ON entry BEGIN SELECT RAISE(ABORT, 'the disk refuses'); END")
	if err := f.Erase(t.Context(), Event{Action: ProcessErase, Outcome: OK, Actor: ada, Process: Process{ID: "p-1"}}, f.traces("p-1")); err == nil {
		t.Fatal("an erasure without a record")
	}
	var kept int
	if err := rawOpen(t, f.o.Path).Reader.QueryRow("SELECT count(*) FROM detail WHERE seq IN (2, 3)").Scan(&kept); err != nil || kept != 5 {
		t.Errorf("%d details are kept, %v", kept, err)
	}
	if v := Verify(t.Context(), VerifyOptions{File: f.o.Path, Key: f.VerifierKey()}); v.Exit != 0 {
		t.Errorf("%+v", v)
	}
}

func TestTermsGoWhenTheirTimeIsOver(t *testing.T) {
	f := start(t)
	f.append(search("old-canary", "p-1", "p-2"))            // 2
	f.append(view("p-1"))                                   // 3
	f.append(search("old-canary too", "p-1"))               // 4
	f.csv(ExportOptions{Filter: Filter{Action: "sign-in"}}) // 5: its query stays; 6
	f.append(search("old-canary again"))                    // 7
	f.clock.move(time.Hour)
	f.append(search("young", "p-1"))
	older, err := f.Checkpoint(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	size := f.State().Size
	removed, err := f.EraseTerms(t.Context(), f.clock.Now(), map[string]string{"reason": "term-age"})
	if err != nil || removed != 3 {
		t.Fatalf("removed %d, %v", removed, err)
	}
	if err := f.Scrub(t.Context(), 5*time.Second); err != nil {
		t.Fatal(err)
	}
	if n := heldBy(t, filepath.Dir(f.o.Path), "old-canary"); n != 0 {
		t.Errorf("%d terms are left", n)
	}
	records := f.all()
	last := records[size]
	if f.State().Size != size+1 || last.Facts["records"] != "2-4,7" || last.Facts["parts"] != "term" || last.Rows != 3 || last.Actor != System.Subject {
		t.Errorf("the record of it: %+v", last)
	}
	if records[2].ActorName == "" || len(records[2].Shown) != 2 || records[5].Term == "" || records[8].Term != "young" {
		t.Error("more than terms were taken")
	}
	f.soundErased(older, 3)
	if removed, err := f.EraseTerms(t.Context(), f.clock.Now(), nil); removed != 0 || err != nil || f.State().Size != size+5 {
		t.Errorf("again: %d, %v", removed, err)
	}
}

func TestARecordOfExpiredTermsCoversNoOtherPart(t *testing.T) {
	f := start(t)
	f.append(search("old", "p-1"))
	f.clock.move(time.Hour)
	if _, err := f.EraseTerms(t.Context(), f.clock.Now(), nil); err != nil {
		t.Fatal(err)
	}
	f.close()
	edit(t, f.o.Path, "DELETE FROM detail WHERE seq = 2 AND part = 'who'")
	if v := Verify(t.Context(), VerifyOptions{File: f.o.Path, Key: f.VerifierKey()}); v.Exit != exitErased || v.FirstBad != 2 {
		t.Errorf("who searched was removed: %+v", v)
	}
}

func TestManyExpiredTermsGoInBatches(t *testing.T) {
	f := start(t)
	const n = 2*maxErased + 10
	for first := 0; first < n; first += 250 {
		l := make(chan error, 250)
		for range min(250, n-first) {
			go func() { _, err := f.Append(t.Context(), search("x")); l <- err }()
		}
		for range min(250, n-first) {
			if err := <-l; err != nil {
				t.Fatal(err)
			}
		}
	}
	f.clock.move(time.Hour)
	size := f.State().Size
	if removed, err := f.EraseTerms(t.Context(), f.clock.Now(), nil); err != nil || removed != n || f.State().Size-size != 3 {
		t.Errorf("removed %d in %d records, %v", removed, f.State().Size-size, err)
	}
	if v := Verify(t.Context(), VerifyOptions{File: f.o.Path, Key: f.VerifierKey()}); v.Exit != 0 {
		t.Errorf("%+v", v)
	}
}

func TestThePortalsOwnCheckWaitsForTheRecordOfAnErasure(t *testing.T) {
	f := start(t)
	f.append(search("old", "p-1"))
	w := newSelfWalk(f.key)
	f.clock.move(time.Hour)
	if _, err := f.EraseTerms(t.Context(), f.clock.Now(), nil); err != nil {
		t.Fatal(err)
	}
	// It set out before the erasure, and meets the gap before the record.
	root, err := tlog.TreeHash(3, nodes(t.Context(), f.db.Load().Reader))
	if err != nil {
		t.Fatal(err)
	}
	if err := w.verify(t.Context(), f.db.Load(), signed{origin: testOrigin, size: 3, root: root}); err != nil || w.fault() != "" {
		t.Errorf("%v, %s", err, w.fault())
	}
	if err := w.verify(t.Context(), f.db.Load(), f.newest); err != nil || w.fault() != "" {
		t.Errorf("with the record: %v, %s", err, w.fault())
	}
}

func TestThePortalsOwnCheckFindsADetailThatNoRecordCovers(t *testing.T) {
	f := start(t)
	f.append(search("old", "p-1"))
	if err := f.db.Load().InTx(t.Context(), func(tx *sql.Tx) error {
		_, err := tx.Exec("DELETE FROM detail WHERE seq = 2 AND part = 'term'")
		return err
	}); err != nil {
		t.Fatal(err)
	}
	w := newSelfWalk(f.key)
	for range 2 {
		f.append(view("p-1"))
		if _, err := f.Checkpoint(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := w.verify(t.Context(), f.db.Load(), f.newest); err != nil {
			t.Fatal(err)
		}
	}
	if !strings.Contains(w.fault(), "no erasure is recorded") {
		t.Errorf("found %q", w.fault())
	}
}
