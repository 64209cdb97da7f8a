package store

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/assure-portal/portal/internal/audit"
)

// checkLines fails unless the lines that are kept are those that the rows of an export make now, letter by letter.
func (h *house) checkLines(t testing.TB) {
	t.Helper()
	x, err := h.acquire()
	must(t, err)
	defer x.users.Done()
	rows := x.memory.newestFirst(x.memory.all)
	ids := x.memory.ids(rows)
	lines, err := h.lines(t.Context(), x, ids)
	must(t, err)
	for _, form := range []LineForm{{}, {Semicolons: true}, {Shown: openly}, {Shown: openly, Semicolons: true}} {
		got, n, err := h.csvLines(t.Context(), x, rows, form)
		must(t, err)
		if want := madeAnew(lines, form); n != len(lines) || fmt.Sprintf("%q", cellsIn(t, got, form)) != fmt.Sprintf("%q", want) {
			t.Errorf("%+v: %d lines are kept\n%s\nand %d made\n%q", form, n, got, len(lines), want)
		}
	}
	var kept int
	must(t, x.db.Reader.QueryRowContext(t.Context(), `SELECT count(*) FROM csv_line`).Scan(&kept))
	if kept != len(lines) {
		t.Errorf("%d lines are kept of %d processes", kept, len(lines))
	}
}

// madeAnew are the cells of lines, guarded as a file's are.
func madeAnew(lines []ExportRow, form LineForm) (all [][]string) {
	for _, l := range lines {
		cells := l.Cells(form.shown())
		for i := range cells {
			cells[i] = audit.GuardCell(cells[i])
		}
		all = append(all, cells)
	}
	return all
}

func cellsIn(t testing.TB, text []byte, form LineForm) [][]string {
	r := csv.NewReader(bytes.NewReader(text))
	r.Comma = rune(form.delimiter())
	all, err := r.ReadAll()
	must(t, err)
	return all
}

func TestKeptLinesAreThoseOfRowsAfterEveryChange(t *testing.T) {
	h := newHouse(t)
	at := noon.Add(time.Hour)
	strange := person{id: "a-1", dossier: "d,1", reference: `=cmd|"x";y`, first: "Ann \"A\"", last: "line\nbreak", document: "+12-34", provider: "on,fido", status: " led", way: ByImport}
	for _, step := range []struct {
		name string
		do   func() error
	}{
		{"new, with what CSV must quote and guard", func() error { h.save(t, strange, person{id: "b-2", last: "Visser", reference: "order 2"}); return nil }},
		{"another version", func() error { h.save(t, person{id: "b-2", last: "de Vries", status: "rejected"}); return nil }},
		{"its arrival recorded", func() error { return h.SetFetchRecord(t.Context(), "b-2", 2, 4711) }},
		{"listed again", func() error {
			_, err := h.NoteListed(t.Context(), []Listed{{ProcessID: "b-2", DossierID: "other", ExternalReference: "order 3", Status: "rejected"}}, at)
			return err
		}},
		{"what the customer stated", func() error {
			_, err := h.SaveUserData(t.Context(), "other", []byte(`{"firstName":"Someone"}`), at)
			return err
		}},
		{"another version, not recorded yet", func() error { h.save(t, person{id: "b-2", last: "de Vries", status: "accepted"}); return nil }},
		{"the record of an older version", func() error {
			h.save(t, person{id: "b-2", last: "Vries"})
			return h.SetFetchRecord(t.Context(), "b-2", 3, 4712)
		}},
		{"built anew", func() error { return h.Reindex(t.Context(), func(int, int) {}) }},
		{"read on another day", func() error { h.clock.set(noon.AddDate(0, 2, 0)); h.search(t, Query{}); return nil }},
		{"erased", func() error { return h.Erase(t.Context(), "a-1", "request", noon) }},
	} {
		must(t, step.do())
		if h.checkLines(t); t.Failed() {
			t.Fatal(step.name)
		}
	}
}

func TestAnErasureTakesTheKeptLine(t *testing.T) {
	h := newHouse(t)
	h.save(t, person{id: "a-1", reference: "canary-quillfeather", last: "Visser"}, person{id: "b-2"})
	h.reopen(t)
	if !holds(t, h.indexPath(1), "canary-quillfeather") {
		t.Fatal("the line was not kept")
	}
	must(t, h.Erase(t.Context(), "a-1", "request", noon))
	h.checkLines(t)
	for _, suffix := range []string{"", "-wal"} {
		if holds(t, h.indexPath(1)+suffix, "canary-quillfeather") {
			t.Errorf("the erased line is in index%s", suffix)
		}
	}
}

// TestLinesTellEachProcessAsItStandsAtItsTurn erases and changes processes between the look at the bitmaps and the read of the lines.
func TestLinesTellEachProcessAsItStandsAtItsTurn(t *testing.T) {
	h := newHouse(t)
	for i := range 3 {
		h.save(t, person{id: fmt.Sprintf("p-%04d", i), created: noon.Add(-time.Duration(i) * time.Minute), reference: fmt.Sprintf("order %d", i)})
	}
	q := Query{Term: "order"}
	r := receipt(t, newTrail(t), audit.Event{Action: audit.ProcessExport, Query: q.Canonical()})
	var got strings.Builder
	must(t, h.Export(t.Context(), r, q, LineForm{}, func(text []byte, rows int) error {
		must(t, h.Erase(t.Context(), "p-0001", "request", noon))
		fmt.Fprintf(&got, "%d rows\n%s", rows, text)
		return nil
	}))
	if text := got.String(); strings.Count(text, "\r\n") != 3 || !strings.HasPrefix(text, "3 rows\np-0000,") {
		t.Errorf("the export is %q", text)
	}
	got.Reset()
	must(t, h.Export(t.Context(), r, q, LineForm{}, func(text []byte, rows int) error { got.Write(text); return nil }))
	if text := got.String(); strings.Count(text, "\r\n") != 2 || strings.Contains(text, "p-0001") {
		t.Errorf("after the erasure it is %q", text)
	}
	gone := errors.New("the reader is gone")
	if err := h.Export(t.Context(), r, q, LineForm{}, func([]byte, int) error { return gone }); !errors.Is(err, gone) {
		t.Errorf("a reader who is gone: %v", err)
	}
	if err := h.Export(t.Context(), r, Query{}, LineForm{}, func([]byte, int) error { return nil }); err == nil {
		t.Error("a receipt of another query is enough")
	}
}

// TestALineOfAnIndexThatIsBehindIsMadeAnew keeps a snapshot that the index does not know yet.
func TestALineOfAnIndexThatIsBehindIsMadeAnew(t *testing.T) {
	h := newHouse(t)
	h.save(t, person{id: "a-1", status: "pending"})
	x, err := h.acquire()
	must(t, err)
	defer x.users.Done()
	for _, statement := range []string{`INSERT INTO snapshot (process_id, version, sha256, received_at, provider, process_type, status, created_at, updated_at, body)
		SELECT process_id, 2, sha256, received_at, provider, process_type, status, created_at, updated_at, body FROM snapshot`, `UPDATE process SET newest = 2`} {
		must(t, second(h.portal.Writer.ExecContext(t.Context(), statement)))
	}
	text, n, err := h.csvLines(t.Context(), x, x.memory.all.ToArray(), LineForm{})
	if err != nil || n != 1 || !strings.Contains(string(text), ",listing,,2,") {
		t.Errorf("%d lines, %v: %s", n, err, text)
	}
}

func FuzzReadKeptLine(f *testing.F) {
	f.Add(keptLine{[]byte("a,b"), []byte("listing"), []byte("1,2")}.encode())
	f.Add([]byte{})
	f.Add([]byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01, 2})
	f.Fuzz(func(t *testing.T, b []byte) {
		if k, err := readKeptLine(b); err == nil {
			if again, err := readKeptLine(k.encode()); err != nil || fmt.Sprint(again) != fmt.Sprint(k) {
				t.Errorf("%x is read as %v and then as %v, %v", b, k, again, err)
			}
		}
	})
}
