package sync

import (
	"context"
	"errors"
	"time"

	"github.com/assure-portal/portal/internal/apperr"
	"github.com/assure-portal/portal/internal/assure"
	"github.com/assure-portal/portal/internal/store"
)

// beatEvery is how often Run looks for something to do: a process that finishes is seen within seconds.
const beatEvery = time.Second

// Bounds of what a listing reads.
const (
	wholeEvery = time.Hour     // then the listing reads all of the 30 days again
	lookBack   = 2 * time.Hour // nearly every process is over by then, so its change of status is within the window
)

// plan is what the next listing has to read.
type plan struct {
	begun   time.Time // of the newest run
	whole   time.Time // the beginning of the newest listing of all 30 days
	readTo  time.Time // everything created until then was listed
	changed time.Time // the earliest creation of a process whose status changed since: its day is counted again; zero: none
}

// listed takes in a whole listing from since on that began at the given time.
func (p *plan) listed(since, began time.Time) {
	if !since.After(began.Add(-assure.ListWindow)) {
		p.whole = began
	}
	if p.whole.Equal(began) || !since.After(p.readTo) {
		p.readTo = began
	}
	if !p.changed.Before(since) {
		p.changed = time.Time{}
	}
}

// due reports whether it is time for a listing. One that began after now did so by a clock that was put back since.
func (p *plan) due(now time.Time, every time.Duration) bool {
	return now.Before(p.begun) || !now.Before(p.begun.Add(every))
}

// since is where the next listing begins: a midnight, so that whole days are counted, or zero for all that there is.
func (p *plan) since(now time.Time) time.Time {
	if p.readTo.IsZero() || now.Before(p.readTo) || now.Before(p.whole) || !now.Before(p.whole.Add(wholeEvery)) {
		return time.Time{}
	}
	from := p.readTo.Add(-lookBack)
	if !p.changed.IsZero() && p.changed.Before(from) {
		from = p.changed
	}
	return from.UTC().Truncate(24 * time.Hour)
}

// statusChanged has the day of a process counted again, because the last listing told another status.
func (r *Runner) statusChanged(created time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !created.IsZero() && (r.plan.changed.IsZero() || created.Before(r.plan.changed)) {
		r.plan.changed = created
	}
}

// Run runs until ctx ends: listing every Options.Every, due processes in between, nothing while the trail is closed.
func (r *Runner) Run(ctx context.Context) {
	ticker := time.NewTicker(beatEvery)
	defer ticker.Stop()
	for ctx.Err() == nil {
		r.beat(ctx)
		select {
		case <-ctx.Done():
		case h := <-r.hints:
			r.readHint(ctx, h)
		case <-ticker.C:
		}
	}
}

// beat does what is due: a listing, or else reads.
func (r *Runner) beat(ctx context.Context) {
	if r.open() != nil {
		return
	}
	now := r.o.Now()
	r.mu.Lock()
	listing, since := r.plan.due(now, r.o.Every), r.plan.since(now)
	r.mu.Unlock()
	if listing {
		_, _ = r.Once(ctx, since, nil) // State and the log tell how it ended
		return
	}
	if err := r.readDue(ctx); err != nil && ctx.Err() == nil {
		r.fault(err)
	}
}

// fault tells of a read that failed between listings. The log has it once: it comes again each second while it lasts.
func (r *Runner) fault(err error) {
	r.mu.Lock()
	before := r.state.LastError
	r.state.LastError = sentence(err)
	told := r.state.LastError == before
	r.mu.Unlock()
	if !told {
		r.o.Log.Warn("reading processes that are not over", "err", err)
	}
}

// readDue reads the processes whose time has come: those that are not over, and once more those that were a day ago.
func (r *Runner) readDue(ctx context.Context) error {
	due, err := r.o.Store.NextDue(ctx, r.o.Now(), batch)
	if err != nil || len(due) == 0 {
		return err
	}
	if err := r.begin(ctx); err != nil {
		return err
	}
	defer r.quit()
	attempts, rows := map[string]int{}, make([]store.Listed, 0, len(due))
	for _, d := range due {
		attempts[d.ProcessID] = d.Attempts
		rows = append(rows, store.Listed{ProcessID: d.ProcessID, DossierID: d.DossierID, Status: d.Status})
	}
	u := &run{Runner: r, tried: map[string]bool{}}
	return u.each(ctx, rows, func(ctx context.Context, row store.Listed) error {
		saved, err := r.readKnown(ctx, row, store.ByListing)
		switch {
		case err == nil && assure.Status(saved.Status).Final() && !saved.Changed:
			err = r.o.Store.Postpone(ctx, row.ProcessID, 1, time.Time{}) // a day after its end: for the last time
		case err == nil:
			err = r.again(ctx, row, saved, attempts[row.ProcessID])
		}
		return u.account(ctx, row, saved, err)
	})
}

// again sets when a process that is not over is read next: soon after a change, later and later without one. For one that
// is over the store sets it, with its version.
func (r *Runner) again(ctx context.Context, row store.Listed, saved store.Saved, attempts int) error {
	if assure.Status(saved.Status).Final() {
		return nil
	}
	if saved.Changed {
		attempts = 0
	}
	return r.o.Store.Postpone(ctx, row.ProcessID, attempts+1, r.o.Now().Add(backoff(attempts)))
}

// readKnown reads a process with the envelope that is held of it, so that nothing of it is lost.
func (r *Runner) readKnown(ctx context.Context, row store.Listed, way store.WayIn) (store.Saved, error) {
	head, err := r.o.Store.Head(ctx, row.ProcessID, 0)
	if apperr.Is(err, apperr.NotFound) && head.ErasedAt.IsZero() {
		return r.read(ctx, envelope(row, way, r.o.Now()), "")
	}
	if err != nil {
		return store.Saved{}, err
	}
	e := head.Envelope
	e.WayIn = way
	saved, err := r.read(ctx, e, head.SHA256)
	if saved.Changed && saved.Status != head.Status {
		r.statusChanged(head.CreatedAt)
	}
	return saved, err
}

// quit ends a turn that was not a listing.
func (r *Runner) quit() {
	r.mu.Lock()
	r.state.Running = false
	r.mu.Unlock()
	<-r.turn
}

// hintsWaiting is how many events may wait to be read; the listing finds the rest.
const hintsWaiting = 256

type hint struct{ dossierID, processID string }

// Hint asks for a process to be read soon because an event named it. It never blocks and may forget: what is dropped
// is found by the next listing. Nothing of an event but these two ids is ever used.
func (r *Runner) Hint(dossierID, processID string) {
	if !assure.ValidID(dossierID) || !assure.ValidID(processID) {
		return
	}
	select {
	case r.hints <- hint{dossierID, processID}:
	default:
	}
}

// readHints reads what events told of so far.
func (r *Runner) readHints(ctx context.Context) {
	for ctx.Err() == nil {
		select {
		case h := <-r.hints:
			r.readHint(ctx, h)
		default:
			return
		}
	}
}

// readHint reads the process of an event. A process that is not there leaves nothing: anything can be named. That the answer
// was about another one is recorded.
func (r *Runner) readHint(ctx context.Context, h hint) {
	row := store.Listed{ProcessID: h.processID, DossierID: h.dossierID}
	saved, err := r.readKnown(ctx, row, store.ByEvent)
	if err == nil {
		err = r.again(ctx, row, saved, 0)
	}
	if errors.Is(err, assure.ErrOther) {
		err = errors.Join(err, r.recordOther(ctx, row, err))
	}
	if err != nil && !errors.Is(err, context.Canceled) {
		r.o.Log.Warn("reading the process of an event", "err", err)
	}
}
