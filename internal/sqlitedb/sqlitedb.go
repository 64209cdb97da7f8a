// Package sqlitedb opens SQLite files the one way this program uses them: one writer connection, a small read-only
// pool, fixed pragmas, migrations before first use. It is the only package that knows the driver.
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
	"strconv"
	"strings"
	"sync"
	"syscall"

	"github.com/pressly/goose/v3"
	"modernc.org/sqlite"
)

// readers is the size of the read-only pool. A request takes one connection and gives it back before it takes another.
const readers = 4

// oldestSafe is the first SQLite without the WAL-reset bug that loses committed transactions.
var oldestSafe = [3]int{3, 51, 3}

//go:embed migrations
var migrations embed.FS

// Options says how a file is opened.
type Options struct {
	Path       string
	Create     bool  // false: a missing file is an error, nothing is created
	Durable    bool  // synchronous=FULL: a commit that returned survives a power cut
	Migrations fs.FS // goose files, applied before first use; nil for none
}

// DB is one open file. Safe for concurrent use.
type DB struct {
	Writer *sql.DB // one connection, BEGIN IMMEDIATE
	Reader *sql.DB // a few connections, query_only
	path   string
	main   identity
	wal    identity
}

// identity is what a path named when it was opened.
type identity struct{ device, inode uint64 }

// once guards the driver's process-wide settings, which must be made before the first connection.
var once sync.Once

// Open opens or creates the file, checks the SQLite version and applies migrations.
func Open(ctx context.Context, o Options) (*DB, error) {
	once.Do(func() {
		sqlite.OFDLocking(true) // closing any other handle of the file must not drop SQLite's locks
	})
	if err := checkVersion(Version()); err != nil {
		return nil, err
	}
	if !o.Create {
		if err := mustExist(o.Path); err != nil {
			return nil, err
		}
	}
	db := &DB{path: o.Path}
	if err := db.open(ctx, o); err != nil {
		return nil, errors.Join(fmt.Errorf("open %s: %w", o.Path, err), db.Close())
	}
	return db, nil
}

func (db *DB) open(ctx context.Context, o Options) (err error) {
	if db.Writer, err = sql.Open("sqlite", dsn(o, false)); err != nil {
		return err
	}
	db.Writer.SetMaxOpenConns(1)
	if err := db.Writer.PingContext(ctx); err != nil {
		return err
	}
	if o.Migrations != nil {
		if err := migrate(ctx, db.Writer, o.Migrations); err != nil {
			return fmt.Errorf("migrate: %w", err)
		}
	}
	if db.Reader, err = sql.Open("sqlite", dsn(o, true)); err != nil {
		return err
	}
	db.Reader.SetMaxOpenConns(readers)
	db.Reader.SetMaxIdleConns(readers)
	if err := db.Reader.PingContext(ctx); err != nil {
		return err
	}
	return db.remember()
}

func mustExist(path string) error {
	info, err := os.Stat(path)
	if err != nil {
		return fmt.Errorf("open %s: %w", path, err)
	}
	if info.IsDir() {
		return fmt.Errorf("open %s: it is a directory", path)
	}
	return nil
}

// dsn uses the file: form because the driver ignores mode with a plain path.
func dsn(o Options, readOnly bool) string {
	mode, synchronous := "rw", "NORMAL"
	if o.Create {
		mode = "rwc"
	}
	if o.Durable {
		synchronous = "FULL"
	}
	q := url.Values{"mode": {mode}, "_txlock": {"immediate"}}
	pragmas := []string{"busy_timeout(5000)", "journal_mode(WAL)", "synchronous(" + synchronous + ")", "foreign_keys(1)",
		"cache_size(-8192)", "temp_store(MEMORY)", "journal_size_limit(67108864)", "secure_delete(ON)"}
	if readOnly {
		q.Del("_txlock")
		pragmas = append(pragmas, "query_only(1)")
	}
	q["_pragma"] = pragmas
	return "file:" + (&url.URL{Path: o.Path}).EscapedPath() + "?" + q.Encode()
}

func migrate(ctx context.Context, db *sql.DB, files fs.FS) error {
	provider, err := goose.NewProvider(goose.DialectSQLite3, db, files, goose.WithVerbose(false))
	if err != nil {
		return err
	}
	_, err = provider.Up(ctx)
	return err
}

// Close closes both pools.
func (db *DB) Close() error {
	var errs []error
	for _, pool := range []*sql.DB{db.Reader, db.Writer} {
		if pool != nil {
			errs = append(errs, pool.Close())
		}
	}
	return errors.Join(errs...)
}

// Path is the file's path as opened.
func (db *DB) Path() string { return db.path }

func (db *DB) remember() (err error) {
	if db.main, err = identify(db.path); err != nil {
		return err
	}
	db.wal, err = identify(db.path + "-wal")
	return err
}

func identify(path string) (identity, error) {
	info, err := os.Stat(path)
	if err != nil {
		return identity{}, err
	}
	st, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return identity{}, fmt.Errorf("stat %s: no inode on this system", path)
	}
	return identity{uint64(st.Dev), st.Ino}, nil
}

// SameFile reports an error when the path (or its -wal) no longer names the file that was opened:
// SQLite goes on writing into an unlinked file without any error.
func (db *DB) SameFile() error {
	for path, want := range map[string]identity{db.path: db.main, db.path + "-wal": db.wal} {
		got, err := identify(path)
		if err != nil {
			return fmt.Errorf("the open file is gone from its place: %w", err)
		}
		if got != want {
			return fmt.Errorf("another file stands at %s", path)
		}
	}
	return nil
}

// Migrations returns the embedded migrations of one data file: "portal", "audit" or "index".
func Migrations(name string) fs.FS {
	sub, err := fs.Sub(migrations, "migrations/"+name)
	if err != nil {
		panic(err) // a name that is not in the program
	}
	return sub
}

// Version is the SQLite version that is compiled in.
func Version() string {
	db, err := sql.Open("sqlite", ":memory:")
	if err != nil {
		return "unknown"
	}
	defer db.Close()
	var v string
	if err := db.QueryRow("SELECT sqlite_version()").Scan(&v); err != nil {
		return "unknown"
	}
	return v
}

func checkVersion(version string) error {
	parts := strings.Split(version, ".")
	for i, least := range oldestSafe {
		if i >= len(parts) {
			return fmt.Errorf("SQLite version %q cannot be read", version)
		}
		n, err := strconv.Atoi(parts[i])
		if err != nil {
			return fmt.Errorf("SQLite version %q cannot be read", version)
		}
		if n != least {
			if n < least {
				return fmt.Errorf("SQLite %s can lose committed records (WAL-reset bug); 3.51.3 or newer is needed", version)
			}
			return nil
		}
	}
	return nil
}

// InTx runs fn in one immediate transaction of the writer and commits, or rolls back on error.
func (db *DB) InTx(ctx context.Context, fn func(*sql.Tx) error) error {
	tx, err := db.Writer.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	if err := fn(tx); err != nil {
		return errors.Join(err, tx.Rollback())
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
