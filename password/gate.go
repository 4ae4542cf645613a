package password

import (
	"context"
	"errors"

	"golang.org/x/sync/semaphore"
)

// ErrBusy means that too many passwords wait to be hashed, that this one waited too long, or that
// what hashes them is gone for the moment. It says nothing about the password: answer 503 with
// Retry-After.
var ErrBusy = errors.New("too many passwords to hash")

// A gate lets hashes start while their memory is within a budget, and the others wait in turn.
// It is safe for concurrent use.
type gate struct {
	budget int64 // KiB
	memory *semaphore.Weighted
	places chan struct{} // one element for each hash that waits
}

func newGate(budgetKiB int64, queue int) *gate {
	return &gate{
		budget: budgetKiB,
		memory: semaphore.NewWeighted(budgetKiB),
		places: make(chan struct{}, max(queue, 0)),
	}
}

// enter waits until memoryKiB are free and returns the function that gives them back. Its errors
// are [ErrBusy], when too many wait already, and ctx's own.
func (g *gate) enter(ctx context.Context, memoryKiB uint32) (leave func(), err error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	// What needs more than everything gets everything: late is better than never.
	weight := min(int64(memoryKiB), g.budget)
	leave = func() { g.memory.Release(weight) }
	// TryAcquire fails while others wait, so nobody jumps the queue.
	if g.memory.TryAcquire(weight) {
		return leave, nil
	}
	select {
	case g.places <- struct{}{}:
		defer func() { <-g.places }()
	default:
		return nil, ErrBusy
	}
	if err := g.memory.Acquire(ctx, weight); err != nil {
		return nil, err
	}
	return leave, nil
}
