package sync

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	stdsync "sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/assure-portal/portal/internal/apperr"
	"github.com/assure-portal/portal/internal/assure"
	"github.com/assure-portal/portal/internal/assure/assuretest"
	"github.com/assure-portal/portal/internal/audit"
	"github.com/assure-portal/portal/internal/sqlitedb"
	"github.com/assure-portal/portal/internal/store"
)

// TestWhateverHappensTheStoreComesToHoldWhatTheUpstreamHas plays random stories: the upstream changes while it is read and
// fails in every way that the simulator knows, the clock jumps, the program is killed at any moment and starts again with
// the files as they were then. When all of that is over, nothing may be lost, nothing be there twice, and nothing that the
// upstream never said. PORTAL_SYNC_STORIES says how many stories are played; rapid's own flags play a failed one again.
func TestWhateverHappensTheStoreComesToHoldWhatTheUpstreamHas(t *testing.T) {
	stories(t, map[bool]string{true: "10", false: "50"}[testing.Short()])
	rapid.Check(t, func(rt *rapid.T) {
		plan := drawStory(rt)
		dir, err := os.MkdirTemp(t.TempDir(), "story")
		if err != nil {
			rt.Fatal(err)
		}
		defer os.RemoveAll(dir)
		s := newStory(rt, dir, plan)
		defer s.close()
		for _, c := range plan.chapters {
			s.play(c)
		}
		s.settle()
		s.compare()
	})
}

// stories sets how many checks rapid makes, for this test alone.
func stories(t *testing.T, otherwise string) {
	t.Helper()
	checks, n := flag.Lookup("rapid.checks"), os.Getenv("PORTAL_SYNC_STORIES")
	if n == "" {
		n = otherwise
	}
	before := checks.Value.String()
	if err := checks.Value.Set(n); err != nil {
		t.Fatalf("PORTAL_SYNC_STORIES: %v", err)
	}
	t.Cleanup(func() { _ = checks.Value.Set(before) })
}

// plan is a whole story, drawn before it is played, so that nothing depends on who comes first.
type storyPlan struct {
	workers, page int
	first         []birth
	chapters      []chapter
}

// birth is a process that comes to be.
type birth struct {
	ago    time.Duration
	status string
	stated bool
}

// chapter is one run, and what happens before and while it is made.
type chapter struct {
	jump   time.Duration // of the clock, before
	faults []assuretest.Fault
	events []event // while it runs
	kill   int     // at this reading of the clock the files are as they will be found; 0: never
	stop   int     // at this request the run is called off; 0: never
	beats  int     // seconds that the loop runs; 0: one whole run
	hint   int     // a process that an event names first; -1: none
}

// event is a change upstream at a request of the run.
type event struct {
	at      int
	what    string // "new", "change", "finish", "delete"
	process int
	birth   birth
}

var (
	allStatuses = []string{"pending", "processing", "accepted", "rejected", "inconclusive", "canceled", "failed", "dancing"}
	finals      = []string{"accepted", "rejected", "failed"}
)

func drawStory(t *rapid.T) storyPlan {
	p := storyPlan{workers: rapid.SampledFrom([]int{1, 1, 3}).Draw(t, "workers"), page: rapid.IntRange(2, 6).Draw(t, "page")}
	for range rapid.IntRange(0, 10).Draw(t, "first") {
		p.first = append(p.first, drawBirth(t))
	}
	for range rapid.IntRange(1, 4).Draw(t, "chapters") {
		p.chapters = append(p.chapters, drawChapter(t, p.workers))
	}
	return p
}

func drawBirth(t *rapid.T) birth {
	ago := time.Duration(rapid.IntRange(0, 15*24*60).Draw(t, "minutes ago")) * time.Minute
	if rapid.Bool().Draw(t, "same second") {
		ago = time.Hour
	}
	return birth{ago: ago, status: rapid.SampledFrom(allStatuses).Draw(t, "status"), stated: rapid.Bool().Draw(t, "stated")}
}

func drawChapter(t *rapid.T, workers int) chapter {
	jumps := []time.Duration{0, time.Second, time.Minute, time.Hour, 25 * time.Hour, -5 * time.Minute, -time.Hour}
	c := chapter{jump: rapid.SampledFrom(jumps).Draw(t, "jump"), hint: rapid.IntRange(-1, 5).Draw(t, "hint")}
	for range rapid.IntRange(0, 3).Draw(t, "faults") {
		c.faults = append(c.faults, drawFault(t))
	}
	for range rapid.IntRange(0, 5).Draw(t, "events") {
		c.events = append(c.events, event{at: rapid.IntRange(1, 25).Draw(t, "at"), what: rapid.SampledFrom([]string{"new", "change", "finish", "delete"}).Draw(t, "what"),
			process: rapid.IntRange(0, 12).Draw(t, "process"), birth: drawBirth(t)})
	}
	switch end := rapid.SampledFrom([]string{"", "", "kill", "kill", "stop"}).Draw(t, "end"); {
	case end == "kill" && workers == 1: // with more, nobody stands still while the files are copied
		c.kill = rapid.IntRange(1, 150).Draw(t, "kill")
	case end != "":
		c.stop = rapid.IntRange(1, 30).Draw(t, "stop")
	}
	if rapid.Bool().Draw(t, "loop") {
		c.beats = rapid.IntRange(1, 5).Draw(t, "beats")
	}
	return c
}

// drawFault leaves out what is no fault but a lie that nobody could see through: an honest 404 for what is there.
func drawFault(t *rapid.T) assuretest.Fault {
	f := assuretest.Fault{Class: rapid.SampledFrom([]assuretest.Class{assuretest.List, assuretest.Process, assuretest.Process, assuretest.UserData, assuretest.Token,
		assuretest.Dossiers, assuretest.Dossier, assuretest.ExternalID, assuretest.Any}).Draw(t, "class"),
		Sort:   rapid.SampledFrom(assuretest.Sorts()).Draw(t, "sort"),
		Status: rapid.SampledFrom([]int{500, 503, 429, 401}).Draw(t, "code"), Times: rapid.IntRange(1, 12).Draw(t, "times"),
		RetryAfter: rapid.SampledFrom([]string{"", "2", "120"}).Draw(t, "retry after"), Body: `{}`}
	switch f.Sort {
	case assuretest.Hang, assuretest.HangInBody, assuretest.Drip: // each costs a time-out
		f.Times = 1
		if f.Class == assuretest.Token || f.Class == assuretest.Any {
			f.Class = assuretest.Process
		}
	case assuretest.Endless, assuretest.Bomb, assuretest.Oversized:
		f.Times, f.Size = 1, 9<<20
	}
	return f
}

// story is a simulator and a portal's part that synchronises, on files that it can lose hold of.
type story struct {
	*rapid.T
	root    string
	dir     string // the files in use
	starts  int
	clock   *clock
	sim     *assuretest.Simulator
	server  *httptest.Server
	client  *assure.Client
	db      *sqlitedb.DB
	store   *store.Store
	trail   *audit.Trail
	runner  *Runner
	plan    storyPlan
	history map[int][][]byte // every body of a process, in order
	deleted map[int]bool
	stated  map[int]bool // processes whose birth came with what the customer of their dossier stated

	mu       stdsync.Mutex
	requests int
	readings int
	now      chapter
	end      context.CancelFunc // of the run under way; nil: none
	copied   string             // the files as a kill leaves them
}

func newStory(t *rapid.T, root string, plan storyPlan) *story {
	s := &story{T: t, root: root, plan: plan, clock: &clock{at: noon}, history: map[int][][]byte{}, deleted: map[int]bool{}, stated: map[int]bool{}}
	s.sim = assuretest.New(assuretest.Options{ClientID: "sim", ClientSecret: "sim", Now: s.clock.now})
	handler := s.sim.Handler()
	s.server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { s.request(); handler.ServeHTTP(w, r) }))
	for _, b := range plan.first {
		s.bear(b)
	}
	s.dir = filepath.Join(root, "0")
	s.must(os.MkdirAll(s.dir, 0o700))
	_, err := audit.Init(context.Background(), filepath.Join(s.dir, "audit.db"), "portal.test/audit", filepath.Join(root, "key"), noon)
	s.must(err)
	s.start()
	return s
}

func (s *story) must(err error) {
	if err != nil {
		s.Fatalf("%v", err)
	}
}

// start opens the files in use and begins with a memory of nothing.
func (s *story) start() {
	var err error
	ctx := context.Background()
	s.db, err = sqlitedb.Open(ctx, sqlitedb.Options{Path: filepath.Join(s.dir, "portal.db"), Create: true, Migrations: sqlitedb.Migrations("portal")})
	s.must(err)
	s.store, err = store.Open(ctx, s.db, s.dir, s.clock.now)
	s.must(err)
	s.trail, err = audit.Open(ctx, audit.Options{Path: filepath.Join(s.dir, "audit.db"), KeyFile: filepath.Join(s.root, "key"),
		AnchorFile: filepath.Join(s.dir, "anchor"), Build: "test", Now: s.tick})
	s.must(err)
	s.client, err = assure.NewClient(assure.Options{BaseURL: s.server.URL + "/assure", TokenURL: s.server.URL + "/auth/open/connect/token", ClientID: "sim",
		ClientSecret: "sim", Now: s.clock.now, Timeout: 400 * time.Millisecond, Wait: func(context.Context, time.Duration) {}})
	s.must(err)
	s.runner = New(Options{Client: s.client, Store: s.store, Trail: s.trail, Now: s.tick, Log: slog.New(slog.DiscardHandler), Workers: s.plan.workers, Every: time.Second})
	s.runner.pageSize = s.plan.page
}

// stop closes the files and, after a kill, goes on with the copy.
func (s *story) stop() {
	s.client.Close()
	s.must(errors.Join(s.store.Close(), s.db.Close(), s.trail.Close(context.Background())))
	if s.copied != "" {
		s.dir, s.copied = s.copied, ""
	}
}

func (s *story) close() {
	s.client.Close()
	_ = errors.Join(s.store.Close(), s.db.Close(), s.trail.Close(context.Background())) // some are closed already when a story fails
	s.server.Close()
}

// tick is the portal's clock. Its readings stand between all that the portal does, so a kill comes at one of them.
func (s *story) tick() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.readings++; s.end != nil && s.readings == s.now.kill {
		s.copied = filepath.Join(s.root, fmt.Sprint(s.starts+1))
		s.starts++
		s.must(copyFiles(s.copied, s.dir))
		s.end()
	}
	return s.clock.now()
}

// copyFiles copies what a kill leaves: the memory that SQLite shares is not among it. The trail comes first, because a
// record is written after its version.
func copyFiles(to, from string) error {
	if err := os.MkdirAll(to, 0o700); err != nil {
		return err
	}
	names, err := filepath.Glob(filepath.Join(from, "*"))
	if err != nil {
		return err
	}
	slices.Sort(names) // anchor, audit.db, audit.db-wal, index-…, portal.db, …
	for _, name := range names {
		if strings.HasSuffix(name, "-shm") {
			continue
		}
		if err := copyFile(filepath.Join(to, filepath.Base(name)), name); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

func copyFile(to, from string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_CREATE|os.O_WRONLY|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Close())
}

// request is called before each request is answered: time goes by, and the upstream changes.
func (s *story) request() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.clock.forward(20 * time.Millisecond)
	if s.end == nil {
		return
	}
	s.requests++
	for _, e := range s.now.events {
		if e.at == s.requests {
			s.happen(e)
		}
	}
	if s.requests == s.now.stop {
		s.end()
	}
}

func (s *story) happen(e event) {
	switch e.what {
	case "new":
		e.birth.ago = 0
		s.bear(e.birth)
	case "change":
		s.replace(e.process, e.birth.status)
	case "finish":
		s.replace(e.process, finals[e.process%len(finals)])
	case "delete":
		if e.process < len(s.history) {
			s.deleted[e.process] = true
			s.sim.Delete(processID(e.process))
		}
	}
}

// bear makes the next process, in a dossier with its neighbour.
func (s *story) bear(b birth) {
	n, at := len(s.history), s.clock.now().Add(-b.ago).Truncate(time.Second)
	e := assuretest.Entry{DossierID: dossierID(n / 2), ExternalReference: fmt.Sprintf("customer-%d", n/2), ExternalID: fmt.Sprintf("ext-%d", n), Body: storyBody(n, 0, b.status, at, at)}
	if b.stated {
		e.UserData, s.stated[n] = fmt.Appendf(nil, `{"dossierId":%q,"userData":{"firstName":"Anna"}}`, e.DossierID), true
	}
	s.must(s.sim.Add(e))
	s.history[n] = [][]byte{e.Body}
}

// replace gives a process another body, unless it is over: a final status never changes.
func (s *story) replace(n int, status string) {
	bodies := s.history[n]
	if len(bodies) == 0 || s.deleted[n] {
		return
	}
	last, err := assure.ParseProcess(bodies[len(bodies)-1])
	s.must(err)
	if last.Status.Final() {
		return
	}
	created, err := time.Parse(time.RFC3339, last.CreatedAt)
	s.must(err)
	next := storyBody(n, len(bodies), status, created, s.clock.now())
	s.must(s.sim.Replace(processID(n), next))
	s.history[n] = append(bodies, next)
}

func storyBody(n, edition int, status string, created, updated time.Time) []byte {
	return fmt.Appendf(nil, `{"processId":%q,"provider":"facetec","status":%q,"providerSpecific":{"edition":%d},"createdAt":%q,"updatedAt":%q}`,
		processID(n), status, edition, created.Format(time.RFC3339), updated.Format(time.RFC3339))
}

// play makes one run with all that befalls it.
func (s *story) play(c chapter) {
	s.clock.forward(c.jump)
	for _, f := range c.faults {
		s.sim.Fail(f)
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	s.mu.Lock()
	s.now, s.requests, s.readings, s.end = c, 0, 0, cancel
	s.mu.Unlock()
	if c.hint >= 0 {
		s.runner.readHint(ctx, hint{dossierID(c.hint / 2), processID(c.hint)})
	}
	if c.beats == 0 {
		_, _ = s.runner.Once(ctx, time.Time{}, nil) // it may fail; what it leaves is what counts
	}
	for range c.beats {
		s.runner.beat(ctx)
		s.clock.forward(time.Second)
	}
	s.mu.Lock()
	s.end = nil
	s.mu.Unlock()
	if c.kill > 0 || c.stop > 0 {
		s.stop()
		s.start()
	}
}

// settle lets the upstream be well until there is nothing to do any more.
func (s *story) settle() {
	s.sim.Heal()
	ctx := context.Background()
	for range 20 {
		s.clock.forward(25 * time.Hour / 20)
		_, err := s.runner.Once(ctx, time.Time{}, nil)
		err = errors.Join(err, s.runner.readDue(ctx))
		unread, unreadErr := s.store.Unfetched(ctx, 1)
		owed, owedErr := s.store.Owed(ctx, "", 1)
		s.must(errors.Join(unreadErr, owedErr))
		if err == nil && len(unread)+len(owed) == 0 && s.clock.now().After(noon.Add(26*time.Hour)) {
			return
		}
	}
	s.clock.forward(2 * time.Hour)
	_, err := s.runner.Once(ctx, time.Time{}, nil)
	s.must(err)
}

// compare checks that nothing is lost, nothing is there twice, and nothing is there that was never said.
func (s *story) compare() {
	records := s.arrivals()
	held, versions := 0, 0
	for n, bodies := range s.history {
		all, err := s.store.Versions(context.Background(), processID(n))
		if apperr.Is(err, apperr.NotFound) {
			if !s.deleted[n] {
				s.Errorf("process %d is lost", n)
			}
			continue
		}
		s.must(err)
		held, versions = held+1, versions+len(all)
		s.compareVersions(n, bodies, all, records)
		if all[0].Gone != s.deleted[n] {
			s.Errorf("process %d: gone is %v", n, all[0].Gone)
		}
		footprint, err := s.store.Footprint(context.Background(), processID(n))
		s.must(err)
		if !s.deleted[n] && (s.stated[n] && !footprint.Stated || footprint.Refused) {
			s.Errorf("process %d: what was stated is held: %v, an answer is kept aside: %v", n, footprint.Stated, footprint.Refused)
		}
	}
	fresh, err := s.store.Freshness(context.Background())
	s.must(err)
	if fresh.Processes != held || len(records) != versions || fresh.LastError != "" {
		s.Errorf("%d processes held of %d that are known, %d records of %d versions, %q", held, fresh.Processes, len(records), versions, fresh.LastError)
	}
	days, err := s.store.Completeness(context.Background(), countedDays)
	s.must(err)
	for _, d := range days {
		if d.Missing != 0 || d.Unlisted != 0 {
			s.Errorf("a day does not reconcile: %+v", d)
		}
	}
}

// compareVersions wants the versions to be bodies in their order, each once in a row, the newest of a process that is
// there to be its newest, and each to have the one record that tells of it.
func (s *story) compareVersions(n int, bodies [][]byte, all []store.Head, records map[int64]audit.Record) {
	slices.Reverse(all) // oldest first
	at := 0
	for i, v := range all {
		next := slices.IndexFunc(bodies[at:], func(b []byte) bool { sum := sha256.Sum256(b); return hex.EncodeToString(sum[:]) == v.SHA256 })
		if next < 0 {
			s.Errorf("process %d: version %d is no body that came after version %d", n, v.Version, i)
			return
		}
		at += next + 1
		r := records[v.FetchSeq]
		if r.ProcessID != v.ProcessID || r.Version != v.Version || r.SnapshotSHA256 != v.SHA256 {
			s.Errorf("process %d: version %d has the record %+v", n, v.Version, r)
		}
	}
	if newest := all[len(all)-1]; !s.deleted[n] && (at != len(bodies) || newest.DossierID != dossierID(n/2) || newest.ExternalID != fmt.Sprintf("ext-%d", n)) {
		s.Errorf("process %d is held as of edition %d of %d, envelope %+v", n, at, len(bodies), newest.Envelope)
	}
	slices.Reverse(all)
}

// arrivals are the records of versions that came, by number.
func (s *story) arrivals() map[int64]audit.Record {
	receipt, err := s.trail.Append(context.Background(), audit.Event{Action: audit.AuditView, Outcome: audit.OK, Actor: audit.System})
	s.must(err)
	page, err := s.trail.Find(context.Background(), audit.Filter{Action: string(audit.ProcessFetch), Outcome: string(audit.OK)}, 10_000)
	s.must(err)
	records, err := s.trail.Records(context.Background(), receipt, page.Seqs)
	s.must(err)
	bySeq := map[int64]audit.Record{}
	for _, r := range records {
		bySeq[r.Seq] = r
	}
	return bySeq
}
