package main

import (
	"strings"
	"testing"
)

func TestSummary(t *testing.T) {
	const passes = `{"Action":"run","Package":"p","Test":"TestA"}
{"Action":"run","Package":"p","Test":"TestA/first"}
{"Action":"output","Package":"p","Test":"TestA/first","Output":"quiet\n"}
{"Action":"pass","Package":"p","Test":"TestA/first"}
{"Action":"pass","Package":"p","Test":"TestA"}
`
	const skips = `{"Action":"output","Package":"p","Test":"TestB","Output":"    no browser here\n"}
{"Action":"skip","Package":"p","Test":"TestB"}
`
	const fails = `{"Action":"output","Package":"p","Test":"TestC","Output":"    want 1\n"}
{"Action":"fail","Package":"p","Test":"TestC"}
{"Action":"fail","Package":"p"}
`
	const ends = `{"Action":"pass","Package":"p","Elapsed":1.25}
`
	for _, c := range []struct {
		name, events    string
		noSkips, good   bool
		printed, absent []string
	}{
		{"subtests count, their parents do not", passes + ends, true, true, []string{"ok        1.2 s  p", "1 passed, 0 failed, 0 skipped"}, []string{"quiet"}},
		{"a skip is named with its reason", passes + skips + ends, false, true, []string{"no browser here", "skipped: p TestB", "1 passed, 0 failed, 1 skipped"}, nil},
		{"a skip fails where none is allowed", passes + skips + ends, true, false, []string{"skipped: p TestB"}, nil},
		{"a failure shows what the test said", passes + fails, false, false, []string{"want 1", "failed: p TestC", "1 passed, 1 failed, 0 skipped"}, []string{"quiet"}},
		{"a package that does not build fails", `{"Action":"build-output","ImportPath":"p","Output":"syntax error\n"}
{"Action":"build-fail","ImportPath":"p"}
{"Action":"fail","Package":"p","FailedBuild":"p"}
` + passes, false, false, []string{"syntax error", "1 passed, 1 failed, 0 skipped"}, nil},
		{"nothing ran", "", false, false, []string{"0 passed, 0 failed, 0 skipped"}, nil},
		{"what is no event is passed on", "go: updates to go.mod needed\n" + passes + ends, false, true, []string{"go: updates to go.mod needed"}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			var out strings.Builder
			s := &summary{out: &out, output: map[string][]string{}, parents: map[string]bool{}}
			if err := s.read(strings.NewReader(c.events)); err != nil {
				t.Fatal(err)
			}
			if good := s.close(c.noSkips); good != c.good {
				t.Errorf("good %t, want %t", good, c.good)
			}
			for _, text := range c.printed {
				if !strings.Contains(out.String(), text) {
					t.Errorf("missing %q in:\n%s", text, out.String())
				}
			}
			for _, text := range c.absent {
				if strings.Contains(out.String(), text) {
					t.Errorf("unwanted %q in:\n%s", text, out.String())
				}
			}
		})
	}
}
