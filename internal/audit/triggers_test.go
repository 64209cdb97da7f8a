package audit

import (
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/assure-portal/portal/internal/sqlitedb"
)

// tampering are statements against the tables of a trail of blockRows records and some more, each of which would do what it
// says if nothing refused it, and words of the trigger that does.
var tampering = []struct{ table, statement, refused string }{
	{"entry", "UPDATE entry SET leaf = x'00' WHERE seq = 3", "append-only"},
	{"entry", "UPDATE entry SET seq = seq + 100000 WHERE seq = 3", "append-only"},
	{"entry", "DELETE FROM entry WHERE seq = 3", "append-only"},
	{"entry", "DELETE FROM entry WHERE seq = (SELECT max(seq) FROM entry)", "append-only"},
	{"entry", "DELETE FROM entry", "append-only"}, // without WHERE SQLite would like to forget the table at once
	{"entry", "INSERT OR REPLACE INTO entry (seq, leaf) VALUES (3, x'00')", "without gaps"},
	{"entry", "INSERT INTO entry (seq, leaf) VALUES (3, x'00') ON CONFLICT (seq) DO UPDATE SET leaf = excluded.leaf", "without gaps"},
	{"entry", "UPDATE OR REPLACE entry SET seq = 4 WHERE seq = 3", "append-only"},
	{"entry", "INSERT INTO entry (seq, leaf) SELECT max(seq) + 2, x'00' FROM entry", "without gaps"},
	{"entry", "INSERT INTO entry (seq, leaf) VALUES (-1, x'00')", "without gaps"},
	{"node", "UPDATE node SET hash = zeroblob(32) WHERE idx = 3", "append-only"},
	{"node", "DELETE FROM node WHERE idx = 3", "append-only"},
	{"node", "DELETE FROM node", "append-only"},
	{"node", "INSERT OR REPLACE INTO node (idx, hash) VALUES (3, zeroblob(32))", "without gaps"},
	{"node", "INSERT INTO node (idx, hash) VALUES (3, zeroblob(32)) ON CONFLICT (idx) DO UPDATE SET hash = excluded.hash", "without gaps"},
	{"node", "UPDATE OR REPLACE node SET idx = 4 WHERE idx = 3", "append-only"},
	{"node", "INSERT INTO node (idx, hash) SELECT max(idx) + 2, zeroblob(32) FROM node", "without gaps"},
	{"checkpoint", "UPDATE checkpoint SET note = 'x'", "append-only"},
	{"checkpoint", "DELETE FROM checkpoint WHERE size = (SELECT max(size) FROM checkpoint)", "append-only"},
	{"checkpoint", "DELETE FROM checkpoint", "append-only"},
	{"checkpoint", "INSERT OR REPLACE INTO checkpoint (size, note) SELECT max(size), 'x' FROM checkpoint", "only grow"},
	{"checkpoint", "INSERT OR REPLACE INTO checkpoint (size, note) SELECT min(size), 'x' FROM checkpoint", "only grow"},
	{"checkpoint", "UPDATE OR REPLACE checkpoint SET size = (SELECT max(size) FROM checkpoint) WHERE size = (SELECT min(size) FROM checkpoint)", "append-only"},
	{"detail", "UPDATE detail SET body = x'00' WHERE seq = 3", "not changed"},
	{"detail", "UPDATE detail SET salt = zeroblob(32)", "not changed"},
	{"detail", "UPDATE OR REPLACE detail SET part = 'term' WHERE part = 'who' AND seq = 3", "not changed"},
	{"detail", "INSERT OR REPLACE INTO detail (seq, part, salt, body) VALUES (3, 'who', zeroblob(32), x'00')", "just before its record"},
	{"detail", "INSERT INTO detail (seq, part, salt, body) VALUES (0, 'who', zeroblob(32), x'00')", "just before its record"},
	{"shown", "UPDATE shown SET process_id = 'x' WHERE seq = 4 AND process_id = 'p-3'", "not changed"},
	{"shown", "UPDATE OR REPLACE shown SET process_id = 'p-3' WHERE seq = 4", "not changed"},
	{"shown", "INSERT OR REPLACE INTO shown (process_id, seq) SELECT process_id, seq FROM shown LIMIT 1", "just before its record"},
	{"shown", "INSERT INTO shown (process_id, seq) VALUES ('x', 3)", "just before its record"},
	{"fact", "UPDATE fact SET actor = 'x' WHERE seq = 3", "append-only"},
	{"fact", "DELETE FROM fact WHERE seq = 3", "append-only"},
	{"fact", "DELETE FROM fact", "append-only"},
	{"fact", "INSERT OR REPLACE INTO fact (seq, at, actor, action, outcome, process_id, purpose) VALUES (3, 0, '', '', '', '', '')", "without gaps"},
	{"fact", "INSERT INTO fact (seq, at, actor, action, outcome, process_id, purpose) SELECT max(seq) + 2, 0, '', '', '', '', '' FROM fact", "without gaps"},
	{"span", "UPDATE span SET low = 0", "append-only"},
	{"span", "DELETE FROM span", "append-only"},
	{"span", "INSERT OR REPLACE INTO span (block, low, high) VALUES (0, 0, 0)", "without gaps"},
	{"span", "INSERT INTO span (block, low, high) VALUES (7, 0, 0)", "without gaps"},
	{"line_block", "UPDATE line_block SET text = x'00'", "never changed"},
	{"line_block", "INSERT OR REPLACE INTO line_block (block, form, text) VALUES (0, 1, x'00')", "made once"},
	{"line_block", "INSERT INTO line_block (block, form, text) VALUES (7, 1, x'00')", "made once"},
}

// The program's own connections refuse more, by another way. This is about whoever opens the file with something else.
func TestTheTriggersAloneRefuseEveryChangeOfEachTable(t *testing.T) {
	f := start(t)
	f.fillBatch(blockRows, "Example")
	if err := f.makeLines(t.Context()); err != nil {
		t.Fatal(err)
	}
	f.close()
	raw := rawOpen(t, f.o.Path)
	before := contents(t, raw)
	for _, recursive := range []string{"OFF", "ON"} {
		if _, err := raw.Writer.Exec("PRAGMA recursive_triggers = " + recursive); err != nil {
			t.Fatal(err)
		}
		for _, tc := range tampering {
			if _, err := raw.Writer.Exec(tc.statement); err == nil || !strings.Contains(err.Error(), tc.refused) {
				t.Errorf("recursive triggers %s: %s: %v", recursive, tc.statement, err)
			}
		}
	}
	if after := contents(t, raw); !slices.Equal(before, after) {
		t.Errorf("tables hold\n%q\nwant\n%q", after, before)
	}
	var tried strings.Builder
	tried.WriteString(" ")
	for _, tc := range tampering {
		tried.WriteString(tc.table + " ")
	}
	var tables []string
	for _, line := range before {
		table, _, _ := strings.Cut(line, " ")
		tables = append(tables, table)
		if !strings.Contains(tried.String(), " "+table+" ") {
			t.Errorf("nothing is tried with table %s", table)
		}
	}
	var n int
	if err := raw.Reader.QueryRowContext(t.Context(), "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name <> 'goose_db_version'").Scan(&n); err != nil || n != len(tables) {
		t.Errorf("of %d tables these are looked at: %q, %v", n, tables, err)
	}
}

// Each of the statements does its harm where the triggers are gone: none is refused for another reason.
func TestWithoutTriggersEachChangeWouldBeMade(t *testing.T) {
	f := start(t)
	f.fillBatch(blockRows, "Example")
	if err := f.makeLines(t.Context()); err != nil {
		t.Fatal(err)
	}
	f.close()
	edit(t, f.o.Path)
	bare := rawOpen(t, f.o.Path)
	for _, tc := range tampering {
		tx, err := bare.Writer.BeginTx(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		done, err := tx.Exec(tc.statement)
		if err != nil {
			t.Errorf("%s: %v", tc.statement, err)
		} else if n, err := done.RowsAffected(); n == 0 || err != nil {
			t.Errorf("%s: it changes nothing, %v", tc.statement, err)
		}
		if err := tx.Rollback(); err != nil {
			t.Fatal(err)
		}
	}
}

// contents tells of each table but the list of migrations how much it holds, and a sum of it.
func contents(t *testing.T, db *sqlitedb.DB) (lines []string) {
	t.Helper()
	for _, query := range []string{
		"SELECT 'entry', count(*), sum(seq), group_concat(hex(leaf)) FROM entry", "SELECT 'node', count(*), sum(idx), group_concat(hex(hash)) FROM node",
		"SELECT 'checkpoint', count(*), sum(size), group_concat(note) FROM checkpoint",
		"SELECT 'detail', count(*), sum(seq), group_concat(part || hex(salt) || hex(body)) FROM detail",
		"SELECT 'shown', count(*), sum(seq), group_concat(process_id) FROM shown",
		"SELECT 'fact', count(*), sum(seq), group_concat(at || actor || action || outcome || process_id || purpose || dossier_id) FROM fact",
		"SELECT 'span', count(*), sum(block), group_concat(low || ' ' || high) FROM span",
		"SELECT 'line_block', count(*), sum(block), group_concat(form || hex(text)) FROM line_block",
	} {
		var table, text string
		var count, sum int64
		if err := db.Reader.QueryRowContext(t.Context(), query).Scan(&table, &count, &sum, &text); err != nil {
			t.Fatal(err)
		}
		lines = append(lines, fmt.Sprintf("%s %d %d %d %x", table, count, sum, len(text), sha256.Sum256([]byte(text))))
	}
	return lines
}
