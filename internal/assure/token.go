package assure

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"
)

// Bounds of the token source.
const (
	tokenTimeout  = 5 * time.Second         // one refresh; it serves many callers, so no caller's context ends it
	tokenFailHold = 1500 * time.Millisecond // after a failure every caller gets that failure, the endpoint gets peace
	tokenRenewEnd = time.Minute             // renew when this is left, or a fifth of the life if that is less
	tokenLifeMin  = 30 * time.Second        // what an absent, zero or negative expires_in is taken for
	tokenLifeMax  = time.Hour               // longest that the upstream documents
	tokenMaxBody  = 64 << 10
	tokenScope    = "signicat-api"
)

// tokenSource caches one access token. Times are counted from the sending of the request by our own clock; what the
// token says inside is never read.
type tokenSource struct {
	http     *http.Client
	url      string
	id       string
	secret   string
	now      func() time.Time
	life     context.Context // ends with Close
	inFlight singleflight.Group

	mu         sync.Mutex
	token      string
	renewAt    time.Time
	expiresAt  time.Time
	failure    error
	failUntil  time.Time
	keepBefore time.Time // until then a refused token is not given up: its successor was refused as well
}

// tokenFlight is the one key of the singleflight group.
const tokenFlight = "token"

// get gives a token that has not expired, and renews it in the background when its end is near.
func (t *tokenSource) get(ctx context.Context) (string, error) {
	token, due, err := t.cached()
	if err != nil || token != "" && !due {
		return token, err
	}
	answer := t.inFlight.DoChan(tokenFlight, t.refresh)
	if token != "" {
		return token, nil
	}
	select {
	case <-ctx.Done():
		return "", &connError{cause: ctx.Err()}
	case r := <-answer:
		token, _ = r.Val.(string)
		return token, r.Err
	}
}

// cached gives the token if it is alive, and whether a refresh is due; or the failure that still holds.
func (t *tokenSource) cached() (token string, due bool, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := t.now()
	failing := within(now, t.failUntil, tokenFailHold)
	if t.token != "" && within(now, t.expiresAt, tokenLifeMax) {
		return t.token, !failing && !now.Before(t.renewAt), nil
	}
	if failing {
		return "", false, t.failure
	}
	return "", true, nil
}

// refresh runs once at a time. It looks again first: a caller may have missed the cache just before the last refresh
// filled it.
func (t *tokenSource) refresh() (any, error) {
	if token, due, err := t.cached(); err != nil || token != "" && !due {
		return token, err
	}
	ctx, cancel := context.WithTimeout(t.life, tokenTimeout)
	defer cancel()
	asked := t.now()
	token, life, err := t.fetch(ctx)
	t.mu.Lock()
	defer t.mu.Unlock()
	if err != nil {
		t.failure, t.failUntil = err, t.now().Add(tokenFailHold)
		return "", err
	}
	t.token, t.expiresAt, t.failure, t.failUntil = token, asked.Add(life), nil, time.Time{}
	t.renewAt = t.expiresAt.Add(-min(tokenRenewEnd, life/5))
	return token, nil
}

// refused gives up a token that the API did not take, unless it has been replaced already or new tokens are refused too.
func (t *tokenSource) refused(token string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.token == token && !within(t.now(), t.keepBefore, tokenFailHold) {
		t.token = ""
	}
}

// refusedAgain says that a new token did not help, so that calls stop asking for more of them for a while.
func (t *tokenSource) refusedAgain() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.keepBefore = t.now().Add(tokenFailHold)
}

// wait returns when no refresh runs.
func (t *tokenSource) wait() {
	_, _, _ = t.inFlight.Do(tokenFlight, func() (any, error) { return "", ErrClosed })
}

func (t *tokenSource) fetch(ctx context.Context) (string, time.Duration, error) {
	form := url.Values{"grant_type": {"client_credentials"}, "scope": {tokenScope}}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, t.url, strings.NewReader(form.Encode()))
	if err != nil {
		return "", 0, &tokenError{cause: err}
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Accept", "application/json")
	// RFC 6749 section 2.3.1: both are form-encoded before they are joined. For most secrets that changes nothing.
	req.SetBasicAuth(url.QueryEscape(t.id), url.QueryEscape(t.secret))
	res, err := t.http.Do(req)
	if err != nil {
		return "", 0, &tokenError{cause: &connError{cause: err}}
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return "", 0, &tokenError{status: res.StatusCode}
	}
	return readToken(res.Body)
}

// tokenMaxLength is well under what servers take as a header.
const tokenMaxLength = 16 << 10

// fitsHeader reports whether a token may stand in an Authorization header.
func fitsHeader(token string) bool {
	odd := func(r rune) bool { return r < '!' || r > '~' }
	return token != "" && len(token) <= tokenMaxLength && !strings.ContainsFunc(token, odd)
}

func readToken(body io.Reader) (string, time.Duration, error) {
	b, err := readBounded(body, tokenMaxBody)
	if err != nil {
		return "", 0, &tokenError{cause: err}
	}
	var answer struct {
		AccessToken string `json:"access_token"`
		ExpiresIn   Text   `json:"expires_in"`
	}
	if json.Unmarshal(b, &answer) != nil || !fitsHeader(answer.AccessToken) {
		return "", 0, &tokenError{cause: ErrUnreadable}
	}
	return answer.AccessToken, tokenLife(string(answer.ExpiresIn)), nil
}

// tokenLife clamps expires_in, whatever was sent.
func tokenLife(expiresIn string) time.Duration {
	seconds, err := strconv.ParseFloat(expiresIn, 64)
	if err != nil && !errors.Is(err, strconv.ErrRange) || !(seconds > tokenLifeMin.Seconds()) {
		return tokenLifeMin
	}
	return time.Duration(min(seconds, tokenLifeMax.Seconds()) * float64(time.Second))
}
