package sync

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	stdsync "sync"
	"time"

	"github.com/assure-portal/portal/internal/apperr"
	"github.com/assure-portal/portal/internal/assure"
	"github.com/assure-portal/portal/internal/audit"
	"github.com/assure-portal/portal/internal/store"
)

// pauses keeps how long processes whose read failed are left alone. It is kept in memory: after a start all are tried
// anew. Safe for concurrent use.
type pauses struct {
	mu   stdsync.Mutex
	of   map[string]pause
	kept int // after they were pruned last
}

type pause struct {
	attempts int
	until    time.Time
}

// Bounds of the pause before a process is read again.
const (
	backoffFirst = 2 * time.Second // a demonstration is watched
	backoffMost  = 10 * time.Minute
)

// backoff doubles with each attempt.
func backoff(attempts int) time.Duration {
	return min(backoffFirst<<min(attempts, 20), backoffMost)
}

// add counts a failed read and gives the pause after it, or least if that is longer.
func (p *pauses) add(id string, now time.Time, least time.Duration) pause {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.of == nil {
		p.of = map[string]pause{}
	}
	p.prune(now)
	n := p.of[id].attempts
	p.of[id] = pause{attempts: n + 1, until: now.Add(max(backoff(n), least))}
	return p.of[id]
}

// pausesKept is how many pauses are kept before those are looked for that are long over.
const pausesKept = 1000

// prune forgets the pauses that ended long ago, of processes that nobody asks for any more. The caller holds p.mu.
func (p *pauses) prune(now time.Time) {
	if len(p.of) < pausesKept || len(p.of) < 2*p.kept {
		return
	}
	for id, of := range p.of {
		if now.Sub(of.until) > pauseForgotten {
			delete(p.of, id)
		}
	}
	p.kept = len(p.of)
}

// pauseForgotten is how long after its pause a process is still known to have failed: two listings of all 30 days.
const pauseForgotten = 2 * wholeEvery

// hold reports whether a process is left alone for now. An end further ahead than any pause was set by a clock that was
// put back since.
func (p *pauses) hold(id string, now time.Time) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	until := p.of[id].until
	return now.Before(until) && until.Sub(now) <= max(backoffMost, assure.MaxRetryAfter)
}

// end forgets the failures of a process that was read.
func (p *pauses) end(id string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.of, id)
}

func (p *pauses) len() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.of)
}

// setAside does what an answer that brought nothing asks for: a process that is gone is marked, an unusable answer is
// noted with its reason and never parsed, and the process is left alone for a while.
func (r *Runner) setAside(ctx context.Context, row store.Listed, err error) error {
	now := r.o.Now()
	wait := r.failed.add(row.ProcessID, now, retryAfter(err))
	var keepErr error
	switch reason := unusable(err); {
	case assure.IsNotFound(err):
		keepErr = r.gone(ctx, row.ProcessID)
	case reason != "":
		keepErr = r.refuse(ctx, row, reason, err)
	}
	if keepErr == nil {
		keepErr = r.o.Store.Postpone(ctx, row.ProcessID, wait.attempts, wait.until)
	}
	if keepErr != nil {
		return fmt.Errorf("setting a process aside: %w", keepErr)
	}
	r.o.Log.Warn("a process was not read", "process", row.ProcessID, "err", err)
	return nil
}

// refuse keeps aside why an answer was no use, with the bytes that came of it. One about another process is recorded, too, the first time in a row: somebody's
// data came where another's was asked for.
func (r *Runner) refuse(ctx context.Context, row store.Listed, reason string, err error) error {
	before, lookErr := r.o.Store.RefusedFor(ctx, row.ProcessID)
	if lookErr != nil {
		return lookErr
	}
	if errors.Is(err, assure.ErrOther) && before != reason {
		if err := r.recordOther(ctx, row, err); err != nil {
			return err
		}
	}
	var came []byte
	if answer, ok := errors.AsType[*assure.Unusable](err); ok {
		came = answer.Body
	}
	return r.o.Store.Refuse(ctx, row, reason, came, r.o.Now())
}

// recordOther records that an answer about another process came and was refused.
func (r *Runner) recordOther(ctx context.Context, row store.Listed, err error) error {
	e := audit.Event{Action: audit.ProcessFetch, Outcome: audit.Refused, Actor: audit.System,
		Process: audit.Process{ID: row.ProcessID, DossierID: row.DossierID}, Facts: map[string]string{"reason": reasonCode(err)}}
	if _, err := r.o.Trail.Append(ctx, e); err != nil {
		return fmt.Errorf("recording a refused answer: %w", err)
	}
	return nil
}

// retryAfter is the pause that Assure asked for, if it did.
func retryAfter(err error) time.Duration {
	if api, ok := errors.AsType[*assure.APIError](err); ok {
		return api.RetryAfter
	}
	return 0
}

// upstream reports whether an error is about what Assure answered for one process.
func upstream(err error) bool {
	_, ok := errors.AsType[unread](err)
	return ok
}

// absent reports whether Assure says that there is no such thing, now or for this provider, or keeps it back.
func absent(err error) bool {
	api, ok := errors.AsType[*assure.APIError](err)
	return assure.IsNotFound(err) || assure.IsForbidden(err) || errors.Is(err, assure.ErrNotReady) || ok && api.Status == http.StatusBadRequest
}

// unusable says why an answer that came is not one process; empty if none came.
func unusable(err error) string {
	for _, known := range []struct {
		err    error
		reason string
	}{
		{assure.ErrOther, "The answer was about another process."},
		{assure.ErrTruncated, "The answer broke off."},
		{assure.ErrTooLarge, "The answer was larger than the portal takes."},
		{assure.ErrContentType, "The answer was not JSON by its own account."},
		{assure.ErrUnreadable, "The answer was not the JSON of a process."},
	} {
		if errors.Is(err, known.err) {
			return known.reason
		}
	}
	return ""
}

// sentence tells an error to a person; empty for none. It never holds an upstream's words.
func sentence(err error) string {
	switch {
	case err == nil:
		return ""
	case apperr.Is(err, apperr.TrailClosed):
		return "The trail takes no records, so nothing is fetched. See there why, and whether the disk has room."
	case assure.IsUnauthorized(err):
		return "Assure refused the portal's credentials. Check PORTAL_ASSURE_CLIENT_ID and its secret."
	case errors.Is(err, assure.ErrDown):
		return "Assure stopped answering, so the portal leaves it alone for a moment. It goes on trying; if that lasts, look at Signicat's status page."
	case assure.IsRetryable(err):
		return "Assure failed or could not be reached. The portal goes on trying; if that lasts, look at Signicat's status page and at this machine's network."
	case unusable(err) != "":
		return "Assure's listing could not be read. The portal goes on trying; if that lasts, tell Signicat."
	}
	if _, ok := errors.AsType[*assure.APIError](err); ok {
		return "Assure refused the portal's request. The portal goes on trying; its log says more."
	}
	return "The portal itself failed. Its log says more; a full disk is the usual reason."
}
