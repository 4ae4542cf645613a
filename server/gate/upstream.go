package gate

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"sync"
	"time"
)

// An Upstream is the app behind a gate, and the connections to it. It outlives the gates that use it, so that
// settings can change without a connection noticing. It is safe for concurrent use.
type Upstream struct {
	scheme, host string
	transport    *http.Transport
	places       chan struct{} // one for each request that may be under way

	mu     sync.Mutex
	closed bool
	held   map[*passage]struct{} // those that no http.Server knows any more
	ended  sync.WaitGroup        // counts held
}

// Limits bound what an app has to bear. What is zero is as the constants say.
type Limits struct {
	// Requests is how many may be under way at once, open WebSockets included.
	Requests int

	// Answer is how long the app may take until it begins to answer, from the end of the request on.
	Answer time.Duration
}

// The limits of an app unless [Limits] says otherwise.
const (
	DefaultRequests = 1000
	DefaultAnswer   = time.Minute
)

const (
	dialTimeout = 5 * time.Second

	// keepIdle is how long a connection waits for its next request, and idleConnections how many do.
	keepIdle        = 30 * time.Second
	idleConnections = 100

	// maxAnswerHeader is how many bytes of header the app may answer with.
	maxAnswerHeader = 256 << 10
)

// errUpstream says which URLs an app can have.
var errUpstream = errors.New("want http:// or https:// and a host, or unix: and the path of a socket, and nothing else")

// NewUpstream returns the app at u: "http" or "https" and a host, or "unix" and the path of a socket. There must be
// nothing else in it: requests keep their own path.
func NewUpstream(u *url.URL, limits Limits) (*Upstream, error) {
	if u == nil || u.User != nil || u.RawQuery != "" || u.ForceQuery || u.Fragment != "" || u.Opaque != "" {
		return nil, fmt.Errorf("upstream: %w", errUpstream)
	}
	dialer := &net.Dialer{Timeout: dialTimeout}
	app := &Upstream{
		scheme: u.Scheme, host: u.Host,
		places: make(chan struct{}, cmp.Or(limits.Requests, DefaultRequests)),
		held:   make(map[*passage]struct{}),
		transport: &http.Transport{
			DialContext:            dialer.DialContext,
			TLSHandshakeTimeout:    dialTimeout,
			ResponseHeaderTimeout:  cmp.Or(limits.Answer, DefaultAnswer),
			ExpectContinueTimeout:  time.Second,
			IdleConnTimeout:        keepIdle,
			MaxIdleConnsPerHost:    idleConnections,
			MaxResponseHeaderBytes: maxAnswerHeader,
			DisableCompression:     true, // what the app has compressed, or not, stays so
			Protocols:              new(http.Protocols),
		},
	}
	app.transport.Protocols.SetHTTP1(true) // which WebSockets need
	switch isPath := u.Path != "" && u.Path != "/"; {
	case u.Scheme == "unix" && u.Host == "" && isPath:
		app.scheme, app.host = "http", "localhost" // Host is the browser's in any case
		app.transport.DialContext = func(ctx context.Context, _, _ string) (net.Conn, error) {
			return dialer.DialContext(ctx, "unix", u.Path)
		}
	case (u.Scheme == "http" || u.Scheme == "https") && u.Hostname() != "" && !isPath:
	default:
		return nil, fmt.Errorf("upstream: %w", errUpstream)
	}
	return app, nil
}

// Close cuts the WebSockets that are still open, waits until they are, and lets go of the connections to the app.
// An [http.Server] that is shut down takes care of everything else.
func (u *Upstream) Close() {
	u.mu.Lock()
	u.closed = true
	for p := range u.held {
		p.cut(errClosed)
	}
	u.mu.Unlock()
	u.ended.Wait()
	u.transport.CloseIdleConnections()
}

// errClosed is why a passage ends when the Upstream is closed.
var errClosed = errors.New("the server stops")

// enter takes a place, if there is one. Nobody waits for one: those who wait would be next to fill everything.
func (u *Upstream) enter() bool {
	select {
	case u.places <- struct{}{}:
		return true
	default:
		return false
	}
}

func (u *Upstream) leave() { <-u.places }

// hold remembers a passage whose connection the http.Server has handed over.
func (u *Upstream) hold(p *passage) error {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.closed {
		return errClosed
	}
	u.held[p] = struct{}{}
	u.ended.Add(1)
	return nil
}

// release forgets a passage that may have been held.
func (u *Upstream) release(p *passage) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if _, isHeld := u.held[p]; isHeld {
		delete(u.held, p)
		u.ended.Done()
	}
}
