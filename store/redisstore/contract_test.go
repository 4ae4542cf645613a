//go:build linux

package redisstore_test

import (
	"errors"
	"net"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/internal/guarantee"
	"github.com/handstamp/handstamp/session"
	"github.com/handstamp/handstamp/store/redisstore"
	"github.com/handstamp/handstamp/store/storetest"
	"github.com/handstamp/handstamp/throttle"
)

// fresh opens an empty store on a Redis that others use, too.
func fresh(url string) func(*testing.T, redisstore.Config) *redisstore.Store {
	var prefixes atomic.Int64
	return func(t *testing.T, c redisstore.Config) *redisstore.Store {
		t.Helper()
		c.Prefix = "test" + strconv.FormatInt(prefixes.Add(1), 10)
		return open(t, url, c)
	}
}

func TestSessions(t *testing.T) {
	store := fresh(startRedis(t, "appendonly no").URL())
	storetest.Sessions(t, func(t *testing.T) session.Store { return store(t, redisstore.Config{}).Sessions() })
}

func TestThrottle(t *testing.T) {
	store := fresh(startRedis(t, "appendonly no").URL())
	storetest.Throttle(t, func(t *testing.T) throttle.Store { return store(t, redisstore.Config{}).Throttle() })
}

// TestCluster: scripts find all of their keys in one slot.
func TestCluster(t *testing.T) {
	t.Parallel()
	m := join(t, startCluster(t, "appendonly no").URL(), redisstore.Config{})
	user := handstamp.NewID()
	token, other := m.login(t, user), m.login(t, user)
	if err := m.sessions.EndOthers(t.Context(), user, token); err != nil {
		t.Fatal(err)
	}
	m.wantGone(t, other)
	for _, q := range []session.Query{{UserID: user}, {Limit: 10}} {
		if list, err := m.Sessions().List(t.Context(), q); err != nil || len(list) != 1 {
			t.Errorf("list %v, %v; want one session", list, err)
		}
	}
	if err := storetest.Resurrection(t.Context(), m.Sessions()); err != nil {
		t.Error(err)
	}
	bucket := throttle.Bucket{Key: throttle.Key{1}, Limit: throttle.Limit{Burst: 1, Every: time.Hour}}
	for _, want := range []bool{true, false} {
		verdicts, err := m.Throttle().Take(t.Context(), time.Now(), []throttle.Bucket{bucket})
		if err != nil || (verdicts[0].Wait == 0) != want {
			t.Errorf("an attempt: %+v, %v; want allowed: %v", verdicts, err, want)
		}
	}
	if err := m.Throttle().Reset(t.Context(), bucket.Key); err != nil {
		t.Error(err)
	}
	wantGuarantee(t, m.Store, guarantee.Lost, guarantee.Lost, guarantee.Lost, "appendonly")
}

// TestClusterConfirms: the replica that has to confirm is that of the slot.
func TestClusterConfirms(t *testing.T) {
	t.Parallel()
	primary, replica := startCluster(t), startRedis(t, "cluster-enabled yes")
	c := connect(t, replica)
	host, port, err := net.SplitHostPort(primary.Address())
	if err != nil {
		t.Fatal(err)
	}
	tell(t, c, "CLUSTER", "MEET", host, port)
	id, err := tell(t, connect(t, primary), "CLUSTER", "MYID").ToString()
	if err != nil {
		t.Fatal(err)
	}
	eventually(t, "the nodes know each other", func() bool {
		return c.Do(t.Context(), c.B().Arbitrary("CLUSTER", "REPLICATE", id).Build()).Error() == nil
	})
	m := join(t, primary.URL(), redisstore.Config{Replicas: 1})
	token := m.login(t, handstamp.NewID())
	replica.Pause()
	if err := m.sessions.End(t.Context(), token); !errors.Is(err, redisstore.ErrUnconfirmed) {
		t.Errorf("a revoke that the replica has not: %v, want ErrUnconfirmed", err)
	}
	if _, err := m.sessions.Find(t.Context(), token); err == nil {
		t.Error("it is accepted all the same")
	}
	replica.Resume()
	m.renewed(t)
	if err := m.sessions.EndUser(t.Context(), handstamp.NewID()); err != nil {
		t.Error(err)
	}
	m.wantGone(t, token)
}
