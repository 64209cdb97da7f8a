package audit

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/assure-portal/portal/internal/apperr"
	"github.com/assure-portal/portal/internal/sqlitedb"
)

// hold begins to read from the file and does not stop.
func (f *fixture) hold() *sql.Tx {
	f.t.Helper()
	tx, err := f.db.Load().Reader.BeginTx(context.Background(), nil)
	if err != nil {
		f.t.Fatal(err)
	}
	f.t.Cleanup(func() { tx.Rollback() })
	var n int
	if err := tx.QueryRow("SELECT count(*) FROM entry").Scan(&n); err != nil {
		f.t.Fatal(err)
	}
	return tx
}

// said waits until the trail has logged these words so many times.
func (f *fixture) said(words string, times int) {
	f.t.Helper()
	late := time.After(10 * time.Second)
	for times > 0 {
		select {
		case line := <-f.logged:
			if strings.Contains(line, words) {
				times--
			}
		case <-late:
			f.t.Fatalf("%q was not logged %d times more", words, times)
		}
	}
}

// holdsAfterAKill reports an error unless the files as they are now verify and have at least so many records.
func (f *fixture) holdsAfterAKill(acknowledged int64) {
	f.t.Helper()
	o := f.o
	o.Path, o.AnchorFile = f.copyTo(f.t.TempDir()), ""
	if v := Verify(f.t.Context(), VerifyOptions{File: o.Path, Key: f.VerifierKey()}); v.Exit != exitSound {
		f.t.Errorf("%+v", v)
	}
	killed := fixture{t: f.t, clock: f.clock}
	killed.open(o)
	if size := killed.State().Size - 1; size < acknowledged {
		f.t.Errorf("%d records were acknowledged, %d are there", acknowledged, size)
	}
	killed.close()
}

// logHarms are what may happen to a write-ahead log.
func logHarms() map[string]func(path string) error {
	return map[string]func(path string) error{
		"removed":                  os.Remove,
		"renamed":                  func(p string) error { return os.Rename(p, p+".away") },
		"replaced by an empty one": func(p string) error { return errors.Join(os.Remove(p), os.WriteFile(p, nil, 0o600)) },
		"replaced by one from before": func(p string) error {
			content, err := os.ReadFile(p)
			return errors.Join(err, os.Remove(p), os.WriteFile(p, content[:len(content)/2], 0o600))
		},
	}
}

// Whoever opens the file anew while somebody reads shares the old index of a log that is not there.
func TestALogThatIsHarmedUnderReadersLosesNothing(t *testing.T) {
	for name, harm := range logHarms() {
		t.Run(name, func(t *testing.T) {
			f := start(t)
			f.fill(30)
			reading := f.hold()
			f.fill(30) // this reader sees none of it, so it cannot be copied as long as he reads
			late := f.hold()
			acknowledged := f.State().Size
			if err := harm(f.o.Path + "-wal"); err != nil {
				t.Fatal(err)
			}
			if _, err := f.Append(t.Context(), view("p-1")); !apperr.Is(err, apperr.TrailClosed) {
				t.Fatal(err)
			}
			f.said("stays closed", 3)
			if err := reading.Rollback(); err != nil {
				t.Fatal(err)
			}
			f.said("stays closed", 3)
			if f.Ready() == nil {
				t.Error("it opened while somebody read from the log that is gone")
			}
			if err := late.Rollback(); err != nil {
				t.Fatal(err)
			}
			until(t, "the trail opens again", 10*time.Second, func() bool { return f.Ready() == nil })
			f.holdsAfterAKill(acknowledged + 1)
			f.fill(10)
			f.holdsAfterAKill(acknowledged + 11)
			f.close()
			f.holdsAfterAKill(acknowledged + 12)
		})
	}
}

func TestATrailWhoseLogWasHarmedWaitsForItsReadersWhenItStops(t *testing.T) {
	for name, harm := range logHarms() {
		t.Run(name, func(t *testing.T) {
			f := start(t)
			f.fill(30)
			reading, acknowledged := f.hold(), f.State().Size
			if err := harm(f.o.Path + "-wal"); err != nil {
				t.Fatal(err)
			}
			closed := make(chan error, 1)
			go func() { closed <- f.Close(context.Background()) }()
			for waits := false; !waits; {
				select {
				case line := <-f.logged:
					waits = strings.Contains(line, "waits for its readers")
				case err := <-closed:
					t.Fatalf("it did not wait: %v", err)
				}
			}
			if err := reading.Rollback(); err != nil {
				t.Fatal(err)
			}
			if err := <-closed; !apperr.Is(err, apperr.TrailClosed) {
				t.Errorf("a stop without a record ended with %v", err)
			}
			f.holdsAfterAKill(acknowledged)
		})
	}
}

// A log that comes after the file was left would be taken for its newest pages when it is opened.
func TestAFileIsNotLeftToALogOfAnother(t *testing.T) {
	f := start(t)
	f.fill(3)
	other := start(t)
	other.fill(3)
	f.close()
	l, err := openLog(t.Context(), f.o.Path, f.key)
	if err != nil {
		t.Fatal(err)
	}
	if err := l.leave(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(other.copyTo(t.TempDir())+"-wal", f.o.Path+"-wal"); err != nil {
		t.Fatal(err)
	}
	if err := l.leave(t.Context()); !errors.Is(err, sqlitedb.ErrMoved) {
		t.Errorf("got %v", err)
	}
	if err := os.Remove(f.o.Path + "-wal"); err != nil {
		t.Fatal(err)
	}
	if err := l.leave(t.Context()); err != nil {
		t.Errorf("without it: %v", err)
	}
}

// Readers who never end must not keep a program from ending.
func TestATrailThatStopsDoesNotWaitForEver(t *testing.T) {
	f := start(t)
	f.fill(3)
	f.hold()
	if err := os.Remove(f.o.Path + "-wal"); err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	if err := f.Close(context.Background()); !apperr.Is(err, apperr.TrailClosed) {
		t.Errorf("got %v", err)
	}
	if took := time.Since(began); took > 4*time.Second {
		t.Errorf("it took %v", took)
	}
	f.said("did not close well", 1)
}
