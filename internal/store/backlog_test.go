package store

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/assure-portal/portal/internal/apperr"
)

func TestAFinishedProcessIsReadOnceMoreADayAfterItCame(t *testing.T) {
	h := newHouse(t)
	h.save(t, person{id: "new", dossier: "d", updated: noon.Add(-time.Hour)}, person{id: "old", dossier: "d", updated: noon.Add(-24 * time.Hour)},
		person{id: "imported", updated: noon}, person{id: "gone", dossier: "d", updated: noon})
	must(t, h.MarkGone(t.Context(), "gone", noon))
	due := func(after time.Duration) string {
		rows, err := h.NextDue(t.Context(), noon.Add(after), 10)
		must(t, err)
		return fmt.Sprint(rows)
	}
	if got := due(24*time.Hour - time.Millisecond); got != "[]" {
		t.Errorf("before a day is over: %s", got)
	}
	if got := due(24 * time.Hour); got != "[{new d accepted 0}]" {
		t.Errorf("after a day: %s", got)
	}
	must(t, h.Postpone(t.Context(), "new", 1, time.Time{}))
	if got := due(1000 * time.Hour); got != "[]" {
		t.Errorf("after it was read: %s", got)
	}
	changed := person{id: "new", dossier: "d", first: "Berta", created: noon, updated: noon.Add(24 * time.Hour)}
	if _, err := h.Save(t.Context(), changed.envelope(), changed.body(t), noon.Add(24*time.Hour)); err != nil {
		t.Fatal(err)
	}
	if got := due(48 * time.Hour); got != "[{new d accepted 0}]" {
		t.Errorf("a day after another version came: %s", got)
	}
}

func TestTheBacklogCountsWhatIsStillToBeDone(t *testing.T) {
	h := newHouse(t)
	h.save(t, person{id: "open", dossier: "d", status: "pending"}, person{id: "late", dossier: "d", status: "pending"}, person{id: "gone", dossier: "d"})
	must(t, h.Postpone(t.Context(), "late", 1, noon.Add(time.Second)))
	must(t, h.MarkGone(t.Context(), "gone", noon))
	must(t, h.Owe(t.Context(), "open", "userdata", "front"))
	must(t, h.Owe(t.Context(), "gone"))
	if _, err := h.NoteListed(t.Context(), []Listed{{ProcessID: "x", DossierID: "d"}, {ProcessID: "y", DossierID: "d"}}, noon); err != nil {
		t.Fatal(err)
	}
	for id, reason := range map[string]string{"x": "The answer broke off.", "y": "The answer broke off.", "z": "The answer was about another process."} {
		must(t, h.Refuse(t.Context(), Listed{ProcessID: id}, reason, nil, noon))
	}
	got, err := h.Backlog(t.Context())
	want := "{Unread:2 Owed:1 Due:1 Gone:1 Refused:[{Reason:The answer broke off. Count:2} {Reason:The answer was about another process. Count:1}]}"
	if err != nil || fmt.Sprintf("%+v", got) != want {
		t.Errorf("%+v, %v, want %s", got, err, want)
	}
	if reason, err := h.RefusedFor(t.Context(), "z"); err != nil || reason != "The answer was about another process." {
		t.Errorf("%q, %v", reason, err)
	}
	if reason, err := h.RefusedFor(t.Context(), "open"); err != nil || reason != "" {
		t.Errorf("%q, %v", reason, err)
	}
}

func TestWhatIsGoneIsListedWithWhenItWasLastSeen(t *testing.T) {
	h := newHouse(t)
	h.save(t, person{id: "first", dossier: "d"}, person{id: "second", dossier: "d", status: "rejected"}, person{id: "there", dossier: "d"})
	must(t, h.MarkGone(t.Context(), "first", noon.Add(time.Hour)))
	must(t, h.MarkGone(t.Context(), "second", noon.Add(2*time.Hour)))
	got, err := h.Gone(t.Context(), 10)
	want := []Gone{{"second", "rejected", noon, noon.Add(2 * time.Hour)}, {"first", "accepted", noon, noon.Add(time.Hour)}}
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("%v, %v, want %v", got, err, want)
	}
	if _, err := h.NoteListed(t.Context(), []Listed{{ProcessID: "first", DossierID: "d", Status: "accepted"}}, noon.Add(3*time.Hour)); err != nil {
		t.Fatal(err)
	}
	if got, err := h.Gone(t.Context(), 10); err != nil || !slices.Equal(got, want[:1]) {
		t.Errorf("after the first was listed again: %v, %v", got, err)
	}
}

func TestWhatIsGoneIsDecidedOnceAndAgainAfterItCameBack(t *testing.T) {
	h := newHouse(t)
	h.save(t, person{id: "p", dossier: "d"})
	gone := func(want ...Gone) {
		t.Helper()
		if got, err := h.Gone(t.Context(), 10); err != nil || !slices.Equal(got, want) {
			t.Errorf("%v, %v, want %v", got, err, want)
		}
	}
	if err := h.KeepGone(t.Context(), "p", noon); !apperr.Is(err, apperr.Conflict) {
		t.Errorf("a process that is there was decided: %v", err)
	}
	must(t, h.MarkGone(t.Context(), "p", noon.Add(time.Hour)))
	must(t, h.MarkGone(t.Context(), "p", noon.Add(2*time.Hour))) // asked again: it is gone since the first time
	gone(Gone{"p", "accepted", noon, noon.Add(time.Hour)})
	must(t, h.KeepGone(t.Context(), "p", noon.Add(3*time.Hour)))
	must(t, h.MarkGone(t.Context(), "p", noon.Add(4*time.Hour)))
	gone()
	if _, err := h.NoteListed(t.Context(), []Listed{{ProcessID: "p", DossierID: "d", Status: "accepted"}}, noon.Add(5*time.Hour)); err != nil {
		t.Fatal(err)
	}
	must(t, h.MarkGone(t.Context(), "p", noon.Add(6*time.Hour)))
	if got, err := h.Gone(t.Context(), 10); err != nil || len(got) != 1 {
		t.Errorf("came back and went again: %v, %v", got, err)
	}
}

func TestWhatTheListingLeftOutIsFound(t *testing.T) {
	h := newHouse(t)
	h.save(t, person{id: "seen", dossier: "d"}, person{id: "unseen", dossier: "d"}, person{id: "old", dossier: "d", created: noon.Add(-40 * 24 * time.Hour)},
		person{id: "imported"}, person{id: "gone", dossier: "d"}, person{id: "erased", dossier: "d"})
	must(t, h.MarkGone(t.Context(), "gone", noon))
	must(t, h.Erase(t.Context(), "erased", "asked", noon))
	rows := []Listed{{ProcessID: "seen", DossierID: "d", Status: "accepted"}, {ProcessID: "listed", DossierID: "d"}}
	if _, err := h.NoteListed(t.Context(), rows, noon.Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	if got, err := h.Unseen(t.Context(), noon.Add(-30*24*time.Hour), noon.Add(time.Hour), 10); err != nil || !slices.Equal(got, []string{"unseen"}) {
		t.Errorf("unseen: %v, %v", got, err)
	}
	got, err := h.Strangers(t.Context(), []string{"seen", "listed", "erased", "stranger"})
	if err != nil || !slices.Equal(got, []string{"stranger"}) {
		t.Errorf("strangers: %v, %v", got, err)
	}
}

func TestADayTellsWhatIsGoneAndWhatAssureDoesNotCount(t *testing.T) {
	h := newHouse(t)
	at := noon.Add(-time.Hour)
	h.save(t, person{id: "a", dossier: "d", created: at}, person{id: "b", dossier: "d", created: at}, person{id: "gone", dossier: "d", created: at})
	must(t, h.MarkGone(t.Context(), "gone", noon))
	must(t, h.Refuse(t.Context(), Listed{ProcessID: "c", Status: "accepted", CreatedAt: at}, "The answer broke off.", nil, noon))
	must(t, h.SetUpstreamCount(t.Context(), "2026-03-10", "accepted", 1))
	days, err := h.Completeness(t.Context(), 1)
	want := []Day{{Day: "2026-03-10", Status: "accepted", Upstream: 1, Held: 3, Refused: 1, Gone: 1, Unlisted: 1, RefusedWhy: "The answer broke off."}}
	if err != nil || !slices.Equal(days, want) {
		t.Errorf("%+v, %v, want %+v", days, err, want)
	}
}

func TestWhatIsOwedIsPaidOffPartByPartAndNotForAnother(t *testing.T) {
	h := newHouse(t)
	owes := func(want ...string) {
		t.Helper()
		got, err := h.OwedParts(t.Context(), "p")
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("owed are %v, %v, want %v", got, err, want)
		}
	}
	must(t, h.Owe(t.Context(), "p", "userdata", "front", "back"))
	must(t, h.PaidOff(t.Context(), "p", []string{"userdata", "front", "back"}, []string{"front", "back"}))
	owes("front", "back")
	must(t, h.Owe(t.Context(), "p", "userdata", "front", "back")) // a new version came
	must(t, h.PaidOff(t.Context(), "p", []string{"front", "back"}, []string{"back"}))
	must(t, h.PaidOff(t.Context(), "p", []string{"back"}, nil))
	owes("userdata", "front", "back")
	must(t, h.PaidOff(t.Context(), "p", []string{"userdata", "front", "back"}, nil))
	owes()
	if owed, err := h.Owed(t.Context(), "", 9); err != nil || len(owed) != 0 {
		t.Errorf("%v, %v", owed, err)
	}
}
