package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"testing"
)

func (h *house) waiting() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.parts)
}

// holdWriter keeps the writer of portal.db until end is called.
func (h *house) holdWriter(t *testing.T) (end func()) {
	var held sync.WaitGroup
	begun, over := make(chan bool), make(chan bool)
	held.Go(func() {
		must(t, h.portal.InTx(context.Background(), func(*sql.Tx) error { close(begun); <-over; return nil }))
	})
	<-begun
	return func() { close(over); held.Wait() }
}

// TestChangesThatWaitShareATransaction holds the writer up until several changes wait for it. One of them fails, and one gave up.
func TestChangesThatWaitShareATransaction(t *testing.T) {
	h := newHouse(t)
	end := h.holdWriter(t)
	gaveUp, cancel := context.WithCancel(t.Context())
	cancel()
	var mu sync.Mutex
	shared := map[*sql.Tx]int{}
	results := map[string]error{}
	broken := errors.New("broken")
	var busy sync.WaitGroup
	for i, name := range []string{"one", "two", "three", "fails", "gave up"} {
		busy.Go(func() {
			ctx := t.Context()
			if name == "gave up" {
				ctx = gaveUp
			}
			err := h.together(ctx, func(ctx context.Context, tx *sql.Tx) error {
				mu.Lock()
				shared[tx]++
				mu.Unlock()
				_, err := tx.ExecContext(ctx, `INSERT INTO term (id, expires_at, term) VALUES (?, 1, ?)`, fmt.Appendf(nil, "%016d", i), []byte(name))
				if name == "fails" {
					err = broken
				}
				return err
			})
			mu.Lock()
			defer mu.Unlock()
			results[name] = err
		})
		for h.waiting() <= i {
			runtime.Gosched()
		}
	}
	end()
	busy.Wait()
	var kept int
	must(t, h.portal.Reader.QueryRowContext(t.Context(), `SELECT count(*) FROM term`).Scan(&kept))
	if len(shared) != 1 || kept != 3 {
		t.Errorf("%d transactions, %d changes are kept", len(shared), kept)
	}
	for name, want := range map[string]error{"one": nil, "two": nil, "three": nil, "fails": broken, "gave up": context.Canceled} {
		if !errors.Is(results[name], want) {
			t.Errorf("%s: %v", name, results[name])
		}
	}
}

func TestMoreChangesThanShareATransactionAllCome(t *testing.T) {
	const many = 2*mostTogether + 5
	h := newHouse(t)
	end := h.holdWriter(t)
	var mu sync.Mutex
	shared := map[*sql.Tx]int{}
	var busy sync.WaitGroup
	for range many {
		busy.Go(func() {
			must(t, h.together(t.Context(), func(_ context.Context, tx *sql.Tx) error {
				mu.Lock()
				defer mu.Unlock()
				shared[tx]++
				return nil
			}))
		})
	}
	for h.waiting() < many {
		runtime.Gosched()
	}
	end()
	busy.Wait()
	var sizes []int
	for _, n := range shared {
		sizes = append(sizes, n)
	}
	slices.Sort(sizes)
	if !slices.Equal(sizes, []int{5, mostTogether, mostTogether}) {
		t.Errorf("transactions of %v", sizes)
	}
}

func TestAStoreWithoutItsFileAnswersEveryoneWhoWaits(t *testing.T) {
	h := newHouse(t)
	must(t, h.portal.Writer.Close())
	if err := h.together(t.Context(), func(context.Context, *sql.Tx) error { return nil }); err == nil {
		t.Error("no error without a writer")
	}
	if h.waiting() > 0 {
		t.Error("somebody still waits")
	}
}
