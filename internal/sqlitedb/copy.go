package sqlitedb

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// Copy writes what a file holds at this moment to a new file, checks the copy and makes it durable. The file may be in use: its
// writers go on, and its write-ahead log grows until the copy is done. Free pages are left behind, so nothing erased comes
// along. An existing file at to is an error; after any other the copy is removed.
func Copy(ctx context.Context, from, to string) (err error) {
	db, err := OpenReadOnly(ctx, from)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	file, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600) // VACUUM INTO takes an empty file, and would make one that others may read
	if err != nil {
		return fmt.Errorf("make the copy: %w", err)
	}
	defer func() {
		if err = errors.Join(err, file.Close()); err != nil {
			err = errors.Join(err, os.Remove(to))
		}
	}()
	if err := db.vacuumInto(ctx, to); err != nil {
		return fmt.Errorf("copy %s: %w", from, err)
	}
	if err := checkWhole(ctx, to); err != nil {
		return fmt.Errorf("check the copy of %s: %w", from, err)
	}
	return errors.Join(file.Sync(), SyncDir(filepath.Dir(to)))
}

// vacuumInto needs one connection that may write, if only elsewhere.
func (db *DB) vacuumInto(ctx context.Context, to string) (err error) {
	conn, err := db.Reader.Conn(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	if _, err := conn.ExecContext(ctx, "PRAGMA query_only = 0"); err != nil {
		return err
	}
	_, err = conn.ExecContext(ctx, "VACUUM INTO ?", to)
	return err
}

// checkWhole reads every page and index of a file.
func checkWhole(ctx context.Context, path string) (err error) {
	db, err := OpenReadOnly(ctx, path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	var verdict string
	if err := db.Reader.QueryRowContext(ctx, "PRAGMA integrity_check(1)").Scan(&verdict); err != nil {
		return err
	}
	if verdict != "ok" {
		return errors.New("its pages or indices contradict each other")
	}
	return nil
}

// SyncDir makes the names in a directory durable.
func SyncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
