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
	now := time.Now().UTC().Truncate(time.Microsecond)
	proved := who.ProvedAt.UTC().Truncate(time.Microsecond)
	if who.ProvedAt.IsZero() {
		proved = now
	}
	token := m.NewToken()
	record := Record{
		Session: Session{
			ID:       handstamp.NewID(),
			UserID:   who.UserID,
			Role:     who.Role,
			BeganAt:  now,
			ProvedAt: proved,
			SeenAt:   now,
		},
		Hash:     token.Hash(),
		Revision: 1,
	}
	ticket := m.cache.Ticket(record.Hash)
	if err := m.store.Insert(ctx, record); err != nil {
		return Session{}, "", fmt.Errorf("begin session: %w", err)
	}
	m.remember(record, ticket)
	m.sweepSometimes(now)
	return record.Session, token, nil
}

// remember enters a session that was just read or written into the cache.
func (m *Manager) remember(r Record, ticket cache.Ticket) {
	if e, ok := entryOf(r.Session, &m.roles); ok {
		m.cache.Fill(r.Hash, e, ticket)
	}
}

// Renew gives the session of token a new token; from then on the old one is refused. The
// session, its data and its limits stay. It returns [ErrGone] if the session has ended, and makes
// none.
func (m *Manager) Renew(ctx context.Context, token Token) (Token, error) {
	fresh := m.NewToken()
	hash := fresh.Hash()
	ticket := m.cache.Ticket(hash)
	record, err := m.change(ctx, token, func(r *Record) error {
		data, err := openData(r.Data, token, r.ID)
		if err != nil {
			return err
		}
		r.Hash = hash
		r.Data, err = data.seal(fresh, r.ID)
		return err
	})
	if err != nil {
		return "", fmt.Errorf("renew session: %w", err)
	}
	m.remember(record, ticket)
	return fresh, nil
}

// attempts is how often a change is tried again when others change the same session.
const attempts = 32

// change reads the live session of token, lets edit change Hash and Data, and writes it, all
// again if somebody else has changed it in between.
func (m *Manager) change(ctx context.Context, token Token, edit func(*Record) error) (Record, error) {
	old := token.Hash()
	for range attempts {
		record, err := m.live(ctx, old)
		if err != nil {
			return Record{}, err
		}
		if err := edit(&record); err != nil {
			return Record{}, err
		}
		err = m.store.Swap(ctx, old, record)
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
