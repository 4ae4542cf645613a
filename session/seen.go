package session

import (
	"context"
	"errors"
	"fmt"
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
	started := m.background.run(func() {
		ctx, cancel := context.WithTimeout(context.Background(), storeTimeout)
		defer cancel()
		if err := m.store.Touch(ctx, hash, now.UTC().Truncate(time.Microsecond)); err != nil && !errors.Is(err, ErrGone) {
			m.Notify.Fault(ctx, "note the use of a session", err)
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
	at := now()
	if err := m.store.Touch(ctx, hash, at); err != nil {
		return fmt.Errorf("touch session: %w", err)
	}
	m.cache.Edit(hash, func(e *entry) { e.seen = max(e.seen, at.UnixMicro()) })
	return nil
}
