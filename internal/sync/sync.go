// Package sync brings processes from Assure (or a file) into the store: windows of the listing, reads that are due,
// refreshes that a reviewer asks for, and imports. It records every arrival and never shows anything.
package sync

import (
	"fmt"
	"log/slog"
	stdsync "sync"
	"time"

	"github.com/assure-portal/portal/internal/assure"
	"github.com/assure-portal/portal/internal/audit"
	"github.com/assure-portal/portal/internal/store"
	"github.com/assure-portal/portal/internal/tracing"
)

// Options configures a Runner.
type Options struct {
	Client       *assure.Client
	Store        *store.Store
	Trail        *audit.Trail
	Now          func() time.Time
	Log          *slog.Logger
	Tracer       *tracing.Tracer // nil: no spans
	Every        time.Duration   // between listings, 30 s if zero
	KeepImages   bool            // images and video of finished processes are kept in the store
	KeepArchives bool            // and the archives that Assure makes of them
	Workers      int             // concurrent reads, 8 if zero
}

// Defaults. Eight reads at once are far below what the client's connections bear, and enough for thousands a minute.
const (
	defaultEvery   = 30 * time.Second
	defaultWorkers = 8
)

// Runner synchronises. One at a time per data directory. Safe for concurrent use: runs wait for one another, refreshes
// do not.
type Runner struct {
	o        Options
	pageSize int           // rows of a listing asked for at once
	turn     chan struct{} // whoever holds its one value runs
	hints    chan hint

	// arriving is held for reading from the moment a version is saved until its record is tied to it, so that whoever
	// holds it for writing sees only versions whose record is really missing.
	arriving stdsync.RWMutex

	failed pauses // processes whose last read failed
	owing  pauses // processes whose attachments or stated data could not be read
	counts counts

	mu       stdsync.Mutex
	state    State
	plan     plan
	dossiers map[string]time.Time // the newest dossiers, with when they were updated: what was looked into
}

// New makes a Runner. It does nothing until asked.
func New(o Options) *Runner {
	if o.Every <= 0 {
		o.Every = defaultEvery
	}
	if o.Workers <= 0 {
		o.Workers = defaultWorkers
	}
	return &Runner{o: o, pageSize: assure.MaxListLimit, turn: make(chan struct{}, 1), hints: make(chan hint, hintsWaiting)}
}

// Totals is what a run did. Its String is the line of portal sync.
type Totals struct {
	Listed  int // processes that Assure listed
	Fetched int // answers read and kept or found unchanged
	Changed int // new versions
	Failed  int // reads that brought nothing: gone, refused, not reached
}

func (t Totals) String() string {
	return fmt.Sprintf("listed %d fetched %d changed %d failed %d", t.Listed, t.Fetched, t.Changed, t.Failed)
}

// Progress of a run.
type Progress struct {
	Totals
	Total   int // what there is to read, as far as is known
	Started time.Time
}

// Done is how many of Total have been read, or could not be.
func (p Progress) Done() int { return p.Fetched + p.Failed }

// Pace is the rate so far, in processes a second, and the time left at that rate; a rate of 0: too early to say.
func (p Progress) Pace(now time.Time) (rate float64, left time.Duration) {
	took := now.Sub(p.Started)
	if p.Done() == 0 || took <= 0 {
		return 0, 0
	}
	rate = float64(p.Done()) / took.Seconds()
	return rate, time.Duration(float64(p.Total-p.Done()) / rate * float64(time.Second))
}

// State is what the admin page shows. Counts are since this start of the program.
type State struct {
	Running   bool     // a run is under way
	Progress  Progress // of the listing run under way, if Started is set
	Last      Totals
	LastEnd   time.Time
	LastError string // a sentence, no upstream text; empty after a run without fault
	Paused    string // why, e.g. the trail is closed

	Lag      Lag
	Failures map[string]int // reads that brought nothing, by kind: see Kinds
	Unknown  map[string]int // arrivals with something that the documentation does not have: see Unknowns
	Found    int            // processes that the newest dossiers told of and the listing did not
}

// State tells how the last run went.
func (r *Runner) State() State {
	r.mu.Lock()
	s := r.state
	r.mu.Unlock()
	r.counts.add(&s)
	return s
}
