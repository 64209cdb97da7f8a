package store

import (
	"database/sql"
	"io/fs"
	"path/filepath"
	"slices"
	"testing"
	"testing/fstest"

	"github.com/assure-portal/portal/internal/audit"
	"github.com/assure-portal/portal/internal/sqlitedb"
)

// migrationsTo are those of portal.db up to a file name, as an older portal had them.
func migrationsTo(t *testing.T, last string) fs.FS {
	t.Helper()
	all, some := sqlitedb.Migrations("portal"), fstest.MapFS{}
	names, err := fs.Glob(all, "*.sql")
	must(t, err)
	for _, name := range names {
		text, err := fs.ReadFile(all, name)
		must(t, err)
		if name <= last {
			some[name] = &fstest.MapFile{Data: text}
		}
	}
	return some
}

func TestAnOlderFileLearnsTheRecordOfEachNewestVersion(t *testing.T) {
	h := &house{dir: t.TempDir(), clock: &clock{at: noon}}
	older, err := sqlitedb.Open(t.Context(), sqlitedb.Options{Path: filepath.Join(h.dir, "portal.db"), Create: true, Migrations: migrationsTo(t, "0008_kept.sql")})
	must(t, err)
	must(t, older.InTx(t.Context(), func(tx *sql.Tx) error {
		for id, records := range map[string][]int{"recorded": {4711}, "unrecorded": {-1}, "older version recorded": {4712, -1}} {
			must(t, second(tx.Exec(`INSERT INTO process (process_id, dossier_id, external_reference, external_id, way_in, imported_by, first_seen_at, last_seen_at,
				gone_at, newest, status, final, created_at, updated_at, due_at, attempts, listed_status, listed_updated_at, revision)
				VALUES (?, '', '', '', 'listing', '', 1, 1, 0, ?, 'accepted', 1, 1, 1, 0, 0, '', 0, 1)`, id, len(records))))
			for i, seq := range records {
				must(t, second(tx.Exec(`INSERT INTO snapshot (process_id, version, sha256, received_at, provider, process_type, status, created_at, updated_at, fetch_seq, body)
					VALUES (?, ?, zeroblob(32), 1, 'onfido', '', 'accepted', 1, 1, ?, ?)`, id, i+1, seq, person{id: id}.body(t))))
			}
		}
		return nil
	}))
	must(t, older.Close())
	h.open(t)
	defer h.close(t)
	r := receipt(t, newTrail(t), audit.Event{Action: audit.ProcessExport, Query: Query{}.Canonical()})
	rows, err := h.exported(t, r, Query{})
	must(t, err)
	var got []string
	for _, cells := range rows {
		got = append(got, cells[0]+"="+cells[cellFetchSeq])
	}
	if slices.Sort(got); !slices.Equal(got, []string{"older version recorded=", "recorded=4711", "unrecorded="}) {
		t.Errorf("exported %q", got)
	}
}
