package sync

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/assure-portal/portal/internal/apperr"
	"github.com/assure-portal/portal/internal/assure"
	"github.com/assure-portal/portal/internal/audit"
	"github.com/assure-portal/portal/internal/store"
)

// Refresh reads one process now. by is the reviewer's half-filled event: actor, purpose, request id.
// It records process.refresh (unknown) before and (ok, failed) after; a new version leaves its process.fetch in between.
// Errors: apperr.NotFound for a process that is not held, Conflict for one that cannot be asked for or is gone at
// Assure, Upstream for everything else that Assure did, TrailClosed. changed: a new version came.
func (r *Runner) Refresh(ctx context.Context, processID string, by audit.Event) (changed bool, err error) {
	head, err := r.o.Store.Head(ctx, processID, 0)
	if err != nil {
		return false, err
	}
	if head.DossierID == "" {
		return false, apperr.New(apperr.Conflict, "This process was imported by hand without its dossier, so Assure cannot be asked for it.", "")
	}
	by.Action, by.Outcome, by.Process = audit.ProcessRefresh, audit.Unknown, snapshot(head)
	if _, err := r.o.Trail.Append(ctx, by); err != nil {
		return false, err
	}
	row := store.Listed{ProcessID: head.ProcessID, DossierID: head.DossierID}
	saved, err := r.readKnown(ctx, row, store.ByRefresh)
	return saved.Changed, r.refreshed(context.WithoutCancel(ctx), row, by, saved, err)
}

// Ask brings in a process that is not held and of which somebody knows both ids, in the same way and with the same records
// as Refresh. One that is held already is left as it is. Errors: apperr.NotFound where Assure has no such process in that
// dossier, Conflict for one that was erased, Upstream, TrailClosed.
func (r *Runner) Ask(ctx context.Context, processID, dossierID string, by audit.Event) error {
	head, err := r.o.Store.Head(ctx, processID, 0)
	switch {
	case err == nil:
		return nil
	case !apperr.Is(err, apperr.NotFound):
		return err
	case !head.ErasedAt.IsZero():
		return apperr.Wrap(apperr.Conflict, err, "This process was erased from the portal, and is not taken in again.", "")
	}
	row := store.Listed{ProcessID: processID, DossierID: dossierID}
	by.Action, by.Outcome, by.Process = audit.ProcessRefresh, audit.Unknown, audit.Process{ID: processID, DossierID: dossierID}
	if _, err := r.o.Trail.Append(ctx, by); err != nil {
		return err
	}
	saved, err := r.readKnown(ctx, row, store.ByRefresh)
	err = r.refreshed(context.WithoutCancel(ctx), row, by, saved, err)
	if assure.IsNotFound(err) && upstream(err) {
		return apperr.Wrap(apperr.NotFound, err, "Assure has no such process in that dossier.", "Compare both ids with what you were given.")
	}
	return err
}

// refreshed records how a refresh ended, whoever has left meanwhile, and puts a failure in words.
func (r *Runner) refreshed(ctx context.Context, row store.Listed, by audit.Event, saved store.Saved, readErr error) error {
	by.Outcome, by.Facts = audit.OK, map[string]string{"changed": "no"}
	switch {
	case readErr != nil:
		by.Outcome, by.Facts = audit.Failed, map[string]string{"reason": reasonCode(readErr)}
	case saved.Changed:
		by.Facts = map[string]string{"changed": "yes", "from_status": code(saved.PreviousStatus), "to_status": code(saved.Status)}
		by.Process.Version, by.Process.SHA256 = saved.Version, saved.SHA256
	}
	if _, err := r.o.Trail.Append(ctx, by); err != nil {
		return errors.Join(err, readErr)
	}
	if readErr == nil {
		return nil
	}
	if assure.IsNotFound(readErr) && upstream(readErr) {
		if err := r.o.Store.MarkGone(ctx, row.ProcessID, r.o.Now()); err != nil {
			return errors.Join(err, readErr)
		}
	}
	return inWords(readErr)
}

func snapshot(h store.Head) audit.Process {
	return audit.Process{ID: h.ProcessID, DossierID: h.DossierID, Version: h.Version, SHA256: h.SHA256, MappingVersion: h.MappingVersion}
}

// reasonCode is why a read failed, as a fact of the trail.
func reasonCode(err error) string {
	switch {
	case !upstream(err):
		return "portal"
	case assure.IsNotFound(err):
		return "gone"
	case assure.IsUnauthorized(err):
		return "credentials"
	case errors.Is(err, assure.ErrOther):
		return "another-process"
	case unusable(err) != "":
		return "unusable"
	case busy(err):
		return "busy"
	}
	return "unreachable"
}

// busy reports whether Assure asked to be left alone for a while.
func busy(err error) bool {
	api, ok := errors.AsType[*assure.APIError](err)
	return ok && (api.Status == http.StatusTooManyRequests || api.RetryAfter > 0)
}

// patience is how long somebody is asked to wait, in words.
func patience(d time.Duration) string {
	switch {
	case d <= 0, d > 50*time.Second && d <= time.Minute:
		return "a minute"
	case d < time.Minute:
		return fmt.Sprintf("%d seconds", (d+time.Second-1)/time.Second)
	}
	return fmt.Sprintf("%d minutes", (d+time.Minute-1)/time.Minute)
}

// inWords makes what a person reads of a failed refresh.
func inWords(err error) error {
	switch reasonCode(err) {
	case "portal":
		return err
	case "gone":
		return apperr.Wrap(apperr.Conflict, err, "Assure no longer has this process.", "What the portal holds of it stays.")
	case "credentials":
		return apperr.Wrap(apperr.Upstream, err, "Assure refused the portal's credentials.", "An administrator must check them.")
	case "another-process":
		return apperr.Wrap(apperr.Upstream, err, "Assure answered about another process, so the answer was refused.", "Nothing was changed. Tell an administrator.")
	case "unusable":
		return apperr.Wrap(apperr.Upstream, err, "Assure's answer could not be read, so it was refused.", "Nothing was changed. Try again in a minute.")
	case "busy":
		return apperr.Wrap(apperr.Upstream, err, "Assure is busy.", "Nothing was changed. Try again in "+patience(retryAfter(err))+".")
	}
	return apperr.Wrap(apperr.Upstream, err, "Assure did not answer.", "Nothing was changed. Try again in a minute.")
}
