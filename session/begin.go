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
// the request carried before, session or not, has no part in it (session fixation). Where the
// session begins is what [handstamp.OriginOf] says of ctx.
func (m *Manager) Begin(ctx context.Context, who handstamp.Identity) (Session, Token, error) {
	token := m.NewToken()
	s, err := m.begin(ctx, who, token, Terms{ID: handstamp.NewID()})
	if err != nil {
		return Session{}, "", err
	}
	return s, token, nil
}

// begin makes a session on these terms.
func (m *Manager) begin(ctx context.Context, who handstamp.Identity, token Token, terms Terms) (Session, error) {
	if who.UserID.IsZero() {
		return Session{}, ErrNobody
	}
	began := now()
	proved := who.ProvedAt.UTC().Truncate(time.Microsecond)
	if who.ProvedAt.IsZero() {
		proved = began
	}
	record := Record{
		Session: Session{
			ID:       terms.ID,
			UserID:   who.UserID,
			Role:     who.Role,
			BeganAt:  began,
			ProvedAt: proved,
			SeenAt:   began,
			Until:    terms.Until,
		},
		Hash:     token.Hash(),
		Revision: 1,
	}
	if !terms.Until.IsZero() {
		record.Generation = 1
	}
	origin := handstamp.OriginOf(ctx)
	record.Device = origin.Device
	if origin.Address.IsValid() {
		record.Address = origin.Address.String()
	}
	event := handstamp.NewEvent(ctx, handstamp.ActionLogin)
	event.ActorID, event.UserID, event.SessionID = record.UserID, record.UserID, record.ID

	ticket := m.cache.Ticket(record.Hash)
	if err := m.store.Insert(ctx, record, event); err != nil {
		return Session{}, fmt.Errorf("begin session: %w", err)
	}
	m.remember(record, ticket)
	m.Notify.Hear(ctx, event)
	m.sweepSometimes(began)
	m.endSurplus(ctx, record.UserID)
	return record.Session, nil
}

// remember enters a session that was just read or written into the cache.
func (m *Manager) remember(r Record, ticket cache.Ticket) {
	if e, ok := entryOf(r.Session, &m.roles); ok {
		m.cache.Fill(r.Hash, e, ticket)
	}
}

// endSurplus ends the oldest sessions of user beyond [Manager.PerUser]. Two logins at the same time
// find the same ones. A failure does not undo the login: the next one tries again.
func (m *Manager) endSurplus(ctx context.Context, user handstamp.ID) {
	if m.PerUser <= 0 {
		return
	}
	live, err := m.List(ctx, user)
	if err != nil {
		m.Notify.Fault(ctx, "look for surplus sessions", err)
		return
	}
	for _, s := range live[:max(0, len(live)-m.PerUser)] {
		event := m.ended(ctx, s.UserID, s.ID, "more sessions than a user may have")
		if err := m.endOne(ctx, Selection{UserID: user, ID: s.ID}, event); err != nil && !errors.Is(err, ErrGone) {
			m.Notify.Fault(ctx, "end a surplus session", err)
		}
	}
}
