// Package assuretest simulates the Assure API and its token endpoint by their published rules, with faults on demand.
// It keeps everything in memory, checks only the credentials it was given, and holds invented data alone.
package assuretest

import (
	"net/http"
	"time"

	"github.com/assure-portal/portal/internal/assure"
)

// Media is an image, a video or an archive.
type Media = assure.Media

// Entry is one process with all that the API knows of it and of its dossier.
type Entry struct {
	DossierID         string
	ExternalReference string
	ExternalID        string
	Body              []byte           // the Get process answer, byte for byte
	UserData          []byte           // the answer to GET userdata, byte for byte; nil: 404
	Images            map[string]Media // by depiction
	Video             *Media
	Raw               []byte   // readid only
	Zip               []byte   // nil: the archive is never ready
	Redacted          []string // depictions whose redaction was not complete: 403
	Later             []Step   // changes to come
}

// Step is a change to come: from At on, by the simulator's clock, the process answers Body.
type Step struct {
	At   time.Time
	Body []byte
}

// Options configures a Simulator.
type Options struct {
	ClientID     string
	ClientSecret string
	Now          func() time.Time // nil: time.Now
	TokenLife    time.Duration    // 0: 10 minutes, as documented
}

// Simulator is the API in memory. It is safe for concurrent use.
type Simulator struct{}

// New makes an empty simulator.
func New(o Options) *Simulator { panic("todo") }

// Handler serves POST /auth/open/connect/token and /assure/….
func (s *Simulator) Handler() http.Handler { panic("todo") }

// Add takes a process in. It fails if the body is no Get process answer or the process is there already.
func (s *Simulator) Add(e Entry) error { panic("todo") }

// Replace makes the process answer body from now on.
func (s *Simulator) Replace(processID string, body []byte) error { panic("todo") }

// Delete forgets a process.
func (s *Simulator) Delete(processID string) { panic("todo") }

// Len counts the processes.
func (s *Simulator) Len() int { panic("todo") }
