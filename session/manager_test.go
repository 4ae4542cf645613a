package session_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/session"
	"github.com/handstamp/handstamp/store/memory"
)

var (
	ann = handstamp.IDOf("ann")
	bob = handstamp.IDOf("bob")
)

func newManager(t *testing.T, store session.Store) *session.Manager {
	m := session.New(store)
	t.Cleanup(m.Close)
	return m
}

func begin(t *testing.T, m *session.Manager, who handstamp.Identity) session.Token {
	t.Helper()
	_, token, err := m.Begin(t.Context(), who)
	if err != nil {
		t.Fatal(err)
	}
	return token
}

func requestWith(m *session.Manager, token session.Token) *http.Request {
	w := httptest.NewRecorder()
	m.SetCookie(w, token)
	r := httptest.NewRequest("GET", "/", nil)
	for _, cookie := range w.Result().Cookies() {
		r.AddCookie(cookie)
	}
	return r
}

// wantAlive checks token as a request does, and that it finds user.
func wantAlive(t *testing.T, m *session.Manager, token session.Token, user handstamp.ID) {
	t.Helper()
	who, err := m.Authenticate(requestWith(m, token))
	if err != nil || who.UserID != user {
		t.Errorf("session: user %s, error %v; want %s", who.UserID, err, user)
	}
}

func wantEnded(t *testing.T, m *session.Manager, token session.Token) {
	t.Helper()
	if _, err := m.Authenticate(requestWith(m, token)); !errors.Is(err, handstamp.ErrBadCredential) {
		t.Errorf("ended session: error %v, want ErrBadCredential", err)
	}
	if _, err := m.Find(t.Context(), token); !errors.Is(err, session.ErrGone) {
		t.Errorf("Find: error %v, want ErrGone", err)
	}
}

func TestIdentityOfASession(t *testing.T) {
	m := newManager(t, memory.New())
	proved := time.Now().Add(-time.Minute)
	token := begin(t, m, handstamp.Identity{UserID: ann, Role: "admin", ProvedAt: proved})
	other := newManager(t, memory.New()) // another store knows nothing of it
	wantEnded(t, other, token)

	who, err := m.Authenticate(requestWith(m, token))
	if err != nil {
		t.Fatal(err)
	}
	if who.UserID != ann || who.Role != "admin" || who.Method != handstamp.MethodSession || who.SessionID.IsZero() {
		t.Errorf("identity %+v", who)
	}
	if d := who.ProvedAt.Sub(proved); d < -time.Microsecond || d > time.Microsecond {
		t.Errorf("proved at %v, want %v", who.ProvedAt, proved)
	}
	if _, err := m.Authenticate(httptest.NewRequest("GET", "/", nil)); !errors.Is(err, handstamp.ErrNoCredential) {
		t.Errorf("without a cookie: error %v, want ErrNoCredential", err)
	}
}

func TestBeginNeedsAUser(t *testing.T) {
	m := newManager(t, memory.New())
	if _, _, err := m.Begin(t.Context(), handstamp.Identity{Name: "ann"}); !errors.Is(err, session.ErrNobody) {
		t.Errorf("error %v, want ErrNobody", err)
	}
}

func TestEndsAtOnce(t *testing.T) {
	m := newManager(t, memory.New())
	a1, a2, a3, b := begin(t, m, handstamp.Identity{UserID: ann}), begin(t, m, handstamp.Identity{UserID: ann}),
		begin(t, m, handstamp.Identity{UserID: ann}), begin(t, m, handstamp.Identity{UserID: bob})
	if err := m.End(t.Context(), a1); err != nil {
		t.Fatal(err)
	}
	wantEnded(t, m, a1)
	wantAlive(t, m, a2, ann)
	if err := m.End(t.Context(), a1); !errors.Is(err, session.ErrGone) {
		t.Errorf("second End: %v, want ErrGone", err)
	}

	if err := m.EndOthers(t.Context(), ann, a2); err != nil {
		t.Fatal(err)
	}
	wantEnded(t, m, a3)
	wantAlive(t, m, a2, ann)

	sessions, err := m.List(t.Context(), ann)
	if err != nil || len(sessions) != 1 {
		t.Fatalf("List: %v, %v; want one session", sessions, err)
	}
	if err := m.EndID(t.Context(), bob, sessions[0].ID); !errors.Is(err, session.ErrGone) {
		t.Errorf("ending somebody else's session: %v, want ErrGone", err)
	}
	wantAlive(t, m, a2, ann)
	if err := m.EndID(t.Context(), ann, sessions[0].ID); err != nil {
		t.Fatal(err)
	}
	wantEnded(t, m, a2)

	if err := m.EndUser(t.Context(), bob); err != nil {
		t.Fatal(err)
	}
	wantEnded(t, m, b)
}

func TestRenew(t *testing.T) {
	m := newManager(t, memory.New())
	old := begin(t, m, handstamp.Identity{UserID: ann, Role: "admin"})
	before, err := m.Find(t.Context(), old)
	if err != nil {
		t.Fatal(err)
	}
	fresh, err := m.Renew(t.Context(), old)
	if err != nil {
		t.Fatal(err)
	}
	wantEnded(t, m, old)
	wantAlive(t, m, fresh, ann)
	after, err := m.Find(t.Context(), fresh)
	if err != nil || after != before {
		t.Errorf("the session is %+v, %v; want it unchanged: %+v", after, err, before)
	}
	if _, err := m.Renew(t.Context(), old); !errors.Is(err, session.ErrGone) {
		t.Errorf("renewing with the old token: %v, want ErrGone", err)
	}
}

func TestProve(t *testing.T) {
	store := memory.New()
	m := newManager(t, store)
	old := begin(t, m, handstamp.Identity{UserID: ann, ProvedAt: time.Now().Add(-time.Hour)})
	fresh := handstamp.Fresh(time.Minute)
	who, err := m.Authenticate(requestWith(m, old))
	if err != nil || fresh(t.Context(), who) == nil {
		t.Fatalf("a session proved an hour ago is fresh, or broken: %v", err)
	}
	token, err := m.Prove(t.Context(), old)
	if err != nil {
		t.Fatal(err)
	}
	wantEnded(t, m, old)
	for _, m := range []*session.Manager{m, newManager(t, store)} { // from the cache and from the store
		if who, err = m.Authenticate(requestWith(m, token)); err != nil || fresh(t.Context(), who) != nil {
			t.Errorf("not fresh after the proof: %v, %v", who.ProvedAt, err)
		}
	}
}

func TestSignOut(t *testing.T) {
	m := newManager(t, memory.New())
	token := begin(t, m, handstamp.Identity{UserID: ann})
	signOut := m.SignOut()
	send := func(method, site string) *httptest.ResponseRecorder {
		r := requestWith(m, token)
		r.Method = method
		r.Header.Set("Sec-Fetch-Site", site)
		w := httptest.NewRecorder()
		signOut.ServeHTTP(w, r)
		return w
	}
	if w := send("GET", "same-origin"); w.Code != http.StatusMethodNotAllowed || w.Header().Get("Allow") != "POST" {
		t.Errorf("GET: %d", w.Code)
	}
	if w := send("POST", "cross-site"); w.Code != http.StatusForbidden {
		t.Errorf("from another site: %d, want 403", w.Code)
	}
	wantAlive(t, m, token, ann)
	for range 2 { // the second finds nothing to end
		w := send("POST", "same-origin")
		if w.Code != http.StatusNoContent || !strings.Contains(w.Header().Get("Set-Cookie"), "Max-Age=0") {
			t.Errorf("%d, Set-Cookie %q", w.Code, w.Header().Get("Set-Cookie"))
		}
		if got := w.Header().Get("Clear-Site-Data"); got != `"cache", "storage"` {
			t.Errorf("Clear-Site-Data: %s", got)
		}
		wantEnded(t, m, token)
	}
}

// TestAStoreThatMayHaveMissedSomething: the zero Change makes the cache forget everything.
func TestAStoreThatMayHaveMissedSomething(t *testing.T) {
	store := memory.New()
	counted := &counting{Store: store, loads: make(chan struct{}, 10)}
	m := newManager(t, counted)
	token := begin(t, m, handstamp.Identity{UserID: ann})
	wantAlive(t, m, token, ann)
	if len(counted.loads) != 0 {
		t.Fatal("a cached session was read from the store")
	}
	store.Publish(session.Change{})
	wantAlive(t, m, token, ann)
	if len(counted.loads) != 1 {
		t.Error("the cache answered for a session that may have ended")
	}
}

func TestLimits(t *testing.T) {
	for name, c := range map[string]struct {
		lifetime, idle time.Duration
		use            []time.Duration // waits between uses that must be good
		then           time.Duration   // the wait after which it must have ended; 0 for never
	}{
		"lifetime is not prolonged":     {lifetime: time.Minute, use: []time.Duration{30 * time.Second, 30 * time.Second}, then: time.Millisecond},
		"good in the very instant":      {lifetime: time.Minute, use: []time.Duration{time.Minute}, then: time.Microsecond},
		"idle is prolonged":             {idle: time.Minute, use: []time.Duration{time.Minute, time.Minute, time.Minute}, then: time.Minute + time.Microsecond},
		"idle and lifetime":             {idle: time.Minute, lifetime: 90 * time.Second, use: []time.Duration{50 * time.Second, 40 * time.Second}, then: time.Millisecond},
		"no limits":                     {use: []time.Duration{10 * 365 * 24 * time.Hour}},
		"negative means without limits": {lifetime: -5, idle: -5, use: []time.Duration{10 * 365 * 24 * time.Hour}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				m := newManager(t, memory.New())
				m.Lifetime, m.Idle = c.lifetime, c.idle
				token := begin(t, m, handstamp.Identity{UserID: ann})
				for _, wait := range c.use {
					time.Sleep(wait) // of the bubble's clock
					wantAlive(t, m, token, ann)
				}
				if c.then == 0 {
					return
				}
				time.Sleep(c.then)
				wantEnded(t, m, token)
				if list, err := m.List(t.Context(), ann); err != nil || len(list) > 0 {
					t.Errorf("List shows %d ended sessions, %v", len(list), err)
				}
				if _, err := m.Renew(t.Context(), token); !errors.Is(err, session.ErrGone) {
					t.Errorf("Renew: %v, want ErrGone", err)
				}
				if err := m.Touch(t.Context(), token); !errors.Is(err, session.ErrGone) {
					t.Errorf("Touch: %v, want ErrGone", err)
				}
			})
		})
	}
}

// counting counts what is asked of a store, and is broken on demand.
type counting struct {
	session.Store
	loads, touches chan struct{}
	broken         error
}

func (s *counting) Load(ctx context.Context, hash session.Hash) (session.Record, error) {
	if s.loads != nil {
		s.loads <- struct{}{}
	}
	if s.broken != nil {
		return session.Record{}, s.broken
	}
	return s.Store.Load(ctx, hash)
}

func (s *counting) Touch(ctx context.Context, hash session.Hash, at time.Time) error {
	err := s.Store.Touch(ctx, hash, at)
	if s.touches != nil {
		s.touches <- struct{}{}
	}
	return err
}

func TestUsesAreNotedOncePerTenth(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &counting{Store: memory.New(), touches: make(chan struct{}, 1000)}
		m := newManager(t, store)
		m.Idle = 100 * time.Second
		token := begin(t, m, handstamp.Identity{UserID: ann})
		for range 50 { // seconds
			time.Sleep(time.Second)
			wantAlive(t, m, token, ann)
		}
		synctest.Wait()
		if n := len(store.touches); n < 4 || n > 5 {
			t.Errorf("50 uses in 50 seconds were written down %d times, want once per 10 seconds", n)
		}
		// A manager that has just started knows of the uses from the store.
		time.Sleep(55 * time.Second)
		other := newManager(t, store)
		other.Idle = m.Idle
		wantAlive(t, other, token, ann)
	})
}

// TestUsesOfASessionThatIsNotCachedAreNoted: a session of the role that is one too many for the
// cache must not go idle while it is used.
func TestUsesOfASessionThatIsNotCachedAreNoted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newManager(t, memory.New())
		m.Idle = time.Minute
		for i := range 4096 {
			begin(t, m, handstamp.Identity{UserID: bob, Role: fmt.Sprint("role", i)})
		}
		token := begin(t, m, handstamp.Identity{UserID: ann, Role: "one too many"})
		for range 10 {
			time.Sleep(40 * time.Second)
			wantAlive(t, m, token, ann)
			synctest.Wait()
		}
	})
}

func TestABrokenStoreIsNobodysLogout(t *testing.T) {
	down := errors.New("connection refused")
	store := &counting{Store: memory.New()}
	m := newManager(t, store)
	cached := begin(t, m, handstamp.Identity{UserID: ann})
	store.broken = down
	wantAlive(t, m, cached, ann) // without asking
	_, err := m.Authenticate(requestWith(m, session.RandomToken()))
	if !errors.Is(err, down) || handstamp.StatusOf(err) != http.StatusServiceUnavailable {
		t.Errorf("error %v, which means %d; want the store's own, and 503", err, handstamp.StatusOf(err))
	}
}

// slow lets a test act between the reading of a session and the filling of the cache.
type slow struct {
	session.Store
	afterLoad func()
}

func (s *slow) Load(ctx context.Context, hash session.Hash) (session.Record, error) {
	r, err := s.Store.Load(ctx, hash)
	if act := s.afterLoad; act != nil && err == nil {
		s.afterLoad = nil
		act()
	}
	return r, err
}

func TestASlowFillDoesNotReviveASession(t *testing.T) {
	for name, end := range map[string]func(*session.Manager, session.Token) error{
		"End":     func(m *session.Manager, token session.Token) error { return m.End(t.Context(), token) },
		"EndUser": func(m *session.Manager, _ session.Token) error { return m.EndUser(t.Context(), ann) },
		"Renew": func(m *session.Manager, token session.Token) error {
			_, err := m.Renew(t.Context(), token)
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			store := &slow{Store: memory.New()}
			ending := newManager(t, store)
			token := begin(t, ending, handstamp.Identity{UserID: ann})
			filling := newManager(t, store) // has it in no cache yet
			store.afterLoad = func() {
				if err := end(ending, token); err != nil {
					t.Error(err)
				}
			}
			// This request began before the end, and may be answered.
			_, _ = filling.Find(t.Context(), token)
			wantEnded(t, filling, token)
			wantEnded(t, ending, token)
		})
	}
}

// eachStore calls do with a store in this process, and with one over a network whose lease holds.
func eachStore(do func(name string, store session.Store)) {
	do("without a lease", memory.New())
	leased := &remoteStore{Sessions: memory.New()}
	leased.lease.Extend(time.Now(), time.Hour)
	do("a lease that holds", leased)
}

func TestCheckDoesNotAllocate(t *testing.T) {
	eachStore(func(name string, store session.Store) {
		m := newManager(t, store)
		r := requestWith(m, begin(t, m, handstamp.Identity{UserID: ann, Role: "admin"}))
		r.Header.Set("Cookie", "theme=dark; "+r.Header.Get("Cookie")+"; lang=en")
		allocs := testing.AllocsPerRun(1000, func() {
			if _, err := m.Authenticate(r); err != nil {
				t.Error(err)
			}
		})
		if allocs != 0 {
			t.Errorf("%s: %v allocations in a check, want none", name, allocs)
		}
	})
}

func BenchmarkAuthenticate(b *testing.B) {
	eachStore(func(name string, store session.Store) {
		b.Run(name, func(b *testing.B) {
			m := session.New(store)
			defer m.Close()
			_, token, err := m.Begin(b.Context(), handstamp.Identity{UserID: ann})
			if err != nil {
				b.Fatal(err)
			}
			r := requestWith(m, token)
			b.ReportAllocs()
			for b.Loop() {
				if _, err := m.Authenticate(r); err != nil {
					b.Fatal(err)
				}
			}
		})
	})
}
