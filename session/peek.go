package session

import (
	"context"
	"fmt"
	"time"
)

// Peek is [Manager.Find], and does not count as a use of the session: for whoever watches a connection that is open
// anyway.
func (m *Manager) Peek(ctx context.Context, token Token) (Session, error) {
	hash := token.Hash()
	hold := m.lease.Hold()
	e, ok := m.cache.Get(hash)
	if now := time.Now(); ok && hold.At(now) {
		if s := e.session(&m.roles); m.isAlive(s, now) {
			return s, nil
		}
	}
	ctx, cancel := context.WithTimeout(ctx, storeTimeout)
	defer cancel()
	record, err := m.live(ctx, hash)
	if err != nil {
		return Session{}, fmt.Errorf("look at session: %w", err)
	}
	return record.Session, nil
}
