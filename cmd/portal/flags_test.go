package main

import (
	"bytes"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/assure-portal/portal/internal/sync"
)

func TestHealthcheckAsksThisMachineWhereThePortalListensEverywhere(t *testing.T) {
	tests := []struct{ listen, want string }{
		{"127.0.0.1:8080", "127.0.0.1:8080"},
		{":8080", "127.0.0.1:8080"},
		{"0.0.0.0:80", "127.0.0.1:80"},
		{"[::]:80", "[::1]:80"},
		{"192.0.2.7:80", "192.0.2.7:80"},
		{"portal.internal:80", "portal.internal:80"},
	}
	for _, test := range tests {
		if got := reachable(test.listen); got != test.want {
			t.Errorf("%s: got %s, want %s", test.listen, got, test.want)
		}
	}
}

func TestTimesOnTheCommandLine(t *testing.T) {
	tests := []struct {
		text string
		want time.Time
		day  bool
	}{
		{"2026-03-02", time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC), true},
		{"2026-03-02T10:14:05+01:00", time.Date(2026, 3, 2, 9, 14, 5, 0, time.UTC), false},
	}
	for _, test := range tests {
		var m moment
		if err := m.UnmarshalText([]byte(test.text)); err != nil || !m.Equal(test.want) || m.day != test.day || m.Location() != time.UTC {
			t.Errorf("%s: got %v, %v", test.text, m, err)
		}
	}
	export := auditExportCommand{From: &moment{tests[0].want, true}, To: &moment{tests[0].want, true}}
	if f := export.filter(); f.To.Sub(f.From) != 24*time.Hour {
		t.Errorf("a day from and to itself is %v long", f.To.Sub(f.From))
	}
}

func TestOneLineForEachImportWhateverTheFileIsCalled(t *testing.T) {
	tests := []struct {
		result sync.Imported
		want   string
	}{
		{sync.Imported{Name: "a.json", ProcessID: "p-1", Changed: true}, "a.json: taken: process p-1\n"},
		{sync.Imported{Name: "a.json", ProcessID: "p-1"}, "a.json: held already: process p-1\n"},
		{sync.Imported{Name: "a\n\x1b[2J.json", Refused: "is not JSON"}, `"a\n\x1b[2J.json": refused: is not JSON` + "\n"},
	}
	for _, test := range tests {
		var out bytes.Buffer
		importLine(&out)(test.result)
		if out.String() != test.want {
			t.Errorf("got %q, want %q", out.String(), test.want)
		}
	}
}

func TestTheKeyMayNotLieInTheDataDirectory(t *testing.T) {
	dir := t.TempDir()
	for file, want := range map[string]bool{"data/key": true, "data/deep/key": true, "key": false, "data-keys/key": false, "data/../key": false} {
		if got := within(filepath.Join(dir, "data"), filepath.Join(dir, filepath.FromSlash(file))); got != want {
			t.Errorf("%s: within is %v", file, got)
		}
	}
}

func TestProgressOffATerminalIsALineForEachTenth(t *testing.T) {
	var out bytes.Buffer
	tell := progressBar(&out)
	for done := range 1001 {
		tell(sync.Progress{Totals: sync.Totals{Fetched: done}, Total: 1000, Started: now().Add(-time.Second)})
	}
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	if len(lines) != 11 || !strings.HasPrefix(lines[5], "500 of 1000 processes, ") || !strings.Contains(lines[5], " left") {
		t.Errorf("%d lines: %q", len(lines), lines)
	}
}
