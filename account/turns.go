package account

import (
	"context"
	"sync"
)

// turns let those who come with the same pair at the same time find out one after the other whether it is right, so
// that the others are told what the first has found: else a program that sends many requests at once would seem to
// guess. The zero turns are ready.
type turns struct {
	mu   sync.Mutex
	held map[pair]*turn
}

// A turn is a pair that somebody is finding out about.
type turn struct {
	free  chan struct{} // holds one element while nobody has it
	users int           // who has it or waits for it; guarded by turns.mu
}

// take waits until nobody else has the turn for p, and returns what gives it back. The error is ctx's.
func (t *turns) take(ctx context.Context, p pair) (giveBack func(), err error) {
	t.mu.Lock()
	if t.held == nil {
		t.held = make(map[pair]*turn)
	}
	one := t.held[p]
	if one == nil {
		one = &turn{free: make(chan struct{}, 1)}
		one.free <- struct{}{}
		t.held[p] = one
	}
	one.users++
	t.mu.Unlock()

	leave := func() {
		t.mu.Lock()
		defer t.mu.Unlock()
		if one.users--; one.users == 0 {
			delete(t.held, p)
		}
	}
	select {
	case <-one.free:
		return func() {
			one.free <- struct{}{}
			leave()
		}, nil
	case <-ctx.Done():
		leave()
		return nil, ctx.Err()
	}
}
