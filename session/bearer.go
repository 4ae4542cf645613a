package session

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/handstamp/handstamp"
)

// Terms are those of a session of bearer tokens. Such a session has no cookie, and nobody ever holds
// its opaque token: whoever issues the bearer tokens can work it out from the session's ID. It lasts
// until a time of its own, whatever the limits of the Manager, as its tokens say until when they are
// good.
type Terms struct {
	ID    handstamp.ID
	Until time.Time // in whole seconds
}

// BeginBearer is [Manager.Begin] for a session of bearer tokens.
func (m *Manager) BeginBearer(ctx context.Context, who handstamp.Identity, token Token, terms Terms) (Session, error) {
	if terms.ID.IsZero() || terms.Until.IsZero() {
		return Session{}, errTerms
	}
	return m.begin(ctx, who, token, terms)
}

var errTerms = errors.New("begin session: a session of bearer tokens needs an ID and an end")

// ErrRotated is what [Manager.Rotate] returns where somebody else was faster.
var ErrRotated = errors.New("session has rotated its token meanwhile")

// Rotate makes the next generation of a session of bearer tokens the current one, and the session
// last until a time. It returns [ErrGone] if the session has ended, and makes none; and [ErrRotated]
// where its generation is not from: of many at once, one rotates.
func (m *Manager) Rotate(ctx context.Context, token Token, from int64, until time.Time) (Session, error) {
	event := handstamp.NewEvent(ctx, handstamp.ActionSessionRenew)
	record, err := m.change(ctx, token, func(r *Record) ([]handstamp.Event, error) {
		if r.Generation != from || r.Until.IsZero() {
			return nil, ErrRotated
		}
		// Rounded up, so that the time in which the token before is still good is never cut.
		r.Generation, r.Until, r.RotatedAt = from+1, until, now().Add(time.Second-1).Truncate(time.Second)
		event.ActorID, event.UserID, event.SessionID = r.UserID, r.UserID, r.ID
		return []handstamp.Event{event}, nil
	})
	if err != nil {
		return Session{}, fmt.Errorf("rotate token of session: %w", err)
	}
	m.Notify.Hear(ctx, event)
	return record.Session, nil
}

// EndBecause ends s for something that was not its user's doing, and says so in the audit log. It
// returns [ErrGone] if it has ended already.
func (m *Manager) EndBecause(ctx context.Context, s Session, action handstamp.Action, reason string) error {
	event := handstamp.NewEvent(ctx, action).Failed(reason)
	event.UserID, event.SessionID = s.UserID, s.ID
	return m.endOne(ctx, Selection{UserID: s.UserID, ID: s.ID}, event)
}
