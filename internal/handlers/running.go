package handlers

import (
	"maps"
	"sync"
)

// running counts the rows that each export of processes under way has given so far, by the number of the record of its beginning.
// Safe for concurrent use.
type running struct {
	mu   sync.Mutex
	rows map[int64]int64
}

func newRunning() *running { return &running{rows: map[int64]int64{}} }

func (r *running) set(seq, rows int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.rows[seq] = rows
}

func (r *running) end(seq int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.rows, seq)
}

// all is a copy: rows by record.
func (r *running) all() map[int64]int64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	return maps.Clone(r.rows)
}
