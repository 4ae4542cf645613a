package account

import (
	"context"
	"errors"
	"fmt"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/password"
	"github.com/handstamp/handstamp/session"
)

// Why a password was not accepted. Both wrap [handstamp.ErrBadCredential]; only the founding API
// tells its clients which it was.
var (
	ErrUnknownUser   = fmt.Errorf("%w: no user with this email", handstamp.ErrBadCredential)
	ErrWrongPassword = fmt.Errorf("%w: wrong password", handstamp.ErrBadCredential)
)

// Authenticate returns the user with this email and password. Its errors are [ErrUnknownUser],
// [ErrWrongPassword], those of package password for a password that is too long and for too many
// logins at once, or the store's.
//
// A hash that is not what a new one would be is replaced.
func (d *Directory) Authenticate(ctx context.Context, email, plain string) (User, error) {
	u, err := d.ByEmail(ctx, email)
	unknown := errors.Is(err, ErrNoUser)
	if err != nil && !unknown {
		return User{}, fmt.Errorf("authenticate: %w", err)
	}
	if d.Verbatim && u.Email != email {
		u, unknown = User{}, true
	}
	verdict, err := d.verify(ctx, u, plain)
	switch {
	case err != nil:
		return User{}, fmt.Errorf("authenticate: %w", err)
	case unknown:
		return User{}, ErrUnknownUser
	case !verdict.OK, plain == "": // whatever was imported, no password is none
		return User{}, ErrWrongPassword
	case verdict.NeedsRehash:
		return d.rehash(ctx, u, plain), nil
	default:
		return u, nil
	}
}

// verify tries the password as it was typed, which is what imported hashes were made from, and
// then as it is prepared here, where that differs. How much it does depends on what was typed,
// and on nothing that is stored.
func (d *Directory) verify(ctx context.Context, u User, plain string) (password.Verdict, error) {
	verdict, err := d.verifyForm(ctx, u, plain)
	prepared, prepareErr := prepare(plain)
	if err != nil || verdict.OK || prepareErr != nil || prepared == plain {
		return verdict, err
	}
	return d.verifyForm(ctx, u, prepared)
}

func (d *Directory) verifyForm(ctx context.Context, u User, plain string) (password.Verdict, error) {
	verdict, err := d.Passwords.Verify(ctx, u.PasswordHash, plain)
	if errors.Is(err, password.ErrFormat) || errors.Is(err, password.ErrCost) {
		d.report(ctx, "verify the password of user "+u.ID.String(), err)
		return password.Verdict{}, nil
	}
	return verdict, err
}

// rehash replaces the stored hash of a password that was just found right. If that fails, the
// login is as good as before, and the next one tries again.
func (d *Directory) rehash(ctx context.Context, u User, plain string) User {
	hash, err := d.Passwords.Hash(ctx, preparedIfPossible(plain))
	if err != nil {
		d.report(ctx, "replace password hash", err)
		return u
	}
	updated, err := d.store.Update(ctx, u.ID, func(now *User) (bool, error) {
		if now.PasswordHash != u.PasswordHash {
			return false, errChanged
		}
		now.PasswordHash = hash
		return false, nil
	})
	d.cache.Drop(u.ID)
	if err != nil {
		if !errors.Is(err, errChanged) && !errors.Is(err, ErrNoUser) {
			d.report(ctx, "replace password hash", err)
		}
		return u
	}
	updated.Epoch = u.Epoch // what was revoked since the password was checked still counts
	return updated
}

// errChanged means that somebody else has replaced the hash first.
var errChanged = errors.New("password hash changed meanwhile")

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
		d.report(ctx, "end a session that must not have begun", endErr)
	}
	if err == nil || errors.Is(err, ErrNoUser) {
		return User{}, "", ErrWrongPassword
	}
	return User{}, "", fmt.Errorf("look again after login: %w", err)
}
