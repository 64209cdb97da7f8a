package evidence

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// sentBodies are bodies as providers send them, three or more of each, and none is a published sample.
func sentBodies(t testing.TB) []example {
	t.Helper()
	files, err := filepath.Glob("testdata/sent/*.json")
	if err != nil || len(files) < 24 {
		t.Fatalf("%d bodies: %v", len(files), err)
	}
	var out []example
	for _, file := range files {
		body, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		root, malformed := parse(body)
		if malformed != "" {
			t.Fatalf("%s: %s", file, malformed)
		}
		out = append(out, example{strings.TrimSuffix(filepath.Base(file), ".json"), body, root})
	}
	return out
}

// The golden file lists what a reviewer is told of each: rows that are not the same, findings and answers.
func TestWhatIsToldOfBodiesAsProvidersSendThem(t *testing.T) {
	var out strings.Builder
	for _, e := range sentBodies(t) {
		report := e.report()
		fmt.Fprintf(&out, "== %s %s\n", e.name, report.Status.Status)
		for _, f := range report.Fields {
			if len(f.Sources) > 0 || f.Present {
				fmt.Fprintf(&out, "%-10s %s %q %s\n", f.Relation, f.Name, f.Value, f.Rule)
			}
			for _, s := range f.Sources {
				if s.Relation != Same && s.Relation != Single || s.Found {
					fmt.Fprintf(&out, "           %s %q %s (%s) found %v\n", s.Pointer, s.Raw, s.Relation, s.Rule, s.Found)
				}
			}
		}
		for _, q := range report.Questions {
			fmt.Fprintf(&out, "%s: %s (%s)\n", q.ID, q.Answer, q.Why)
		}
		for _, f := range report.Findings {
			fmt.Fprintf(&out, "%d %s: %s\n", f.Severity, f.Code, f.Text)
		}
	}
	golden(t, "sent.golden", out.String())
}
