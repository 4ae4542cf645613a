package memory

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/audit"
)

// Audit is an [audit.Log].
type Audit struct {
	chain audit.Chain

	mu      sync.Mutex
	start   audit.Mark
	entries []audit.Entry
	outbox  *Outbox // nil where nobody is told of the entries
}

// NewAudit returns an empty log whose sums chain makes.
func NewAudit(chain audit.Chain) *Audit { return &Audit{chain: chain} }

// Record implements [audit.Log].
func (a *Audit) Record(_ context.Context, events ...handstamp.Event) error {
	a.add(events)
	return nil
}

// add is Record for the other stores of this package, which may have no Audit.
func (a *Audit) add(events []handstamp.Event) {
	if a == nil {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.append(events...)
}

func (a *Audit) append(events ...handstamp.Event) {
	for _, e := range events {
		e.Operator, e.Err = "", nil // what an entry does not carry
		a.entries = append(a.entries, a.chain.Link(a.last(), e))
	}
}

func (a *Audit) last() audit.Mark {
	if n := len(a.entries); n > 0 {
		return a.entries[n-1].Mark()
	}
	return a.start
}

// Entries implements [audit.Log].
func (a *Audit) Entries(_ context.Context, which audit.Filter) ([]audit.Entry, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	var found []audit.Entry
	take := func(e audit.Entry) (full bool) {
		if len(found) < which.Limit && which.Selects(e) {
			found = append(found, e)
		}
		return len(found) >= which.Limit
	}
	if which.Newest {
		for _, e := range slices.Backward(a.entries) {
			if take(e) {
				break
			}
		}
		slices.Reverse(found)
		return found, nil
	}
	// Numbers have no gap.
	for _, e := range a.entries[min(max(0, which.After-a.start.Number), int64(len(a.entries))):] {
		if take(e) {
			break
		}
	}
	return found, nil
}

// Start implements [audit.Log].
func (a *Audit) Start(context.Context) (audit.Mark, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.start, nil
}

// Trim implements [audit.Log].
func (a *Audit) Trim(ctx context.Context, before time.Time, limit int) (int, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	n, most := 0, min(limit, int(a.outbox.deliveredTo(a.last().Number)-a.start.Number))
	for n < most && n < len(a.entries)-1 && a.entries[n].At.Before(before) {
		n++
	}
	if n > 0 {
		a.start = a.entries[n-1].Mark()
		a.entries = slices.Clone(a.entries[n:])
		a.append(audit.TrimEvent(ctx, a.start.Number))
	}
	return n, nil
}
