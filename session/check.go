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
	return m.check(ctx, token.Hash())
}

// FindHash is [Manager.Find] for whoever has remembered the hash of a token.
func (m *Manager) FindHash(ctx context.Context, hash Hash) (Session, error) {
	return m.check(ctx, hash)
}

// check returns the live session with this hash, from the cache if it is there.
func (m *Manager) check(ctx context.Context, hash Hash) (Session, error) {
	hold := m.lease.Hold() // in this order, as whoever is held up in between must not go by what was true before
	e, ok := m.cache.Get(hash)
	now := time.Now()
	if ok && hold.At(now) {
		if s := e.session(&m.roles); m.isAlive(s, now) {
			m.used(hash, s.SeenAt, now)
			return s, nil
		}
	}
	// Also for a session that the cache takes for idle: the store may know of later uses.
	return m.load(ctx, hash, now)
}

func (m *Manager) load(ctx context.Context, hash Hash, now time.Time) (Session, error) {
	ctx, cancel := context.WithTimeout(ctx, storeTimeout)
	defer cancel()

	ticket := m.cache.Ticket(hash)
	record, err := m.store.Load(ctx, hash)
	if errors.Is(err, ErrGone) {
		return Session{}, err
	}
	if err != nil {
		return Session{}, fmt.Errorf("load session: %w", err)
	}
	m.sweepSometimes(now)
	if !m.isAlive(record.Session, now) {
		m.cache.Drop(hash)
		return Session{}, ErrGone
	}
	m.remember(record, ticket)
	m.used(hash, record.SeenAt, now)
	return record.Session, nil
}

// ExpiresAt returns when s reaches a limit unless it is used before, or the zero time for never.
func (m *Manager) ExpiresAt(s Session) time.Time {
	if !s.Until.IsZero() {
		return s.Until
	}
	var at time.Time
	if m.Lifetime > 0 {
		at = s.BeganAt.Add(m.Lifetime)
	}
	if idle := s.SeenAt.Add(m.Idle); m.Idle > 0 && (at.IsZero() || idle.Before(at)) {
		at = idle
	}
	return at
}

// isAlive judges the limits. A time that is still to come is from before the clock was set back. One that is
// further ahead than a session may last would keep it alive for who knows how long.
func (m *Manager) isAlive(s Session, now time.Time) bool {
	if !s.Until.IsZero() {
		return now.Before(s.Until)
	}
	return (m.Lifetime <= 0 || now.Sub(s.BeganAt).Abs() <= m.Lifetime) &&
		(m.Idle <= 0 || now.Sub(s.SeenAt).Abs() <= m.Idle)
}
