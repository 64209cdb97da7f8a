package handlers

import "sync"

// running counts the rows that each export of processes under way has given so far, by the number of the record of its beginning.
// Safe for concurrent use.
type running struct {
	mu      sync.Mutex
	exports map[int64]soFar
}

// soFar is how far an export of a session is.
type soFar struct {
	session string
	rows    int64
}

func newRunning() *running { return &running{exports: map[int64]soFar{}} }

func (r *running) set(seq int64, session string, rows int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.exports[seq] = soFar{session, rows}
}

func (r *running) end(seq int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.exports, seq)
}

// all is a copy: rows by record.
func (r *running) all() map[int64]int64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	rows := map[int64]int64{}
	for seq, x := range r.exports {
		rows[seq] = x.rows
	}
	return rows
}

// of is how many exports of a session are under way, and the rows of all of them.
func (r *running) of(session string) (exports int, rows int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, x := range r.exports {
		if x.session == session {
			exports++
			rows += x.rows
		}
	}
	return exports, rows
}
