package relay

import (
	"time"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/session"
)

// A Renewal is how a service's node asks for its lease.
type Renewal struct {
	Client  handstamp.ID     // who asks
	Node    string           // random, and another one in each process of the client
	Lease   time.Duration    // how long it wants to answer from memory, from the time it asked
	Applied map[string]int64 // by feed: every change up to there is applied
}

// News is what it learns.
type News struct {
	Feed        string // of this Relay
	Incarnation string // of the store
	Head        int64
	Changes     []session.Change // behind what is applied
	Gap         bool             // they are not known; the node has to forget everything
	Good        time.Duration    // how long it may answer from memory, from the time it asked; zero for not at all
	Strict      bool             // a revoke waits to hear that they are applied
}

// Renew grants a lease, and says what is new.
func (r *Relay) Renew(q Renewal) News {
	now := time.Now()
	// Before what is new is read: whoever extends the server's own lease has applied what is new first.
	good := r.vouchedFor(min(q.Lease, r.config.Lease), now)
	incarnation := r.Incarnation()
	if incarnation == "" { // the store was not reached yet
		good = 0
	}

	r.mu.Lock()
	defer r.mu.Unlock()
	if r.isDrained() {
		good = 0
	}
	position, ok := q.Applied[r.feed]
	if !ok || position < 0 || position > r.head {
		position = nothing
	}
	news := News{Feed: r.feed, Incarnation: incarnation, Head: r.head, Strict: r.config.Strict}
	news.Changes, news.Gap = r.since(position)
	key := nodeKey{q.Client, q.Node}
	l := r.nodes[key]
	switch {
	case l != nil:
	case good > 0 && r.hasRoom(now):
		l = &lease{applied: nothing}
		r.nodes[key] = l
	default:
		return news
	}
	if position > l.applied {
		l.applied = position
		r.tellApplied()
	}
	if good > 0 {
		news.Good = good
		if until := now.Add(withMargin(good)); until.After(l.until) {
			l.until = until
		}
	}
	return news
}

// Incarnation returns that of the store, or, where it is not told, one that no other Relay has. It is empty as long as it is not known.
func (r *Relay) Incarnation() string {
	if r.config.Incarnation != nil {
		return r.config.Incarnation()
	}
	return r.feed
}

// vouchedFor returns how much of good the server's own lease covers.
func (r *Relay) vouchedFor(good time.Duration, now time.Time) time.Duration {
	if r.own == nil {
		return max(good, 0)
	}
	until := r.own.Until()
	if until.IsZero() {
		return 0
	}
	// By both readings of the clock, as the lease itself.
	wall := until.Round(0).Sub(now.Round(0))
	return max(min(good, until.Sub(now), wall), 0)
}

// hasRoom reports whether there is room for another lease, and forgets those that are over if there is not. r.mu is held.
func (r *Relay) hasRoom(now time.Time) bool {
	if len(r.nodes) < maxNodes {
		return true
	}
	for key, l := range r.nodes {
		if !now.Before(l.until) {
			delete(r.nodes, key)
		}
	}
	return len(r.nodes) < maxNodes
}

// tellApplied wakes what waits for nodes. r.mu is held.
func (r *Relay) tellApplied() {
	close(r.applied)
	r.applied = make(chan struct{})
}

// Release forgets a node, which answers nothing from memory any more.
func (r *Relay) Release(client handstamp.ID, node string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	key := nodeKey{client, node}
	if _, there := r.nodes[key]; there {
		delete(r.nodes, key)
		r.tellApplied()
	}
}

// Nodes returns how many leases run.
func (r *Relay) Nodes() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	n, now := 0, time.Now()
	for _, l := range r.nodes {
		if now.Before(l.until) {
			n++
		}
	}
	return n
}
