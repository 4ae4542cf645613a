package api

import (
	"context"
	"net/http"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/account"
	"github.com/handstamp/handstamp/session"
	"github.com/handstamp/handstamp/token"
)

// Tokens are bearer tokens, each of which lives and dies with a session. Wherever a method takes or returns
// a session.Token, that is the bearer token itself. An error that wraps [handstamp.ErrBadCredential] means
// that a token is not good; any other one that nobody can tell.
type Tokens interface {
	// Begin and End are what a login and a logout do.
	account.Sessions

	// Renew returns the next token of the same session.
	Renew(ctx context.Context, jwt session.Token) (session.Token, error)

	// Inspect returns what a live token says.
	Inspect(ctx context.Context, jwt session.Token) (token.Claims, error)

	// SessionToken returns the token by which stores know the session with this ID. Nobody else holds it.
	SessionToken(id handstamp.ID) session.Token

	// Challenge returns the WWW-Authenticate value that asks for a bearer token (RFC 6750, section 3).
	Challenge(err error) string
}

// ownToken returns the token of the session that asks, as its cookie says it or as its bearer token stands
// for it. It is empty for who has none.
func (a *API) ownToken(r *http.Request) session.Token {
	who, _ := handstamp.From(r.Context())
	switch {
	case who.Method == handstamp.MethodSession && a.Sessions != nil:
		own, _ := a.Sessions.TokenOf(r)
		return own
	case who.Method == handstamp.MethodBearer && a.Tokens != nil:
		return a.Tokens.SessionToken(who.SessionID)
	default:
		return ""
	}
}

// hasSession reports whether who asks in the name of a session, and not only of its user.
func hasSession(who handstamp.Identity) bool {
	return who.Method == handstamp.MethodSession || who.Method == handstamp.MethodBearer
}
