package throttle

import (
	"context"
	"log/slog"
	"sync"
	"time"
)

const (
	sweepEvery = time.Minute // between two sweeps
	sweepBatch = 500         // buckets in one write, so that no login waits for long
)

// A sweeper removes expired buckets in the background. There is no goroutine while there is
// nothing to do.
type sweeper struct {
	mu      sync.Mutex
	next    time.Time // when the next sweep is due
	closed  bool
	running bool
	idle    sync.WaitGroup
}

// sometimes starts task if a sweep is due and none is under way.
func (s *sweeper) sometimes(now time.Time, task func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	// A due time that is too far off was set by a clock that has been turned back.
	isDue := !now.Before(s.next) || s.next.Sub(now) > sweepEvery
	if !isDue || s.closed || s.running {
		return
	}
	s.next, s.running = now.Add(sweepEvery), true
	s.idle.Go(func() {
		task()
		s.mu.Lock()
		s.running = false
		s.mu.Unlock()
	})
}

func (s *sweeper) close() {
	s.mu.Lock()
	s.closed = true
	s.mu.Unlock()
	s.idle.Wait()
}

// sweep removes what has expired, in small batches. It counts for nothing before that; sweeping
// is about space.
func (l *Limiter) sweep(now time.Time) {
	for {
		ctx, cancel := context.WithTimeout(context.Background(), storeTimeout)
		n, err := l.store.Sweep(ctx, now, sweepBatch)
		if err != nil {
			l.report(ctx, "sweep expired buckets", err)
		}
		cancel()
		if err != nil || n < sweepBatch {
			return
		}
	}
}

func (l *Limiter) report(ctx context.Context, doing string, err error) {
	if l.Report != nil {
		l.Report(ctx, doing, err)
		return
	}
	slog.ErrorContext(ctx, doing, "error", err)
}
