// Package audit keeps the trail: an append-only Merkle log in SQLite of who saw and did what. A record is durable
// before Append returns, and only Append mints the Receipt without which no store method gives personal data.
package audit

import (
	"context"
	"io"
	"time"
)

// Action is what was done. The values are fixed by the contract.
type Action string

// Actions.
const (
	SignIn            Action = "sign-in"
	SignInRefused     Action = "sign-in.refused"
	SignOut           Action = "sign-out"
	SessionEnded      Action = "session.ended"
	ProcessSearch     Action = "process.search"
	ProcessView       Action = "process.view"
	ProcessRaw        Action = "process.raw"
	ProcessImage      Action = "process.image"
	FieldReveal       Action = "field.reveal"
	ProcessRefresh    Action = "process.refresh"
	ProcessExport     Action = "process.export"
	ProcessExportDone Action = "process.export.done"
	ProcessFetch      Action = "process.fetch"
	ProcessImport     Action = "process.import"
	ProcessErase      Action = "process.erase"
	AuditView         Action = "audit.view"
	AuditExport       Action = "audit.export"
	AuditExportDone   Action = "audit.export.done"
	AccessRefused     Action = "access.refused"
	AccessAlert       Action = "access.alert"
	TrailStart        Action = "trail.start"
	TrailStop         Action = "trail.stop"
	TrailResume       Action = "trail.resume"
	SettingsChanged   Action = "settings.changed"
)

// Actions lists every action, in the order in which filters show them.
func Actions() []Action { panic("todo") }

// Outcome is how it ended.
type Outcome string

// Outcomes.
const (
	OK      Outcome = "ok"
	Refused Outcome = "refused"
	Failed  Outcome = "failed"
	Unknown Outcome = "unknown" // written before an act whose end is not known yet
)

// Actor is who did it. Issuer and Subject stand in the leaf (pseudonymous), Name and Address in the erasable detail "who".
type Actor struct {
	Issuer, Subject string
	Name            string // display name as the identity provider gave it
	Role            string // the role that gave the right
	Session         string // pseudonym of the session, never its token
	Address         string // client address
}

// System is the portal acting by itself.
var System = Actor{Subject: "system", Role: "system"}

// Process names the snapshot that a record is about. Zero value: none.
type Process struct {
	ID, DossierID  string
	Version        int
	SHA256         string // lower-case hex of the snapshot's bytes
	MappingVersion int
}

// Event is what a caller wants recorded. Everything in Facts goes into the leaf in clear: codes and counts, never personal data.
type Event struct {
	Action    Action
	Outcome   Outcome
	Actor     Actor
	RequestID string
	Process   Process
	Classes   []string          // field classes that the answer will show
	Rows      int64             // rows shown or exported; 0 if it does not apply
	Purpose   string            // working purpose, a code from the configured list: leaf
	Facts     map[string]string // leaf: filter, field name, reason code, counts
	Case      string            // detail "purpose"
	Because   string            // detail "purpose": free text
	Term      string            // detail "term": the search term as typed
	Shown     []string          // detail "shown" and table shown: process ids in a list
	Query     string            // canonical form of an export's query; the receipt covers exactly it. Leaf holds its facts, not this
}

// Receipt proves that a record of an access is durable. The zero value covers nothing. Only Append mints others.
type Receipt struct {
	seq     int64
	valid   bool
	process string
	version int
	classes map[string]bool
	shown   map[string]bool
	query   string
	trail   bool
}

// Seq is the record's number.
func (r Receipt) Seq() int64 { return r.seq }

// CoversProcess reports whether the record is about this process and version (0: any version).
func (r Receipt) CoversProcess(id string, version int) bool { panic("todo") }

// CoversShown reports whether the record lists every one of ids.
func (r Receipt) CoversShown(ids []string) bool { panic("todo") }

// CoversQuery reports whether the record is about this export query.
func (r Receipt) CoversQuery(query string) bool { panic("todo") }

// Options opens a trail.
type Options struct {
	Path       string           // audit.db
	KeyFile    string           // private note key, outside the data directory
	AnchorFile string           // checkpoints are appended here, outside the data directory
	Build      string           // build id, in every leaf
	Now        func() time.Time // UTC clock
	Log        func(msg string, args ...any)
}

// Trail is the open trail. Safe for concurrent use; one process per file.
type Trail struct{}

// Init creates a trail and its key; refuses when either exists. Returns the verifier key.
func Init(ctx context.Context, path, origin, keyOut string, now time.Time) (vkey string, err error) {
	panic("todo")
}

// Open verifies the tail of an existing trail against checkpoint and anchor, appends trail.start and serves.
func Open(ctx context.Context, o Options) (*Trail, error) { panic("todo") }

// Close appends trail.stop, signs a checkpoint and closes the file.
func (t *Trail) Close(ctx context.Context) error { panic("todo") }

// Append makes the record durable and mints its receipt. Error kind apperr.TrailClosed within 2 s when it cannot.
func (t *Trail) Append(ctx context.Context, e Event) (Receipt, error) { panic("todo") }

// Ready is nil while the trail takes records, else an error of kind apperr.TrailClosed.
func (t *Trail) Ready() error { panic("todo") }

// State is what pages and health checks show about the trail.
type State struct {
	Open           bool
	Reason         string // why closed, for a person; empty if open
	Size           int64
	CheckpointSize int64
	CheckpointTime time.Time
	VerifiedSize   int64     // background verification: records that matched the signed checkpoint
	VerifiedTime   time.Time // zero: not yet
	VerifyError    string
	Origin         string
}

// State tells size, checkpoint and last own verification.
func (t *Trail) State() State { panic("todo") }

// Filter narrows the trail; zero values do not. Times UTC, From inclusive, To exclusive.
type Filter struct {
	Actor, Action, Outcome, Process, Purpose string // Process includes searches that showed it
	From, To                                 time.Time
	Before                                   int64 // only seq < Before; 0: from the newest
}

// Page is the seqs that match, newest first, and the Before of the next older page (0: none).
type Page struct {
	Seqs  []int64
	Older int64
}

// Find returns seqs only, so it needs no receipt.
func (t *Trail) Find(ctx context.Context, f Filter, limit int) (Page, error) { panic("todo") }

// Record is one line of the trail as a reader sees it.
type Record struct {
	Seq                                  int64
	Time                                 time.Time
	Actor, Issuer, ActorName, Role       string
	Action                               Action
	Outcome                              Outcome
	ProcessID, DossierID, SnapshotSHA256 string
	Version, MappingVersion              int
	Classes                              []string
	Rows                                 int64
	Purpose, Case, Because, Term         string
	Shown                                []string
	Facts                                map[string]string
	RequestID, Session, Address, Build   string
	Erased                               bool
	LeafHash                             [32]byte
	Leaf                                 []byte // exact bytes hashed
}

// Records reads whole records by seq; the receipt must be of an audit.view or audit.export.
func (t *Trail) Records(ctx context.Context, r Receipt, seqs []int64) ([]Record, error) {
	panic("todo")
}

// Proof is the inclusion proof of one record against the newest checkpoint that covers it.
type Proof struct {
	Seq, Size  int64
	Root       [32]byte
	Hashes     [][32]byte
	Checkpoint string
}

// Prove returns the inclusion proof of one record.
func (t *Trail) Prove(ctx context.Context, seq int64) (Proof, error) { panic("todo") }

// Checkpoint returns the newest signed checkpoint, signing one first if there are newer records.
func (t *Trail) Checkpoint(ctx context.Context) (string, error) { panic("todo") }

// VerifierKey is the public note key.
func (t *Trail) VerifierKey() string { panic("todo") }

// Seen counts who opened a process: for reviewers counts only.
type Seen struct {
	Views, Reveals, Listed int
	Readers                int
	Names                  []string // newest first, for auditors only
	Last                   time.Time
}

// Seen tells how often a process was opened. Pseudonymous but for Names, which the caller shows to auditors alone.
func (t *Trail) Seen(ctx context.Context, processID string) (Seen, error) { panic("todo") }

// ExportOptions says what an export holds.
type ExportOptions struct {
	Filter    Filter
	Identity  bool // fills actor_name, ip, case
	Detail    bool // fills detail
	Semicolon bool
	AllLeaves bool // bundle only
}

// Export is a started export: its audit.export record and checkpoint exist.
type Export struct{}

// BeginExport appends audit.export as the last record of the export and signs a checkpoint of size seq+1.
func (t *Trail) BeginExport(ctx context.Context, e Event, o ExportOptions) (*Export, error) {
	panic("todo")
}

// WriteCSV streams audit.csv and appends audit.export.done, ok or failed.
func (x *Export) WriteCSV(ctx context.Context, w io.Writer) error { panic("todo") }

// WriteBundle streams the zip and appends audit.export.done, ok or failed.
func (x *Export) WriteBundle(ctx context.Context, w io.Writer) error { panic("todo") }

// VerifyOptions are the inputs of an offline verification.
type VerifyOptions struct {
	File      string // a bundle or an audit.db
	Key       string // verifier key; empty: signature unchecked, with a warning
	Against   string // path of an older checkpoint
	Snapshots string // path of a portal.db
}

// Verdict is what was found. Exit codes are those of the contract.
type Verdict struct {
	Exit     int
	FirstBad int64 // -1: none
	Sentence string
	Warnings []string
}

// Verify needs no network, no portal and no configuration.
func Verify(ctx context.Context, o VerifyOptions) Verdict { panic("todo") }

// GuardCell puts a ' before a cell that a spreadsheet would read as a formula (contract, CSV).
func GuardCell(cell string) string { panic("todo") }
