package sync

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	stdsync "sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/assure-portal/portal/internal/apperr"
	"github.com/assure-portal/portal/internal/assure"
	"github.com/assure-portal/portal/internal/assure/assuretest"
	"github.com/assure-portal/portal/internal/audit"
	"github.com/assure-portal/portal/internal/audit/audittest"
	"github.com/assure-portal/portal/internal/sqlitedb"
	"github.com/assure-portal/portal/internal/store"
)

func TestMain(m *testing.M) {
	if processes, err := strconv.Atoi(os.Getenv(simulatedProcesses)); err == nil {
		if err := simulate(processes); err != nil {
			panic(err)
		}
		return
	}
	goleak.VerifyTestMain(m)
}

// noon is when every test begins.
var noon = time.Date(2026, 3, 20, 12, 0, 0, 0, time.UTC)

// clock is a clock that tests move.
type clock struct {
	mu stdsync.Mutex
	at time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) forward(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

// bench is a simulator and a store with a trail, and what stands between them.
type bench struct {
	*testing.T
	clock  *clock
	sim    *assuretest.Simulator
	client *assure.Client
	db     *sqlitedb.DB // of the store
	store  *store.Store
	trail  *audit.Trail
	runner *Runner
	hook   atomic.Pointer[func()] // called before each request to the simulator; a called-off one may still arrive
	starts atomic.Pointer[string] // the oldest creation that a listing asked for; nil: none did
}

func newBench(t *testing.T, change ...func(*Options)) *bench {
	t.Helper()
	t.Parallel() // most of a test is waiting for the disk
	b := &bench{T: t, clock: &clock{at: noon}}
	b.before(func() {})
	b.sim = assuretest.New(assuretest.Options{ClientID: "sim", ClientSecret: "sim", Now: b.clock.now})
	handler := b.sim.Handler()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		(*b.hook.Load())()
		if start := r.FormValue("startCreationDate"); r.Method == http.MethodGet && start != "" && (b.starts.Load() == nil || start < *b.starts.Load()) {
			b.starts.Store(&start)
		}
		handler.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	b.client = must(assure.NewClient(assure.Options{BaseURL: server.URL + "/assure", TokenURL: server.URL + "/auth/open/connect/token",
		ClientID: "sim", ClientSecret: "sim", Now: b.clock.now, Wait: func(context.Context, time.Duration) {}}))
	t.Cleanup(b.client.Close)
	b.store, b.db = openStore(t, b.clock.now)
	b.trail = audittest.NewAt(t, b.clock.now)
	b.restart(change...)
	return b
}

// before sets what is called before each request to the simulator.
func (b *bench) before(do func()) { b.hook.Store(&do) }

// restart is the runner after a new start of the program: it remembers nothing.
func (b *bench) restart(change ...func(*Options)) {
	o := Options{Client: b.client, Store: b.store, Trail: b.trail, Now: b.clock.now, Log: slog.New(slog.DiscardHandler)}
	for _, f := range change {
		f(&o)
	}
	b.runner = New(o)
}

func openStore(t testing.TB, now func() time.Time) (*store.Store, *sqlitedb.DB) {
	t.Helper()
	dir := t.TempDir()
	db := must(sqlitedb.Open(t.Context(), sqlitedb.Options{Path: filepath.Join(dir, "portal.db"), Create: true, Migrations: sqlitedb.Migrations("portal")}))
	s := must(store.Open(t.Context(), db, dir, now))
	t.Cleanup(func() {
		if err := errors.Join(s.Close(), db.Close()); err != nil {
			t.Error(err)
		}
	})
	return s, db
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func processID(n int) string { return fmt.Sprintf("00000000-0000-4000-8000-%012d", n) }
func dossierID(n int) string { return fmt.Sprintf("10000000-0000-4000-8000-%012d", n) }

// body is an invented Get process answer.
func body(n int, status string, created time.Time) []byte {
	return fmt.Appendf(nil, `{"processId":%q,"provider":"onfido","processType":"documentSelfie","status":%q,`+
		`"finalResult":{"firstName":"ANNA","lastName":"TESTSEN"},"createdAt":%q,"updatedAt":%q}`,
		processID(n), status, created.Format(time.RFC3339), created.Add(time.Minute).Format(time.RFC3339))
}

// add makes process n, in the dossier of n/2, created so long before noon.
func (b *bench) add(n int, status string, ago time.Duration, later ...assuretest.Step) {
	b.Helper()
	e := assuretest.Entry{DossierID: dossierID(n / 2), ExternalReference: fmt.Sprintf("customer-%d", n/2), ExternalID: fmt.Sprintf("ext-%d", n),
		Body: body(n, status, noon.Add(-ago)), Later: later}
	if n%3 == 0 {
		e.UserData = fmt.Appendf(nil, `{"dossierId":%q,"userData":{"firstName":"Anna"}}`, e.DossierID)
	}
	if err := b.sim.Add(e); err != nil {
		b.Fatal(err)
	}
}

// addMany makes processes 0 to n-1 over 29 days, a few in the same second.
func (b *bench) addMany(n int) {
	b.Helper()
	for i := range n {
		b.add(i, "accepted", time.Duration(i/3*3)*29*24*time.Hour/time.Duration(n)+time.Hour)
	}
}

// once makes a run and gives its totals.
func (b *bench) once() (Totals, error) { return b.runner.Once(b.Context(), time.Time{}, nil) }

func (b *bench) head(n int) store.Head {
	b.Helper()
	h, err := b.store.Head(b.Context(), processID(n), 0)
	if err != nil {
		b.Fatalf("process %d: %v", n, err)
	}
	return h
}

func (b *bench) holds(n int) bool {
	b.Helper()
	_, err := b.store.Head(b.Context(), processID(n), 0)
	if err != nil && !apperr.Is(err, apperr.NotFound) {
		b.Fatal(err)
	}
	return err == nil
}

// records gives the trail's records of some actions, oldest first.
func (b *bench) records(actions ...audit.Action) []audit.Record {
	b.Helper()
	receipt, err := b.trail.Append(b.Context(), audit.Event{Action: audit.AuditView, Outcome: audit.OK, Actor: audit.System})
	if err != nil {
		b.Fatal(err)
	}
	page, err := b.trail.Find(b.Context(), audit.Filter{}, 100_000)
	if err != nil {
		b.Fatal(err)
	}
	slices.Sort(page.Seqs)
	all, err := b.trail.Records(b.Context(), receipt, page.Seqs)
	if err != nil {
		b.Fatal(err)
	}
	return slices.DeleteFunc(all, func(r audit.Record) bool { return !slices.Contains(actions, r.Action) })
}

// lines tells records in short, for comparison.
func lines(records []audit.Record) []string {
	var out []string
	for _, r := range records {
		var line strings.Builder
		fmt.Fprintf(&line, "%s %s %s", r.Action, r.Outcome, r.Actor)
		for _, name := range slices.Sorted(maps.Keys(r.Facts)) {
			line.WriteString(" " + name + "=" + r.Facts[name])
		}
		out = append(out, line.String())
	}
	return out
}

// assertHeldAsUpstream checks that processes 0 to n-1 are held byte for byte, each version with the one record that names it.
func (b *bench) assertHeldAsUpstream(want map[int][]byte) {
	b.Helper()
	byVersion := map[string]audit.Record{}
	for _, r := range b.records(audit.ProcessFetch) {
		key := fmt.Sprintf("%s %d", r.ProcessID, r.Version)
		if _, twice := byVersion[key]; twice {
			b.Errorf("%s was recorded twice", key)
		}
		byVersion[key] = r
	}
	for n, bytes := range want {
		h, sum := b.head(n), sha256.Sum256(bytes)
		if h.SHA256 != hex.EncodeToString(sum[:]) {
			b.Errorf("process %d is not held as upstream has it", n)
		}
		if h.DossierID != dossierID(n/2) || h.ExternalReference != fmt.Sprintf("customer-%d", n/2) || h.ExternalID != fmt.Sprintf("ext-%d", n) {
			b.Errorf("process %d has the envelope %+v", n, h.Envelope)
		}
		versions := must(b.store.Versions(b.Context(), h.ProcessID))
		for _, v := range versions {
			r := byVersion[fmt.Sprintf("%s %d", v.ProcessID, v.Version)]
			if r.Seq != v.FetchSeq || r.SnapshotSHA256 != v.SHA256 || r.DossierID != v.DossierID {
				b.Errorf("process %d version %d: its record is %+v, the version says seq %d", n, v.Version, r, v.FetchSeq)
			}
		}
	}
}

func accepted(n int, created time.Duration) []byte { return body(n, "accepted", noon.Add(-created)) }

func TestARunBringsEveryProcessOfThirtyDaysOnceAndCountsThem(t *testing.T) {
	b := newBench(t)
	b.runner.pageSize = 10
	const many = 60
	b.addMany(many)
	b.add(900, "accepted", 31*24*time.Hour) // out of the listing's sight, but not of the newest dossiers'
	var last Progress
	totals, err := b.runner.Once(t.Context(), time.Time{}, func(p Progress) { last = p })
	if err != nil {
		t.Fatal(err)
	}
	if want := "listed 60 fetched 61 changed 61 failed 0"; totals.String() != want || last.Totals != totals || last.Total != many+1 {
		t.Errorf("totals %q and progress %+v, want %q of %d", totals, last, want, many+1)
	}
	want := map[int][]byte{900: accepted(900, 31*24*time.Hour)}
	for i := range many {
		want[i] = accepted(i, time.Duration(i/3*3)*29*24*time.Hour/many+time.Hour)
	}
	b.assertHeldAsUpstream(want)
	assertReconciled(b, many)
	fresh := must(b.store.Freshness(t.Context()))
	if !fresh.ReadTo.Equal(noon) || fresh.NotYetFetched != 0 || fresh.LastError != "" || fresh.Processes != many+1 {
		t.Errorf("freshness %+v", fresh)
	}
	if state := b.runner.State(); state.Running || state.Last != totals || state.LastError != "" || state.Paused != "" || state.Found != 1 {
		t.Errorf("state %+v", state)
	}
}

// assertReconciled checks that of every whole day as much is held as Assure counts.
func assertReconciled(b *bench, held int) {
	b.Helper()
	counted := 0
	for _, d := range must(b.store.Completeness(b.Context(), countedDays)) {
		counted += d.Held
		if d.Missing != 0 || d.Unlisted != 0 || d.Upstream >= 0 && d.Upstream != d.Held-d.Gone {
			b.Errorf("%s %s does not reconcile: %+v", d.Day, d.Status, d)
		}
	}
	if counted != held {
		b.Errorf("%d processes are counted, want %d", counted, held)
	}
}

func TestASecondRunReadsNothingAgainAndChangesNothing(t *testing.T) {
	b := newBench(t)
	b.addMany(12)
	if _, err := b.once(); err != nil {
		t.Fatal(err)
	}
	before := b.sim.Requests(assuretest.Any)
	b.clock.forward(time.Minute)
	totals, err := b.once()
	if want := "listed 12 fetched 0 changed 0 failed 0"; err != nil || totals.String() != want {
		t.Errorf("got %q, %v; want %q", totals, err, want)
	}
	if asked := b.sim.Requests(assuretest.Any) - before; asked != 2 {
		t.Errorf("the second run made %d requests, want the two listings alone", asked)
	}
	if n := len(b.records(audit.ProcessFetch)); n != 12 {
		t.Errorf("%d arrivals are recorded, want 12", n)
	}
}

func TestAChangeUpstreamIsANewVersionRecordedWithBothStatuses(t *testing.T) {
	b := newBench(t)
	b.add(1, "processing", time.Hour)
	if _, err := b.once(); err != nil {
		t.Fatal(err)
	}
	done := []byte(strings.Replace(string(body(1, "rejected", noon.Add(-time.Hour))), "ANNA", "BERTA", 1))
	if err := b.sim.Replace(processID(1), done); err != nil {
		t.Fatal(err)
	}
	b.clock.forward(time.Minute)
	totals, err := b.once()
	if err != nil || totals.Changed != 1 {
		t.Fatalf("got %v, %v", totals, err)
	}
	b.assertHeldAsUpstream(map[int][]byte{1: done})
	got, want := lines(b.records(audit.ProcessFetch)), []string{
		"process.fetch ok system to_status=processing way_in=listing",
		"process.fetch ok system from_status=processing to_status=rejected way_in=listing",
	}
	if !slices.Equal(got, want) {
		t.Errorf("records\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	assertReconciled(b, 1)
}

func TestFaultsOfTheUpstreamKeepNothingWrongAndAreMadeGood(t *testing.T) {
	const two = 2
	tests := []struct {
		name    string
		fault   assuretest.Fault
		totals  string // of the run with the fault
		failed  string // part of what the admin page says; empty: the run itself went well
		refused int    // answers kept aside
	}{
		{"the listing answers 500", assuretest.Fault{Class: assuretest.List, Sort: assuretest.StatusCode, Status: 500, Times: -1},
			"listed 0 fetched 0 changed 0 failed 0", "could not be reached", 0},
		{"the listing is truncated", assuretest.Fault{Class: assuretest.List, Sort: assuretest.Truncated, Times: -1},
			"listed 0 fetched 0 changed 0 failed 0", "could not be reached", 0},
		{"the listing is no JSON", assuretest.Fault{Class: assuretest.List, Sort: assuretest.NotJSON, Times: -1},
			"listed 0 fetched 0 changed 0 failed 0", "could not be read", 0},
		{"every process answers 500", assuretest.Fault{Class: assuretest.Process, Sort: assuretest.StatusCode, Status: 500, Times: -1},
			"listed 2 fetched 0 changed 0 failed 2", "", 0},
		{"one answer of 503 is repeated at once", assuretest.Fault{Class: assuretest.Process, Sort: assuretest.StatusCode, Status: 503},
			"listed 2 fetched 2 changed 2 failed 0", "", 0},
		{"every process is truncated", assuretest.Fault{Class: assuretest.Process, Sort: assuretest.Truncated, Times: -1},
			"listed 2 fetched 0 changed 0 failed 2", "", two},
		{"every connection is reset", assuretest.Fault{Class: assuretest.Process, Sort: assuretest.Reset, Times: -1},
			"listed 2 fetched 0 changed 0 failed 2", "", 0},
		{"an answer is about another process", assuretest.Fault{Class: assuretest.Process, Sort: assuretest.OtherID, Times: -1},
			"listed 2 fetched 0 changed 0 failed 2", "", two},
		{"an answer is no JSON", assuretest.Fault{Class: assuretest.Process, Sort: assuretest.NotJSON, Times: -1},
			"listed 2 fetched 0 changed 0 failed 2", "", two},
		{"an answer is too large", assuretest.Fault{Class: assuretest.Process, Sort: assuretest.Oversized, Times: -1},
			"listed 2 fetched 0 changed 0 failed 2", "", two},
		{"an answer is called HTML", assuretest.Fault{Class: assuretest.Process, Sort: assuretest.ContentType, Times: -1},
			"listed 2 fetched 0 changed 0 failed 2", "", two},
		{"a process is gone before it was read", assuretest.Fault{Class: assuretest.Process, Sort: assuretest.StatusCode, Status: 404, Times: -1},
			"listed 2 fetched 0 changed 0 failed 2", "", 0},
		{"the credentials are refused", assuretest.Fault{Class: assuretest.Token, Sort: assuretest.StatusCode, Status: 401, Times: -1},
			"listed 0 fetched 0 changed 0 failed 0", "credentials", 0},
		{"every token is refused", assuretest.Fault{Class: assuretest.Process, Sort: assuretest.StatusCode, Status: 401, Times: -1},
			"listed 2 fetched 0 changed 0 failed 0", "credentials", 0},
		{"what the customer stated cannot be read", assuretest.Fault{Class: assuretest.UserData, Sort: assuretest.StatusCode, Status: 500, Times: -1},
			"listed 2 fetched 2 changed 2 failed 0", "", 0},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			b := newBench(t)
			b.add(0, "accepted", time.Hour)
			b.add(3, "accepted", 2*time.Hour)
			b.sim.Fail(test.fault)
			totals, err := b.once()
			if totals.String() != test.totals || (err != nil) != (test.failed != "") {
				t.Errorf("got %q, %v; want %q", totals, err, test.totals)
			}
			assertToldWithoutUpstream(b, test.failed, err)
			if n := refusedAnswers(b); n != test.refused {
				t.Errorf("%d answers are kept aside, want %d", n, test.refused)
			}
			b.sim.Heal()
			b.clock.forward(time.Hour)
			if _, err := b.once(); err != nil {
				t.Fatalf("after healing: %v", err)
			}
			b.assertHeldAsUpstream(map[int][]byte{0: accepted(0, time.Hour), 3: accepted(3, 2*time.Hour)})
			assertReconciled(b, 2)
			if n := refusedAnswers(b); n != 0 || b.runner.State().LastError != "" {
				t.Errorf("after healing %d answers are kept aside, and the page says %q", n, b.runner.State().LastError)
			}
			if owed := must(b.store.Owed(t.Context(), "", 10)); len(owed) != 0 {
				t.Errorf("after healing %v are owed something", owed)
			}
		})
	}
}

func assertToldWithoutUpstream(b *bench, part string, err error) {
	b.Helper()
	told := b.runner.State().LastError
	if part == "" && told != "" || !strings.Contains(told, part) {
		b.Errorf("the page says %q, want %q in it", told, part)
	}
	fresh := must(b.store.Freshness(b.Context()))
	if fresh.LastError != told {
		b.Errorf("the freshness says %q, the state %q", fresh.LastError, told)
	}
	if err != nil && strings.Contains(err.Error(), "Injected fault") || strings.Contains(told, "Injected") {
		b.Errorf("the upstream's words came through: %v, %q", err, told)
	}
}

func refusedAnswers(b *bench) (n int) {
	b.Helper()
	for _, d := range must(b.store.Completeness(b.Context(), countedDays)) {
		n += d.Refused
	}
	return n
}

func TestAnUpstreamThatStopsAnsweringEndsTheRunEarly(t *testing.T) {
	b := newBench(t)
	b.addMany(200)
	b.sim.Fail(assuretest.Fault{Class: assuretest.Process, Sort: assuretest.Reset, Times: -1})
	totals, err := b.once()
	if !errors.Is(err, assure.ErrDown) || totals.Failed > 20 || !strings.Contains(b.runner.State().LastError, "stopped answering") {
		t.Errorf("got %v after %d failed reads, want an early end", err, totals.Failed)
	}
	b.sim.Heal()
	b.clock.forward(time.Hour)
	if totals, err := b.once(); err != nil || totals.Fetched != 200 {
		t.Errorf("after healing: %v, %v", totals, err)
	}
}

func TestAFailedProcessIsLeftAloneForAWhileThatGrows(t *testing.T) {
	b := newBench(t)
	b.add(1, "accepted", time.Hour)
	b.sim.Fail(assuretest.Fault{Class: assuretest.Process, Sort: assuretest.NotJSON, Times: -1})
	reads := func() int {
		before := b.sim.Requests(assuretest.Process)
		if _, err := b.once(); err != nil {
			t.Fatal(err)
		}
		return b.sim.Requests(assuretest.Process) - before
	}
	for i, step := range []struct {
		after time.Duration
		reads int
	}{{0, 1}, {time.Second, 0}, {time.Second, 1}, {3 * time.Second, 0}, {time.Second, 1}} {
		b.clock.forward(step.after)
		if got := reads(); got != step.reads {
			t.Errorf("run %d read the process %d times, want %d", i, got, step.reads)
		}
	}
}

func TestWhileTheTrailIsClosedNothingIsFetchedOrKept(t *testing.T) {
	b := newBench(t)
	b.addMany(3)
	if err := b.trail.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	_, err := b.once()
	if !apperr.Is(err, apperr.TrailClosed) {
		t.Errorf("got %v, want the trail to be closed", err)
	}
	b.runner.beat(t.Context())
	b.runner.Hint(dossierID(0), processID(0))
	b.runner.readHint(t.Context(), <-b.runner.hints)
	if n := b.sim.Requests(assuretest.Any) + b.sim.Requests(assuretest.Token); n != 0 {
		t.Errorf("%d requests were made", n)
	}
	if fresh := must(b.store.Freshness(t.Context())); fresh.Processes != 0 {
		t.Errorf("%d processes are held", fresh.Processes)
	}
	if state := b.runner.State(); state.Paused == "" || state.Running {
		t.Errorf("the page does not say that synchronisation is paused: %+v", state)
	}
}

func TestATrailThatClosesDuringARunEndsItAndTheNextRunRecordsWhatCame(t *testing.T) {
	b := newBench(t, func(o *Options) { o.Workers = 1 })
	b.addMany(9)
	requests := 0
	b.before(func() {
		if requests++; requests == 14 { // after both listings and five dossiers
			_ = b.trail.Close(t.Context())
		}
	})
	totals, err := b.once()
	if !apperr.Is(err, apperr.TrailClosed) || totals.Fetched == 0 || totals.Fetched == 9 {
		t.Fatalf("got %v, %v; want a run that broke off", totals, err)
	}
	b.before(func() {})
	b.trail = audittest.NewAt(t, b.clock.now)
	b.restart()
	if _, err := b.once(); err != nil {
		t.Fatal(err)
	}
	if left := must(b.store.Unrecorded(t.Context(), 10)); len(left) != 0 {
		t.Errorf("%d versions have no record", len(left))
	}
	if fresh := must(b.store.Freshness(t.Context())); fresh.Processes != 9 {
		t.Errorf("%d processes are held, want 9", fresh.Processes)
	}
}

func TestARunThatIsCalledOffAtAnyRequestIsMadeGoodByTheNext(t *testing.T) {
	const many = 9
	want := map[int][]byte{}
	for i := range many {
		want[i] = accepted(i, time.Duration(i/3*3)*29*24*time.Hour/many+time.Hour)
	}
	for stop := 1; stop < 20; stop += 2 {
		t.Run(fmt.Sprintf("at request %d", stop), func(t *testing.T) {
			b := newBench(t, func(o *Options) { o.Workers = 3 })
			b.addMany(many)
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			var requests counter
			b.before(func() {
				if requests.next() == stop {
					cancel()
				}
			})
			_, err := b.runner.Once(ctx, time.Time{}, nil)
			if !errors.Is(err, context.Canceled) {
				t.Fatalf("the first run was to be called off, got %v", err)
			}
			if told := b.runner.State().LastError; told != "" {
				t.Errorf("being stopped is told as a fault: %q", told)
			}
			b.before(func() {})
			b.restart()
			if _, err := b.once(); err != nil {
				t.Fatalf("the second run: %v", err)
			}
			b.assertHeldAsUpstream(want)
			assertReconciled(b, many)
			assertNothingLeft(b)
		})
	}
}

type counter struct {
	mu stdsync.Mutex
	n  int
}

func (c *counter) next() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.n++
	return c.n
}

func assertNothingLeft(b *bench) {
	b.Helper()
	if left := must(b.store.Unrecorded(b.Context(), 10)); len(left) != 0 {
		b.Errorf("%d versions have no record", len(left))
	}
	if left := must(b.store.Unfetched(b.Context(), 10)); len(left) != 0 {
		b.Errorf("%d processes are listed and not held", len(left))
	}
	if left := must(b.store.Owed(b.Context(), "", 10)); len(left) != 0 {
		b.Errorf("%v are owed something", left)
	}
}

func TestOnlyOneRunAtATime(t *testing.T) {
	b := newBench(t)
	b.add(1, "accepted", time.Hour)
	inside, release := make(chan struct{}), make(chan struct{})
	var once stdsync.Once
	b.before(func() { once.Do(func() { close(inside); <-release }) })
	done := make(chan error)
	go func() { _, err := b.runner.Once(context.WithoutCancel(t.Context()), time.Time{}, nil); done <- err }()
	<-inside
	if !b.runner.State().Running {
		t.Error("the state does not say that a run is under way")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := b.runner.Once(ctx, time.Time{}, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("a second run did not wait for its turn: %v", err)
	}
	close(release)
	if err := <-done; err != nil {
		t.Error(err)
	}
}
