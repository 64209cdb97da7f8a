package sqlitedb

import (
	"bytes"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"testing"
	"testing/fstest"
	"time"
)

// scattered is a file whose rows were inserted in no order, so that they moved between pages, and of which some were
// deleted.
func scattered(t *testing.T, seed uint64) (db *DB, gone []string) {
	t.Helper()
	const schema = `-- +goose Up
		CREATE TABLE word (kind TEXT NOT NULL, value TEXT NOT NULL, row INTEGER NOT NULL, PRIMARY KEY (kind, value, row)) STRICT, WITHOUT ROWID;
		CREATE TABLE line (id INTEGER PRIMARY KEY, text TEXT NOT NULL) STRICT;
		CREATE INDEX line_text ON line (text);`
	db, err := Open(t.Context(), Options{Path: t.TempDir() + "/scattered.db", Create: true, Migrations: fstest.MapFS{"1_word.sql": {Data: []byte(schema)}}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	r := rand.New(rand.NewPCG(seed, 1))
	for batch := range 60 {
		err := db.InTx(t.Context(), func(tx *sql.Tx) error {
			for i := range 50 {
				row := batch*50 + i
				text := fmt.Sprintf("%08x-canary-%06d-%*d", r.Uint32(), row, r.IntN(120)+1, 0)
				if _, err := tx.Exec("INSERT INTO word (kind, value, row) VALUES ('k', ?, ?)", text, row); err != nil {
					return err
				}
				if _, err := tx.Exec("INSERT INTO line (id, text) VALUES (?, ?)", row, text); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	for range 300 {
		row := r.IntN(3000)
		for _, statement := range []string{"DELETE FROM word WHERE row = ?", "DELETE FROM line WHERE id = ?"} {
			if _, err := db.Writer.Exec(statement, row); err != nil {
				t.Fatal(err)
			}
		}
		gone = append(gone, fmt.Sprintf("canary-%06d", row))
	}
	return db, gone
}

// left counts the canaries that a file and its log still hold.
func left(t *testing.T, path string, gone []string) (n int) {
	t.Helper()
	for _, suffix := range []string{"", "-wal"} {
		content, err := os.ReadFile(path + suffix)
		if err != nil {
			t.Fatal(err)
		}
		for _, canary := range gone {
			if bytes.Contains(content, []byte(canary)) {
				n++
			}
		}
	}
	return n
}

func TestScrubClearsWhatSecureDeleteLeaves(t *testing.T) {
	before := 0
	for seed := range uint64(12) {
		db, gone := scattered(t, seed)
		if _, err := db.Writer.Exec("PRAGMA wal_checkpoint(TRUNCATE)"); err != nil {
			t.Fatal(err)
		}
		before += left(t, db.Path(), gone)
		if err := Scrub(t.Context(), db.Path(), time.Second); err != nil {
			t.Fatal(err)
		}
		if n := left(t, db.Path(), gone); n != 0 {
			t.Errorf("seed %d: %d erased rows can still be read", seed, n)
		}
		checkScattered(t, db)
	}
	if before == 0 {
		t.Error("secure_delete left nothing, so this test proves nothing")
	}
}

// checkScattered reads everything that must still be there, through connections that were open all along.
func checkScattered(t *testing.T, db *DB) {
	t.Helper()
	var verdict string
	if err := db.Writer.QueryRow("PRAGMA integrity_check").Scan(&verdict); err != nil || verdict != "ok" {
		t.Fatalf("integrity: %s, %v", verdict, err)
	}
	var lines, words int
	if err := db.Reader.QueryRow("SELECT (SELECT count(*) FROM line), (SELECT count(*) FROM word w JOIN line l ON l.id = w.row AND l.text = w.value)").Scan(&lines, &words); err != nil {
		t.Fatal(err)
	}
	if lines < 2500 || lines != words {
		t.Errorf("%d lines, %d words", lines, words)
	}
}

func TestScrubSaysThatAReaderKeptTheLog(t *testing.T) {
	db, gone := scattered(t, 5)
	reading, err := db.Reader.Begin()
	if err != nil {
		t.Fatal(err)
	}
	var n int
	if err := reading.QueryRow("SELECT count(*) FROM line").Scan(&n); err != nil {
		t.Fatal(err)
	}
	if err := Scrub(t.Context(), db.Path(), 10*time.Millisecond); !errors.Is(err, ErrBusy) {
		t.Errorf("beside a reader: %v", err)
	}
	if err := reading.Rollback(); err != nil {
		t.Fatal(err)
	}
	if err := Scrub(t.Context(), db.Path(), 10*time.Millisecond, "word", "line"); err != nil || left(t, db.Path(), gone) != 0 {
		t.Errorf("afterwards: %v, %d left", err, left(t, db.Path(), gone))
	}
}

func TestScrubRefusesWhatIsNoDatabase(t *testing.T) {
	path := t.TempDir() + "/text"
	if err := os.WriteFile(path, bytes.Repeat([]byte("text "), 2000), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := Scrub(t.Context(), path, 0); err == nil {
		t.Error("a text was scrubbed")
	}
	if err := Scrub(t.Context(), path+"x", 0); err == nil {
		t.Error("a missing file was scrubbed")
	}
}
