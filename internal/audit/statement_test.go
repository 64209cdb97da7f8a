package audit

import (
	"fmt"
	"slices"
	"testing"
	"time"
)

// stated are the accesses of a statement, by kind.
func stated(s Statement) map[Action][]string {
	all := map[Action][]string{}
	for action, kind := range s.By {
		for _, a := range kind.Listed {
			all[action] = append(all[action], fmt.Sprintf("%s %s %s %d", a.Time.Format("15:04"), a.Purpose, a.What, a.Rows))
		}
		if kind.Older > 0 {
			all[action] = append(all[action], fmt.Sprintf("and %d older", kind.Older))
		}
	}
	return all
}

func (f *fixture) statement(id string, from, to time.Time) Statement {
	f.t.Helper()
	s, err := f.Statement(f.t.Context(), mint(0, Event{Action: AuditView, Outcome: OK}), id, from, to)
	if err != nil {
		f.t.Fatal(err)
	}
	return s
}

func TestAStatementTellsEachKindOfAccessApart(t *testing.T) {
	f := start(t)
	then := func(e Event) { f.append(e); f.clock.move(time.Minute) }
	reveal, image, refused, fetch := view("p-1"), view("p-1"), view("p-1"), view("p-1")
	reveal.Action, reveal.Facts, reveal.Purpose = FieldReveal, map[string]string{"field": "lastName"}, "alert"
	image.Action, image.Facts, image.Outcome = ProcessImage, map[string]string{"image": "front"}, Unknown
	refused.Action, refused.Outcome = AccessRefused, Refused
	fetch.Action, fetch.Actor = ProcessFetch, System
	then(fetch)                     // 09:14
	then(search("x", "p-2", "p-1")) // 09:15
	then(view("p-1"))               // 09:16
	then(reveal)                    // 09:17
	then(image)                     // 09:18: the end is not known
	image.Outcome = OK              //
	then(image)                     // 09:19
	then(refused)                   // 09:20
	then(view("p-2"))               // 09:21
	f.csv(ExportOptions{Filter: Filter{Action: "sign-in"}})
	f.csv(ExportOptions{Filter: Filter{Process: "p-2"}}) // a list showed both
	f.csv(ExportOptions{Filter: Filter{Actor: ada.Subject}})
	then(Event{Action: ProcessExport, Outcome: OK, Actor: ada, Facts: map[string]string{"status": "accepted"}})
	s := f.statement("p-1", time.Time{}, time.Time{})
	want := map[Action][]string{ProcessSearch: {"09:15 alert  2"}, ProcessView: {"09:16 onboarding  0"}, FieldReveal: {"09:17 alert lastName 0"}, ProcessImage: {"09:19 onboarding front 0"}}
	if got := stated(s); fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
	var handouts []string
	for _, h := range s.Handouts {
		handouts = append(handouts, fmt.Sprintf("%s %v", h.Action, h.Sure))
	}
	if want := []string{"audit.export false", "audit.export true", "process.export false"}; !slices.Equal(handouts, want) {
		t.Errorf("exports %q, want %q", handouts, want)
	}
	if want := time.Date(2026, 3, 2, 9, 14, 5, 113e6, time.UTC); !s.First.Equal(want) {
		t.Errorf("first seen %v, want %v", s.First, want)
	}
	if s := f.statement("p-9", time.Time{}, time.Time{}); !s.First.IsZero() || len(s.By) != 0 || len(s.Handouts) != 0 {
		t.Errorf("of a process that nobody knows: %+v", s)
	}
}

func TestAStatementIsOfSomeTime(t *testing.T) {
	f := start(t)
	began := f.clock.Now()
	for range 4 {
		f.append(view("p-1"))
		f.append(Event{Action: ProcessExport, Outcome: OK, Actor: ada})
		f.clock.move(time.Hour)
	}
	s := f.statement("p-1", began.Add(time.Hour), began.Add(3*time.Hour))
	if got := stated(s)[ProcessView]; !slices.Equal(got, []string{"10:14 onboarding  0", "11:14 onboarding  0"}) || len(s.Handouts) != 2 || !s.First.Equal(began) {
		t.Errorf("%q, %d exports, first %v", got, len(s.Handouts), s.First)
	}
}

func TestALongStatementListsTheNewestAndCountsTheOthers(t *testing.T) {
	f := start(t)
	f.fillBatch(2*(mostAccesses+50), "x") // every other record is a list with p-3
	s := f.statement("p-3", time.Time{}, time.Time{})
	total := 0
	for action, kind := range s.By {
		if total += len(kind.Listed) + kind.Older; len(kind.Listed) > mostAccesses {
			t.Errorf("%d of %s", len(kind.Listed), action)
		}
	}
	p, err := f.Find(t.Context(), Filter{Process: "p-3", Outcome: "ok"}, 10*mostAccesses)
	if err != nil || total != len(p.Seqs) || total <= mostAccesses {
		t.Errorf("the statement counts %d accesses, the trail has %d, %v", total, len(p.Seqs), err)
	}
}

func TestADossierHasTheProcessesThatTheTrailNamesWithIt(t *testing.T) {
	f := start(t)
	other := view("p-2")
	other.Process.DossierID = "d-p-1"
	for _, e := range []Event{view("p-1"), other, view("p-3"), view("p-1")} {
		f.append(e)
	}
	if got, err := f.ProcessesOf(t.Context(), "d-p-1"); err != nil || !slices.Equal(got, []string{"p-1", "p-2"}) {
		t.Errorf("got %v, %v", got, err)
	}
	if got, err := f.ProcessesOf(t.Context(), ""); err != nil || len(got) != 0 {
		t.Errorf("of no dossier: %v, %v", got, err)
	}
}
