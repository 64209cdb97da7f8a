package evidence

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// sentBodies are bodies as providers send them, three or more of each, and none is a published sample.
func sentBodies(t testing.TB) []example { return bodiesIn(t, "testdata/sent", 25) }

func sentBody(t testing.TB, name string) example {
	t.Helper()
	bodies := sentBodies(t)
	i := slices.IndexFunc(bodies, func(e example) bool { return e.name == name })
	if i < 0 {
		t.Fatalf("there is no %s", name)
	}
	return bodies[i]
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
