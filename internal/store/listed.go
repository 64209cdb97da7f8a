package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/assure-portal/portal/internal/evidence"
	"github.com/assure-portal/portal/internal/sqlitedb"
)

// Listed is one row of Assure's list.
type Listed struct {
	ProcessID, DossierID          string
	ExternalReference, ExternalID string
	Provider, Status              string
	CreatedAt, UpdatedAt          time.Time
}

// listedBatch is how many listed rows one transaction notes, so that a page of 2,000 does not hold the write lock long.
const listedBatch = 200

// NoteListed remembers what Assure listed (envelope, last seen upstream) and returns the rows to fetch: those not held,
// and those whose status or time of update is not the newest held one's. Erased processes are left out. What is
// returned counts as not yet fetched until Save, across restarts. A row that a read has answered is not returned again
// for a difference that this read left: lists and answers of Assure do not always agree.
func (s *Store) NoteListed(ctx context.Context, rows []Listed, at time.Time) ([]Listed, error) {
	var fetch []Listed
	for len(rows) > 0 {
		n := min(len(rows), listedBatch)
		err := s.portal.InTx(ctx, func(tx *sql.Tx) error {
			for _, l := range rows[:n] {
				missing, err := noteListed(ctx, tx, l, at)
				if err != nil {
					return err
				}
				if missing {
					fetch = append(fetch, l)
				}
			}
			return nil
		})
		if err != nil {
			return nil, fmt.Errorf("note what Assure listed: %w", err)
		}
		rows = rows[n:]
	}
	return fetch, s.catchUp(context.WithoutCancel(ctx))
}

func noteListed(ctx context.Context, tx *sql.Tx, l Listed, at time.Time) (missing bool, err error) {
	var erased bool
	if err := tx.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM tombstone WHERE process_id = ?)`, l.ProcessID).Scan(&erased); err != nil || erased {
		return false, err
	}
	held, err := heldRecord(ctx, tx, l.ProcessID)
	if err != nil {
		return false, err
	}
	if held.newest > 0 {
		if err := seeHeld(ctx, tx, held, l, at); err != nil {
			return false, err
		}
		if held.isAsListed(l) {
			_, err := tx.ExecContext(ctx, `DELETE FROM listed WHERE process_id = ?`, l.ProcessID)
			return false, err
		}
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO listed (process_id, dossier_id, external_reference, external_id, provider, status, final,
		created_at, updated_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (process_id) DO UPDATE SET dossier_id = excluded.dossier_id, external_reference = excluded.external_reference,
		external_id = excluded.external_id, provider = excluded.provider, status = excluded.status, final = excluded.final,
		created_at = excluded.created_at, updated_at = excluded.updated_at`,
		l.ProcessID, l.DossierID, l.ExternalReference, l.ExternalID, l.Provider, l.Status, evidence.DescribeStatus(l.Status).Final,
		sqlitedb.Millis(l.CreatedAt), sqlitedb.Millis(l.UpdatedAt))
	return true, err
}

// seeHeld adds to a held process what the list knows of it.
func seeHeld(ctx context.Context, tx *sql.Tx, held record, l Listed, at time.Time) (err error) {
	next := held.with(Envelope{ProcessID: l.ProcessID, DossierID: l.DossierID, ExternalReference: l.ExternalReference,
		ExternalID: l.ExternalID, LastSeenUpstream: at}, at)
	if next.Envelope != held.Envelope {
		if next.revision, err = nextRevision(ctx, tx); err != nil {
			return err
		}
	}
	return writeRecord(ctx, tx, next, false)
}

func (r record) isAsListed(l Listed) bool {
	return r.status == l.Status && r.updated == sqlitedb.Millis(l.UpdatedAt) ||
		r.listedStatus == l.Status && r.listedUpdated == sqlitedb.Millis(l.UpdatedAt)
}

// answerListed takes a process off the list of those not yet fetched. Unless Assure's answer is behind its own list,
// the difference that remains is remembered, so that it is not fetched for again.
func answerListed(ctx context.Context, tx *sql.Tx, r *record) error {
	if _, err := tx.ExecContext(ctx, `DELETE FROM refused WHERE process_id = ?`, r.ProcessID); err != nil {
		return err
	}
	var status string
	var updated int64
	err := tx.QueryRowContext(ctx, `DELETE FROM listed WHERE process_id = ? RETURNING status, updated_at`, r.ProcessID).Scan(&status, &updated)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if r.final || r.status == status {
		r.listedStatus, r.listedUpdated = status, updated
	}
	return err
}

// Unfetched lists rows that NoteListed returned and that are still not held as listed, oldest first.
func (s *Store) Unfetched(ctx context.Context, limit int) (listed []Listed, err error) {
	rows, err := s.portal.Reader.QueryContext(ctx, `SELECT process_id, dossier_id, external_reference, external_id, provider, status,
		created_at, updated_at FROM listed ORDER BY created_at, process_id LIMIT ?`, limit)
	if err != nil {
		return nil, fmt.Errorf("list what is not fetched: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var l Listed
		var created, updated int64
		if err := rows.Scan(&l.ProcessID, &l.DossierID, &l.ExternalReference, &l.ExternalID, &l.Provider, &l.Status, &created, &updated); err != nil {
			return nil, fmt.Errorf("list what is not fetched: %w", err)
		}
		l.CreatedAt, l.UpdatedAt = sqlitedb.Instant(created), sqlitedb.Instant(updated)
		listed = append(listed, l)
	}
	return listed, rows.Err()
}

// Due is a process that should be read again.
type Due struct {
	ProcessID, DossierID string
	Status               string
	Attempts             int
}

// NextDue lists processes whose next read is due, oldest first: not those without a dossier or gone from Assure.
func (s *Store) NextDue(ctx context.Context, now time.Time, limit int) (due []Due, err error) {
	rows, err := s.portal.Reader.QueryContext(ctx, `SELECT process_id, dossier_id, status, attempts FROM process
		WHERE due_at > 0 AND gone_at = 0 AND dossier_id <> '' AND due_at <= ? ORDER BY due_at LIMIT ?`, sqlitedb.Millis(now), limit)
	if err != nil {
		return nil, fmt.Errorf("list what is due: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var d Due
		if err := rows.Scan(&d.ProcessID, &d.DossierID, &d.Status, &d.Attempts); err != nil {
			return nil, fmt.Errorf("list what is due: %w", err)
		}
		due = append(due, d)
	}
	return due, rows.Err()
}

// Postpone sets when a held process is read again (zero: not by itself) and how often that was tried. For one not held it
// does nothing.
func (s *Store) Postpone(ctx context.Context, processID string, attempts int, until time.Time) error {
	_, err := s.portal.Writer.ExecContext(ctx, `UPDATE process SET due_at = ?, attempts = ? WHERE process_id = ?`, sqlitedb.Millis(until), attempts, processID)
	if err != nil {
		return fmt.Errorf("postpone a read: %w", err)
	}
	return nil
}

// MarkGone notes that Assure no longer has the process: it is not polled any more and not missing if it is not held.
// Being listed or read again takes the note back.
func (s *Store) MarkGone(ctx context.Context, processID string, at time.Time) error {
	err := s.portal.InTx(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, `DELETE FROM listed WHERE process_id = ?`, processID); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, `UPDATE process SET gone_at = ? WHERE process_id = ? AND gone_at = 0`, sqlitedb.Millis(at), processID)
		return err
	})
	if err != nil {
		return fmt.Errorf("note that a process is gone: %w", err)
	}
	return nil
}

// Refuse keeps aside an answer that was not one process, with the reason, for completeness; it is never shown or parsed.
// Of several for one process the newest is kept, so that an upstream that always fails does not fill the disk.
func (s *Store) Refuse(ctx context.Context, l Listed, reason string, body []byte, at time.Time) error {
	err := s.portal.InTx(ctx, func(tx *sql.Tx) error {
		if err := refuseErased(ctx, tx, l.ProcessID); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, `INSERT INTO refused (process_id, status, created_at, refused_at, reason, body)
			VALUES (?, ?, ?, ?, ?, coalesce(?, x'')) ON CONFLICT (process_id) DO UPDATE SET status = excluded.status, created_at = excluded.created_at,
			refused_at = excluded.refused_at, reason = excluded.reason, body = excluded.body`,
			l.ProcessID, l.Status, sqlitedb.Millis(l.CreatedAt), sqlitedb.Millis(at), reason, body)
		return err
	})
	if err != nil {
		return fmt.Errorf("keep a refused answer aside: %w", err)
	}
	return nil
}
