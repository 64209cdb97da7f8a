package audit

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/assure-portal/portal/internal/sqlitedb"
)

// tailChecked is how many of the newest records are hashed again before a trail takes more.
const tailChecked = 1000

// When the file's write-ahead log begins anew: SQLite's own way does without while an export reads, for hours at a time.
const (
	restartAfter = 2000                  // pages written at most, 8 MB: a commit in place is quicker than one that makes the log longer
	restartAgain = 250                   // pages until the next try, if somebody was still reading
	restartWait  = 50 * time.Millisecond // for pieces of exports, each of which takes a few milliseconds; meanwhile records wait
)

// log is an open file of the trail with its right edge in memory. Only the writer goroutine uses it.
type log struct {
	db     *sqlitedb.DB
	key    key
	edge   frontier
	signed signed // newest checkpoint
	add    *adder
	pages  int  // that may be written until the write-ahead log has to begin anew
	left   bool // it is closed, and everything in it is in the files at its place
}

// signed is a checkpoint: the first size records have this root.
type signed struct {
	origin string
	size   int64
	root   tlog.Hash
	text   string
	time   time.Time
}

// openLog opens a file and checks what it will build on: newest checkpoint, right edge and the newest records.
func openLog(ctx context.Context, path string, k key) (*log, error) {
	db, err := sqlitedb.Open(ctx, fileOptions(path, false))
	if err != nil {
		return nil, err
	}
	l := &log{db: db, key: k, pages: restartAgain} // what a program that was killed has left may be long
	if err := l.load(ctx); err != nil {
		return nil, errors.Join(err, l.close())
	}
	return l, nil
}

func (l *log) load(ctx context.Context) error {
	size, err := trailSize(ctx, l.db.Reader)
	if err != nil {
		return err
	}
	if l.edge, err = edge(ctx, l.db.Reader, size); err != nil {
		return fmt.Errorf("read the right edge of the trail: %w", err)
	}
	if err := l.loadCheckpoint(ctx); err != nil {
		return err
	}
	return l.checkTail(ctx)
}

// trailSize counts records and checks that as many hashes stand beside them as they need.
func trailSize(ctx context.Context, q querier) (size int64, err error) {
	var hashes int64
	err = q.QueryRowContext(ctx, "SELECT coalesce((SELECT max(seq) + 1 FROM entry), 0), coalesce((SELECT max(idx) + 1 FROM node), 0)").Scan(&size, &hashes)
	if err != nil {
		return 0, fmt.Errorf("read the size of the trail: %w", err)
	}
	if hashes != tlog.StoredHashCount(size) {
		return 0, fmt.Errorf("the trail has %d records but %d hashes", size, hashes)
	}
	return size, nil
}

func (l *log) loadCheckpoint(ctx context.Context) error {
	var text string
	var at int64
	err := l.db.Reader.QueryRowContext(ctx, `SELECT c.note, coalesce(f.at, 0) FROM checkpoint c LEFT JOIN fact f ON f.seq = c.size - 1
		ORDER BY c.size DESC LIMIT 1`).Scan(&text, &at)
	if errors.Is(err, sql.ErrNoRows) {
		return errors.New("the trail holds no checkpoint: it was not made by portal audit init")
	}
	if err != nil {
		return fmt.Errorf("read the newest checkpoint: %w", err)
	}
	if l.key, err = l.key.under(text); err != nil {
		return err
	}
	if l.signed, err = openCheckpoint(text, l.key.verifier); err != nil {
		return err
	}
	l.signed.time = time.UnixMilli(at).UTC()
	return l.holds(ctx, l.signed)
}

// holds reports an error unless the trail's first c.size records have the root that c states.
func (l *log) holds(ctx context.Context, c signed) error {
	if c.size > l.edge.size {
		return fmt.Errorf("the trail has %d records, a checkpoint was signed over %d: is this an older copy?", l.edge.size, c.size)
	}
	root, err := tlog.TreeHash(c.size, nodes(ctx, l.db.Reader))
	if err != nil {
		return err
	}
	if root != c.root {
		return fmt.Errorf("the first %d records are not those over which a checkpoint was signed", c.size)
	}
	return nil
}

// checkTail hashes the newest leaves again.
func (l *log) checkTail(ctx context.Context) error {
	next := max(0, l.edge.size-tailChecked)
	const query = `SELECT e.seq, e.leaf FROM entry e WHERE e.seq >= ? ORDER BY e.seq`
	var records []tlog.Hash
	err := l.db.Stream(ctx, query, []any{next}, func(columns []sql.RawBytes) error {
		parsed, err := parseLeaf(columns[1])
		if err != nil || parsed.Seq != next || !before(parsed.Log, l.key.origin) {
			return fmt.Errorf("record %d of the trail is not one of this trail", next)
		}
		records = append(records, tlog.RecordHash(columns[1]))
		next++
		return nil
	})
	if err != nil {
		return err
	}
	if next != l.edge.size {
		return fmt.Errorf("record %d of the trail is missing", next)
	}
	return l.compare(ctx, l.edge.size-int64(len(records)), records)
}

func (l *log) compare(ctx context.Context, first int64, records []tlog.Hash) error {
	reader := nodes(ctx, l.db.Reader)
	for i, hash := range records {
		stored, err := reader.ReadHashes([]int64{tlog.StoredHashIndex(0, first+int64(i))})
		if err != nil {
			return err
		}
		if stored[0] != hash {
			return fmt.Errorf("record %d of the trail was changed", first+int64(i))
		}
	}
	return nil
}

// append writes a batch in one transaction, with a checkpoint over all of it if seal, and returns the first number.
// It returns nil only when everything is on disk in the file that stands at the path.
func (l *log) append(ctx context.Context, batch []*draft, seal bool, now time.Time) (first int64, err error) {
	if l.add == nil {
		if l.add, err = newAdder(ctx, l.db.Writer); err != nil {
			return 0, fmt.Errorf("prepare to append: %w", err)
		}
	}
	edge, c := l.edge, l.signed
	err = l.db.InTx(ctx, func(tx *sql.Tx) error {
		add := l.add.within(ctx, tx)
		var hashes []byte // of all records, written at once
		for _, d := range batch {
			if hashes, err = add.record(ctx, hashes, &edge, d, now); err != nil {
				return err
			}
			if err := errors.Join(erase(ctx, tx, d.erases), forgetLines(ctx, tx, d.erases)); err != nil {
				return err
			}
		}
		if err := add.nodes(ctx, tlog.StoredHashIndex(0, l.edge.size), hashes); err != nil {
			return err
		}
		if seal && edge.size > c.size {
			c, err = l.sign(ctx, tx, edge, now)
			return err
		}
		return nil
	})
	if err != nil {
		return 0, fmt.Errorf("append to the trail: %w", err)
	}
	if err := l.db.SameFile(); err != nil {
		return 0, err
	}
	for _, d := range batch {
		l.pages -= d.pages()
	}
	first, l.edge, l.signed = l.edge.size, edge, c
	return first, nil
}

// tidy lets the write-ahead log begin anew if it is time.
func (l *log) tidy(ctx context.Context) error {
	if l.pages > 0 {
		return nil
	}
	l.pages = restartAgain
	whole, err := l.db.RestartLog(ctx, restartWait)
	if whole {
		l.pages = restartAfter
	}
	return err
}

func (l *log) close() error {
	if l.add != nil {
		l.add.close()
	}
	return l.db.Close()
}

// leave closes the file for good, or answers sqlitedb.ErrBusy and may be called again. What stands in a log that is not in
// its place any more is copied first: nobody who opens the file later would find it.
func (l *log) leave(ctx context.Context) error {
	if !l.left {
		if err := l.closeWhole(ctx); err != nil {
			return err
		}
		l.left = true
	}
	if own, err := l.db.LogInPlace(); !own && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("beside the trail: %w", errors.Join(sqlitedb.ErrMoved, err)) // SQLite would take its pages for newer ones
	}
	return nil
}

func (l *log) closeWhole(ctx context.Context) error {
	if own, _ := l.db.LogInPlace(); own {
		return l.close()
	}
	if l.add != nil {
		l.add.close()
	}
	return l.db.CloseWhole(ctx)
}

// adder holds the prepared statements of an append.
type adder struct{ entry, node, detail, shown, fact *sql.Stmt }

func newAdder(ctx context.Context, writer *sql.DB) (*adder, error) {
	var a adder
	for _, s := range []struct {
		into  **sql.Stmt
		query string
	}{
		{&a.entry, "INSERT INTO entry (seq, leaf) VALUES (?, ?)"},
		{&a.node, `INSERT INTO node (idx, hash) WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < ?3)
			SELECT ?1 + i, substr(?2, 32 * i + 1, 32) FROM n`},
		{&a.detail, "INSERT INTO detail (seq, part, salt, body) VALUES (?, ?, ?, ?)"},
		{&a.shown, "INSERT INTO shown (process_id, seq) VALUES (?, ?) ON CONFLICT DO NOTHING"},
		{&a.fact, "INSERT INTO fact (seq, at, actor, action, outcome, process_id, purpose, dossier_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"},
	} {
		var err error
		if *s.into, err = writer.PrepareContext(ctx, s.query); err != nil {
			a.close()
			return nil, err
		}
	}
	return &a, nil
}

func (a *adder) close() {
	for _, s := range []*sql.Stmt{a.entry, a.node, a.detail, a.shown, a.fact} {
		if s != nil {
			s.Close()
		}
	}
}

// within binds the statements to a transaction, once for all its records.
func (a *adder) within(ctx context.Context, tx *sql.Tx) *adder {
	return &adder{tx.StmtContext(ctx, a.entry), tx.StmtContext(ctx, a.node), tx.StmtContext(ctx, a.detail), tx.StmtContext(ctx, a.shown),
		tx.StmtContext(ctx, a.fact)}
}

// record writes one record behind the edge, moves the edge and adds the hashes that are to be stored.
func (a *adder) record(ctx context.Context, hashes []byte, edge *frontier, d *draft, now time.Time) ([]byte, error) {
	seq := edge.size
	l, bytes, err := d.at(seq, now)
	if err != nil {
		return nil, err
	}
	added, err := edge.add(tlog.RecordHash(bytes))
	if err != nil {
		return nil, err
	}
	for _, hash := range added {
		hashes = append(hashes, hash[:]...)
	}
	if err := a.details(ctx, seq, d); err != nil { // first: the file takes none for a record that it holds
		return nil, err
	}
	return hashes, a.plain(ctx, seq, l, bytes, now)
}

// plain writes the leaf and what filters look at.
func (a *adder) plain(ctx context.Context, seq int64, l leaf, bytes []byte, now time.Time) error {
	if _, err := a.entry.ExecContext(ctx, seq, bytes); err != nil {
		return err
	}
	f := factOf(l, now)
	_, err := a.fact.ExecContext(ctx, seq, f.at, f.actor, f.action, f.outcome, f.process, f.purpose, f.dossier)
	return err
}

// nodes writes hashes that follow each other, the first at an index.
func (a *adder) nodes(ctx context.Context, first int64, hashes []byte) error {
	if len(hashes) == 0 {
		return nil
	}
	_, err := a.node.ExecContext(ctx, first, hashes, len(hashes)/tlog.HashSize)
	return err
}

func (a *adder) details(ctx context.Context, seq int64, d *draft) error {
	for _, p := range d.parts {
		if _, err := a.detail.ExecContext(ctx, seq, p.name, p.salt, p.body); err != nil {
			return err
		}
	}
	for _, id := range d.event.Shown {
		if _, err := a.shown.ExecContext(ctx, id, seq); err != nil {
			return err
		}
	}
	return nil
}

// fact is what filters look at: columns that repeat the leaf.
type fact struct {
	at                                       int64
	actor, action, outcome, process, purpose string
	dossier                                  string
}

func factOf(l leaf, at time.Time) fact {
	return fact{at.UnixMilli(), l.Actor, string(l.Action), string(l.Outcome), l.process().ID, l.Purpose, l.process().Dossier}
}
