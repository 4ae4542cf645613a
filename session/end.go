package session

import (
	"context"
	"fmt"
	"time"

	"github.com/handstamp/handstamp"
)

// End ends the session of token. When it has returned, the token is refused. It returns
// [ErrGone] if there is no such session.
func (m *Manager) End(ctx context.Context, token Token) error {
	return m.endOne(ctx, Selection{Hash: token.Hash()})
}

// EndID ends the session of user that has this public name, or returns [ErrGone] if that user
// has none such.
func (m *Manager) EndID(ctx context.Context, user, session handstamp.ID) error {
	return m.endOne(ctx, Selection{UserID: user, ID: session})
}

func (m *Manager) endOne(ctx context.Context, which Selection) error {
	n, err := m.store.End(ctx, which)
	if err != nil {
		return fmt.Errorf("end session: %w", err)
	}
	if n == 0 {
		return ErrGone
	}
	return nil
}

// EndUser ends every session of user. There may be none; that is no error.
func (m *Manager) EndUser(ctx context.Context, user handstamp.ID) error {
	if user.IsZero() {
		return nil
	}
	if _, err := m.store.End(ctx, Selection{UserID: user}); err != nil {
		return fmt.Errorf("end sessions of user: %w", err)
	}
	return nil
}

// EndOthers ends every session of user but that of token.
func (m *Manager) EndOthers(ctx context.Context, user handstamp.ID, token Token) error {
	if user.IsZero() {
		return nil
	}
	if _, err := m.store.End(ctx, Selection{UserID: user, Except: token.Hash()}); err != nil {
		return fmt.Errorf("end other sessions of user: %w", err)
	}
	return nil
}

// List returns the live sessions of user, the oldest first.
func (m *Manager) List(ctx context.Context, user handstamp.ID) ([]Session, error) {
	records, err := m.store.List(ctx, user)
	if err != nil {
		return nil, fmt.Errorf("list sessions: %w", err)
	}
	now := time.Now()
	sessions := make([]Session, 0, len(records))
	for _, r := range records {
		if m.isAlive(r.Session, now) {
			sessions = append(sessions, r.Session)
		}
	}
	return sessions, nil
}
