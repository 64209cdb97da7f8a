// Package audit keeps the trail: an append-only Merkle log in SQLite of who saw and did what. A record is durable
// before Append returns, and only Append mints the Receipt without which no store method gives personal data. What is
// personal stands beside the log and can be erased; the log holds salted commitments to it. The package never repairs a
// trail and never starts a new one where one is missing.
package audit

import (
	"context"
	"slices"
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
func Actions() []Action {
	return []Action{SignIn, SignInRefused, SignOut, SessionEnded, ProcessSearch, ProcessView, ProcessRaw, ProcessImage, FieldReveal,
		ProcessRefresh, ProcessExport, ProcessExportDone, ProcessFetch, ProcessImport, ProcessErase, AuditView, AuditExport,
		AuditExportDone, AccessRefused, AccessAlert, TrailStart, TrailStop, TrailResume, SettingsChanged}
}

// Outcome is how it ended.
type Outcome string

// Outcomes.
const (
	OK      Outcome = "ok"
	Refused Outcome = "refused"
	Failed  Outcome = "failed"
	Unknown Outcome = "unknown" // written before an act whose end is not known yet
)

// Outcomes lists every outcome, in the order in which filters show them.
func Outcomes() []Outcome { return []Outcome{OK, Refused, Failed, Unknown} }

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

// Beside names another snapshot of the process that a record is about, by version and hash. It stands in the leaf as the facts
// beside_version and beside_sha256. Zero value: none.
type Beside struct {
	Version int
	SHA256  string // lower-case hex of the snapshot's bytes
}

// Event is what a caller wants recorded. Everything in Facts goes into the leaf in clear: codes and counts, never personal data.
type Event struct {
	Action    Action
	Outcome   Outcome
	Actor     Actor
	RequestID string
	Process   Process
	Beside    Beside            // an older snapshot of the same process that the answer shows too
	Classes   []string          // field classes that the answer will show
	Rows      int64             // rows shown or exported; 0 if it does not apply
	Purpose   string            // working purpose, a code from the configured list: leaf
	Facts     map[string]string // leaf: filter, field name, reason code, counts; empty values are left out
	Case      string            // detail "purpose"
	Because   string            // detail "purpose": free text
	Term      string            // detail "term": the search term as typed; of audit.export the query, set by BeginExport
	Shown     []string          // detail "shown" and table shown: process ids in a list
	Query     string            // canonical form of an export's query; the receipt covers exactly it. Leaf holds its facts, not this
}

// Receipt proves that a record of an access is durable, for the request that the record names. The zero value covers nothing.
// Only Append mints others.
type Receipt struct {
	seq     int64
	valid   bool
	request string
	process string
	version int
	beside  int // another version that the record names; 0: none
	classes map[string]bool
	shown   map[string]bool
	query   string
	trail   bool
}

// opens says which actions give their reader a process, a list, the rows of an export, or the trail.
var opens = struct{ process, list, export, trail []Action }{
	process: []Action{ProcessView, ProcessRaw, ProcessImage, FieldReveal},
	list:    []Action{ProcessSearch},
	export:  []Action{ProcessExport},
	trail:   []Action{AuditView, AuditExport},
}

// mint makes the receipt of a durable record. A refusal, a failure and an act whose end is unknown open nothing.
func mint(seq int64, e Event) Receipt {
	r := Receipt{seq: seq, valid: true, request: e.RequestID}
	if e.Outcome != OK {
		return r
	}
	r.classes, r.trail = set(e.Classes), slices.Contains(opens.trail, e.Action)
	if slices.Contains(opens.process, e.Action) {
		r.process, r.version, r.beside = e.Process.ID, e.Process.Version, e.Beside.Version
	}
	if slices.Contains(opens.list, e.Action) {
		r.shown = set(e.Shown)
	}
	if slices.Contains(opens.export, e.Action) {
		r.query = e.Query
	}
	return r
}

func set(words []string) map[string]bool {
	s := make(map[string]bool, len(words))
	for _, w := range words {
		s[w] = true
	}
	return s
}

// Seq is the record's number.
func (r Receipt) Seq() int64 { return r.seq }

// requestKey is the key of a context's request.
type requestKey struct{}

// ForRequest is a context within the request of this id. What is read within it needs receipts of records that have the same id.
func ForRequest(ctx context.Context, id string) context.Context {
	return context.WithValue(ctx, requestKey{}, id)
}

// serves reports whether the receipt is of the request within which ctx is; both may be of none, as in a command.
func (r Receipt) serves(ctx context.Context) bool {
	id, _ := ctx.Value(requestKey{}).(string)
	return r.valid && r.request == id
}

// CoversProcess reports whether the record is of looking at this process and version (0: any version), or names that version
// beside, in the request of ctx.
func (r Receipt) CoversProcess(ctx context.Context, id string, version int) bool {
	return r.serves(ctx) && id != "" && r.process == id && (version == 0 || r.version == version || r.beside == version)
}

// CoversClass reports whether the record says that this field class was shown.
func (r Receipt) CoversClass(class string) bool { return r.valid && r.classes[class] }

// CoversShown reports whether the record lists every one of ids, in the request of ctx. No ids need no record, but the zero
// receipt covers nothing.
func (r Receipt) CoversShown(ctx context.Context, ids []string) bool {
	return r.serves(ctx) && !slices.ContainsFunc(ids, func(id string) bool { return !r.shown[id] })
}

// CoversQuery reports whether the record is of an export by this query, in the request of ctx.
func (r Receipt) CoversQuery(ctx context.Context, query string) bool {
	return r.serves(ctx) && query != "" && r.query == query
}

// coversTrail reports whether the record is of a look at the trail, in the request of ctx.
func (r Receipt) coversTrail(ctx context.Context) bool { return r.serves(ctx) && r.trail }

// Options opens a trail.
type Options struct {
	Path       string           // audit.db
	KeyFile    string           // private note key, outside the data directory
	AnchorFile string           // checkpoints are appended here, outside the data directory; empty: none
	Build      string           // build id, in every leaf
	Now        func() time.Time // UTC clock
	Log        func(msg string, args ...any)
}

// State is what pages and health checks show about the trail.
type State struct {
	Open           bool
	Reason         string // why closed, for a person; empty if open
	Size           int64
	CheckpointSize int64
	CheckpointTime time.Time
	VerifiedSize   int64     // background verification: records that matched the signed checkpoint
	VerifiedTime   time.Time // zero: not yet
	VerifyError    string    // also set while checkpoints cannot be written to the anchor
	Origin         string
}

// Filter narrows the trail; zero values do not. Times UTC, From inclusive, To exclusive.
type Filter struct {
	Actor, Outcome, Purpose string
	Action                  string // one, or several separated by commas
	Process                 string // includes searches that showed it
	Dossier                 string // records about its processes
	From, To                time.Time
	Before                  int64 // only seq < Before; 0: from the newest
}

// Page is the seqs that match, newest first, and the Before of the next older page (0: none). Partial: the page ends early,
// because a page looks at so many records and no more; every record from Older on was looked at.
type Page struct {
	Seqs    []int64
	Older   int64
	Partial bool
}

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

// Proof is the inclusion proof of one record against the newest checkpoint that covers it.
type Proof struct {
	Seq, Size  int64
	Root       [32]byte
	Hashes     [][32]byte
	Checkpoint string
}

// Seen counts who opened a process: for reviewers counts only.
type Seen struct {
	Views, Reveals, Listed int
	Readers                int
	Names                  []string // newest first, for auditors only
	Last                   time.Time
}

// ExportOptions says what an export holds.
type ExportOptions struct {
	Filter    Filter
	Identity  bool // fills actor_name, ip, case
	Detail    bool // fills detail
	Semicolon bool
	AllLeaves bool // bundle only
}
