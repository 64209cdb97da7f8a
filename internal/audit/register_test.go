package audit

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"slices"
	"testing"
	"time"
)

// look is a receipt for the trail.
func (f *fixture) look() Receipt {
	f.t.Helper()
	return f.append(Event{Action: AuditView, Outcome: OK, Actor: ada})
}

// departures are all that the register shows, newest first.
func (f *fixture) departures() []Departure {
	f.t.Helper()
	p, err := f.Find(f.t.Context(), Exports(), 100)
	if err != nil {
		f.t.Fatal(err)
	}
	list, err := f.Departures(f.t.Context(), f.look(), p.Seqs)
	if err != nil {
		f.t.Fatal(err)
	}
	return list
}

func TestTheRegisterTellsHowEachExportEnded(t *testing.T) {
	f := start(t)
	begin := func(filter Filter) *Export {
		x, err := f.BeginExport(t.Context(), Event{Actor: ada, RequestID: "r-9"}, ExportOptions{Filter: filter})
		if err != nil {
			t.Fatal(err)
		}
		return x
	}
	slow, crashed := begin(Filter{}), begin(Filter{})
	broken := begin(Filter{Action: "sign-in"})
	if err := broken.WriteCSV(t.Context(), writerFunc(func([]byte) (int, error) { return 0, errors.New("the reader is gone") })); err == nil {
		t.Fatal("a broken export was told to be whole")
	}
	f.append(Event{Action: ProcessExport, Outcome: Failed, Actor: ada})                 // began nothing
	f.append(Event{Action: ProcessExport, Outcome: OK, Actor: ada, RequestID: "r-old"}) // of the time before ends named their export
	f.append(Event{Action: ProcessExportDone, Outcome: OK, Actor: ada, RequestID: "r-old", Rows: 7, Facts: map[string]string{"sha256": "cd"}})
	var file bytes.Buffer
	if err := slow.WriteCSV(t.Context(), &file); err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(file.Bytes())
	want := []string{"process.export delivered 7 cd", "audit.export broken 0 " + hex.EncodeToString(sha256.New().Sum(nil)), "audit.export open 0 ",
		fmt.Sprintf("audit.export delivered %d %s", slow.seq+1, hex.EncodeToString(sum[:]))}
	if got := words(f.departures()); !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	f.close()
	f.open(f.o)
	want[2] = "audit.export halted 0 "
	if got := words(f.departures()); !slices.Equal(got, want) {
		t.Errorf("after a restart %q, want %q", got, want)
	}
	_ = crashed
}

func words(list []Departure) (lines []string) {
	for _, d := range list {
		state, rows := "open", int64(0)
		switch {
		case d.Delivered():
			state, rows = "delivered", d.End.Rows
		case d.End != nil:
			state, rows = "broken", d.End.Rows
		case d.Halted:
			state = "halted"
		}
		lines = append(lines, fmt.Sprintf("%s %s %d %s", d.Start.Action, state, rows, d.SHA256()))
	}
	return lines
}

func TestAFileIsFoundByItsHash(t *testing.T) {
	f := start(t)
	processes := f.append(Event{Action: ProcessExport, Outcome: OK, Actor: ada, RequestID: "r-1"})
	done := Event{Action: ProcessExportDone, Outcome: OK, Actor: ada, RequestID: "r-1", Facts: map[string]string{"sha256": "ab"}}
	f.append(done)
	f.append(done) // of a request whose export is the same
	x, err := f.BeginExport(t.Context(), Event{Actor: ada}, ExportOptions{})
	if err != nil {
		t.Fatal(err)
	}
	var file bytes.Buffer
	if err := x.WriteBundle(t.Context(), &file); err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(file.Bytes())
	for name, tc := range map[string]struct {
		sum  string
		want []int64
	}{
		"a bundle":           {hex.EncodeToString(sum[:]), []int64{x.seq}},
		"a file twice":       {"ab", []int64{processes.seq, processes.seq}},
		"none of ours":       {"cd", nil},
		"nothing":            {"", nil},
		"a part of a hash":   {hex.EncodeToString(sum[:16]), nil},
		"what a hash is not": {"%", nil},
	} {
		if got, err := f.ExportsOf(t.Context(), tc.sum); err != nil || !slices.Equal(got, tc.want) {
			t.Errorf("%s: %v, %v; want %v", name, got, err, tc.want)
		}
	}
}

func TestTheRegisterNeedsARecordOfItsReader(t *testing.T) {
	f := start(t)
	f.csv(ExportOptions{})
	other := f.append(search("x"))
	for name, r := range map[string]Receipt{"none": {}, "of a search": other} {
		if _, err := f.Departures(t.Context(), r, []int64{2}); !errors.Is(err, errNoReceipt) {
			t.Errorf("the register with a receipt %s: %v", name, err)
		}
		if _, _, err := f.People(t.Context(), r); !errors.Is(err, errNoReceipt) {
			t.Errorf("people with a receipt %s: %v", name, err)
		}
		if _, err := f.Statement(t.Context(), r, "p-1", time.Time{}, time.Time{}); !errors.Is(err, errNoReceipt) {
			t.Errorf("a statement with a receipt %s: %v", name, err)
		}
	}
}

func TestPeopleHaveTheNameTheyHadLast(t *testing.T) {
	f := start(t)
	married := view("p-1")
	married.Actor.Name = "Ada Married"
	bo := view("p-1")
	bo.Actor = Actor{Subject: "subject-0", Name: "Bo Example"}
	late := bo
	late.Actor.Name = "" // ended by somebody else: no name of its own
	f.append(view("p-1"))
	f.append(bo)
	f.append(married)
	f.clock.move(time.Hour)
	f.append(late)
	for range 3 {
		f.append(Event{Action: ProcessFetch, Outcome: OK, Actor: System})
	}
	people, more, err := f.People(t.Context(), mint(0, Event{Action: AuditView, Outcome: OK}))
	now := f.clock.Now()
	want := []Person{{"subject-0", "Bo Example", now}, {"subject-1", "Ada Married", now.Add(-time.Hour)}, {"system", "", now}}
	if err != nil || more || !slices.Equal(people, want) {
		t.Errorf("got %+v, %v, %v; want %+v", people, more, err, want)
	}
}

func TestPeopleAreBounded(t *testing.T) {
	f := start(t)
	done := make(chan error, mostPeople+10)
	for i := range mostPeople + 10 {
		go func() {
			e := view("p-1")
			e.Actor.Subject = fmt.Sprintf("s-%04d", i)
			_, err := f.Append(context.Background(), e)
			done <- err
		}()
	}
	for range mostPeople + 10 {
		if err := <-done; err != nil {
			t.Fatal(err)
		}
	}
	people, more, err := f.People(t.Context(), f.look())
	if err != nil || !more || len(people) != mostPeople {
		t.Errorf("%d people, more %v, %v", len(people), more, err)
	}
}

// A fault that is mended ends no export: the program that writes it is the same.
func TestAnExportGoesOnWhenTheTrailWasClosedForAWhile(t *testing.T) {
	f := start(t)
	x, err := f.BeginExport(t.Context(), Event{Actor: ada}, ExportOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(f.o.Path, 0o400); err != nil {
		t.Fatal(err)
	}
	if _, err := f.Append(t.Context(), view("p-1")); err == nil {
		t.Fatal("a read-only file took a record")
	}
	if err := os.Chmod(f.o.Path, 0o600); err != nil {
		t.Fatal(err)
	}
	until(t, "the trail opens again", 10*time.Second, func() bool { return f.Ready() == nil })
	if got := words(f.departures()); !slices.Equal(got, []string{"audit.export open 0 "}) {
		t.Errorf("while it is written: %q", got)
	}
	var file bytes.Buffer
	if err := x.WriteCSV(t.Context(), &file); err != nil {
		t.Fatal(err)
	}
	if list := f.departures(); len(list) != 1 || !list[0].Delivered() {
		t.Errorf("at its end: %q", words(list))
	}
	if _, err := f.BeginExport(t.Context(), Event{Actor: ada}, ExportOptions{}); err != nil {
		t.Fatal(err)
	}
	f.close()
	f.open(f.o)
	if got := words(f.departures()); got[0] != "audit.export halted 0 " {
		t.Errorf("another one, after a restart: %q", got)
	}
}
