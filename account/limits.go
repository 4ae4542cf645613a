package account

import (
	"context"
	"errors"
	"net/http"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/throttle"
)

// WithRequest returns a context that carries the request of which a password comes, so that
// [Directory.Devices] can see which browser it is. Basic does this by itself.
func WithRequest(ctx context.Context, r *http.Request) context.Context {
	return context.WithValue(ctx, requestKey{}, r)
}

type requestKey struct{}

// attempt charges an attempt, or refuses it. It asks for the user only where the browser is a known
// device of the account, or there is a refusal to be noted.
func (d *Directory) attempt(ctx context.Context, p proof) (*throttle.Ticket, error) {
	try := throttle.Try{Account: p.account, Address: handstamp.OriginOf(ctx).Address}
	if known, ok := ctx.Value(pairKey{}).(handstamp.ID); ok {
		try.Device = known
	} else if r, ok := ctx.Value(requestKey{}).(*http.Request); ok && d.Devices != nil {
		var err error
		try.Device, err = d.Devices.Read(r, p.account, func() (throttle.Owner, error) {
			u, err := p.find()
			return ownerOf(u), err
		})
		if err != nil && !errors.Is(err, ErrNoUser) {
			return nil, err
		}
	}
	ticket, err := d.Limits.Attempt(ctx, try)
	if refused := (*throttle.Refused)(nil); errors.As(err, &refused) {
		d.noteRefusal(ctx, p, refused)
	}
	return ticket, err
}

// accountOf returns what attempts on u are counted by: the same as when the email is typed.
func accountOf(u User) string {
	if u.EmailKey == "" {
		return u.ID.String()
	}
	return u.EmailKey
}

// ownerOf returns what makes a browser a known device of u.
func ownerOf(u User) throttle.Owner { return throttle.Owner{ID: u.ID, Epoch: u.Epoch} }

// SetDevice makes the browser that r comes from a known device of u, who has just signed in there, or has
// just changed the own password or email, after which the device of before is known no more: its
// attempts are counted apart from those of strangers. u is the user as the login or the change has
// returned it.
func (d *Directory) SetDevice(w http.ResponseWriter, r *http.Request, u User) {
	if d.Devices != nil {
		d.Devices.Set(w, r, accountOf(u), ownerOf(u))
	}
}

// settle gives the charge of an attempt back, unless a wrong password has earned it.
func (d *Directory) settle(ctx context.Context, give func(context.Context) error) {
	if err := give(ctx); err != nil {
		d.Notify.Fault(ctx, "give an attempt back", err)
	}
}
