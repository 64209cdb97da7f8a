package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
)

// Owe notes the parts of a process, beside its body, that are still to be read, across restarts, until PaidOff or Settle.
// Without parts it notes that they are not known. Names have no spaces.
func (s *Store) Owe(ctx context.Context, processID string, parts ...string) error {
	if _, err := s.portal.Writer.ExecContext(ctx, `INSERT INTO owed (process_id, parts) VALUES (?, ?)
		ON CONFLICT (process_id) DO UPDATE SET parts = excluded.parts`, processID, strings.Join(parts, " ")); err != nil {
		return fmt.Errorf("note what is owed: %w", err)
	}
	return nil
}

// PaidOff notes that of the parts that were owed before only those left still are. It does nothing where something else is
// owed by now: another read found a new version meanwhile.
func (s *Store) PaidOff(ctx context.Context, processID string, before, left []string) error {
	old, rest := strings.Join(before, " "), strings.Join(left, " ")
	var err error
	if rest == "" {
		_, err = s.portal.Writer.ExecContext(ctx, `DELETE FROM owed WHERE process_id = ? AND parts = ?`, processID, old)
	} else {
		_, err = s.portal.Writer.ExecContext(ctx, `UPDATE owed SET parts = ? WHERE process_id = ? AND parts = ?`, rest, processID, old)
	}
	if err != nil {
		return fmt.Errorf("note what is owed no more: %w", err)
	}
	return nil
}

// OwedParts gives the parts of a process that are still to be read; none where they are not known or nothing is owed.
func (s *Store) OwedParts(ctx context.Context, processID string) ([]string, error) {
	var parts string
	err := s.portal.Reader.QueryRowContext(ctx, `SELECT parts FROM owed WHERE process_id = ?`, processID).Scan(&parts)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return nil, fmt.Errorf("read what is owed: %w", err)
	}
	return strings.Fields(parts), nil
}

// Settle notes that everything that belongs to a process was read, or will never come.
func (s *Store) Settle(ctx context.Context, processID string) error {
	if _, err := s.portal.Writer.ExecContext(ctx, `DELETE FROM owed WHERE process_id = ?`, processID); err != nil {
		return fmt.Errorf("settle what is owed: %w", err)
	}
	return nil
}

// Owed lists processes that are noted as owed something, in the order of their ids, after the given one: not those that are
// gone from Assure, unless they come back.
func (s *Store) Owed(ctx context.Context, after string, limit int) ([]string, error) {
	ids, err := idsOf(s.portal.Reader.QueryContext(ctx, `SELECT process_id FROM owed WHERE process_id > ?
		AND NOT EXISTS (SELECT 1 FROM process p WHERE p.process_id = owed.process_id AND p.gone_at > 0) ORDER BY process_id LIMIT ?`, after, limit))
	if err != nil {
		return nil, fmt.Errorf("list what is owed: %w", err)
	}
	return ids, nil
}

// SetExternalID adds the provider's own id to a process that is held. For one not held it does nothing.
func (s *Store) SetExternalID(ctx context.Context, processID, externalID string) error {
	err := s.together(ctx, func(ctx context.Context, tx *sql.Tx) error {
		held, err := heldRecord(ctx, tx, processID)
		if err != nil || held.newest == 0 || held.ExternalID == externalID {
			return err
		}
		held.ExternalID = externalID
		if held.revision, err = nextRevision(ctx, tx); err != nil {
			return err
		}
		return writeRecord(ctx, tx, held, false)
	})
	if err != nil {
		return fmt.Errorf("add the provider's id: %w", err)
	}
	return s.catchUp(context.WithoutCancel(ctx))
}
