//go:build linux

package redisstore_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/internal/node"
	"github.com/handstamp/handstamp/session"
	"github.com/handstamp/handstamp/store/redisstore"
)

// A member is a node with a cache, as a server has them.
type member struct {
	*redisstore.Store
	sessions *session.Manager
}

func join(t *testing.T, url string, c redisstore.Config) member {
	t.Helper()
	store := open(t, url, c)
	m := session.New(store.Sessions())
	t.Cleanup(m.Close)
	eventually(t, "the lease holds", func() bool { return store.Node().State().Holds })
	return member{store, m}
}

// renewed waits until the lease was renewed by a question that was asked from now on.
func (m member) renewed(t *testing.T) {
	t.Helper()
	from := time.Now()
	eventually(t, "the lease is renewed", func() bool { return m.Node().State().RenewedAt.After(from) })
}

// login begins a session, and has each of the others take it into its cache.
func (m member) login(t *testing.T, user handstamp.ID, others ...member) session.Token {
	t.Helper()
	_, token, err := m.sessions.Begin(t.Context(), handstamp.Identity{UserID: user})
	if err != nil {
		t.Fatal(err)
	}
	for _, other := range others {
		other.wantLive(t, token)
	}
	return token
}

func (m member) wantLive(t *testing.T, token session.Token) {
	t.Helper()
	if _, err := m.sessions.Find(t.Context(), token); err != nil {
		t.Errorf("a live session is refused: %v", err)
	}
}

func (m member) wantGone(t *testing.T, token session.Token) {
	t.Helper()
	if _, err := m.sessions.Find(t.Context(), token); !errors.Is(err, session.ErrGone) {
		t.Errorf("an ended session: error %v, want ErrGone", err)
	}
}

func (m member) isGone(t *testing.T, token session.Token) bool {
	_, err := m.sessions.Find(t.Context(), token)
	return errors.Is(err, session.ErrGone)
}

// TestRevokeReachesOtherNodes measures how long a node goes on to accept what another has ended: as long as a message
// takes, where all is well.
func TestRevokeReachesOtherNodes(t *testing.T) {
	redis := startRedis(t)
	here, there := join(t, redis.URL(), redisstore.Config{}), join(t, redis.URL(), redisstore.Config{})
	const rounds = 100
	var times []time.Duration
	for range rounds {
		token := here.login(t, handstamp.NewID(), there)
		if err := here.sessions.End(t.Context(), token); err != nil {
			t.Fatal(err)
		}
		ended := time.Now()
		here.wantGone(t, token)
		for !there.isGone(t, token) {
			if time.Since(ended) > node.DefaultLease {
				t.Fatal("accepted for longer than the lease")
			}
		}
		times = append(times, time.Since(ended))
	}
	slices.Sort(times)
	t.Logf("from the answer of a revoke until another node refuses: median %v, p99 %v, longest %v",
		times[rounds/2], times[rounds*99/100], times[rounds-1])
	if times[rounds/2] > 100*time.Millisecond {
		t.Error("nodes are not woken up")
	}
}

// TestRevokeKnowsWhatOthersChanged: a token was replaced at one node, and at once all sessions of its user end at another, which
// still had the token in memory. When that is answered, it refuses both.
func TestRevokeKnowsWhatOthersChanged(t *testing.T) {
	redis := startRedis(t)
	here, there := join(t, redis.URL(), redisstore.Config{}), join(t, redis.URL(), redisstore.Config{})
	for range 100 {
		user := handstamp.NewID()
		token := here.login(t, user, there)
		renewed, err := there.sessions.Renew(t.Context(), token)
		if err != nil {
			t.Fatal(err)
		}
		if err := here.sessions.EndUser(t.Context(), user); err != nil {
			t.Fatal(err)
		}
		here.wantGone(t, token)
		here.wantGone(t, renewed)
	}
}

// TestStrictRevoke: no request that begins after the answer is accepted anywhere.
func TestStrictRevoke(t *testing.T) {
	redis := startRedis(t)
	strict := redisstore.Config{Strict: true}
	here, there := join(t, redis.URL(), strict), join(t, redis.URL(), strict)
	for range 50 {
		user := handstamp.NewID()
		one, two := here.login(t, user, there), there.login(t, user, here)
		renewed, err := here.sessions.Renew(t.Context(), one)
		if err != nil {
			t.Fatal(err)
		}
		there.wantGone(t, one)
		if err := here.sessions.EndUser(t.Context(), user); err != nil {
			t.Fatal(err)
		}
		there.wantGone(t, renewed)
		there.wantGone(t, two)
	}
}

// A deaf node has asked once, and is cut off since.
func TestStrictRevokeWaitsForTheLeaseOfADeafNode(t *testing.T) {
	const lease = time.Second
	redis := startRedis(t)
	here := join(t, redis.URL(), redisstore.Config{Strict: true, Lease: lease})
	way := openWay(t, redis.Address())
	deaf := join(t, "redis://"+way.address(), redisstore.Config{Strict: true, Lease: lease})
	token := here.login(t, handstamp.NewID(), deaf)
	way.swallow()
	began := time.Now()
	if err := here.sessions.End(t.Context(), token); err != nil {
		t.Fatal(err)
	}
	if took := time.Since(began); took < lease || took > 3*lease {
		t.Errorf("the revoke took %v, want a lease of %v and a bit", took, lease)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if _, err := deaf.sessions.Find(ctx, token); err == nil {
		t.Error("the node that is cut off accepts the session after the revoke was answered")
	}
	// Nobody waits for it a second time.
	other := here.login(t, handstamp.NewID())
	began = time.Now()
	if err := here.sessions.End(t.Context(), other); err != nil {
		t.Fatal(err)
	}
	if took := time.Since(began); took > lease/2 {
		t.Errorf("the next revoke took %v: the node was not forgotten", took)
	}
	if peers, err := here.Nodes(t.Context()); err != nil || len(peers) != 1 {
		t.Errorf("%d nodes, %v; want one", len(peers), err)
	}
	way.let()
	eventually(t, "the node is back", func() bool { return deaf.Node().State().Holds })
	deaf.wantGone(t, token)
}

// TestCutOff: who cannot ask answers that they do not know, and knows again when they can.
func TestCutOff(t *testing.T) {
	t.Parallel()
	redis := startRedis(t)
	way := openWay(t, redis.Address())
	var mu sync.Mutex
	var reports []error
	const lease = 500 * time.Millisecond
	m := join(t, "redis://"+way.address(), redisstore.Config{Lease: lease, Report: func(err error) {
		mu.Lock()
		defer mu.Unlock()
		reports = append(reports, err)
	}})
	token := m.login(t, handstamp.NewID())
	way.swallow()
	eventually(t, "the lease runs out", func() bool { return !m.Node().State().Holds })
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	began := time.Now()
	_, err := m.sessions.Find(ctx, token)
	if err == nil || errors.Is(err, session.ErrGone) {
		t.Errorf("without Redis: %v, want another error", err)
	}
	if took := time.Since(began); took > time.Second {
		t.Errorf("a request with a limit of 200ms waited for %v", took)
	}
	// A caller without a limit is not held up for ever either.
	began = time.Now()
	if err := m.Sessions().Touch(context.WithoutCancel(t.Context()), token.Hash(), time.Now()); err == nil {
		t.Error("a write succeeded that nobody has heard of")
	}
	if took := time.Since(began); took > 15*time.Second {
		t.Errorf("a write without a limit waited for %v", took)
	}
	way.let()
	eventually(t, "the lease holds again", func() bool { return m.Node().State().Holds })
	m.wantLive(t, token)
	mu.Lock()
	defer mu.Unlock()
	if len(reports) != 2 || reports[0] == nil || reports[1] != nil {
		t.Errorf("reports %v, want a failure and its end", reports)
	}
}

// TestNodesComeAndGo: a node that closes is waited for by nobody.
func TestNodesComeAndGo(t *testing.T) {
	redis := startRedis(t)
	first := join(t, redis.URL(), redisstore.Config{Name: "first"})
	second, err := redisstore.Open(t.Context(), redis.URL(), redisstore.Config{Name: "second", Lease: time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	names := func() (names []string) {
		peers, err := first.Nodes(t.Context())
		if err != nil {
			t.Error(err)
		}
		for _, p := range peers {
			names = append(names, p.Name)
		}
		return names
	}
	eventually(t, "both nodes are written down", func() bool { return slices.Equal(names(), []string{"first", "second"}) })
	second.Close()
	if got := names(); !slices.Equal(got, []string{"first"}) {
		t.Errorf("nodes %v, want the first", got)
	}
}

// TestFallenBehind: a node that has missed more than the feed keeps forgets everything, and finds what is true.
func TestFallenBehind(t *testing.T) {
	t.Parallel()
	redis := startRedis(t, "appendonly no")
	way := openWay(t, redis.Address())
	here := join(t, redis.URL(), redisstore.Config{})
	slow := join(t, "redis://"+way.address(), redisstore.Config{})
	token, stays := here.login(t, handstamp.NewID(), slow), here.login(t, handstamp.NewID(), slow)
	way.swallow()
	if err := here.sessions.End(t.Context(), token); err != nil {
		t.Fatal(err)
	}
	crowd := handstamp.NewID()
	fill(t, here.Sessions(), crowd, 25_000)
	if err := here.sessions.EndUser(t.Context(), crowd); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the lease runs out", func() bool { return !slow.Node().State().Holds })
	way.let()
	eventually(t, "the lease holds again", func() bool { return slow.Node().State().Holds })
	slow.wantGone(t, token)
	slow.wantLive(t, stays)
	if a, b := slow.Node().State().Position, here.Node().State().Position; a != b {
		t.Errorf("the node is at %d, the others at %d", a, b)
	}
}

// fill gives a user so many sessions.
func fill(t *testing.T, s *redisstore.Sessions, user handstamp.ID, n int) {
	t.Helper()
	var all sync.WaitGroup
	for range 64 {
		all.Go(func() {
			for range (n + 63) / 64 {
				at := time.Now().UTC().Truncate(time.Microsecond)
				r := session.Record{Hash: session.RandomToken().Hash(), Revision: 1}
				r.ID, r.UserID, r.BeganAt, r.ProvedAt, r.SeenAt = handstamp.NewID(), user, at, at, at
				if err := s.Insert(t.Context(), r); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	all.Wait()
}
