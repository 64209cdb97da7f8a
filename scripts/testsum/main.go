// Command testsum reads the events of `go test -json` on standard input and prints what a person needs of them: a line a
// package, the output of what failed, the reason of what was skipped, and as the last line the counts. It exits 1 if
// anything failed, if nothing ran, or, with -no-skips, if anything was skipped.
package main

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
)

// event is one line of test2json; see `go doc test2json`.
type event struct {
	Action, Package, ImportPath, Test, Output string
	Elapsed                                   float64 // seconds
}

// summary collects events until each test has ended.
type summary struct {
	out                     io.Writer
	output                  map[string][]string // of a test, a package or a build, until it ended
	parents                 map[string]bool     // tests that have subtests: not counted themselves
	passed, failed, skipped []string
	broken                  int // packages that failed without a failing test: build, panic, TestMain
}

func main() {
	noSkips := flag.Bool("no-skips", false, "fail if a test was skipped")
	flag.Parse()
	s := &summary{out: os.Stdout, output: map[string][]string{}, parents: map[string]bool{}}
	if err := s.read(os.Stdin); err != nil {
		fmt.Fprintln(os.Stderr, "testsum:", err)
		os.Exit(1)
	}
	if !s.close(*noSkips) {
		os.Exit(1)
	}
}

func (s *summary) read(r io.Reader) error {
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, 16<<20) // a failing test may print a whole page
	for lines.Scan() {
		var e event
		if err := json.Unmarshal(lines.Bytes(), &e); err != nil || e.Action == "" {
			fmt.Fprintln(s.out, lines.Text()) // go itself speaks: a package that cannot be loaded
			continue
		}
		s.take(e)
	}
	return lines.Err()
}

func (s *summary) take(e event) {
	key := e.Package + e.ImportPath + " " + e.Test
	switch e.Action {
	case "run":
		for i := range e.Test {
			if e.Test[i] == '/' {
				s.parents[e.Package+" "+e.Test[:i]] = true
			}
		}
	case "output", "build-output":
		s.output[key] = append(s.output[key], e.Output)
	case "build-fail":
		s.print(key)
	case "pass", "fail", "skip":
		s.end(e, key)
		delete(s.output, key)
	}
}

func (s *summary) end(e event, key string) {
	if e.Test == "" {
		s.endPackage(e, key)
		return
	}
	if e.Action != "pass" {
		s.print(key)
	}
	if s.parents[key] && e.Action == "pass" {
		return
	}
	list := map[string]*[]string{"pass": &s.passed, "fail": &s.failed, "skip": &s.skipped}[e.Action]
	*list = append(*list, key)
}

func (s *summary) endPackage(e event, key string) {
	switch e.Action {
	case "pass":
		fmt.Fprintf(s.out, "ok    %7.1f s  %s\n", e.Elapsed, e.Package)
	case "fail":
		s.print(key)
		fmt.Fprintf(s.out, "FAIL  %7.1f s  %s\n", e.Elapsed, e.Package)
		if !slices.ContainsFunc(s.failed, func(test string) bool { return strings.HasPrefix(test, e.Package+" ") }) {
			s.broken++
		}
	}
}

// print writes what a test said, without the lines that only tell that it runs.
func (s *summary) print(key string) {
	for _, line := range s.output[key] {
		if !strings.HasPrefix(line, "=== ") {
			fmt.Fprint(s.out, line)
		}
	}
}

// close prints failures, skips and counts, and reports whether the run is good.
func (s *summary) close(noSkips bool) bool {
	for _, test := range s.skipped {
		fmt.Fprintln(s.out, "skipped:", test)
	}
	for _, test := range s.failed {
		fmt.Fprintln(s.out, "failed:", test)
	}
	failed := len(s.failed) + s.broken
	fmt.Fprintf(s.out, "%d passed, %d failed, %d skipped\n", len(s.passed), failed, len(s.skipped))
	return failed == 0 && len(s.passed) > 0 && !(noSkips && len(s.skipped) > 0)
}
