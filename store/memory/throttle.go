package memory

import (
	"context"
	"math"
	"sync"
	"time"

	"github.com/handstamp/handstamp/throttle"
)

// Throttle is a [throttle.Store]. It forgets every failure with the process.
type Throttle struct {
	mu      sync.Mutex
	states  map[throttle.Key]throttle.State
	expires minutes[throttle.Key] // without those that never expire
}

// NewThrottle returns a store without buckets.
func NewThrottle() *Throttle {
	return &Throttle{states: make(map[throttle.Key]throttle.State), expires: make(minutes[throttle.Key])}
}

// Take implements [throttle.Store].
func (s *Throttle) Take(_ context.Context, now time.Time, buckets []throttle.Bucket) ([]throttle.Verdict, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	states := make([]throttle.State, len(buckets))
	for i, b := range buckets {
		states[i] = s.states[b.Key]
	}
	verdicts, changed := throttle.Decide(now, buckets, states)
	if changed {
		for i, b := range buckets {
			s.put(b.Key, states[i])
		}
	}
	return verdicts, nil
}

// put keeps a state. The zero State is that of a bucket which is not there.
func (s *Throttle) put(key throttle.Key, state throttle.State) {
	if old, there := s.states[key]; there && old.Expires != math.MaxInt64 {
		s.expires.remove(time.UnixMicro(old.Expires), key)
	}
	if state == (throttle.State{}) {
		delete(s.states, key)
		return
	}
	s.states[key] = state
	if state.Expires != math.MaxInt64 {
		s.expires.add(time.UnixMicro(state.Expires), key)
	}
}

// Give implements [throttle.Store].
func (s *Throttle) Give(_ context.Context, now time.Time, charges []throttle.Charge, forgive bool) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range charges {
		s.put(c.Key, s.states[c.Key].Give(now, c, forgive))
	}
	return nil
}

// Reset implements [throttle.Store].
func (s *Throttle) Reset(_ context.Context, keys ...throttle.Key) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, key := range keys {
		s.put(key, throttle.State{})
	}
	return nil
}

// Sweep implements [throttle.Store].
func (s *Throttle) Sweep(_ context.Context, now time.Time, limit int) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var expired []throttle.Key
	for key := range s.expires.until(now) {
		if len(expired) >= limit {
			break
		}
		if s.states[key].Expires <= now.UnixMicro() {
			expired = append(expired, key)
		}
	}
	for _, key := range expired {
		s.put(key, throttle.State{})
	}
	return len(expired), nil
}
