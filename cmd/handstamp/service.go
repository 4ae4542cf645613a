package main

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"runtime"
	"slices"
	"sync/atomic"
	"time"

	"github.com/handstamp/handstamp/account"
	"github.com/handstamp/handstamp/audit"
	"github.com/handstamp/handstamp/client"
	"github.com/handstamp/handstamp/internal/clientaddr"
	"github.com/handstamp/handstamp/internal/masterkey"
	"github.com/handstamp/handstamp/internal/settings"
	"github.com/handstamp/handstamp/outbox"
	"github.com/handstamp/handstamp/password"
	"github.com/handstamp/handstamp/password/worker"
	"github.com/handstamp/handstamp/server"
	"github.com/handstamp/handstamp/server/gate"
	"github.com/handstamp/handstamp/server/health"
	"github.com/handstamp/handstamp/server/metrics"
	"github.com/handstamp/handstamp/server/operator"
	"github.com/handstamp/handstamp/server/relay"
	"github.com/handstamp/handstamp/session"
	"github.com/handstamp/handstamp/session/oldcookie"
	"github.com/handstamp/handstamp/store/memory"
	"github.com/handstamp/handstamp/store/sqlstore"
	"github.com/handstamp/handstamp/throttle"
	"github.com/handstamp/handstamp/token"
	"github.com/handstamp/handstamp/token/keyring"
)

// The roles of serve.
const (
	userRole  = "user"
	adminRole = "admin"
)

// A service is a running "serve": the engine, what is counted, and the handlers in front of it.
type service struct {
	terminal terminal
	given    map[string][]string // the flags that were typed
	settings atomic.Pointer[serveSettings]
	isFixed  bool   // the settings are never read again
	guessed  string // host and port of the public URL where nobody has set it; empty where somebody has
	level    *slog.LevelVar
	started  time.Time
	log      *slog.Logger

	folder   dataFolder
	own      *opened // nil where nothing is kept
	people   *account.Directory
	sessions *session.Manager
	clients  *client.Registry
	relay    *relay.Relay         // for services that embed the verifier
	old      *oldcookie.Exchanger // nil for no old cookies
	audit    audit.Log
	limiter  *throttle.Limiter
	keys     *keyring.Keyring
	tokens   *token.Tokens
	hashes   *worker.Pool
	health   *health.Health
	metrics  *metrics.Metrics
	traces   traces

	deliverer  atomic.Pointer[outbox.Deliverer] // nil for no destinations
	publishers []io.Closer

	isGate        bool
	upstream      *gate.Upstream // nil for no app behind
	follows       []metrics.Follower
	countSessions func(ctx context.Context) (int, error)
	formKey       []byte // under which the forms of pages are signed

	public, operations swappable
}

// kept is where a service keeps things.
type kept struct {
	users    account.Store
	links    account.Links
	clients  client.Store
	attempts throttle.Store
	keys     keyring.Store
	sessions interface {
		session.Store
		Count(ctx context.Context) (int, error)
	}
	outbox interface {
		outbox.Store
		outbox.Desk
	}
	ready func(ctx context.Context) error
	key   masterkey.Key

	// incarnation returns that of the store of sessions; nil for one of this process.
	incarnation func() string
}

// open makes the engine. After an error everything is closed again.
func (s *service) open(ctx context.Context) (err error) {
	now := s.settings.Load()
	s.started = time.Now()
	s.folder = dataFolder(now.Data)
	var k kept
	if now.Store.kind == storeMemory {
		k = s.keepInMemory()
	} else if k, err = s.keepInDatabase(ctx, *now); err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.close())
		}
	}()
	s.people.Links, s.people.Notify = k.links, s.hear
	s.people.Roles, s.people.AdminRole = []string{userRole, adminRole}, adminRole
	s.people.BasicMemory = time.Duration(now.BasicMemory)
	s.people.Rules = func() account.PasswordRules {
		return s.settings.Load().passwordRules()
	}
	s.hashes = s.startHashes()
	if s.limiter, err = now.newLimiter(k.attempts, k.key.Derive(throttlePurpose)); err != nil {
		return err
	}
	if s.limiter != nil {
		s.limiter.Report = s.fault
	}
	if s.people.Devices, err = throttle.NewDevices(k.key.Derive(devicePurpose)); err != nil {
		return err
	}
	s.formKey = k.key.Derive(formPurpose)
	if s.keys, err = now.openKeyring(ctx, k.keys, k.key, s.hear); err != nil {
		return err
	}
	s.people.Limits, s.people.Devices.Insecure = s.limiter, now.isInsecure()

	s.sessions, s.countSessions = session.New(k.sessions), k.sessions.Count
	s.sessions.Cookie.Insecure, s.sessions.Cookie.Domain = now.isInsecure(), now.CookieDomain
	if s.isGate && now.isInsecure() {
		s.sessions.Cookie.Name = gateCookie
	}
	s.sessions.Idle, s.sessions.Lifetime = time.Duration(now.SessionIdle), time.Duration(now.SessionLifetime)
	s.sessions.PerUser, s.sessions.Notify = now.SessionLimit, s.hear
	if s.tokens, err = token.New(s.sessions, s.keys, now.tokens(s.publicURL().String(), k.key.Derive(tokensPurpose))); err != nil {
		return err
	}

	s.relay = relay.Start(k.sessions, relay.Config{
		Lease: time.Duration(now.Lease), Strict: now.Revocation == strictRevocation, Incarnation: k.incarnation, Notify: s.hear,
	})
	s.clients = client.New(k.clients)
	s.clients.Notify = s.hear
	if now.OldCookie != "" {
		s.old = oldcookie.New(s.sessions, now.OldCookie)
	}

	s.health = health.New(health.Check{Name: "store", Do: k.ready})
	s.health.Report = s.reportHealth
	destinations, err := s.destinations()
	if err != nil {
		return err
	}
	s.metrics = metrics.New(metrics.Config{
		Outbox:   s.outboxStats(k.outbox, destinations),
		Routes:   append(server.Patterns(s.config(*now)), string(now.PathPrefix)+"/healthz", string(now.PathPrefix)+"/readyz"),
		Version:  versionName(),
		Sessions: k.sessions.Count,
		Cache:    s.sessions.CacheStats,
		Follows:  s.follows,

		Guarantees: s.promised(),
		Hashes: func() metrics.HashStats {
			stats := s.people.Passwords.Stats()
			return metrics.HashStats{Running: stats.Running, Waiting: stats.Waiting, Refused: stats.Refused}
		},
	})
	if err := s.startDeliveries(ctx, k.outbox, destinations); err != nil {
		return err
	}
	proxies := settings.Prefixes(now.TrustedProxies)
	headers, err := now.traceHeaders()
	if err != nil {
		return err
	}
	s.traces, err = startTraces(ctx, traceSettings{
		endpoint: now.TraceEndpoint.String(),
		headers:  headers,
		routeOf:  s.metrics.Route,
		trusted:  func(r *http.Request) bool { return isProxy(proxies, clientaddr.Peer(r)) },
		report:   func(err error) { s.log.Warn("deliver traces", "error", err) },
	})
	return err
}

// isProxy reports whether a peer is one of the proxies.
func isProxy(proxies []netip.Prefix, peer netip.Addr) bool {
	return slices.ContainsFunc(proxies, func(p netip.Prefix) bool { return p.Contains(peer) })
}

func (s *service) keepInMemory() kept {
	key := masterkey.New()
	log := memory.NewAudit(audit.NewChain(key.Derive(auditPurpose)))
	users, sessions, clients, keys := memory.NewUsers(), memory.New(), memory.NewClients(), memory.NewKeys()
	users.Audit, sessions.Audit, clients.Audit, keys.Audit = log, log, log, log
	s.people, s.audit = account.New(users), log
	s.people.Audit = log
	return kept{
		users: users, links: users, clients: clients, sessions: sessions, attempts: memory.NewThrottle(), keys: keys, key: key,
		outbox: memory.NewOutbox(log),
		ready:  func(context.Context) error { return nil },
	}
}

// keepInDatabase keeps everything in a database: that of the folder, or one that several nodes share.
func (s *service) keepInDatabase(ctx context.Context, now serveSettings) (_ kept, err error) {
	var own *opened
	if now.Store.kind == storePostgres {
		own, err = s.folder.openPostgres(ctx, now, sqlstore.PostgresConfig{Report: s.reportLease, Trace: s.traceLease})
	} else {
		own, err = s.folder.open(ctx)
	}
	if err != nil {
		return kept{}, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, own.close())
		}
	}()
	if err := s.folder.keepAudit(ctx, own, now.MasterKey, true); err != nil {
		return kept{}, err
	}
	if err := own.sameKey(ctx, s.folder); err != nil {
		return kept{}, err
	}
	users, sessions := own.store.Users(), own.store.Sessions()
	k := kept{
		users: users, links: users, clients: own.store.Clients(), sessions: sessions, attempts: own.store.Throttle(),
		keys: own.store.Keys(), key: own.key, outbox: own.store.Outbox(),
		ready: own.store.Ready,
	}
	s.follows = own.follows()
	if now.SessionStore.kind == storeRedis {
		redis, err := s.keepInRedis(ctx, now, own)
		if err != nil {
			return kept{}, err
		}
		own.redis = redis
		own.store.SessionsElsewhere(redis.Sessions(), func(err error) { s.fault(context.Background(), "revoke sessions in Redis", err) })
		k.sessions, k.attempts = redis.Sessions(), redis.Throttle()
		k.ready = func(ctx context.Context) error { return errors.Join(own.store.Ready(ctx), redis.Ready(ctx)) }
		s.follows = append(s.follows, metrics.Follower{Store: string(storeRedis), State: redis.Node().State})
	}
	if shared := own.sharedBy(); shared != nil {
		k.incarnation = shared.Incarnation
	}
	s.own, s.people, s.audit = own, own.people, own.audit
	return k, nil
}

// startHashes starts the processes that hash passwords.
func (s *service) startHashes() *worker.Pool {
	now := s.settings.Load()
	each := int64(password.Default.MemoryKiB)
	processes := runtime.GOMAXPROCS(0)
	if budget := int64(now.HashMemory) >> 10; budget > 0 {
		processes = min(processes, max(1, int(budget/each)))
	}
	hashes := worker.Start(worker.Config{Processes: processes, Report: s.fault})
	s.people.Passwords = &password.Hasher{
		Engine:    hashes,
		MemoryKiB: int64(processes) * each,
		Queue:     now.HashQueue,
		Wait:      time.Duration(now.HashWait),
	}
	return hashes
}

// newLimiter returns what limits attempts, or nil where they are not limited.
func (s serveSettings) newLimiter(store throttle.Store, key []byte) (*throttle.Limiter, error) {
	if !s.Throttle {
		return nil, nil
	}
	limits := throttle.Standard()
	limits.Account.Burst = s.AccountBurst
	limits.Address.Burst, limits.Address.Every = s.AddressBurst, time.Duration(s.AddressEvery)
	limits.Network.Burst = s.NetworkBurst
	limits.Strangers.Burst = s.StrangersBurst
	return throttle.New(store, key, limits)
}

// passwordRules are what a new password must be.
func (s serveSettings) passwordRules() account.PasswordRules {
	return account.PasswordRules{
		MinCodePoints: s.PasswordLength,
		Service:       []string{"Handstamp", s.look().AppName(), s.PublicURL.Hostname()},
	}
}

// isInsecure reports whether browsers reach the server over plain HTTP.
func (s serveSettings) isInsecure() bool { return s.PublicURL.Scheme != "https" }

// close ends what open has begun, in the order in which nothing is missed.
func (s *service) close() error {
	deliveriesErr := s.closeDeliveries()
	s.limiter.Close()
	if s.relay != nil {
		s.relay.Close()
	}
	if s.sessions != nil {
		s.sessions.Close()
	}
	if s.keys != nil {
		s.keys.Close()
	}
	errs := []error{deliveriesErr}
	if s.hashes != nil {
		s.hashes.Close()
	}
	if s.traces.stop != nil {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		errs = append(errs, s.traces.stop(ctx))
	}
	if s.own != nil {
		errs = append(errs, s.own.close())
	}
	return errors.Join(errs...)
}

// operator returns the Operator for commands beside the server.
func (s *service) operator() *operator.Local {
	local := s.own.operator()
	local.Sessions, local.Clients, local.Keys = s.sessions, s.clients, s.keys
	c := s.config(*s.settings.Load())
	local.SetupURL, local.ResetURL = c.SetupURL, c.ResetURL
	return local
}

// publicURL returns what browsers and links use.
func (s *service) publicURL() *url.URL {
	public := s.settings.Load().PublicURL.URL
	if s.guessed != "" {
		public.Host = s.guessed
	}
	return &public
}
