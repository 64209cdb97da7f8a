// Package sqlitedb opens SQLite files the one way this program uses them: one writer connection, a small read-only
// pool, fixed pragmas that are read back, migrations before first use. It is the only package that knows the driver,
// and it never repairs or replaces a file.
package sqlitedb

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"sync"

	"github.com/pressly/goose/v3"
	"modernc.org/sqlite"
)

// readers is the size of the read-only pool. A request takes one connection and gives it back before it takes another.
const readers = 4

//go:embed migrations
var migrations embed.FS

// Options says how a file is opened.
type Options struct {
	Path       string
	Create     bool  // false: a missing or empty file is an error, nothing is created
	Durable    bool  // synchronous=FULL: a commit that returned survives a power cut
	Migrations fs.FS // goose files, applied before first use; nil for none

	// SQLite leaves checkpoints to the owner, who calls RestartLog every few thousand pages. Else SQLite makes one at a
	// commit, when the log has a thousand pages, and does without while somebody reads.
	OwnCheckpoints bool

	// A goroutine of this file makes its checkpoints, beside commits and not within them, and keeps the log short while
	// long readers come in Chunks. Fault, if set, is told when it cannot, once until it can again; commits go on.
	KeepLog bool
	Fault   func(error)

	// Once migrations are through, these tables refuse statements on every connection, whatever triggers say; with
	// either of them set the schema cannot change either.
	AppendOnly []string // refuse UPDATE and DELETE
	NoUpdate   []string // refuse UPDATE
}

// DB is one open file. Safe for concurrent use.
type DB struct {
	Writer *sql.DB // one connection, BEGIN IMMEDIATE; nil if opened by OpenReadOnly
	Reader *sql.DB // a few connections that cannot write
	path   string
	place  place
	gate   gate
	keeper *keeper // nil unless Options.KeepLog

	checkpoints sync.Mutex // SQLite refuses a second one beside a first
}

// Open opens or creates the file, checks the SQLite version and applies migrations.
func Open(ctx context.Context, o Options) (*DB, error) {
	if err := prepare(); err != nil {
		return nil, err
	}
	if err := o.findFile(); err != nil {
		return nil, fmt.Errorf("open %s: %w", o.Path, err)
	}
	db := &DB{path: o.Path, gate: newGate(), keeper: newKeeper(o)}
	if err := db.open(ctx, o); err != nil {
		return nil, errors.Join(fmt.Errorf("open %s: %w", o.Path, err), db.Close())
	}
	return db, nil
}

// OpenReadOnly opens an existing file for reading alone, beside a running portal or from a medium that cannot be
// written. Nothing is created beside a file that is at rest.
func OpenReadOnly(ctx context.Context, path string) (*DB, error) {
	if err := prepare(); err != nil {
		return nil, err
	}
	if err := mustExist(path); err != nil {
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	query := url.Values{"mode": {"ro"}, "_dqs": {"0"}, "_pragma": {"busy_timeout(5000)", "query_only(1)"}}
	if _, err := os.Stat(path + "-wal"); errors.Is(err, fs.ErrNotExist) {
		query.Set("immutable", "1") // no write-ahead log: nobody has it open, and SQLite need not make one to read
	}
	db := &DB{path: path, gate: newGate()}
	var err error
	if db.Reader, err = openPool(ctx, uri(path, query), readers, nil, nil); err != nil {
		return nil, errors.Join(fmt.Errorf("open %s: %w", path, err), db.Close())
	}
	return db, nil
}

// prepare makes the driver's process-wide settings, which must precede the first connection, and checks the version. It is
// done once and waited for: the driver's own first call is not safe beside a second one, and could switch OFD locks off again.
var prepare = sync.OnceValue(func() error {
	sqlite.StrictPragmas(true)
	// Without OFD locks, closing any other handle of a file drops the locks that SQLite holds on it. Systems other
	// than Linux have none.
	if _, err := sqlite.OFDLocking(true); err != nil && !errors.Is(err, sqlite.ErrOFDLockingUnavailable) {
		return fmt.Errorf("choose how SQLite locks: %w", err)
	}
	// As durable as fsync, without waiting for the file's times to be written.
	if _, err := sqlite.Fdatasync(true); err != nil && !errors.Is(err, sqlite.ErrFdatasyncUnavailable) {
		return fmt.Errorf("choose how SQLite syncs: %w", err)
	}
	return checkVersion(Version())
})

// findFile checks that the file is there, or makes an empty one that nobody else may read; the files that SQLite puts
// beside it get the same mode.
func (o Options) findFile() error {
	if !o.Create {
		return mustExist(o.Path)
	}
	file, err := os.OpenFile(o.Path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	return file.Close()
}

func mustExist(path string) error {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return err
	case !info.Mode().IsRegular():
		return errors.New("it is not a file")
	case info.Size() == 0:
		return errors.New("the file is empty")
	}
	return nil
}

func (db *DB) open(ctx context.Context, o Options) (err error) {
	g := newGuard(o)
	if db.Writer, err = openPool(ctx, writerURI(o), 1, g, db.keeper.grew); err != nil {
		return err
	}
	if err := checkPragmas(ctx, db.Writer, o); err != nil {
		return err
	}
	if o.Migrations != nil {
		if err := migrate(ctx, db.Writer, o.Migrations); err != nil {
			return fmt.Errorf("migrate: %w", err)
		}
	}
	g.close()
	if db.Reader, err = openPool(ctx, readerURI(o), readers, g, nil); err != nil {
		return err
	}
	if db.place, err = look(db.path); err != nil {
		return err
	}
	return db.keeper.start(ctx, db, o, g)
}

// openPool opens a pool of at most n connections under the guard and tries one. onCommit, if there is one, is called at each
// commit of theirs.
func openPool(ctx context.Context, uri string, n int, g *guard, onCommit func()) (*sql.DB, error) {
	connector, err := sqlite.NewConnector(uri)
	if err != nil {
		return nil, err
	}
	pool := sql.OpenDB(guarded{connector, g, onCommit})
	pool.SetMaxOpenConns(n)
	pool.SetMaxIdleConns(n)
	if err := pool.PingContext(ctx); err != nil {
		return nil, errors.Join(err, pool.Close())
	}
	return pool, nil
}

func writerURI(o Options) string {
	// secure_delete overwrites what is erased: personal data must not stay in free pages.
	pragmas := []string{"busy_timeout(5000)", "journal_mode(WAL)", "synchronous(" + synchronous(o) + ")", "foreign_keys(1)", "cache_size(-8192)",
		"temp_store(MEMORY)", "secure_delete(ON)"}
	if o.KeepLog {
		pragmas = append(pragmas, fmt.Sprintf("journal_size_limit(%d)", restartPages*pageSize))
	} else {
		pragmas = append(pragmas, "journal_size_limit(67108864)")
	}
	if o.OwnCheckpoints || o.KeepLog {
		pragmas = append(pragmas, "wal_autocheckpoint(0)")
	}
	return uri(o.Path, url.Values{"mode": {"rw"}, "_defensive": {"1"}, "_dqs": {"0"}, "_txlock": {"immediate"}, "_pragma": pragmas})
}

func readerURI(o Options) string {
	return uri(o.Path, url.Values{"mode": {"ro"}, "_defensive": {"1"}, "_dqs": {"0"}, "_pragma": {
		"busy_timeout(5000)", "cache_size(-8192)", "temp_store(MEMORY)", "query_only(1)"}})
}

// uri uses the file: form because the driver ignores mode with a plain path.
func uri(path string, query url.Values) string {
	return "file:" + (&url.URL{Path: path}).EscapedPath() + "?" + query.Encode()
}

func synchronous(o Options) string {
	if o.Durable {
		return "FULL"
	}
	return "NORMAL"
}

// checkPragmas reads back what durability rests on: SQLite answers a pragma that it cannot obey without an error, for
// instance on a file system without shared memory.
func checkPragmas(ctx context.Context, db *sql.DB, o Options) error {
	level := "1"
	if o.Durable {
		level = "2"
	}
	for pragma, want := range map[string]string{"journal_mode": "wal", "synchronous": level, "foreign_keys": "1"} {
		var got string
		if err := db.QueryRowContext(ctx, "PRAGMA "+pragma).Scan(&got); err != nil {
			return fmt.Errorf("read back %s: %w", pragma, err)
		}
		if got != want {
			return fmt.Errorf("%s is %s, not %s: the file system cannot hold this file safely", pragma, got, want)
		}
	}
	return nil
}

func migrate(ctx context.Context, db *sql.DB, files fs.FS) error {
	provider, err := goose.NewProvider(goose.DialectSQLite3, db, files, goose.WithVerbose(false))
	if err != nil {
		return err
	}
	_, err = provider.Up(ctx)
	return err
}

// Close ends the checkpoints of this file and closes both pools.
func (db *DB) Close() error {
	errs := []error{db.keeper.close()}
	for _, pool := range []*sql.DB{db.Reader, db.Writer} {
		if pool != nil {
			errs = append(errs, pool.Close())
		}
	}
	return errors.Join(errs...)
}

// Path is the file's path as opened.
func (db *DB) Path() string { return db.path }

// Migrations returns the embedded migrations of one data file: "portal", "audit" or "index".
func Migrations(name string) fs.FS {
	sub, err := fs.Sub(migrations, "migrations/"+name)
	if err != nil {
		panic(err) // a name that is not in the program
	}
	return sub
}

// InTx runs fn in one immediate transaction of the writer and commits, or rolls back on error, on panic and when ctx ends;
// then the error is the context's, too.
func (db *DB) InTx(ctx context.Context, fn func(*sql.Tx) error) error {
	err := db.inTx(ctx, fn)
	if errors.Is(err, sql.ErrTxDone) { // database/sql rolled back by itself, and tells the next call no more than that
		return errors.Join(ctx.Err(), err)
	}
	return err
}

func (db *DB) inTx(ctx context.Context, fn func(*sql.Tx) error) error {
	db.keeper.await(ctx)
	tx, err := db.Writer.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() // does nothing after a commit
	if err := fn(tx); err != nil {
		return err
	}
	return tx.Commit()
}

// Stream hands each row of a query to fn, columns as raw bytes valid until fn returns. For exports.
func (db *DB) Stream(ctx context.Context, query string, args []any, fn func(columns []sql.RawBytes) error) error {
	rows, err := db.Reader.QueryContext(ctx, query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	names, err := rows.Columns()
	if err != nil {
		return err
	}
	columns, into := make([]sql.RawBytes, len(names)), make([]any, len(names))
	for i := range columns {
		into[i] = &columns[i]
	}
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return err
		}
		if err := fn(columns); err != nil {
			return err
		}
	}
	return rows.Err()
}
