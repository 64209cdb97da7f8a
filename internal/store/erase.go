package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/assure-portal/portal/internal/apperr"
	"github.com/assure-portal/portal/internal/sqlitedb"
)

// Erase removes a process: snapshots, media, what is listed or kept aside of it, its index row, and what was stated in
// its dossier if no other process of that dossier is held. A tombstone (id, time, basis, and for completeness day and
// status) stays; Save, NoteListed and Refuse obey it. The bytes are overwritten in the files too (secure_delete, then
// the write-ahead logs are emptied). Kinds: apperr.NotFound for a process that the portal does not know, Conflict for
// one erased before.
func (s *Store) Erase(ctx context.Context, processID, basis string, at time.Time) error {
	err := s.portal.InTx(ctx, func(tx *sql.Tx) error {
		if err := refuseErasedAgain(ctx, tx, processID); err != nil {
			return err
		}
		return eraseProcess(ctx, tx, processID, basis, at)
	})
	if err != nil {
		return fmt.Errorf("erase a process: %w", err)
	}
	ctx = context.WithoutCancel(ctx)
	if err := s.catchUp(ctx); err != nil {
		return err
	}
	return s.emptyLogs(ctx)
}

func refuseErasedAgain(ctx context.Context, tx *sql.Tx, processID string) error {
	if err := refuseErased(ctx, tx, processID); apperr.Is(err, apperr.Conflict) {
		return apperr.New(apperr.Conflict, "This process was erased before.", "")
	} else if err != nil {
		return err
	}
	return nil
}

// eraseProcess sets the tombstone first: the triggers of the tables permit nothing before.
func eraseProcess(ctx context.Context, tx *sql.Tx, processID, basis string, at time.Time) error {
	var status, dossier string
	var created int64
	err := tx.QueryRowContext(ctx, `SELECT status, created_at, dossier_id FROM process WHERE process_id = ?1
		UNION ALL SELECT status, created_at, dossier_id FROM listed WHERE process_id = ?1
		UNION ALL SELECT status, created_at, '' FROM refused WHERE process_id = ?1 LIMIT 1`, processID).Scan(&status, &created, &dossier)
	if errors.Is(err, sql.ErrNoRows) {
		return notFound()
	}
	if err != nil {
		return err
	}
	revision, err := nextRevision(ctx, tx)
	if err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, `INSERT INTO tombstone (process_id, erased_at, basis, status, created_at, revision) VALUES (?, ?, ?, ?, ?, ?)`,
		processID, sqlitedb.Millis(at), basis, status, created, revision); err != nil {
		return err
	}
	for _, remove := range []string{
		`DELETE FROM media WHERE process_id = ?`,
		`DELETE FROM snapshot WHERE process_id = ?`,
		`DELETE FROM listed WHERE process_id = ?`,
		`DELETE FROM refused WHERE process_id = ?`,
		`DELETE FROM owed WHERE process_id = ?`,
	} {
		if _, err := tx.ExecContext(ctx, remove, processID); err != nil {
			return err
		}
	}
	return eraseRecord(ctx, tx, processID, dossier)
}

func eraseRecord(ctx context.Context, tx *sql.Tx, processID, dossier string) error {
	result, err := tx.ExecContext(ctx, `DELETE FROM process WHERE process_id = ?`, processID)
	if err != nil {
		return err
	}
	if held, err := changed(result); err != nil {
		return err
	} else if held {
		if _, err := tx.ExecContext(ctx, `UPDATE store_state SET processes = processes - 1 WHERE id = 1`); err != nil {
			return err
		}
	}
	_, err = tx.ExecContext(ctx, `DELETE FROM user_data WHERE dossier_id = ?1 AND NOT EXISTS (SELECT 1 FROM process
		WHERE dossier_id = ?1 AND dossier_id <> '')`, dossier)
	return err
}

// emptyLogs truncates the write-ahead logs, where erased pages would stand for a while. A reader that is busy delays it
// to the next checkpoint; that is no failure of the erasure.
func (s *Store) emptyLogs(ctx context.Context) error {
	x, err := s.acquire()
	if err != nil {
		return err
	}
	defer x.users.Done()
	for _, db := range []*sql.DB{s.portal.Writer, x.db.Writer} {
		if _, err := db.ExecContext(ctx, `PRAGMA wal_checkpoint(TRUNCATE)`); err != nil {
			return fmt.Errorf("empty the write-ahead log: %w", err)
		}
	}
	return nil
}
