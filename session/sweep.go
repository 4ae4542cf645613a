package session

import (
	"context"
	"sync/atomic"
	"time"
)

const (
	sweepEvery = time.Minute // between two sweeps
	sweepBatch = 500         // sessions in one write, so that no login waits for long
)

// sweepTimer says when the next sweep is due, in Unix microseconds.
type sweepTimer struct{ next atomic.Int64 }

// due reports whether a sweep is due, to one caller only.
func (s *sweepTimer) due(now time.Time) bool {
	next := s.next.Load()
	// A due time that is too far off was set by a clock that has been set back.
	isDue := now.UnixMicro() >= next || next-now.UnixMicro() > sweepEvery.Microseconds()
	return isDue && s.next.CompareAndSwap(next, now.Add(sweepEvery).UnixMicro())
}

// sweepSometimes removes the sessions that have reached a limit, in the background and in small
// batches. They are refused before that; sweeping is about space.
func (m *Manager) sweepSometimes(now time.Time) {
	if !m.sweep.due(now) {
		return
	}
	var which Selection
	which.Expired.Limit, which.Expired.UntilBefore = sweepBatch, now
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
				m.Notify.Fault(ctx, "sweep expired sessions", err)
			}
			cancel()
			if err != nil || n < sweepBatch {
				return
			}
		}
	})
}
