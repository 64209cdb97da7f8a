package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/RoaringBitmap/roaring/v2"

	"github.com/assure-portal/portal/internal/audit"
	"github.com/assure-portal/portal/internal/evidence"
)

// Row is one line of a result list.
type Row struct {
	Head
	Person         evidence.Person
	Counts         evidence.Counts
	Findings       []string // codes, worst first
	WorstSeverity  evidence.Severity
	WorstText      string
	HasFinalResult bool
}

// ExportRow is one line of /processes.csv with the final result values.
type ExportRow struct {
	Row
	Fields map[string]string // by finalResult name
}

// Rows returns the lines of ids in that order; one that was erased meanwhile is left out. The receipt must list every
// id as shown.
func (s *Store) Rows(ctx context.Context, r audit.Receipt, ids []string) ([]Row, error) {
	if !r.CoversShown(ctx, ids) {
		return nil, uncovered("every process of this list")
	}
	x, err := s.acquire()
	if err != nil {
		return nil, err
	}
	defer x.users.Done()
	lines, err := s.lines(ctx, x, ids)
	if err != nil {
		return nil, fmt.Errorf("read the lines of a list: %w", err)
	}
	rows := make([]Row, 0, len(lines))
	for _, l := range lines {
		rows = append(rows, l.Row)
	}
	return rows, nil
}

// exportOrder gives the index rows of all that a query finds: four bytes each, however many they are.
func (s *Store) exportOrder(ctx context.Context, x *index, q Query) ([]uint32, error) {
	if err := q.checkBounds(); err != nil {
		return nil, err
	}
	if err := s.restate(ctx, x); err != nil {
		return nil, err
	}
	c, err := x.candidates(ctx, q)
	if err != nil {
		return nil, err
	}
	m := x.memory
	m.mu.RLock()
	defer m.mu.RUnlock()
	if err := q.check(m); err != nil {
		return nil, err
	}
	return m.newestFirst(m.match(q, &c, s.now()).set), nil
}

func (m *memory) newestFirst(set *roaring.Bitmap) []uint32 {
	rows := make([]uint32, 0, set.GetCardinality())
	rankOf := candidates{}.order(Query{}, m)
	days := m.created.shelves(set, createdOf)
	for i := range days.n {
		day := days.rows(i).ToArray()
		slices.SortFunc(day, func(a, b uint32) int { return order(rankOf(a), rankOf(b)) })
		rows = append(rows, day...)
	}
	return rows
}

// ids gives the processes of rows; a row that was erased meanwhile has none.
func (m *memory) ids(rows []uint32) []string {
	return slices.DeleteFunc(m.idsOf(rows), func(id string) bool { return id == "" })
}

// idsOf gives the process of each row, empty for one that was erased meanwhile.
func (m *memory) idsOf(rows []uint32) []string {
	m.mu.RLock()
	defer m.mu.RUnlock()
	ids := make([]string, len(rows))
	for i, row := range rows {
		if m.all.Contains(row) {
			ids[i] = m.id(row).String()
		}
	}
	return ids
}

// lines joins the newest heads with what the index says, in the order of ids.
func (s *Store) lines(ctx context.Context, x *index, ids []string) ([]ExportRow, error) {
	heads, err := s.newestHeads(ctx, ids)
	if err != nil {
		return nil, err
	}
	entries, err := x.entries(ctx, ids)
	if err != nil {
		return nil, err
	}
	lines := make([]ExportRow, 0, len(ids))
	for _, id := range ids {
		head, held := heads[id]
		e, indexed := entries[id]
		if !held || !indexed {
			continue
		}
		lines = append(lines, e.exportRow(head))
	}
	return lines, nil
}

func (x *index) entries(ctx context.Context, ids []string) (map[string]entry, error) {
	list, err := json.Marshal(ids)
	if err != nil {
		return nil, err
	}
	rows, err := x.db.Reader.QueryContext(ctx, `SELECT e.row, e.process_id, e.version, e.mapping_version, e.created_at, e.updated_at, e.provider,
		e.process_type, e.status, e.way_in, e.nationality, e.country, e.relations, e.findings, e.severity, e.restate_on, '', '', e.line
		FROM json_each(?) j CROSS JOIN entry e ON e.process_id = j.value`, string(list))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	entries := make(map[string]entry, len(ids))
	for rows.Next() {
		_, e, err := scanEntry(rows.Scan)
		if err != nil {
			return nil, err
		}
		entries[e.processID] = e
	}
	return entries, rows.Err()
}

// idsOf reads a query of one text column whole and closes it, so that another can be asked on the same pool.
func idsOf(rows *sql.Rows, err error) (ids []string, _ error) {
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			return nil, err
		}
		ids = append(ids, id)
	}
	return ids, rows.Err()
}
