// Package store keeps snapshots, exactly as received and never edited, and the search index derived from them.
// Methods that return personal data take an audit.Receipt; the others return ids and counts only.
package store

import (
	"context"
	"time"

	"github.com/assure-portal/portal/internal/audit"
	"github.com/assure-portal/portal/internal/evidence"
	"github.com/assure-portal/portal/internal/sqlitedb"
)

// WayIn says how a process came in.
type WayIn string

// Ways in.
const (
	ByListing WayIn = "listing"
	ByEvent   WayIn = "event"
	ByRefresh WayIn = "refresh"
	ByImport  WayIn = "import"
)

// Envelope is what a Get process body lacks.
type Envelope struct {
	ProcessID, DossierID          string // DossierID empty: imported without one, never polled
	ExternalReference, ExternalID string
	WayIn                         WayIn
	ImportedBy                    string    // operating-system user, for ByImport
	LastSeenUpstream              time.Time // zero: never seen there
}

// Saved says what Save did.
type Saved struct {
	Changed        bool // a new version was made
	Version        int
	SHA256         string
	PreviousStatus string
	Status         string
}

// Head is one snapshot without anything personal.
type Head struct {
	Envelope
	Version, Versions int
	SHA256            string
	Size              int64 // bytes
	ReceivedAt        time.Time
	FirstSeenAt       time.Time
	Provider          string
	ProcessType       string
	Status            string
	CreatedAt         time.Time
	UpdatedAt         time.Time
	MappingVersion    int
	FetchSeq          int64 // seq of the process.fetch or process.import record, -1 if none
	Gone              bool  // Assure no longer has it
	ErasedAt          time.Time
	ErasedBasis       string
}

// Store is the open store. Safe for concurrent use.
type Store struct{}

// Open opens portal.db (given) and the index beside it, rebuilding the index when it is absent.
func Open(ctx context.Context, portal *sqlitedb.DB, dir string, now func() time.Time) (*Store, error) {
	panic("todo")
}

// Close closes the index.
func (s *Store) Close() error { panic("todo") }

// Save keeps body as a new version if its bytes differ from the newest, else only moves last seen upstream.
// Errors: apperr.Unprocessable for a body that is not one process (nothing is kept), apperr.Conflict for a tombstone.
func (s *Store) Save(ctx context.Context, e Envelope, body []byte, receivedAt time.Time) (Saved, error) {
	panic("todo")
}

// SetFetchRecord ties a version to the record that tells of its arrival.
func (s *Store) SetFetchRecord(ctx context.Context, processID string, version int, seq int64) error {
	panic("todo")
}

// SaveUserData keeps what the customer stated in a dossier as a snapshot of its own.
func (s *Store) SaveUserData(ctx context.Context, dossierID string, body []byte, receivedAt time.Time) (changed bool, err error) {
	panic("todo")
}

// Head finds a process; version 0 is the newest. Kind apperr.NotFound for unknown and malformed ids alike.
func (s *Store) Head(ctx context.Context, processID string, version int) (Head, error) { panic("todo") }

// Versions lists all versions, newest first, nothing personal.
func (s *Store) Versions(ctx context.Context, processID string) ([]Head, error) { panic("todo") }

// Body returns the exact bytes received. The receipt must cover the process and version.
func (s *Store) Body(ctx context.Context, r audit.Receipt, processID string, version int) ([]byte, error) {
	panic("todo")
}

// Report reads the version's evidence. The receipt must cover the process and version.
func (s *Store) Report(ctx context.Context, r audit.Receipt, processID string, version int) (evidence.Report, error) {
	panic("todo")
}

// Media are stored attachments: front, back, selfie, portrait, video.
type Media struct {
	ContentType string
	Body        []byte
}

// SaveMedia keeps an attachment as received.
func (s *Store) SaveMedia(ctx context.Context, processID, depiction string, m Media, receivedAt time.Time) error {
	panic("todo")
}

// Media returns an attachment. The receipt must cover the process. Kind apperr.NotFound if none is kept.
func (s *Store) Media(ctx context.Context, r audit.Receipt, processID, depiction string) (Media, error) {
	panic("todo")
}

// Query is one search. Dates are UTC days, both inclusive; zero means open.
type Query struct {
	Term                                      string // as typed; resolved from Query string s by the caller
	IDs                                       []string
	Status, Provider, Type, Relation, Finding []string
	Nationality, Country, WayIn               []string
	Ending                                    []string // "final", "open", "with-result", "without-result"
	From, To, UpdatedFrom, UpdatedTo          time.Time
	Within                                    time.Duration
	Sort                                      string // created (default), updated, attention
	After, Before                             string // opaque cursors, tied to the search
}

// Facet is one value with its count for the search at hand.
type Facet struct {
	Value string
	Count int
}

// Found is the answer to a search: ids and counts only.
type Found struct {
	IDs        []string
	Missing    []string // of Query.IDs, those not held
	Total      int
	More       bool // Total is the bound 10000 and there are more
	Next, Prev string
	Understood string             // how the term was understood: "a name", "a date of birth", "a document number", "an id"
	Facets     map[string][]Facet // by parameter name: status, provider, type, relation, finding, nationality, country, way_in, ending
}

// PageSize is how many rows a page of results holds.
const PageSize = 50

// Search finds processes. Kind apperr.BadRequest for an unknown parameter value or a cursor of another search.
func (s *Store) Search(ctx context.Context, q Query) (Found, error) { panic("todo") }

// Row is one line of a result list.
type Row struct {
	Head
	Person         evidence.Person
	Counts         evidence.Counts
	Findings       []string // codes, worst first
	WorstSeverity  evidence.Severity
	WorstText      string
	HasFinalResult bool
}

// Rows returns the lines of ids in that order. The receipt must list every id as shown.
func (s *Store) Rows(ctx context.Context, r audit.Receipt, ids []string) ([]Row, error) {
	panic("todo")
}

// CanonicalQuery is the query's stable text, which an export's receipt must cover.
func (q Query) Canonical() string { panic("todo") }

// ExportRow is one line of /processes.csv with the final result values.
type ExportRow struct {
	Row
	Fields map[string]string // by finalResult name
}

// Export streams every row of the query, created_at then process_id descending. The receipt must cover q.Canonical().
func (s *Store) Export(ctx context.Context, r audit.Receipt, q Query, fn func(ExportRow) error) error {
	panic("todo")
}

// SaveTerm keeps a posted term and returns its opaque id.
func (s *Store) SaveTerm(ctx context.Context, term string, at time.Time) (id string, err error) {
	panic("todo")
}

// Term gives a posted term back. Kind apperr.NotFound when unknown or expired (30 days).
func (s *Store) Term(ctx context.Context, id string) (string, error) { panic("todo") }

// Freshness is what every list says about how new it is.
type Freshness struct {
	ReadTo        time.Time // Assure was read up to here
	LastRun       time.Time
	LastError     string // a sentence for a person, no upstream text
	NotYetFetched int    // finished processes that are listed but not held yet
	OldestHeld    time.Time
	Processes     int
}

// Freshness tells how new the store is.
func (s *Store) Freshness(ctx context.Context) (Freshness, error) { panic("todo") }

// SetFreshness is called by sync after each run.
func (s *Store) SetFreshness(ctx context.Context, f Freshness) error { panic("todo") }

// Day is one line of the completeness page: one UTC day and status.
type Day struct {
	Day                                      string // 2026-03-02
	Status                                   string
	Upstream                                 int // -1: outside Assure's 30 days, not counted
	Held, Refused, Missing, Erased, Imported int
}

// Completeness compares what Assure counted with what is held, newest day first.
func (s *Store) Completeness(ctx context.Context, days int) ([]Day, error) { panic("todo") }

// SetUpstreamCount records what Assure counts for a day and status.
func (s *Store) SetUpstreamCount(ctx context.Context, day, status string, count int) error {
	panic("todo")
}

// Due is a process that should be read again.
type Due struct {
	ProcessID, DossierID string
	Status               string
	Attempts             int
}

// NextDue lists non-final processes whose next read is due, oldest first.
func (s *Store) NextDue(ctx context.Context, now time.Time, limit int) ([]Due, error) { panic("todo") }

// Reindex rebuilds the index from snapshots beside the old one and switches over.
func (s *Store) Reindex(ctx context.Context, progress func(done, total int)) error { panic("todo") }

// Erase removes snapshots, media and index rows of a process and leaves a tombstone.
func (s *Store) Erase(ctx context.Context, processID, basis string, at time.Time) error {
	panic("todo")
}

// HeldMedia lists the attachments that are kept of a process: names only.
func (s *Store) HeldMedia(ctx context.Context, processID string) ([]string, error) { panic("todo") }

// Listed is one row of Assure's list.
type Listed struct {
	ProcessID, DossierID          string
	ExternalReference, ExternalID string
	Provider, Status              string
	CreatedAt, UpdatedAt          time.Time
}

// NoteListed remembers what Assure listed (envelope, last seen upstream) and returns the rows to fetch: those not held,
// and those whose status or time of update is not the newest held one's. Erased processes are left out. What is
// returned counts as not yet fetched until Save, across restarts.
func (s *Store) NoteListed(ctx context.Context, rows []Listed, at time.Time) ([]Listed, error) {
	panic("todo")
}

// Unfetched lists rows that NoteListed returned and that are still not held as listed, oldest first.
func (s *Store) Unfetched(ctx context.Context, limit int) ([]Listed, error) { panic("todo") }

// Postpone sets when a process is read again and how often that was tried.
func (s *Store) Postpone(ctx context.Context, processID string, attempts int, until time.Time) error {
	panic("todo")
}

// MarkGone notes that Assure no longer has the process.
func (s *Store) MarkGone(ctx context.Context, processID string, at time.Time) error { panic("todo") }

// Refuse keeps aside an answer that was not one process, with the reason, for completeness; it is never shown or parsed.
func (s *Store) Refuse(ctx context.Context, l Listed, reason string, body []byte, at time.Time) error {
	panic("todo")
}

// Unrecorded lists versions without a fetch record: a kill came between Save and the record. Oldest first.
func (s *Store) Unrecorded(ctx context.Context, limit int) ([]Head, error) { panic("todo") }
