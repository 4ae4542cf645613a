package relay_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/internal/node"
	"github.com/handstamp/handstamp/server/relay"
	"github.com/handstamp/handstamp/session"
	"github.com/handstamp/handstamp/store/memory"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const lease = 2 * time.Second

// A service is a process that has its sessions from a relay, without a network between the two.
type service struct {
	session.Broadcast
	session.Records

	client handstamp.ID
	node   *node.Node
	stop   func()

	mu      sync.Mutex
	relay   *relay.Relay // nil while it cannot be reached
	feed    string
	strict  bool
	renewed int
}

// newService returns a service of r that is woken by its stream.
func newService(t *testing.T, r *relay.Relay, strict bool) *service {
	t.Helper()
	s := &service{Records: r.Records(), client: handstamp.NewID(), relay: r, strict: strict}
	ctx, cancel := context.WithCancel(t.Context())
	wake := make(chan struct{}, 1)
	stream, ok := r.Follow(s.client, "")
	if !ok {
		t.Fatal("no stream")
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer stream.Close()
		for {
			_, more := stream.Next()
			select {
			case wake <- struct{}{}:
			default:
			}
			select {
			case <-more:
			case <-ctx.Done():
				return
			}
		}
	}()
	s.node = node.Start(s, node.Config{Lease: lease, Strict: strict, Apply: s.Publish, Wake: wake})
	s.stop = sync.OnceFunc(func() {
		cancel()
		<-done
		s.node.Close()
	})
	t.Cleanup(s.stop)
	return s
}

var errCut = errors.New("the server cannot be reached")

func (s *service) reached() *relay.Relay {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.relay
}

// reach lets the service reach another relay from now on, or none.
func (s *service) reach(r *relay.Relay) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.relay = r
}

func (s *service) Renew(_ context.Context, q node.Renewal) (node.News, error) {
	r := s.reached()
	if r == nil {
		return node.News{}, errCut
	}
	asked := relay.Renewal{Client: s.client, Node: q.Node, Lease: q.Lease}
	s.mu.Lock()
	if s.renewed++; s.feed != "" {
		asked.Applied = map[string]int64{s.feed: q.After}
	}
	s.mu.Unlock()
	news := r.Renew(asked)
	s.mu.Lock()
	s.feed = news.Feed
	s.mu.Unlock()
	got := node.News{Incarnation: news.Incarnation, Head: news.Head, Changes: news.Changes, Gap: news.Gap, Good: news.Good}
	if got.Good == 0 {
		got.Good = -1
	}
	return got, nil
}

func (s *service) Reassert(context.Context, []session.Hash) error { return nil }

func (s *service) Release(_ context.Context, name string) error {
	if r := s.reached(); r != nil {
		r.Release(s.client, name)
	}
	return nil
}

func (s *service) Lease() *session.Lease { return s.node.Lease() }

// Load fails while the server cannot be reached.
func (s *service) Load(ctx context.Context, hash session.Hash) (session.Record, error) {
	if s.reached() == nil {
		return session.Record{}, errCut
	}
	return s.Records.Load(ctx, hash)
}

// newManager returns what the handlers of a service check sessions with.
func newManager(t *testing.T, s session.Store) *session.Manager {
	t.Helper()
	m := session.New(s)
	t.Cleanup(m.Close)
	return m
}

func begin(t *testing.T, m *session.Manager) session.Token {
	t.Helper()
	_, token, err := m.Begin(t.Context(), handstamp.Identity{UserID: handstamp.NewID()})
	if err != nil {
		t.Fatal(err)
	}
	return token
}

func wantFind(t *testing.T, what string, m *session.Manager, token session.Token, want error) {
	t.Helper()
	if _, err := m.Find(t.Context(), token); !errors.Is(err, want) {
		t.Errorf("%s: %v, want %v", what, err, want)
	}
}

// started returns a relay of a store in memory, and what the server itself checks sessions with.
func started(t *testing.T, c relay.Config) (*relay.Relay, *session.Manager) {
	t.Helper()
	c.Lease = lease
	store := memory.New()
	r := relay.Start(store, c)
	t.Cleanup(r.Close)
	return r, newManager(t, store)
}

func TestRevokeReachesAService(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, server := started(t, relay.Config{})
		s := newService(t, r, false)
		m := newManager(t, s)
		token := begin(t, server)
		synctest.Wait()
		wantFind(t, "a live session", m, token, nil)
		if err := server.End(t.Context(), token); err != nil {
			t.Fatal(err)
		}
		synctest.Wait() // no time passes
		wantFind(t, "one that has ended", m, token, session.ErrGone)
	})
}

// TestBound: a service that cannot reach the server answers from memory until its lease ends, and then not at all.
func TestBound(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, server := started(t, relay.Config{})
		s := newService(t, r, false)
		m := newManager(t, s)
		token := begin(t, server)
		synctest.Wait()
		wantFind(t, "a live session", m, token, nil)
		s.reach(nil)
		if err := server.End(t.Context(), token); err != nil {
			t.Fatal(err)
		}
		ended := time.Now()
		for time.Since(ended) < 3*lease {
			_, err := m.Find(t.Context(), token)
			switch after := time.Since(ended); {
			case err == nil && after >= lease:
				t.Fatalf("accepted %v after the end", after)
			case err != nil && !errors.Is(err, errCut):
				t.Fatalf("%v after the end: %v", after, err)
			}
			time.Sleep(lease / 40)
		}
		s.reach(r)
		time.Sleep(lease)
		wantFind(t, "after all", m, token, session.ErrGone)
	})
}

// TestStrict: when a revoke has returned, nobody accepts the session, whether or not the service could hear of it.
func TestStrict(t *testing.T) {
	for name, isCut := range map[string]bool{"healthy": false, "cut off": true} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r, server := started(t, relay.Config{Strict: true})
				time.Sleep(2 * lease) // of what a process before may have granted
				s := newService(t, r, true)
				m := newManager(t, s)
				token := begin(t, server)
				synctest.Wait()
				wantFind(t, "a live session", m, token, nil)
				synctest.Wait() // for what sweeps: no time passes while it waits for a store that is held up
				if isCut {
					s.reach(nil)
				}
				began := time.Now()
				if err := server.End(t.Context(), token); err != nil {
					t.Fatal(err)
				}
				if _, err := m.Find(t.Context(), token); err == nil {
					t.Error("accepted after the revoke has returned")
				}
				took := time.Since(began)
				if !isCut && took > 0 {
					t.Errorf("the revoke took %v, though the service could hear of it", took)
				}
				if isCut && (took < lease*9/10 || took > lease*11/10) {
					t.Errorf("the revoke took %v, want about the lease", took)
				}
				// The lease of a dead service is waited for once.
				again := begin(t, server)
				began = time.Now()
				if err := server.End(t.Context(), again); err != nil || time.Since(began) > 0 {
					t.Errorf("the next revoke took %v, %v", time.Since(began), err)
				}
			})
		})
	}
}

// deaf is a store of which a process hears nothing any more, as it was killed.
type deaf struct {
	*memory.Sessions
	silence session.Broadcast
}

func (s *deaf) Watch(apply func(session.Change)) (stop func()) { return s.silence.Watch(apply) }

// TestStrictAfterAStart: a process before this one may have granted a lease that still runs.
func TestStrictAfterAStart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := memory.New()
		server := newManager(t, store)
		before := relay.Start(&deaf{Sessions: store}, relay.Config{Lease: lease, Strict: true})
		time.Sleep(2 * lease)
		s := newService(t, before, true)
		m := newManager(t, s)
		token := begin(t, server)
		synctest.Wait()
		wantFind(t, "a live session", m, token, nil)
		synctest.Wait()
		s.reach(nil)
		after := relay.Start(store, relay.Config{Lease: lease, Strict: true}) // without a Close of the one before
		defer after.Close()
		if err := server.End(t.Context(), token); err != nil {
			t.Fatal(err)
		}
		if _, err := m.Find(t.Context(), token); err == nil {
			t.Error("accepted after the revoke has returned")
		}
		before.Close()
	})
}

// TestRestart: what a service knows by another process counts for nothing, not even as applied.
func TestRestart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := memory.New()
		server := newManager(t, store)
		before := relay.Start(store, relay.Config{Lease: lease})
		s := newService(t, before, false)
		m := newManager(t, s)
		tokens := []session.Token{begin(t, server), begin(t, server), begin(t, server)}
		for _, token := range tokens {
			wantFind(t, "a live session", m, token, nil)
		}
		if err := server.End(t.Context(), tokens[0]); err != nil { // so that the position is not zero
			t.Fatal(err)
		}
		synctest.Wait()
		before.Close()
		s.reach(nil)
		if err := server.End(t.Context(), tokens[1]); err != nil { // while there is no relay
			t.Fatal(err)
		}
		after := relay.Start(store, relay.Config{Lease: lease})
		defer after.Close()
		if err := server.End(t.Context(), tokens[2]); err != nil { // at the position at which the other one was
			t.Fatal(err)
		}
		s.reach(after)
		time.Sleep(lease / 2)
		if !s.Lease().Holds(time.Now()) {
			t.Error("the lease does not hold")
		}
		for i, token := range tokens {
			if _, err := m.Find(t.Context(), token); !errors.Is(err, session.ErrGone) {
				t.Errorf("session %d, which has ended: %v", i, err)
			}
		}
	})
}
