//go:build linux

package redisstore_test

import (
	"context"
	"errors"
	"net"
	"net/url"
	"testing"
	"time"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/internal/privateserver"
	"github.com/handstamp/handstamp/session"
	"github.com/handstamp/handstamp/store/redisstore"
)

// startReplica starts a replica that has caught up.
func startReplica(t *testing.T, primary *privateserver.Redis) *privateserver.Redis {
	t.Helper()
	replica := privateserver.StartRedis(t, privateserver.RedisOptions{ReplicaOf: primary})
	c := connect(t, primary)
	eventually(t, "the replica follows", func() bool {
		n, err := c.Do(t.Context(), c.B().Arbitrary("WAIT", "1", "100").Build()).AsInt64()
		return err == nil && n == 1
	})
	return replica
}

// TestFailover kills the primary, and has a Sentinel put its replica in the place.
func TestFailover(t *testing.T) {
	t.Parallel() // it waits most of the time
	primary := startRedis(t)
	startReplica(t, primary)
	sentinel := privateserver.StartRedis(t, privateserver.RedisOptions{Watch: primary})
	m := join(t, sentinel.URL()+"?master_set=main", redisstore.Config{Replicas: 1})
	user := handstamp.NewID()
	var live, ended []session.Token
	for range 50 {
		live, ended = append(live, m.login(t, user)), append(ended, m.login(t, user))
		if err := m.sessions.End(t.Context(), ended[len(ended)-1]); err != nil {
			t.Fatal(err)
		}
	}
	sentinels := connect(t, sentinel)
	eventually(t, "the Sentinel knows the replica", func() bool {
		replicas, err := sentinels.Do(t.Context(), sentinels.B().Arbitrary("SENTINEL", "replicas", "main").Build()).ToArray()
		return err == nil && len(replicas) == 1
	})
	primary.Kill()
	// With nobody left to confirm it, nobody can sign in; what there is can be asked for by those who need no confirmation.
	promoted := waitForPrimary(t, sentinel, primary)
	tell(t, sentinels, "SENTINEL", "SET", "main", "down-after-milliseconds", "60000") // once is enough
	other := open(t, promoted.String(), redisstore.Config{})
	for _, token := range live {
		if _, err := other.Sessions().Load(t.Context(), token.Hash()); err != nil {
			t.Errorf("an acknowledged login is lost: %v", err)
		}
	}
	for _, token := range ended {
		if _, err := other.Sessions().Load(t.Context(), token.Hash()); !errors.Is(err, session.ErrGone) {
			t.Errorf("an acknowledged logout is lost: %v", err)
		}
	}
	if err := m.sessions.EndUser(t.Context(), user); err == nil {
		t.Error("a revoke was acknowledged that one Redis has, of two that should")
	}
	// The primary of before comes back as a replica, and all is as it should be. The Sentinel would make it one, ten seconds later.
	primary.Start()
	host, port, err := net.SplitHostPort(promoted.Host)
	if err != nil {
		t.Fatal(err)
	}
	tell(t, connect(t, primary), "REPLICAOF", host, port)
	m.renewed(t)
	if err := m.sessions.EndUser(t.Context(), user); err != nil {
		t.Error(err)
	}
	for _, token := range live {
		m.wantGone(t, token)
	}
}

// waitForPrimary returns the URL of whoever the Sentinel says is the primary, as soon as that is another one than it was.
func waitForPrimary(t *testing.T, sentinel, was *privateserver.Redis) *url.URL {
	t.Helper()
	c := connect(t, sentinel)
	var address string
	eventually(t, "a replica takes over", func() bool {
		is, err := c.Do(t.Context(), c.B().Arbitrary("SENTINEL", "get-master-addr-by-name", "main").Build()).AsStrSlice()
		if err != nil || len(is) != 2 {
			return false
		}
		address = is[0] + ":" + is[1]
		return address != was.Address()
	})
	return &url.URL{Scheme: "redis", Host: address}
}

// TestDeposedPrimary: another Redis has taken over, and a node sees only the one before, which does not know.
func TestDeposedPrimary(t *testing.T) {
	t.Parallel() // it waits most of the time
	const lease = 500 * time.Millisecond
	deposed := startRedis(t)
	replica := startReplica(t, deposed)
	config := redisstore.Config{Replicas: 1, Lease: lease}
	cutOff := join(t, deposed.URL(), config)
	token := cutOff.login(t, handstamp.NewID())

	tell(t, connect(t, replica), "REPLICAOF", "NO", "ONE")
	promoted := join(t, replica.URL(), redisstore.Config{})
	promoted.wantLive(t, token)
	if err := promoted.sessions.End(t.Context(), token); err != nil {
		t.Fatal(err)
	}
	ended := time.Now()
	accepted := ended
	for time.Since(ended) < 2*lease {
		asked := time.Now()
		ctx, cancel := context.WithTimeout(t.Context(), lease)
		_, err := cutOff.sessions.Find(ctx, token)
		cancel()
		if err == nil {
			accepted = asked
		}
	}
	if late := accepted.Sub(ended); late > lease {
		t.Errorf("the session was accepted %v after it had ended, with a lease of %v", late, lease)
	}
	if _, err := cutOff.sessions.Find(t.Context(), token); !errors.Is(err, redisstore.ErrUnconfirmed) {
		t.Errorf("at a primary that nobody follows: %v, want ErrUnconfirmed", err)
	}
	if _, _, err := cutOff.sessions.Begin(t.Context(), handstamp.Identity{UserID: handstamp.NewID()}); !errors.Is(err, redisstore.ErrUnconfirmed) {
		t.Errorf("a login at a primary that nobody follows: %v, want ErrUnconfirmed", err)
	}
}

// TestDemotedPrimaryIsNotRead: a connection outlives the day on which its Redis became a replica, of whatever age.
func TestDemotedPrimaryIsNotRead(t *testing.T) {
	t.Parallel() // it waits most of the time
	demoted, promoted := startRedis(t), startRedis(t)
	m := join(t, demoted.URL(), redisstore.Config{})
	token := m.login(t, handstamp.NewID())
	host, port, err := net.SplitHostPort(promoted.Address())
	if err != nil {
		t.Fatal(err)
	}
	c := connect(t, demoted)
	tell(t, c, "CONFIG", "SET", "replica-serve-stale-data", "yes")
	promoted.Pause() // so that the replica keeps what it has
	tell(t, c, "REPLICAOF", host, port)
	if _, err := m.Sessions().Load(t.Context(), token.Hash()); err == nil || errors.Is(err, session.ErrGone) {
		t.Errorf("a session read from a replica: %v, want an error", err)
	}
	if err := m.Ready(t.Context()); err == nil {
		t.Error("a server with a replica for its store is ready")
	}
}

// TestNodeFollowsThePromoted: the same address leads to another Redis, which has had all but the last.
func TestNodeFollowsThePromoted(t *testing.T) {
	primary := startRedis(t)
	replica := startReplica(t, primary)
	way := openWay(t, primary.Address())
	m := join(t, "redis://"+way.address(), redisstore.Config{})
	token, lives := m.login(t, handstamp.NewID()), m.login(t, handstamp.NewID())
	c := connect(t, primary)
	tell(t, c, "WAIT", "1", "5000")

	replica.Pause() // so that the replica does not hear of the revoke
	if err := m.sessions.End(t.Context(), token); err != nil {
		t.Fatal(err)
	}
	primary.Kill()
	replica.Resume()
	r := connect(t, replica)
	tell(t, r, "REPLICAOF", "NO", "ONE")
	way.turn(replica.Address())
	m.renewed(t)
	other := join(t, replica.URL(), redisstore.Config{})
	for _, m := range []member{m, other} {
		m.wantGone(t, token)
		m.wantLive(t, lives)
	}
}
