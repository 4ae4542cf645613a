package account

import (
	"context"
	"sync"
	"time"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/throttle"
)

// RefusedReason is how the reason of an event begins that tells of an attempt which a limit has refused.
// The name of the limit follows.
const RefusedReason = "too many attempts: "

// Refused attempts cost whoever makes them nothing, and must not fill the disk. So one is written down in
// refusalEvery for each account, address or network that is refused, and maxRefusals in all.
const (
	refusalEvery = time.Minute
	maxRefusals  = 128
)

// refusals knows which refusals were noted within the last refusalEvery. The zero value is ready. It is
// safe for concurrent use.
type refusals struct {
	mu    sync.Mutex
	noted map[pair]time.Time
}

// isDue reports whether a refusal is to be noted now, and takes it that it will be.
func (r *refusals) isDue(what pair, now time.Time) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if at, ok := r.noted[what]; ok && now.Sub(at) < refusalEvery {
		return false
	}
	if r.noted == nil {
		r.noted = make(map[pair]time.Time)
	}
	if len(r.noted) >= maxRefusals {
		for old, at := range r.noted {
			if now.Sub(at) >= refusalEvery {
				delete(r.noted, old)
			}
		}
	}
	if len(r.noted) >= maxRefusals {
		return false
	}
	r.noted[what] = now
	return true
}

// noteRefusal tells of an attempt that was refused before anything was looked at, and keeps the first
// such event in a while. Only that one says whose account it was, if anybody's: to look for the user
// each time would take a little longer where there is one.
func (d *Directory) noteRefusal(ctx context.Context, p proof, refused *throttle.Refused) {
	event := handstamp.NewEvent(ctx, p.action).Failed(RefusedReason + refused.By)
	if !d.refusals.isDue(d.memory.pairOf("refusal "+refused.By, refusedBy(ctx, p, refused)), time.Now()) {
		d.Notify.Hear(ctx, event)
		return
	}
	if u, err := p.find(); err == nil { // else it is nobody's, or nobody can tell whose
		event.UserID = u.ID
	}
	if err := d.record(ctx, event); err != nil {
		d.Notify.Fault(ctx, "note a refused attempt", err)
	}
}

// refusedBy returns what the limit that has refused p is about. Where it is an address, whoever has it
// makes up as many accounts as they like.
func refusedBy(ctx context.Context, p proof, refused *throttle.Refused) string {
	address, network := throttle.Prefixes(handstamp.OriginOf(ctx).Address)
	switch refused.By {
	case "address":
		return address.String()
	case "network":
		return network.String()
	case "strangers":
		return ""
	default:
		return p.account
	}
}
