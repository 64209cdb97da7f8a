package audit

import (
	"context"
	"sync"
)

// inOrder divides the records from first up to but without end at the multiples of size, does work on a few of them at once,
// and hands on the results one by one in their order. A slow use holds up the work, so memory stays flat. After an error
// of either, or of ctx, it waits for what is under way and returns it.
func inOrder[T any](ctx context.Context, workers int, first, end, size int64, work func(context.Context, stretch) (T, error), use func(T) error) error {
	type result struct {
		value T
		err   error
	}
	ctx, cancel := context.WithCancel(ctx)
	var working sync.WaitGroup
	defer working.Wait()
	defer cancel()
	queue := make(chan chan result, max(1, workers-1)) // one more is being waited for
	working.Go(func() {
		defer close(queue)
		for ; first < end; first = first/size*size + size {
			c, done := stretch{first, min(first/size*size+size, end)}, make(chan result, 1)
			select {
			case queue <- done:
			case <-ctx.Done():
				return
			}
			working.Go(func() {
				value, err := work(ctx, c)
				done <- result{value, err}
			})
		}
	})
	for done := range queue {
		r := <-done
		if r.err != nil {
			return r.err
		}
		if err := use(r.value); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// aside does work beside whatever comes next. value waits for what came of it; stop ends it, waits, and must be called.
func aside[T any](ctx context.Context, work func(context.Context) (T, error)) (value func() (T, error), stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	var working sync.WaitGroup
	var result T
	var err error
	working.Go(func() { result, err = work(ctx) })
	return func() (T, error) { working.Wait(); return result, err }, func() { cancel(); working.Wait() }
}
