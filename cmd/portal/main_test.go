package main

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/assure-portal/portal/internal/sqlitedb"
)

// TestMain makes this test binary the portal command where it is called by that name, for scripts and for tests that
// start processes.
func TestMain(m *testing.M) { testscript.Main(m, map[string]func(){"portal": main}) }

func TestScripts(t *testing.T) {
	samples, err := filepath.Abs("../../internal/assure/testdata")
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata",
		RequireExplicitExec: true,
		Setup: func(env *testscript.Env) error {
			env.Setenv("SAMPLES", samples)
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"exits": exits, "holdlock": holdLock, "envfile": envFile},
	})
}

// exits CODE command…: the command ends with exactly this code.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits code command [arguments]")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		exit, ok := err.(interface{ ExitCode() int })
		if !ok {
			ts.Fatalf("%v", err)
		}
		got = exit.ExitCode()
	}
	if got != want {
		ts.Fatalf("exit code %d, want %d", got, want)
	}
}

// holdlock DIR: another process works on the data directory until the script ends.
func holdLock(ts *testscript.TestScript, _ bool, args []string) {
	lock, err := sqlitedb.LockDir(ts.MkAbs(args[0]))
	ts.Check(err)
	ts.Defer(func() { _ = lock.Release() })
}

// envfile NAME FILE: the variable is what the file holds.
func envFile(ts *testscript.TestScript, _ bool, args []string) {
	content, err := os.ReadFile(ts.MkAbs(args[1]))
	ts.Check(err)
	ts.Setenv(args[0], strings.TrimSpace(string(content)))
}
