package token

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"time"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/session"
)

// Begin makes a session for who, as [session.Manager.Begin] does, and returns it with its first bearer token.
func (t *Tokens) Begin(ctx context.Context, who handstamp.Identity) (session.Session, session.Token, error) {
	began := now()
	terms := session.Terms{ID: handstamp.NewID(), Until: began.Add(min(t.Lifetime, t.Renewable))}
	// Signed first: what cannot be signed must not begin.
	bearer, err := t.issue(session.Session{
		ID: terms.ID, UserID: who.UserID, Role: who.Role, Until: terms.Until, Generation: 1,
	}, began)
	if err != nil {
		return session.Session{}, "", err
	}
	s, err := t.sessions.BeginBearer(ctx, who, t.SessionToken(terms.ID), terms)
	if err != nil {
		return session.Session{}, "", err
	}
	return s, bearer, nil
}

// issue returns a token of the present generation of s.
func (t *Tokens) issue(s session.Session, at time.Time) (session.Token, error) {
	bearer, err := t.sign(Claims{
		Issuer: t.Issuer, Subject: s.UserID, Audience: t.Issuer, SessionID: s.ID, Role: s.Role, ID: newID(),
		IssuedAt: at, ExpiresAt: s.Until, generation: s.Generation,
	})
	if err != nil {
		return "", fmt.Errorf("issue bearer token: %w", err)
	}
	return session.Token(bearer), nil
}

// newID returns a new ID of a token.
func newID() string {
	var random [9]byte
	_, _ = rand.Read(random[:]) // never returns an error
	return base64.RawURLEncoding.EncodeToString(random[:])
}

// now returns the time as tokens carry it.
func now() time.Time { return time.Now().UTC().Truncate(time.Second) }

// renewals is how often Renew looks again when others renew the same token.
const renewals = 4

// Renew gives the token that takes the place of bearer, see [Grace]. It returns [ErrInvalid] where bearer is not
// good; any other error means that the store or the keys could not be asked.
func (t *Tokens) Renew(ctx context.Context, bearer session.Token) (session.Token, error) {
	for range renewals {
		s, v, err := t.live(ctx, bearer)
		if err != nil {
			return "", err
		}
		at := now()
		// Not twice within Grace: a tab that still has the token before would end the session with it.
		if v.generation == s.Generation && time.Since(s.RotatedAt).Abs() > Grace {
			until := at.Add(t.Lifetime)
			if last := s.BeganAt.Truncate(time.Second).Add(t.Renewable); until.After(last) {
				until = last
			}
			s, err = t.sessions.Rotate(ctx, t.SessionToken(v.id), v.generation, until)
		}
		switch {
		case err == nil:
			return t.issue(s, at)
		case errors.Is(err, session.ErrGone):
			return "", fmt.Errorf("%w: its session has ended", ErrInvalid)
		case !errors.Is(err, session.ErrRotated):
			return "", err
		}
	}
	return "", session.ErrConflict
}

// End ends the session of bearer, and with it every token that it has. It returns [ErrInvalid] where bearer is
// not good.
func (t *Tokens) End(ctx context.Context, bearer session.Token) error {
	_, v, err := t.live(ctx, bearer)
	if err != nil {
		return err
	}
	err = t.sessions.End(ctx, t.SessionToken(v.id))
	if errors.Is(err, session.ErrGone) {
		return fmt.Errorf("%w: its session has ended", ErrInvalid)
	}
	return err
}
