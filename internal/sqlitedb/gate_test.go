package sqlitedb

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// gated opens a file whose owner makes the checkpoints, with a table of blobs.
func gated(t *testing.T) *DB {
	t.Helper()
	db, err := Open(t.Context(), Options{Path: filepath.Join(t.TempDir(), "data.db"), Create: true, Durable: true, OwnCheckpoints: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	if _, err := db.Writer.Exec("CREATE TABLE blob (body BLOB NOT NULL) STRICT"); err != nil {
		t.Fatal(err)
	}
	return db
}

// grow commits about 6 MB, half again as much as SQLite's own checkpoints wait for, and tells how long the log is then.
func grow(t *testing.T, db *DB) int64 {
	t.Helper()
	for range 60 {
		if _, err := db.Writer.Exec("INSERT INTO blob (body) VALUES (zeroblob(100000))"); err != nil {
			t.Fatal(err)
		}
	}
	info, err := os.Stat(db.path + "-wal")
	if err != nil {
		t.Fatal(err)
	}
	return info.Size()
}

func restartLog(t *testing.T, db *DB) (whole bool) {
	t.Helper()
	whole, err := db.RestartLog(t.Context(), 50*time.Millisecond)
	if err != nil {
		t.Fatal(err)
	}
	return whole
}

func TestALogThatBeginsAnewIsOverwritten(t *testing.T) {
	db := gated(t)
	first := grow(t, db)
	if first < 6_000_000 {
		t.Fatalf("the log has %d bytes: somebody else made a checkpoint", first)
	}
	if again := grow(t, db); again < first*3/2 {
		t.Fatalf("the log went from %d to %d bytes by itself", first, again)
	}
	if !restartLog(t, db) {
		t.Fatal("not restarted, though nobody reads")
	}
	info, err := os.Stat(db.path + "-wal")
	if err != nil {
		t.Fatal(err)
	}
	if after := grow(t, db); after != info.Size() {
		t.Errorf("the log went from %d to %d bytes", info.Size(), after)
	}
}

func TestACheckpointWaitsForAPieceAndNotForAReader(t *testing.T) {
	db := gated(t)
	grow(t, db)
	inside, leave, left := make(chan struct{}), make(chan struct{}), make(chan error, 1)
	go func() {
		left <- db.Chunk(context.Background(), func() error { close(inside); <-leave; return nil })
	}()
	<-inside
	if restartLog(t, db) {
		t.Error("restarted while a piece was being read")
	}
	close(leave)
	if err := <-left; err != nil {
		t.Fatal(err)
	}
	if !restartLog(t, db) {
		t.Error("not restarted after the piece")
	}

	grow(t, db)
	tx, err := db.Reader.BeginTx(t.Context(), &sql.TxOptions{ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback()
	var n int
	if err := tx.QueryRow("SELECT count(*) FROM blob").Scan(&n); err != nil {
		t.Fatal(err)
	}
	grow(t, db)
	began := time.Now()
	if restartLog(t, db) {
		t.Error("restarted while somebody was reading")
	}
	if took := time.Since(began); took > 4*time.Second { // SQLite's own patience is five
		t.Errorf("it waited %v for a reader", took)
	}
	var patience int
	if err := db.Writer.QueryRow("PRAGMA busy_timeout").Scan(&patience); err != nil || patience != 5000 {
		t.Errorf("afterwards the writer waits %d ms for a lock, %v", patience, err)
	}
	if err := tx.Rollback(); err != nil {
		t.Fatal(err)
	}
	if !restartLog(t, db) {
		t.Error("not restarted when the reader was done")
	}
}

func TestAPieceEndsWithItsContext(t *testing.T) {
	db := gated(t)
	if err := db.gate.turns.Acquire(t.Context(), everyChunk); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := db.Chunk(ctx, func() error { t.Error("it ran"); return nil }); err == nil {
		t.Error("no error")
	}
}

func TestAFileClosesWholeWhenNobodyReads(t *testing.T) {
	db := gated(t)
	grow(t, db)
	own, err := db.Reader.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	other, err := OpenReadOnly(t.Context(), db.path)
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	foreign, err := other.Reader.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, tx := range []*sql.Tx{own, foreign} {
		if got := count(t, tx); got != 60 {
			t.Fatalf("%d rows", got)
		}
	}
	if err := os.Remove(db.path + "-wal"); err != nil {
		t.Fatal(err)
	}
	for _, reader := range []*sql.Tx{own, foreign} {
		if err := db.CloseWhole(t.Context()); !errors.Is(err, ErrBusy) {
			t.Fatalf("while somebody reads: %v", err)
		}
		if err := reader.Rollback(); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(db.CloseWhole(t.Context()), db.Close(), other.Close()); err != nil {
		t.Fatal(err)
	}
	again, err := OpenReadOnly(t.Context(), db.path)
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	tx, err := again.Reader.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback()
	if got := count(t, tx); got != 60 {
		t.Errorf("%d rows of 60 are in the file", got)
	}
}

func count(t *testing.T, tx *sql.Tx) (n int) {
	t.Helper()
	if err := tx.QueryRow("SELECT count(*) FROM blob").Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}
