package evidence

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

var update = flag.Bool("update", false, "write the golden files anew, to be reviewed")

// examplesDir holds the published sample answers, with invented values; files named api-… answer other endpoints.
const examplesDir = "../assure/testdata"

// exampleNow is some days after the samples' own time.
var exampleNow = time.Date(2026, 3, 5, 12, 0, 0, 0, time.UTC)

type example struct {
	name string
	body []byte
	root *value
}

func (e example) reading() *reading {
	return newReading(e.root, Input{Body: e.body, Now: exampleNow})
}

func (e example) report() Report { return e.reading().report() }

// examples are the process bodies in alphabetical order.
func examples(t testing.TB) []example {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(examplesDir, "*.json"))
	if err != nil {
		t.Fatal(err)
	}
	var out []example
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".json")
		if strings.HasPrefix(name, "api-") {
			continue
		}
		out = append(out, exampleOf(t, name))
	}
	if len(out) != 54 {
		t.Fatalf("%d process bodies in %s, want 54", len(out), examplesDir)
	}
	return out
}

func exampleOf(t testing.TB, name string) example {
	t.Helper()
	body, err := os.ReadFile(filepath.Join(examplesDir, name+".json"))
	if err != nil {
		t.Fatal(err)
	}
	root, malformed := parse(body)
	if malformed != "" {
		t.Fatalf("%s: %s", name, malformed)
	}
	return example{name, body, root}
}

// golden compares got with a reviewed file, or writes it with -update.
func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	wantLines, gotLines := strings.Split(string(want), "\n"), strings.Split(got, "\n")
	for i := range max(len(wantLines), len(gotLines)) {
		if w, g := line(wantLines, i), line(gotLines, i); w != g {
			t.Fatalf("%s, line %d (go test -update writes it anew):\ngot  %s\nwant %s", file, i+1, g, w)
		}
	}
}

func line(lines []string, i int) string {
	if i < len(lines) {
		return lines[i]
	}
	return "(none)"
}
