package audit

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strconv"

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
	w := &walk{inspection: v, db: db, workers: runtime.GOMAXPROCS(0)}
	if w.form, err = readForm(ctx, db); err != nil {
		return err
	}
	if err := w.extent(ctx); err != nil {
		return err
	}
	if err := w.readCheckpoints(ctx); err != nil {
		return err
	}
	end := w.end
	lists, stop := aside(ctx, func(ctx context.Context) (uint64, error) { return w.sumLists(ctx, end) })
	defer stop()
	if err := w.to(ctx, w.end); err != nil {
		return err
	}
	if err := w.catchUp(ctx); err != nil {
		return err
	}
	if err := w.compareLists(ctx, lists, end); err != nil {
		return err
	}
	if err := w.compareTimes(ctx); err != nil {
		return err
	}
	w.finishDatabase()
	return nil
}

// walk goes through the records of a file in order.
type walk struct {
	*inspection
	db          *sqlitedb.DB
	form        fileForm
	workers     int
	end         int64 // records, whether counted by leaves or by hashes
	checkpoints []signed
	good        int64 // size of the newest checkpoint that matched
	broken      bool  // a hash is missing, so the tree cannot grow on
	lists       uint64
	times       []timeSpan // of each block of records
	settled     int64      // records that an earlier look of the portal itself has settled
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

// errBroken ends a walk whose tree cannot grow on.
var errBroken = errors.New("a hash is missing")

// to walks on until the tree has end records. Reading, hashing and parsing goes ahead on all processors; the tree grows,
// and what one record says of others is looked at, in order.
func (w *walk) to(ctx context.Context, end int64) error {
	if w.broken {
		return nil
	}
	read := func(ctx context.Context, c stretch) (*passage, error) { return readPassage(ctx, w.db, w.form, c) }
	err := inOrder(ctx, w.workers, w.tree.tlog.size, end, passageRows, read, func(s *passage) error { return w.along(ctx, s) })
	if errors.Is(err, errBroken) {
		w.broken = true
		return nil
	}
	return err
}

func (w *walk) along(ctx context.Context, s *passage) error {
	if s.odd >= 0 {
		w.note(exitMismatch, s.odd, "the line that is kept of record %d is not its line", s.odd)
	}
	for i := range s.records {
		if err := w.one(ctx, &s.records[i], s.hashes); err != nil {
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

// one looks at one record. If its leaf is missing, its hash, if there is one, lets the walk go on.
func (w *walk) one(ctx context.Context, r *storedRecord, stored storedHashes) error {
	index := tlog.StoredHashIndex(0, r.seq)
	hash, ok := stored.at(index)
	if !ok {
		w.note(exitMismatch, r.seq, "the hash of record %d is missing", r.seq)
		if r.leaf == nil {
			return errBroken
		}
		hash = r.examined.hash
	}
	if r.leaf == nil {
		w.note(exitGap, r.seq, "record %d is missing", r.seq)
	} else if err := w.look(ctx, r, hash); err != nil {
		return err
	}
	hashes, err := w.tree.add(hash)
	if err != nil {
		return err
	}
	for i, h := range hashes {
		if s, ok := stored.at(index + int64(i)); !ok || s != h {
			w.note(exitMismatch, r.seq, "the hashes stored with record %d do not follow from the records", r.seq)
		}
	}
	if err := w.compareOlder(); err != nil {
		return err
	}
	return w.compareCheckpoint()
}

// look checks what stands beside a leaf.
func (w *walk) look(ctx context.Context, r *storedRecord, hash tlog.Hash) error {
	if !w.record(r.seq, &r.examined, hash) {
		return nil
	}
	if !r.factMatches(w.form) {
		w.note(exitMismatch, r.seq, "what filters find of record %d does not match the record", r.seq)
	}
	w.details(&r.examined, r.seq, r.parts, true)
	w.lists += r.examined.lists
	w.addTime(r.seq, r.examined.at.UnixMilli())
	return w.snapshot(ctx, r.seq, &r.examined.leaf)
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

// listsOf counts the lists of a part so that compareLists can tell whether the table shown says the same.
func listsOf(seq int64, p part) (sum uint64) {
	if p.name != "shown" {
		return 0
	}
	list, err := shownIn(p.body)
	if err != nil {
		return 0
	}
	slices.Sort(list)
	for _, id := range slices.Compact(list) { // the table holds each once
		sum += listed(id, seq)
	}
	return sum
}

// listed is a number for one id in one list; sums of them compare two sets without keeping either.
func listed(id string, seq int64) uint64 {
	text := append(append(strconv.AppendInt(make([]byte, 0, 96), seq, 10), ' '), id...)
	sum := sha256.Sum256(text)
	return binary.BigEndian.Uint64(sum[:])
}

// sumLists is what the table shown says about the records below end.
func (w *walk) sumLists(ctx context.Context, end int64) (sum uint64, err error) {
	err = w.db.Stream(ctx, "SELECT process_id, seq FROM shown WHERE seq < ?", []any{end}, func(columns []sql.RawBytes) error {
		seq, err := parseSeq(columns[1])
		sum += listed(string(columns[0]), seq)
		return err
	})
	return sum, err
}

// compareLists takes the sum that was made beside the walk, if that went no further.
func (w *walk) compareLists(ctx context.Context, beside func() (uint64, error), end int64) error {
	sum, err := beside()
	if err == nil && w.end != end {
		sum, err = w.sumLists(ctx, w.end)
	}
	if _, gap := w.found[exitGap]; gap || w.broken {
		return err // the lists of what is missing are not known
	}
	if err == nil && sum != w.lists {
		w.note(exitMismatch, -1, "what tells who saw a process in a list does not match the lists")
	}
	return err
}

// timeSpan is between which times records lie, in milliseconds.
type timeSpan struct{ low, high int64 }

func (w *walk) addTime(seq, at int64) {
	block := seq / spanSize
	if block != int64(len(w.times))-1 {
		w.times = append(w.times, timeSpan{at, at})
		return
	}
	s := &w.times[block]
	s.low, s.high = min(s.low, at), max(s.high, at)
}

// compareTimes compares the table span, by which filters find a time, with the records of each whole block.
func (w *walk) compareTimes(ctx context.Context) error {
	if _, gap := w.found[exitGap]; gap || w.broken || !w.form.dossiers {
		return nil
	}
	stored := map[int64]timeSpan{}
	err := w.db.Stream(ctx, "SELECT block, low, high FROM span WHERE block < ?", []any{w.end / spanSize}, func(columns []sql.RawBytes) error {
		var n [3]int64
		for i := range n {
			var err error
			if n[i], err = parseSeq(columns[i]); err != nil {
				return err
			}
		}
		stored[n[0]] = timeSpan{n[1], n[2]}
		return nil
	})
	if err != nil {
		return err
	}
	for block := range w.end / spanSize {
		if stored[block] != w.times[block] {
			w.note(exitMismatch, block*spanSize, "what filters find by time does not match the records from %d on", block*spanSize)
		}
	}
	return nil
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
