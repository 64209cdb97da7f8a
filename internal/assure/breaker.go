package assure

import (
	"errors"
	"net/http"
	"net/url"
	"sync"
	"time"
)

// Bounds of the breaker. Ten calls with their repeats are more than one bad process or one slow minute; ten seconds are
// short enough for somebody who waits, and ask a sick upstream six times a minute.
const (
	breakerFailures = 10
	breakerPause    = 10 * time.Second
)

// breaker keeps calls from an upstream that does not answer. It is ours and small because there is one upstream, and
// both questions that matter are about it: which failure speaks of the upstream, and what may be asked to find out.
type breaker struct {
	mu      sync.Mutex
	failed  int       // calls without an answer, one after the other
	until   time.Time // open until then; zero: closed
	probing bool
}

// admit says whether a call may be made. probe: the breaker was open long enough, so the caller finds out first.
func (b *breaker) admit(now time.Time) (probe bool, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case b.until.IsZero():
		return false, nil
	case b.probing, within(now, b.until, breakerPause):
		return false, ErrDown
	}
	b.probing = true
	return true, nil
}

// ended takes in how a call, or with probe the question before it, went.
func (b *breaker) ended(now time.Time, err error, probe bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if probe {
		b.probing = false
	}
	switch {
	case silent(err):
		b.failed++
		if probe || b.failed >= breakerFailures && b.until.IsZero() {
			b.until = now.Add(breakerPause)
		}
	case answered(err):
		b.failed, b.until = 0, time.Time{}
	}
}

// open gives the end of the pause; zero while calls are made.
func (b *breaker) open() time.Time {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.until
}

// silent reports whether a call failed in a way that speaks of the whole upstream. Being busy (429) is an answer.
func silent(err error) bool {
	_, token := errors.AsType[*tokenError](err)
	return IsRetryable(err) && !token && !errors.Is(err, ErrNotReady) && !hasStatus(err, http.StatusTooManyRequests)
}

// answered reports whether the upstream said something, if only that it refuses. A caller that left, a closed client
// and a token endpoint that fails say nothing of it.
func answered(err error) bool {
	_, api := errors.AsType[*APIError](err)
	return err == nil || api && !silent(err) || errors.Is(err, ErrNotReady) || errors.Is(err, ErrUnreadable) || errors.Is(err, ErrTooLarge) || errors.Is(err, ErrContentType)
}

// probe asks for what was created from now on: nothing, so that finding out reads nobody's data.
func (c *Client) probe() call {
	return c.json(url.Values{"startCreationDate": {wireTime(c.now())}, "limit": {"1"}}, "processes")
}

// within reports whether now lies before end by no more than the whole pause: an end further ahead was set by a clock
// that has been put back since, and does not hold.
func within(now, end time.Time, pause time.Duration) bool {
	return now.Before(end) && end.Sub(now) <= pause
}
