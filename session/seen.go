package session

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

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
	if !m.noteUse(hash, now.UTC().Truncate(time.Microsecond)) { // so that the next request tries again
		m.cache.Edit(hash, func(e *entry) { e.seen = seen.UnixMicro() })
	}
}

// uses are what is to be written down together.
type uses struct {
	mu      sync.Mutex
	pending map[Hash]time.Time
}

const (
	gatherUses = time.Second // how long uses are gathered, so that the store writes many of them at once
	maxUses    = 1 << 14     // that wait
)

// noteUse has the use of a session written down soon, or reports false where too many wait.
func (m *Manager) noteUse(hash Hash, at time.Time) bool {
	m.uses.mu.Lock()
	defer m.uses.mu.Unlock()
	switch {
	case len(m.uses.pending) >= maxUses:
		return false
	case len(m.uses.pending) == 0 && !m.background.run(m.writeUses):
		return false
	case m.uses.pending == nil:
		m.uses.pending = make(map[Hash]time.Time)
	}
	m.uses.pending[hash] = at
	return true
}

// writeUses writes down the uses that gather meanwhile. They are handed to the store together, which commits them together.
func (m *Manager) writeUses() {
	timer := time.NewTimer(min(gatherUses, m.Idle/20)) // it counts as time without use
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-m.background.closing():
	}
	m.uses.mu.Lock()
	pending := m.uses.pending
	m.uses.pending = nil
	m.uses.mu.Unlock()

	places := make(chan struct{}, maxBackground)
	var written sync.WaitGroup
	for hash, at := range pending {
		places <- struct{}{}
		written.Go(func() {
			defer func() { <-places }()
			ctx, cancel := context.WithTimeout(context.Background(), storeTimeout)
			defer cancel()
			if err := m.store.Touch(ctx, hash, at); err != nil && !errors.Is(err, ErrGone) {
				m.Notify.Fault(ctx, "note the use of a session", err)
			}
		})
	}
	written.Wait()
}

// Touch notes in the store that the session of token is used now, and returns when that is
// written; checking a session does the same behind the request's back. It returns [ErrGone] if
// the session has ended, and makes none.
func (m *Manager) Touch(ctx context.Context, token Token) error {
	hash := token.Hash()
	if _, err := m.check(ctx, hash); err != nil {
		return err
	}
	at := now()
	if err := m.store.Touch(ctx, hash, at); err != nil {
		return fmt.Errorf("touch session: %w", err)
	}
	m.cache.Edit(hash, func(e *entry) { e.seen = max(e.seen, at.UnixMicro()) })
	return nil
}
