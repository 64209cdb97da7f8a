package store

import (
	"database/sql"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// deliberate are the scans and sorts that the package means to do, by the beginning or end of the statement.
var deliberate = []struct{ statement, plan, why string }{
	{"words, keys, '' FROM entry", "SCAN entry", "the bitmaps are built from the whole index at a start"},
	{"WITH reading (kind, low, high) AS", "SCAN r", "eight readings of a term, of which each looks into the index of keys"},
	{"FROM touched t CROSS JOIN entry e ON e.row = t.row", "SCAN t", "what changed since the bitmaps were copied to a file, taken up again at a start: bounded by the next copy"},
	{"SELECT row FROM touched", "SCAN touched", "the same"},
	{"SELECT id, name FROM saved_search WHERE term IS NULL", "SCAN saved_search", "saved searches of everybody, looked through by an erasure"},
	{"DELETE FROM saved_search WHERE term IS NOT NULL", "SCAN saved_search USING COVERING INDEX saved_search_term", "those with a term, removed by an erasure"},
	{"SELECT process_id, dossier_id, external_reference", "SCAN listed USING INDEX listed_created", "oldest first, to a limit"},
	{"SELECT p.process_id, p.dossier_id", "SCAN s USING INDEX snapshot_unrecorded", "only what is unrecorded, oldest first, to a limit"},
	{"SELECT 'held', date(", "USE TEMP B-TREE FOR GROUP BY", "days and statuses of a month"},
	{"DELETE FROM raw_purpose", "SCAN raw_purpose", "purposes that open sessions gave: few, and an erasure is rare"},
	{"SELECT count(p.process_id) +", "SCAN q", "one row, the id asked for"},
	{"SELECT count(p.process_id) +", "SCAN term USING COVERING INDEX term_expires", "posted terms of a month, counted by an erasure"},
	{"SELECT process_id FROM process WHERE dossier_id", "USE TEMP B-TREE FOR ORDER BY", "the processes of one dossier: few"},
	{"SELECT (SELECT count(*) FROM listed)", "SCAN listed USING COVERING INDEX listed_created", "a count of what is not read yet"},
	{"SELECT (SELECT count(*) FROM listed)", "SCAN owed", "a count of what is owed: few"},
	{"SELECT (SELECT count(*) FROM listed)", "SCAN process USING INDEX process_undecided", "what is gone and nobody has decided about: few"},
	{"SELECT process_id, status, last_seen_at, gone_at FROM process WHERE gone_at > kept_at", "SCAN process USING INDEX process_undecided", "the same, newest first, to a limit"},
	{"SELECT reason, count(*)", "SCAN refused", "what was refused and not read since: few"},
	{"SELECT reason, count(*)", "USE TEMP B-TREE FOR GROUP BY", "a handful of reasons"},
	{"SELECT reason, count(*)", "USE TEMP B-TREE FOR ORDER BY", "a handful of reasons"},
	{"SELECT coalesce(f.read_to, 0)", "SCAN listed USING COVERING INDEX listed_final", "what is listed, finished and not held: few"},
}

// TestEveryStatementHasItsIndex asks SQLite how it would run every statement that stands in this package.
func TestEveryStatementHasItsIndex(t *testing.T) {
	h := newHouse(t)
	x, err := h.acquire()
	must(t, err)
	defer x.users.Done()
	statements := statementsOf(t)
	if len(statements) < 40 {
		t.Fatalf("only %d statements found", len(statements))
	}
	for _, statement := range statements {
		plan, err := planOf(h.portal.Reader, statement)
		if err != nil {
			plan, err = planOf(x.db.Reader, statement)
		}
		if err != nil {
			t.Errorf("%v: %s", err, statement)
		}
		for _, step := range plan {
			if costly(step) && !meant(statement, step) {
				t.Errorf("%s\n\tin %s", step, statement)
			}
		}
	}
}

var statement = regexp.MustCompile(`^\s*(SELECT|INSERT|UPDATE|DELETE|WITH)\s`)

// statementsOf reads the SQL literals of the package's source.
func statementsOf(t *testing.T) (statements []string) {
	files, err := filepath.Glob("*.go")
	must(t, err)
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		must(t, err)
		ast.Inspect(file, func(n ast.Node) bool {
			literal, ok := n.(*ast.BasicLit)
			if !ok || literal.Kind != token.STRING {
				return true
			}
			text, err := strconv.Unquote(literal.Value)
			must(t, err)
			if statement.MatchString(text) {
				statements = append(statements, text)
			}
			return true
		})
	}
	return statements
}

var parameter = regexp.MustCompile(`\?\d*`)

func planOf(db *sql.DB, statement string) (steps []string, err error) {
	rows, err := db.Query("EXPLAIN QUERY PLAN " + parameter.ReplaceAllString(statement, "NULL"))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var id, parent, unused int
		var step string
		if err := rows.Scan(&id, &parent, &unused, &step); err != nil {
			return nil, err
		}
		steps = append(steps, step)
	}
	return steps, rows.Err()
}

// costly steps grow with the table: scans, whole indexes included, and sorts. A list given as JSON is bounded.
func costly(step string) bool {
	if strings.Contains(step, "VIRTUAL TABLE") || strings.Contains(step, "CONSTANT ROW") || strings.Contains(step, "VALUES CLAUSE") || strings.HasPrefix(step, "SCAN store_state") {
		return false
	}
	return strings.HasPrefix(step, "SCAN ") || strings.Contains(step, "TEMP B-TREE")
}

func meant(statement, step string) bool {
	statement = strings.TrimSpace(statement)
	for _, d := range deliberate {
		if (strings.HasPrefix(statement, d.statement) || strings.HasSuffix(statement, d.statement)) && step == d.plan {
			return true
		}
	}
	return false
}

func TestCostlyStepsAreTold(t *testing.T) {
	h := newHouse(t)
	for statement, want := range map[string]bool{
		`SELECT version FROM snapshot WHERE status = ?`:                                        true,
		`SELECT process_id FROM process ORDER BY updated_at`:                                   true,
		`SELECT version FROM snapshot WHERE process_id = ? AND version = ?`:                    false,
		`SELECT s.version FROM json_each(?) j CROSS JOIN snapshot s ON s.process_id = j.value`: false,
	} {
		plan, err := planOf(h.portal.Reader, statement)
		if err != nil || slices.ContainsFunc(plan, costly) != want {
			t.Errorf("%s: %v, %v", statement, plan, err)
		}
	}
}
