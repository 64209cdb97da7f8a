package store

import (
	"slices"
	"testing"

	"github.com/assure-portal/portal/internal/apperr"
	"github.com/assure-portal/portal/internal/audit"
	"github.com/assure-portal/portal/internal/evidence"
)

// threeVersions is a process that was processing, then accepted, and then, against the rule, rejected.
func (h *house) threeVersions(t *testing.T) person {
	t.Helper()
	p := person{id: "p01", first: "Sanne", last: "Müller", status: "processing"}
	for _, status := range []string{"processing", "accepted", "rejected"} {
		p.status = status
		h.save(t, p)
	}
	return p
}

func TestTwoVersionsAreComparedOnlyBehindARecordOfBoth(t *testing.T) {
	h, trail := newHouse(t), newTrail(t)
	h.threeVersions(t)
	both := audit.Event{Action: audit.ProcessView, Process: audit.Process{ID: "p01", Version: 3}, Beside: audit.Beside{Version: 2}}
	c, err := h.Changes(t.Context(), receipt(t, trail, both), "p01", 2, 3)
	if err != nil || c.Old.Status != "accepted" || c.New.Status != "rejected" || len(c.List) != 1 || c.Person.LastName != "Müller" {
		t.Errorf("%+v, %v", c, err)
	}
	one := both
	one.Beside = audit.Beside{}
	for name, row := range map[string]struct {
		event        audit.Event
		older, newer int
	}{
		"a record of the newer alone": {one, 2, 3},
		"a record of other versions":  {both, 1, 3},
		"a record of another newer":   {both, 2, 1},
		"the record of a list":        {audit.Event{Action: audit.ProcessSearch, Shown: []string{"p01"}}, 2, 3},
	} {
		if c, err := h.Changes(t.Context(), receipt(t, trail, row.event), "p01", row.older, row.newer); !apperr.Is(err, apperr.Internal) || len(c.List) > 0 {
			t.Errorf("%s: %+v, %v", name, c, err)
		}
	}
	if _, err := h.Changes(t.Context(), receipt(t, trail, both), "p01", 2, 9); !apperr.Is(err, apperr.NotFound) {
		t.Errorf("a version that is not held: %v", err)
	}
}

func TestAFinalStatusThatChangedIsFoundOnThePageAndInTheIndex(t *testing.T) {
	h, trail := newHouse(t), newTrail(t)
	const code = "final-status-changed"
	p := h.threeVersions(t)
	h.save(t, person{id: "p02", status: "processing"}, person{id: "p02", status: "accepted"})
	for version, want := range map[int]bool{1: false, 2: false, 3: true} {
		report, err := h.Report(t.Context(), receipt(t, trail, audit.Event{Action: audit.ProcessView, Process: audit.Process{ID: "p01", Version: version}}), "p01", version)
		must(t, err)
		if got := slices.ContainsFunc(report.Findings, func(f evidence.Finding) bool { return f.Code == code }); got != want {
			t.Errorf("version %d: told %v", version, got)
		}
	}
	if got := h.search(t, Query{Finding: []string{code}}).IDs; !slices.Equal(got, []string{"p01"}) {
		t.Errorf("found %q", got)
	}
	must(t, h.Reindex(t.Context(), func(int, int) {}))
	if got := h.search(t, Query{Finding: []string{code}}).IDs; !slices.Equal(got, []string{"p01"}) {
		t.Errorf("after a rebuild found %q", got)
	}
	p.status, p.last = "rejected", "Mueller"
	h.save(t, p)
	if got := h.search(t, Query{Finding: []string{code}}).IDs; !slices.Equal(got, []string{"p01"}) {
		t.Errorf("after a further version found %q", got)
	}
}
