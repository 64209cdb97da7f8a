package assure

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"
)

// Bounds of repeating a call. Only reads are made here, so every call may be repeated.
const (
	maxRetries    = 2
	backoffFirst  = 100 * time.Millisecond
	backoffMost   = time.Second
	retryShare    = 0.1 // repeats may be this share of the calls, so that a sick upstream is not pushed over
	retryReserve  = 10  // repeats saved up at most, and at the start
	callTimeout   = 10 * time.Second
	mediaPatience = 6       // media may take this many times longer
	maxJSONBody   = 2 << 20 // the largest published answer about one process has 9 kB
	maxListBody   = 8 << 20 // 2,000 rows of a listing have about 1 MB, more where external references are long
	maxMediaBody  = 64 << 20
)

// call is one read: what to ask for, and what of an answer will do.
type call struct {
	path    []string // segments, not yet escaped
	query   url.Values
	types   []string // content types that will do
	max     int64    // bytes
	timeout time.Duration
	may204  bool // 204 means not ready
	keep    bool // what came comes with the error if it is no use
}

// reply is an answer that will do.
type reply struct {
	header http.Header
	body   []byte
	at     time.Time
}

// do makes a call, unless the upstream has stopped answering, and ends within the call's time-out.
func (c *Client) do(caller context.Context, q call) (reply, error) {
	ctx, cancel := context.WithTimeout(caller, q.timeout)
	defer cancel()
	defer context.AfterFunc(c.life, cancel)()
	if err := c.admit(caller, ctx); err != nil {
		return reply{}, err
	}
	r, err := c.repeat(caller, ctx, q)
	c.breaker.ended(c.now(), err, false)
	return r, err
}

// admit lets a call through, or after a pause of the breaker one caller, who asks for nobody's data first.
func (c *Client) admit(caller, ctx context.Context) error {
	probe, err := c.breaker.admit(c.now())
	if !probe {
		return err
	}
	_, err = c.repeat(caller, ctx, c.probe())
	c.breaker.ended(c.now(), err, true)
	if answered(err) {
		return nil
	}
	return err
}

// repeat makes a call again where that may help.
func (c *Client) repeat(caller, ctx context.Context, q call) (reply, error) {
	c.retries.called()
	for try := 0; ; try++ {
		r, err := c.attempt(ctx, q)
		switch {
		case err == nil:
			return r, nil
		case c.life.Err() != nil:
			return reply{}, ErrClosed
		case caller.Err() != nil:
			return reply{}, caller.Err()
		case try == maxRetries, !worthRepeating(err), !c.retries.take(), !c.pause(ctx, c.delay(try, err)):
			return reply{}, err
		}
	}
}

// worthRepeating leaves out what repeating at once cannot help: a token endpoint's failure holds for a while anyway.
func worthRepeating(err error) bool {
	_, token := errors.AsType[*tokenError](err)
	return IsRetryable(err) && !token && !errors.Is(err, ErrNotReady)
}

// attempt sends once, and once more with a new token if the first was refused.
func (c *Client) attempt(ctx context.Context, q call) (reply, error) {
	token, err := c.tokens.get(ctx)
	if err != nil {
		return reply{}, err
	}
	r, err := c.send(ctx, q, token)
	if !hasStatus(err, http.StatusUnauthorized) {
		return r, err
	}
	c.tokens.refused(token)
	renewed, tokenErr := c.tokens.get(ctx)
	if tokenErr != nil {
		return reply{}, tokenErr
	}
	if renewed == token {
		return reply{}, err
	}
	r, err = c.send(ctx, q, renewed)
	if hasStatus(err, http.StatusUnauthorized) {
		c.tokens.refusedAgain()
	}
	return r, err
}

func (c *Client) send(ctx context.Context, q call, token string) (reply, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, c.address(q), nil)
	if err != nil {
		return reply{}, &connError{cause: err}
	}
	req.Header.Set("Authorization", "Bearer "+token)
	req.Header.Set("Accept", strings.Join(q.types, ", "))
	res, err := c.http.Do(req)
	if err != nil {
		return reply{}, &connError{cause: err}
	}
	defer res.Body.Close()
	return c.read(res, q)
}

func (c *Client) read(res *http.Response, q call) (reply, error) {
	switch {
	case res.StatusCode == http.StatusNoContent && q.may204:
		return reply{}, ErrNotReady
	case res.StatusCode != http.StatusOK:
		body, _ := readBounded(res.Body, maxErrorBody) // without it the error has a status alone
		return reply{}, readAPIError(res.StatusCode, res.Header, body, c.now())
	case !hasType(res.Header, q.types):
		return reply{}, ErrContentType
	}
	body, err := readAnswer(res, q.max)
	if err != nil && q.keep {
		err = &Unusable{Body: body, Cause: err}
	}
	if err != nil {
		return reply{}, err
	}
	return reply{header: res.Header, body: body, at: c.now()}, nil
}

func (c *Client) address(q call) string {
	var b strings.Builder
	b.WriteString(c.base)
	for _, segment := range q.path {
		b.WriteString("/" + url.PathEscape(segment))
	}
	if len(q.query) > 0 {
		b.WriteString("?" + q.query.Encode())
	}
	return b.String()
}

// delay is what the upstream asks for, else a random time below a bound that doubles.
func (c *Client) delay(try int, err error) time.Duration {
	if api, ok := errors.AsType[*APIError](err); ok && api.RetryAfter > 0 {
		return api.RetryAfter
	}
	return c.jitter(min(backoffFirst<<try, backoffMost))
}

// jitter draws from [0, bound).
func jitter(bound time.Duration) time.Duration {
	var b [8]byte
	_, _ = rand.Read(b[:]) // never fails
	return time.Duration(binary.LittleEndian.Uint64(b[:]) % uint64(bound))
}

// pause waits for d and reports true, or reports false at once where the call would end before. ctx ends with the client.
func (c *Client) pause(ctx context.Context, d time.Duration) bool {
	if end, ok := ctx.Deadline(); ok && time.Until(end) <= d {
		return false
	}
	c.wait(ctx, d)
	return ctx.Err() == nil
}

// wait lets d go by, or less if ctx ends.
func wait(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

// retryBudget bounds repeats to a share of the calls.
type retryBudget struct {
	mu    sync.Mutex
	saved float64
}

func (b *retryBudget) called() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.saved = min(b.saved+retryShare, retryReserve)
}

func (b *retryBudget) take() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.saved < 1 {
		return false
	}
	b.saved--
	return true
}
