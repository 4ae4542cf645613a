package account

import (
	"context"
	"errors"

	"github.com/handstamp/handstamp/password"
)

// verify tries the password as it was typed, which is what imported hashes were made from, and
// then as it is prepared here, where that differs. How much it does depends on what was typed,
// and on nothing that is stored. Beside an error, judged says whether something was learned about the
// password all the same.
//
// The hash of a user who is disabled is not looked at: if it were, a right password that asks for a
// new hash would take another time than a wrong one.
func (d *Directory) verify(ctx context.Context, u User, plain string) (verdict password.Verdict, judged bool, err error) {
	if u.Disabled {
		u.PasswordHash = ""
	}
	verdict, err = d.verifyForm(ctx, u, plain)
	if err != nil || verdict.OK {
		return verdict, err == nil, err
	}
	prepared, err := prepare(plain)
	if err != nil || prepared == plain || password.CheckLength(prepared) != nil {
		return verdict, true, nil
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
