// Package store keeps snapshots, exactly as received and never edited, and the search index derived from them.
// Methods that return personal data take an audit.Receipt; the others return ids and counts only. What portal.db holds
// is the truth; the index file beside it, and the bitmaps in memory, can be thrown away and built from it at any time.
package store

import (
	"context"
	"crypto/rand"
	"database/sql"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/assure-portal/portal/internal/apperr"
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
	WayIn                         WayIn     // the one used first
	ImportedBy                    string    // operating-system user, for ByImport
	LastSeenUpstream              time.Time // zero: never seen there
}

// Head is one snapshot without anything personal.
type Head struct {
	Envelope
	Version, Versions int
	SHA256            string // lower-case hex
	Size              int64  // bytes
	ReceivedAt        time.Time
	FirstSeenAt       time.Time
	Provider          string
	ProcessType       string
	Status            string
	CreatedAt         time.Time // zero if the body states none that can be read
	UpdatedAt         time.Time
	MappingVersion    int
	FetchSeq          int64 // seq of the process.fetch or process.import record, -1 if none
	Gone              bool  // Assure no longer has it
	ErasedAt          time.Time
	ErasedBasis       string
}

// Store is the open store. Safe for concurrent use.
type Store struct {
	portal    *sqlitedb.DB
	dir       string
	now       func() time.Time
	log       *slog.Logger
	copyFrom  int    // processes from which the bitmaps are copied to a file
	id        []byte // this portal.db, so that an index of another is never believed
	cursorKey []byte

	rebuilding sync.Mutex // held while a new index is built beside the one in use
	indexing   sync.Mutex // held while an index follows portal.db, and while another takes its place

	mu    sync.Mutex // guards what follows
	index *index     // nil when closed
	next  *round     // in which the index will follow next; nil if nobody waits for one
	parts []*part    // that wait for a transaction of portal.db
}

// Open opens portal.db (given) and the index beside it in dir. The index is rebuilt from snapshots when it is absent,
// unreadable, of another portal.db or made by other rules, and catches up where portal.db is ahead of it. now is UTC.
func Open(ctx context.Context, portal *sqlitedb.DB, dir string, now func() time.Time) (*Store, error) {
	return OpenLogged(ctx, portal, dir, now, slog.New(slog.DiscardHandler))
}

// OpenLogged is Open, and tells a log when it has to make anew what it hoped to find.
func OpenLogged(ctx context.Context, portal *sqlitedb.DB, dir string, now func() time.Time, log *slog.Logger) (*Store, error) {
	return open(ctx, &Store{portal: portal, dir: dir, now: now, log: log, copyFrom: copyFrom})
}

func open(ctx context.Context, s *Store) (*Store, error) {
	generation, err := s.readState(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the state of the store: %w", err)
	}
	if err := s.openIndex(ctx, generation); err != nil {
		return nil, err
	}
	return s, nil
}

// readState makes the store's identity and keys at first use and returns the generation of the index in use, 0 for none.
func (s *Store) readState(ctx context.Context) (generation int64, err error) {
	id, key := make([]byte, 16), make([]byte, 32)
	rand.Read(id)
	rand.Read(key)
	err = s.portal.InTx(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, `INSERT INTO store_state (id, store_id, cursor_key, revision, generation, processes)
			VALUES (1, ?, ?, 0, 0, 0) ON CONFLICT (id) DO NOTHING`, id, key); err != nil {
			return err
		}
		return tx.QueryRowContext(ctx, `SELECT store_id, cursor_key, generation FROM store_state WHERE id = 1`).
			Scan(&s.id, &s.cursorKey, &generation)
	})
	return generation, err
}

// Close closes the index; searches that are under way end first.
func (s *Store) Close() error {
	s.indexing.Lock()
	old := s.replace(nil)
	if old != nil {
		s.keepCopy(context.Background(), old, true)
	}
	s.indexing.Unlock()
	return old.close()
}

// nextRevision counts a change that the index must follow.
func nextRevision(ctx context.Context, tx *sql.Tx) (revision int64, err error) {
	err = tx.QueryRowContext(ctx, `UPDATE store_state SET revision = revision + 1 WHERE id = 1 RETURNING revision`).Scan(&revision)
	return revision, err
}

// changed reports whether a statement changed a row.
func changed(result sql.Result) (bool, error) {
	n, err := result.RowsAffected()
	return n > 0, err
}

func notFound() error {
	return apperr.New(apperr.NotFound, "There is no such process in this portal.",
		"Check the id, or search for the person. A process that was erased is not found either.")
}

// uncovered refuses data to a caller whose record does not speak of it: a fault of the program, not of the reader.
func uncovered(what string) error {
	return apperr.New(apperr.Internal, "The record of this access does not cover "+what+".", "")
}
