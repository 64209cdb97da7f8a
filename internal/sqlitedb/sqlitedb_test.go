package sqlitedb

import (
	"bufio"
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"modernc.org/sqlite"
)

var notes = fstest.MapFS{"0001_note.sql": {Data: []byte(`-- +goose Up
CREATE TABLE note (id INTEGER PRIMARY KEY, text TEXT NOT NULL) STRICT;
CREATE TABLE part (note INTEGER NOT NULL REFERENCES note (id), text TEXT NOT NULL) STRICT;
`)}}

func openNotes(t *testing.T, change ...func(*Options)) *DB {
	t.Helper()
	o := Options{Path: filepath.Join(t.TempDir(), "notes.db"), Create: true, Durable: true, Migrations: notes}
	for _, c := range change {
		c(&o)
	}
	db, err := Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

func one[T any](t *testing.T, pool *sql.DB, query string) (value T) {
	t.Helper()
	if err := pool.QueryRowContext(t.Context(), query).Scan(&value); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return value
}

func TestEveryConnectionIsSetUp(t *testing.T) {
	for name, durable := range map[string]bool{"1": false, "2": true} {
		db := openNotes(t, func(o *Options) { o.Durable = durable })
		for pragma, want := range map[string]string{"journal_mode": "wal", "synchronous": name, "foreign_keys": "1", "secure_delete": "1",
			"busy_timeout": "5000", "query_only": "0"} {
			if got := one[string](t, db.Writer, "PRAGMA "+pragma); got != want {
				t.Errorf("durable %v: %s is %s, want %s", durable, pragma, got, want)
			}
		}
		if got := one[string](t, db.Reader, "PRAGMA query_only"); got != "1" {
			t.Errorf("a reader has query_only %s", got)
		}
	}
	if !sqlite.OFDLockingEnabled() {
		t.Error("SQLite holds POSIX locks, which any other close of the file drops")
	}
	if !sqlite.StrictPragmasEnabled() {
		t.Error("a pragma of the address may hold more than one statement")
	}
}

func TestWhatAConnectionRefuses(t *testing.T) {
	db := openNotes(t)
	for name, tc := range map[string]struct {
		pool      *sql.DB
		statement string
	}{
		"a reader does not write":                    {db.Reader, "INSERT INTO note (text) VALUES ('x')"},
		"nor create":                                 {db.Reader, "CREATE TABLE other (id INTEGER)"},
		"a part needs its note":                      {db.Writer, "INSERT INTO part (note, text) VALUES (7, 'x')"},
		"a word in double quotes is no text":         {db.Writer, `INSERT INTO note (text) VALUES ("nothing")`},
		"the schema cannot be written as a table":    {db.Writer, "PRAGMA writable_schema=ON; DELETE FROM sqlite_schema"},
		"a string is not a number in a STRICT table": {db.Writer, "INSERT INTO note (id, text) VALUES ('x', 'x')"},
	} {
		if _, err := tc.pool.ExecContext(t.Context(), tc.statement); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	// query_only can be switched off by a statement; that the file is open for reading alone cannot.
	if _, err := db.Reader.ExecContext(t.Context(), "PRAGMA query_only=0; INSERT INTO note (text) VALUES ('x')"); err == nil {
		t.Error("a reader that unset query_only wrote")
	}
	if n := one[int](t, db.Writer, "SELECT count(*) FROM note"); n != 0 {
		t.Errorf("%d rows", n)
	}
}

func TestAFileThatIsNotThereIsNotMade(t *testing.T) {
	dir := t.TempDir()
	empty := filepath.Join(dir, "empty.db")
	text := filepath.Join(dir, "text.db")
	for path, content := range map[string]string{empty: "", text: "not a database, however long it may be. " + strings.Repeat("x", 4096)} {
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for name, path := range map[string]string{"missing": filepath.Join(dir, "missing.db"), "in a missing directory": filepath.Join(dir, "a", "b.db"),
		"a directory": dir, "empty": empty, "not a database": text} {
		before, _ := os.ReadFile(path)
		if db, err := Open(t.Context(), Options{Path: path, Migrations: notes}); err == nil {
			db.Close()
			t.Errorf("%s: opened", name)
		}
		if db, err := OpenReadOnly(t.Context(), path); err == nil {
			db.Close()
			t.Errorf("%s: opened for reading", name)
		}
		if after, _ := os.ReadFile(path); !bytes.Equal(before, after) {
			t.Errorf("%s: changed", name)
		}
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 2 {
		t.Errorf("the directory holds %v, %v", entries, err)
	}
}

func TestAFileIsFoundUnderAnyName(t *testing.T) {
	for _, name := range []string{"with space.db", "100%.db", "what?.db", "a#b.db", "ä&b=c.db", "'quoted'.db"} {
		path := filepath.Join(t.TempDir(), name)
		db, err := Open(t.Context(), Options{Path: path, Create: true, Migrations: notes})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if info, err := os.Stat(path); err != nil || info.Size() == 0 {
			t.Errorf("%s: it is elsewhere: %v", name, err)
		} else if info.Mode().Perm() != 0o600 {
			t.Errorf("%s: mode %v", name, info.Mode())
		}
		if err := db.SameFile(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		db.Close()
	}
}

func TestReadingAloneMakesNothing(t *testing.T) {
	db := openNotes(t)
	if _, err := db.Writer.Exec("INSERT INTO note (text) VALUES ('kept')"); err != nil {
		t.Fatal(err)
	}
	beside, err := OpenReadOnly(t.Context(), db.Path())
	if err != nil {
		t.Fatal(err)
	}
	if got := one[string](t, beside.Reader, "SELECT text FROM note"); got != "kept" {
		t.Errorf("beside an open file: %q", got)
	}
	beside.Close()
	db.Close()
	at, err := OpenReadOnly(t.Context(), db.Path())
	if err != nil {
		t.Fatal(err)
	}
	defer at.Close()
	if got := one[string](t, at.Reader, "SELECT text FROM note"); got != "kept" {
		t.Errorf("at rest: %q", got)
	}
	if _, err := at.Reader.Exec("DELETE FROM note"); err == nil {
		t.Error("it was written")
	}
	entries, err := os.ReadDir(filepath.Dir(db.Path()))
	if err != nil || len(entries) != 1 {
		t.Errorf("beside the file at rest stand %v, %v", entries, err)
	}
}

func TestTheOpenFileIsTheOneAtItsPath(t *testing.T) {
	for name, tc := range map[string]struct {
		change func(path string) error
		want   error // nil: still the same
	}{
		"untouched":   {func(string) error { return nil }, nil},
		"removed":     {os.Remove, fs.ErrNotExist},
		"renamed":     {func(p string) error { return os.Rename(p, p+".old") }, fs.ErrNotExist},
		"replaced":    {func(p string) error { return errors.Join(os.Rename(p, p+".old"), os.WriteFile(p, nil, 0o600)) }, ErrMoved},
		"log removed": {func(p string) error { return os.Remove(p + "-wal") }, fs.ErrNotExist},
		"log replaced": {func(p string) error {
			return errors.Join(os.Remove(p+"-wal"), os.WriteFile(p+"-wal", nil, 0o600), os.WriteFile(p+"-x", nil, 0o600))
		}, ErrMoved},
		"read-only":     {func(p string) error { return os.Chmod(p, 0o400) }, ErrReadOnly},
		"log read-only": {func(p string) error { return os.Chmod(p+"-wal", 0o400) }, ErrReadOnly},
		"moved and back": {func(p string) error {
			return errors.Join(os.Rename(p, p+".old"), os.Rename(p+".old", p))
		}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			db := openNotes(t)
			// Another file holds the inode numbers that were freed, so that a new file cannot get one of them.
			hold, err := os.Open(db.Path() + "-wal")
			if err != nil {
				t.Fatal(err)
			}
			defer hold.Close()
			if err := tc.change(db.Path()); err != nil {
				t.Fatal(err)
			}
			if err := db.SameFile(); !errors.Is(err, tc.want) || (tc.want == nil) != (err == nil) {
				t.Errorf("got %v, want %v", err, tc.want)
			}
		})
	}
}

func TestAFileOfTheSameNumberOnAnotherDeviceIsAnother(t *testing.T) {
	db := openNotes(t)
	for name, p := range map[string]*identity{"file": &db.place.main, "log": &db.place.wal} {
		p.device++
		if err := db.SameFile(); !errors.Is(err, ErrMoved) {
			t.Errorf("%s: %v", name, err)
		}
		p.device--
	}
	if err := db.SameFile(); err != nil {
		t.Error(err)
	}
}

func TestAClosedHandleOfTheFileDoesNotDropTheLocks(t *testing.T) {
	db := openNotes(t)
	tx, err := db.Writer.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback()
	if file, err := os.Open(db.Path()); err != nil || file.Close() != nil {
		t.Fatal(err)
	}
	other, err := sql.Open("sqlite", "file:"+db.Path()+"?_pragma=busy_timeout(0)")
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	if _, err := other.Exec("INSERT INTO note (text) VALUES ('between')"); err == nil {
		t.Error("another handle wrote into an open transaction")
	}
}

func TestAnAppendOnlyTableRefusesWhateverTriggersSay(t *testing.T) {
	db := openNotes(t, func(o *Options) { o.AppendOnly, o.NoUpdate = []string{"note"}, []string{"part"} })
	exec := func(statement string) error {
		_, err := db.Writer.ExecContext(t.Context(), statement)
		return err
	}
	for _, allowed := range []string{"INSERT INTO note (id, text) VALUES (1, 'a')", "INSERT INTO part (note, text) VALUES (1, 'a')",
		"DELETE FROM part", "PRAGMA wal_checkpoint(TRUNCATE)", "PRAGMA quick_check", "PRAGMA synchronous",
		"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3) SELECT max(i) FROM n"} {
		if err := exec(allowed); err != nil {
			t.Errorf("%s: %v", allowed, err)
		}
	}
	for _, refused := range []string{
		"UPDATE note SET text = 'b'", "DELETE FROM note", "DELETE FROM note WHERE 0", "UPDATE part SET text = 'b'", "DROP TABLE note",
		"ALTER TABLE note RENAME TO other", "ALTER TABLE note ADD COLUMN c TEXT", "CREATE TABLE other (id INTEGER)", "CREATE INDEX i ON note (text)",
		"CREATE TRIGGER t BEFORE INSERT ON note BEGIN SELECT 1; END", "CREATE TEMP TRIGGER t BEFORE INSERT ON note BEGIN SELECT 1; END",
		"CREATE TEMP TABLE note (id INTEGER)", "CREATE VIEW v AS SELECT 1", "ATTACH ':memory:' AS other", "VACUUM", "ANALYZE",
		"PRAGMA journal_mode=DELETE", "PRAGMA synchronous=OFF", "PRAGMA writable_schema=ON", "PRAGMA recursive_triggers=ON", "PRAGMA foreign_keys=OFF",
		"PRAGMA ignore_check_constraints=ON", "DELETE FROM goose_db_version", "UPDATE goose_db_version SET version_id = 0",
		"INSERT INTO note (id, text) VALUES (1, 'b') ON CONFLICT (id) DO UPDATE SET text = 'b'",
	} {
		if err := exec(refused); err == nil || !strings.Contains(err.Error(), "auth") {
			t.Errorf("%s: %v", refused, err)
		}
	}
	for _, refused := range []string{"PRAGMA query_only=0", "ATTACH ':memory:' AS other", "CREATE TEMP TABLE note (id INTEGER)"} {
		if _, err := db.Reader.ExecContext(t.Context(), refused); err == nil || !strings.Contains(err.Error(), "auth") {
			t.Errorf("%s on a reader: %v", refused, err)
		}
	}
	if got := one[string](t, db.Writer, "SELECT text FROM note"); got != "a" {
		t.Errorf("the note says %q", got)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	again, err := Open(t.Context(), Options{Path: db.Path(), Durable: true, Migrations: notes, AppendOnly: []string{"note"}})
	if err != nil {
		t.Fatalf("migrations under the guard: %v", err)
	}
	again.Close()
}

func TestATransactionIsWholeOrNothing(t *testing.T) {
	db := openNotes(t)
	insert := func(tx *sql.Tx) error {
		_, err := tx.Exec("INSERT INTO note (text) VALUES ('x')")
		return err
	}
	wrong := errors.New("wrong")
	if err := db.InTx(t.Context(), func(tx *sql.Tx) error { return errors.Join(insert(tx), wrong) }); !errors.Is(err, wrong) {
		t.Errorf("got %v", err)
	}
	func() {
		defer func() { recover() }()
		db.InTx(t.Context(), func(tx *sql.Tx) error { insert(tx); panic("bug") })
	}()
	if err := db.InTx(t.Context(), insert); err != nil {
		t.Errorf("the writer is not free again: %v", err)
	}
	if n := one[int](t, db.Reader, "SELECT count(*) FROM note"); n != 1 {
		t.Errorf("%d rows", n)
	}
}

func TestStreamHandsOnEveryRow(t *testing.T) {
	db := openNotes(t)
	if err := db.InTx(t.Context(), func(tx *sql.Tx) error {
		for i := range 100 {
			if _, err := tx.Exec("INSERT INTO note (id, text) VALUES (?, ?)", i, strings.Repeat("x", i)); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	next := 10
	err := db.Stream(t.Context(), "SELECT id, text, NULL FROM note WHERE id >= ? ORDER BY id", []any{next}, func(c []sql.RawBytes) error {
		if string(c[0]) != fmt.Sprint(next) || len(c[1]) != next || c[2] != nil {
			t.Errorf("row %d is %q", next, c)
		}
		next++
		return nil
	})
	if err != nil || next != 100 {
		t.Errorf("ended at %d, %v", next, err)
	}
	stop := errors.New("stop")
	if err := db.Stream(t.Context(), "SELECT id FROM note", nil, func([]sql.RawBytes) error { return stop }); !errors.Is(err, stop) {
		t.Errorf("got %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := db.Stream(ctx, "SELECT id FROM note", nil, func([]sql.RawBytes) error { return nil }); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestOldVersionsOfSQLiteAreRefused(t *testing.T) {
	for version, ok := range map[string]bool{"3.51.3": true, "3.51.4": true, "3.52.0": true, "4.0.0": true, Version(): true,
		"3.51.2": false, "3.50.7": false, "3.9.9": false, "2.99.99": false, "3.51": false, "": false, "unknown": false} {
		if err := checkVersion(version); (err == nil) != ok {
			t.Errorf("%q: %v", version, err)
		}
	}
}

func TestOneProcessHoldsTheDataDirectory(t *testing.T) {
	if dir := os.Getenv("TEST_LOCK_DIR"); dir != "" {
		holdLock(dir)
		return
	}
	dir := t.TempDir()
	other := exec.Command(os.Args[0], "-test.run=^TestOneProcessHoldsTheDataDirectory$")
	other.Env = append(os.Environ(), "TEST_LOCK_DIR="+dir)
	out, err := other.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := other.Start(); err != nil {
		t.Fatal(err)
	}
	if line, err := bufio.NewReader(out).ReadString('\n'); line != "held\n" {
		t.Fatalf("the other process says %q, %v", line, err)
	}
	if _, err := LockDir(dir); !errors.Is(err, ErrLocked) {
		t.Errorf("while another process holds it: %v", err)
	}
	if err := other.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	other.Wait()
	lock, err := LockDir(dir)
	if err != nil {
		t.Fatalf("after the other was killed: %v", err)
	}
	if _, err := LockDir(dir); !errors.Is(err, ErrLocked) {
		t.Errorf("a second time in one process: %v", err)
	}
	if err := lock.Release(); err != nil {
		t.Error(err)
	}
	if lock, err = LockDir(dir); err != nil {
		t.Errorf("after its release: %v", err)
	}
	lock.Release()
	if err := (*Lock)(nil).Release(); err != nil {
		t.Errorf("a lock that was never taken: %v", err)
	}
	if _, err := LockDir(filepath.Join(dir, "missing")); err == nil || errors.Is(err, ErrLocked) {
		t.Errorf("a missing directory: %v", err)
	}
}

// holdLock is the other process: it waits to be killed.
func holdLock(dir string) {
	if _, err := LockDir(dir); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("held")
	<-time.After(time.Minute)
}

func TestErasedBytesLeaveTheFile(t *testing.T) {
	db := openNotes(t)
	canary := "Canary-" + strings.Repeat("q", 5000)
	for _, statement := range []string{"INSERT INTO note (id, text) VALUES (1, '" + canary + "')", "DELETE FROM note", "PRAGMA wal_checkpoint(TRUNCATE)"} {
		if _, err := db.Writer.Exec(statement); err != nil {
			t.Fatal(err)
		}
	}
	for _, path := range []string{db.Path(), db.Path() + "-wal"} {
		content, err := os.ReadFile(path)
		if err != nil || bytes.Contains(content, []byte("qqqqqqqq")) {
			t.Errorf("%s still holds it, %v", path, err)
		}
	}
}

func TestATransactionThatIsCalledOffSaysSo(t *testing.T) {
	db, err := Open(t.Context(), Options{Path: filepath.Join(t.TempDir(), "a.db"), Create: true})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	ctx, cancel := context.WithCancel(t.Context())
	err = db.InTx(ctx, func(tx *sql.Tx) error {
		for cancel(); ; { // until database/sql has noticed
			if _, err := tx.Exec("PRAGMA user_version"); err != nil {
				return err
			}
		}
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}
