package store

import (
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"github.com/assure-portal/portal/internal/apperr"
	"github.com/assure-portal/portal/internal/audit"
	"github.com/assure-portal/portal/internal/evidence"
	"github.com/assure-portal/portal/internal/sqlitedb"
)

// Saved says what Save did.
type Saved struct {
	Changed        bool // a new version was made
	Version        int
	SHA256         string
	PreviousStatus string // empty for a process that was not held
	Status         string
}

// record is a row of process together with the hash of its newest snapshot.
type record struct {
	Envelope
	firstSeen, lastSeen, gone int64
	newest                    int
	status                    string
	final                     bool
	created, updated          int64
	due                       int64
	attempts                  int
	listedStatus              string
	listedUpdated             int64
	revision                  int64
	sha256                    []byte
}

// Save keeps body as a new version if its bytes differ from the newest, else only moves last seen upstream. An empty
// e.ProcessID is taken from the body. Empty strings of e never replace what is known, and the first way in stays.
// A process that is not final is due again at receivedAt until Postpone says otherwise, a new version of a final one once
// more after a day, unless it was older than that when it was received. When the snapshot is kept but
// the index cannot follow, Save returns both the result and the error; the index catches up with the next change or start.
// Errors: apperr.Unprocessable for a body that is not one process (nothing is kept), apperr.Conflict for a tombstone.
func (s *Store) Save(ctx context.Context, e Envelope, body []byte, receivedAt time.Time) (Saved, error) {
	a, err := readAnswer(body)
	if err != nil {
		return Saved{}, err
	}
	if e.ProcessID == "" {
		e.ProcessID = a.processID
	}
	if e.ProcessID != a.processID {
		return Saved{}, notOneProcess("it is about another process than the one asked for")
	}
	var saved Saved
	err = s.together(ctx, func(ctx context.Context, tx *sql.Tx) (err error) {
		saved, err = saveAnswer(ctx, tx, e, a, body, receivedAt)
		return err
	})
	if err != nil {
		return Saved{}, fmt.Errorf("save a snapshot: %w", err)
	}
	return saved, s.catchUp(context.WithoutCancel(ctx))
}

func saveAnswer(ctx context.Context, tx *sql.Tx, e Envelope, a answer, body []byte, at time.Time) (Saved, error) {
	if err := refuseErased(ctx, tx, e.ProcessID); err != nil {
		return Saved{}, err
	}
	held, err := heldRecord(ctx, tx, e.ProcessID)
	if err != nil {
		return Saved{}, err
	}
	sum := sha256.Sum256(body)
	next := held.with(e, at)
	differs := !bytes.Equal(held.sha256, sum[:])
	if differs {
		next.take(a, at)
	}
	if err := answerListed(ctx, tx, &next); err != nil {
		return Saved{}, err
	}
	if differs || next.Envelope != held.Envelope {
		if next.revision, err = nextRevision(ctx, tx); err != nil {
			return Saved{}, err
		}
	}
	if err := writeRecord(ctx, tx, next, held.newest == 0); err != nil {
		return Saved{}, err
	}
	if differs {
		err = insertSnapshot(ctx, tx, next, a, sum[:], body, at)
	}
	return Saved{Changed: differs, Version: next.newest, SHA256: hex.EncodeToString(sum[:]), PreviousStatus: held.status, Status: next.status}, err
}

// with adds what an envelope knows.
func (r record) with(e Envelope, at time.Time) record {
	if r.newest == 0 {
		r.WayIn, r.ImportedBy, r.firstSeen = e.WayIn, e.ImportedBy, sqlitedb.Millis(at)
	}
	r.ProcessID = e.ProcessID
	for _, field := range []struct {
		have  *string
		comes string
	}{{&r.DossierID, e.DossierID}, {&r.ExternalReference, e.ExternalReference}, {&r.ExternalID, e.ExternalID}} {
		if field.comes != "" {
			*field.have = field.comes
		}
	}
	if seen := sqlitedb.Millis(e.LastSeenUpstream); seen > r.lastSeen {
		r.lastSeen, r.gone = seen, 0
	}
	return r
}

// take makes an answer the newest.
func (r *record) take(a answer, at time.Time) {
	r.newest++
	r.status, r.final, r.created, r.updated = a.status, a.final(), a.created, a.updated
	r.due, r.attempts = sqlitedb.Millis(at), 0
	if r.final {
		r.due = rereadAt(at, sqlitedb.Instant(a.updated))
	}
}

// rereadAfter is when a finished process is read once more: details of a provider may come late.
const rereadAfter = 24 * time.Hour

// rereadAt is never (0) for a process that had finished so long before it was read.
func rereadAt(at, updated time.Time) int64 {
	if at.Sub(updated) >= rereadAfter {
		return 0
	}
	return sqlitedb.Millis(at.Add(rereadAfter))
}

// refuseErased keeps an erased process out.
func refuseErased(ctx context.Context, tx *sql.Tx, processID string) error {
	var erased int
	err := tx.QueryRowContext(ctx, `SELECT 1 FROM tombstone WHERE process_id = ?`, processID).Scan(&erased)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err != nil {
		return err
	}
	return apperr.New(apperr.Conflict, "This process was erased; the portal does not take it in again.", "")
}

// heldRecord is the zero record for a process that is not held.
func heldRecord(ctx context.Context, tx *sql.Tx, processID string) (r record, err error) {
	err = tx.QueryRowContext(ctx, `SELECT p.process_id, p.dossier_id, p.external_reference, p.external_id, p.way_in, p.imported_by,
		p.first_seen_at, p.last_seen_at, p.gone_at, p.newest, p.status, p.final, p.created_at, p.updated_at, p.due_at, p.attempts,
		p.listed_status, p.listed_updated_at, p.revision, s.sha256
		FROM process p JOIN snapshot s ON s.process_id = p.process_id AND s.version = p.newest WHERE p.process_id = ?`, processID).
		Scan(&r.ProcessID, &r.DossierID, &r.ExternalReference, &r.ExternalID, &r.WayIn, &r.ImportedBy,
			&r.firstSeen, &r.lastSeen, &r.gone, &r.newest, &r.status, &r.final, &r.created, &r.updated, &r.due, &r.attempts,
			&r.listedStatus, &r.listedUpdated, &r.revision, &r.sha256)
	if errors.Is(err, sql.ErrNoRows) {
		return record{}, nil
	}
	return r, err
}

func writeRecord(ctx context.Context, tx *sql.Tx, r record, isNew bool) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO process (process_id, dossier_id, external_reference, external_id, way_in, imported_by,
		first_seen_at, last_seen_at, gone_at, newest, status, final, created_at, updated_at, due_at, attempts, listed_status,
		listed_updated_at, revision) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (process_id) DO UPDATE SET dossier_id = excluded.dossier_id, external_reference = excluded.external_reference,
		external_id = excluded.external_id, last_seen_at = excluded.last_seen_at, gone_at = excluded.gone_at, newest = excluded.newest,
		status = excluded.status, final = excluded.final, created_at = excluded.created_at, updated_at = excluded.updated_at,
		due_at = excluded.due_at, attempts = excluded.attempts, listed_status = excluded.listed_status,
		listed_updated_at = excluded.listed_updated_at, revision = excluded.revision,
		newest_seq = CASE WHEN newest = excluded.newest THEN newest_seq ELSE -1 END`,
		r.ProcessID, r.DossierID, r.ExternalReference, r.ExternalID, r.WayIn, r.ImportedBy, r.firstSeen, r.lastSeen, r.gone, r.newest,
		r.status, r.final, r.created, r.updated, r.due, r.attempts, r.listedStatus, r.listedUpdated, r.revision)
	if err != nil || !isNew {
		return err
	}
	_, err = tx.ExecContext(ctx, `UPDATE store_state SET processes = processes + 1 WHERE id = 1`)
	return err
}

func insertSnapshot(ctx context.Context, tx *sql.Tx, r record, a answer, sum, body []byte, at time.Time) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO snapshot (process_id, version, sha256, received_at, provider, process_type, status,
		created_at, updated_at, body) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`, r.ProcessID, r.newest, sum, sqlitedb.Millis(at), a.provider,
		a.processType, a.status, a.created, a.updated, body)
	return err
}

// SetFetchRecord ties a version to the record that tells of its arrival. Kind apperr.Conflict if it has one already.
func (s *Store) SetFetchRecord(ctx context.Context, processID string, version int, seq int64) error {
	var ok bool
	err := s.portal.InTx(ctx, func(tx *sql.Tx) error {
		result, err := tx.ExecContext(ctx, `UPDATE snapshot SET fetch_seq = ? WHERE process_id = ? AND version = ? AND fetch_seq = -1`,
			seq, processID, version)
		if err != nil {
			return err
		}
		if ok, err = changed(result); err != nil || !ok {
			return err
		}
		_, err = tx.ExecContext(ctx, `UPDATE process SET newest_seq = ? WHERE process_id = ? AND newest = ?`, seq, processID, version)
		return err
	})
	if err != nil {
		return fmt.Errorf("tie a snapshot to its record: %w", err)
	}
	if ok {
		return nil
	}
	if _, err := s.Head(ctx, processID, version); err != nil {
		return err
	}
	return apperr.New(apperr.Conflict, "The arrival of this version is recorded already.", "")
}

// SaveUserData keeps what the customer stated in a dossier as a snapshot of its own, a new version if its bytes differ
// from the newest. Kind apperr.NotFound when no process of that dossier is held or listed, so that nothing is kept of an erased one.
func (s *Store) SaveUserData(ctx context.Context, dossierID string, body []byte, receivedAt time.Time) (changed bool, err error) {
	err = s.portal.InTx(ctx, func(tx *sql.Tx) error {
		changed, err = saveUserData(ctx, tx, dossierID, body, receivedAt)
		return err
	})
	if err != nil {
		return false, fmt.Errorf("save what was stated: %w", err)
	}
	return changed, s.catchUp(context.WithoutCancel(ctx))
}

func saveUserData(ctx context.Context, tx *sql.Tx, dossierID string, body []byte, at time.Time) (bool, error) {
	var known bool
	var version int
	var newest []byte
	err := tx.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM process WHERE dossier_id = ?1 AND dossier_id <> '')
		OR EXISTS (SELECT 1 FROM listed WHERE dossier_id = ?1 AND dossier_id <> '')`, dossierID).Scan(&known)
	if err != nil {
		return false, err
	}
	if !known {
		return false, notFound()
	}
	err = tx.QueryRowContext(ctx, `SELECT version, sha256 FROM user_data WHERE dossier_id = ? ORDER BY version DESC LIMIT 1`, dossierID).
		Scan(&version, &newest)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return false, err
	}
	sum := sha256.Sum256(body)
	if bytes.Equal(newest, sum[:]) {
		return false, nil
	}
	if _, err := tx.ExecContext(ctx, `INSERT INTO user_data (dossier_id, version, sha256, received_at, body) VALUES (?, ?, ?, ?, ?)`,
		dossierID, version+1, sum[:], sqlitedb.Millis(at), body); err != nil {
		return false, err
	}
	revision, err := nextRevision(ctx, tx)
	if err != nil {
		return false, err
	}
	_, err = tx.ExecContext(ctx, `UPDATE process SET revision = ? WHERE dossier_id = ? AND dossier_id <> ''`, revision, dossierID)
	return true, err
}

// Body returns the exact bytes received; version 0 is the newest. The receipt must cover the process and version, and say that raw was
// shown.
func (s *Store) Body(ctx context.Context, r audit.Receipt, processID string, version int) ([]byte, error) {
	if !r.CoversClass(string(evidence.Raw)) {
		return nil, uncovered("the bytes as received")
	}
	in, _, err := s.input(ctx, r, processID, version)
	return in.Body, err
}

// Report reads the version's evidence as of now, beside what the customer is now known to have stated, what earlier versions stated and
// what other processes state now.
// The receipt must cover the process and version; version 0 is the newest.
func (s *Store) Report(ctx context.Context, r audit.Receipt, processID string, version int) (evidence.Report, error) {
	in, _, err := s.input(ctx, r, processID, version)
	if err != nil {
		return evidence.Report{}, err
	}
	return s.withOthers(ctx, processID, evidence.Read(in))
}

func (s *Store) input(ctx context.Context, r audit.Receipt, processID string, version int) (evidence.Input, Head, error) {
	head, err := s.Head(ctx, processID, version)
	if err != nil {
		return evidence.Input{}, Head{}, err
	}
	if !r.CoversProcess(ctx, processID, head.Version) {
		return evidence.Input{}, Head{}, uncovered("this version of the process")
	}
	all, err := s.statuses(ctx, []string{processID})
	if err != nil {
		return evidence.Input{}, Head{}, err
	}
	in := evidence.Input{Now: s.now().UTC(), Earlier: statusesBefore(all[processID], head.Version)}
	err = s.portal.Reader.QueryRowContext(ctx, `SELECT s.body,
		(SELECT u.body FROM user_data u WHERE u.dossier_id = ? ORDER BY u.version DESC LIMIT 1)
		FROM snapshot s WHERE s.process_id = ? AND s.version = ?`, head.DossierID, processID, head.Version).Scan(&in.Body, &in.UserData)
	if errors.Is(err, sql.ErrNoRows) { // erased a moment ago
		err = notFound()
	}
	return in, head, err
}
