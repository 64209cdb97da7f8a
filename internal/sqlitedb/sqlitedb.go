// Package sqlitedb opens SQLite files the one way this program uses them: one writer connection, a small read-only
// pool, fixed pragmas, migrations before first use. It is the only package that knows the driver.
package sqlitedb

import (
	"context"
	"database/sql"
	"io/fs"
)

// Options says how a file is opened.
type Options struct {
	Path       string
	Create     bool  // false: a missing file is an error, nothing is created
	Durable    bool  // synchronous=FULL: a commit that returned survives a power cut
	AppendOnly bool  // installs the authorizer that refuses UPDATE and DELETE on any table but "detail"
	Migrations fs.FS // goose files, applied before first use; nil for none
}

// DB is one open file. Safe for concurrent use.
type DB struct {
	Writer *sql.DB // one connection, BEGIN IMMEDIATE
	Reader *sql.DB // a few connections, query_only
	path   string
}

// Open opens or creates the file, checks the SQLite version and applies migrations.
func Open(ctx context.Context, o Options) (*DB, error) { panic("todo") }

// Close closes both pools.
func (db *DB) Close() error { panic("todo") }

// Path is the file's path as opened.
func (db *DB) Path() string { return db.path }

// SameFile reports an error when the path (or its -wal) no longer names the file that was opened:
// SQLite goes on writing into an unlinked file without any error.
func (db *DB) SameFile() error { panic("todo") }

// Migrations returns the embedded migrations of one data file: "portal", "audit" or "index".
func Migrations(name string) fs.FS { panic("todo") }

// Version is the SQLite version that is compiled in.
func Version() string { panic("todo") }

// InTx runs fn in one immediate transaction of the writer and commits, or rolls back on error.
func (db *DB) InTx(ctx context.Context, fn func(*sql.Tx) error) error { panic("todo") }

// Stream hands each row of a query to fn, columns as raw bytes valid until fn returns. For exports.
func (db *DB) Stream(ctx context.Context, query string, args []any, fn func(columns []sql.RawBytes) error) error {
	panic("todo")
}

// Lock is the exclusive right to write into a data directory, held by flock on DIR/lock until released.
type Lock struct{}

// ErrLocked is what LockDir answers while another process holds the lock.
var ErrLocked error

// LockDir takes the lock of a data directory without waiting.
func LockDir(dir string) (*Lock, error) { panic("todo") }

// Release gives the lock back.
func (l *Lock) Release() error { panic("todo") }
