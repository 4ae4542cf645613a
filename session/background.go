package session

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"
)

// background runs what no request waits for. There is no goroutine while there is nothing to do.
type background struct {
	mu      sync.Mutex
	running int
	closed  bool
	idle    sync.WaitGroup
}

// maxBackground is how much runs at once. As many touches wait for the store together, which
// commits them together.
const maxBackground = 64

// run starts task, or reports false where too much is running already.
func (b *background) run(task func()) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed || b.running == maxBackground {
		return false
	}
	b.running++
	b.idle.Go(func() {
		task()
		b.mu.Lock()
		b.running--
		b.mu.Unlock()
	})
	return true
}

func (b *background) close() {
	b.mu.Lock()
	b.closed = true
	b.mu.Unlock()
	b.idle.Wait()
}

// used notes that a session last seen at seen was used now, in the cache and behind the request's
// back in the store, unless that is not worth it yet.
func (m *Manager) used(hash Hash, seen, now time.Time) {
	if m.Idle <= 0 || now.Sub(seen) <= m.Idle/10 {
		return
	}
	noted := false // by another request at the same time
	m.cache.Edit(hash, func(e *entry) {
		noted = e.seen != seen.UnixMicro()
		e.seen = max(e.seen, now.UnixMicro())
	})
	if noted {
		return
	}
	started := m.background.run(func() {
		ctx, cancel := context.WithTimeout(context.Background(), storeTimeout)
		defer cancel()
		if err := m.store.Touch(ctx, hash, now.UTC().Truncate(time.Microsecond)); err != nil && !errors.Is(err, ErrGone) {
			m.report(ctx, "note the use of a session", err)
		}
	})
	if !started { // so that the next request tries again
		m.cache.Edit(hash, func(e *entry) { e.seen = seen.UnixMicro() })
	}
}

// Touch notes in the store that the session of token is used now, and returns when that is
// written; checking a session does the same behind the request's back. It returns [ErrGone] if
// the session has ended, and makes none.
func (m *Manager) Touch(ctx context.Context, token Token) error {
	hash := token.Hash()
	if _, err := m.check(ctx, hash); err != nil {
		return err
	}
	now := time.Now().UTC().Truncate(time.Microsecond)
	if err := m.store.Touch(ctx, hash, now); err != nil {
		return fmt.Errorf("touch session: %w", err)
	}
	m.cache.Edit(hash, func(e *entry) { e.seen = max(e.seen, now.UnixMicro()) })
	return nil
}

const (
	sweepEvery = time.Minute // between two sweeps
	sweepBatch = 500         // sessions in one write, so that no login waits for long
)

// sweepTimer says when the next sweep is due, in Unix microseconds.
type sweepTimer struct{ next atomic.Int64 }

// due reports whether a sweep is due, to one caller only.
func (s *sweepTimer) due(now time.Time) bool {
	next := s.next.Load()
	return now.UnixMicro() >= next && s.next.CompareAndSwap(next, now.Add(sweepEvery).UnixMicro())
}

// sweepSometimes removes the sessions that have reached a limit, in the background and in small
// batches. They are refused before that; sweeping is about space.
func (m *Manager) sweepSometimes(now time.Time) {
	if m.Lifetime <= 0 && m.Idle <= 0 || !m.sweep.due(now) {
		return
	}
	var which Selection
	which.Expired.Limit = sweepBatch
	if m.Lifetime > 0 {
		which.Expired.BeganBefore = now.Add(-m.Lifetime)
	}
	if m.Idle > 0 {
		which.Expired.SeenBefore = now.Add(-m.Idle)
	}
	m.background.run(func() {
		for {
			ctx, cancel := context.WithTimeout(context.Background(), storeTimeout)
			n, err := m.store.End(ctx, which)
			if err != nil {
				m.report(ctx, "sweep expired sessions", err)
			}
			cancel()
			if err != nil || n < sweepBatch {
				return
			}
		}
	})
}
