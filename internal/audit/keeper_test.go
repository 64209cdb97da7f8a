package audit

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"testing"
	"time"
)

// insist repeats what a closed trail refuses, or a file that is closed under it, until it is done.
func insist(t *testing.T, do func() error) {
	t.Helper()
	until(t, "it is done", 20*time.Second, func() bool {
		err := do()
		return err == nil
	})
}

// The keeper reads and writes beside the writer, while details go, the file is harmed and found again, and the trail ends.
func TestLinesAreKeptBesideErasuresFaultsAndTheEnd(t *testing.T) {
	f := start(t)
	f.fillBatch(3*blockRows, "Example")
	f.close()
	const rounds, erasures, faults = 3, 12, 3
	p := quickPace()
	p.lines = time.Millisecond // the keeper hardly rests
	for round := range rounds {
		f.openAt(f.o, p)
		var busy sync.WaitGroup
		busy.Go(func() {
			for i := range erasures {
				id := fmt.Sprint("p-", (round*erasures+i)*80+1) // of all blocks in turn
				insist(t, func() error {
					found, err := f.Traces(context.Background(), id)
					if err != nil {
						return err
					}
					return f.Erase(context.Background(), Event{Action: ProcessErase, Outcome: OK, Actor: System}, found)
				})
			}
		})
		busy.Go(func() {
			for range faults {
				if err := os.Remove(f.o.Path + "-wal"); err != nil && !errors.Is(err, os.ErrNotExist) {
					t.Error(err)
				}
				insist(t, func() error { _, err := f.Append(context.Background(), view("p-1")); return err })
			}
		})
		busy.Wait()
		if round == rounds-1 { // the other rounds end in the middle of something
			until(t, "all lines are kept", 20*time.Second, func() bool { return len(f.keptBlocks()) == int(f.State().Size/blockRows) })
		}
		f.close()
		if v := Verify(t.Context(), VerifyOptions{File: f.o.Path, Key: f.VerifierKey(), Against: f.o.AnchorFile}); v.Exit != exitSound {
			t.Fatalf("round %d: %+v", round, v)
		}
	}
}
