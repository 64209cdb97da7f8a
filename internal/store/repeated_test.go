package store

import (
	"fmt"
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
	found, err := x.repeats(t.Context(), key{keyDocument, "nx4b70k12"})
	if err != nil || len(found) != mostRepeats || found[0].ProcessID != crowd[len(crowd)-1].id {
		t.Errorf("%d rows, %v", len(found), err)
	}
	report := evidence.Report{}
	for i := range 40 {
		report.Fields = append(report.Fields, evidence.Field{Name: "documentNumber", Value: fmt.Sprintf("NX4B70K%d", i)})
	}
	if n := len(numbersOf(report)); n != mostNumbers {
		t.Errorf("%d numbers of one process are looked up", n)
	}
}
