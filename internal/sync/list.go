package sync

import (
	"context"
	"fmt"
	"time"

	"github.com/assure-portal/portal/internal/assure"
	"github.com/assure-portal/portal/internal/store"
)

// dayStatus is one line of the completeness page: what Assure counts for a UTC day of creation and a status.
type dayStatus struct{ day, status string }

const dayForm = "2006-01-02"

// countedDays is how far back Assure counts: its 30 days and the one that has begun.
const countedDays = 31

// readListing reads the listing from since on, notes every row, and counts it; whole: all 30 days. A listing that broke
// off moves nothing but what it noted: the next one begins where the last whole one did.
func (u *run) readListing(ctx context.Context, since, began time.Time) (whole bool, err error) {
	if horizon := began.Add(-assure.ListWindow); !since.After(horizon) {
		since, whole = horizon, true
	}
	w, counts := window{start: since}, map[dayStatus]int{}
	for !w.done {
		page, err := u.o.Client.ListProcesses(ctx, w.filter(u.pageSize))
		if err != nil {
			return false, err
		}
		rows, err := w.take(page)
		if err != nil {
			return false, err
		}
		if err := u.note(ctx, rows, counts); err != nil {
			return false, err
		}
	}
	if err := u.setCounts(ctx, since, began, counts); err != nil {
		return false, err
	}
	u.Runner.mu.Lock()
	defer u.Runner.mu.Unlock()
	u.plan.listed(since, began)
	return whole, nil
}

// note keeps what a page lists and counts it. A row whose ids could not be asked for is told in the log and missing
// in the store, so that its day does not reconcile.
func (u *run) note(ctx context.Context, rows []assure.ListedProcess, counts map[dayStatus]int) error {
	listed := make([]store.Listed, 0, len(rows))
	for _, p := range rows {
		if !p.CreatedAt.IsZero() {
			counts[dayStatus{p.CreatedAt.UTC().Format(dayForm), string(p.Status)}]++
		}
		if !assure.ValidID(p.ProcessID) || !assure.ValidID(p.Dossier.DossierID) {
			u.o.Log.Warn("a listed process without ids that can be asked for")
			continue
		}
		listed = append(listed, noted(p))
	}
	missing, err := u.o.Store.NoteListed(ctx, listed, u.o.Now())
	if err != nil {
		return fmt.Errorf("noting the listing: %w", err)
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.newest != nil {
		u.newest = append(u.newest, missing...) // counted already, but for the few that came meanwhile
		return nil
	}
	u.progress.Listed += len(rows)
	u.progress.Total += len(missing)
	u.told()
	return nil
}

func noted(p assure.ListedProcess) store.Listed {
	return store.Listed{ProcessID: p.ProcessID, DossierID: p.Dossier.DossierID, ExternalReference: p.Dossier.ExternalReference,
		ExternalID: p.ExternalID, Provider: p.Provider, Status: string(p.Status), CreatedAt: p.CreatedAt, UpdatedAt: p.UpdatedAt}
}

// setCounts tells the completeness page what Assure counts. The counts come from the listing itself, which was read
// to its end: asking for totalResults by day and status would be 217 requests for the same numbers. Only whole days
// count; of the day in which the window begins, a part is out of sight.
func (u *run) setCounts(ctx context.Context, since, now time.Time, counts map[dayStatus]int) error {
	first := since.UTC().Truncate(24 * time.Hour)
	if first.Before(since) {
		first = first.AddDate(0, 0, 1)
	}
	days, err := u.o.Store.Completeness(ctx, countedDays)
	if err != nil {
		return fmt.Errorf("counts of earlier listings: %w", err)
	}
	// What was counted before and is listed no more, because its status changed or it was deleted, is none now.
	for _, d := range days {
		if key := (dayStatus{d.Day, d.Status}); d.Upstream > 0 && counts[key] == 0 {
			counts[key] = 0
		} else if d.Upstream == counts[key] {
			delete(counts, key)
		}
	}
	for key, n := range counts {
		if key.day < first.Format(dayForm) {
			continue
		}
		if err := u.o.Store.SetUpstreamCount(ctx, key.day, key.status, n); err != nil {
			return fmt.Errorf("keeping the counts of %s: %w", key.day, err)
		}
	}
	return nil
}
