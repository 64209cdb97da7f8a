package sync

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"

	"github.com/assure-portal/portal/internal/apperr"
	"github.com/assure-portal/portal/internal/assure"
	"github.com/assure-portal/portal/internal/audit"
	"github.com/assure-portal/portal/internal/store"
)

// unread is a read that brought nothing because of Assure's answer, or the lack of one. It speaks of one process alone;
// any other error of a read is a fault of the portal.
type unread struct{ cause error }

func (e unread) Error() string { return "reading a process: " + e.cause.Error() }
func (e unread) Unwrap() error { return e.cause }

// read asks Assure for one process, keeps the answer, and then what belongs to it. heldSHA256 is that of the version
// held; the same bytes again bring nothing new beside them.
func (r *Runner) read(ctx context.Context, e store.Envelope, heldSHA256 string) (store.Saved, error) {
	if err := r.open(); err != nil {
		return store.Saved{}, err
	}
	answer, err := r.o.Client.GetProcess(ctx, e.DossierID, e.ProcessID)
	if err != nil {
		if ctx.Err() == nil {
			r.counts.fail(reasonCode(unread{err}))
		}
		return store.Saved{}, unread{err}
	}
	e.LastSeenUpstream = answer.ReceivedAt
	if digest(answer.Body) == heldSHA256 {
		return r.keep(ctx, e, answer)
	}
	p, err := assure.ParseProcess(answer.Body)
	if err != nil {
		return store.Saved{}, unread{err}
	}
	owed := r.parts(e, p)
	if err := r.o.Store.Owe(ctx, e.ProcessID, owed...); err != nil {
		return store.Saved{}, err
	}
	saved, err := r.keep(ctx, e, answer) // before anything else is asked: what came is not asked for again after a kill
	if err != nil {
		return saved, err
	}
	return saved, r.complete(ctx, e, owed)
}

func digest(body []byte) string {
	sum := sha256.Sum256(body)
	return hex.EncodeToString(sum[:])
}

// keep saves the answer and records its arrival. Saved and not recorded is what a kill in between leaves; the next run
// finds it. An end of ctx does not come between the two.
func (r *Runner) keep(ctx context.Context, e store.Envelope, answer assure.Answer) (store.Saved, error) {
	r.arriving.RLock()
	defer r.arriving.RUnlock()
	saved, err := r.o.Store.Save(ctx, e, answer.Body, answer.ReceivedAt)
	switch {
	case apperr.Is(err, apperr.Unprocessable):
		r.counts.fail("unusable")
		return store.Saved{}, unread{&assure.Unusable{Body: answer.Body, Cause: fmt.Errorf("%w: %w", assure.ErrUnreadable, err)}}
	case apperr.Is(err, apperr.Conflict): // erased
		return store.Saved{}, unread{err}
	case saved.Changed: // also where the index could not follow
		err = errors.Join(err, arrived(context.WithoutCancel(ctx), r.o.Store, r.o.Trail, fetched(e, saved)))
	}
	if err != nil {
		return saved, fmt.Errorf("keeping a process: %w", err)
	}
	if saved.Changed {
		if p, err := assure.ParseProcess(answer.Body); err == nil {
			r.counts.arrived(saved, p, r.o.Now())
		}
	}
	return saved, nil
}

// arrived records that a version came and ties the two together.
func arrived(ctx context.Context, s *store.Store, trail *audit.Trail, e audit.Event) error {
	receipt, err := trail.Append(ctx, e)
	if err != nil {
		return fmt.Errorf("recording an arrival: %w", err)
	}
	if err := s.SetFetchRecord(ctx, e.Process.ID, e.Process.Version, receipt.Seq()); err != nil {
		return fmt.Errorf("tying a version to its record: %w", err)
	}
	return nil
}

func fetched(e store.Envelope, saved store.Saved) audit.Event {
	return audit.Event{Action: audit.ProcessFetch, Outcome: audit.OK, Actor: audit.System,
		Process: audit.Process{ID: e.ProcessID, DossierID: e.DossierID, Version: saved.Version, SHA256: saved.SHA256},
		Facts:   map[string]string{"from_status": code(saved.PreviousStatus), "to_status": code(saved.Status), "way_in": string(e.WayIn)}}
}

// code is a status as a fact of the trail, which is never erased: an unknown one could hold anything and is not repeated.
func code(status string) string {
	if status == "" || assure.Status(status).Known() {
		return status
	}
	return "other"
}

// recordMissing records the versions that a kill left without their record.
func (r *Runner) recordMissing(ctx context.Context) error {
	r.arriving.Lock()
	defer r.arriving.Unlock()
	return recordMissing(ctx, r.o.Store, r.o.Trail)
}

func recordMissing(ctx context.Context, s *store.Store, trail *audit.Trail) error {
	for {
		heads, err := s.Unrecorded(ctx, batch)
		if err != nil {
			return fmt.Errorf("versions without their record: %w", err)
		}
		if len(heads) == 0 {
			return nil
		}
		for _, h := range heads {
			if err := recordLate(ctx, s, trail, late(h)); err != nil {
				return err
			}
		}
	}
}

// recordLate records a version that has no record yet. A kill may also have come between its record and the tie to it.
func recordLate(ctx context.Context, s *store.Store, trail *audit.Trail, e audit.Event) error {
	seq, err := trail.Arrival(ctx, e.Process)
	if err != nil {
		return err
	}
	if seq < 0 {
		return arrived(ctx, s, trail, e)
	}
	if err := s.SetFetchRecord(ctx, e.Process.ID, e.Process.Version, seq); err != nil {
		return fmt.Errorf("tying a version to its record: %w", err)
	}
	return nil
}

// late is the record of a version that arrived before an interruption. What the status was before is not known any more.
func late(h store.Head) audit.Event {
	e := fetched(h.Envelope, store.Saved{Version: h.Version, SHA256: h.SHA256, Status: h.Status})
	e.Facts["late"] = "yes"
	e.Process.MappingVersion = h.MappingVersion
	if h.WayIn == store.ByImport {
		e.Action, e.Actor = audit.ProcessImport, CommandLine(h.ImportedBy)
	}
	return e
}
