package main

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"
)

// together lets workers work, each again and again while there is more, and returns how often
// that was in a second. Work that has begun is finished, and counts.
func together(ctx context.Context, workers int, more func() bool, work func(worker int) error) (float64, error) {
	var done atomic.Int64
	var busy sync.WaitGroup
	errs := make([]error, workers)
	begin := time.Now()
	for i := range workers {
		busy.Go(func() {
			for errs[i] == nil && ctx.Err() == nil && more() {
				errs[i] = work(i)
				done.Add(1)
			}
		})
	}
	busy.Wait()
	rate := float64(done.Load()) / time.Since(begin).Seconds()
	return rate, errors.Join(append(errs, ctx.Err())...)
}

// during is true until the time is over.
func during(turn time.Duration) func() bool {
	end := time.Now().Add(turn)
	return func() bool { return time.Now().Before(end) }
}

// times is true n times.
func times(n int) func() bool {
	var asked atomic.Int64
	return func() bool { return asked.Add(1) <= int64(n) }
}
