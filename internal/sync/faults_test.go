package sync

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/assure-portal/portal/internal/assure/assuretest"
	"github.com/assure-portal/portal/internal/audit"
	"github.com/assure-portal/portal/internal/store"
)

func TestU06AnAnswerThatIsNoUseReplacesNothingAndIsKeptAsideWithItsReason(t *testing.T) {
	tests := []struct {
		name, reason string
		bytes        bool // came with it
		fault        assuretest.Fault
	}{
		{"it breaks off", "The answer broke off.", true, assuretest.Fault{Sort: assuretest.Truncated}},
		{"it is called HTML", "The answer was not JSON by its own account.", false, assuretest.Fault{Sort: assuretest.ContentType}},
		{"it is empty", "The answer was not the JSON of a process.", false, assuretest.Fault{Sort: assuretest.Empty}},
		{"it is half of a JSON", "The answer was not the JSON of a process.", true, assuretest.Fault{Sort: assuretest.NotJSON}},
		{"it is an empty object", "The answer was not the JSON of a process.", true, assuretest.Fault{Sort: assuretest.Answer, Body: `{}`}},
		{"it is two objects", "The answer was not the JSON of a process.", true, assuretest.Fault{Sort: assuretest.Answer, Body: `{"processId":"` + processID(1) + `"}{}`}},
		{"it names two processes", "The answer was not the JSON of a process.", true,
			assuretest.Fault{Sort: assuretest.Answer, Body: `{"processId":"` + processID(2) + `","processId":"` + processID(1) + `"}`}},
		{"it has no status", "The answer was not the JSON of a process.", true, assuretest.Fault{Sort: assuretest.Answer, Body: `{"processId":"` + processID(1) + `","provider":"onfido"}`}},
		{"it is too large by its own account, and so not read", "The answer was larger than the portal takes.", false, assuretest.Fault{Sort: assuretest.Oversized}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := newBench(t)
			b.add(1, "processing", time.Hour)
			if _, err := b.once(); err != nil {
				t.Fatal(err)
			}
			before := b.head(1)
			if err := b.sim.Replace(processID(1), body(1, "accepted", noon.Add(-time.Hour))); err != nil {
				t.Fatal(err)
			}
			tt.fault.Class, tt.fault.Times = assuretest.Process, -1
			b.sim.Fail(tt.fault)
			for range 2 {
				b.clock.forward(time.Minute)
				if _, err := b.once(); err != nil {
					t.Fatal(err)
				}
			}
			if after := b.head(1); after.Versions != 1 || after.SHA256 != before.SHA256 || after.Status != "processing" {
				t.Errorf("the process is now %+v", after)
			}
			backlog := must(b.store.Backlog(t.Context()))
			if len(backlog.Refused) != 1 || backlog.Refused[0].Reason != tt.reason || backlog.Refused[0].Count != 1 {
				t.Errorf("kept aside: %+v, want %q", backlog.Refused, tt.reason)
			}
			if kept := refusedBytes(b); (kept != "") != tt.bytes || len(kept) > 2<<20+1 || tt.fault.Body != "" && kept != tt.fault.Body {
				t.Errorf("%d bytes are kept aside, of an answer that brought some: %v", len(kept), tt.bytes)
			}
			if failures := b.runner.State().Failures; len(failures) != 1 || failures["unusable"] < 2 {
				t.Errorf("failures %v", failures)
			}
			b.sim.Heal()
			b.clock.forward(time.Hour)
			if _, err := b.once(); err != nil || b.head(1).Status != "accepted" || refusedAnswers(b) != 0 {
				t.Errorf("after healing: %v, %s, %d kept aside", err, b.head(1).Status, refusedAnswers(b))
			}
		})
	}
}

// refusedBytes are those kept aside, of the one answer that is.
func refusedBytes(b *bench) (body string) {
	b.Helper()
	if err := b.db.Reader.QueryRowContext(b.Context(), "SELECT CAST(body AS TEXT) FROM refused").Scan(&body); err != nil {
		b.Fatal(err)
	}
	return body
}

func TestU12AnAnswerAboutAnotherProcessIsRefusedAndRecordedOnce(t *testing.T) {
	b := newBench(t)
	b.add(1, "accepted", time.Hour)
	b.add(2, "accepted", time.Hour)
	b.sim.Fail(assuretest.Fault{Class: assuretest.Process, Sort: assuretest.Answer, Body: string(accepted(2, time.Hour)), Times: 2})
	b.sim.Fail(assuretest.Fault{Class: assuretest.Process, Sort: assuretest.OtherID, Times: -1})
	for range 4 {
		if _, err := b.once(); err != nil {
			t.Fatal(err)
		}
		b.clock.forward(time.Minute)
	}
	if b.holds(1) {
		t.Error("process 1 is held, of which nothing was said")
	}
	refused := b.records(audit.ProcessFetch)
	refused = slices.DeleteFunc(refused, func(r audit.Record) bool { return r.Outcome != audit.Refused })
	counts := map[string]int{}
	for _, r := range refused {
		counts[r.ProcessID]++
		if r.Facts["reason"] != "another-process" || r.Version != 0 || r.SnapshotSHA256 != "" {
			t.Errorf("the record says %+v", r)
		}
	}
	if counts[processID(1)] != 1 || counts[processID(2)] > 1 {
		t.Errorf("recorded %v times, want once for each that was refused", counts)
	}
	b.sim.Heal()
	b.clock.forward(time.Hour)
	if _, err := b.once(); err != nil {
		t.Fatal(err)
	}
	if !b.holds(1) || !b.holds(2) || b.head(1).SHA256 == b.head(2).SHA256 {
		t.Error("after healing the two processes are not what they are")
	}
}

// Every fault after every other: no half good state may lead to anything but what was there before, and the first good
// one must.
func TestU11TwoFaultsInARowLeaveWhatWasThereUntilAGoodAnswerComes(t *testing.T) {
	b := newBench(t)
	b.add(1, "processing", time.Hour)
	if _, err := b.once(); err != nil {
		t.Fatal(err)
	}
	faults := twoInARow()
	for i, first := range faults {
		for j, second := range faults {
			name := fmt.Sprintf("%s of %s and then %s of %s", first.Sort, first.Class, second.Sort, second.Class)
			before := b.head(1)
			edition := fmt.Appendf(nil, `{"processId":%q,"provider":"onfido","status":"processing","providerSpecific":{"edition":%d},"createdAt":%q,"updatedAt":%q}`,
				processID(1), i*len(faults)+j, noon.Add(-time.Hour).Format(time.RFC3339), b.clock.now().Format(time.RFC3339))
			if err := b.sim.Replace(processID(1), edition); err != nil {
				t.Fatal(err)
			}
			for _, f := range []assuretest.Fault{first, second} {
				b.sim.Heal()
				b.sim.RevokeTokens() // so that the token endpoint is asked
				f.Times = -1
				b.sim.Fail(f)
				_, _ = b.once() // fails or not: what it leaves is what counts
				b.clock.forward(time.Minute)
				// A listing that fails keeps nothing from being read that an earlier one told of.
				if got := b.head(1); got.Gone || got.SHA256 != before.SHA256 && (f.Class != assuretest.List || got.SHA256 != digest(edition)) {
					t.Fatalf("%s: the process is now %+v", name, got)
				}
			}
			b.sim.Heal()
			b.clock.forward(time.Hour)
			if _, err := b.once(); err != nil {
				t.Fatalf("%s, and all is well again: %v", name, err)
			}
			if got := b.head(1); got.SHA256 != digest(edition) {
				t.Fatalf("%s, and all is well again: %+v", name, got)
			}
		}
	}
	assertNothingLeft(b)
}

func twoInARow() []assuretest.Fault {
	var faults []assuretest.Fault
	for _, sort := range []assuretest.Sort{assuretest.StatusCode, assuretest.Truncated, assuretest.OtherID, assuretest.NotJSON, assuretest.Reset, assuretest.Empty} {
		faults = append(faults, assuretest.Fault{Class: assuretest.Process, Sort: sort, Status: 500})
	}
	return append(faults, assuretest.Fault{Class: assuretest.Token, Status: 503}, assuretest.Fault{Class: assuretest.Token, Sort: assuretest.NotJSON},
		assuretest.Fault{Class: assuretest.List, Status: 502}, assuretest.Fault{Class: assuretest.Process, Status: 401})
}

func TestAKillBetweenARecordAndTheTieToItDoesNotRecordTwice(t *testing.T) {
	b := newBench(t)
	b.add(1, "accepted", time.Hour)
	bytes := accepted(1, time.Hour)
	e := store.Envelope{ProcessID: processID(1), DossierID: dossierID(0), ExternalReference: "customer-0", ExternalID: "ext-1", WayIn: store.ByListing, LastSeenUpstream: noon}
	saved := must(b.store.Save(t.Context(), e, bytes, noon))
	receipt := must(b.trail.Append(t.Context(), fetched(e, saved))) // and here the program ends
	if _, err := b.once(); err != nil {
		t.Fatal(err)
	}
	if got := b.head(1).FetchSeq; got != receipt.Seq() {
		t.Errorf("the version is tied to record %d, want %d", got, receipt.Seq())
	}
	b.assertHeldAsUpstream(map[int][]byte{1: bytes}) // finds a second record of a version
}
