package token

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/internal/bearertoken"
	"github.com/handstamp/handstamp/session"
)

// An upstreamKey is who asks an upstream, and which.
type upstreamKey struct {
	session, user  handstamp.ID
	role, audience string
}

type upstreamToken struct {
	text    string
	expires time.Time
}

// ForUpstream returns the token that tells the app at audience, an origin, that who is asking. It is good for as long as
// what is known of who may be trusted: [Config.Lease], and no longer than the lease of the sessions. Its signature serves several requests, so that few of them pay
// for one. who must have been found out just now.
func (t *Tokens) ForUpstream(_ context.Context, who handstamp.Identity, audience string) (string, error) {
	key := upstreamKey{who.SessionID, who.UserID, who.Role, audience}
	at := time.Now()
	made, ok := t.upstreams.Get(key)
	most, least := at.Add(t.Lease), t.Lease/2
	if until, leased := t.sessions.TrustedUntil(at); leased && until.Before(most) {
		most, least = until, t.Lease/4 // as it ends that much sooner
	}
	if ok && made.expires.Sub(at) >= least && !made.expires.After(most) {
		return made.text, nil
	}
	ticket := t.upstreams.Ticket(key)
	// Never later than the lease, so rounded down.
	expires := most.Truncate(time.Second)
	text, err := t.sign(Claims{
		Issuer: t.Issuer, Subject: who.UserID, Audience: audience, SessionID: who.SessionID, Role: who.Role, ID: newID(),
		IssuedAt: at.Truncate(time.Second), ExpiresAt: expires,
	})
	if err != nil {
		return "", fmt.Errorf("issue token for upstream: %w", err)
	}
	t.upstreams.Fill(key, upstreamToken{text, expires}, ticket)
	return text, nil
}

// Inspect returns what a token of ours says, one for an upstream, too, as long as it is good: not expired, its key not
// retired and its session alive. Otherwise it returns [ErrInvalid]; any other error means that nobody can tell.
func (t *Tokens) Inspect(ctx context.Context, bearer session.Token) (Claims, error) {
	if !bearertoken.IsToken(string(bearer)) {
		return Claims{}, ErrInvalid
	}
	c, _, err := t.read(string(bearer))
	switch {
	case err != nil:
		return Claims{}, err
	case c.generation > 0:
		s, _, err := t.live(ctx, bearer)
		if err != nil {
			return Claims{}, err
		}
		c.Role = s.Role // which Plone's form has not
		return c, nil
	case !time.Now().Before(c.ExpiresAt):
		return Claims{}, fmt.Errorf("%w: expired", ErrInvalid)
	case c.SessionID.IsZero(): // of somebody who sends a password along
		return c, nil
	}
	return c, t.isAlive(ctx, c.Subject, c.SessionID)
}

// isAlive returns [ErrInvalid] where a user has no such session.
func (t *Tokens) isAlive(ctx context.Context, user, id handstamp.ID) error {
	err := t.sessions.HasID(ctx, user, id)
	if errors.Is(err, session.ErrGone) {
		return fmt.Errorf("%w: its session has ended", ErrInvalid)
	}
	return err
}
