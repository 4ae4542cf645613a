package serve_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"database/sql"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	_ "modernc.org/sqlite" // the driver "sqlite"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/account"
	"github.com/handstamp/handstamp/audit"
	services "github.com/handstamp/handstamp/client"
	"github.com/handstamp/handstamp/password"
	"github.com/handstamp/handstamp/server"
	"github.com/handstamp/handstamp/server/health"
	"github.com/handstamp/handstamp/server/relay"
	"github.com/handstamp/handstamp/session"
	"github.com/handstamp/handstamp/store/memory"
	"github.com/handstamp/handstamp/store/sqlstore"
	"github.com/handstamp/handstamp/throttle"
	"github.com/handstamp/handstamp/token"
	"github.com/handstamp/handstamp/token/keyring"
)

// A host is a program of somebody else's that has the product in it: nothing in this file is of a
// package that others could not import.
type host struct {
	t        testing.TB
	o        options
	tg       *target
	prefix   string
	engine   func() engine
	key      []byte
	log      syncBuffer
	people   *account.Directory
	sessions *session.Manager
	clients  *services.Registry
	keys     *keyring.Keyring
	closeIt  func()
}

// An engine is where a host keeps things.
type engine struct {
	users    account.Store
	links    account.Links
	sessions session.Store
	attempts throttle.Store
	clients  services.Store
	keys     keyring.Store
	audit    audit.Log
	ready    func(context.Context) error
	close    func()
}

// startHandlerInMemory mounts the product under a path of somebody else's mux.
func startHandlerInMemory(t testing.TB, o options) *target {
	h := &host{t: t, o: o, prefix: "/auth", key: newKey()}
	h.engine = func() engine {
		log := memory.NewAudit(audit.NewChain(h.key))
		users, sessions, clients, keys := memory.NewUsers(), memory.New(), memory.NewClients(), memory.NewKeys()
		users.Audit, sessions.Audit, clients.Audit, keys.Audit = log, log, log, log
		return engine{
			users: users, links: users, sessions: sessions, attempts: memory.NewThrottle(), audit: log,
			clients: clients, keys: keys,
			ready: func(context.Context) error { return nil },
			close: func() {},
		}
	}
	return h.start()
}

func startHandlerOnSQLite(t testing.TB, o options) *target {
	h := &host{t: t, o: o, key: newKey()}
	file := filepath.Join(newFolder(t), "app.db")
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		t.Fatal(err)
	}
	h.engine = func() engine {
		db, err := sql.Open("sqlite", "file:"+file)
		if err != nil {
			t.Fatal(err)
		}
		store, err := sqlstore.OpenSQLite(t.Context(), db)
		if err != nil {
			t.Fatal(err)
		}
		closeIt := sync.OnceFunc(func() {
			_ = store.Close() // also to break it
			_ = db.Close()
		})
		users := store.Users()
		return engine{
			users: users, links: users, sessions: store.Sessions(), attempts: store.Throttle(),
			clients: store.Clients(), keys: store.Keys(), audit: store.Audit(audit.NewChain(h.key)), ready: store.Ready, close: closeIt,
		}
	}
	tg := h.start()
	tg.database = file
	tg.restart = func() {
		h.closeIt()
		h.open()
	}
	return tg
}

func newKey() []byte {
	key := make([]byte, 32)
	_, _ = rand.Read(key) // never returns an error
	return key
}

func (h *host) start() *target {
	h.t.Helper()
	h.tg = &target{stale: h.stale, newService: h.newService, sign: h.sign}
	h.open()
	h.t.Cleanup(func() {
		h.closeIt()
		if secret := findSecret(h.log.String()); secret != "" {
			h.t.Errorf("the log shows a secret: %s", secret)
		}
		if strings.Contains(h.log.String(), "panic") {
			h.t.Errorf("the log has a panic:\n%s", tail(h.log.String()))
		}
	})
	return h.tg.ready(h.t, h.o, h.setupPath())
}

// setupPath returns a new setup link.
func (h *host) setupPath() string {
	h.t.Helper()
	secret, err := h.people.NewSetupLink(h.t.Context(), 15*time.Minute)
	if err != nil {
		h.t.Fatal(err)
	}
	return "/setup/" + keepSecret(string(secret))
}

func (h *host) sign(claims string) string {
	h.t.Helper()
	signed, err := h.keys.Sign([]byte(claims))
	if err != nil {
		h.t.Fatal(err)
	}
	return signed
}

// newService returns a client with a service's own credential.
func (h *host) newService(name, scope string) *client {
	h.t.Helper()
	added, secret, err := h.clients.Add(h.t.Context(), name, services.Scope(scope))
	if err != nil {
		h.t.Fatal(err)
	}
	return h.tg.withBasic(person{email: added.ID.String(), password: keepSecret(string(secret))})
}

// stale returns a client whose session began without a password, which was proved an hour ago.
func (h *host) stale(p person, role string) *client {
	h.t.Helper()
	id, err := handstamp.ParseID(p.id)
	if err != nil {
		h.t.Fatal(err)
	}
	who := handstamp.Identity{UserID: id, Role: role, ProvedAt: time.Now().Add(-time.Hour)}
	_, token, err := h.sessions.Begin(h.t.Context(), who)
	if err != nil {
		h.t.Fatal(err)
	}
	c := h.tg.stranger()
	c.cookies[h.tg.sessionName()] = keepSecret(string(token))
	return c
}

// open wires the product up and serves it, beside pages of the program's own.
func (h *host) open() {
	t := h.t
	kept := h.engine()
	listener := httptest.NewUnstartedServer(nil)
	public := &url.URL{Scheme: "http", Host: listener.Listener.Addr().String()}
	if h.o.publicURL != "" {
		var err error
		if public, err = url.Parse(h.o.publicURL); err != nil {
			t.Fatal(err)
		}
		h.tg.host = public.Host
	}
	isInsecure := public.Scheme != "https"

	people := account.New(kept.users)
	people.Roles, people.AdminRole = []string{"user", "admin"}, "admin"
	people.Links, people.Audit = kept.links, kept.audit
	people.BasicMemory = time.Minute
	people.Rules = func() account.PasswordRules { return account.PasswordRules{Service: []string{"Example"}} }
	// No test here is about the cost of a hash, and the binary has the one of the product.
	people.Passwords = &password.Hasher{Params: password.Params{MemoryKiB: 64, Passes: 1, Lanes: 1}}
	limits := throttle.Standard()
	limits.Account.Burst, limits.Device.Burst = h.o.attempts(), h.o.attempts()
	limits.Address.Burst, limits.Network.Burst, limits.Strangers.Burst = manyAttempts, manyAttempts, manyAttempts
	limits.Account.Stop, limits.Device.Stop = 0, 0
	limiter, err := throttle.New(kept.attempts, h.key, limits)
	if err != nil {
		t.Fatal(err)
	}
	people.Limits = limiter
	if people.Devices, err = throttle.NewDevices(h.key); err != nil {
		t.Fatal(err)
	}
	people.Devices.Insecure = isInsecure
	sessions := session.New(kept.sessions)
	sessions.Cookie.Insecure, sessions.PerUser = isInsecure, 20
	basic := people.Basic("Example")
	basic.UTF8 = true
	keys, err := keyring.Open(t.Context(), kept.keys, h.key, keyring.Config{Algorithm: keyring.Algorithm(h.o.algorithm)})
	if err != nil {
		t.Fatal(err)
	}
	tokens, err := token.New(sessions, keys, token.Config{Issuer: public.String(), Secret: h.key})
	if err != nil {
		t.Fatal(err)
	}
	clients := services.New(kept.clients)
	passOn := relay.Start(kept.sessions, relay.Config{})
	checks := health.New(health.Check{Name: "store", Do: kept.ready})

	mux := http.NewServeMux()
	mux.Handle(h.prefix+"/", server.New(server.Config{
		Profile:        server.Product(),
		People:         people,
		Sessions:       sessions,
		Audit:          kept.audit,
		Tokens:         tokens,
		Clients:        clients,
		Relay:          passOn,
		JWKS:           http.HandlerFunc(keys.ServeJWKS),
		Authenticators: []handstamp.Authenticator{sessions, tokens, basic},
		Forward:        &server.Forward{Rules: rules, Upstream: tokens.ForUpstream},
		Prefix:         h.prefix,
		MayRegister:    func() bool { return h.o.registration },
		Web:            &server.Web{PublicURL: public, TrustedProxies: []netip.Prefix{netip.MustParsePrefix(proxy + "/32")}},
		Operations: &server.Operations{
			Live: checks.Live(), Ready: checks.Ready(),
			Metrics: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", "text/plain; charset=utf-8")
				_, _ = io.WriteString(w, "example_up 1\n")
			}),
		},
		Log: slog.New(slog.NewJSONHandler(&h.log, nil)),
	}))
	listener.Config.Handler = mux
	listener.Config.ErrorLog = slog.NewLogLogger(slog.NewJSONHandler(&h.log, nil), slog.LevelWarn)
	listener.Start()

	h.people, h.sessions, h.clients, h.keys = people, sessions, clients, keys
	h.tg.base = listener.URL + h.prefix
	h.tg.breakIt = kept.close
	h.closeIt = sync.OnceFunc(func() {
		passOn.Drain()
		listener.Close()
		passOn.Close()
		limiter.Close()
		sessions.Close()
		keys.Close()
		kept.close()
	})
}

// A syncBuffer is a bytes.Buffer for many goroutines.
type syncBuffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

// Write implements [io.Writer].
func (b *syncBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *syncBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}
