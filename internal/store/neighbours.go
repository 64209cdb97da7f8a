package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// Neighbours is where a process stands in the list of a search, and between whom: ids and counts only.
type Neighbours struct {
	Number     int // from 1
	Total      int
	More       bool   // Total is the bound 10000 and there are more
	Prev, Next string // process ids; empty at either end of the list
}

// Neighbours finds a process in the list of a query, whatever the query's cursors. found is false if the list does not have it,
// or has it no more. Errors as Search.
func (s *Store) Neighbours(ctx context.Context, q Query, processID string) (n Neighbours, found bool, err error) {
	q.After, q.Before = "", ""
	if err := q.checkBounds(); err != nil {
		return n, false, err
	}
	x, err := s.acquire()
	if err != nil {
		return n, false, err
	}
	defer x.users.Done()
	if err := s.restate(ctx, x); err != nil {
		return n, false, fmt.Errorf("find the neighbours: %w", err)
	}
	c, err := x.candidates(ctx, q)
	if err != nil {
		return n, false, fmt.Errorf("find the neighbours: %w", err)
	}
	row, err := x.rowOf(ctx, processID)
	if errors.Is(err, sql.ErrNoRows) {
		return n, false, nil
	}
	if err != nil {
		return n, false, fmt.Errorf("find the neighbours: %w", err)
	}
	m := x.memory
	m.mu.RLock()
	defer m.mu.RUnlock()
	if err := q.check(m); err != nil {
		return n, false, err
	}
	set := m.match(q, &c, s.now()).set
	if !set.Contains(row) || m.id(row).String() != processID { // erased meanwhile, perhaps
		return n, false, nil
	}
	n = c.shelves(q, m, set).neighbours(c.order(q, m), row)
	n.Total, n.More = total(set)
	return n, true, nil
}

func (x *index) rowOf(ctx context.Context, processID string) (row uint32, err error) {
	err = x.db.Reader.QueryRowContext(ctx, `SELECT row FROM entry WHERE process_id = ?`, processID).Scan(&row)
	return row, err
}

func (s shelves) neighbours(rankOf func(row uint32) rank, row uint32) (n Neighbours) {
	at := rankOf(row)
	n.Number = s.before(rankOf, at) + 1
	if earlier := s.page(rankOf, place{at: at, set: true, before: true}).keys; len(earlier) > 0 {
		n.Prev = earlier[len(earlier)-1].id.String()
	}
	if later := s.page(rankOf, place{at: at, set: true}).keys; len(later) > 0 {
		n.Next = later[0].id.String()
	}
	return n
}
