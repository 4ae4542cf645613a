package account

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

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
// password for a password that is too long and for too many logins at once, or the store's.
// Whatever it is that is not good, finding out takes the same time. A user who is disabled is
// ErrDisabled with whatever password.
//
// A hash that is not what a new one would be is replaced.
func (d *Directory) Authenticate(ctx context.Context, email, plain string) (User, error) {
	return d.prove(ctx, proof{
		action:  handstamp.ActionLogin,
		account: VerbatimKey(email),
		plain:   plain,
		find: func() (User, error) {
			u, err := d.ByEmail(ctx, email)
			if d.Verbatim && u.Email != email {
				u = User{}
			}
			return u, err
		},
	})
}

// Confirm is [Directory.Authenticate] for a user who is known, and has to prove it again.
func (d *Directory) Confirm(ctx context.Context, id handstamp.ID, plain string) (User, error) {
	u, err := d.store.Find(ctx, Ref{ID: id})
	if err != nil && !errors.Is(err, ErrNoUser) {
		return User{}, fmt.Errorf("authenticate: %w", err)
	}
	return d.prove(ctx, proof{
		action:  handstamp.ActionProve,
		account: accountOf(u),
		plain:   plain,
		find:    func() (User, error) { return u, err },
	})
}

// A proof is what somebody brings to prove who they are.
type proof struct {
	action  handstamp.Action
	account string // what attempts are counted by, whether there is such an account or not
	plain   string
	find    func() (User, error) // whose account it is, or ErrNoUser
}

// prove is the one place where it is decided who somebody is.
func (d *Directory) prove(ctx context.Context, p proof) (User, error) {
	begun := time.Now()
	p.find = sync.OnceValues(p.find)
	u, err := d.judge(ctx, p)
	if err != nil {
		err = fmt.Errorf("authenticate: %w", err)
	}
	switch {
	case errors.Is(err, handstamp.ErrBadCredential) && !d.Verbatim:
		d.pace.keep(ctx, time.Since(begun))
	case errors.Is(err, password.ErrBusy):
		d.Notify.Hear(ctx, handstamp.NewEvent(ctx, p.action).Failed(BusyReason))
	}
	return u, err
}

// BusyReason is the reason of an event that tells of an attempt for which there was no time.
const BusyReason = "too many passwords to hash"

// judge looks at nothing that is stored of the account before the attempt is allowed and charged. What
// it does from there to its answer must not depend on whether there is such a user and what is stored
// of them.
func (d *Directory) judge(ctx context.Context, p proof) (User, error) {
	// Before the charge, which would have to be given back.
	if err := password.CheckLength(p.plain); err != nil {
		return User{}, err
	}
	ticket, err := d.attempt(ctx, p)
	if err != nil {
		return User{}, err
	}
	u, err := p.find()
	if err != nil && !errors.Is(err, ErrNoUser) {
		d.settle(ctx, ticket.Unjudged)
		return User{}, err
	}
	verdict, judged, err := d.verify(ctx, u, p.plain)
	if err != nil {
		if !judged {
			d.settle(ctx, ticket.Unjudged)
		}
		return User{}, err
	}
	var refused error
	switch {
	case u.ID.IsZero():
		refused = ErrUnknownUser
	case u.Disabled:
		refused = ErrDisabled
	case !verdict.OK, p.plain == "": // whatever was imported, no password is none
		refused = ErrWrongPassword
	default:
		d.settle(ctx, ticket.Succeeded)
		if verdict.NeedsRehash {
			u = d.rehash(ctx, u, p.plain)
		}
		return u, nil
	}
	event := handstamp.NewEvent(ctx, p.action).Failed(strings.TrimPrefix(refused.Error(), handstamp.ErrBadCredential.Error()+": "))
	event.UserID = u.ID
	if err := d.record(ctx, event); err != nil {
		return User{}, err
	}
	return User{}, refused
}

// record keeps an event of which nothing else is written, and tells of it. It does so even if ctx is done:
// whoever hangs up before the answer has tried all the same.
func (d *Directory) record(ctx context.Context, event handstamp.Event) error {
	if d.Audit != nil {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), writeTimeout)
		defer cancel()
		if err := d.Audit.Record(ctx, event); err != nil {
			return fmt.Errorf("keep event: %w", err)
		}
	}
	d.Notify.Hear(ctx, event)
	return nil
}
