package relay

import (
	"cmp"
	"crypto/rand"
	"sync"
	"time"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/session"
)

// Config says how a Relay works. The zero Config is good.
type Config struct {
	// Lease is the longest that is granted to a service; [DefaultLease] if zero. Where revokes are strict, it must not be made
	// shorter by more than the time that a server is down between two settings.
	Lease time.Duration

	// Strict holds up each change until the services have applied it.
	Strict bool

	// Incarnation returns that of the store, where it is one of several servers; nil for a store of this process.
	Incarnation func() string

	// Notify hears of what services do to sessions.
	Notify handstamp.Listener
}

// DefaultLease is how long a service may answer from memory after it has asked.
const DefaultLease = 2 * time.Second

const (
	// maxChanges is how many changes are kept for those who ask late. For who is further behind it is cheaper to forget
	// everything.
	maxChanges = 1 << 13

	// maxNodes is how many leases run at once. Who comes when there are as many is told the news, and granted nothing.
	maxNodes = 1 << 12

	// margin is the part of a lease that is added to it before it is taken for over, as no two clocks run equally fast. The
	// service takes off as much.
	margin = 50
)

// A Relay stands between a store of sessions and services. It is safe for concurrent use.
type Relay struct {
	config  Config
	records session.Records
	own     *session.Lease // of this server at its store; nil where it needs none
	feed    string
	unwatch func()
	drained chan struct{}

	mu      sync.Mutex
	ring    []session.Change // the last ones; that at position p is at index p % maxChanges
	head    int64
	nodes   map[nodeKey]*lease
	former  time.Time     // until when leases may run that a process before this one has granted
	moved   chan struct{} // closed, and another one made, when there is a change
	applied chan struct{} // closed, and another one made, when a node has applied more, or is gone
	streams map[handstamp.ID]int
	open    int // streams
}

// A nodeKey names a node. The node itself has made up its name, so that it counts beside its client only.
type nodeKey struct {
	client handstamp.ID
	node   string
}

// A lease is what a node was granted.
type lease struct {
	until   time.Time // the margin included
	applied int64     // every change up to there; nothing for a node that has not said
}

// nothing is the position of a node of which it is not known what it has applied.
const nothing = -1

// Start returns a Relay for store.
func Start(store session.Store, config Config) *Relay {
	config.Lease = cmp.Or(config.Lease, DefaultLease)
	r := &Relay{
		config:  config,
		records: store,
		feed:    rand.Text(),
		drained: make(chan struct{}),
		nodes:   make(map[nodeKey]*lease),
		moved:   make(chan struct{}),
		applied: make(chan struct{}),
		streams: make(map[handstamp.ID]int),
	}
	if config.Strict {
		r.former = time.Now().Add(withMargin(config.Lease))
	}
	if leased, ok := store.(session.Leased); ok {
		r.own = leased.Lease()
	}
	r.unwatch = store.Watch(r.apply)
	return r
}

func withMargin(d time.Duration) time.Duration { return d + d/margin }

// Records returns the sessions, as services may see and change them: those of the store, and never those of a cache.
func (r *Relay) Records() session.Records { return r.records }

// Notify tells whoever listens what a service has done.
func (r *Relay) Notify() handstamp.Listener { return r.config.Notify }

// Lease returns the longest that is granted.
func (r *Relay) Lease() time.Duration { return r.config.Lease }

// Drain ends the streams and grants no lease any more, as the server is about to stop. What is granted runs on.
func (r *Relay) Drain() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.isDrained() {
		close(r.drained)
	}
}

// Drained is closed when the Relay drains.
func (r *Relay) Drained() <-chan struct{} { return r.drained }

func (r *Relay) isDrained() bool {
	select {
	case <-r.drained:
		return true
	default:
		return false
	}
}

// Close lets go of the store. Where revokes are strict, it first waits until every lease has run out: as long as one does, a
// server must not say at its own store that nobody waits for it. Then that is a lease long at most.
func (r *Relay) Close() {
	r.Drain()
	if r.config.Strict {
		r.mu.Lock()
		w := r.running(nothing, true)
		r.mu.Unlock()
		r.await(w)
	}
	r.unwatch()
}
