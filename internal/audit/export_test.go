package audit

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"reflect"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/quick"
	"unicode"

	"github.com/assure-portal/portal/internal/apperr"
)

// export is a CSV of the trail.
func (f *fixture) export(o ExportOptions) []byte {
	f.t.Helper()
	x, err := f.BeginExport(f.t.Context(), Event{Actor: ada, RequestID: "r-x", Purpose: "audit", Facts: map[string]string{"file": "audit.csv"}}, o)
	if err != nil {
		f.t.Fatal(err)
	}
	var b bytes.Buffer
	if err := x.WriteCSV(f.t.Context(), &b); err != nil {
		f.t.Fatal(err)
	}
	return b.Bytes()
}

// table reads a CSV with a reader that nobody here wrote.
func table(t testing.TB, text []byte, comma rune) [][]string {
	t.Helper()
	text, found := bytes.CutPrefix(text, []byte("\xEF\xBB\xBF"))
	if !found {
		t.Error("no byte order mark")
	}
	r := csv.NewReader(bytes.NewReader(text))
	r.Comma = comma
	rows, err := r.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

const wantHeader = "seq,time,actor,actor_name,role,action,outcome,process_id,dossier_id,version,snapshot_sha256,rows,purpose,case,detail,request_id,session,ip,build,erased,leaf_hash"

func TestTheCSVHasTheContractsForm(t *testing.T) {
	f := start(t)
	f.append(view("p-1"))
	text := f.export(ExportOptions{})
	lines := strings.SplitAfter(string(text), "\r\n")
	hash := hex.EncodeToString(f.all()[2].LeafHash[:])
	if lines[0] != "\uFEFF"+wantHeader+"\r\n" {
		t.Errorf("header %q", lines[0])
	}
	want := "2,2026-03-02T09:14:05.113Z,subject-1,,auditor,process.view,ok,p-1,d-p-1,2," + strings.Repeat("ab", 32) + ",0,onboarding,,,r-1,s-1,,build-1,false," + hash + "\r\n"
	if lines[3] != want {
		t.Errorf("got  %q\nwant %q", lines[3], want)
	}
	if len(lines) != 6 || lines[5] != "" || strings.Count(string(text), "\n") != strings.Count(string(text), "\r\n") {
		t.Errorf("%d lines, not all end in CRLF", len(lines))
	}
	if !strings.Contains(lines[4], ",audit.export,ok,") {
		t.Errorf("the last row is %q", lines[4])
	}
}

func TestColumnsWithNamesAreFilledOnRequestAlone(t *testing.T) {
	f := start(t)
	e := search("=HYPERLINK(\"x\")", "p-1", "p-2")
	e.Case, e.Because = "-KYC 1", "because"
	f.append(e)
	for name, tc := range map[string]struct {
		o    ExportOptions
		want []string // actor_name, case, detail, ip of the list
	}{
		"nothing asked": {ExportOptions{}, []string{"", "", "", ""}},
		"identity":      {ExportOptions{Identity: true}, []string{"Ada Example", "'-KYC 1", "", "192.0.2.1"}},
		"detail": {ExportOptions{Detail: true}, []string{"", "",
			`{"issuer":"https://id.test","facts":{"status":"accepted"},"because":"because","term":"=HYPERLINK(\"x\")","shown":["p-1","p-2"]}`, ""}},
		"both, with semicolons": {ExportOptions{Identity: true, Detail: true, Semicolon: true}, []string{"Ada Example", "'-KYC 1",
			`{"issuer":"https://id.test","facts":{"status":"accepted"},"because":"because","term":"=HYPERLINK(\"x\")","shown":["p-1","p-2"]}`, "192.0.2.1"}},
	} {
		comma := rune(tc.o.comma())
		row := table(t, f.export(tc.o), comma)[3]
		if got := []string{row[3], row[13], row[14], row[17]}; !slices.Equal(got, tc.want) {
			t.Errorf("%s: %q", name, got)
		}
	}
}

func TestAnExportEndsWithItsOwnRecordAndIsFollowedByItsEnd(t *testing.T) {
	f := start(t)
	f.fill(9)
	for name, tc := range map[string]struct {
		filter Filter
		want   string
	}{
		"everything":             {Filter{}, "0 1 2 3 4 5 6 7 8 9 10"},
		"a filter":               {Filter{Action: string(AccessRefused)}, "4 7 10"},
		"one that matches none":  {Filter{Actor: "nobody"}, ""},
		"one that matches it":    {Filter{Action: string(AuditExport)}, ""},
		"a process and lists":    {Filter{Process: "p-3"}, "3 5 6 9"},
		"only older than before": {Filter{Action: string(AccessRefused), Before: 10}, "4 7"},
	} {
		before := f.State().Size
		text := f.export(ExportOptions{Filter: tc.filter})
		var seqs []string
		for _, row := range table(t, text, ',')[1:] {
			seqs = append(seqs, row[0])
		}
		last := seqs[len(seqs)-1]
		if last != strconv.FormatInt(before, 10) {
			t.Errorf("%s: the last row is %s, not %d", name, last, before)
		}
		got := strings.Join(seqs[:len(seqs)-1], " ")
		if name == "one that matches it" || name == "everything" { // earlier exports match too, in the map's order
			got = strings.Join(strings.Fields(got)[:min(len(seqs)-1, len(strings.Fields(tc.want)))], " ")
		}
		if got != tc.want {
			t.Errorf("%s: rows %s", name, got)
		}
		sum := sha256.Sum256(text)
		done := f.all()[before+1]
		if done.Action != AuditExportDone || done.Outcome != OK || done.Rows != int64(len(seqs)) || done.Facts["sha256"] != hex.EncodeToString(sum[:]) ||
			done.Facts["export"] != last || done.ActorName != ada.Name || done.Term != "" {
			t.Errorf("%s: it ended with %+v", name, done)
		}
		sizes, _ := f.checkpoints()
		if !slices.Contains(sizes, before+1) {
			t.Errorf("%s: no checkpoint of size %d in %v", name, before+1, sizes)
		}
	}
}

// brokenWriter takes so many bytes.
type brokenWriter struct{ left int }

var errGoneAway = errors.New("the reader went away")

func (w *brokenWriter) Write(b []byte) (int, error) {
	if len(b) > w.left {
		return w.left, errGoneAway
	}
	w.left -= len(b)
	return len(b), nil
}

func TestAnExportThatBreaksOffIsRecordedAsFailed(t *testing.T) {
	f := start(t)
	f.fill(50)
	for name, write := range map[string]func(*Export, context.Context) error{
		"a CSV at once": func(x *Export, ctx context.Context) error { return x.WriteCSV(ctx, &brokenWriter{0}) },
		"a CSV later":   func(x *Export, ctx context.Context) error { return x.WriteCSV(ctx, &brokenWriter{1000}) },
		"a bundle":      func(x *Export, ctx context.Context) error { return x.WriteBundle(ctx, &brokenWriter{500}) },
		"a reader's end": func(x *Export, ctx context.Context) error {
			c, cancel := context.WithCancel(ctx)
			cancel()
			return x.WriteCSV(c, io.Discard)
		},
		"a bundle so too": func(x *Export, ctx context.Context) error {
			c, cancel := context.WithCancel(ctx)
			cancel()
			return x.WriteBundle(c, io.Discard)
		},
	} {
		x, err := f.BeginExport(t.Context(), Event{Actor: ada}, ExportOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if err := write(x, t.Context()); !errors.Is(err, errGoneAway) && !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v", name, err)
		}
		if last := f.all()[f.State().Size-1]; last.Action != AuditExportDone || last.Outcome != Failed {
			t.Errorf("%s: the last record is %s %s", name, last.Action, last.Outcome)
		}
	}
}

func TestNoExportBeginsOnAClosedTrail(t *testing.T) {
	f := start(t)
	f.close()
	if _, err := f.BeginExport(t.Context(), Event{Actor: ada}, ExportOptions{}); !apperr.Is(err, apperr.TrailClosed) {
		t.Errorf("got %v", err)
	}
}

func TestFormulasAreGuarded(t *testing.T) {
	for cell, want := range map[string]string{
		"": "", "plain": "plain", "a=b": "a=b", "1-2": "1-2", "'=x": "'=x", "2026-03-02": "2026-03-02", "ä": "ä", "  text": "  text",
		"=1+1": "'=1+1", "+49 30 1": "'+49 30 1", "-1": "'-1", "@SUM(A1)": "'@SUM(A1)", "\t=1": "'\t=1", "\r=1": "'\r=1", "\n=1": "'\n=1", " =1": "' =1",
		"\u00a0=1": "'\u00a0=1", "\u200b=1": "'\u200b=1", "\x00=1": "'\x00=1", "＝1": "'＝1", "＋1": "'＋1", "－1": "'－1", "＠x": "'＠x", "\ttext": "'\ttext",
	} {
		if got := GuardCell(cell); got != want {
			t.Errorf("%q becomes %q", cell, got)
		}
	}
}

// Another Unicode puts other characters among those that are passed over.
func TestTheGuideNamesTheUnicodeByWhichCellsAreGuarded(t *testing.T) {
	if version := "Unicode " + strings.TrimSuffix(unicode.Version, ".0") + " general category"; !strings.Contains(verifyText, version) {
		t.Errorf("it does not speak of the %s", version)
	}
}

func TestAnyCellComesBackFromTheLine(t *testing.T) {
	if err := quick.Check(func(one, other string, semicolon bool) bool {
		o := ExportOptions{Semicolon: semicolon}
		line := appendCells(nil, []string{one, other, "x"}, o)
		r := csv.NewReader(strings.NewReader(strings.ReplaceAll(string(line), "\r", "\x01"))) // the reader would change CR itself
		r.Comma = rune(o.comma())
		row, err := r.Read()
		back := func(s string) string { return strings.ReplaceAll(GuardCell(s), "\r", "\x01") }
		return err == nil && len(row) == 3 && row[0] == back(one) && row[1] == back(other)
	}, &quick.Config{MaxCount: 2000}); err != nil {
		t.Error(err)
	}
}

func TestABundleHoldsItsSixFiles(t *testing.T) {
	f := start(t)
	f.fill(6)
	bundle := f.bundle(ExportOptions{Filter: Filter{Actor: ada.Subject}})
	var names []string
	for _, file := range zipFiles(t, bundle) {
		names = append(names, file.name)
	}
	if want := []string{"audit.csv", "leaves.jsonl", "hashes.bin", "checkpoint", "VERIFY.md", "manifest.json"}; !reflect.DeepEqual(names, want) {
		t.Errorf("files %q", names)
	}
}

func (f *fixture) bundle(o ExportOptions) []byte {
	f.t.Helper()
	x, err := f.BeginExport(f.t.Context(), Event{Actor: ada, Purpose: "audit"}, o)
	if err != nil {
		f.t.Fatal(err)
	}
	var b bytes.Buffer
	if err := x.WriteBundle(f.t.Context(), &b); err != nil {
		f.t.Fatal(err)
	}
	return b.Bytes()
}

// zipFile is a file of a bundle; tests change them and pack them again.
type zipFile struct {
	name    string
	content []byte
}

func zipFiles(t testing.TB, bundle []byte) (files []zipFile) {
	t.Helper()
	r, err := zip.NewReader(bytes.NewReader(bundle), int64(len(bundle)))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range r.File {
		file, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(file)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, zipFile{f.Name, content})
	}
	return files
}

func TestAnExportsMemoryDoesNotGrowWithItsRows(t *testing.T) {
	if testing.Short() {
		t.Skip("writes some thousand long records")
	}
	f := start(t)
	const rows, long = 8000, 4000 // a list is every other record: 16 MB of terms, which the rows hold once more
	f.fillBatch(rows, strings.Repeat("x", long))
	heap := func() uint64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	x, err := f.BeginExport(t.Context(), Event{Actor: ada}, ExportOptions{Identity: true, Detail: true})
	if err != nil {
		t.Fatal(err)
	}
	before, most, written := heap(), uint64(0), 0
	if err := x.WriteCSV(t.Context(), writerFunc(func(b []byte) (int, error) {
		written += len(b)
		most = max(most, heap())
		return len(b), nil
	})); err != nil {
		t.Fatal(err)
	}
	if written < rows*long/2 {
		t.Fatalf("only %d bytes were written", written)
	}
	if grown := int64(most) - int64(before); grown > 15<<20 { // two pieces that are read, one that is written, some of them twice at a moment
		t.Errorf("%d bytes took %d bytes more", written, grown)
	}
}

type writerFunc func([]byte) (int, error)

func (w writerFunc) Write(b []byte) (int, error) { return w(b) }

// fillBatch appends many records quickly, past the queue.
func (f *fixture) fillBatch(n int, term string) {
	f.t.Helper()
	f.close()
	l, err := openLog(f.t.Context(), f.o.Path, f.key)
	if err != nil {
		f.t.Fatal(err)
	}
	for first := 0; first < n; first += 1000 {
		var batch []*draft
		for i := first; i < min(first+1000, n); i++ {
			e := view(fmt.Sprint("p-", i))
			if i%2 == 1 {
				e = search(term, fmt.Sprint("p-", i), "p-3")
			}
			d, err := newDraft(e, testOrigin, "build-1")
			if err != nil {
				f.t.Fatal(err)
			}
			batch = append(batch, d)
		}
		if _, err := l.append(f.t.Context(), batch, true, f.clock.Now()); err != nil {
			f.t.Fatal(err)
		}
		if err := l.tidy(f.t.Context()); err != nil {
			f.t.Fatal(err)
		}
	}
	if err := l.close(); err != nil {
		f.t.Fatal(err)
	}
	f.open(f.o)
}
