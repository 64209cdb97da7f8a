package sync

import (
	"context"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/assure-portal/portal/internal/assure/assuretest"
	"github.com/assure-portal/portal/internal/audit"
)

func TestAPendingProcessIsSeenToFinishWithinSeconds(t *testing.T) {
	b := newBench(t, func(o *Options) { o.Every = time.Hour })
	b.add(1, "pending", 10*time.Second, assuretest.Step{At: noon.Add(20 * time.Second), Body: body(1, "processing", noon.Add(-10*time.Second))},
		assuretest.Step{At: noon.Add(40 * time.Second), Body: body(1, "accepted", noon.Add(-10*time.Second))})
	seen := map[string]time.Duration{}
	for b.clock.now().Before(noon.Add(90 * time.Second)) {
		b.runner.beat(t.Context())
		if status := b.head(1).Status; seen[status] == 0 {
			seen[status] = b.clock.now().Sub(noon) + 1
		}
		b.clock.forward(time.Second)
	}
	if seen["processing"] > 40*time.Second || seen["accepted"] == 0 || seen["accepted"] > 60*time.Second {
		t.Errorf("seen %v, want processing and accepted soon after 20 s and 40 s", seen)
	}
	before := b.sim.Requests(assuretest.Process)
	b.clock.forward(30 * time.Minute)
	b.runner.beat(t.Context())
	if b.sim.Requests(assuretest.Process) != before {
		t.Error("a finished process is polled")
	}
	assertReconciledAfterListing(b)
}

// assertReconciledAfterListing makes the listing that a change of status brings on, and looks at the counts.
func assertReconciledAfterListing(b *bench) {
	b.Helper()
	b.clock.forward(time.Hour)
	b.runner.beat(b.Context())
	assertReconciled(b, 1)
}

func TestAProcessThatStaysPendingIsAskedForLessAndLess(t *testing.T) {
	b := newBench(t, func(o *Options) { o.Every = 24 * time.Hour })
	b.add(1, "pending", time.Hour)
	var asked []time.Duration
	for before := 0; b.clock.now().Before(noon.Add(20 * time.Minute)); b.clock.forward(time.Second) {
		b.runner.beat(t.Context())
		if n := b.sim.Requests(assuretest.Process); n > before {
			asked, before = append(asked, b.clock.now().Sub(noon)), n
		}
	}
	for i := 2; i < len(asked); i++ {
		if last, now := asked[i-1]-asked[i-2], asked[i]-asked[i-1]; now < last {
			t.Errorf("read %d came after %v, the one before after %v", i, now, last)
		}
	}
	if len(asked) < 8 || len(asked) > 12 {
		t.Errorf("asked %d times in 20 minutes: %v", len(asked), asked)
	}
}

func TestListingsComeAtTheirTimeAndReadWholeDays(t *testing.T) {
	b := newBench(t, func(o *Options) { o.Every = 30 * time.Second })
	b.add(1, "accepted", 20*24*time.Hour)
	b.add(2, "accepted", time.Hour)
	listed := func(after time.Duration) (n int, last Totals) {
		before := b.sim.Requests(assuretest.List)
		b.clock.forward(after)
		b.runner.beat(t.Context())
		return b.sim.Requests(assuretest.List) - before, b.runner.State().Last
	}
	tests := []struct {
		name   string
		after  time.Duration
		lists  int
		listed int
	}{
		{"the first listing reads all 30 days", 0, 1, 2},
		{"none comes before its time", 29 * time.Second, 0, 2},
		{"the next one reads today", time.Second, 1, 1},
		{"after an hour all is read again", time.Hour, 1, 2},
	}
	for _, test := range tests {
		if n, last := listed(test.after); n != test.lists || last.Listed != test.listed {
			t.Errorf("%s: %d listings of %d rows, want %d of %d", test.name, n, last.Listed, test.lists, test.listed)
		}
	}
}

func TestAChangeOfAnOldProcessHasItsDayCountedAgain(t *testing.T) {
	b := newBench(t, func(o *Options) { o.Every = 30 * time.Second })
	old := 20 * 24 * time.Hour
	b.add(1, "pending", old, assuretest.Step{At: noon.Add(10 * time.Second), Body: body(1, "failed", noon.Add(-old))})
	for range 120 {
		b.runner.beat(t.Context())
		b.clock.forward(time.Second)
	}
	if got := b.head(1).Status; got != "failed" {
		t.Fatalf("the process is %s", got)
	}
	assertReconciled(b, 1)
}

func TestAHintHasTheProcessReadAndOnlyThat(t *testing.T) {
	tests := []struct {
		name             string
		dossier, process string
		held             bool
		requests         int
	}{
		{"a process that exists", dossierID(0), processID(1), true, 1},
		{"a process that nobody knows", dossierID(0), processID(7), false, 1},
		{"an id that leaves its place", "..", processID(1), false, 0},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			b := newBench(t)
			b.add(1, "accepted", time.Hour)
			b.runner.Hint(test.dossier, test.process)
			select {
			case h := <-b.runner.hints:
				b.runner.readHint(t.Context(), h)
			default:
			}
			if b.holds(1) != test.held || b.sim.Requests(assuretest.Process) != test.requests {
				t.Errorf("held %v after %d requests, want %v after %d", b.holds(1), b.sim.Requests(assuretest.Process), test.held, test.requests)
			}
			want := []string{"process.fetch ok system to_status=accepted way_in=event"}
			if got := lines(b.records(audit.ProcessFetch)); test.held && !slices.Equal(got, want) {
				t.Errorf("records %v, want %v", got, want)
			}
		})
	}
}

func TestHintsNeverBlock(t *testing.T) {
	b := newBench(t)
	for range 3 * hintsWaiting {
		b.runner.Hint(dossierID(0), processID(1))
	}
}

func TestRunBringsProcessesUntilItIsStopped(t *testing.T) {
	b := newBench(t)
	b.addMany(3)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var requests counter
	b.before(func() {
		if requests.next() == 8 { // token, listing, and more than one process with what belongs to it
			cancel()
		}
	})
	b.runner.Run(ctx) // returns because ctx ends
	if requests.n < 8 {
		t.Errorf("Run ended after %d requests", requests.n)
	}
}

// A first synchronisation takes hours where the upstream is slow. What finishes meanwhile does not wait for its end.
func TestWhatIsNewDoesNotWaitForTheEndOfALongRun(t *testing.T) {
	const many, told, listed = batch + 200, batch + 200, batch + 201
	b := newBench(t, func(o *Options) { o.Every = 30 * time.Second })
	b.addMany(many)
	var requests counter
	b.before(func() {
		b.clock.forward(50 * time.Millisecond)
		if requests.next() == batch { // while the first batch is read
			b.add(told, "accepted", -time.Second)
			b.runner.Hint(dossierID(told/2), processID(told))
			b.add(listed, "accepted", -2*time.Second)
		}
	})
	at := map[int]int{}
	_, err := b.runner.Once(t.Context(), time.Time{}, func(p Progress) {
		for _, n := range []int{told, listed} {
			if _, known := at[n]; !known && b.holds(n) {
				at[n] = p.Fetched
			}
		}
	})
	if err != nil || at[told] == 0 || at[told] > batch+50 || at[listed] == 0 || at[listed] > batch+50 {
		t.Errorf("%v; they were there after %v of %d", err, at, many)
	}
	if last := b.runner.State().Last; last.Listed != many {
		t.Errorf("the run says that it listed %d of %d", last.Listed, many)
	}
	assertNothingLeft(b)
}

func TestU12AnEventThatIsAnsweredWithAnotherProcessIsRecorded(t *testing.T) {
	b := newBench(t)
	b.add(1, "accepted", time.Hour)
	b.sim.Fail(assuretest.Fault{Class: assuretest.Process, Sort: assuretest.OtherID})
	b.runner.readHint(t.Context(), hint{dossierID(0), processID(1)})
	want := []string{"process.fetch refused system reason=another-process"}
	if got := lines(b.records(audit.ProcessFetch)); b.holds(1) || !slices.Equal(got, want) {
		t.Errorf("held %v, records %v, want %v", b.holds(1), got, want)
	}
}

func TestPausesOfWhatNobodyAsksForAnyMoreAreForgotten(t *testing.T) {
	var p pauses
	for n := range 20 * pausesKept {
		p.add(processID(n), noon.Add(time.Duration(n)*10*time.Second), 0)
	}
	if n := p.len(); n > 3*pausesKept {
		t.Errorf("%d pauses are kept", n)
	}
	if last := processID(20*pausesKept - 1); p.of[last].attempts != 1 {
		t.Error("the newest is not known any more")
	}
}

func TestAListingAsksForNothingThatAssureDoesNotList(t *testing.T) {
	b := newBench(t)
	for _, since := range []time.Time{{}, noon.AddDate(-1, 0, 0)} {
		if _, err := b.runner.Once(t.Context(), since, nil); err != nil {
			t.Fatal(err)
		}
		if got, want := *b.starts.Load(), "2026-02-18T12:00:00Z"; got != want {
			t.Errorf("listed from %s on, want %s, thirty days ago", got, want)
		}
	}
}

func TestWhereTheNextListingBeginsAndWhen(t *testing.T) {
	midnight := noon.Truncate(24 * time.Hour)
	read := func(to time.Time) plan { return plan{begun: to, whole: to, readTo: to} }
	changed := read(noon)
	changed.changed = noon.Add(-5 * 24 * time.Hour)
	for _, tt := range []struct {
		name  string
		plan  plan
		now   time.Time
		since time.Time
		due   bool
	}{
		{"the first has all", plan{}, noon, time.Time{}, true},
		{"the next the day", read(noon), noon.Add(time.Minute), midnight, true},
		{"not before its time", read(noon), noon.Add(time.Second), midnight, false},
		{"after midnight the day before, too: what began then changes still", read(midnight.Add(time.Hour)), midnight.Add(61 * time.Minute), midnight.Add(-24 * time.Hour), true},
		{"with the day of a change, however old", changed, noon.Add(time.Minute), midnight.Add(-5 * 24 * time.Hour), true},
		{"after an hour all", read(noon), noon.Add(time.Hour), time.Time{}, true},
		{"all by a clock that was put back", read(noon), noon.Add(-time.Hour), time.Time{}, true},
	} {
		if since, due := tt.plan.since(tt.now), tt.plan.due(tt.now, 30*time.Second); !since.Equal(tt.since) || due != tt.due {
			t.Errorf("%s: since %v, due %v, want %v, %v", tt.name, since, due, tt.since, tt.due)
		}
	}
}

func TestAListingThatBreaksOffMovesNothing(t *testing.T) {
	b := newBench(t)
	b.runner.pageSize = 2
	b.addMany(5)
	var requests counter
	b.before(func() {
		if requests.next() == 2 { // the token comes first, then a page
			b.sim.Fail(assuretest.Fault{Class: assuretest.List, Status: 400, Times: -1}) // from this page on
		}
	})
	if _, err := b.once(); err == nil {
		t.Fatal("the listing was to break off")
	}
	b.before(func() {})
	b.sim.Heal()
	if fresh := must(b.store.Freshness(t.Context())); !fresh.ReadTo.IsZero() || !b.runner.plan.since(noon.Add(time.Minute)).IsZero() {
		t.Errorf("read to %v, the next listing begins at %v", fresh.ReadTo, b.runner.plan.since(noon.Add(time.Minute)))
	}
}

func TestAProcessIsLeftAloneForAsLongAsAssureAsks(t *testing.T) {
	b := newBench(t)
	b.add(1, "accepted", time.Hour)
	b.sim.Fail(assuretest.Fault{Class: assuretest.Process, Status: 429, RetryAfter: "1800", Times: 1})
	var asked []time.Duration
	for before := 0; b.clock.now().Before(noon.Add(time.Hour)); b.clock.forward(time.Minute) {
		_, _ = b.once()
		if n := b.sim.Requests(assuretest.Process); n > before {
			asked, before = append(asked, b.clock.now().Sub(noon)), n
		}
	}
	if want := []time.Duration{0, 30 * time.Minute}; !slices.Equal(asked, want) {
		t.Errorf("asked at %v, want %v", asked, want)
	}
}

func TestAProcessThatIsListedAndNotThereIsGoneAndNotMissing(t *testing.T) {
	b := newBench(t)
	b.add(1, "pending", time.Hour, assuretest.Step{At: noon.Add(time.Minute), Body: accepted(1, time.Hour)})
	if _, err := b.once(); err != nil {
		t.Fatal(err)
	}
	b.clock.forward(2 * time.Minute)
	b.sim.Fail(assuretest.Fault{Class: assuretest.Process, Status: 404, Times: -1})
	if _, err := b.once(); err != nil {
		t.Fatal(err)
	}
	if left := must(b.store.Unfetched(t.Context(), 9)); len(left) != 0 || !b.head(1).Gone {
		t.Errorf("%d are still to be read, gone %v", len(left), b.head(1).Gone)
	}
}

// Assure's thirty days go on while they are listed: what leaves them meanwhile is not gone.
func TestWhatLeavesTheThirtyDaysWhileTheyAreListedIsNotLookedFor(t *testing.T) {
	b := newBench(t)
	b.add(1, "accepted", 30*24*time.Hour-30*time.Minute)
	if _, err := b.once(); err != nil {
		t.Fatal(err)
	}
	b.clock.forward(29 * time.Minute)
	reads, moved := b.sim.Requests(assuretest.Process), false
	b.before(func() {
		if !moved {
			b.clock.forward(10 * time.Minute)
			moved = true
		}
	})
	if _, err := b.once(); err != nil {
		t.Fatal(err)
	}
	if n := b.sim.Requests(assuretest.Process) - reads; n != 0 || b.head(1).Gone {
		t.Errorf("read %d times, gone %v", n, b.head(1).Gone)
	}
}

func TestAFaultThatLastsIsLoggedOnce(t *testing.T) {
	var log strings.Builder
	b := newBench(t, func(o *Options) { o.Every, o.Log = time.Hour, slog.New(slog.NewTextHandler(&log, nil)) })
	b.add(1, "pending", time.Hour)
	b.runner.beat(t.Context())
	b.sim.Fail(assuretest.Fault{Class: assuretest.Any, Status: 401, Times: -1})
	for range 60 {
		b.clock.forward(time.Second)
		b.runner.beat(t.Context())
	}
	if n := strings.Count(log.String(), "not over"); n != 1 || !strings.Contains(b.runner.State().LastError, "credentials") {
		t.Errorf("%d lines for one fault, told as %q", n, b.runner.State().LastError)
	}
}
