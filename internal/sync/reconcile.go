package sync

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/assure-portal/portal/internal/apperr"
	"github.com/assure-portal/portal/internal/assure"
	"github.com/assure-portal/portal/internal/store"
)

// reconcile looks, after a listing of all 30 days that began at the given time, for what the listing does not tell:
// processes that the newest dossiers have and the list leaves out, and held ones that it names no more.
func (u *run) reconcile(ctx context.Context, began time.Time) error {
	if err := u.lookIntoDossiers(ctx); err != nil {
		return err
	}
	return u.lookForUnlisted(ctx, began)
}

// lookIntoDossiers reads those of the newest dossiers (Assure shows 100) that were updated since they were read last.
func (u *run) lookIntoDossiers(ctx context.Context) error {
	dossiers, err := u.o.Client.ListDossiers(ctx)
	if err != nil {
		return u.notRead(err)
	}
	seen := make(map[string]time.Time, len(dossiers))
	for _, d := range dossiers {
		if !assure.ValidID(d.DossierID) {
			continue
		}
		if !u.lookedInto(d) {
			if err := u.lookInto(ctx, d.DossierID); err != nil {
				return err
			}
		}
		seen[d.DossierID] = d.UpdatedAt
	}
	u.Runner.mu.Lock()
	defer u.Runner.mu.Unlock()
	u.Runner.dossiers = seen
	return nil
}

func (u *run) lookedInto(d assure.Dossier) bool {
	u.Runner.mu.Lock()
	defer u.Runner.mu.Unlock()
	at, known := u.Runner.dossiers[d.DossierID]
	return known && at.Equal(d.UpdatedAt)
}

// lookInto notes the processes of a dossier that the portal knows nothing of, as if they had been listed.
func (u *run) lookInto(ctx context.Context, dossierID string) error {
	d, err := u.o.Client.GetDossier(ctx, dossierID)
	if assure.IsNotFound(err) {
		return nil
	}
	if err != nil {
		return u.notRead(err)
	}
	byID, ids := map[string]store.Listed{}, []string{}
	for _, p := range d.Processes {
		if assure.ValidID(p.ProcessID) {
			byID[p.ProcessID], ids = noted(p), append(ids, p.ProcessID)
		}
	}
	strangers, err := u.o.Store.Strangers(ctx, ids)
	if err != nil || len(strangers) == 0 {
		return err
	}
	rows := make([]store.Listed, 0, len(strangers))
	for _, id := range strangers {
		rows = append(rows, byID[id])
	}
	if _, err := u.o.Store.NoteListed(ctx, rows, u.o.Now()); err != nil {
		return fmt.Errorf("noting the processes of a dossier: %w", err)
	}
	u.counts.find(len(rows))
	u.o.Log.Warn("a dossier has processes that the listing left out", "dossier", dossierID, "processes", len(rows))
	u.expect(len(rows))
	return nil
}

// horizonSlack keeps what leaves Assure's 30 days while it is listed from being looked for.
const horizonSlack = time.Hour

// lookForUnlisted asks for the processes of Assure's 30 days that are held and were not listed: what is gone there is
// marked, with when it was last seen, and stays.
func (u *run) lookForUnlisted(ctx context.Context, began time.Time) error {
	since, asked := began.Add(horizonSlack-assure.ListWindow), map[string]bool{}
	for {
		ids, err := u.o.Store.Unseen(ctx, since, began, batch+len(asked))
		if err != nil {
			return err
		}
		var rows []store.Listed
		for _, id := range ids {
			if !asked[id] && !u.failed.hold(id, u.o.Now()) {
				rows = append(rows, store.Listed{ProcessID: id})
			}
			asked[id] = true
		}
		if len(rows) == 0 {
			return nil
		}
		if err := u.each(ctx, rows, u.readUnlisted); err != nil {
			return err
		}
	}
}

// readUnlisted reads a held process. That Assure has it no more is what was to be found out, and no failure.
func (u *run) readUnlisted(ctx context.Context, row store.Listed) error {
	saved, err := u.readKnown(ctx, row, store.ByListing)
	switch {
	case apperr.Is(err, apperr.NotFound) && !upstream(err): // erased meanwhile
		return nil
	case err == nil:
		err = u.again(ctx, row, saved, 0)
	case assure.IsNotFound(err):
		return u.gone(ctx, row.ProcessID)
	}
	return u.account(ctx, row, saved, err)
}

// gone marks a process that Assure has no more.
func (r *Runner) gone(ctx context.Context, processID string) error {
	r.o.Log.Info("a process is gone from Assure", "process", processID)
	return r.o.Store.MarkGone(ctx, processID, r.o.Now())
}

// notRead is a fault of a listing, counted.
func (u *run) notRead(err error) error {
	if err != nil && !errors.Is(err, context.Canceled) {
		u.counts.fail(reasonCode(unread{err}))
	}
	return err
}

// expect adds to what there is to read.
func (u *run) expect(n int) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.progress.Total += n
	u.told()
}
