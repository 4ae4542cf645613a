package redisstore

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"github.com/redis/rueidis"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/internal/node"
	"github.com/handstamp/handstamp/session"
)

// A Config says how a Store works. The zero Config does.
type Config struct {
	// Prefix begins the names of all keys, in braces: several servers may share one Redis. It is "handstamp" if empty.
	Prefix string

	// Name is the node's, for people.
	Name string

	// Lease is how long this process may answer from memory after it has asked Redis: [node.DefaultLease] if zero.
	Lease time.Duration

	// Strict has a revoke wait until every node has applied it, or its lease has run out.
	Strict bool

	// Lifetime is how long a session lasts at most, of those without a time of their own. Its key goes by itself a day
	// later, should nobody be left to remove it. Zero is for sessions without end.
	Lifetime time.Duration

	// Replicas is how many replicas have to have a login, a revoke and a renewal of the lease before it counts.
	Replicas int

	// Record writes down events, for sessions whose audit log is kept elsewhere; nil to write none. It is called
	// after the change: a login that cannot be written down is taken back, and of what else cannot, the caller gets the error.
	Record func(context.Context, ...handstamp.Event) error

	// Report is told when Redis cannot be asked for changes, once for each time that this begins, and of nil when
	// it can be again.
	Report func(error)

	// Trace is told of each renewal of the lease.
	Trace func(node.Step)
}

// A Store is a connection to Redis, and a node of those that share it. It is safe for concurrent use.
type Store struct {
	config   Config
	base     string
	client   rueidis.Client
	isPlain  bool // what is sent can be read on the way
	sessions *Sessions
	throttle *Throttle
	source   *source
	node     *node.Node

	wake chan struct{} // holds one: that there may be changes
	stop context.CancelFunc
	done chan struct{} // nobody listens to the channel any more
}

// Open connects to the Redis that a URL names, which docs/redis.md describes. Errors never hold its password. Close the
// Store when it is not used any more.
func Open(ctx context.Context, url string, c Config) (*Store, error) {
	o, err := options(url)
	if err != nil {
		return nil, fmt.Errorf("open Redis: %w", err)
	}
	client, err := rueidis.NewClient(o)
	if err != nil {
		return nil, fmt.Errorf("open Redis: %w", err)
	}
	s := &Store{
		config: c,
		base:   "{" + cmp.Or(c.Prefix, "handstamp") + "}:",
		client: client,

		isPlain: o.TLSConfig == nil && !isLocal(o.InitAddress),
		wake:    make(chan struct{}, 1),
		done:    make(chan struct{}),
	}
	s.config.Lease = cmp.Or(c.Lease, node.DefaultLease)
	// A server may begin while a replica is missing: it is not ready then.
	if err := s.probe(ctx); err != nil {
		client.Close()
		return nil, fmt.Errorf("open Redis: %w", err)
	}
	s.sessions = &Sessions{Broadcast: &session.Broadcast{}, store: s}
	s.throttle = newThrottle(s)
	s.source = &source{store: s}
	var listening context.Context
	listening, s.stop = context.WithCancel(context.Background())
	go s.listen(listening)
	s.node = node.Start(s.source, node.Config{
		Name: c.Name, Lease: c.Lease, Strict: c.Strict, Apply: s.sessions.Publish,
		Wake: s.wake, Report: c.Report, Trace: c.Trace,
	})
	return s, nil
}

// Close gives up the lease and the connections.
func (s *Store) Close() {
	s.node.Close()
	s.stop()
	<-s.done
	s.client.Close()
}

// Sessions returns the sessions of the Store. It is always the same value.
func (s *Store) Sessions() *Sessions { return s.sessions }

// Throttle returns the attempts of the Store.
func (s *Store) Throttle() *Throttle { return s.throttle }

// Node returns what makes this process one of many.
func (s *Store) Node() *node.Node { return s.node }

// Ready returns nil when Redis can be written, and as many replicas as are configured have what was.
func (s *Store) Ready(ctx context.Context) error {
	var err error
	if s.config.Replicas > 0 {
		err = s.confirmed(ctx, func(rueidis.Client) error { return nil })
	} else {
		err = s.probe(ctx)
	}
	if err != nil {
		return fmt.Errorf("write Redis: %w", err)
	}
	return nil
}

// probe writes something that means nothing.
func (s *Store) probe(ctx context.Context) error {
	return s.client.Do(ctx, s.client.B().Set().Key(s.base+"barrier").Value("").Build()).Error()
}

// wakeUp has the node ask what is new.
func (s *Store) wakeUp() {
	select {
	case s.wake <- struct{}{}:
	default: // it is being woken already
	}
}

// listen wakes the node up when another has changed something, until ctx is done.
func (s *Store) listen(ctx context.Context) {
	defer close(s.done)
	for ctx.Err() == nil {
		subscribe := s.client.B().Subscribe().Channel(s.base + "wake").Build()
		_ = s.client.Receive(ctx, subscribe, func(rueidis.PubSubMessage) { s.wakeUp() })
		// The node asks often enough without being woken, and reports that it cannot.
		select {
		case <-ctx.Done():
		case <-time.After(s.config.Lease / 4):
		}
	}
}
