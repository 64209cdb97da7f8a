package audit

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"slices"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/assure-portal/portal/internal/sqlitedb"
)

// database verifies an audit.db, at rest or beside a running portal.
func (v *inspection) database(ctx context.Context, path string) error {
	db, err := sqlitedb.OpenReadOnly(ctx, path)
	if err != nil {
		return err
	}
	defer db.Close()
	w := &walk{inspection: v, db: db}
	if err := w.extent(ctx); err != nil {
		return err
	}
	if err := w.readCheckpoints(ctx); err != nil {
		return err
	}
	if err := w.to(ctx, w.end); err != nil {
		return err
	}
	if err := w.catchUp(ctx); err != nil {
		return err
	}
	if err := w.compareLists(ctx); err != nil {
		return err
	}
	w.finishDatabase()
	return nil
}

// walk goes through the records of a file in order.
type walk struct {
	*inspection
	db          *sqlitedb.DB
	end         int64 // records, whether counted by leaves or by hashes
	checkpoints []signed
	good        int64 // size of the newest checkpoint that matched
	broken      bool  // a hash is missing, so the tree cannot grow on
	lists       uint64
	settled     int64 // records that an earlier look of the portal itself has settled
}

// extent finds how far the file goes. A running portal may go on adding; what comes after is not looked at.
func (w *walk) extent(ctx context.Context) error {
	var leaves, hashes, before int64
	err := w.db.Reader.QueryRowContext(ctx, `SELECT coalesce((SELECT max(seq) + 1 FROM entry), 0), coalesce((SELECT max(idx) + 1 FROM node), 0),
		(SELECT count(*) FROM entry WHERE seq < 0)`).Scan(&leaves, &hashes, &before)
	if err != nil {
		return err
	}
	if before > 0 {
		w.note(exitGap, -1, "%d records stand before record 0", before)
	}
	w.end = max(leaves, recordsOf(hashes))
	if leaves < w.end {
		w.note(exitGap, leaves, "record %d is missing", leaves)
	}
	if want := tlog.StoredHashCount(w.end); hashes != want {
		w.note(exitMismatch, -1, "%d hashes are stored for %d records, which need %d", hashes, w.end, want)
	}
	return nil
}

// recordsOf is how many records at least have stored hashes.
func recordsOf(hashes int64) int64 {
	if hashes == 0 {
		return 0
	}
	level, n := tlog.SplitStoredHashIndex(hashes - 1)
	return (n + 1) << level
}

func (w *walk) readCheckpoints(ctx context.Context) error {
	rows, err := w.db.Reader.QueryContext(ctx, "SELECT size, note FROM checkpoint ORDER BY size")
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var size int64
		var text string
		if err := rows.Scan(&size, &text); err != nil {
			return err
		}
		c, err := w.checkpoint(text, fmt.Sprintf("the checkpoint of size %d", size))
		if err != nil || c.size != size {
			w.note(exitMismatch, -1, "the checkpoint stored for size %d is another", size)
			continue
		}
		w.checkpoints = append(w.checkpoints, c)
	}
	return rows.Err()
}

// to walks on until the tree has end records.
func (w *walk) to(ctx context.Context, end int64) error {
	for first := w.tree.tlog.size; first < end && !w.broken; first = w.tree.tlog.size {
		if err := w.chunk(ctx, first, min(first+chunkRows, end)); err != nil {
			return err
		}
	}
	return nil
}

// catchUp walks on where a running portal may have erased details under the walk: the record of it comes last.
func (w *walk) catchUp(ctx context.Context) error {
	if _, missing := w.coverage.uncovered(); !missing || w.broken {
		return nil
	}
	var size int64
	if err := w.db.Reader.QueryRowContext(ctx, "SELECT coalesce(max(seq) + 1, 0) FROM entry").Scan(&size); err != nil {
		return err
	}
	w.end = max(w.end, size)
	return w.to(ctx, w.end)
}

// dbEntry is an entry with what filters look at.
type dbEntry struct {
	entry
	fact    fact
	hasFact bool
}

func (w *walk) chunk(ctx context.Context, first, end int64) error {
	stored, err := w.readNodes(ctx, first, end)
	if err != nil {
		return err
	}
	entries, err := w.readEntries(ctx, first, end)
	if err != nil {
		return err
	}
	for seq := first; seq < end && !w.broken; seq++ {
		var e *dbEntry
		if len(entries) > 0 && entries[0].seq == seq {
			e, entries = &entries[0], entries[1:]
		}
		if err := w.one(ctx, seq, e, stored); err != nil {
			return err
		}
	}
	return nil
}

// one looks at one record. e is nil if its leaf is missing; then its hash, if there is one, lets the walk go on.
func (w *walk) one(ctx context.Context, seq int64, e *dbEntry, stored map[int64]tlog.Hash) error {
	index := tlog.StoredHashIndex(0, seq)
	hash, ok := stored[index]
	if !ok {
		w.note(exitMismatch, seq, "the hash of record %d is missing", seq)
		if e == nil {
			w.broken = true
			return nil
		}
		hash = tlog.RecordHash(e.leaf)
	}
	if e == nil {
		w.note(exitGap, seq, "record %d is missing", seq)
	} else if err := w.look(ctx, seq, e, hash); err != nil {
		return err
	}
	hashes, err := w.tree.add(hash)
	if err != nil {
		return err
	}
	for i, h := range hashes {
		if stored[index+int64(i)] != h {
			w.note(exitMismatch, seq, "the hashes stored with record %d do not follow from the records", seq)
		}
	}
	if err := w.compareOlder(); err != nil {
		return err
	}
	return w.compareCheckpoint()
}

// look checks what stands beside a leaf.
func (w *walk) look(ctx context.Context, seq int64, e *dbEntry, hash tlog.Hash) error {
	l, ok := w.record(seq, e.leaf, hash)
	if !ok {
		return nil
	}
	if at, err := l.at(); err != nil || !e.hasFact || e.fact != factOf(l, at) {
		w.note(exitMismatch, seq, "what filters find of record %d does not match the record", seq)
	}
	w.details(l, seq, e.parts, true)
	w.addLists(seq, e.parts)
	return w.snapshot(ctx, seq, l)
}

func (w *walk) compareCheckpoint() error {
	size := w.tree.tlog.size
	i, found := slices.BinarySearchFunc(w.checkpoints, size, func(c signed, size int64) int { return int(c.size - size) })
	if !found {
		return nil
	}
	same, err := w.matches(w.checkpoints[i])
	if err != nil {
		return err
	}
	if w.checkpoints[i].origin != w.origin {
		w.note(exitSignature, -1, "the checkpoint of size %d is of %q, its records of %q", size, w.checkpoints[i].origin, w.origin)
	}
	if same {
		w.good = size
		return nil
	}
	w.note(exitMismatch, w.good, "a record from %d to %d is not the one over which the checkpoint of size %d was signed", w.good, size-1, size)
	return nil
}

func (w *walk) readNodes(ctx context.Context, first, end int64) (map[int64]tlog.Hash, error) {
	stored := map[int64]tlog.Hash{}
	err := w.db.Stream(ctx, "SELECT idx, hash FROM node WHERE idx >= ? AND idx < ?", []any{tlog.StoredHashIndex(0, first), tlog.StoredHashIndex(0, end)},
		func(columns []sql.RawBytes) error {
			index, err := parseSeq(columns[0])
			if err == nil && len(columns[1]) == tlog.HashSize {
				stored[index] = tlog.Hash(columns[1])
			}
			return err
		})
	if err != nil {
		return nil, fmt.Errorf("read hashes: %w", err)
	}
	return stored, nil
}

func (w *walk) readEntries(ctx context.Context, first, end int64) ([]dbEntry, error) {
	var entries []dbEntry
	err := streamEntries(ctx, w.db, `SELECT e.seq, e.leaf, d.part, d.salt, d.body FROM entry e LEFT JOIN detail d ON d.seq = e.seq
		WHERE e.seq >= ? AND e.seq < ? ORDER BY e.seq`, []any{first, end}, func(e entry) error {
		entries = append(entries, dbEntry{entry: e})
		return nil
	})
	if err != nil {
		return nil, err
	}
	rows, err := w.db.Reader.QueryContext(ctx, `SELECT seq, at, actor, action, outcome, process_id, purpose FROM fact WHERE seq >= ? AND seq < ?
		ORDER BY seq`, first, end)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var seq int64
		var f fact
		if err := rows.Scan(&seq, &f.at, &f.actor, &f.action, &f.outcome, &f.process, &f.purpose); err != nil {
			return nil, err
		}
		if i, ok := slices.BinarySearchFunc(entries, seq, func(e dbEntry, seq int64) int { return int(e.seq - seq) }); ok {
			entries[i].fact, entries[i].hasFact = f, true
		}
	}
	return entries, rows.Err()
}

// addLists counts the lists of the details so that compareLists can tell whether the table shown says the same.
func (w *walk) addLists(seq int64, parts []part) {
	for _, p := range parts {
		var list shownPart
		if p.name != "shown" || json.Unmarshal(p.body, &list) != nil {
			continue
		}
		for id := range set(list.Shown) {
			w.lists += listed(id, seq)
		}
	}
}

// listed is a number for one id in one list; sums of them compare two sets without keeping either.
func listed(id string, seq int64) uint64 {
	sum := sha256.Sum256(fmt.Appendf(nil, "%d %s", seq, id))
	return binary.BigEndian.Uint64(sum[:])
}

func (w *walk) compareLists(ctx context.Context) error {
	if _, gap := w.found[exitGap]; gap || w.broken {
		return nil // the lists of what is missing are not known
	}
	var sum uint64
	err := w.db.Stream(ctx, "SELECT process_id, seq FROM shown WHERE seq < ?", []any{w.end}, func(columns []sql.RawBytes) error {
		seq, err := parseSeq(columns[1])
		sum += listed(string(columns[0]), seq)
		return err
	})
	if err == nil && sum != w.lists {
		w.note(exitMismatch, -1, "what tells who saw a process in a list does not match the lists")
	}
	return err
}

func (w *walk) finishDatabase() {
	w.finish()
	if len(w.checkpoints) == 0 {
		w.note(exitSignature, -1, "it holds no checkpoint")
		return
	}
	newest := w.checkpoints[len(w.checkpoints)-1]
	if newest.size > w.end {
		w.note(exitGap, w.end, "record %d is missing: a checkpoint of size %d was signed", w.end, newest.size)
	}
	w.unsigned = max(0, w.end-newest.size)
}
