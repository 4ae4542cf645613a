package remotestore_test

import (
	"context"
	"database/sql"
	"errors"
	"net/http"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	_ "modernc.org/sqlite"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/client"
	"github.com/handstamp/handstamp/server/relay"
	"github.com/handstamp/handstamp/session"
	"github.com/handstamp/handstamp/store/memory"
	"github.com/handstamp/handstamp/store/remotestore"
	"github.com/handstamp/handstamp/store/sqlstore"
	"github.com/handstamp/handstamp/store/storetest"
)

func TestSessions(t *testing.T) {
	for name, open := range map[string]func(t *testing.T) session.Store{
		"memory": func(*testing.T) session.Store { return memory.New() },
		"sqlite": openSQLite,
	} {
		t.Run(name, func(t *testing.T) {
			storetest.Sessions(t, func(t *testing.T) session.Store {
				s := newHostOn(t, open(t), relay.Config{}).service(client.ScopeSessions, remotestore.Config{})
				until(t, "the lease holds", holds(s))
				return s
			})
		})
	}
}

func openSQLite(t *testing.T) session.Store {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+filepath.Join(t.TempDir(), "test.db"))
	if err != nil {
		t.Fatal(err)
	}
	store, err := sqlstore.OpenSQLite(t.Context(), db)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := errors.Join(store.Close(), db.Close()); err != nil {
			t.Error(err)
		}
	})
	return store.Sessions()
}

// TestStrict: a revoke is known to every service when it has returned, be it made by one of them or by the server.
func TestStrict(t *testing.T) {
	h := newHost(t, relay.Config{Strict: true})
	one, two := h.service(client.ScopeSessions, remotestore.Config{}), h.service(client.ScopeVerify, remotestore.Config{})
	until(t, "the leases hold", func() bool { return holds(one)() && holds(two)() })
	if err := storetest.Resurrection(t.Context(), one); err != nil {
		t.Error(err)
	}
	m, other := session.New(one), session.New(two)
	defer m.Close()
	defer other.Close()
	var took time.Duration
	for i := range 20 {
		token := h.begin()
		for _, m := range []*session.Manager{m, other} {
			if _, err := m.Find(t.Context(), token); err != nil {
				t.Fatal(err)
			}
		}
		revoke := h.sessions.End
		if i%2 == 0 {
			revoke = m.End
		}
		began := time.Now()
		if err := revoke(t.Context(), token); err != nil {
			t.Fatal(err)
		}
		took += time.Since(began)
		for _, m := range []*session.Manager{m, other} {
			if _, err := m.Find(t.Context(), token); !errors.Is(err, session.ErrGone) {
				t.Errorf("after the revoke has returned: %v", err)
			}
		}
	}
	t.Logf("20 strict revokes took %v", took)
	if took > 20*lease/10 { // when the services would have said so anyway
		t.Errorf("20 strict revokes took %v while all is well", took)
	}
}

// TestRevokeReachesTheService within milliseconds, while it answers from memory.
func TestRevokeReachesTheService(t *testing.T) {
	h := newHost(t, relay.Config{})
	s := h.service(client.ScopeVerify, remotestore.Config{})
	m := session.New(s)
	defer m.Close()
	status := guarded(m)
	until(t, "the lease holds", holds(s))
	var worst time.Duration
	for range 50 {
		token := h.begin()
		if got := status(token); got != http.StatusOK {
			t.Fatalf("a live session: %d", got)
		}
		hits := m.CacheStats().Hits
		if got := status(token); got != http.StatusOK || m.CacheStats().Hits == hits {
			t.Fatalf("the second time: %d, and it was not answered from memory", got)
		}
		if err := h.sessions.End(t.Context(), token); err != nil {
			t.Fatal(err)
		}
		ended := time.Now()
		until(t, "the session is refused", func() bool { return status(token) == http.StatusUnauthorized })
		worst = max(worst, time.Since(ended))
	}
	t.Logf("refused at most %v after the end", worst)
	if worst > lease/4 { // when it would have asked anyway
		t.Errorf("refused %v after the end: nobody has woken the service", worst)
	}
}

// TestServerKilled: memory for as long as the lease runs, then 503, and then the same session again.
func TestServerKilled(t *testing.T) {
	h := newHost(t, relay.Config{})
	reports := make(chan error, 10)
	s := h.service(client.ScopeVerify, remotestore.Config{Report: func(err error) { reports <- err }})
	m := session.New(s)
	defer m.Close()
	status := guarded(m)
	until(t, "the lease holds", holds(s))
	token, never := h.begin(), session.RandomToken()
	if got := status(token); got != http.StatusOK {
		t.Fatalf("a live session: %d", got)
	}
	h.kill()
	killed := time.Now()
	if got := status(token); got != http.StatusOK {
		t.Errorf("from memory: %d", got)
	}
	if got := status(never); got != http.StatusServiceUnavailable {
		t.Errorf("a session that nobody here knows: %d", got)
	}
	until(t, "the lease ends", func() bool {
		got := status(token)
		if got != http.StatusOK && got != http.StatusServiceUnavailable {
			t.Fatalf("%v after the server was killed: %d", time.Since(killed), got)
		}
		return got == http.StatusServiceUnavailable
	})
	if after := time.Since(killed); after > lease {
		t.Errorf("accepted until %v after the server was killed", after)
	}
	for range 10 {
		if got := status(token); got != http.StatusServiceUnavailable {
			t.Errorf("behind the lease: %d", got)
		}
	}
	if err := <-reports; err == nil || strings.Contains(err.Error(), "handstamp_") {
		t.Errorf("reported: %v", err)
	}
	h.start(h.address)
	until(t, "the session is good again", func() bool { return status(token) == http.StatusOK })
	until(t, "memory is used again", holds(s))
	if err := <-reports; err != nil {
		t.Errorf("reported at the end: %v", err)
	}
	if state := s.State(); !state.Holds || state.Lapses != 1 {
		t.Errorf("%+v", state)
	}
}

// TestRestartedServer: what ended while the service could not hear of it is refused.
func TestRestartedServer(t *testing.T) {
	h := newHost(t, relay.Config{})
	s := h.service(client.ScopeVerify, remotestore.Config{})
	m := session.New(s)
	defer m.Close()
	status := guarded(m)
	until(t, "the lease holds", holds(s))
	ended, stays := h.begin(), h.begin()
	for _, token := range []session.Token{ended, stays} {
		if got := status(token); got != http.StatusOK {
			t.Fatalf("a live session: %d", got)
		}
	}
	h.stop()
	if err := h.sessions.End(t.Context(), ended); err != nil {
		t.Fatal(err)
	}
	h.start(h.address)
	until(t, "the live one is good", func() bool { return status(stays) == http.StatusOK })
	until(t, "the other one is refused", func() bool { return status(ended) == http.StatusUnauthorized })
	until(t, "the lease holds", holds(s))
	if got := status(ended); got != http.StatusUnauthorized {
		t.Errorf("the one that ended meanwhile: %d", got)
	}
}

// TestWhatHadEndedIsToldAgain to a server whose store has lost it.
func TestWhatHadEndedIsToldAgain(t *testing.T) {
	h := newHost(t, relay.Config{})
	s := h.service(client.ScopeVerify, remotestore.Config{})
	until(t, "the lease holds", holds(s))
	token := h.begin()
	record, err := h.kept.Load(t.Context(), token.Hash())
	if err != nil {
		t.Fatal(err)
	}
	heard := make(chan session.Change, 10)
	defer s.Watch(func(c session.Change) { heard <- c })()
	if err := h.sessions.End(t.Context(), token); err != nil {
		t.Fatal(err)
	}
	for c := range heard {
		if c.Hash == token.Hash() {
			break
		}
	}
	until(t, "the service has told that it knows", func() bool { return s.State().Holds })
	h.stop()
	if err := h.kept.Insert(t.Context(), record); err != nil { // as after a restore
		t.Fatal(err)
	}
	h.start(h.address)
	until(t, "the session has ended again", func() bool {
		_, err := h.kept.Load(t.Context(), token.Hash())
		return errors.Is(err, session.ErrGone)
	})
}

// TestServerThatVouchesForNothing: a server that cannot reach its store itself lets nobody answer from memory.
func TestServerThatVouchesForNothing(t *testing.T) {
	asked := make(chan struct{}, 1000)
	h := newHost(t, relay.Config{Incarnation: func() string {
		asked <- struct{}{}
		return ""
	}})
	s := h.service(client.ScopeVerify, remotestore.Config{})
	for range 3 {
		<-asked
	}
	if s.Lease().Holds(time.Now()) {
		t.Error("the lease holds")
	}
	if got := guardedBy(t, s)(h.begin()); got != http.StatusOK {
		t.Errorf("a live session, by asking the server: %d", got)
	}
}

// guardedBy is guarded, of a Manager that is closed with the test.
func guardedBy(t *testing.T, s session.Store) func(token session.Token) int {
	t.Helper()
	m := session.New(s)
	t.Cleanup(m.Close)
	return guarded(m)
}

// TestStoreThatIsReplaced: what is read from another store than the lease is from is not remembered before that one is followed.
func TestStoreThatIsReplaced(t *testing.T) {
	var incarnation atomic.Value
	incarnation.Store("one")
	h := newHost(t, relay.Config{Incarnation: func() string { return incarnation.Load().(string) }})
	s := h.service(client.ScopeVerify, remotestore.Config{})
	until(t, "the lease holds", holds(s))
	token := h.begin()
	var cleared atomic.Bool
	defer s.Watch(func(c session.Change) {
		if c == (session.Change{}) {
			cleared.Store(true)
		}
	})()
	time.Sleep(10 * time.Millisecond) // the next renewal is some time away
	incarnation.Store("two")
	if _, err := s.Load(t.Context(), token.Hash()); err != nil || !cleared.Load() {
		t.Errorf("%v; what was remembered of the one before is forgotten: %v", err, cleared.Load())
	}
}

// TestBrokenStore of the server: 503, and never 401.
func TestBrokenStore(t *testing.T) {
	h := newHost(t, relay.Config{})
	m := session.New(h.service(client.ScopeVerify, remotestore.Config{}))
	defer m.Close()
	token := h.begin()
	h.broken.Store(true)
	if got := guarded(m)(token); got != http.StatusServiceUnavailable {
		t.Errorf("%d", got)
	}
	h.broken.Store(false)
	if got := guarded(m)(token); got != http.StatusOK {
		t.Errorf("after all: %d", got)
	}
}

// TestScopes: who may only verify ends what it was shown, and nothing else.
func TestScopes(t *testing.T) {
	h := newHost(t, relay.Config{})
	ctx := t.Context()
	s := h.service(client.ScopeVerify, remotestore.Config{})
	m := session.New(s)
	defer m.Close()
	user := handstamp.NewID()
	_, token, err := h.sessions.Begin(ctx, handstamp.Identity{UserID: user})
	if err != nil {
		t.Fatal(err)
	}
	record, err := s.Load(ctx, token.Hash())
	if err != nil {
		t.Fatal(err)
	}
	expired := session.Selection{}
	expired.Expired.Limit, expired.Expired.BeganBefore = 10, time.Now().Add(time.Hour)
	if n, err := s.End(ctx, expired); n != 0 || err != nil {
		t.Errorf("sweeping: %d, %v", n, err)
	}
	_, listErr := s.List(ctx, session.Query{UserID: user})
	_, endErr := s.End(ctx, session.Selection{UserID: user})
	_, idErr := s.End(ctx, session.Selection{ID: record.ID})
	_, bothErr := s.End(ctx, session.Selection{Hash: record.Hash, UserID: user})
	other := record
	other.Hash = session.RandomToken().Hash()
	for what, err := range map[string]error{
		"insert": s.Insert(ctx, other), "swap": s.Swap(ctx, record.Hash, record), "list": listErr, "end a user's": endErr,
		"end by name": idErr, "end of a user's by hash": bothErr,
	} {
		if err == nil || !strings.Contains(err.Error(), "insufficient_scope") || errors.Is(err, session.ErrGone) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if err := s.Touch(ctx, record.Hash, time.Now()); err != nil {
		t.Errorf("touch: %v", err)
	}
	before := h.heard.Load()
	if err := m.End(ctx, token); err != nil {
		t.Errorf("end: %v", err)
	}
	if err := m.End(ctx, token); !errors.Is(err, session.ErrGone) {
		t.Errorf("end again: %v", err)
	}
	if n := h.heard.Load() - before; n != 1 {
		t.Errorf("the server has heard %d events", n)
	}
	if got := guarded(m)(token); got != http.StatusUnauthorized {
		t.Errorf("at once: %d", got)
	}
	// One that may only ask about tokens sees nothing at all.
	asks := h.service(client.ScopeIntrospect, remotestore.Config{})
	if _, err := asks.Load(ctx, record.Hash); err == nil || errors.Is(err, session.ErrGone) {
		t.Errorf("load: %v", err)
	}
	if _, err := asks.End(ctx, session.Selection{Hash: record.Hash}); err == nil {
		t.Error("ends without a scope")
	}
}

// TestDeletedClient is refused: it answers 503 when its lease has run out.
func TestDeletedClient(t *testing.T) {
	h := newHost(t, relay.Config{})
	s := h.service(client.ScopeVerify, remotestore.Config{})
	m := session.New(s)
	defer m.Close()
	status := guarded(m)
	until(t, "the lease holds", holds(s))
	token := h.begin()
	if got := status(token); got != http.StatusOK {
		t.Fatalf("%d", got)
	}
	all, err := h.clients.List(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := h.clients.Delete(t.Context(), all[0].ID); err != nil {
		t.Fatal(err)
	}
	until(t, "the lease ends", func() bool { return status(token) == http.StatusServiceUnavailable })
}

func TestOpen(t *testing.T) {
	_, secret, err := client.New(newClients()).Add(t.Context(), "shop", client.ScopeVerify)
	if err != nil {
		t.Fatal(err)
	}
	for base, want := range map[string]error{
		"https://login.internal": nil, "https://login.internal/auth/": nil, "http://localhost:5000": nil, "http://127.0.0.1:5000": nil, "http://[::1]:5000": nil,
		"http://login.internal": remotestore.ErrURL, "http://127.0.0.1.example.com": remotestore.ErrURL, "ftp://login.internal": remotestore.ErrURL,
		"login.internal": remotestore.ErrURL, "": remotestore.ErrURL, "https://": remotestore.ErrURL, "https://u:p@login.internal": remotestore.ErrURL,
		"https://login.internal?x": remotestore.ErrURL, "https://login.internal/#x": remotestore.ErrURL, "https://%zz": remotestore.ErrURL,
	} {
		s, err := remotestore.Open(base, string(secret), remotestore.Config{Transport: nowhere{}})
		if !errors.Is(err, want) || want == nil && err != nil {
			t.Errorf("%s: %v, want %v", base, err, want)
		}
		if s != nil {
			s.Close()
		}
	}
	s, err := remotestore.Open("http://login.internal", string(secret), remotestore.Config{PlainHTTP: true, Transport: nowhere{}})
	if err != nil {
		t.Fatal(err)
	}
	s.Close()
	for _, secret := range []string{"", "password", string(secret)[:40], string(secret) + "x"} {
		if _, err := remotestore.Open("https://login.internal", secret, remotestore.Config{}); !errors.Is(err, remotestore.ErrSecret) || secret != "" && strings.Contains(err.Error(), secret) {
			t.Errorf("a secret of %d bytes: %v", len(secret), err)
		}
	}
	defer func() {
		if cause := recover(); cause == nil || strings.Contains(cause.(error).Error(), string(secret)) {
			t.Errorf("New panics with %v", cause)
		}
	}()
	remotestore.New("http://login.internal", string(secret))
}

// nowhere is a network without a server.
type nowhere struct{}

var errNowhere = errors.New("nobody is there")

func (nowhere) RoundTrip(*http.Request) (*http.Response, error) { return nil, errNowhere }

// TestSecretIsInNoError, whatever goes wrong.
func TestSecretIsInNoError(t *testing.T) {
	_, secret, err := client.New(newClients()).Add(t.Context(), "shop", client.ScopeSessions)
	if err != nil {
		t.Fatal(err)
	}
	s, err := remotestore.Open("https://login.internal", string(secret), remotestore.Config{Transport: nowhere{}})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	ctx := context.Background()
	record := session.Record{}
	_, loadErr := s.Load(ctx, record.Hash)
	_, endErr := s.End(ctx, session.Selection{})
	_, listErr := s.List(ctx, session.Query{})
	for what, err := range map[string]error{
		"load": loadErr, "end": endErr, "list": listErr, "insert": s.Insert(ctx, record), "swap": s.Swap(ctx, record.Hash, record),
		"touch": s.Touch(ctx, record.Hash, time.Now()),
	} {
		if !errors.Is(err, errNowhere) || !strings.HasPrefix(err.Error(), "remote store: "+what) || strings.Contains(err.Error(), string(secret)[:30]) {
			t.Errorf("%s: %v", what, err)
		}
	}
}
