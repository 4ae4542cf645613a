package token

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/internal/bearertoken"
	"github.com/handstamp/handstamp/session"
)

// Authenticate implements [handstamp.Authenticator] for bearer tokens in the Authorization header (RFC 6750, section
// 2.1). There is no other place for one: in a URL it would be logged. With a token that came before and a session in
// the cache it costs two lookups.
func (t *Tokens) Authenticate(r *http.Request) (handstamp.Identity, error) {
	bearer, err := Of(r)
	if err != nil {
		return handstamp.Identity{}, err
	}
	s, _, err := t.live(r.Context(), bearer)
	if err != nil {
		return handstamp.Identity{}, err
	}
	return s.Identity(handstamp.MethodBearer), nil
}

// Challenge implements [handstamp.Authenticator] (RFC 6750, section 3).
func (t *Tokens) Challenge(err error) string { return bearertoken.Challenge(err) }

// Of returns the bearer token that r carries, unseen whether it is good. It is [handstamp.ErrNoCredential] for a
// request without one, and [ErrInvalid] for one that nobody can read in one way only.
func Of(r *http.Request) (session.Token, error) {
	text, err := bearertoken.Read(r)
	return session.Token(text), err
}

// live returns the session of a token that is good, and the generation of the token: that of the session, or for
// [Grace] the one before. A token that was replaced before that ends its session.
func (t *Tokens) live(ctx context.Context, bearer session.Token) (session.Session, verified, error) {
	v, err := t.verify(string(bearer))
	if err != nil {
		return session.Session{}, verified{}, err
	}
	s, err := t.sessions.FindHash(ctx, v.session)
	if errors.Is(err, session.ErrGone) {
		return session.Session{}, verified{}, fmt.Errorf("%w: its session has ended", ErrInvalid)
	}
	if err != nil {
		return session.Session{}, verified{}, err
	}
	switch behind := s.Generation - v.generation; {
	case behind == 0, behind == 1 && time.Since(s.RotatedAt).Abs() <= Grace:
		return s, v, nil
	case behind < 0: // of a database that was put back
		return session.Session{}, verified{}, fmt.Errorf("%w: from the future", ErrInvalid)
	}
	err = t.sessions.EndBecause(ctx, s, handstamp.ActionTokenReuse, "a token came that had been replaced")
	if err != nil && !errors.Is(err, session.ErrGone) {
		return session.Session{}, verified{}, err
	}
	return session.Session{}, verified{}, fmt.Errorf("%w: it was replaced", ErrInvalid)
}
