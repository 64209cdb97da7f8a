// Package audittest opens a real trail in a temporary directory, for the tests of packages that need receipts. It is
// never part of the program.
package audittest

import (
	"context"
	"path/filepath"
	"testing"
	"time"

	"github.com/assure-portal/portal/internal/audit"
)

// New makes a trail with files of its own and closes it when the test ends.
func New(t testing.TB) *audit.Trail { return NewAt(t, time.Now) }

// NewAt is New with a clock.
func NewAt(t testing.TB, now func() time.Time) *audit.Trail {
	t.Helper()
	data, keys := t.TempDir(), t.TempDir()
	o := audit.Options{Path: filepath.Join(data, "audit.db"), KeyFile: filepath.Join(keys, "key"), AnchorFile: filepath.Join(keys, "anchor"),
		Build: "test", Now: now, Log: func(msg string, args ...any) { t.Log(append([]any{msg}, args...)...) }}
	if _, err := audit.Init(t.Context(), o.Path, "portal.test/audit", o.KeyFile, now()); err != nil {
		t.Fatal(err)
	}
	trail, err := audit.Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		// The test's own context has ended by now.
		if err := trail.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return trail
}
