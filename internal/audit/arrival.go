package audit

import (
	"context"
	"fmt"
)

// Arrival finds the record that tells of the arrival of a version: process.fetch or process.import, ok, with this process,
// version and hash in its leaf. It gives -1 if there is none. A number is nothing personal, so it needs no receipt.
func (t *Trail) Arrival(ctx context.Context, p Process) (seq int64, err error) {
	rows, err := t.db.Load().Reader.QueryContext(ctx, `SELECT e.seq, e.leaf FROM fact f JOIN entry e ON e.seq = f.seq
		WHERE f.process_id = ? AND f.process_id <> '' AND f.action IN (?, ?) AND f.outcome = ? ORDER BY f.seq`, p.ID, ProcessFetch, ProcessImport, OK)
	if err != nil {
		return -1, fmt.Errorf("find the record of an arrival: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var raw []byte
		if err := rows.Scan(&seq, &raw); err != nil {
			return -1, fmt.Errorf("find the record of an arrival: %w", err)
		}
		l, err := parseLeaf(raw)
		if err != nil {
			return -1, fmt.Errorf("find the record of an arrival: %w", err)
		}
		if of := l.process(); of.ID == p.ID && of.Version == p.Version && of.SHA256 == p.SHA256 {
			return seq, nil
		}
	}
	return -1, rows.Err()
}
