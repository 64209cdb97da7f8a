package main

import (
	"context"
	"errors"
	"math"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// result is what one round of requests saw.
type result struct {
	latencies []time.Duration // of good answers, sorted
	took      time.Duration
	err       error // the first bad answer, if any
}

// at is the latency below which the share q of the answers stayed.
func (r result) at(q float64) time.Duration {
	if len(r.latencies) == 0 {
		return 0
	}
	return r.latencies[max(0, int(math.Ceil(q*float64(len(r.latencies))))-1)]
}

// rate is good answers a second.
func (r result) rate() float64 { return float64(len(r.latencies)) / r.took.Seconds() }

// load asks with so many clients at once, each sending its next request when it has read the answer to the last, until
// roundTime or roundAnswers is reached. A request under way is finished, so that answers and records can be compared.
func load(ctx context.Context, s *session, paths []string, clients int) result {
	var next atomic.Int64
	parts := make([]result, clients)
	begin := time.Now()
	var all sync.WaitGroup
	for i := range parts {
		all.Go(func() { parts[i] = client(ctx, s, paths, &next, begin.Add(roundTime)) })
	}
	all.Wait()
	sum := result{took: time.Since(begin)}
	var errs []error
	for _, p := range parts {
		sum.latencies = append(sum.latencies, p.latencies...)
		errs = append(errs, p.err)
	}
	slices.Sort(sum.latencies)
	sum.err = errors.Join(errs...)
	return sum
}

func client(ctx context.Context, s *session, paths []string, next *atomic.Int64, end time.Time) (r result) {
	for {
		n := next.Add(1) - 1
		if n >= roundAnswers || time.Now().After(end) {
			return r
		}
		begin := time.Now()
		if _, err := s.get(ctx, paths[int(n)%len(paths)]); err != nil {
			r.err = err
			return r
		}
		r.latencies = append(r.latencies, time.Since(begin))
	}
}

// appends is how often the disk is asked; some two hundred give a steady median.
const appends = 200

// durableAppend is the median time of an append of one page with fdatasync in dir.
func durableAppend(dir string) (time.Duration, error) {
	f, err := os.Create(filepath.Join(dir, "append"))
	if err != nil {
		return 0, err
	}
	defer f.Close()
	var took []time.Duration
	block := make([]byte, 4096)
	for range appends {
		begin := time.Now()
		if _, err := f.Write(block); err != nil {
			return 0, err
		}
		if err := syscall.Fdatasync(int(f.Fd())); err != nil {
			return 0, err
		}
		took = append(took, time.Since(begin))
	}
	slices.Sort(took)
	return took[len(took)/2], nil
}
