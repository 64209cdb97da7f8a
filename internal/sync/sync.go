// Package sync brings processes from Assure (or a file) into the store: windows of the listing, reads that are due,
// refreshes that a reviewer asks for, and imports. It records every arrival and never shows anything.
package sync

import (
	"context"
	"log/slog"
	"time"

	"github.com/assure-portal/portal/internal/assure"
	"github.com/assure-portal/portal/internal/audit"
	"github.com/assure-portal/portal/internal/store"
)

// Options configures a Runner.
type Options struct {
	Client     *assure.Client
	Store      *store.Store
	Trail      *audit.Trail
	Now        func() time.Time
	Log        *slog.Logger
	Every      time.Duration // between runs; 15 s in the demo, 30 s in serve
	KeepImages bool
	Workers    int // concurrent reads, default 8
}

// Runner synchronises. One at a time per data directory.
type Runner struct{}

// New makes a Runner.
func New(o Options) *Runner { panic("todo") }

// Totals is what a run did. Its String is the line of portal sync.
type Totals struct{ Listed, Fetched, Changed, Failed int }

func (t Totals) String() string { panic("todo") }

// Progress of a run.
type Progress struct {
	Totals
	Total   int
	Started time.Time
}

// Once makes one run over everything created since (zero: the 30 days that Assure lists).
func (r *Runner) Once(ctx context.Context, since time.Time, progress func(Progress)) (Totals, error) {
	panic("todo")
}

// Run runs until ctx ends: listing every Options.Every, due processes in between, nothing while the trail is closed.
func (r *Runner) Run(ctx context.Context) { panic("todo") }

// Refresh reads one process now. by is the reviewer's half-filled event: actor, purpose, request id.
// It records process.refresh (unknown) before and (ok, failed) after. changed: a new version came.
func (r *Runner) Refresh(ctx context.Context, processID string, by audit.Event) (changed bool, err error) {
	panic("todo")
}

// Imported is the result of one file or line.
type Imported struct {
	Name      string // file, with line number for JSON Lines
	ProcessID string
	Changed   bool
	Refused   string // reason; empty when taken
}

// ImportOptions configures an import.
type ImportOptions struct {
	DossierID string
	User      string // operating-system user
	MaxBytes  int64  // per object, default 8 MiB
}

// Import loads files, JSON Lines and directories, telling each result as it comes.
func Import(ctx context.Context, s *store.Store, trail *audit.Trail, now func() time.Time, o ImportOptions, paths []string, each func(Imported)) (refused int, err error) {
	panic("todo")
}

// State is what the admin page shows.
type State struct {
	Running   bool
	Last      Totals
	LastEnd   time.Time
	LastError string // a sentence, no upstream text
	Paused    string // why, e.g. the trail is closed
}

// State tells how the last run went.
func (r *Runner) State() State { panic("todo") }
