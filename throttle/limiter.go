package throttle

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"time"

	"github.com/handstamp/handstamp"
)

// A Limiter decides whether a password may be looked at. It is safe for concurrent use. A nil
// Limiter allows everything.
type Limiter struct {
	// Report is told of failures in the background, which no caller can be told of. Set it
	// before the first use. When nil, they go to [slog.Default].
	Report func(ctx context.Context, doing string, err error)

	store   Store
	key     []byte
	limits  Limits
	sweeper sweeper
}

// A Try is one attempt to sign in, through whichever door.
type Try struct {
	// Account is what was tried, in the one form that all spellings of it have. It need not
	// exist.
	Account string

	// Address is where the attempt comes from. All that come from the zero address count as
	// one.
	Address netip.Addr

	// Device is what [Devices.Read] said: the known device, or zero.
	Device handstamp.ID
}

// storeTimeout bounds what an attempt waits for the store, whatever its own context says.
const storeTimeout = 5 * time.Second

// errShortKey means that a key is too short to be one.
var errShortKey = errors.New("key must have at least 32 bytes")

// New returns a Limiter that keeps its buckets in store. The names of the buckets are hashed under
// key, 32 secret bytes or more, which must stay the same: with another key, all buckets are new.
// The limits that are zero are the defaults.
func New(store Store, key []byte, limits Limits) (*Limiter, error) {
	if len(key) < 32 {
		return nil, fmt.Errorf("throttle: %w", errShortKey)
	}
	if err := limits.settle(); err != nil {
		return nil, fmt.Errorf("throttle: %w", err)
	}
	return &Limiter{store: store, key: append([]byte(nil), key...), limits: limits}, nil
}

// Close waits for what is under way in the background. The Limiter must not be used afterwards.
func (l *Limiter) Close() {
	if l != nil {
		l.sweeper.close()
	}
}

// Attempt charges an attempt, before its password is looked at, or refuses it with [*Refused].
// Any other error means that the store is broken: refuse the attempt with 503.
//
// When Attempt returns nil, the charge is durable and stays unless the Ticket gives it back. If ctx is
// done before the store is asked, nothing is charged; after that, Attempt waits for the store, so
// that a charge is never left to a caller who does not know of it. Where the store takes longer
// than 5 seconds, one may have been made all the same.
func (l *Limiter) Attempt(ctx context.Context, try Try) (*Ticket, error) {
	if l == nil {
		return nil, nil
	}
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("charge attempt: %w", err)
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), storeTimeout)
	defer cancel()
	now := time.Now()
	l.sweeper.sometimes(now, func() { l.sweep(now) })

	as := l.names()
	if try.Device.IsZero() {
		return l.take(ctx, now, l.stranger(as, try))
	}
	device := l.device(as, try)
	ticket, err := l.take(ctx, now, device)
	own := (*Refused)(nil)
	if !errors.As(err, &own) {
		return ticket, err
	}
	// As good as without its cookie, but not better.
	ticket, err = l.take(ctx, now, l.stranger(as, try))
	if general := (*Refused)(nil); errors.As(err, &general) {
		return nil, sooner(own, general)
	}
	if err == nil {
		ticket.forgive = []Charge{{Key: device.buckets[0].Key}}
	}
	return ticket, err
}

// sooner returns the refusal that is over first.
func sooner(a, b *Refused) *Refused {
	if a.Stopped != b.Stopped && a.Stopped || a.Stopped == b.Stopped && a.RetryAfter > b.RetryAfter {
		return b
	}
	return a
}

// take charges all of what an attempt draws on.
func (l *Limiter) take(ctx context.Context, now time.Time, from draw) (*Ticket, error) {
	ticket := &Ticket{store: l.store}
	if len(from.buckets) == 0 {
		return ticket, nil
	}
	verdicts, err := l.store.Take(ctx, now, from.buckets)
	if err != nil {
		return nil, fmt.Errorf("charge attempt: %w", err)
	}
	ticket.charges = make([]Charge, len(verdicts))
	for i, v := range verdicts {
		if v.Wait > 0 || v.Stopped {
			return nil, refusal(from.scopes, verdicts)
		}
		ticket.charges[i] = v.Charge
	}
	return ticket, nil
}

// Reset forgets every failure at an account by those without a known device, as after its owner
// has proved who they are in another way. Those who reset a password also raise the epoch of
// the account's [Owner], so that the devices of before are known no more.
func (l *Limiter) Reset(ctx context.Context, account string) error {
	if l == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, storeTimeout)
	defer cancel()
	if err := l.store.Reset(ctx, l.names().account(account)); err != nil {
		return fmt.Errorf("reset attempts: %w", err)
	}
	return nil
}
