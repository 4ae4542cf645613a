package remotestore

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/client"
	"github.com/handstamp/handstamp/internal/node"
	"github.com/handstamp/handstamp/session"
)

// Config is what a service can choose. The zero Config is good.
type Config struct {
	// Lease is for how long the service may answer from memory after it has asked the server: two seconds if it is zero. The server
	// grants no more than its own.
	Lease time.Duration

	// Name is what the service calls itself, for people.
	Name string

	// Transport sends the requests; nil for one of the Store's own. It is for certificates that the machine does not know.
	Transport http.RoundTripper

	// PlainHTTP allows a server without https that is not on this machine. Whoever can listen on the way there reads the
	// client's secret, and whoever can write on it lets anybody in.
	PlainHTTP bool

	// Report is told when the server cannot be asked, once for each time that this begins, and of nil when it
	// can be asked again; nil for nobody.
	Report func(error)
}

// A Store is a [session.Store] that is somewhere else. It is safe for concurrent use.
type Store struct {
	base    string // the server's URL, without a slash at the end
	id      handstamp.ID
	secret  client.Secret
	http    http.Client
	lease   time.Duration
	changes session.Broadcast
	node    *node.Node

	wakeUp chan struct{}
	stop   context.CancelFunc
	done   chan struct{} // closed when the stream is not read any more

	mu      sync.Mutex
	stepped chan struct{} // closed, and another one made, after each renewal
	applied []position    // what the last one that succeeded has brought into memory
}

// What is wrong with what [Open] is given.
var (
	// ErrURL means that the server's URL is none, or has no https.
	ErrURL = errors.New("URL of the server not acceptable")
	// ErrSecret means that a secret is none of a client, or one from before clients had scopes.
	ErrSecret = errors.New("secret of the client not acceptable")
)

// New returns a Store of the sessions of the server at base, such as "https://login.internal", for the client with this secret. It panics where [Open]
// returns an error.
func New(base, secret string) *Store {
	s, err := Open(base, secret, Config{})
	if err != nil {
		panic(err)
	}
	return s
}

// Open is [New] with a Config. It waits for nothing: until the server has answered, nothing is answered from memory. Its errors wrap
// [ErrURL] and [ErrSecret].
func Open(base, secret string, config Config) (*Store, error) {
	server, err := readURL(base, config.PlainHTTP)
	if err != nil {
		return nil, fmt.Errorf("open remote store: %w", err)
	}
	id, ok := client.Secret(secret).ClientID()
	if !ok {
		return nil, fmt.Errorf("open remote store: %w: want what \"handstamp client add\" has printed", ErrSecret)
	}
	transport := config.Transport
	if transport == nil {
		transport = newTransport()
	}
	s := &Store{
		base:   server,
		id:     id,
		secret: client.Secret(secret),
		http: http.Client{
			Transport:     transport,
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
		lease:   cmp.Or(config.Lease, node.DefaultLease),
		wakeUp:  make(chan struct{}, 1),
		done:    make(chan struct{}),
		stepped: make(chan struct{}),
	}
	ctx, stop := context.WithCancel(context.Background())
	s.stop = stop
	from := &source{store: s, at: nowhere, nextAt: nowhere}
	s.node = node.Start(from, node.Config{
		Name:   config.Name,
		Lease:  s.lease,
		Apply:  s.changes.Publish,
		Wake:   s.wakeUp,
		Report: config.Report,
		Trace: func(step node.Step) {
			if step.Err == nil {
				s.step(from.next)
			} else {
				s.step(nil)
			}
		},
	})
	go s.follow(ctx)
	return s, nil
}

// newTransport returns a transport that notices a dead connection before the lease has ended a few times.
func newTransport() http.RoundTripper {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.MaxIdleConnsPerHost = 64
	t.IdleConnTimeout = 30 * time.Second // the server closes after a minute: who is sooner is never surprised
	t.MaxResponseHeaderBytes = 16 << 10
	t.HTTP2 = &http.HTTP2Config{SendPingTimeout: 5 * time.Second, PingTimeout: 5 * time.Second}
	return t
}

func readURL(base string, plain bool) (string, error) {
	u, err := url.Parse(base)
	if err != nil { // whose text has what was given in it, which may be a secret
		return "", fmt.Errorf("%w: it cannot be read", ErrURL)
	}
	switch {
	case u.Scheme != "https" && u.Scheme != "http" || u.Hostname() == "":
		return "", fmt.Errorf("%w: want https:// and a host", ErrURL)
	case u.User != nil || u.RawQuery != "" || u.Fragment != "":
		return "", fmt.Errorf("%w: want nothing behind the path, and no user", ErrURL)
	case u.Scheme == "http" && !plain && !isLoopback(u.Hostname()):
		return "", fmt.Errorf("%w: http:// lets others read the secret and answer in the server's place; want https://", ErrURL)
	}
	return strings.TrimSuffix(u.String(), "/"), nil
}

func isLoopback(host string) bool {
	address, err := netip.ParseAddr(host)
	return err == nil && address.Unmap().IsLoopback() || strings.EqualFold(host, "localhost")
}

// Watch implements [session.Feed].
func (s *Store) Watch(apply func(session.Change)) (stop func()) { return s.changes.Watch(apply) }

// Lease implements [session.Leased].
func (s *Store) Lease() *session.Lease { return s.node.Lease() }

// State says how the Store is doing.
type State struct {
	RenewedAt time.Time // when the server was last asked, of the times that it answered; zero if it never has
	Holds     bool      // what is in memory may be trusted
	Lapses    uint64    // how often the lease has ended before it was extended
}

// State returns how the Store is doing, for whoever watches the service.
func (s *Store) State() State {
	now := s.node.State()
	return State{now.RenewedAt, now.Holds, now.Lapses}
}

// Close gives the lease up and tells the server so. The Store must not be used afterwards; a Manager of it is closed
// before.
func (s *Store) Close() {
	s.stop()
	<-s.done
	s.node.Close()
	s.http.CloseIdleConnections()
}

// wake lets the node ask soon.
func (s *Store) wake() {
	select {
	case s.wakeUp <- struct{}{}:
	default: // it is going to, anyway
	}
}

// step tells whoever waits for a renewal that there was one, and what is applied since; nil if it has failed.
func (s *Store) step(applied []position) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if applied != nil {
		s.applied = applied
	}
	close(s.stepped)
	s.stepped = make(chan struct{})
}

// nextStep returns what is closed after the next renewal.
func (s *Store) nextStep() <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.stepped
}

// Of which kind the Store is.
var (
	_ session.Store  = (*Store)(nil)
	_ session.Leased = (*Store)(nil)
)
