package session

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/handstamp/handstamp"
)

// Renew gives the session of token a new token; from then on the old one is refused. The
// session, its data and its limits stay. It returns [ErrGone] if the session has ended, and makes
// none.
func (m *Manager) Renew(ctx context.Context, token Token) (Token, error) {
	return m.replaceToken(ctx, token, handstamp.ActionSessionRenew, func(*Record) {})
}

// Prove is [Manager.Renew] for a user who has just proved the password again: the session is fresh
// from now on, see [handstamp.Fresh].
func (m *Manager) Prove(ctx context.Context, token Token) (Token, error) {
	return m.replaceToken(ctx, token, handstamp.ActionProve, func(r *Record) { r.ProvedAt = now() })
}

func (m *Manager) replaceToken(ctx context.Context, token Token, action handstamp.Action, edit func(*Record)) (Token, error) {
	fresh := m.NewToken()
	hash := fresh.Hash()
	ticket := m.cache.Ticket(hash)
	event := handstamp.NewEvent(ctx, action)
	record, err := m.change(ctx, token, func(r *Record) ([]handstamp.Event, error) {
		data, err := openData(r.Data, token, r.ID)
		if err != nil {
			return nil, err
		}
		edit(r)
		event.ActorID, event.UserID, event.SessionID = r.UserID, r.UserID, r.ID
		r.Hash = hash
		r.Data, err = data.seal(fresh, r.ID)
		return []handstamp.Event{event}, err
	})
	if err != nil {
		return "", fmt.Errorf("renew session: %w", err)
	}
	m.remember(record, ticket)
	m.Notify.Hear(ctx, event)
	return fresh, nil
}

// attempts is how often a change is tried again when others change the same session.
const attempts = 32

// change reads the live session of token, lets edit change Hash, ProvedAt and Data, and writes it
// with the events that edit returns, all again if somebody else has changed it in between.
func (m *Manager) change(ctx context.Context, token Token, edit func(*Record) ([]handstamp.Event, error)) (Record, error) {
	old := token.Hash()
	for range attempts {
		record, err := m.live(ctx, old)
		if err != nil {
			return Record{}, err
		}
		events, err := edit(&record)
		if err != nil {
			return Record{}, err
		}
		err = m.store.Swap(ctx, old, record, events...)
		if !errors.Is(err, ErrConflict) {
			return record, err
		}
	}
	return Record{}, ErrConflict
}

// live returns the record of a session that has reached no limit, or ErrGone.
func (m *Manager) live(ctx context.Context, hash Hash) (Record, error) {
	record, err := m.store.Load(ctx, hash)
	if err != nil {
		return Record{}, err
	}
	if !m.isAlive(record.Session, time.Now()) {
		return Record{}, ErrGone
	}
	return record, nil
}
