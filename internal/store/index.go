package store

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/assure-portal/portal/internal/sqlitedb"
)

// indexBatch is how many processes one transaction of the index takes, and how many bodies are in memory for it.
const indexBatch = 100

// index is one open index file with its bitmaps in memory.
type index struct {
	db         *sqlitedb.DB
	generation int64
	memory     *memory
	users      sync.WaitGroup // searches and exports under way; none begins once another index took its place
	revision   int64          // of portal.db, up to which this index follows; guarded by Store.indexing
	restated   atomic.Int64   // UTC day, in days since 1970, for which all findings are right

	// Guarded by Store.indexing.
	copied   string // stamp of the copy of the bitmaps; empty: none
	touched  int    // entries that changed since
	uncopied bool   // a copy could not be made
}

var errClosed = errors.New("the store is closed")

// acquire gives the index in use; the caller says x.users.Done() when it has no more to ask it.
func (s *Store) acquire() (*index, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.index == nil {
		return nil, errClosed
	}
	s.index.users.Add(1)
	return s.index, nil
}

// replace puts another index in use and returns the old one, which its users may still hold.
func (s *Store) replace(x *index) (old *index) {
	s.mu.Lock()
	defer s.mu.Unlock()
	old, s.index = s.index, x
	return old
}

// close waits for the users of an index that is in use no more.
func (x *index) close() error {
	if x == nil {
		return nil
	}
	x.users.Wait()
	return x.db.Close()
}

// openIndexFile opens a file; its bitmaps are still empty.
func openIndexFile(ctx context.Context, path string, generation int64, create bool, log *slog.Logger) (*index, error) {
	db, err := sqlitedb.Open(ctx, sqlitedb.Options{Path: path, Create: create, KeepLog: true, Migrations: sqlitedb.Migrations("index"),
		Fault: func(err error) { log.Warn("a checkpoint failed", "error", err) }})
	if err != nil {
		return nil, err
	}
	return &index{db: db, generation: generation, memory: newMemory()}, nil
}

// fits reports whether the file was made from this portal.db, to its end, by today's rules, and is not ahead of it.
func (x *index) fits(ctx context.Context, storeID []byte, newest int64) (bool, error) {
	var id []byte
	var made string
	err := x.db.Reader.QueryRowContext(ctx, `SELECT store_id, rules, revision FROM origin WHERE id = 1`).Scan(&id, &made, &x.revision)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	return bytes.Equal(id, storeID) && made == rules() && x.revision <= newest, err
}

// load builds the bitmaps from the file.
func (x *index) load(ctx context.Context) error {
	err := x.addEntries(x.db.Reader.QueryContext(ctx, `SELECT row, process_id, version, mapping_version, created_at, updated_at, provider,
		process_type, status, way_in, nationality, country, relations, findings, severity, restate_on, words, keys, '' FROM entry`))
	if err != nil {
		return err
	}
	if err := x.growCrowds(ctx); err != nil {
		return err
	}
	x.memory.compress()
	return nil
}

// addEntries takes the rows of a statement that selects what scanEntry reads.
func (x *index) addEntries(rows *sql.Rows, err error) error {
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		row, e, err := scanEntry(rows.Scan)
		if err != nil {
			return err
		}
		x.memory.add(row, e)
	}
	return rows.Err()
}

// round is one time that the index follows portal.db to its end. Whoever changed portal.db before it began waits for it, and so what
// several changed meanwhile goes into the index together.
type round struct {
	done chan struct{}
	err  error
}

// catchUp lets the index follow portal.db to its end. Whoever changed portal.db calls it.
func (s *Store) catchUp(ctx context.Context) error {
	r, first := s.joinRound()
	if first {
		r.err = s.beginRound(ctx)
		close(r.done)
	}
	<-r.done
	return r.err
}

// joinRound gives the round that begins next. The first to ask for it begins it.
func (s *Store) joinRound() (r *round, first bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if first = s.next == nil; first {
		s.next = &round{done: make(chan struct{})}
	}
	return s.next, first
}

// beginRound waits for the round before. From then on others join the one after.
func (s *Store) beginRound(ctx context.Context) error {
	s.indexing.Lock()
	defer s.indexing.Unlock()
	s.mu.Lock()
	x := s.index
	s.next = nil
	s.mu.Unlock()
	if x == nil {
		return errClosed
	}
	if err := s.follow(ctx, x); err != nil {
		return fmt.Errorf("follow with the index: %w", err)
	}
	s.keepCopy(ctx, x, false)
	return nil
}

func (s *Store) follow(ctx context.Context, x *index) error {
	after := position{x.revision, lastID}
	for {
		ids, last, err := s.changedSince(ctx, after)
		if err != nil || len(ids) == 0 {
			return err
		}
		if len(ids) < indexBatch { // what comes after this look, its own catchUp brings in
			return s.update(ctx, x, ids, last.revision)
		}
		// Perhaps cut within one revision, which a start would then do again.
		if err := s.update(ctx, x, ids, last.revision-1); err != nil {
			return err
		}
		after = last
	}
}

// position is a place in the order in which portal.db changed.
type position struct {
	revision  int64
	processID string
}

// lastID stands after every id in a position.
const lastID = "\U0010FFFF"

// changedSince lists processes that changed or were erased after a position.
func (s *Store) changedSince(ctx context.Context, after position) (ids []string, last position, err error) {
	rows, err := s.portal.Reader.QueryContext(ctx, `SELECT revision, process_id FROM process WHERE (revision, process_id) > (?1, ?2)
		UNION ALL SELECT revision, process_id FROM tombstone WHERE (revision, process_id) > (?1, ?2)
		ORDER BY 1, 2 LIMIT ?3`, after.revision, after.processID, indexBatch)
	if err != nil {
		return nil, after, err
	}
	defer rows.Close()
	for rows.Next() {
		if err := rows.Scan(&last.revision, &last.processID); err != nil {
			return nil, after, err
		}
		ids = append(ids, last.processID)
	}
	return ids, last, rows.Err()
}

// update derives the entries of ids anew, writes them, and then lets searches see them. A process that is not held leaves.
func (s *Store) update(ctx context.Context, x *index, ids []string, revision int64) error {
	entries, err := s.deriveEntries(ctx, ids)
	if err != nil {
		return err
	}
	if ids, err = s.withRepeats(ctx, x, ids, entries); err != nil {
		return err
	}
	return x.take(ctx, ids, entries, revision)
}

// take puts the entries of ids in the place of those before.
func (x *index) take(ctx context.Context, ids []string, entries map[string]*entry, revision int64) error {
	changes := make([]change, len(ids))
	err := x.db.InTx(ctx, func(tx *sql.Tx) (err error) {
		w := entryWriter{tx}
		for i, id := range ids {
			if changes[i], err = w.write(ctx, id, entries[id]); err != nil {
				return err
			}
			if err := x.touch(ctx, w, changes[i]); err != nil {
				return err
			}
		}
		_, err = tx.ExecContext(ctx, `UPDATE origin SET revision = max(revision, ?) WHERE id = 1`, revision)
		return err
	})
	if err != nil {
		return err
	}
	x.revision = max(x.revision, revision)
	x.touched += len(changes)
	x.memory.apply(changes)
	return x.growCrowds(ctx)
}

// touch notes what the copy of the bitmaps does not know, if there is one.
func (x *index) touch(ctx context.Context, w entryWriter, c change) error {
	if x.copied == "" || c.old == nil && c.new == nil {
		return nil
	}
	return w.exec(ctx, `INSERT INTO touched (row) VALUES (?) ON CONFLICT (row) DO NOTHING`, c.row)
}

// sources reads what entries are derived from, of those ids that are held.
func (s *Store) sources(ctx context.Context, ids []string) (sources []source, err error) {
	list, err := json.Marshal(ids)
	if err != nil {
		return nil, err
	}
	rows, err := s.portal.Reader.QueryContext(ctx, `SELECT p.process_id, p.dossier_id, p.external_reference, p.external_id, p.way_in,
		p.imported_by, p.last_seen_at, p.gone_at, p.first_seen_at, p.newest, s.version, s.sha256, length(s.body), s.received_at,
		s.provider, s.process_type, s.status, s.created_at, s.updated_at, s.fetch_seq, s.body,
		(SELECT u.body FROM user_data u WHERE u.dossier_id = p.dossier_id ORDER BY u.version DESC LIMIT 1)
		FROM json_each(?) j CROSS JOIN process p ON p.process_id = j.value
		JOIN snapshot s ON s.process_id = p.process_id AND s.version = p.newest`, string(list))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var f source
		f.Head, err = scanHead(func(into ...any) error { return rows.Scan(append(into, &f.body, &f.userData)...) })
		if err != nil {
			return nil, err
		}
		sources = append(sources, f)
	}
	return sources, rows.Err()
}

// deriveAll derives on all processors, because reading evidence is most of the work of indexing.
func deriveAll(sources []source, now time.Time) map[string]*entry {
	entries := make([]entry, len(sources))
	var next atomic.Int64
	var workers sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), len(sources)) {
		workers.Go(func() {
			for i := next.Add(1) - 1; i < int64(len(sources)); i = next.Add(1) - 1 {
				entries[i] = derive(sources[i], now)
			}
		})
	}
	workers.Wait()
	byID := make(map[string]*entry, len(entries))
	for i := range entries {
		byID[entries[i].processID] = &entries[i]
	}
	return byID
}

// entryWriter writes entries within one transaction.
type entryWriter struct{ tx *sql.Tx }

func (w entryWriter) exec(ctx context.Context, text string, args ...any) error {
	_, err := w.tx.ExecContext(ctx, text, args...)
	return err
}

// write puts an entry in the place of the one before; nil removes it.
func (w entryWriter) write(ctx context.Context, processID string, e *entry) (c change, err error) {
	c = change{new: e}
	if c.row, c.old, err = w.find(ctx, processID); err != nil {
		return c, err
	}
	var oldKeys, newKeys []key
	if c.old != nil {
		oldKeys = c.old.keys
	}
	if e != nil {
		newKeys = e.keys
		err = w.put(ctx, &c)
	} else {
		err = w.exec(ctx, `DELETE FROM entry WHERE process_id = ?`, processID)
	}
	if err == nil {
		err = w.putLine(ctx, c.row, e)
	}
	if err != nil {
		return c, err
	}
	return c, w.writeKeys(ctx, c.row, oldKeys, newKeys)
}

// find gives nil for a process that is not in the index.
func (w entryWriter) find(ctx context.Context, processID string) (row uint32, old *entry, err error) {
	row, e, err := scanEntry(w.tx.QueryRowContext(ctx, `SELECT row, process_id, version, mapping_version, created_at, updated_at, provider,
		process_type, status, way_in, nationality, country, relations, findings, severity, restate_on, words, keys, ''
		FROM entry WHERE process_id = ?`, processID).Scan)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil, nil
	}
	return row, &e, err
}

func (w entryWriter) put(ctx context.Context, c *change) error {
	columns, err := c.new.columns()
	if err != nil {
		return err
	}
	var row any // a new one where there is none
	if c.old != nil {
		row = c.row
	}
	return w.tx.QueryRowContext(ctx, `INSERT INTO entry (row, process_id, version, mapping_version, created_at, updated_at, provider,
		process_type, status, way_in, nationality, country, relations, findings, severity, restate_on, words, keys, line)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (row) DO UPDATE SET version = excluded.version, mapping_version = excluded.mapping_version,
		created_at = excluded.created_at, updated_at = excluded.updated_at, provider = excluded.provider,
		process_type = excluded.process_type, status = excluded.status, way_in = excluded.way_in, nationality = excluded.nationality,
		country = excluded.country, relations = excluded.relations, findings = excluded.findings, severity = excluded.severity,
		restate_on = excluded.restate_on, words = excluded.words, keys = excluded.keys, line = excluded.line
		RETURNING row`, append([]any{row}, columns...)...).Scan(&c.row)
}

// writeKeys changes what differs: a new version of a process mostly has the numbers and ids of the one before.
func (w entryWriter) writeKeys(ctx context.Context, row uint32, old, next []key) error {
	for _, k := range old {
		if slices.Contains(next, k) {
			continue
		}
		if err := w.exec(ctx, `DELETE FROM lookup WHERE kind = ? AND value = ? AND row = ?`, k.kind, k.value, row); err != nil {
			return err
		}
	}
	added := slices.DeleteFunc(slices.Clone(next), func(k key) bool { return slices.Contains(old, k) })
	for some := range slices.Chunk(added, keysAtOnce) {
		if err := w.exec(ctx, `INSERT INTO lookup (row, kind, value) SELECT ?, k.column1, k.column2 FROM (VALUES (?, ?), (?, ?), (?, ?), (?, ?),
			(?, ?), (?, ?), (?, ?), (?, ?)) k WHERE k.column1 IS NOT NULL`, keyArgs(row, some)...); err != nil {
			return err
		}
	}
	return nil
}

// keysAtOnce is how many keys one statement adds: as many as most entries have, since a call of SQLite costs as much as a row.
const keysAtOnce = 8

func keyArgs(row uint32, keys []key) []any {
	args := make([]any, 1+2*keysAtOnce)
	args[0] = row
	for i, k := range keys {
		args[1+2*i], args[2+2*i] = k.kind, k.value
	}
	return args
}

// restate derives again what says something else today than yesterday, before the first search of a day.
func (s *Store) restate(ctx context.Context, x *index) error {
	now := s.now().UTC()
	today := now.Unix() / 86400
	if x.restated.Load() == today {
		return nil
	}
	s.indexing.Lock()
	defer s.indexing.Unlock()
	for x.restated.Load() != today {
		ids, err := x.stale(ctx, now.Format(time.DateOnly))
		if err != nil {
			return err
		}
		if len(ids) == 0 {
			x.restated.Store(today)
			break
		}
		if err := s.update(ctx, x, ids, x.revision); err != nil {
			return err
		}
	}
	return nil
}

func (x *index) stale(ctx context.Context, today string) ([]string, error) {
	return idsOf(x.db.Reader.QueryContext(ctx, `SELECT process_id FROM entry WHERE restate_on <> '' AND restate_on <= ? LIMIT ?`, today, indexBatch))
}
