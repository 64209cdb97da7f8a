package store

import (
	"fmt"
	"strings"
	"testing"

	"github.com/assure-portal/portal/internal/apperr"
)

var (
	ann = Owner{"https://idp.test", "ann"}
	bob = Owner{"https://idp.test", "bob"}
)

func (h *house) names(t testing.TB, o Owner) string {
	t.Helper()
	all, err := h.SavedSearches(t.Context(), o)
	must(t, err)
	var names []string
	for _, s := range all {
		names = append(names, s.Name)
	}
	return strings.Join(names, ", ")
}

func TestASavedSearchIsItsOwnersAlone(t *testing.T) {
	h := newHouse(t)
	id, err := h.SaveSearch(t.Context(), ann, " Last  week ", "within=7d&status=rejected", "", noon)
	must(t, err)
	_, err = h.SaveSearch(t.Context(), bob, "Last week", "within=7d", "", noon)
	must(t, err)
	if all, err := h.SavedSearches(t.Context(), ann); err != nil || len(all) != 1 || all[0] != (SavedSearch{id, "Last week", "within=7d&status=rejected", noon}) {
		t.Errorf("saved %+v, %v", all, err)
	}
	for _, wrong := range []string{id + "A", "!", "", strings.Repeat("A", 22)} {
		if err := h.DeleteSearch(t.Context(), ann, wrong, noon); !apperr.Is(err, apperr.NotFound) {
			t.Errorf("%q: %v", wrong, err)
		}
	}
	if err := h.DeleteSearch(t.Context(), bob, id, noon); !apperr.Is(err, apperr.NotFound) {
		t.Errorf("another's: %v", err)
	}
	must(t, h.DeleteSearch(t.Context(), ann, id, noon))
	if h.names(t, ann) != "" || h.names(t, bob) != "Last week" {
		t.Errorf("left: %q and %q", h.names(t, ann), h.names(t, bob))
	}
}

func TestNamesOfSavedSearchesHaveBounds(t *testing.T) {
	h := newHouse(t)
	_, err := h.SaveSearch(t.Context(), ann, "taken", "", "", noon)
	must(t, err)
	for _, name := range []string{"", "  ", "taken", " taken ", strings.Repeat("é", maxSavedName+1), "a\u202eb", "a\x00b"} {
		if _, err := h.SaveSearch(t.Context(), ann, name, "", "", noon); !apperr.Is(err, apperr.Unprocessable) {
			t.Errorf("%q: %v", name, err)
		}
	}
	for i := range maxSaved - 1 {
		_, err := h.SaveSearch(t.Context(), ann, fmt.Sprint("one ", i), "", "", noon)
		must(t, err)
	}
	if _, err := h.SaveSearch(t.Context(), ann, strings.Repeat("é", maxSavedName), "", "", noon); !apperr.Is(err, apperr.Unprocessable) {
		t.Errorf("one too many: %v", err)
	}
}

func TestTheTermOfASavedSearchIsKept(t *testing.T) {
	h := newHouse(t)
	term, err := h.SaveTerm(t.Context(), "Müller", noon)
	must(t, err)
	id, err := h.SaveSearch(t.Context(), ann, "Müllers", "s="+term, term, noon)
	must(t, err)
	other, err := h.SaveSearch(t.Context(), bob, "the same", "s="+term, term, noon)
	must(t, err)
	h.clock.set(noon.Add(100 * termLife))
	_, err = h.SaveTerm(t.Context(), "sweeps what has expired", h.clock.now())
	must(t, err)
	if text, err := h.Term(t.Context(), term); err != nil || text != "Müller" {
		t.Fatalf("after years %q, %v", text, err)
	}
	must(t, h.DeleteSearch(t.Context(), ann, id, h.clock.now()))
	h.clock.set(h.clock.now().Add(2 * termLife))
	if _, err := h.Term(t.Context(), term); err != nil {
		t.Errorf("while another has it: %v", err)
	}
	must(t, h.DeleteSearch(t.Context(), bob, other, h.clock.now()))
	if _, err := h.Term(t.Context(), term); err != nil {
		t.Errorf("just deleted: %v", err)
	}
	h.clock.set(h.clock.now().Add(termLife))
	if _, err := h.Term(t.Context(), term); !apperr.Is(err, apperr.NotFound) {
		t.Errorf("thirty days after the last one was deleted: %v", err)
	}
	for _, gone := range []string{term, "!", strings.Repeat("A", 22)} {
		if _, err := h.SaveSearch(t.Context(), ann, "late", "", gone, h.clock.now()); !apperr.Is(err, apperr.NotFound) {
			t.Errorf("with the term %q: %v", gone, err)
		}
	}
}

func TestAnErasureTakesSavedSearchesThatMayNameThePerson(t *testing.T) {
	h := newHouse(t)
	h.save(t, person{id: "gone", first: "Jürgen", last: "Müller", document: "NX1234567"}, person{id: "stays", last: "Visser"})
	term, err := h.SaveTerm(t.Context(), "somebody", noon)
	must(t, err)
	for name, term := range map[string]string{"with a term": term, "Last week": "", "the Mueller case": "", "NX-123 4567": "", "Visser": "", "1234": ""} {
		_, err := h.SaveSearch(t.Context(), ann, name, "status=rejected", term, noon)
		must(t, err)
	}
	must(t, h.Erase(t.Context(), "gone", "request", noon))
	if got := h.names(t, ann); got != "1234, Last week, Visser" {
		t.Errorf("left: %s", got)
	}
}
