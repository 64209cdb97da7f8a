package sync

import (
	"context"
	"errors"
	"fmt"
	stdsync "sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/assure-portal/portal/internal/apperr"
	"github.com/assure-portal/portal/internal/assure"
	"github.com/assure-portal/portal/internal/store"
)

// batch is how many rows are taken from the store at once: memory stays the same however many processes there are.
const batch = 500

// run is one run under way: what it did so far, and who is told.
type run struct {
	*Runner
	mu       stdsync.Mutex
	progress Progress
	tell     func(Progress)
	tried    map[string]bool
	newest   []store.Listed // what a listing during the run tells to be read; nil: the run's own listing is read
}

// Once makes one run over everything created since (zero: the 30 days that Assure lists). progress may be nil; it is
// called by one goroutine at a time and should be quick. An error means that the run broke off; what came before stays.
func (r *Runner) Once(ctx context.Context, since time.Time, progress func(Progress)) (Totals, error) {
	if err := r.begin(ctx); err != nil {
		return Totals{}, err
	}
	ctx, span := r.o.Tracer.Start(ctx, "synchronisation")
	u := &run{Runner: r, tell: progress, tried: map[string]bool{}, progress: Progress{Started: r.o.Now()}}
	err := u.recall(ctx)
	if err == nil {
		err = u.all(ctx, since)
	}
	span.End(err)
	r.end(ctx, u.progress.Totals, err)
	return u.progress.Totals, err
}

// begin waits for the turn and for nothing else: while the trail is closed there is no run.
func (r *Runner) begin(ctx context.Context) error {
	select {
	case r.turn <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	if err := r.open(); err != nil {
		<-r.turn
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.state.Running = true
	return nil
}

// recall begins a run with what the store remembers of runs before this start of the program.
func (u *run) recall(ctx context.Context) error {
	fresh, err := u.o.Store.Freshness(ctx)
	if err != nil {
		return fmt.Errorf("how far the last run came: %w", err)
	}
	since := fresh.ReadTo
	if since.IsZero() {
		since = u.progress.Started
	}
	u.counts.begin(since)
	u.Runner.mu.Lock()
	defer u.Runner.mu.Unlock()
	u.plan.begun = u.progress.Started
	if u.plan.readTo.IsZero() {
		u.plan.readTo = fresh.ReadTo
	}
	return nil
}

// open is an error while the trail is closed; State says so.
func (r *Runner) open() error {
	err := r.o.Trail.Ready()
	r.mu.Lock()
	defer r.mu.Unlock()
	r.state.Paused = ""
	if err != nil {
		r.state.Paused = sentence(err)
	}
	return err
}

func (r *Runner) end(ctx context.Context, done Totals, err error) {
	defer func() { <-r.turn }()
	r.mu.Lock()
	r.state.Running, r.state.Progress, r.state.Last, r.state.LastEnd = false, Progress{}, done, r.o.Now()
	if ctx.Err() == nil { // a run that was called off is no fault
		r.state.LastError = sentence(err)
	}
	state, readTo := r.state, r.plan.readTo
	r.mu.Unlock()
	if err != nil && ctx.Err() == nil {
		r.o.Log.Warn("synchronisation run", "totals", done.String(), "err", err)
	}
	// Stopping keeps the freshness: the next start shows how far the last one came.
	f := store.Freshness{ReadTo: readTo, LastRun: state.LastEnd, LastError: state.LastError}
	if err := r.o.Store.SetFreshness(context.WithoutCancel(ctx), f); err != nil {
		r.o.Log.Error("keeping the freshness", "err", err)
	}
}

// all is the run: what a kill left undone, the listing, and every process that is listed and not held as listed.
// A listing that failed does not keep what is already known from being read.
func (u *run) all(ctx context.Context, since time.Time) error {
	if err := u.recordMissing(ctx); err != nil {
		return err
	}
	listErr := u.list(ctx, since)
	if listErr != nil && (ctx.Err() != nil || assure.IsUnauthorized(listErr)) {
		return listErr
	}
	if err := u.drain(ctx); err != nil {
		return errors.Join(listErr, err)
	}
	return errors.Join(listErr, u.payOwed(ctx))
}

// list reads the listing, and after one of all 30 days looks for what it does not tell.
func (u *run) list(ctx context.Context, since time.Time) error {
	began := u.o.Now()
	whole, err := u.readListing(ctx, since, began)
	if err != nil {
		return u.notRead(err)
	}
	if !whole {
		return nil
	}
	return u.reconcile(ctx, began)
}

// drain reads what the store knows to be missing, oldest first, each once a run. A first synchronisation takes its time, so
// what events tell of, and what is new since the last listing, does not wait for its end.
func (u *run) drain(ctx context.Context) error {
	for {
		if err := u.attend(ctx); err != nil {
			return err
		}
		rows, err := u.o.Store.Unfetched(ctx, batch+u.failed.len())
		if err != nil {
			return fmt.Errorf("which processes are missing: %w", err)
		}
		if rows = u.toRead(rows); len(rows) == 0 {
			return nil
		}
		if err := u.each(ctx, rows, u.readListed); err != nil {
			return err
		}
	}
}

// attend reads what events told of meanwhile and, when the next listing is due, what is newest of what it tells.
func (u *run) attend(ctx context.Context) error {
	u.readHints(ctx)
	now := u.o.Now()
	u.Runner.mu.Lock()
	since := u.plan.since(now)
	due := u.plan.due(now, u.o.Every) && !since.IsZero() // all of the 30 days can wait
	if due {
		u.plan.begun = now
	}
	u.Runner.mu.Unlock()
	if !due || ctx.Err() != nil {
		return ctx.Err()
	}
	u.newest = []store.Listed{}
	_, err := u.readListing(ctx, since, now)
	rows := u.toRead(u.newest[:min(len(u.newest), batch)])
	u.newest = nil
	if err != nil {
		return u.bear(ctx, u.notRead(err))
	}
	return u.each(ctx, rows, u.readListed)
}

// bear goes on after a listing that failed, unless reads would fail, too.
func (u *run) bear(ctx context.Context, err error) error {
	if ctx.Err() != nil || general(err) {
		return err
	}
	u.o.Log.Warn("a listing during a run", "err", err)
	return nil
}

// toRead leaves out what this run has tried, so that it ends, and what failed lately.
func (u *run) toRead(rows []store.Listed) []store.Listed {
	var out []store.Listed
	now := u.o.Now()
	for _, row := range rows {
		if !u.tried[row.ProcessID] && !u.failed.hold(row.ProcessID, now) {
			out = append(out, row)
		}
	}
	return out
}

// each reads rows with Options.Workers at once. The first error ends it.
func (u *run) each(ctx context.Context, rows []store.Listed, read func(context.Context, store.Listed) error) error {
	g, inner := errgroup.WithContext(ctx)
	g.SetLimit(u.o.Workers)
	for _, row := range rows {
		if inner.Err() != nil {
			break
		}
		g.Go(func() error { return read(inner, row) })
	}
	if err := g.Wait(); err != nil {
		return err
	}
	return ctx.Err()
}

// readListed reads a process that the listing told of.
func (u *run) readListed(ctx context.Context, row store.Listed) error {
	saved, err := u.read(ctx, envelope(row, store.ByListing, u.o.Now()), "")
	if err == nil {
		err = u.again(ctx, row, saved, 0)
	}
	if saved.Changed && saved.Status != row.Status {
		u.statusChanged(row.CreatedAt)
	}
	return u.account(ctx, row, saved, err)
}

// envelope is what a listing says beside the body.
func envelope(l store.Listed, way store.WayIn, seen time.Time) store.Envelope {
	return store.Envelope{ProcessID: l.ProcessID, DossierID: l.DossierID, ExternalReference: l.ExternalReference,
		ExternalID: l.ExternalID, WayIn: way, LastSeenUpstream: seen}
}

// account counts a read and says whether the run goes on: one process that cannot be had does not keep the others
// waiting, but a closed trail, refused credentials, a failing store, an upstream that stopped answering or the end of
// ctx does.
func (u *run) account(ctx context.Context, row store.Listed, saved store.Saved, err error) error {
	switch {
	case err == nil:
		u.failed.end(row.ProcessID)
	case ctx.Err() != nil || fatal(err):
		return err
	default:
		if asideErr := u.setAside(ctx, row, err); asideErr != nil {
			return asideErr
		}
	}
	u.count(row.ProcessID, saved.Changed, err)
	return nil
}

// count adds a read to the totals and tells them.
func (u *run) count(id string, changed bool, err error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if err != nil {
		u.progress.Failed++
		u.tried[id] = true
	} else {
		u.progress.Fetched++
	}
	if changed {
		u.progress.Changed++
	}
	u.told()
}

// told tells how far the run is. The caller holds u.mu.
func (u *run) told() {
	u.progress.Total = max(u.progress.Total, u.progress.Fetched+u.progress.Failed)
	if !u.progress.Started.IsZero() {
		u.Runner.mu.Lock()
		u.Runner.state.Progress = u.progress
		u.Runner.mu.Unlock()
	}
	if u.tell != nil {
		u.tell(u.progress)
	}
}

// fatal reports whether an error speaks of more than the one process that was read.
func fatal(err error) bool { return general(err) || !upstream(err) }

// general reports whether the next request would fail, too.
func general(err error) bool {
	return apperr.Is(err, apperr.TrailClosed) || errors.Is(err, assure.ErrClosed) || errors.Is(err, assure.ErrDown) || assure.IsUnauthorized(err)
}
