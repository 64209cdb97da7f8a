package audit

import (
	"database/sql"
	"slices"
	"testing"
	"time"

	"github.com/assure-portal/portal/internal/sqlitedb"
)

// takeBack makes a file what the first version of the portal had made of the same records.
func takeBack(t *testing.T, path string) {
	t.Helper()
	db, err := sqlitedb.Open(t.Context(), sqlitedb.Options{Path: path})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := db.InTx(t.Context(), func(tx *sql.Tx) error {
		for _, s := range []string{"DROP TRIGGER fact_span", "DROP TABLE span", "DROP INDEX fact_dossier", "ALTER TABLE fact DROP COLUMN dossier_id",
			"CREATE INDEX fact_at ON fact (at, seq)", "DROP TABLE line_block", "DELETE FROM goose_db_version WHERE version_id > 1"} {
			if _, err := tx.Exec(s); err != nil {
				t.Fatalf("%s: %v", s, err)
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
}

func TestAFileOfTheFirstVersionIsBroughtUpToDate(t *testing.T) {
	f := start(t)
	f.fillBatch(2*spanSize, "somebody")
	f.clock.move(time.Hour)
	f.append(view("p-late"))
	size := f.State().Size
	f.close()
	takeBack(t, f.o.Path)
	if v := Verify(t.Context(), VerifyOptions{File: f.o.Path, Key: f.VerifierKey()}); v.Exit != 0 {
		t.Errorf("before: %+v", v)
	}
	f.open(f.o)
	if ids, err := f.ProcessesOf(t.Context(), "d-p-late"); err != nil || !slices.Equal(ids, []string{"p-late"}) {
		t.Errorf("its dossiers: %v, %v", ids, err)
	}
	p, err := f.Find(t.Context(), Filter{From: f.clock.Now().Add(-time.Minute), Action: string(ProcessView)}, 10)
	if err != nil || !slices.Equal(p.Seqs, []int64{size - 1}) {
		t.Errorf("what is of a time: %+v, %v", p, err)
	}
	f.append(view("p-new"))
	f.close()
	if v := Verify(t.Context(), VerifyOptions{File: f.o.Path, Key: f.VerifierKey()}); v.Exit != 0 {
		t.Errorf("after: %+v", v)
	}
}
