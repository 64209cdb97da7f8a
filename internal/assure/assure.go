// Package assure reads Signicat's Assure API: a client with its own token source, and the shapes of what the API
// answers. It reads tolerantly (an unknown provider, status or field never fails, a value of the wrong type is left out
// of the typed view alone) and keeps the bytes as received. It never writes upstream, never stores, and never puts an
// upstream's words into an error's text.
package assure

import (
	"regexp"
	"strings"
	"time"

	"github.com/assure-portal/portal/internal/apperr"
)

// Status says where a process stands. A value outside Statuses is kept as received.
type Status string

// The documented statuses.
const (
	Pending      Status = "pending"      // created, not started
	Processing   Status = "processing"   // verification under way
	Accepted     Status = "accepted"     // final, with a result
	Rejected     Status = "rejected"     // final, with a result
	Inconclusive Status = "inconclusive" // final, with a result
	Canceled     Status = "canceled"     // final, ended by the person, no result
	Failed       Status = "failed"       // final, ended by a fault or a time-out, no result
)

// Statuses lists the documented statuses in the order of a process's life.
func Statuses() []Status {
	return []Status{Pending, Processing, Accepted, Rejected, Inconclusive, Canceled, Failed}
}

// Final reports whether a process with this status is over. An unknown status counts as not over, so that it is
// asked for again.
func (s Status) Final() bool {
	switch s {
	case Accepted, Rejected, Inconclusive, Canceled, Failed:
		return true
	}
	return false
}

// HasResult reports whether a process ended with a result: only of those Assure makes an archive (reference section 2.2).
func (s Status) HasResult() bool { return s == Accepted || s == Rejected || s == Inconclusive }

// Known reports whether the status is a documented one.
func (s Status) Known() bool { return s == Pending || s == Processing || s.Final() }

// KnownProvider reports whether a provider is a documented one, under its name of today or the one before (reference
// section 4): "connect:" stands before the name of an identity method, whichever it is.
func KnownProvider(name string) bool {
	switch name {
	case "onfido", "signicatvideoid", "eid", "readid", "signicatpaper", "webid", "signicatpictureid", "facetec":
		return true
	}
	return strings.HasPrefix(name, "connect:")
}

// Depiction names one image of a process.
type Depiction string

// The documented depictions.
const (
	Front    Depiction = "front"
	Back     Depiction = "back"
	Selfie   Depiction = "selfie"
	Portrait Depiction = "portrait" // read from a chip or a video: signicatvideoid and readid only
)

// Depictions lists the documented depictions.
func Depictions() []Depiction { return []Depiction{Front, Back, Selfie, Portrait} }

// Known reports whether the depiction is a documented one.
func (d Depiction) Known() bool {
	return d == Front || d == Back || d == Selfie || d == Portrait
}

// Answer is a JSON answer exactly as received.
type Answer struct {
	Body       []byte
	ReceivedAt time.Time
}

// Media is an image, a video or an archive exactly as received. ContentType is what the bytes of an image are, not
// what the upstream called them: it calls every image application/octet-stream.
type Media struct {
	ContentType string
	Body        []byte
}

// idForm is narrower than the documentation (any string) and wider than its samples (UUIDs): nothing in it can leave
// its path segment.
var idForm = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)

// ValidID reports whether an id may be asked for: 1 to 64 of A-Z, a-z, 0-9, '_' and '-'.
func ValidID(id string) bool { return idForm.MatchString(id) }

func checkIDs(ids ...string) error {
	for _, id := range ids {
		if !ValidID(id) {
			return apperr.New(apperr.NotFound, "This is not an id that Assure could have given.", "")
		}
	}
	return nil
}
