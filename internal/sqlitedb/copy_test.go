package sqlitedb

import (
	"context"
	"database/sql"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"testing"
)

func TestACopyHoldsOneMomentOfAFileInUse(t *testing.T) {
	dir := t.TempDir()
	db, err := Open(t.Context(), Options{Path: filepath.Join(dir, "a.db"), Create: true, Durable: true})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Writer.Exec(`CREATE TABLE pair(a INTEGER NOT NULL, b INTEGER NOT NULL)`); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	var writer sync.WaitGroup
	writer.Go(func() { insertPairs(ctx, t, db) })
	for i := range 5 {
		to := filepath.Join(dir, string(rune('a'+i))+"-copy.db")
		if err := Copy(t.Context(), db.Path(), to); err != nil {
			t.Errorf("copy beside a writer: %v", err)
		}
		checkPairs(t, to)
	}
	stop()
	writer.Wait()
}

// insertPairs keeps writing transactions that are whole only with both of their rows.
func insertPairs(ctx context.Context, t *testing.T, db *DB) {
	for n := 0; ctx.Err() == nil; n++ {
		err := db.InTx(t.Context(), func(tx *sql.Tx) error {
			if _, err := tx.Exec(`INSERT INTO pair(a, b) VALUES(?, 1)`, n); err != nil {
				return err
			}
			_, err := tx.Exec(`INSERT INTO pair(a, b) VALUES(?, 2)`, n)
			return err
		})
		if err != nil {
			t.Errorf("write beside a copy: %v", err)
			return
		}
	}
}

func checkPairs(t *testing.T, path string) {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, error %v: others may read the copy", info.Mode(), err)
	}
	copied, err := OpenReadOnly(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer copied.Close()
	var halves int
	if err := copied.Reader.QueryRow(`SELECT count(*) FROM (SELECT a FROM pair GROUP BY a HAVING count(*) <> 2)`).Scan(&halves); err != nil || halves != 0 {
		t.Errorf("%d transactions were copied in half, error %v", halves, err)
	}
}

func TestACopyIsRefusedAndLeavesNothingBehind(t *testing.T) {
	dir := t.TempDir()
	write := func(name, content string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	for what, from := range map[string]string{
		"of a file that is not there": filepath.Join(dir, "missing.db"), "of an empty file": write("empty.db", ""), "of something else": write("else.db", "no database at all, but long enough to look at"),
	} {
		to := filepath.Join(dir, "copy of "+filepath.Base(from))
		if err := Copy(t.Context(), from, to); err == nil {
			t.Errorf("a copy %s was made", what)
		}
		if _, err := os.Stat(to); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("a copy %s left a file behind: %v", what, err)
		}
	}
	old := write("old.db", "an older copy")
	if err := Copy(t.Context(), old, old); err == nil {
		t.Error("an existing file was taken for the copy")
	}
	if content, err := os.ReadFile(old); err != nil || string(content) != "an older copy" {
		t.Errorf("the existing file holds %q, error %v", content, err)
	}
}

// A copy reads one moment, so nothing that is written meanwhile can leave the log. It grows by that and no further.
func TestTheLogGrowsByWhatIsWrittenDuringACopyAndNoFurther(t *testing.T) {
	dir := t.TempDir()
	db, err := Open(t.Context(), Options{Path: filepath.Join(dir, "a.db"), Create: true})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	write := func(bytes int) {
		t.Helper()
		if _, err := db.Writer.Exec(`INSERT INTO thing(body) VALUES(zeroblob(?))`, bytes); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := db.Writer.Exec(`CREATE TABLE thing(body BLOB NOT NULL)`); err != nil {
		t.Fatal(err)
	}
	for range 20 {
		write(1 << 20)
	}
	logged := func() int64 {
		info, err := os.Stat(db.Path() + "-wal")
		if err != nil {
			t.Fatal(err)
		}
		return info.Size()
	}
	before, done, commits := logged(), make(chan error, 1), int64(0)
	go func() { done <- Copy(t.Context(), db.Path(), filepath.Join(dir, "copy.db")) }()
	for copying := true; copying; {
		select {
		case err := <-done:
			if copying = false; err != nil {
				t.Fatal(err)
			}
		default:
			write(1 << 10)
			commits++
		}
	}
	const changed = 4 * 4096 // bytes that a small change puts into the log, at most
	after := logged()
	t.Logf("%d changes during the copy, %d kB in the log before, %d kB after", commits, before>>10, after>>10)
	if after > before+commits*changed {
		t.Errorf("%d changes left %d bytes in the log, %d before", commits, after, before)
	}
	for range 2000 {
		write(1 << 10)
	}
	if again := logged(); again > max(after, 2000*changed/2) {
		t.Errorf("after the copy the log went on to grow, from %d to %d bytes", after, again)
	}
}
