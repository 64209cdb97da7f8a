package sqlitedb

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"

	"modernc.org/sqlite"
)

// countCompiled counts, on the writer, every statement that SQLite compiles from now on.
func countCompiled(t *testing.T, db *DB) *atomic.Int64 {
	t.Helper()
	var n atomic.Int64
	conn, err := db.Writer.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	err = conn.Raw(func(c any) error {
		return c.(*keeping).connection.(sqlite.AuthorizerRegisterer).RegisterAuthorizer(
			func(action sqlite.AuthorizerActionCode, _, _, _, _ string) sqlite.AuthorizerReturnCode {
				if action == sqlite.AuthSelect || action == sqlite.AuthInsert {
					n.Add(1)
				}
				return sqlite.AuthorizerOK
			})
	})
	if err != nil {
		t.Fatal(err)
	}
	return &n
}

func TestAStatementIsCompiledOnceAConnection(t *testing.T) {
	db := openNotes(t)
	compiled := countCompiled(t, db)
	for i := range 5 {
		err := db.InTx(t.Context(), func(tx *sql.Tx) error {
			_, err := tx.ExecContext(t.Context(), `INSERT INTO note (id, text) VALUES (?, ?)`, i, fmt.Sprint("note ", i))
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		var text string
		if err := db.Writer.QueryRowContext(t.Context(), `SELECT text FROM note WHERE id = ?`, i).Scan(&text); err != nil || text != fmt.Sprint("note ", i) {
			t.Errorf("note %d is %q, %v", i, text, err)
		}
	}
	if n := compiled.Load(); n != 2 {
		t.Errorf("compiled %d times, want each of two statements once", n)
	}
}

func TestTheSameStatementCanBeReadTwiceAtOnce(t *testing.T) {
	db := openNotes(t)
	if _, err := db.Writer.ExecContext(t.Context(), `INSERT INTO note (id, text) VALUES (1, 'a'), (2, 'b')`); err != nil {
		t.Fatal(err)
	}
	const all = `SELECT text FROM note WHERE id >= ? ORDER BY id`
	err := db.InTx(t.Context(), func(tx *sql.Tx) error {
		outer, err := tx.QueryContext(t.Context(), all, 1)
		if err != nil {
			return err
		}
		defer outer.Close()
		var read []string
		for outer.Next() {
			var text, inner string
			if err := outer.Scan(&text); err != nil {
				return err
			}
			if err := tx.QueryRowContext(t.Context(), all, 2).Scan(&inner); err != nil {
				return err
			}
			read = append(read, text+inner)
		}
		if got := strings.Join(read, " "); got != "ab bb" {
			t.Errorf("read %q", got)
		}
		return outer.Err()
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestAKeptStatementSurvivesAnErrorAndAContextThatEnds(t *testing.T) {
	db := openNotes(t)
	insert := func(ctx context.Context, id int) error {
		_, err := db.Writer.ExecContext(ctx, `INSERT INTO note (id, text) VALUES (?, 'x')`, id)
		return err
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	for _, step := range []struct {
		name string
		ctx  context.Context
		id   int
		ok   bool
	}{{"first", t.Context(), 1, true}, {"the same key", t.Context(), 1, false}, {"ended", ended, 2, false}, {"another", t.Context(), 3, true}} {
		if err := insert(step.ctx, step.id); (err == nil) != step.ok {
			t.Errorf("%s: %v", step.name, err)
		}
	}
	if n := one[int](t, db.Reader, `SELECT count(*) FROM note`); n != 2 {
		t.Errorf("%d rows", n)
	}
}

func TestAConnectionKeepsSoManyStatementsAndNoMore(t *testing.T) {
	db := openNotes(t)
	for i := range 2 * keptStatements {
		if got := one[int](t, db.Writer, fmt.Sprintf("SELECT %d", i)); got != i {
			t.Fatalf("%d is %d", i, got)
		}
	}
	conn, err := db.Writer.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	err = conn.Raw(func(c any) error {
		if n := len(c.(*keeping).kept); n != keptStatements {
			t.Errorf("%d statements are kept", n)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestNothingCompiledBeforeTheGuardClosedIsKept(t *testing.T) {
	for text, kept := range map[string]bool{"SELECT 1": true, "  insert INTO note (id) VALUES (1)": true, "WITH a AS (SELECT 1) SELECT * FROM a": true,
		"PRAGMA user_version": false, "CREATE TABLE a (b)": false, "SELECT 1; SELECT 2": false, "BEGIN IMMEDIATE": false, "": false} {
		if isKept(text) != kept {
			t.Errorf("%q is kept: %v", text, !kept)
		}
	}
	k := &keeping{guard: newGuard(Options{AppendOnly: []string{"note"}})}
	if s, err := k.take(t.Context(), "DELETE FROM note"); s != nil || err != nil {
		t.Errorf("a statement from before the guard closed is kept: %v %v", s, err)
	}
}
