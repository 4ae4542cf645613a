package account

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/password"
)

// Why a password was not accepted. All wrap [handstamp.ErrBadCredential]; only the founding API
// tells its clients which it was.
var (
	ErrUnknownUser   = fmt.Errorf("%w: no user with this email", handstamp.ErrBadCredential)
	ErrWrongPassword = fmt.Errorf("%w: wrong password", handstamp.ErrBadCredential)
	ErrDisabled      = fmt.Errorf("%w: user is disabled", handstamp.ErrBadCredential)
)

// Authenticate returns the user with this email and password. Its errors are [ErrUnknownUser],
// [ErrWrongPassword], [ErrDisabled], a [*throttle.Refused] for too many attempts, those of package
// password for a password that is too long and for too many logins at once, or the store's. Whatever it is that is not good, finding out takes
// the same time.
//
// A hash that is not what a new one would be is replaced.
func (d *Directory) Authenticate(ctx context.Context, email, plain string) (User, error) {
	u, err := d.ByEmail(ctx, email)
	if err != nil && !errors.Is(err, ErrNoUser) {
		return User{}, fmt.Errorf("authenticate: %w", err)
	}
	if d.Verbatim && u.Email != email {
		u = User{}
	}
	return d.prove(ctx, handstamp.ActionLogin, VerbatimKey(email), u, plain)
}

// Confirm is [Directory.Authenticate] for a user who is known, and has to prove it again.
func (d *Directory) Confirm(ctx context.Context, id handstamp.ID, plain string) (User, error) {
	u, err := d.store.Find(ctx, Ref{ID: id})
	if err != nil && !errors.Is(err, ErrNoUser) {
		return User{}, fmt.Errorf("authenticate: %w", err)
	}
	return d.prove(ctx, handstamp.ActionProve, accountOf(u), u, plain)
}

// accountOf returns what attempts on u are counted by: the same as when the email is typed.
func accountOf(u User) string {
	if u.EmailKey == "" {
		return u.ID.String()
	}
	return u.EmailKey
}

// prove is the one place where it is decided whether somebody is u, who is the zero User where nobody
// was found. What it does up to its answer must not depend on u.
func (d *Directory) prove(ctx context.Context, action handstamp.Action, account string, u User, plain string) (User, error) {
	if err := password.CheckLength(plain); err != nil { // before a store has to write for it
		return User{}, fmt.Errorf("authenticate: %w", err)
	}
	ticket, err := d.attempt(ctx, action, account, u)
	if err != nil {
		return User{}, fmt.Errorf("authenticate: %w", err)
	}
	verdict, judged, err := d.verify(ctx, u, plain)
	if err != nil {
		if !judged {
			d.settle(ctx, ticket.Unjudged)
		}
		return User{}, fmt.Errorf("authenticate: %w", err)
	}
	if verdict.NeedsRehash {
		u = d.rehash(ctx, u, plain)
	}
	var refused error
	switch {
	case u.ID.IsZero():
		refused = ErrUnknownUser
	case !verdict.OK, plain == "": // whatever was imported, no password is none
		refused = ErrWrongPassword
	case u.Disabled:
		refused = ErrDisabled
	default:
		d.settle(ctx, ticket.Succeeded)
		return u, nil
	}
	event := handstamp.NewEvent(ctx, action).Failed(strings.TrimPrefix(refused.Error(), handstamp.ErrBadCredential.Error()+": "))
	event.UserID = u.ID
	if err := d.record(ctx, event); err != nil {
		return User{}, fmt.Errorf("authenticate: %w", err)
	}
	return User{}, refused
}

// record keeps an event of which nothing else is written, and tells of it. It does so even if ctx is done:
// whoever hangs up before the answer has tried all the same.
func (d *Directory) record(ctx context.Context, event handstamp.Event) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), writeTimeout)
	defer cancel()
	if d.Audit != nil {
		if err := d.Audit.Record(ctx, event); err != nil {
			return fmt.Errorf("keep event: %w", err)
		}
	}
	d.Notify.Hear(ctx, event)
	return nil
}

// verify tries the password as it was typed, which is what imported hashes were made from, and
// then as it is prepared here, where that differs. How much it does depends on what was typed,
// and on nothing that is stored. judged says that the password was looked at, be it in one form only:
// such an attempt counts, also where the other form failed because nobody waits for the answer any more.
func (d *Directory) verify(ctx context.Context, u User, plain string) (verdict password.Verdict, judged bool, err error) {
	verdict, err = d.verifyForm(ctx, u, plain)
	prepared, prepareErr := prepare(plain)
	if err != nil || verdict.OK || prepareErr != nil || prepared == plain || password.CheckLength(prepared) != nil {
		return verdict, err == nil, err
	}
	verdict, err = d.verifyForm(ctx, u, prepared)
	return verdict, true, err
}

func (d *Directory) verifyForm(ctx context.Context, u User, plain string) (password.Verdict, error) {
	verdict, err := d.Passwords.Verify(ctx, u.PasswordHash, plain)
	if errors.Is(err, password.ErrFormat) || errors.Is(err, password.ErrCost) {
		d.Notify.Fault(ctx, "verify the password of user "+u.ID.String(), err)
		return password.Verdict{}, nil
	}
	return verdict, err
}

// rehash replaces the stored hash of a password that was just found right. If that fails, the
// login is as good as before, and the next one tries again.
func (d *Directory) rehash(ctx context.Context, u User, plain string) User {
	hash, err := d.Passwords.Hash(ctx, preparedIfPossible(plain))
	if err != nil {
		d.Notify.Fault(ctx, "replace password hash", err)
		return u
	}
	updated, err := d.store.Update(ctx, u.ID, func(now *User) (Write, error) {
		if now.PasswordHash != u.PasswordHash {
			return Write{}, ErrChanged
		}
		now.PasswordHash = hash
		return Write{}, nil
	})
	d.cache.Drop(u.ID)
	if err != nil {
		if !errors.Is(err, ErrChanged) && !errors.Is(err, ErrNoUser) {
			d.Notify.Fault(ctx, "replace password hash", err)
		}
		return u
	}
	updated.Epoch = u.Epoch // what was revoked since the password was checked still counts
	return updated
}
