package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"time"

	"github.com/assure-portal/portal/internal/apperr"
	"github.com/assure-portal/portal/internal/sqlitedb"
)

// Backlog counts what is known of and not brought in, and what cannot be.
type Backlog struct {
	Unread  int // listed and not held as listed
	Owed    int // held and not gone, and its attachments or what was stated are still to be read
	Due     int // to be read again by now
	Gone    int // held, and gone from Assure
	Refused []Refused
}

// Refused is how many processes have an answer that was not one process as their newest, and why it was none.
type Refused struct {
	Reason string
	Count  int
}

// Backlog counts what is still to be done.
func (s *Store) Backlog(ctx context.Context) (b Backlog, err error) {
	err = s.portal.Reader.QueryRowContext(ctx, `SELECT (SELECT count(*) FROM listed),
		(SELECT count(*) FROM owed WHERE NOT EXISTS (SELECT 1 FROM process p WHERE p.process_id = owed.process_id AND p.gone_at > 0)),
		(SELECT count(*) FROM process WHERE due_at > 0 AND due_at <= ? AND gone_at = 0 AND dossier_id <> ''),
		(SELECT count(*) FROM process WHERE gone_at > kept_at)`, sqlitedb.Millis(s.now())).Scan(&b.Unread, &b.Owed, &b.Due, &b.Gone)
	if err != nil {
		return Backlog{}, fmt.Errorf("count the backlog: %w", err)
	}
	rows, err := s.portal.Reader.QueryContext(ctx, `SELECT reason, count(*) FROM refused GROUP BY reason ORDER BY count(*) DESC, reason`)
	if err != nil {
		return Backlog{}, fmt.Errorf("count refused answers: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var r Refused
		if err := rows.Scan(&r.Reason, &r.Count); err != nil {
			return Backlog{}, fmt.Errorf("count refused answers: %w", err)
		}
		b.Refused = append(b.Refused, r)
	}
	return b, rows.Err()
}

// Gone is a held process that Assure no longer has.
type Gone struct {
	ProcessID, Status string
	LastSeen          time.Time // at Assure; zero: never, it was imported
	FoundAt           time.Time // when Assure was first found not to have it
}

// Gone lists held processes that Assure no longer has and of which nobody decided yet whether to keep them, those found last
// first. What is to be erased is erased by Erase.
func (s *Store) Gone(ctx context.Context, limit int) (gone []Gone, err error) {
	rows, err := s.portal.Reader.QueryContext(ctx, `SELECT process_id, status, last_seen_at, gone_at FROM process WHERE gone_at > kept_at
		ORDER BY gone_at DESC LIMIT ?`, limit)
	if err != nil {
		return nil, fmt.Errorf("list what is gone: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var g Gone
		var seen, found int64
		if err := rows.Scan(&g.ProcessID, &g.Status, &seen, &found); err != nil {
			return nil, fmt.Errorf("list what is gone: %w", err)
		}
		g.LastSeen, g.FoundAt = sqlitedb.Instant(seen), sqlitedb.Instant(found)
		gone = append(gone, g)
	}
	return gone, rows.Err()
}

// KeepGone decides that a process that Assure no longer has is kept. Kind apperr.Conflict when there is nothing to decide.
func (s *Store) KeepGone(ctx context.Context, processID string, at time.Time) error {
	var n int64
	err := s.portal.InTx(ctx, func(tx *sql.Tx) error {
		done, err := tx.ExecContext(ctx, `UPDATE process SET kept_at = max(?, gone_at) WHERE process_id = ? AND gone_at > kept_at`, sqlitedb.Millis(at), processID)
		if err != nil {
			return err
		}
		n, err = done.RowsAffected()
		return err
	})
	if err != nil {
		return fmt.Errorf("decide to keep a process: %w", err)
	}
	if n == 0 {
		return apperr.New(apperr.Conflict, "There is nothing to decide about this process.", "Assure has it, or somebody decided already.")
	}
	return nil
}

// Unseen lists held processes created since a time that were not seen at Assure since another, oldest first: not those
// without a dossier or known to be gone.
func (s *Store) Unseen(ctx context.Context, created, seen time.Time, limit int) ([]string, error) {
	ids, err := idsOf(s.portal.Reader.QueryContext(ctx, `SELECT process_id FROM process WHERE created_at >= ? AND last_seen_at < ?
		AND gone_at = 0 AND dossier_id <> '' ORDER BY created_at, process_id LIMIT ?`, sqlitedb.Millis(created), sqlitedb.Millis(seen), limit))
	if err != nil {
		return nil, fmt.Errorf("list what was not seen: %w", err)
	}
	return ids, nil
}

// Strangers gives those of ids that the portal knows nothing of: neither held, nor listed, nor erased.
func (s *Store) Strangers(ctx context.Context, ids []string) ([]string, error) {
	list, err := json.Marshal(ids)
	if err != nil {
		return nil, err
	}
	unknown, err := idsOf(s.portal.Reader.QueryContext(ctx, `SELECT j.value FROM json_each(?) j
		WHERE NOT EXISTS (SELECT 1 FROM process WHERE process_id = j.value) AND NOT EXISTS (SELECT 1 FROM listed WHERE process_id = j.value)
		AND NOT EXISTS (SELECT 1 FROM tombstone WHERE process_id = j.value)`, string(list)))
	if err != nil {
		return nil, fmt.Errorf("look for unknown processes: %w", err)
	}
	return unknown, nil
}

// RefusedFor gives why the newest answer for a process was refused; empty if it was not.
func (s *Store) RefusedFor(ctx context.Context, processID string) (reason string, err error) {
	err = s.portal.Reader.QueryRowContext(ctx, `SELECT coalesce((SELECT reason FROM refused WHERE process_id = ?), '')`, processID).Scan(&reason)
	if err != nil {
		return "", fmt.Errorf("look for a refused answer: %w", err)
	}
	return reason, nil
}
