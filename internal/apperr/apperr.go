// Package apperr holds the few errors that every layer shares: what kind of failure it is, what a person may read
// about it, and, apart from that, the cause for the log. It never decides a status code; handlers do.
package apperr

import "errors"

// Kind says what sort of failure an error is. The zero value is Internal.
type Kind int

// The kinds that callers tell apart.
const (
	Internal        Kind = iota // a fault of the portal itself
	NotFound                    // unknown or malformed id
	BadRequest                  // unknown parameter value, cursor of another search
	Unprocessable               // a form with a mistake
	Unauthenticated             // no session
	Forbidden                   // a session without the right
	TooLarge                    // a body over its bound
	Conflict                    // the state of the thing forbids it
	TrailClosed                 // the trail cannot take a record, so no page
	Upstream                    // Assure failed or answered what cannot be used
	Busy                        // too much at once, try again
)

// Error carries a sentence for the person beside the cause for the log.
// Message and Hint never hold personal data, internals or an upstream's text.
type Error struct {
	Kind    Kind
	Message string // what happened
	Hint    string // what to do, may be empty
	cause   error
}

// New makes an error without a further cause.
func New(kind Kind, message, hint string) *Error {
	return &Error{Kind: kind, Message: message, Hint: hint}
}

// Wrap keeps cause for the log and shows message and hint to the person.
func Wrap(kind Kind, cause error, message, hint string) *Error {
	return &Error{Kind: kind, Message: message, Hint: hint, cause: cause}
}

func (e *Error) Error() string {
	if e.cause == nil {
		return e.Message
	}
	return e.Message + ": " + e.cause.Error()
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.cause }

// KindOf finds the kind of err; Internal if none is said.
func KindOf(err error) Kind {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Kind
	}
	return Internal
}

// Is reports whether err is of kind.
func Is(err error, kind Kind) bool { return err != nil && KindOf(err) == kind }
