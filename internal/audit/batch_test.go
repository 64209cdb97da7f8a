package audit

import (
	"context"
	"slices"
	"sync"
	"testing"
	"time"
)

// together counts the records of each transaction of the trail from a number on: all of one have one time, if the clock
// never gives one twice.
func (f *fixture) together(from int64) (sizes []int) {
	f.t.Helper()
	var last time.Time
	for _, r := range f.all()[from:] {
		if !r.Time.Equal(last) {
			sizes, last = append(sizes, 0), r.Time
		}
		sizes[len(sizes)-1]++
	}
	return sizes
}

func TestRecordsThatWaitShareATransactionUpToABound(t *testing.T) {
	f := start(t)
	f.close()
	o := f.o
	o.Now = func() time.Time { f.clock.move(time.Millisecond); return f.clock.Now() }
	p := quickPace()
	p.answer = 30 * time.Second // this is not about a machine that is busy
	f.openAt(o, p)
	const waiting = 2*maxBatch + 88
	from := f.State().Size
	// Another handle that keeps the file's write lock keeps the first record, and so lets the others gather.
	other := rawOpen(t, f.o.Path)
	tx, err := other.Writer.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	d, err := newDraft(view("p-0"), testOrigin, "build-1")
	if err != nil {
		t.Fatal(err)
	}
	first := &request{draft: d, seal: true, reply: make(chan reply, 1)} // with a checkpoint, so that nobody joins it
	f.waiting <- first
	var appending sync.WaitGroup
	for range waiting {
		appending.Go(func() {
			if _, err := f.Append(context.Background(), view("p-1")); err != nil {
				t.Error(err)
			}
		})
	}
	until(t, "the others wait", 4*time.Second, func() bool { return len(f.waiting) == waiting })
	if err := tx.Rollback(); err != nil {
		t.Fatal(err)
	}
	appending.Wait()
	if r := <-first.reply; r.err != nil || r.seq != from {
		t.Errorf("the first: %+v", r)
	}
	if got, want := f.together(from), []int{1, maxBatch, maxBatch, 88}; !slices.Equal(got, want) || maxBatch != 256 {
		t.Errorf("transactions of %v records, want %v", got, want)
	}
}
