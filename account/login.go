package account

import (
	"context"
	"errors"
	"fmt"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/session"
)

// Login authenticates and begins a session. Its errors are those of [Directory.Authenticate] and
// [session.Manager.Begin].
func (d *Directory) Login(ctx context.Context, sessions *session.Manager, email, plain string) (User, session.Token, error) {
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
	if endErr := sessions.End(ctx, token); endErr != nil && !errors.Is(endErr, session.ErrGone) {
		d.Notify.Fault(ctx, "end a session that must not have begun", endErr)
	}
	if err == nil || errors.Is(err, ErrNoUser) {
		return User{}, "", ErrWrongPassword
	}
	return User{}, "", fmt.Errorf("look again after login: %w", err)
}
