package sync

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/assure-portal/portal/internal/apperr"
	"github.com/assure-portal/portal/internal/assure/assuretest"
	"github.com/assure-portal/portal/internal/audit"
	"github.com/assure-portal/portal/internal/store"
)

func TestRefreshReadsOneProcessAndRecordsItBeforeAndAfter(t *testing.T) {
	const unknown = "process.refresh unknown reviewer-1"
	changed := body(1, "rejected", noon.Add(-time.Hour))
	status := func(code int) *assuretest.Fault {
		return &assuretest.Fault{Class: assuretest.Process, Sort: assuretest.StatusCode, Status: code, Times: -1}
	}
	tests := []struct {
		name    string
		fault   *assuretest.Fault
		replace []byte
		changed bool
		kind    apperr.Kind // Internal: no error
		gone    bool
		records []string
	}{
		{"the same bytes again", nil, nil, false, apperr.Internal, false,
			[]string{unknown, "process.refresh ok reviewer-1 changed=no"}},
		{"new bytes", nil, changed, true, apperr.Internal, false,
			[]string{unknown, "process.fetch ok system from_status=processing to_status=rejected way_in=refresh",
				"process.refresh ok reviewer-1 changed=yes from_status=processing to_status=rejected"}},
		{"Assure is down", status(500), changed, false, apperr.Upstream, false,
			[]string{unknown, "process.refresh failed reviewer-1 reason=unreachable"}},
		{"Assure no longer has it", status(404), nil, false, apperr.Conflict, true,
			[]string{unknown, "process.refresh failed reviewer-1 reason=gone"}},
		{"Assure refuses the portal", status(401), nil, false, apperr.Upstream, false,
			[]string{unknown, "process.refresh failed reviewer-1 reason=credentials"}},
		{"the answer is about another process", &assuretest.Fault{Class: assuretest.Process, Sort: assuretest.OtherID, Times: -1}, changed, false,
			apperr.Upstream, false, []string{unknown, "process.refresh failed reviewer-1 reason=another-process"}},
		{"the answer is cut off", &assuretest.Fault{Class: assuretest.Process, Sort: assuretest.Truncated, Times: -1}, changed, false,
			apperr.Upstream, false, []string{unknown, "process.refresh failed reviewer-1 reason=unusable"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			b := newBench(t)
			b.add(1, "processing", time.Hour)
			if _, err := b.once(); err != nil {
				t.Fatal(err)
			}
			if test.replace != nil {
				if err := b.sim.Replace(processID(1), test.replace); err != nil {
					t.Fatal(err)
				}
			}
			if test.fault != nil {
				b.sim.Fail(*test.fault)
			}
			b.clock.forward(time.Minute)
			got, err := b.runner.Refresh(t.Context(), processID(1), reviewer())
			if got != test.changed || (err != nil) != (test.kind != apperr.Internal) || err != nil && apperr.KindOf(err) != test.kind {
				t.Errorf("got %v, %v (kind %d)", got, err, apperr.KindOf(err))
			}
			if h := b.head(1); h.Gone != test.gone || (h.Version == 2) != test.changed || h.WayIn != store.ByListing {
				t.Errorf("held is %+v", h)
			}
			all := lines(b.records(audit.ProcessRefresh, audit.ProcessFetch))[1:] // without the first arrival
			if !slices.Equal(all, test.records) {
				t.Errorf("records\n%s\nwant\n%s", strings.Join(all, "\n"), strings.Join(test.records, "\n"))
			}
		})
	}
}

func reviewer() audit.Event {
	return audit.Event{Actor: audit.Actor{Issuer: "https://idp.test", Subject: "reviewer-1", Role: "reviewer"}, Purpose: "onboarding", RequestID: "r1"}
}

func TestRefreshRecordsTheVersionsBeforeAndAfter(t *testing.T) {
	b := newBench(t)
	b.add(1, "processing", time.Hour)
	if _, err := b.once(); err != nil {
		t.Fatal(err)
	}
	old := b.head(1)
	if err := b.sim.Replace(processID(1), body(1, "accepted", noon.Add(-time.Hour))); err != nil {
		t.Fatal(err)
	}
	if _, err := b.runner.Refresh(t.Context(), processID(1), reviewer()); err != nil {
		t.Fatal(err)
	}
	records, new := b.records(audit.ProcessRefresh), b.head(1)
	if len(records) != 2 || records[0].SnapshotSHA256 != old.SHA256 || records[1].SnapshotSHA256 != new.SHA256 || records[1].Version != 2 {
		t.Errorf("records %+v", records)
	}
	if records[0].Purpose != "onboarding" || records[1].RequestID != "r1" {
		t.Errorf("the reviewer's purpose or request is not on both records: %+v", records)
	}
}

func TestRefreshIsRefusedBeforeAnythingIsAsked(t *testing.T) {
	tests := []struct {
		name    string
		process string
		closed  bool
		kind    apperr.Kind
		records int
	}{
		{"a process that is not held", processID(404), false, apperr.NotFound, 0},
		{"a process that was imported without its dossier", processID(2), false, apperr.Conflict, 0},
		{"a closed trail", processID(1), true, apperr.TrailClosed, 0},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			b := newBench(t)
			b.add(1, "accepted", time.Hour)
			if _, err := b.once(); err != nil {
				t.Fatal(err)
			}
			imported := store.Envelope{ProcessID: processID(2), WayIn: store.ByImport, ImportedBy: "tester"}
			if _, err := b.store.Save(t.Context(), imported, accepted(2, time.Hour), noon); err != nil {
				t.Fatal(err)
			}
			before := b.sim.Requests(assuretest.Any)
			if test.closed {
				_ = b.trail.Close(t.Context())
			}
			if _, err := b.runner.Refresh(t.Context(), test.process, reviewer()); apperr.KindOf(err) != test.kind {
				t.Errorf("got %v", err)
			}
			if b.sim.Requests(assuretest.Any) != before {
				t.Error("Assure was asked")
			}
			if !test.closed && len(b.records(audit.ProcessRefresh)) != test.records {
				t.Errorf("records %v", lines(b.records(audit.ProcessRefresh)))
			}
		})
	}
}
