package account

import (
	"context"
	"errors"
	"fmt"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/session"
)

// Sessions are what a login begins: those of a [session.Manager], or others that hang on a session and
// whose tokens are of another kind.
type Sessions interface {
	// Begin begins a session for who, and returns it with the token that is for whoever has signed in.
	Begin(ctx context.Context, who handstamp.Identity) (session.Session, session.Token, error)

	// End ends the session of a token that Begin has returned. Where it has ended already, the error wraps
	// [session.ErrGone] or [handstamp.ErrBadCredential].
	End(ctx context.Context, token session.Token) error
}

// Login authenticates and begins a session. Its errors are those of [Directory.Authenticate] and of
// Begin.
func (d *Directory) Login(ctx context.Context, sessions Sessions, email, plain string) (User, session.Token, error) {
	u, err := d.Authenticate(ctx, email, plain)
	if err != nil {
		return User{}, "", err
	}
	_, token, err := sessions.Begin(ctx, handstamp.Identity{UserID: u.ID, Role: u.Role})
	if err != nil {
		return User{}, "", err
	}
	// What was revoked while the password was being hashed has ended the user's sessions, and
	// this one was not yet among them. The caller may be gone by now; the session must not stay
	// because of that.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), writeTimeout)
	defer cancel()
	now, err := d.store.Find(ctx, Ref{ID: u.ID})
	if err == nil && now.Epoch == u.Epoch {
		return u, token, nil
	}
	endErr := sessions.End(ctx, token)
	if endErr != nil && !errors.Is(endErr, session.ErrGone) && !errors.Is(endErr, handstamp.ErrBadCredential) {
		d.Notify.Fault(ctx, "end a session that must not have begun", endErr)
	}
	if err == nil || errors.Is(err, ErrNoUser) {
		return User{}, "", ErrWrongPassword
	}
	return User{}, "", fmt.Errorf("look again after login: %w", err)
}
