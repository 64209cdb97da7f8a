package sync

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/assure-portal/portal/internal/apperr"
	"github.com/assure-portal/portal/internal/audit"
	"github.com/assure-portal/portal/internal/store"
)

// files writes files by name into a directory of the test.
func files(t *testing.T, content map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range content {
		path := filepath.Join(dir, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, []byte(text), 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func text(n int) string { return string(accepted(n, time.Hour)) }

// imported runs an import and tells each result as "name: refused because" or "name: process new/same".
func (b *bench) imported(o ImportOptions, dir string, names ...string) (results []string, refused int, err error) {
	b.Helper()
	paths := make([]string, len(names))
	for i, name := range names {
		paths[i] = filepath.Join(dir, name)
	}
	refused, err = Import(b.Context(), b.store, b.trail, b.clock.now, o, paths, func(i Imported) {
		line := strings.TrimPrefix(strings.TrimPrefix(i.Name, dir), "/") + ": "
		switch {
		case i.Refused != "":
			line += "refused: " + i.Refused
		case i.Changed:
			line += "new " + i.ProcessID[len(i.ProcessID)-1:]
		default:
			line += "same " + i.ProcessID[len(i.ProcessID)-1:]
		}
		results = append(results, line)
	})
	return results, refused, err
}

func TestImportTakesAnswersAndSaysWhyNot(t *testing.T) {
	pretty := strings.ReplaceAll(text(1), ",", ",\n ")
	tests := []struct {
		name    string
		files   map[string]string
		paths   []string // the directory itself if none
		results []string
	}{
		{"one object", map[string]string{"a.json": text(1)}, []string{"a.json"}, []string{"a.json: new 1"}},
		{"one object over several lines, with an end of line", map[string]string{"a.json": pretty + "\n"}, []string{"a.json"}, []string{"a.json: new 1"}},
		{"the same twice", map[string]string{"a.json": text(1), "b.json": text(1)}, nil, []string{"a.json: new 1", "b.json: same 1"}},
		{"JSON Lines by their name", map[string]string{"a.jsonl": text(1) + "\n\n" + text(2) + "\r\n"}, []string{"a.jsonl"},
			[]string{"a.jsonl:1: new 1", "a.jsonl:3: new 2"}},
		{"JSON Lines by what they hold", map[string]string{"a.txt": text(1) + "\n" + text(2)}, []string{"a.txt"},
			[]string{"a.txt:1: new 1", "a.txt:2: new 2"}},
		{"JSON Lines with a line that is cut off", map[string]string{"a.jsonl": text(1) + "\n" + text(2)[:50] + "\n" + text(3) + "\n"}, []string{"a.jsonl"},
			[]string{"a.jsonl:1: new 1", "a.jsonl:2: refused: is not JSON, or was cut off", "a.jsonl:3: new 3"}},
		{"JSON Lines with a line that is too large", map[string]string{"a.jsonl": text(1) + "\n" + `{"a":"` + strings.Repeat("x", 70_000) + "\"}\n" + text(3)}, []string{"a.jsonl"},
			[]string{"a.jsonl:1: new 1", "a.jsonl:2: refused: is larger than 2000 bytes", "a.jsonl:3: new 3"}},
		{"a directory, at any depth, hidden files left out", map[string]string{"x/a.json": text(1), "x/y/b.ndjson": text(2), "x/notes.txt": "no", "x/.c.json": "no", ".git/d.json": "no"}, nil,
			[]string{"x/a.json: new 1", "x/y/b.ndjson:1: new 2"}},
		{"a directory without answers", map[string]string{"x/notes.txt": "no"}, []string{"x"}, []string{"x: refused: holds no .json, .jsonl or .ndjson file"}},
		{"what is not there", nil, []string{"a.json"}, []string{"a.json: refused: there is no such file"}},
		{"a Create process answer", map[string]string{"a.json": strings.Replace(text(1), "{", `{"authorization":"secret",`, 1)}, nil,
			[]string{"a.json: refused: is a Create process answer: it holds a token (authorization)"}},
		{"a Create process answer without a token", map[string]string{"a.json": `{"processId":"` + processID(1) + `","provider":"webid","status":"pending","createdAt":"2026-03-02T09:14:05Z","redirectUrl":"https://webid.test/1"}`}, nil,
			[]string{"a.json: refused: is a Create process answer: it holds redirectUrl and no detail of the provider"}},
		{"a Get process answer with a member that nobody knows", map[string]string{"a.json": strings.Replace(text(1), "{", `{"redirectUrl":"https://webid.test/1","unheardOf":1,`, 1)}, nil,
			[]string{"a.json: new 1"}},
		{"an empty file", map[string]string{"a.json": ""}, nil, []string{"a.json: refused: the file is empty"}},
		{"a blank file", map[string]string{"a.json": " \n\n"}, nil, []string{"a.json: refused: the file is empty"}},
		{"empty JSON Lines", map[string]string{"a.jsonl": "\n"}, nil, []string{"a.jsonl: refused: the file is empty"}},
		{"a truncated object", map[string]string{"a.json": text(1)[:100]}, nil, []string{"a.json: refused: is not JSON, or was cut off"}},
		{"something else than JSON", map[string]string{"a.json": "<html>"}, nil, []string{"a.json: refused: is not JSON, or was cut off"}},
		{"a byte order mark", map[string]string{"a.json": "\ufeff" + text(1)}, nil, []string{"a.json: refused: is not JSON, or was cut off"}},
		{"an object that is too large", map[string]string{"a.json": strings.Replace(text(1), "ANNA", strings.Repeat("A", 3000), 1)}, nil,
			[]string{"a.json: refused: is larger than 2000 bytes"}},
		{"an object that is too large over several lines", map[string]string{"a.json": strings.ReplaceAll(strings.Replace(text(1), "ANNA", strings.Repeat("A", 3000), 1), ",", ",\n")}, nil,
			[]string{"a.json: refused: is larger than 2000 bytes"}},
		{"an array", map[string]string{"a.json": "[" + text(1) + "]"}, nil, []string{"a.json: refused: is a JSON array; one object a file or a line is taken"}},
		{"a number", map[string]string{"a.json": "7"}, nil,
			[]string{"a.json: refused: is not a Get process answer: it has no string processId, or names processId, provider or status twice"}},
		{"a number for the id", map[string]string{"a.json": strings.Replace(text(1), `"`+processID(1)+`"`, "7", 1)}, nil,
			[]string{"a.json: refused: is not a Get process answer: it has no string processId, or names processId, provider or status twice"}},
		{"two ids", map[string]string{"a.json": strings.Replace(text(1), "{", `{"processId":"x",`, 1)}, nil,
			[]string{"a.json: refused: is not a Get process answer: it has no string processId, or names processId, provider or status twice"}},
		{"an id that leaves its place", map[string]string{"a.json": strings.Replace(text(1), processID(1), "../../etc", 1)}, nil,
			[]string{"a.json: refused: has a processId that Assure could not have given"}},
		{"no provider", map[string]string{"a.json": strings.Replace(text(1), `"provider"`, `"p"`, 1)}, nil,
			[]string{"a.json: refused: is not a Get process answer: it has no string provider"}},
		{"no status", map[string]string{"a.json": strings.Replace(text(1), `"accepted"`, `null`, 1)}, nil,
			[]string{"a.json: refused: is not a Get process answer: it has no string status"}},
		{"no time of creation", map[string]string{"a.json": strings.Replace(text(1), `"createdAt"`, `"c"`, 1)}, nil,
			[]string{"a.json: refused: is not a Get process answer: it has no string createdAt"}},
		{"an unknown status and provider", map[string]string{"a.json": strings.Replace(strings.Replace(text(1), "accepted", "paused", 1), "onfido", "newone", 1)}, nil,
			[]string{"a.json: new 1"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			b := newBench(t)
			paths := test.paths
			if paths == nil {
				paths = []string{""}
			}
			results, refused, err := b.imported(ImportOptions{User: "tester", MaxBytes: 2000}, files(t, test.files), paths...)
			if err != nil || !slices.Equal(results, test.results) {
				t.Errorf("got %v\n%s\nwant\n%s", err, strings.Join(results, "\n"), strings.Join(test.results, "\n"))
			}
			count := func(part string) (n int) {
				for _, r := range test.results {
					if strings.Contains(r, part) {
						n++
					}
				}
				return n
			}
			if refused != count("refused") {
				t.Errorf("%d refused, want %d", refused, count("refused"))
			}
			if fresh := must(b.store.Freshness(t.Context())); fresh.Processes != count("new") {
				t.Errorf("%d processes are held, want %d", fresh.Processes, count("new"))
			}
			if n := len(b.records(audit.ProcessImport)); n != 1+count("new") {
				t.Errorf("%d records, want one before and %d after", n, count("new"))
			}
		})
	}
}

func TestImportKeepsTheBytesAndSaysWhoBroughtThem(t *testing.T) {
	b := newBench(t)
	exact := " " + text(1) + "\n\n"
	if _, _, err := b.imported(ImportOptions{User: "tester", DossierID: dossierID(5)}, files(t, map[string]string{"a.json": exact}), "a.json"); err != nil {
		t.Fatal(err)
	}
	h := b.head(1)
	if h.SHA256 != digest([]byte(exact)) || h.WayIn != store.ByImport || h.ImportedBy != "tester" || h.DossierID != dossierID(5) || !h.LastSeenUpstream.IsZero() {
		t.Errorf("held is %+v", h)
	}
	records := b.records(audit.ProcessImport)
	last := records[len(records)-1]
	if last.Outcome != audit.OK || last.Seq != h.FetchSeq || last.SnapshotSHA256 != h.SHA256 || last.Version != 1 || last.Actor != "tester" {
		t.Errorf("the record is %+v", last)
	}
	if records[0].Outcome != audit.Unknown || records[0].Seq >= last.Seq {
		t.Errorf("no record stands before the import: %v", lines(records))
	}
}

func TestImportDoesNothingWhileTheTrailIsClosed(t *testing.T) {
	b := newBench(t)
	_ = b.trail.Close(t.Context())
	results, _, err := b.imported(ImportOptions{User: "tester"}, files(t, map[string]string{"a.json": text(1)}), "a.json")
	if !apperr.Is(err, apperr.TrailClosed) || len(results) != 0 || b.holds(1) {
		t.Errorf("got %v, %v; held %v", results, err, b.holds(1))
	}
}

func TestImportRefusesWhatIsNoRegularFile(t *testing.T) {
	b := newBench(t)
	results, refused, err := b.imported(ImportOptions{User: "tester"}, "/dev", "null")
	if err != nil || refused != 1 || results[0] != "null: refused: is not a regular file" {
		t.Errorf("got %v, %v", results, err)
	}
}

func TestImportTakesEveryPublishedSampleOfGetProcess(t *testing.T) {
	b := newBench(t)
	samples := must(filepath.Glob("../assure/testdata/*.json"))
	answers := 0
	for _, path := range samples {
		result := Imported{}
		if _, err := Import(t.Context(), b.store, b.trail, b.clock.now, ImportOptions{User: "tester"}, []string{path}, func(i Imported) { result = i }); err != nil {
			t.Fatal(err)
		}
		if other := strings.HasPrefix(filepath.Base(path), "api-"); other != (result.Refused != "") {
			t.Errorf("%s: %+v", path, result)
		}
		if result.Changed {
			answers++
		}
	}
	if answers != 54 {
		t.Errorf("%d answers came in, want 54", answers)
	}
	totals, err := b.once() // none of them has a dossier, so none is asked for
	if err != nil || totals != (Totals{}) {
		t.Errorf("a run after the import did %v, %v", totals, err)
	}
	b.runner.beat(t.Context())
	if state := b.runner.State(); state.LastError != "" {
		t.Errorf("the page says %q", state.LastError)
	}
}

func TestAnImportThatWasInterruptedIsRecordedByTheNextStart(t *testing.T) {
	b := newBench(t)
	e := store.Envelope{ProcessID: processID(1), WayIn: store.ByImport, ImportedBy: "tester"}
	if _, err := b.store.Save(t.Context(), e, accepted(1, time.Hour), noon); err != nil {
		t.Fatal(err)
	}
	if _, err := b.once(); err != nil {
		t.Fatal(err)
	}
	got, want := lines(b.records(audit.ProcessImport)), []string{"process.import ok tester late=yes to_status=accepted way_in=import"}
	if !slices.Equal(got, want) || b.head(1).FetchSeq < 0 {
		t.Errorf("got %v, want %v; the version says seq %d", got, want, b.head(1).FetchSeq)
	}
}

func TestLinesAreReadWithBoundedMemory(t *testing.T) {
	var got []string
	r := strings.NewReader("{}\n" + strings.Repeat("x", 200_000) + "\n{}")
	err := eachObject(r, true, 1000, func(o object) error {
		got = append(got, fmt.Sprintf("%d:%d:%s", o.line, cap(o.body), o.refused))
		return nil
	})
	if err != nil || len(got) != 3 || !strings.HasPrefix(got[1], "2:0:is larger") {
		t.Errorf("got %v, %v", got, err)
	}
}
