package session

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/internal/cache"
)

// ErrNobody is returned by [Manager.Begin] for an Identity without a user ID.
var ErrNobody = errors.New("nobody to begin a session for")

// Begin makes a session for who and returns it with its token, which is known to nobody else.
// It takes the user's ID, the role, and the time of the proof, which is now if it is zero. What
// the request carried before, session or not, has no part in it (session fixation).
func (m *Manager) Begin(ctx context.Context, who handstamp.Identity) (Session, Token, error) {
	if who.UserID.IsZero() {
		return Session{}, "", ErrNobody
	}
	began := now()
	proved := who.ProvedAt.UTC().Truncate(time.Microsecond)
	if who.ProvedAt.IsZero() {
		proved = began
	}
	token := m.NewToken()
	record := Record{
		Session: Session{
			ID:       handstamp.NewID(),
			UserID:   who.UserID,
			Role:     who.Role,
			BeganAt:  began,
			ProvedAt: proved,
			SeenAt:   began,
		},
		Hash:     token.Hash(),
		Revision: 1,
	}
	ticket := m.cache.Ticket(record.Hash)
	if err := m.store.Insert(ctx, record); err != nil {
		return Session{}, "", fmt.Errorf("begin session: %w", err)
	}
	m.remember(record, ticket)
	m.sweepSometimes(began)
	return record.Session, token, nil
}

// remember enters a session that was just read or written into the cache.
func (m *Manager) remember(r Record, ticket cache.Ticket) {
	if e, ok := entryOf(r.Session, &m.roles); ok {
		m.cache.Fill(r.Hash, e, ticket)
	}
}
