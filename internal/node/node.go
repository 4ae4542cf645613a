package node

import (
	"cmp"
	"context"
	"crypto/rand"
	"sync"
	"time"

	"github.com/handstamp/handstamp/session"
)

// A Config says how a Node works. Apply is needed.
type Config struct {
	Name  string        // for people
	Lease time.Duration // [DefaultLease] if zero

	// Apply takes changes into the caches, and returns when all of them have. It must not call the store.
	Apply func(changes ...session.Change)

	// Strict tells the store at once what has been applied, as revokes wait for that.
	Strict bool

	// Wake says that something may have changed. A Node without it hears of changes four times per lease.
	Wake <-chan struct{}

	// Report is told when the store cannot be asked, once for each time that this begins, and of nil when it
	// can be asked again. It is told of nothing if it is nil.
	Report func(error)

	// Trace is told of each renewal, for those who check the rules on a running system.
	Trace func(Step)
}

// DefaultLease is how long a node may answer from memory after it has asked the store.
const DefaultLease = 2 * time.Second

// A Step is a renewal, as it went.
type Step struct {
	Node        string
	Noted       time.Time // before the store was asked
	Asked       time.Time // when it had answered
	Applied     time.Time // when what was new was applied
	Until       time.Time // when the lease ends now
	Incarnation string
	After, Head int64 // what was known before, and what is known now
	Changes     int
	Cleared     bool  // everything in memory was forgotten first
	Err         error // why it failed; then there is nothing else but Node, Noted and Asked
}

// A State is how a Node is doing.
type State struct {
	Incarnation string
	Position    int64     // of the last change that was applied
	RenewedAt   time.Time // the time noted for the last renewal that succeeded; zero if none has
	Holds       bool      // what is in memory may be trusted
	Lapses      uint64    // how often the lease has ended before it was extended
}

// A Node is this process, as a store knows it. It is safe for concurrent use.
type Node struct {
	id     string
	source Source
	config Config
	lease  session.Lease

	stop context.CancelFunc
	done chan struct{}

	mu    sync.Mutex
	state State
	next  string // the incarnation that counts, from before it is followed

	// What follows is known to one goroutine only.
	ended   endings
	failing bool
}

// Start begins to renew the lease of a new Node at source. It waits for nothing: until the store has answered, the lease does
// not hold.
func Start(source Source, config Config) *Node {
	config.Lease = cmp.Or(config.Lease, DefaultLease)
	ctx, stop := context.WithCancel(context.Background())
	n := &Node{
		id:     rand.Text(),
		source: source,
		config: config,
		stop:   stop,
		done:   make(chan struct{}),
		state:  State{Position: nothing},
	}
	go n.run(ctx)
	return n
}

// nothing is the position of a node that holds nothing in memory.
const nothing = -1

// ID returns the name by which the store knows this process.
func (n *Node) ID() string { return n.id }

// Lease returns how long what is in memory may be trusted.
func (n *Node) Lease() *session.Lease { return &n.lease }

// State returns how the Node is doing.
func (n *Node) State() State {
	n.mu.Lock()
	defer n.mu.Unlock()
	state := n.state
	state.Holds = n.lease.Holds(time.Now())
	return state
}

// Close gives the lease up and tells the store so, that no revoke waits for this process. The Node must not be used
// afterwards.
func (n *Node) Close() {
	n.stop()
	<-n.done
	n.lease.End()
	ctx, cancel := context.WithTimeout(context.Background(), n.config.Lease)
	defer cancel()
	_ = n.source.Release(ctx, n.id) // if the store cannot be told, it finds out by itself
}

// run renews the lease until ctx is done.
func (n *Node) run(ctx context.Context) {
	defer close(n.done)
	every := n.config.Lease / 4
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
		case <-n.config.Wake:
		}
		again := n.renew(ctx)
		if again { // so that the store learns what was applied
			timer.Reset(0)
		} else {
			timer.Reset(every)
		}
	}
}

// renew asks the store what is new, and reports whether it is to be asked again at once.
func (n *Node) renew(ctx context.Context) (again bool) {
	ctx, cancel := context.WithTimeout(ctx, n.config.Lease)
	defer cancel()
	before := n.State()
	step := Step{Node: n.id, After: before.Position, Noted: time.Now()}
	news, err := n.source.Renew(ctx, Renewal{Node: n.id, Name: n.config.Name, Lease: n.config.Lease, After: before.Position, Incarnation: before.Incarnation})
	step.Asked = time.Now()
	changed := before.Incarnation != "" && news.Incarnation != before.Incarnation
	if err == nil && changed {
		err = n.follow(ctx, news.Incarnation)
	}
	if err != nil {
		n.failed(ctx, step, err)
		return false
	}
	// With nothing known before, too: what was read meanwhile may be older than the head.
	step.Cleared = changed || news.Gap || before.Position == nothing || news.Head < before.Position
	if step.Cleared {
		n.config.Apply(session.Change{})
	} else {
		n.config.Apply(news.Changes...)
	}
	n.ended.add(news.Changes)
	step.Applied = time.Now()
	good := n.config.Lease
	if news.Good != 0 {
		good = min(good, news.Good)
	}
	lapsed := !before.RenewedAt.IsZero() && !n.lease.Holds(time.Now())
	if good > 0 {
		n.lease.Extend(step.Noted, good)
	}
	step.Until, step.Incarnation, step.Head, step.Changes = n.lease.Until(), news.Incarnation, news.Head, len(news.Changes)
	n.succeeded(step, lapsed)
	return n.config.Strict && news.Head != before.Position
}

// follow goes over to another incarnation of the store. From now on what the one before says counts for nothing, and nothing is
// answered from memory until the new one knows what that one had acknowledged.
func (n *Node) follow(ctx context.Context, incarnation string) error {
	n.lease.End()
	// First of all, so that whoever reads from the one before, and reads on, sees that it does not count.
	n.mu.Lock()
	n.next = incarnation
	n.mu.Unlock()
	n.config.Apply(session.Change{})
	return n.source.Reassert(ctx, n.ended.hashes())
}

// Incarnation returns the incarnation of the store that counts; empty as long as none is known. What is read from the
// store is to be trusted only if it was read from this one.
func (n *Node) Incarnation() string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.next
}

func (n *Node) failed(ctx context.Context, step Step, err error) {
	step.Err = err
	if n.config.Trace != nil {
		n.config.Trace(step)
	}
	if n.config.Report != nil && !n.failing && ctx.Err() != context.Canceled {
		n.failing = true
		n.config.Report(err)
	}
}

func (n *Node) succeeded(step Step, lapsed bool) {
	n.mu.Lock()
	n.state.Incarnation, n.state.Position, n.state.RenewedAt = step.Incarnation, step.Head, step.Noted
	n.next = step.Incarnation
	if lapsed {
		n.state.Lapses++
	}
	n.mu.Unlock()
	if n.config.Trace != nil {
		n.config.Trace(step)
	}
	if n.failing {
		n.failing = false
		n.config.Report(nil)
	}
}
