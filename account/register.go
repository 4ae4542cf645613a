package account

import (
	"context"
	"errors"

	"github.com/handstamp/handstamp"
)

// Register is [Directory.Create] for a stranger, who makes an own account. It counts as an attempt to sign in by
// somebody who is not known, and stays counted where it succeeds or finds that the email is taken: else one
// address could make the server hash, fill its disk, and ask for one email after the other who has an account. Its
// errors are those of Create and a [*throttle.Refused].
func (d *Directory) Register(ctx context.Context, details Details) (User, error) {
	// By a name that no email has, so that nobody is locked out because somebody registers in their name.
	ticket, err := d.attempt(ctx, proof{
		action:  handstamp.ActionUserCreate,
		account: "\x00register\x00" + VerbatimKey(details.Email),
		find:    func() (User, error) { return User{}, ErrNoUser },
	})
	if err != nil {
		return User{}, err
	}
	u, err := d.Create(ctx, details)
	if err != nil && !errors.Is(err, ErrEmailTaken) {
		d.settle(ctx, ticket.Unjudged)
	}
	return u, err
}
