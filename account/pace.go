package account

import (
	"context"
	"slices"
	"sync"
	"time"
)

// A pace lets refusals take equally long where the work behind them does not. It has to, although
// the work is the same for all users as far as that can be arranged: an old hash and what is computed
// beside it, for example, cost as much argon2 as a new one does, but less memory at once takes less
// time, as more of it fits into the caches of the processor.
//
// So a refusal waits until three times the median of the refusals before it has passed. What is left to
// see is what takes longer than that. The zero value is ready. It is safe for concurrent use.
type pace struct {
	mu   sync.Mutex
	took [64]time.Duration
	n    int // how many there were so far
}

const (
	paceFactor = 3
	maxPace    = time.Second // of which a flood of logins must not leave more to those who come after it
)

// keep waits for the rest of the time that a refusal has to take, of which one part has passed, or until
// ctx is done.
func (p *pace) keep(ctx context.Context, passed time.Duration) {
	rest := p.next(passed) - passed
	if rest <= 0 {
		return
	}
	timer := time.NewTimer(rest)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

// next notes how long the work of a refusal took, and returns how long the refusal should take.
func (p *pace) next(took time.Duration) time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	var median time.Duration
	if known := min(p.n, len(p.took)); known > 0 {
		median = slices.Sorted(slices.Values(p.took[:known]))[known/2]
	}
	p.took[p.n%len(p.took)] = took
	p.n++
	return min(paceFactor*median, maxPace)
}
