package memory

import (
	"cmp"
	"context"
	"slices"
	"sync"

	"github.com/handstamp/handstamp/audit"
	"github.com/handstamp/handstamp/outbox"
)

// Outbox is an [outbox.Store] and an [outbox.Desk].
type Outbox struct {
	log *Audit

	mu        sync.Mutex
	turn      outbox.Turn
	positions map[string]int64
	dead      []outbox.Letter
}

// NewOutbox returns the Outbox of a log, which from now on keeps what was not delivered.
func NewOutbox(log *Audit) *Outbox {
	o := &Outbox{log: log, positions: make(map[string]int64)}
	log.mu.Lock()
	defer log.mu.Unlock()
	log.outbox = o
	return o
}

// Claim implements [outbox.Store].
func (o *Outbox) Claim(_ context.Context, node string, seen outbox.Turn) (outbox.Turn, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.turn.IsFor(node, seen) {
		o.turn = outbox.Turn{Holder: node, Beat: o.turn.Beat + 1}
	}
	return o.turn, nil
}

// Release implements [outbox.Store].
func (o *Outbox) Release(_ context.Context, node string) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.turn.Holder == node {
		o.turn = outbox.Turn{Beat: o.turn.Beat + 1}
	}
	return nil
}

// Open implements [outbox.Store].
func (o *Outbox) Open(_ context.Context, destination string) (int64, error) {
	o.log.mu.Lock()
	defer o.log.mu.Unlock()
	o.mu.Lock()
	defer o.mu.Unlock()
	if _, there := o.positions[destination]; !there {
		o.positions[destination] = o.log.last().Number
	}
	return o.positions[destination], nil
}

// Entries implements [outbox.Store].
func (o *Outbox) Entries(ctx context.Context, after int64, limit int) ([]audit.Entry, error) {
	return o.log.Entries(ctx, audit.Filter{After: after, Limit: limit})
}

// Save implements [outbox.Store].
func (o *Outbox) Save(_ context.Context, node string, s outbox.Step) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.turn.Holder != node {
		return outbox.ErrNotYourTurn
	}
	if position, there := o.positions[s.Destination]; there {
		o.positions[s.Destination] = max(position, s.Position)
	}
	o.dead = slices.DeleteFunc(o.dead, func(letter outbox.Letter) bool {
		isSame := func(other outbox.Letter) bool { return other.ID == letter.ID }
		return letter.Destination == s.Destination && (slices.Contains(s.Delivered, letter.ID) || slices.ContainsFunc(s.Dead, isSame))
	})
	for _, letter := range s.Dead {
		letter.Destination = s.Destination
		o.dead = append(o.dead, letter)
	}
	slices.SortStableFunc(o.dead, func(a, b outbox.Letter) int {
		return cmp.Or(cmp.Compare(a.Entry.Number, b.Entry.Number), cmp.Compare(a.Destination, b.Destination))
	})
	return nil
}

// Letters implements [outbox.Store] and [outbox.Desk].
func (o *Outbox) Letters(_ context.Context, which outbox.Filter) ([]outbox.Letter, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	var found []outbox.Letter
	for _, letter := range o.dead {
		if which.Selects(letter) && (which.Limit == 0 || len(found) < which.Limit) {
			found = append(found, letter)
		}
	}
	return found, nil
}

// Retry implements [outbox.Desk].
func (o *Outbox) Retry(_ context.Context, which outbox.Filter) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	n := 0
	for i := range o.dead {
		if which.Selects(o.dead[i]) {
			o.dead[i].Retry = true
			n++
		}
	}
	return n, nil
}

// Drop implements [outbox.Desk].
func (o *Outbox) Drop(_ context.Context, which outbox.Filter) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	before := len(o.dead)
	o.dead = slices.DeleteFunc(o.dead, which.Selects)
	return before - len(o.dead), nil
}

// Backlog implements [outbox.Desk].
func (o *Outbox) Backlog(_ context.Context, destination string) (outbox.Backlog, error) {
	o.log.mu.Lock()
	defer o.log.mu.Unlock()
	o.mu.Lock()
	defer o.mu.Unlock()
	var b outbox.Backlog
	position, there := o.positions[destination]
	if !there {
		return b, nil
	}
	b.Pending = o.log.last().Number - position
	for _, letter := range o.dead {
		if letter.Destination == destination {
			b.Dead++
		}
	}
	return b, nil
}

// deliveredTo returns the number of the log up to which every destination has got everything, or end where there is no
// destination.
func (o *Outbox) deliveredTo(end int64) int64 {
	if o == nil {
		return end
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, position := range o.positions {
		end = min(end, position)
	}
	return end
}
