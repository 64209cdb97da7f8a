package sqlitedb

import (
	"context"
	"errors"
	"fmt"
	"os"
	"syscall"
)

// identity is what a path named when it was opened.
type identity struct{ device, inode uint64 }

// place is where an open file and its write-ahead log stand.
type place struct{ main, wal identity }

func look(path string) (p place, err error) {
	if p.main, err = identify(path); err != nil {
		return p, err
	}
	p.wal, err = identify(path + "-wal")
	return p, err
}

// identify looks without opening: closing a second handle can drop SQLite's locks.
func identify(path string) (identity, error) {
	info, err := os.Stat(path)
	if err != nil {
		return identity{}, err
	}
	st, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return identity{}, fmt.Errorf("stat %s: no inode on this system", path)
	}
	if info.Mode().Perm()&0o200 == 0 {
		return identity{uint64(st.Dev), st.Ino}, fmt.Errorf("%s: %w", path, ErrReadOnly)
	}
	return identity{uint64(st.Dev), st.Ino}, nil
}

// ErrReadOnly is what SameFile answers when the file was made read-only, which stops no handle that is open.
var ErrReadOnly = errors.New("the file is read-only")

// ErrMoved is what SameFile answers when another file stands at the path.
var ErrMoved = errors.New("another file stands in the place of the one that is open")

// SameFile reports an error when the path or its -wal no longer names the file that was opened, or was made
// read-only: SQLite goes on writing into an unlinked file without any error.
func (db *DB) SameFile() error {
	now, err := look(db.path)
	if err != nil {
		return fmt.Errorf("look at the open file: %w", err)
	}
	if now != db.place {
		return fmt.Errorf("%s: %w", db.path, ErrMoved)
	}
	return nil
}

// InPlace reports whether the path names the main file that was opened, whatever became of the files beside it.
func (db *DB) InPlace() (bool, error) {
	now, err := identify(db.path)
	return now == db.place.main, err
}

// LogInPlace reports whether the -wal beside the path is the one that was opened, with os.ErrNotExist if there is none.
func (db *DB) LogInPlace() (bool, error) {
	now, err := identify(db.path + "-wal")
	return now == db.place.wal, err
}

// CloseWhole copies the write-ahead log into the file and closes both pools. It works through the handles that are open,
// which reach a log that was removed from its place, too: to close them while somebody reads would lose it. Then it
// answers ErrBusy, lets nobody else begin to read, and may be called again.
func (db *DB) CloseWhole(ctx context.Context) (err error) {
	if err := db.Reader.Close(); err != nil {
		return err
	}
	if db.Reader.Stats().OpenConnections > 0 {
		return ErrBusy
	}
	if err := db.keeper.close(); err != nil {
		return err
	}
	conn, err := db.Writer.Conn(ctx)
	if err != nil {
		return fmt.Errorf("copy the write-ahead log: %w", err)
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	whole, err := copyLog(ctx, conn, "PRAGMA wal_checkpoint(TRUNCATE)", 0)
	if err != nil {
		return fmt.Errorf("copy the write-ahead log: %w", err)
	}
	if !whole {
		return ErrBusy // of another process
	}
	return db.Writer.Close() // before the connection is given back: nobody writes into the log any more
}
