package account

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/throttle"
)

// WithRequest returns a context that carries the request of which a password comes, so that
// [Directory.Devices] can see which browser it is. Basic does this by itself.
func WithRequest(ctx context.Context, r *http.Request) context.Context {
	return context.WithValue(ctx, requestKey{}, r)
}

type requestKey struct{}

// attempt charges an attempt on account, or refuses it. u is whose account it is, or the zero User;
// what is done is the same for both.
func (d *Directory) attempt(ctx context.Context, action handstamp.Action, account string, u User) (*throttle.Ticket, error) {
	try := throttle.Try{Account: account, Address: handstamp.OriginOf(ctx).Address}
	if r, ok := ctx.Value(requestKey{}).(*http.Request); ok && d.Devices != nil {
		try.Device = d.Devices.Read(r, ownerOf(u))
	}
	ticket, err := d.Limits.Attempt(ctx, try)
	if refused := (*throttle.Refused)(nil); errors.As(err, &refused) {
		d.noteRefusal(ctx, action, account, u, refused)
	}
	return ticket, err
}

// ownerOf returns what makes a browser a known device of u.
func ownerOf(u User) throttle.Owner { return throttle.Owner{Account: u.ID.String(), Epoch: u.Epoch} }

// SetDevice makes the browser that r comes from a known device of u, who has just signed in there: its
// attempts are counted apart from those of strangers.
func (d *Directory) SetDevice(w http.ResponseWriter, r *http.Request, u User) {
	if d.Devices != nil {
		d.Devices.Set(w, r, ownerOf(u))
	}
}

// RefusedReason is how the reason of an event begins that tells of an attempt which a limit has refused.
// The name of the limit follows.
const RefusedReason = "too many attempts: "

// refusalEvery is how often the refusals at one account are written down: whoever guesses all day must
// not fill the disk.
const refusalEvery = time.Minute

// noteRefusal tells of an attempt that was refused before anything was looked at, and keeps the first
// such event in a while.
func (d *Directory) noteRefusal(ctx context.Context, action handstamp.Action, account string, u User, refused *throttle.Refused) {
	event := handstamp.NewEvent(ctx, action).Failed(RefusedReason + refused.By)
	event.UserID = u.ID
	at := d.memory.pairOf("refusal "+refused.By, account)
	if noted, ok := d.refusals.Get(at); ok && event.At.Sub(time.UnixMicro(noted)) < refusalEvery {
		d.Notify.Hear(ctx, event)
		return
	}
	d.refusals.Fill(at, event.At.UnixMicro(), d.refusals.Ticket(at))
	if err := d.record(ctx, event); err != nil {
		d.Notify.Fault(ctx, "note a refused attempt", err)
	}
}

// settle gives the charge of an attempt back, unless a wrong password has earned it.
func (d *Directory) settle(ctx context.Context, give func(context.Context) error) {
	if err := give(ctx); err != nil {
		d.Notify.Fault(ctx, "give an attempt back", err)
	}
}
