package operator

import (
	"context"
	"errors"
	"fmt"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/session"
)

// A Sessions manages who is signed in.
type Sessions interface {
	// SessionsOf returns the live sessions of a user, the oldest first.
	SessionsOf(ctx context.Context, who string) ([]session.Session, error)

	// EndSession ends one session of a user, or returns [session.ErrGone].
	EndSession(ctx context.Context, who string, id handstamp.ID) error

	// EndSessions ends every session of a user.
	EndSessions(ctx context.Context, who string) error
}

// ErrNoSessions means that nobody keeps sessions here.
var ErrNoSessions = errors.New("no sessions are kept here")

// SessionsOf implements [Operator].
func (l *Local) SessionsOf(ctx context.Context, who string) ([]session.Session, error) {
	if l.Sessions == nil {
		return nil, ErrNoSessions
	}
	u, err := l.find(ctx, who)
	if err != nil {
		return nil, err
	}
	return l.Sessions.List(ctx, u.ID)
}

// EndSession implements [Operator].
func (l *Local) EndSession(ctx context.Context, who string, id handstamp.ID) error {
	if l.Sessions == nil {
		return ErrNoSessions
	}
	u, err := l.find(ctx, who)
	if err != nil {
		return err
	}
	err = l.Sessions.EndID(ctx, u.ID, id)
	if errors.Is(err, session.ErrGone) {
		return fmt.Errorf("%w: %s", err, id)
	}
	return err
}

// EndSessions implements [Operator].
func (l *Local) EndSessions(ctx context.Context, who string) error {
	if l.Sessions == nil {
		return ErrNoSessions
	}
	u, err := l.find(ctx, who)
	if err != nil {
		return err
	}
	return l.Sessions.EndUser(ctx, u.ID)
}

// The calls of Sessions.
const (
	callSessionsOf  = "/sessions"
	callEndSession  = "/end-session"
	callEndSessions = "/end-sessions"
)

// oneSession is the argument of callEndSession.
type oneSession struct {
	Who string
	ID  handstamp.ID
}

// SessionsOf implements [Operator].
func (c *Client) SessionsOf(ctx context.Context, who string) ([]session.Session, error) {
	return call[string, []session.Session](ctx, c, callSessionsOf, who)
}

// EndSession implements [Operator].
func (c *Client) EndSession(ctx context.Context, who string, id handstamp.ID) error {
	_, err := call[oneSession, nothing](ctx, c, callEndSession, oneSession{who, id})
	return err
}

// EndSessions implements [Operator].
func (c *Client) EndSessions(ctx context.Context, who string) error {
	_, err := call[string, nothing](ctx, c, callEndSessions, who)
	return err
}
