package jwks

import (
	"context"
	"fmt"
	"time"
)

const (
	// pause is how long after an attempt to fetch the keys there is no other, whatever tokens come.
	pause = time.Second

	// staleFor is for how long keys that are to be fetched again are used while that fails.
	staleFor = time.Hour
)

// An attempt to fetch the keys has ended.
type attempt struct {
	at  time.Time
	err error
}

// key returns the key of this kid. The error is [ErrInvalid] where the server has none; any other one means that nobody
// can tell.
func (v *Verifier) key(ctx context.Context, kid string) (key, error) {
	now := time.Now()
	if set := v.known.Load(); set != nil && now.Before(set.until) {
		if k, ok := set.keys[kid]; ok {
			return k, nil
		}
	}
	err := v.refresh(ctx)
	if set := v.known.Load(); set.isUsable(now) {
		if k, ok := set.keys[kid]; ok {
			return k, nil
		}
	}
	if err != nil {
		return key{}, fmt.Errorf("fetch the keys of %s: %w", v.config.Issuer, err)
	}
	return key{}, fmt.Errorf("%w: no key of the server has signed it", ErrInvalid)
}

// isUsable reports whether keys may still be used though they could not be fetched again.
func (s *keySet) isUsable(now time.Time) bool { return s != nil && now.Before(s.until.Add(staleFor)) }

// refresh fetches the keys, once for all who ask at the same time, and returns how the last attempt went.
func (v *Verifier) refresh(ctx context.Context) error {
	last := v.last.Load()
	if last.isRecent() {
		return last.err
	}
	// It serves all who wait, so it does not end with the request that has begun it.
	outlasting := context.WithoutCancel(ctx)
	done := v.flight.DoChan("", func() (any, error) {
		if last := v.last.Load(); last.isRecent() { // somebody was quicker
			return nil, last.err
		}
		set, err := v.fetch(outlasting)
		if err == nil {
			v.known.Store(set)
		}
		v.last.Store(&attempt{time.Now(), err})
		return nil, err
	})
	if last != nil && last.err != nil && v.known.Load().isUsable(time.Now()) {
		return last.err // a server that was away is not waited for again
	}
	select {
	case fetched := <-done:
		return fetched.Err
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

func (a *attempt) isRecent() bool { return a != nil && time.Since(a.at) < pause }
