package session

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Find returns the live session of token, or [ErrGone]. Any other error means that the store
// could not be asked.
func (m *Manager) Find(ctx context.Context, token Token) (Session, error) {
	e, err := m.check(ctx, token.Hash())
	if err != nil {
		return Session{}, err
	}
	return e.session(&m.roles), nil
}

// check returns the live session with this hash, from the cache if it is there.
func (m *Manager) check(ctx context.Context, hash Hash) (entry, error) {
	now := time.Now()
	if e, ok := m.cache.Get(hash); ok && m.isAlive(e.began, e.seen, now) {
		m.used(hash, e, now)
		return e, nil
	}
	// Also for a session that the cache takes for idle: the store may know of later uses.
	return m.load(ctx, hash, now)
}

func (m *Manager) load(ctx context.Context, hash Hash, now time.Time) (entry, error) {
	ctx, cancel := context.WithTimeout(ctx, storeTimeout)
	defer cancel()

	ticket := m.cache.Ticket(hash)
	record, err := m.store.Load(ctx, hash)
	if err != nil {
		if errors.Is(err, ErrGone) {
			return entry{}, err
		}
		return entry{}, fmt.Errorf("load session: %w", err)
	}
	m.sweepSometimes(now)
	e, cacheable := entryOf(record.Session, &m.roles)
	if !m.isAlive(e.began, e.seen, now) {
		m.cache.Drop(hash)
		return entry{}, ErrGone
	}
	if !cacheable {
		return entry{}, fmt.Errorf("load session: more than %d different roles", maxRoles)
	}
	m.cache.Fill(hash, e, ticket)
	m.used(hash, e, now)
	return e, nil
}

// isAlive judges the limits. Times are Unix microseconds.
func (m *Manager) isAlive(began, seen int64, now time.Time) bool {
	at := now.UnixMicro()
	return (m.Lifetime <= 0 || at-began <= m.Lifetime.Microseconds()) &&
		(m.Idle <= 0 || at-seen <= m.Idle.Microseconds())
}
