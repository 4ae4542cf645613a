package throttle

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"
)

// A Ticket is an attempt that was allowed, and charged. A wrong password needs no call. It is
// safe for concurrent use; only the first call of a method does something. The methods of a nil
// Ticket do nothing.
type Ticket struct {
	store   Store
	charges []Charge
	forgive []Charge // of nothing, to be forgiven with the others
	used    atomic.Bool
}

// Succeeded gives the charge back and ends the row of failures of the account, or of the device
// if it is a known one. It does so even if ctx is done.
func (t *Ticket) Succeeded(ctx context.Context) error { return t.give(ctx, true) }

// Unjudged gives the charge back of an attempt in which the password was not looked at, as where
// too many others were waiting. It must not be called where anything was learned about the
// password. It does its work even if ctx is done.
func (t *Ticket) Unjudged(ctx context.Context) error { return t.give(ctx, false) }

func (t *Ticket) give(ctx context.Context, forgive bool) error {
	if t == nil || t.used.Swap(true) || len(t.charges) == 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), storeTimeout)
	defer cancel()
	charges := t.charges
	if forgive {
		charges = append(charges, t.forgive...)
	}
	if err := t.store.Give(ctx, time.Now(), charges, forgive); err != nil {
		return fmt.Errorf("give attempt back: %w", err)
	}
	return nil
}
