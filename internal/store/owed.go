package store

import (
	"context"
	"fmt"
)

// Owe notes that what belongs to a process beside its body is still to be read, across restarts, until Settle.
func (s *Store) Owe(ctx context.Context, processID string) error {
	if _, err := s.portal.Writer.ExecContext(ctx, `INSERT INTO owed (process_id) VALUES (?) ON CONFLICT DO NOTHING`, processID); err != nil {
		return fmt.Errorf("note what is owed: %w", err)
	}
	return nil
}

// Settle notes that everything that belongs to a process was read, or will never come.
func (s *Store) Settle(ctx context.Context, processID string) error {
	if _, err := s.portal.Writer.ExecContext(ctx, `DELETE FROM owed WHERE process_id = ?`, processID); err != nil {
		return fmt.Errorf("settle what is owed: %w", err)
	}
	return nil
}

// Owed lists processes that were noted by Owe and are not settled, in the order of their ids, after the given one.
func (s *Store) Owed(ctx context.Context, after string, limit int) ([]string, error) {
	ids, err := idsOf(s.portal.Reader.QueryContext(ctx, `SELECT process_id FROM owed WHERE process_id > ? ORDER BY process_id LIMIT ?`, after, limit))
	if err != nil {
		return nil, fmt.Errorf("list what is owed: %w", err)
	}
	return ids, nil
}
