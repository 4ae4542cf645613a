package remotestore_test

import (
	"context"
	"errors"
	"flag"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/account"
	"github.com/handstamp/handstamp/client"
	"github.com/handstamp/handstamp/server"
	"github.com/handstamp/handstamp/server/relay"
	"github.com/handstamp/handstamp/session"
	"github.com/handstamp/handstamp/store/memory"
	"github.com/handstamp/handstamp/store/remotestore"
)

func TestMain(m *testing.M) {
	flag.Parse()
	// Each step of the state machine is a dozen requests.
	if err := errors.Join(flag.Set("rapid.checks", "4"), flag.Set("rapid.steps", "20")); err != nil {
		panic(err)
	}
	goleak.VerifyTestMain(m)
}

const lease = time.Second

// A host is a server that services ask, on a port of its own.
type host struct {
	t        *testing.T
	kept     session.Store
	clients  *client.Registry
	sessions *session.Manager // of the server itself
	config   relay.Config

	address string
	relay   *relay.Relay
	stop    func() // as it is stopped by a service manager
	kill    func() // as it is by a power cut
	heard   *atomic.Int64
	broken  *atomic.Bool // its store
}

func newHost(t *testing.T, config relay.Config) *host {
	t.Helper()
	return newHostOn(t, memory.New(), config)
}

// newHostOn returns a host that keeps its sessions in kept.
func newHostOn(t *testing.T, kept session.Store, config relay.Config) *host {
	t.Helper()
	h := &host{t: t, kept: kept, clients: client.New(memory.NewClients()), sessions: session.New(kept), config: config, heard: new(atomic.Int64), broken: new(atomic.Bool)}
	t.Cleanup(h.sessions.Close)
	h.config.Lease = lease
	h.config.Notify = func(context.Context, handstamp.Event) { h.heard.Add(1) }
	h.start("127.0.0.1:0")
	t.Cleanup(func() { h.stop() })
	return h
}

// failing is a store that a test can break.
type failing struct {
	session.Store
	broken *atomic.Bool
}

func (s failing) Load(ctx context.Context, hash session.Hash) (session.Record, error) {
	if s.broken.Load() {
		return session.Record{}, errors.New("disk on fire")
	}
	return s.Store.Load(ctx, hash)
}

// start serves what is kept, as another process.
func (h *host) start(address string) {
	h.t.Helper()
	listener, err := new(net.ListenConfig).Listen(h.t.Context(), "tcp", address)
	if err != nil {
		h.t.Fatal(err)
	}
	h.address = listener.Addr().String()
	h.relay = relay.Start(failing{h.kept, h.broken}, h.config)
	log := slog.New(slog.NewTextHandler(io.Discard, nil))
	handler := server.New(server.Config{
		Profile:        server.Product(),
		People:         account.New(memory.NewUsers()),
		Sessions:       h.sessions,
		Clients:        h.clients,
		Relay:          h.relay,
		Authenticators: []handstamp.Authenticator{h.sessions},
		Web:            &server.Web{PublicURL: &url.URL{Scheme: "http", Host: h.address}},
		Log:            log,
	})
	ctx, cancel := context.WithCancel(context.Background())
	killable := &killable{Listener: listener}
	served := make(chan error, 1)
	go func() { served <- server.Serve(ctx, killable, handler, log, nil) }()
	end := sync.OnceFunc(func() {
		h.relay.Drain()
		cancel()
		<-served // with an error where it was killed
		h.relay.Close()
	})
	h.stop = end
	h.kill = func() {
		killable.kill()
		end()
	}
}

// A killable is a listener whose connections can all be cut.
type killable struct {
	net.Listener
	mu    sync.Mutex
	conns []net.Conn
}

func (k *killable) Accept() (net.Conn, error) {
	conn, err := k.Listener.Accept()
	if err == nil {
		k.mu.Lock()
		k.conns = append(k.conns, conn)
		k.mu.Unlock()
	}
	return conn, err
}

func (k *killable) kill() {
	_ = k.Listener.Close()
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, conn := range k.conns {
		_ = conn.Close()
	}
}

// secret returns that of a new client.
func (h *host) secret(scope client.Scope) string {
	h.t.Helper()
	_, secret, err := h.clients.Add(h.t.Context(), "shop", scope)
	if err != nil {
		h.t.Fatal(err)
	}
	return string(secret)
}

// service returns a store as a service has it.
func (h *host) service(scope client.Scope, config remotestore.Config) *remotestore.Store {
	h.t.Helper()
	config.Lease = lease
	s, err := remotestore.Open("http://"+h.address, h.secret(scope), config)
	if err != nil {
		h.t.Fatal(err)
	}
	h.t.Cleanup(s.Close)
	return s
}

// begin returns the token of a session that has just begun at the server.
func (h *host) begin() session.Token {
	h.t.Helper()
	_, token, err := h.sessions.Begin(h.t.Context(), handstamp.Identity{UserID: handstamp.NewID(), Role: "user"})
	if err != nil {
		h.t.Fatal(err)
	}
	return token
}

// until asks again and again until is returns true.
func until(t *testing.T, what string, is func() bool) {
	t.Helper()
	deadline := time.Now().Add(20 * time.Second)
	for !is() {
		if time.Now().After(deadline) {
			t.Fatalf("it never came about that %s", what)
		}
		time.Sleep(time.Millisecond)
	}
}

func holds(s *remotestore.Store) func() bool {
	return func() bool { return s.Lease().Holds(time.Now()) }
}

// guarded returns the status that a service's handler answers to a cookie.
func guarded(m *session.Manager) func(token session.Token) int {
	handler := handstamp.NewGuard(m).Require()(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	return func(token session.Token) int {
		r, err := http.NewRequest(http.MethodGet, "http://shop.internal/orders", nil)
		if err != nil {
			panic(err)
		}
		r.AddCookie(&http.Cookie{Name: m.Cookie.SentName(), Value: string(token)})
		w := &statusOnly{header: http.Header{}, status: http.StatusOK}
		handler.ServeHTTP(w, r)
		return w.status
	}
}

type statusOnly struct {
	header http.Header
	status int
}

func (w *statusOnly) Header() http.Header         { return w.header }
func (w *statusOnly) Write(b []byte) (int, error) { return len(b), nil }
func (w *statusOnly) WriteHeader(status int)      { w.status = status }
