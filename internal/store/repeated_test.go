package store

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/assure-portal/portal/internal/audit"
	"github.com/assure-portal/portal/internal/evidence"
)

// repeatsOf are the other processes that a process's newest report names, worst first.
func (h *house) repeatsOf(t *testing.T, trail *audit.Trail, id string) string {
	t.Helper()
	head, err := h.Head(t.Context(), id, 0)
	must(t, err)
	view := receipt(t, trail, audit.Event{Action: audit.ProcessView, Process: audit.Process{ID: id, Version: head.Version}})
	report, err := h.Report(t.Context(), view, id, 0)
	must(t, err)
	var out []string
	for _, f := range report.Findings {
		if f.Code == evidence.FindNumberRepeated {
			out = append(out, fmt.Sprintf("%s/%d", f.Process, f.Severity))
		}
	}
	return fmt.Sprint(out)
}

func TestANumberOfAnotherPersonIsFoundWhateverItsForm(t *testing.T) {
	h, trail := newHouse(t), newTrail(t)
	h.save(t,
		person{first: "Sanne", last: "Müller", born: "1989-07-30", document: "NX4B70K12", personal: "900-184-462"},
		person{first: "Joris", last: "Okkerse", born: "1971-02-14", document: "nx4b 70k 12"},
		person{first: "SANNE", last: "MUELLER", born: "1989-07-30", document: "NX-4B70K12"},
		person{first: "Fenna", last: "Terpstra", born: "1989-07-30", document: "QQ1122334", personal: "900184462"},
		person{first: "Wouter", last: "Brandt", born: "1960-01-01", document: "NX4B70K13"},
		person{first: "Thijs", last: "Brandt", born: "1961-01-01", document: "000000000"},
		person{first: "Elin", last: "Brekke", born: "1962-01-01", document: "000000000"},
		person{first: "Tuva", last: "Brekke", born: "1963-01-01", document: "A12"},
		person{first: "Leif", last: "Tveit", born: "1964-01-01", document: "A12"})
	for id, want := range map[string]string{"p01": "[p02/3 p04/2]", "p02": "[p03/3 p01/3]", "p03": "[p02/3]", "p04": "[p01/2]",
		"p05": "[]", "p06": "[]", "p08": "[]"} {
		if got := h.repeatsOf(t, trail, id); got != want {
			t.Errorf("%s: %s, want %s", id, got, want)
		}
	}
}

func TestARepeatedNumberComesAndGoesWithTheOtherProcess(t *testing.T) {
	h, trail := newHouse(t), newTrail(t)
	one := person{id: "p01", first: "Sanne", last: "Müller", born: "1989-07-30", document: "NX4B70K12"}
	other := person{id: "p02", first: "Joris", last: "Okkerse", born: "1971-02-14", document: "NX4B70K12"}
	h.save(t, one)
	if got := h.repeatsOf(t, trail, "p01"); got != "[]" {
		t.Errorf("alone: %s", got)
	}
	h.save(t, other)
	if got := h.repeatsOf(t, trail, "p01"); got != "[p02/3]" {
		t.Errorf("another came: %s", got)
	}
	other.document = "NX4B70K21"
	h.save(t, other)
	if got := h.repeatsOf(t, trail, "p01"); got != "[]" {
		t.Errorf("its number was corrected: %s", got)
	}
}

// However many processes have a number, only so many are read.
func TestTheSearchForARepeatedNumberIsBounded(t *testing.T) {
	h := newHouse(t)
	var crowd []person
	for i := range mostRepeats + 30 {
		crowd = append(crowd, person{id: fmt.Sprintf("q%03d", i), first: "Joris", last: fmt.Sprintf("Okkerse%c", 'a'+i%26), born: "1971-02-14", document: "NX4B70K12"})
	}
	h.save(t, crowd...)
	x, err := h.acquire()
	must(t, err)
	defer x.users.Done()
	number := key{keyDocument, "nx4b70k12"}
	near, err := x.repeats(t.Context(), []key{{keyPersonal, "nobody's"}, number})
	found := near[number]
	if err != nil || len(near) != 1 || len(found) != mostRepeats || found[0].processID != crowd[len(crowd)-1].id {
		t.Errorf("%d rows, %v", len(found), err)
	}
	var keys []key
	for i := range 40 {
		keys = append(keys, key{keyDocument, fmt.Sprintf("nx4b70k%d", i)})
	}
	if n := len(numbersOf(keys)); n != mostNumbers {
		t.Errorf("%d numbers of one process are looked up", n)
	}
}

// told are the processes that a search for the finding lists, by id.
func (h *house) told(t *testing.T) string {
	t.Helper()
	ids := h.search(t, Query{Finding: []string{evidence.FindNumberRepeated}}).IDs
	slices.Sort(ids)
	return fmt.Sprint(ids)
}

func TestAListTellsOfARepeatedNumberOnBothSidesAndForgetsItOnBoth(t *testing.T) {
	h := newHouse(t)
	one := person{id: "p01", first: "Sanne", last: "Müller", born: "1989-07-30", document: "NX4B70K12"}
	same := person{id: "p02", first: "SANNE", last: "MUELLER", born: "1989-07-30", document: "NX4B70K12"}
	other := person{id: "p03", first: "Joris", last: "Okkerse", born: "1971-02-14", document: "NX-4B70-K12"}
	corrected := other
	corrected.document = "NX4B70K21"
	for _, step := range []struct {
		name string
		does func()
		want string
	}{
		{"one alone", func() { h.save(t, one) }, "[]"},
		{"the same person again", func() { h.save(t, same) }, "[]"},
		{"another person", func() { h.save(t, other) }, "[p01 p02 p03]"},
		{"a rebuild", func() { must(t, h.Reindex(t.Context(), func(int, int) {})) }, "[p01 p02 p03]"},
		{"the other's number is corrected", func() { h.save(t, corrected) }, "[]"},
		{"and comes again", func() { h.save(t, other) }, "[p01 p02 p03]"},
		{"a stop and a start", func() { h.reopen(t) }, "[p01 p02 p03]"},
		{"the other is erased", func() { must(t, h.Erase(t.Context(), "p03", "request", noon)) }, "[]"},
		{"a rebuild after it", func() { must(t, h.Reindex(t.Context(), func(int, int) {})) }, "[]"},
	} {
		step.does()
		if got := h.told(t); got != step.want {
			t.Fatalf("after %s: %s, want %s", step.name, got, step.want)
		}
		h.checkMemory(t)
	}
}

// Whatever comes in whatever order, the index says what one that is built anew says, and what each page says.
func TestRepeatedNumbersAreTheSameHoweverTheyCame(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 3))
	h, trail := newHouse(t), newTrail(t)
	names, days, numbers := []string{"Müller", "Mueller", "Okkerse", ""}, []string{"1989-07-30", "1971-02-14", ""}, []string{"NX4B70K12", "QQ1122334", "ZZ9988776", "A1"}
	pick := func(from []string) string { return from[r.IntN(len(from))] }
	for range 60 {
		p := person{id: fmt.Sprintf("p%02d", r.IntN(12)), first: "Sanne", last: pick(names), born: pick(days), document: pick(numbers), personal: pick(numbers)}
		h.save(t, p)
	}
	order := fmt.Sprint(h.search(t, Query{Sort: "attention"}).IDs)
	before := h.told(t)
	var pages []string
	for _, id := range h.search(t, Query{}).IDs {
		if h.repeatsOf(t, trail, id) != "[]" {
			pages = append(pages, id)
		}
	}
	slices.Sort(pages)
	must(t, h.Reindex(t.Context(), func(int, int) {}))
	if after := fmt.Sprint(h.search(t, Query{Sort: "attention"}).IDs); after != order {
		t.Errorf("as they came the worst are %s, built anew %s", order, after)
	}
	if after := h.told(t); before == "[]" || after != before || fmt.Sprint(pages) != before {
		t.Errorf("as they came %s, built anew %s, by their pages %s", before, after, pages)
	}
}

func TestARepeatedNumberIsAmongTheWorst(t *testing.T) {
	h, trail := newHouse(t), newTrail(t)
	h.save(t, person{first: "Sanne", last: "Müller", born: "1989-07-30", document: "NX4B70K12"}, person{first: "Joris", last: "Okkerse", born: "1971-02-14", document: "NX4B70K12"})
	rows, err := h.Rows(t.Context(), receipt(t, trail, audit.Event{Action: audit.ProcessSearch, Shown: []string{"p01"}}), []string{"p01"})
	if err != nil || len(rows) != 1 || rows[0].WorstSeverity != evidence.Bad || rows[0].Findings[0] != evidence.FindNumberRepeated || !strings.Contains(rows[0].WorstText, "another name") {
		t.Errorf("%+v, %v", rows, err)
	}
}
