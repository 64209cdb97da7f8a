package audit

import (
	"bytes"
	"database/sql"
	"strings"
	"testing"
)

// keptBlocks are the blocks whose lines are kept.
func (f *fixture) keptBlocks() (blocks []int64) {
	f.t.Helper()
	err := f.db.Load().Stream(f.t.Context(), "SELECT block FROM line_block ORDER BY block", nil, func(columns []sql.RawBytes) error {
		block, err := parseSeq(columns[0])
		blocks = append(blocks, block)
		return err
	})
	if err != nil {
		f.t.Fatal(err)
	}
	return blocks
}

// sameRows compares two exports but for their own records at the end, and those of earlier exports.
func sameRows(t *testing.T, got, want []byte, rows int) {
	t.Helper()
	got, want = firstLines(got, rows+1), firstLines(want, rows+1)
	if !bytes.Equal(got, want) || bytes.Count(got, []byte("\r\n")) != rows+1 {
		t.Errorf("%d bytes of %d lines, want %d bytes of %d", len(got), bytes.Count(got, []byte("\r\n")), len(want), rows+1)
	}
}

func firstLines(text []byte, n int) []byte {
	return []byte(strings.Join(strings.SplitAfter(string(text), "\r\n")[:n], ""))
}

func TestLinesThatAreKeptAreThoseThatAreMade(t *testing.T) {
	f := start(t)
	f.fillBatch(2*blockRows+100, "=Example")
	before := f.export(ExportOptions{})
	if err := f.makeLines(t.Context()); err != nil {
		t.Fatal(err)
	}
	if kept := f.keptBlocks(); len(kept) != 2 {
		t.Fatalf("blocks %v are kept", kept)
	}
	sameRows(t, f.export(ExportOptions{}), before, 2*blockRows+100)

	traces, err := f.Traces(t.Context(), "p-4")
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Erase(t.Context(), Event{Action: ProcessErase, Outcome: OK, Actor: System}, traces); err != nil {
		t.Fatal(err)
	}
	erased := f.export(ExportOptions{})
	if kept := f.keptBlocks(); len(traces.Records) == 0 || len(kept) != 1 || kept[0] != 1 {
		t.Errorf("after an erasure in block 0, of records %v, blocks %v are kept", traces.Records, kept)
	}
	if bytes.Equal(firstLines(erased, blockRows), firstLines(before, blockRows)) {
		t.Error("no line says that a detail was erased")
	}
	if err := f.makeLines(t.Context()); err != nil {
		t.Fatal(err)
	}
	sameRows(t, f.export(ExportOptions{}), erased, 2*blockRows+100)
	f.close()
	if v := Verify(t.Context(), VerifyOptions{File: f.o.Path, Key: f.VerifierKey()}); v.Exit != 0 {
		t.Errorf("%+v", v)
	}
}

func TestLinesAreNotKeptOfRecordsThatWereErasedMeanwhile(t *testing.T) {
	f := start(t)
	f.fillBatch(blockRows, "Example")
	if err := f.makeLines(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, statement := range []string{"UPDATE line_block SET text = x'00'", "INSERT OR REPLACE INTO line_block (block, form, text) VALUES (0, 1, x'00')",
		"INSERT INTO line_block (block, form, text) VALUES (1, 1, x'00')"} {
		if _, err := f.db.Load().Writer.Exec(statement); err == nil {
			t.Errorf("%s: accepted", statement)
		}
	}
	if _, err := f.db.Load().Writer.Exec("DELETE FROM line_block"); err != nil {
		t.Fatal(err)
	}
	c := stretch{0, blockRows}
	read, err := (&Export{trail: f.Trail}).readPlain(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.db.Load().Writer.Exec("DELETE FROM detail WHERE seq = 700"); err != nil {
		t.Fatal(err)
	}
	if err := f.keepBlock(t.Context(), 0, read); err != nil || len(f.keptBlocks()) != 0 {
		t.Errorf("kept %v, %v", f.keptBlocks(), err)
	}
}

func TestWhatIsWrongInDerivedTablesIsFound(t *testing.T) {
	f := start(t)
	f.fillBatch(2*blockRows, "Example")
	if err := f.makeLines(t.Context()); err != nil {
		t.Fatal(err)
	}
	f.close()
	for name, tc := range map[string]struct {
		statement string
		exit      int
		bad       int64
	}{
		"a line that is kept":               {"UPDATE line_block SET text = CAST(replace(CAST(text AS TEXT), 'p-1500,', 'p-1501,') AS BLOB)", exitMismatch, 1503},
		"lines that are kept too many":      {"UPDATE line_block SET text = CAST(CAST(text AS TEXT) || 'x' AS BLOB) WHERE block = 1", exitMismatch, 2047},
		"lines of an old form, not used":    {"UPDATE line_block SET form = 0, text = x'00'", exitSound, -1},
		"lines gone":                        {"DELETE FROM line_block", exitSound, -1},
		"a detail gone, but not its line":   {"DELETE FROM detail WHERE seq = 700 AND part = 'who'", exitErased, 700},
		"the dossier that filters find":     {"UPDATE fact SET dossier_id = 'x' WHERE seq = 1200", exitMismatch, 1200},
		"the times of a block":              {"UPDATE span SET high = high + 1 WHERE block = 1", exitMismatch, 1024},
		"a block without its times":         {"DELETE FROM span WHERE block = 0", exitMismatch, 0},
		"columns that run into each other":  {"UPDATE fact SET action = 'process.view' || char(31) || 'ok', outcome = 'onboarding' WHERE seq = 1100", exitMismatch, 1100},
		"a record with its neighbour in it": {"UPDATE entry SET leaf = CAST(leaf || x'0a' || (SELECT leaf FROM entry WHERE seq = 1301) AS BLOB) WHERE seq = 1300", exitMismatch, 1300},
	} {
		path := f.copyTo(t.TempDir())
		edit(t, path, tc.statement)
		if v := Verify(t.Context(), VerifyOptions{File: path, Key: f.VerifierKey()}); v.Exit != tc.exit || v.FirstBad != tc.bad {
			t.Errorf("%s: %+v", name, v)
		}
	}
}

func TestAFileOfTheFirstFormVerifies(t *testing.T) {
	f := start(t)
	f.fillBatch(blockRows, "Example")
	f.close()
	edit(t, f.o.Path, "DROP TABLE line_block", "DROP TABLE span", "DROP INDEX fact_dossier", "ALTER TABLE fact DROP COLUMN dossier_id")
	if v := Verify(t.Context(), VerifyOptions{File: f.o.Path, Key: f.VerifierKey()}); v.Exit != 0 {
		t.Errorf("%+v", v)
	}
}

func TestATrailFromBeforeGetsItsLines(t *testing.T) {
	f := start(t)
	f.fillBatch(blockRows, "Example")
	before := f.export(ExportOptions{})
	f.close()
	edit(t, f.o.Path, "DROP TABLE line_block", "DELETE FROM goose_db_version WHERE version_id = 3")
	f.open(f.o)
	if err := f.makeLines(t.Context()); err != nil || len(f.keptBlocks()) != 1 {
		t.Fatalf("blocks %v are kept, %v", f.keptBlocks(), err)
	}
	sameRows(t, f.export(ExportOptions{}), before, blockRows)
}

// A trail from before lines were kept gets those of all its blocks at once.
func TestLinesThatAreCaughtUpDoNotMakeTheWriteAheadLogLong(t *testing.T) {
	f := start(t)
	const blocks = 2 * restartLines
	f.fillBatch(blocks*blockRows, "Example")
	if err := f.makeLines(t.Context()); err != nil {
		t.Fatal(err)
	}
	if kept := f.keptBlocks(); len(kept) != blocks {
		t.Fatalf("%d blocks of %d are kept", len(kept), blocks)
	}
	var text int64
	if err := f.db.Load().Reader.QueryRowContext(t.Context(), "SELECT max(length(text)) FROM line_block").Scan(&text); err != nil {
		t.Fatal(err)
	}
	if size, most := f.logSize(), (restartLines+2)*text*5/4; size > most || text < 100_000 {
		t.Errorf("the log is %d bytes long after lines of %d bytes a block, more than %d", size, text, most)
	}
}
