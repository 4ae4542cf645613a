package relay

import (
	"time"

	"github.com/handstamp/handstamp/session"
)

// apply takes a change of the store, and, where revokes are strict, returns when no service goes by what was before.
func (r *Relay) apply(c session.Change) {
	r.mu.Lock()
	r.head++
	if at := int(r.head % maxChanges); at < len(r.ring) {
		r.ring[at] = c
	} else {
		r.grow(c)
	}
	close(r.moved)
	r.moved = make(chan struct{})
	w := r.running(r.head, false)
	r.mu.Unlock()
	if r.config.Strict {
		r.await(w)
	}
}

// grow adds c to a ring that is not full yet. The first position is 1, so that index 0 stays free in the first round.
func (r *Relay) grow(c session.Change) {
	if len(r.ring) == 0 {
		r.ring = append(r.ring, session.Change{})
	}
	r.ring = append(r.ring, c)
}

// since returns the changes behind position, and whether there are some of which nothing is known any more. r.mu is held.
func (r *Relay) since(position int64) (changes []session.Change, gap bool) {
	if position < 0 || position > r.head || r.head-position > maxChanges {
		return nil, true
	}
	for p := position + 1; p <= r.head; p++ {
		changes = append(changes, r.ring[p%maxChanges])
	}
	return changes, false
}

// A wait is what a change waits for.
type wait struct {
	position int64
	all      bool // for the end of the leases, whatever was applied
	leases   map[nodeKey]time.Time
	former   time.Time
}

// running returns the leases that run now of nodes that have not applied the change at position; or all that run. Those granted
// later need no waiting for: their nodes were told of the change before. r.mu is held.
func (r *Relay) running(position int64, all bool) wait {
	w := wait{position: position, all: all, leases: make(map[nodeKey]time.Time), former: r.former}
	for key, l := range r.nodes {
		w.leases[key] = l.until
	}
	return w
}

// await returns when w is over.
func (r *Relay) await(w wait) {
	for {
		r.mu.Lock()
		until, applied := r.latest(w, time.Now()), r.applied
		r.mu.Unlock()
		if until.IsZero() {
			return
		}
		timer := time.NewTimer(time.Until(until))
		select {
		case <-applied:
		case <-timer.C:
		}
		timer.Stop()
	}
}

// latest returns when the last of what w waits for is over, or the zero time if all is. r.mu is held.
func (r *Relay) latest(w wait, now time.Time) time.Time {
	var latest time.Time
	if now.Before(w.former) {
		latest = w.former
	}
	for key, until := range w.leases {
		l, there := r.nodes[key]
		if !there || !w.all && l.applied >= w.position || !now.Before(until) {
			delete(w.leases, key)
			continue
		}
		if until.After(latest) {
			latest = until
		}
	}
	return latest
}
