package store

import (
	"fmt"
	"testing"
	"time"
)

// row is a listed row about a process that person.body describes.
func row(id, status string, updated time.Time) Listed {
	return Listed{ProcessID: id, DossierID: "d-" + id, Provider: "onfido", Status: status, CreatedAt: noon.Add(-time.Hour), UpdatedAt: updated}
}

func ids(rows []Listed) string {
	var ids []string
	for _, r := range rows {
		ids = append(ids, r.ProcessID)
	}
	return fmt.Sprint(ids)
}

func TestAListingIsFetchedForUntilItIsAnswered(t *testing.T) {
	h := newHouse(t)
	created := noon.Add(-time.Hour)
	note := func(what, want string, rows ...Listed) {
		t.Helper()
		fetch, err := h.NoteListed(t.Context(), rows, noon)
		if err != nil || ids(fetch) != want {
			t.Errorf("%s: fetch %s, %v, want %s", what, ids(fetch), err, want)
		}
	}
	unfetched := func(what, want string, finished int) {
		t.Helper()
		rows, err := h.Unfetched(t.Context(), 10)
		fresh, err2 := h.Freshness(t.Context())
		if err != nil || err2 != nil || ids(rows) != want || fresh.NotYetFetched != finished {
			t.Errorf("%s: unfetched %s, finished %d, %v, %v; want %s and %d", what, ids(rows), fresh.NotYetFetched, err, err2, want, finished)
		}
	}
	save := func(id, status string, updated time.Time) {
		t.Helper()
		h.save(t, person{id: id, status: status, created: created, updated: updated})
	}
	note("two new ones", "[a b]", row("a", "accepted", noon), row("b", "pending", noon))
	unfetched("two new ones", "[a b]", 1)
	note("listed again before any read", "[a b]", row("a", "accepted", noon), row("b", "pending", noon))
	save("a", "accepted", noon)
	unfetched("one was read", "[b]", 0)
	h.reopen(t)
	unfetched("after a restart", "[b]", 0)
	save("b", "pending", noon)
	note("both are held as listed", "[]", row("a", "accepted", noon), row("b", "pending", noon))
	note("another status, another time", "[a b]", row("a", "accepted", noon.Add(time.Minute)), row("b", "accepted", noon))
	save("a", "accepted", noon)
	unfetched("a answered as before", "[b]", 1)
	note("a difference that a read left is not fetched for again", "[b]", row("a", "accepted", noon.Add(time.Minute)), row("b", "accepted", noon))
	save("b", "processing", noon)
	note("an answer behind the list is fetched for again", "[b]", row("b", "accepted", noon))
	must(t, h.MarkGone(t.Context(), "b", noon))
	unfetched("what is gone is not missing", "[]", 0)
	h.checkMemory(t)
}

func TestAListingTellsOfWhatIsHeld(t *testing.T) {
	h := newHouse(t)
	h.save(t, person{id: "a", created: noon, updated: noon, way: ByImport})
	must(t, h.MarkGone(t.Context(), "a", noon))
	l := row("a", "accepted", noon)
	l.ExternalReference, l.ExternalID = "order-9", "x9"
	later := noon.Add(time.Hour)
	if fetch, err := h.NoteListed(t.Context(), []Listed{l}, later); err != nil || len(fetch) != 0 {
		t.Fatalf("%v, %v", fetch, err)
	}
	head, err := h.Head(t.Context(), "a", 0)
	want := Envelope{ProcessID: "a", DossierID: "d-a", ExternalReference: "order-9", ExternalID: "x9", WayIn: ByImport, LastSeenUpstream: later}
	if err != nil || head.Envelope != want || head.Gone {
		t.Errorf("head %+v, %v", head, err)
	}
	if found := h.search(t, Query{Term: "order-9"}); fmt.Sprint(found.IDs) != "[a]" {
		t.Errorf("by its reference: %v", found.IDs)
	}
}

func TestOnlyWhatCanChangeIsReadAgain(t *testing.T) {
	h := newHouse(t)
	h.save(t, person{id: "late", dossier: "d", status: "pending"}, person{id: "soon", dossier: "d", status: "processing"}, person{id: "final", dossier: "d"},
		person{id: "imported", status: "pending"}, person{id: "gone", dossier: "d", status: "pending"}, person{id: "new", dossier: "d", status: "dancing"})
	must(t, h.Postpone(t.Context(), "late", 3, noon.Add(time.Minute)))
	must(t, h.Postpone(t.Context(), "soon", 1, noon.Add(time.Second)))
	must(t, h.Postpone(t.Context(), "nobody", 1, noon))
	must(t, h.MarkGone(t.Context(), "gone", noon))
	for _, tc := range []struct {
		after time.Duration
		limit int
		want  string
	}{
		{0, 10, "[{new d dancing 0}]"},
		{time.Second, 10, "[{new d dancing 0} {soon d processing 1}]"},
		{time.Hour, 10, "[{new d dancing 0} {soon d processing 1} {late d pending 3}]"},
		{time.Hour, 1, "[{new d dancing 0}]"},
	} {
		if due, err := h.NextDue(t.Context(), noon.Add(tc.after), tc.limit); err != nil || fmt.Sprint(due) != tc.want {
			t.Errorf("after %v: %v, %v, want %s", tc.after, due, err, tc.want)
		}
	}
	h.save(t, person{id: "late", dossier: "d", status: "processing", created: noon})
	if due, _ := h.NextDue(t.Context(), noon, 10); fmt.Sprint(due) != "[{late d processing 0} {new d dancing 0}]" && fmt.Sprint(due) != "[{new d dancing 0} {late d processing 0}]" {
		t.Errorf("what changed is due at once: %v", due)
	}
}

func TestCompletenessComparesDayByDay(t *testing.T) {
	h := newHouse(t)
	today, yesterday := noon.Add(-time.Hour), noon.AddDate(0, 0, -1)
	h.save(t,
		person{id: "a", created: today}, person{id: "b", created: today}, person{id: "gone", created: today}, person{id: "erased", created: today},
		person{id: "c", created: yesterday, status: "rejected"}, person{id: "old", created: noon.AddDate(0, 0, -40)})
	if _, err := h.Save(t.Context(), Envelope{ProcessID: "hand", WayIn: ByImport}, person{id: "hand", created: today}.body(t), noon); err != nil {
		t.Fatal(err)
	}
	must(t, h.MarkGone(t.Context(), "gone", noon))
	must(t, h.Erase(t.Context(), "erased", "request", noon))
	refused := Listed{ProcessID: "refused", DossierID: "d", Status: "accepted", CreatedAt: today}
	if _, err := h.NoteListed(t.Context(), []Listed{refused, {ProcessID: "waits", DossierID: "d", Status: "failed", CreatedAt: yesterday}}, noon); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		must(t, h.Refuse(t.Context(), refused, "The answer broke off.", []byte("{"), noon))
	}
	for _, c := range []struct {
		day, status string
		count       int
	}{{"2026-03-10", "accepted", 6}, {"2026-03-10", "accepted", 7}, {"2026-03-09", "rejected", 1}, {"2026-03-08", "pending", 2}, {"2026-01-01", "accepted", 9}} {
		must(t, h.SetUpstreamCount(t.Context(), c.day, c.status, c.count))
	}
	days, err := h.Completeness(t.Context(), 31)
	want := []Day{
		{Day: "2026-03-10", Status: "accepted", Upstream: 7, Held: 4, Refused: 1, Missing: 3, Erased: 1, Imported: 1, Gone: 1, RefusedWhy: "The answer broke off."}, // held upstream: a, b
		{Day: "2026-03-09", Status: "failed", Upstream: -1, Missing: 1},
		{Day: "2026-03-09", Status: "rejected", Upstream: 1, Held: 1},
		{Day: "2026-03-08", Status: "pending", Upstream: 2, Missing: 2},
	}
	if err != nil || fmt.Sprint(days) != fmt.Sprint(want) {
		t.Errorf("got  %v, %v\nwant %v", days, err, want)
	}
	if long, _ := h.Completeness(t.Context(), 60); len(long) != 5 || long[4].Upstream != -1 || long[4].Held != 1 {
		t.Errorf("beyond Assure's 30 days: %v", long)
	}
}

func TestFreshnessIsKeptAndCounted(t *testing.T) {
	h := newHouse(t)
	if f, err := h.Freshness(t.Context()); err != nil || f != (Freshness{}) {
		t.Errorf("of an empty store: %+v, %v", f, err)
	}
	h.save(t, person{created: noon.AddDate(0, 0, -3)}, person{created: noon.AddDate(0, 0, -9)}, person{})
	must(t, h.Erase(t.Context(), "p03", "request", noon))
	must(t, h.SetFreshness(t.Context(), Freshness{ReadTo: noon, LastRun: noon.Add(time.Second), LastError: "Assure did not answer.", Processes: 99}))
	h.reopen(t)
	want := Freshness{ReadTo: noon, LastRun: noon.Add(time.Second), LastError: "Assure did not answer.", OldestHeld: noon.AddDate(0, 0, -9), Processes: 2}
	if f, err := h.Freshness(t.Context()); err != nil || f != want {
		t.Errorf("got %+v, %v", f, err)
	}
}
