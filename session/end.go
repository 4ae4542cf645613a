package session

import (
	"context"
	"fmt"

	"github.com/handstamp/handstamp"
)

// End ends the session of token. When it has returned, the token is refused. It returns
// [ErrGone] if there is no such session.
func (m *Manager) End(ctx context.Context, token Token) error {
	hash := token.Hash()
	event := handstamp.NewEvent(ctx, handstamp.ActionLogout)
	if e, ok := m.cache.Peek(hash); ok {
		event.UserID, event.SessionID = e.user, e.id
	} else {
		r, err := m.store.Load(ctx, hash)
		if err != nil {
			return fmt.Errorf("end session: %w", err)
		}
		event.UserID, event.SessionID = r.UserID, r.ID
	}
	if event.Actor == "" {
		event.ActorID = event.UserID
	}
	return m.endOne(ctx, Selection{Hash: hash}, event)
}

// EndID ends the session of user that has this public name, or returns [ErrGone] if that user
// has none such.
func (m *Manager) EndID(ctx context.Context, user, session handstamp.ID) error {
	return m.endOne(ctx, Selection{UserID: user, ID: session}, m.ended(ctx, user, session, ""))
}

// ended returns the event of sessions that end by another way than with their token.
func (m *Manager) ended(ctx context.Context, user, session handstamp.ID, reason string) handstamp.Event {
	event := handstamp.NewEvent(ctx, handstamp.ActionSessionEnd)
	event.UserID, event.SessionID, event.Reason = user, session, reason
	return event
}

func (m *Manager) endOne(ctx context.Context, which Selection, event handstamp.Event) error {
	n, err := m.store.End(ctx, which, event)
	if err != nil {
		return fmt.Errorf("end session: %w", err)
	}
	if n == 0 {
		if which.Hash != (Hash{}) { // somebody else has ended it, and this process has not heard of that yet
			m.cache.Drop(which.Hash)
		}
		return ErrGone
	}
	m.Notify.Hear(ctx, event)
	return nil
}

// EndUser ends every session of user. There may be none; that is no error.
func (m *Manager) EndUser(ctx context.Context, user handstamp.ID) error {
	return m.endMany(ctx, Selection{UserID: user}, "all sessions")
}

// EndOthers ends every session of user but that of token.
func (m *Manager) EndOthers(ctx context.Context, user handstamp.ID, token Token) error {
	return m.endMany(ctx, Selection{UserID: user, Except: token.Hash()}, "all sessions but one")
}

func (m *Manager) endMany(ctx context.Context, which Selection, reason string) error {
	if which.UserID.IsZero() {
		return nil
	}
	event := m.ended(ctx, which.UserID, handstamp.ID{}, reason)
	n, err := m.store.End(ctx, which, event)
	if err != nil {
		return fmt.Errorf("end sessions of user: %w", err)
	}
	if n > 0 {
		m.Notify.Hear(ctx, event)
	}
	return nil
}
