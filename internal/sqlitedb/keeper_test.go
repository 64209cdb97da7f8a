package sqlitedb

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// kept opens a file with a keeper, and a table of blobs.
func kept(t *testing.T, fault func(error)) *DB {
	t.Helper()
	db, err := Open(t.Context(), Options{Path: filepath.Join(t.TempDir(), "data.db"), Create: true, KeepLog: true, Fault: fault})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	if _, err := db.Writer.Exec("CREATE TABLE blob (body BLOB NOT NULL) STRICT"); err != nil {
		t.Fatal(err)
	}
	return db
}

// resting is a file whose keeper works only when it is called.
func resting(t *testing.T) *DB {
	t.Helper()
	db := kept(t, nil)
	db.keeper.stop()
	<-db.keeper.done
	return db
}

func tend(t *testing.T, db *DB) logState {
	t.Helper()
	if err := db.keeper.tend(t.Context()); err != nil {
		t.Fatal(err)
	}
	log, err := db.keeper.checkpoint(t.Context(), "PRAGMA wal_checkpoint(NOOP)")
	if err != nil {
		t.Fatal(err)
	}
	return log
}

func TestAKeeperCopiesTheLogWithoutACommit(t *testing.T) {
	db := resting(t)
	grow(t, db)
	before, err := db.keeper.checkpoint(t.Context(), "PRAGMA wal_checkpoint(NOOP)")
	if err != nil || before.inLog < 1500 || before.copied != 0 {
		t.Fatalf("%+v %v: somebody else made a checkpoint", before, err)
	}
	if after := tend(t, db); after.lacking() != 0 || after.inLog != before.inLog {
		t.Errorf("after it the log is %+v, and was %+v", after, before)
	}
	if _, err := db.Writer.Exec("INSERT INTO blob (body) VALUES (zeroblob(100000))"); err != nil {
		t.Fatal(err)
	}
	if little := tend(t, db); little.lacking() == 0 {
		t.Error("a commit of a few pages was copied alone")
	}
}

func TestAKeeperLetsALongLogBeginAnew(t *testing.T) {
	db := resting(t)
	grow(t, db)
	grow(t, db)
	reader, err := db.Reader.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Rollback()
	if got := count(t, reader); got != 120 {
		t.Fatalf("%d rows", got)
	}
	long := grow(t, db)
	stuck := tend(t, db)
	if stuck.inLog < restartPages || stuck.lacking() == 0 {
		t.Fatalf("the log is %+v while somebody reads", stuck)
	}
	if due := db.keeper.due; due != stuck.inLog+restartAgain {
		t.Errorf("the next try is at %d pages of %d", due, stuck.inLog)
	}
	if err := reader.Rollback(); err != nil {
		t.Fatal(err)
	}
	longer := grow(t, db)
	if log := tend(t, db); log.lacking() != 0 || longer <= long {
		t.Fatalf("the log is %+v when nobody reads", log)
	}
	if again := grow(t, db); again != restartPages*pageSize {
		t.Errorf("the log went from %d to %d bytes instead of beginning anew, cut to what is wanted", longer, again)
	}
}

func TestALogStaysShortWhileReadersNeverPause(t *testing.T) {
	db := kept(t, func(err error) { t.Error(err) })
	reading, stop := context.WithCancel(t.Context())
	var readers sync.WaitGroup
	for range 2 {
		readers.Go(func() {
			for reading.Err() == nil {
				err := db.Chunk(reading, func() error {
					var bytes sql.NullInt64
					return db.Reader.QueryRowContext(reading, "SELECT sum(length(body)) FROM (SELECT body FROM blob LIMIT 10)").Scan(&bytes)
				})
				if err != nil && reading.Err() == nil {
					t.Error(err)
				}
			}
		})
	}
	var longest int64
	for range 1200 {
		err := db.InTx(t.Context(), func(tx *sql.Tx) error {
			_, err := tx.Exec("INSERT INTO blob (body) VALUES (zeroblob(100000))")
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		info, err := os.Stat(db.path + "-wal")
		if err != nil {
			t.Fatal(err)
		}
		longest = max(longest, info.Size())
	}
	stop()
	readers.Wait()
	if bound := int64((tooManyPages + 100) * pageSize); longest > bound {
		t.Errorf("the log grew to %d bytes of 120 MB that were written, more than %d", longest, bound)
	}
}

func TestCommitsGoOnWhileAKeeperCannotWork(t *testing.T) {
	faults := make(chan error, 10)
	db := kept(t, func(err error) { faults <- err })
	if err := db.keeper.pool.Close(); err != nil {
		t.Fatal(err)
	}
	grow(t, db)
	if err := <-faults; err == nil || len(faults) > 0 {
		t.Errorf("told %v and %d more", err, len(faults))
	}
	grow(t, db)
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(db.path + "-wal"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("after closing the log is still there: %v", err)
	}
}
