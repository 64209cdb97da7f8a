package assure

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"regexp"
	"strconv"
	"time"

	"github.com/assure-portal/portal/internal/apperr"
)

// ErrNotReady says that Assure has the process but not yet what was asked for (status 204).
var ErrNotReady = errors.New("assure: not ready yet")

// Errors of an answer that came but cannot be used. Of an answer about one process its bytes come as Unusable.
var (
	ErrTooLarge    = errors.New("assure: the answer is larger than its bound")
	ErrTruncated   = errors.New("assure: the answer broke off")
	ErrUnreadable  = errors.New("assure: the answer cannot be read")
	ErrOther       = errors.New("assure: the answer is about something else than was asked for")
	ErrContentType = errors.New("assure: the answer is of another content type than was asked for")
	ErrClosed      = errors.New("assure: the client is closed")
	ErrDown        = errors.New("assure: not asked, because it has stopped answering")
)

// Unusable is an answer about one process that is no use, to be kept aside and never read: Body has its bytes as far as they
// were read, at most the bound of an answer and one more. One about another process comes without: it is not this one's.
type Unusable struct {
	Body  []byte
	Cause error
}

func (e *Unusable) Error() string { return e.Cause.Error() }
func (e *Unusable) Unwrap() error { return e.Cause }

// APIError is an answer with an error status. Type, Title, Detail, Code, Method and Instance are the upstream's words
// and may hold anything: they are for code to look at, and Error leaves them out.
type APIError struct {
	Status     int
	Type       string
	Title      string
	Detail     string
	TraceID    string // as received if it looks like a trace id, else empty
	Code       string
	Method     string
	Instance   string
	RetryAfter time.Duration // 0 if the upstream named no time
}

func (e *APIError) Error() string {
	if e.TraceID == "" {
		return fmt.Sprintf("assure: status %d", e.Status)
	}
	return fmt.Sprintf("assure: status %d (trace id %s)", e.Status, e.TraceID)
}

// IsNotFound reports whether Assure does not have the thing, or the id is none that it could have.
func IsNotFound(err error) bool {
	return hasStatus(err, http.StatusNotFound) || apperr.Is(err, apperr.NotFound)
}

// IsForbidden reports whether Assure keeps the thing back: an image whose redaction was not complete.
func IsForbidden(err error) bool { return hasStatus(err, http.StatusForbidden) }

// IsUnauthorized reports whether Assure refused the portal's own credentials, after one try with a new token.
func IsUnauthorized(err error) bool {
	if token, ok := errors.AsType[*tokenError](err); ok {
		return token.refused()
	}
	return hasStatus(err, http.StatusUnauthorized)
}

// IsRetryable reports whether the same request may do better later: busy, down, broken off, not reached in time.
// The end of the caller's own context is not retryable.
func IsRetryable(err error) bool {
	if api, ok := errors.AsType[*APIError](err); ok {
		return retryableStatus(api.Status)
	}
	if token, ok := errors.AsType[*tokenError](err); ok && token.cause == nil {
		return retryableStatus(token.status)
	}
	if _, ok := errors.AsType[*connError](err); ok {
		return true
	}
	return errors.Is(err, ErrTruncated) || errors.Is(err, ErrNotReady) || errors.Is(err, ErrDown)
}

func hasStatus(err error, status int) bool {
	api, ok := errors.AsType[*APIError](err)
	return ok && api.Status == status
}

func retryableStatus(status int) bool {
	return status == http.StatusTooManyRequests || status >= 500 && status != http.StatusNotImplemented
}

// connError is a request without a usable answer. Its text says the sort alone: causes of net/http quote URLs and, if
// the answer was malformed, the upstream.
type connError struct{ cause error }

func (e *connError) Error() string { return "assure: no answer: " + connReason(e.cause) }
func (e *connError) Unwrap() error { return e.cause }

func connReason(err error) string {
	if errors.Is(err, context.Canceled) {
		return "called off"
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return "time-out"
	}
	if n, ok := errors.AsType[net.Error](err); ok && n.Timeout() {
		return "time-out"
	}
	if _, ok := errors.AsType[*net.DNSError](err); ok {
		return "its name was not found"
	}
	if op, ok := errors.AsType[*net.OpError](err); ok {
		return "the connection failed in " + op.Op
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return "the connection was closed"
	}
	return "the connection failed"
}

// tokenError is a token endpoint that gave no token. It is no APIError: its 404 says nothing about a process.
type tokenError struct {
	status int   // 0: no answer that could be used
	cause  error // nil: status says it
}

func (e *tokenError) Error() string {
	if e.cause != nil {
		return "assure: no token: " + e.cause.Error()
	}
	return fmt.Sprintf("assure: no token: status %d", e.status)
}

func (e *tokenError) Unwrap() error { return e.cause }

// refused reports whether the endpoint does not take the client's credentials (RFC 6749 section 5.2).
func (e *tokenError) refused() bool {
	return e.status == http.StatusBadRequest || e.status == http.StatusUnauthorized || e.status == http.StatusForbidden
}

var traceForm = regexp.MustCompile(`^[A-Za-z0-9-]{1,64}$`)

// readAPIError makes the error of a status from a body in either documented form; any body will do.
func readAPIError(status int, header http.Header, body []byte, now time.Time) *APIError {
	var b struct {
		Type, Title, Detail, Code, Method, Instance Text
		TraceID                                     Text `json:"traceId"`
	}
	_ = json.Unmarshal(body, &b) // an unreadable body leaves the fields empty
	e := &APIError{Status: status, Type: string(b.Type), Title: string(b.Title), Detail: string(b.Detail), Code: string(b.Code),
		Method: string(b.Method), Instance: string(b.Instance), RetryAfter: retryAfter(header.Get("Retry-After"), now)}
	if traceForm.MatchString(string(b.TraceID)) {
		e.TraceID = string(b.TraceID)
	}
	return e
}

// MaxRetryAfter bounds what an upstream can make us wait for: longer is treated as this long.
const MaxRetryAfter = time.Hour

// retryAfter reads both forms of RFC 9110 section 10.2.3: seconds and an HTTP date. Anything else is 0.
func retryAfter(value string, now time.Time) time.Duration {
	if seconds, err := strconv.ParseInt(value, 10, 64); err == nil {
		return time.Duration(min(max(seconds, 0), int64(MaxRetryAfter/time.Second))) * time.Second
	}
	at, err := http.ParseTime(value)
	if err != nil {
		return 0
	}
	return min(max(at.Sub(now), 0), MaxRetryAfter)
}
