package evidence

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// completeBodies are clean accepted answers of one invented person in which every member that the schema or the samples name is present, one
// of each provider and spelling: what the published samples leave out stands here.
func completeBodies(t testing.TB) []example {
	t.Helper()
	files, err := filepath.Glob("testdata/complete/*.json")
	if err != nil || len(files) != 13 {
		t.Fatalf("%d complete bodies, want 13: %v", len(files), err)
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

func TestCompleteCleanBodiesAreQuiet(t *testing.T) {
	for _, e := range completeBodies(t) {
		report := e.report()
		for _, f := range report.Fields {
			if f.Relation == Differs || f.Relation == Unsourced || f.Relation == Absent {
				t.Errorf("%s: %s is %s: %s", e.name, f.Name, f.Relation, sourceWords(f))
			}
			for _, s := range f.Sources {
				if s.Found {
					t.Errorf("%s: %s stands in no table: %s", e.name, f.Name, s.Pointer)
				}
			}
		}
		for _, f := range report.Findings {
			if f.Severity > Info || strings.HasPrefix(f.Code, "unknown-") {
				t.Errorf("%s: %s: %s", e.name, f.Code, f.Text)
			}
		}
		for _, c := range report.Checks {
			if c.Result == Fail || c.Result == Attention || strings.HasSuffix(c.Meaning, unknownAnswer) {
				t.Errorf("%s: %s is %s: %s", e.name, c.ID, c.Result, c.Meaning)
			}
		}
	}
}

func TestEveryMemberOfACompleteBodyIsExplained(t *testing.T) {
	for _, e := range append(completeBodies(t), examples(t)...) {
		var look func(Node)
		look = func(n Node) {
			if n.Pointer != "" && n.Explain == "" && (n.Kind != "null") {
				t.Errorf("%s: %s has no words", e.name, n.Pointer)
			}
			for _, child := range n.Children {
				look(child)
			}
		}
		look(e.report().Tree)
	}
}
