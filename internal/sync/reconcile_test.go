package sync

import (
	"testing"
	"time"

	"github.com/assure-portal/portal/internal/assure/assuretest"
	"github.com/assure-portal/portal/internal/store"
)

func TestWhatDossiersShowAndTheListingDoesNotIsFetchedAndCountedOnce(t *testing.T) {
	b := newBench(t)
	b.add(0, "accepted", 40*24*time.Hour)
	b.add(1, "accepted", time.Hour) // of the same dossier, which is what brings it among the newest
	b.add(4, "accepted", 2*time.Hour)
	for range 3 {
		if _, err := b.once(); err != nil {
			t.Fatal(err)
		}
		b.clock.forward(2 * time.Hour)
	}
	if !b.holds(0) || b.head(0).WayIn != store.ByListing || b.runner.State().Found != 1 {
		t.Errorf("held %v, %d found", b.holds(0), b.runner.State().Found)
	}
	if n := b.sim.Requests(assuretest.Dossier); n != 2 {
		t.Errorf("two dossiers that do not change were read %d times", n)
	}
	// A process that comes into a dossier that is known.
	b.add(5, "accepted", 35*24*time.Hour, assuretest.Step{At: noon.Add(7 * time.Hour), Body: body(5, "rejected", noon.Add(-35*24*time.Hour))})
	if err := b.sim.Replace(processID(4), []byte(`{"processId":"`+processID(4)+`","provider":"onfido","status":"accepted","createdAt":"2026-03-20T10:00:00Z","updatedAt":"2026-03-20T18:00:00Z"}`)); err != nil {
		t.Fatal(err)
	}
	if _, err := b.once(); err != nil {
		t.Fatal(err)
	}
	if !b.holds(5) || b.runner.State().Found != 2 {
		t.Errorf("held %v, %d found", b.holds(5), b.runner.State().Found)
	}
}

func TestAFaultOfTheDossiersKeepsNothingFromBeingRead(t *testing.T) {
	b := newBench(t)
	b.add(1, "accepted", time.Hour)
	b.sim.Fail(assuretest.Fault{Class: assuretest.Dossiers, Status: 500, Times: -1})
	if _, err := b.once(); err == nil || b.runner.State().LastError == "" {
		t.Errorf("the run says %v, the page %q", err, b.runner.State().LastError)
	}
	if !b.holds(1) {
		t.Error("the process was not read")
	}
}

func TestAProcessThatIsGoneUpstreamIsFoundMarkedAndKept(t *testing.T) {
	b := newBench(t)
	for i := range 6 {
		b.add(i, "accepted", time.Duration(i)*time.Hour)
	}
	if _, err := b.once(); err != nil {
		t.Fatal(err)
	}
	b.clock.forward(2 * time.Hour)
	b.sim.Delete(processID(2))
	b.sim.Delete(processID(3))
	totals, err := b.once()
	if want := "listed 4 fetched 0 changed 0 failed 0"; err != nil || totals.String() != want {
		t.Errorf("%q, %v; want %q: that a process is gone is no failure", totals, err, want)
	}
	gone := must(b.store.Gone(t.Context(), 10))
	if len(gone) != 2 || !gone[0].LastSeen.Equal(noon) || !gone[0].FoundAt.Equal(noon.Add(2*time.Hour)) {
		t.Errorf("gone: %+v", gone)
	}
	if !b.head(2).Gone || b.head(1).Gone {
		t.Error("another process than the one that is gone is marked")
	}
	assertReconciled(b, 6)
	before := b.sim.Requests(assuretest.Process)
	b.clock.forward(48 * time.Hour)
	b.runner.beat(t.Context())
	if n := b.sim.Requests(assuretest.Process) - before; n != 0 {
		t.Errorf("what is gone was asked for again, %d times", n)
	}
}

func TestAHeldProcessThatIsNotListedAndStillThereStaysAndIsTold(t *testing.T) {
	b := newBench(t)
	b.add(1, "accepted", time.Hour)
	b.add(2, "accepted", time.Hour)
	if _, err := b.once(); err != nil {
		t.Fatal(err)
	}
	b.clock.forward(2 * time.Hour)
	b.sim.Fail(assuretest.Fault{Class: assuretest.List, Sort: assuretest.Answer, Body: `{"processes":[],"totalResults":0}`})
	if _, err := b.once(); err != nil {
		t.Fatal(err)
	}
	if b.head(1).Gone || b.head(2).Gone {
		t.Error("a listing that leaves a process out marked it as gone")
	}
	days := must(b.store.Completeness(t.Context(), 1))
	if len(days) != 1 || days[0].Unlisted != 2 || days[0].Missing != 0 {
		t.Errorf("the day says %+v", days)
	}
}

func TestAFinishedProcessIsReadOnceMoreAfterADay(t *testing.T) {
	b := newBench(t, func(o *Options) { o.Every = 1000 * time.Hour })
	b.add(1, "accepted", time.Hour)
	b.add(2, "accepted", 48*time.Hour)
	b.runner.beat(t.Context())
	reads := func(after time.Duration) int {
		before := b.sim.Requests(assuretest.Process)
		b.clock.forward(after)
		b.runner.beat(t.Context())
		return b.sim.Requests(assuretest.Process) - before
	}
	for _, step := range []struct {
		after time.Duration
		want  int
	}{{23 * time.Hour, 0}, {time.Hour, 1}, {24 * time.Hour, 0}, {24 * time.Hour, 0}} {
		if got := reads(step.after); got != step.want {
			t.Errorf("after %v more: %d reads, want %d", step.after, got, step.want)
		}
	}
}

func TestTheLagIsThatOfProcessesThatFinishedMeanwhile(t *testing.T) {
	b := newBench(t)
	b.add(1, "accepted", time.Hour) // history
	for i := 2; i < 22; i++ {
		b.add(i, "pending", time.Duration(i)*time.Second, assuretest.Step{At: noon.Add(10 * time.Second), Body: body(i, "accepted", noon.Add(-50*time.Second))})
	}
	if _, err := b.once(); err != nil {
		t.Fatal(err)
	}
	if lag := b.runner.State().Lag; lag.Of != 0 {
		t.Errorf("history was measured: %+v", lag)
	}
	b.clock.forward(25 * time.Second) // they finished 10 seconds after noon
	if _, err := b.once(); err != nil {
		t.Fatal(err)
	}
	if lag := b.runner.State().Lag; lag != (Lag{P95: 15 * time.Second, Of: 20}) {
		t.Errorf("measured %+v", lag)
	}
}

func TestTheLagIsTheNinetyFifthOfAHundredAndForgetsTheOldest(t *testing.T) {
	var c counts
	for i := range 3 * lagKept {
		c.keep(time.Duration(i) * time.Millisecond)
	}
	var s State
	c.add(&s)
	if want := (Lag{P95: (2*lagKept + 949) * time.Millisecond, Of: lagKept}); s.Lag != want {
		t.Errorf("%+v, want %+v", s.Lag, want)
	}
}
