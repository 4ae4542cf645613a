package outbox

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/handstamp/handstamp"
)

// A Publisher hands messages to others. It is called by several goroutines at once, for different users.
type Publisher interface {
	// Publish returns nil when the other side has the message for good. Its errors hold no secret: they are logged, and
	// kept with dead letters.
	Publish(ctx context.Context, m Message) error
}

// A Destination is where messages go.
type Destination struct {
	Name      string // in the store, in the log and in metrics
	Publisher Publisher
	Wants     func(Message) bool // nil for all
}

// Config says how to deliver.
type Config struct {
	Source       string // the server's own URL, the source of all messages
	Destinations []Destination

	// Report is told when a destination begins to fail, with the error; when it is well again, with nil; and of each
	// message that becomes a dead letter. An empty destination stands for the store. It may be nil.
	Report func(destination string, err error)
}

// How the turn goes round.
const (
	beat = 5 * time.Second // how often the one whose turn it is claims it, and the others look

	// Patience is how long the others wait for the one whose turn it is.
	Patience = 4 * beat

	storeTimeout = 10 * time.Second // for one call
)

// A Deliverer hands the events of a store to destinations, as long as it is its turn. It is safe for concurrent use.
type Deliverer struct {
	store  Store
	config Config
	node   string
	lanes  []*lane

	turn    trouble                   // of claims
	claimed atomic.Pointer[time.Time] // before the last claim that was granted
	stop    context.CancelFunc
	stopped sync.WaitGroup
}

// Start returns a Deliverer at work. Whatever is recorded after it has returned is delivered. Close it before the store and
// the publishers.
func Start(ctx context.Context, store Store, c Config) (*Deliverer, error) {
	d := &Deliverer{store: store, config: c, node: handstamp.NewID().String()}
	if d.config.Report == nil {
		d.config.Report = func(string, error) {}
	}
	d.turn = trouble{report: d.config.Report}
	for _, to := range c.Destinations {
		// Also where it is another's turn: a destination that is new begins here and now.
		if _, err := store.Open(ctx, to.Name); err != nil {
			return nil, fmt.Errorf("start deliveries: %w", err)
		}
		d.lanes = append(d.lanes, newLane(d, to))
	}
	background, stop := context.WithCancel(context.Background())
	d.stop = stop
	d.stopped.Go(func() { d.run(background) })
	return d, nil
}

// Wake says that something has happened, so that nobody waits for the next look.
func (d *Deliverer) Wake() {
	for _, l := range d.lanes {
		select {
		case l.wake <- struct{}{}:
		default: // somebody has said so already
		}
	}
}

// Close ends the work and lets another process have the turn. What was being sent is sent again by that one.
func (d *Deliverer) Close() {
	d.stop()
	d.stopped.Wait()
}

// Delivered returns how many messages each destination has got from this process.
func (d *Deliverer) Delivered() map[string]uint64 {
	counts := make(map[string]uint64, len(d.lanes))
	for _, l := range d.lanes {
		counts[l.Name] = l.delivered.Load()
	}
	return counts
}

// run waits for the turn, delivers, and waits again.
func (d *Deliverer) run(ctx context.Context) {
	var seen Turn
	var since time.Time // when seen was first seen
	for ctx.Err() == nil {
		dead := Turn{}
		if seen.Holder != "" && time.Since(since) >= Patience {
			dead = seen
		}
		turn, err := d.claim(ctx, dead)
		switch {
		case err != nil:
		case turn.Holder == d.node:
			d.deliver(ctx)
			seen = Turn{}
		case turn != seen:
			seen, since = turn, time.Now()
		}
		wait(ctx, beat, nil)
	}
}

func (d *Deliverer) claim(ctx context.Context, dead Turn) (Turn, error) {
	ctx, cancel := context.WithTimeout(ctx, storeTimeout)
	defer cancel()
	asked := time.Now()
	turn, err := d.store.Claim(ctx, d.node, dead)
	if err != nil {
		err = fmt.Errorf("claim the turn: %w", err)
	} else if turn.Holder == d.node {
		d.claimed.Store(&asked)
	}
	if !errors.Is(ctx.Err(), context.Canceled) { // or it is the end
		d.turn.tell(err)
	}
	return turn, err
}

// deliver works on all destinations until the turn is lost, or ctx is done.
func (d *Deliverer) deliver(ctx context.Context) {
	term, end := context.WithCancel(ctx)
	defer end()
	var working sync.WaitGroup
	for _, l := range d.lanes {
		working.Go(func() {
			if errors.Is(l.work(term), ErrNotYourTurn) {
				end()
			}
		})
	}
	for wait(term, beat, nil) {
		// A store that is busy for a while takes the turn from nobody.
		if turn, err := d.claim(term, Turn{}); err == nil && turn.Holder != d.node || !d.hasTurn() {
			end()
		}
	}
	working.Wait()
	release, cancel := context.WithTimeout(context.WithoutCancel(ctx), storeTimeout)
	defer cancel()
	if err := d.store.Release(release, d.node); err != nil {
		d.turn.tell(fmt.Errorf("release the turn: %w", err))
	}
}

// hasTurn reports whether nobody else can have taken the turn yet. A process that was stopped for a while finds out by it.
func (d *Deliverer) hasTurn() bool { return time.Since(*d.claimed.Load()) < Patience }

// A trouble is something that fails for a while. It is reported when it begins and when it is over.
type trouble struct {
	of     string // a destination; empty for the store
	report func(destination string, err error)
	is     bool
}

func (t *trouble) tell(err error) {
	if t.is != (err != nil) {
		t.is = err != nil
		t.report(t.of, err)
	}
}

// wait returns false when ctx is done, and true after a while or when wake says so.
func wait(ctx context.Context, long time.Duration, wake <-chan struct{}) bool {
	timer := time.NewTimer(long)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-wake:
	case <-timer.C:
	}
	return ctx.Err() == nil
}
