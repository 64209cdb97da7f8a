// Package assuretest simulates the Assure API and its token endpoint by their published rules, with faults on demand.
// It keeps everything in memory, checks only the credentials it was given, and is made for invented data alone.
// Where the published rules are silent it does what the samples suggest, and the comment says so.
package assuretest

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/assure-portal/portal/internal/assure"
)

// Media is an image, a video or an archive.
type Media = assure.Media

// Entry is one process with all that the API knows of it and of its dossier.
type Entry struct {
	DossierID         string
	ExternalReference string // of the dossier: the first entry that has one gives it
	ExternalID        string
	Body              []byte           // the Get process answer, byte for byte
	UserData          []byte           // the answer to GET userdata, byte for byte; nil: none stated. Of the dossier
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

// Simulator is the API in memory. It is safe for concurrent use. A process whose createdAt lies ahead of the clock
// does not exist yet: it appears when its time comes.
type Simulator struct {
	o      Options
	tokens tokens
	faults faults

	mu        sync.RWMutex
	processes map[string]*process
	dossiers  map[string]*dossier
	order     []*process // oldest first, by creation and id, if sorted
	sorted    bool
}

// dossier is one dossier; its times follow from its processes.
type dossier struct {
	id, reference string
	createdAt     time.Time
	processes     []*process // oldest first is not promised
	userData      []byte
}

// process is one process with its states in the order of time.
type process struct {
	Entry
	id        string
	dossier   *dossier
	createdAt time.Time
	states    []state
}

// state is what a process answers from a time on; the first is without one.
type state struct {
	from   time.Time
	body   []byte
	parsed assure.Process
}

// New makes an empty simulator.
func New(o Options) *Simulator {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.TokenLife <= 0 {
		o.TokenLife = defaultTokenLife
	}
	return &Simulator{o: o, processes: map[string]*process{}, dossiers: map[string]*dossier{}, sorted: true}
}

// Add takes a process in, and its dossier if that is new. It fails if a body is no Get process answer with a time of
// creation, if the ids cannot be asked for, or if the process is there already.
func (s *Simulator) Add(e Entry) error {
	p, err := newProcess(e)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.add(p)
}

func (s *Simulator) add(p *process) error {
	if _, there := s.processes[p.id]; there {
		return fmt.Errorf("process %s is there already", p.id)
	}
	d := s.dossiers[p.DossierID]
	if d == nil {
		d = &dossier{id: p.DossierID, createdAt: p.createdAt}
		s.dossiers[d.id] = d
	}
	if d.reference == "" {
		d.reference = p.ExternalReference
	}
	if p.UserData != nil {
		d.userData = p.UserData
	}
	if p.createdAt.Before(d.createdAt) {
		d.createdAt = p.createdAt
	}
	p.dossier = d
	d.processes = append(d.processes, p)
	s.processes[p.id] = p
	s.order, s.sorted = append(s.order, p), false
	return nil
}

func newProcess(e Entry) (*process, error) {
	first, err := newState(time.Time{}, e.Body)
	if err != nil {
		return nil, err
	}
	p := &process{Entry: e, id: first.parsed.ProcessID, states: []state{first}}
	if !assure.ValidID(p.id) || !assure.ValidID(e.DossierID) {
		return nil, fmt.Errorf("process %q of dossier %q: not ids that can be asked for", p.id, e.DossierID)
	}
	if p.createdAt, err = time.Parse(time.RFC3339, first.parsed.CreatedAt); err != nil {
		return nil, fmt.Errorf("process %s: createdAt: %w", p.id, err)
	}
	for _, step := range e.Later {
		next, err := newState(step.At, step.Body)
		if err != nil {
			return nil, err
		}
		if next.parsed.ProcessID != p.id {
			return nil, fmt.Errorf("process %s becomes %s later", p.id, next.parsed.ProcessID)
		}
		p.states = append(p.states, next)
	}
	slices.SortStableFunc(p.states, func(a, b state) int { return a.from.Compare(b.from) })
	return p, nil
}

func newState(from time.Time, body []byte) (state, error) {
	parsed, err := assure.ParseProcess(body)
	if err != nil {
		return state{}, fmt.Errorf("not a Get process answer: %w", err)
	}
	return state{from: from, body: body, parsed: parsed}, nil
}

// at gives the state at a time.
func (p *process) at(now time.Time) state {
	current := p.states[0]
	for _, st := range p.states[1:] {
		if st.from.After(now) {
			break
		}
		current = st
	}
	return current
}

// Replace makes the process answer body from now on; changes to come are dropped. It fails if the process is unknown
// or body is another's.
func (s *Simulator) Replace(processID string, body []byte) error {
	next, err := newState(time.Time{}, body)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.processes[processID]
	if p == nil || next.parsed.ProcessID != processID {
		return fmt.Errorf("process %s: unknown, or a body of another process", processID)
	}
	p.states = []state{next}
	return nil
}

// Delete forgets a process, as Assure does when its time is up. An unknown one is no error.
func (s *Simulator) Delete(processID string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.delete(processID)
}

func (s *Simulator) delete(processID string) {
	p := s.processes[processID]
	if p == nil {
		return
	}
	delete(s.processes, processID)
	same := func(q *process) bool { return q == p }
	s.order = slices.DeleteFunc(s.order, same)
	p.dossier.processes = slices.DeleteFunc(p.dossier.processes, same)
}

// Len counts the processes, those still to appear included.
func (s *Simulator) Len() int {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return len(s.processes)
}

// Handler serves POST /auth/open/connect/token and /assure/…, and beside the API /simulator/…, where faults are asked for.
func (s *Simulator) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("POST /auth/open/connect/token", s.route(Token, s.giveToken))
	for _, r := range s.routes() {
		mux.Handle(r.pattern, s.route(r.class, s.authorized(r.serve)))
	}
	s.control(mux)
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		s.problem(w, r, http.StatusNotFound, "Not Found", "No such path.")
	})
	return mux
}

type route struct {
	pattern string
	class   Class
	serve   http.HandlerFunc
}

func (s *Simulator) routes() []route {
	const d, p = "/assure/dossiers/{d}", "/assure/dossiers/{d}/processes/{p}"
	routes := []route{
		{"GET /assure/processes", List, s.listProcesses},
		{"GET /assure/dossiers", Dossiers, s.listDossiers},
		{"POST /assure/dossiers", Write, s.createDossier},
		{"DELETE /assure/dossiers/all", Write, s.deleteAll},
		{"GET " + d, Dossier, s.getDossier},
		{"DELETE " + d, Write, s.deleteDossier},
		{"GET " + d + "/userdata", UserData, s.getUserData},
		{"POST " + d + "/userdata", Write, s.createUserData},
		{"PUT " + d + "/userdata", Write, s.changeUserData},
		{"DELETE " + d + "/userdata", Write, s.deleteUserData},
		{"POST " + d + "/processes", Write, s.createProcess},
		{"GET " + p, Process, s.getProcess},
		{"POST " + p, Write, s.startProcess},
		{"DELETE " + p, Write, s.deleteProcess},
		{"POST " + p + "/fail", Write, s.failProcess},
		{"GET " + p + "/images", Images, s.getImage},
		{"GET " + p + "/video", Video, s.getVideo},
		{"GET " + p + "/raw", Raw, s.getRaw},
		{"GET " + p + "/download", Download, s.getZip},
		{"GET " + p + "/external-id", ExternalID, s.getExternalID},
	}
	for _, provider := range []string{"onfido", "signicatpaper", "signicatpictureid", "signicatvideoid"} {
		routes = append(routes, route{"GET /assure/" + provider + "/document-types", Other, s.documentTypes})
	}
	return routes
}

// find gives the process of a request's path and its state now, or answers 404 and reports false.
func (s *Simulator) find(w http.ResponseWriter, r *http.Request) (process, state, bool) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	now := s.o.Now()
	d, p := s.dossiers[r.PathValue("d")], s.processes[r.PathValue("p")]
	switch {
	case d == nil || !d.exists(now):
		s.problem(w, r, http.StatusNotFound, "Not Found", "Dossier not found.")
	case p == nil || p.dossier != d || p.createdAt.After(now):
		s.problem(w, r, http.StatusNotFound, "Not Found", "Process not found.")
	default:
		return *p, p.at(now), true
	}
	return process{}, state{}, false
}

func (d *dossier) exists(now time.Time) bool { return !d.createdAt.After(now) }

// isVideoID takes the name of today and the one before.
func isVideoID(provider string) bool { return provider == "signicatvideoid" || provider == "eid" }

func isConnect(provider string) bool { return strings.HasPrefix(provider, "connect:") }
