//go:build linux

package redisstore_test

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/internal/guarantee"
	"github.com/handstamp/handstamp/internal/privateserver"
	"github.com/handstamp/handstamp/store/redisstore"
	"github.com/handstamp/handstamp/throttle"
)

func TestGuarantee(t *testing.T) {
	for _, c := range []struct {
		name, url             string
		config                []string
		kill, power, failover guarantee.Level
		grave                 []string // a word of each finding that is grave
	}{
		{
			name: "as it should be",
			kill: guarantee.Kept, power: guarantee.Kept, failover: guarantee.Lost,
		},
		{
			name: "as it comes", config: []string{"appendonly no"},
			kill: guarantee.Lost, power: guarantee.Lost, failover: guarantee.Lost, grave: []string{"appendonly"},
		},
		{
			name: "every second", config: []string{"appendfsync everysec"},
			kill: guarantee.Recent, power: guarantee.Recent, failover: guarantee.Lost, grave: []string{"everysec"},
		},
		{
			name: "left to the system", config: []string{"appendfsync no"},
			kill: guarantee.Kept, power: guarantee.Recent, failover: guarantee.Lost, grave: []string{"appendfsync is no"},
		},
		{
			name: "not while it rewrites", config: []string{"no-appendfsync-on-rewrite yes"},
			kill: guarantee.Recent, power: guarantee.Recent, failover: guarantee.Lost, grave: []string{"no-appendfsync-on-rewrite"},
		},
		{
			name: "a cache", config: []string{"maxmemory 100mb", "maxmemory-policy allkeys-lru"},
			kill: guarantee.Kept, power: guarantee.Kept, failover: guarantee.Lost, grave: []string{"allkeys-lru"},
		},
		{
			name: "a cache that never fills", config: []string{"maxmemory-policy volatile-ttl"},
			kill: guarantee.Kept, power: guarantee.Kept, failover: guarantee.Lost,
		},
		{
			name: "without CONFIG", url: "redis://handstamp:secret@", config: []string{"user handstamp on >secret ~{handstamp}:* &{handstamp}:* +@all -config"},
			kill: guarantee.Recent, power: guarantee.Unknown, failover: guarantee.Lost,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			redis := startRedis(t, c.config...)
			url := redis.URL()
			if c.url != "" {
				url = c.url + redis.Address()
			}
			wantGuarantee(t, open(t, url, redisstore.Config{}), c.kill, c.power, c.failover, c.grave...)
		})
	}
}

func wantGuarantee(t *testing.T, s *redisstore.Store, kill, power, failover guarantee.Level, grave ...string) {
	t.Helper()
	g, err := s.Guarantee(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if g.Kill != kill || g.Power != power || g.Failover != failover {
		t.Errorf("killed: %v, without power: %v, failed over: %v; want %v, %v, %v", g.Kill, g.Power, g.Failover, kill, power, failover)
	}
	var found []string
	for _, f := range g.Findings {
		if f.Grave {
			found = append(found, f.Text)
		}
	}
	if len(found) != len(grave) {
		t.Errorf("grave findings %q, want %d", found, len(grave))
	}
	for _, word := range grave {
		if !slices.ContainsFunc(found, func(text string) bool { return strings.Contains(text, word) }) {
			t.Errorf("no grave finding says %q: %q", word, found)
		}
	}
	if !strings.HasPrefix(g.Server, "redis 7.") && !strings.HasPrefix(g.Server, "redis 8.") && !strings.HasPrefix(g.Server, "valkey ") {
		t.Errorf("version %q", g.Server)
	}
}

func TestGuaranteeWithReplicas(t *testing.T) {
	primary := startRedis(t, "min-replicas-to-write 1")
	startReplica(t, primary)
	s := open(t, primary.URL(), redisstore.Config{})
	wantGuarantee(t, s, guarantee.Kept, guarantee.Kept, guarantee.Recent, "no replica has to confirm")
	wantGuarantee(t, open(t, primary.URL(), redisstore.Config{Replicas: 1}), guarantee.Kept, guarantee.Kept, guarantee.Kept)
	wantGuarantee(t, open(t, primary.URL(), redisstore.Config{Replicas: 2}), guarantee.Kept, guarantee.Kept, guarantee.Lost, "nobody can sign in")
	tell(t, connect(t, primary), "CONFIG", "SET", "min-replicas-to-write", "0")
	wantGuarantee(t, s, guarantee.Kept, guarantee.Kept, guarantee.Recent, "no replica has to confirm", "min-replicas-to-write")
}

// TestReplicaIsNoStore: who is sent to a replica by mistake is told at once.
func TestReplicaIsNoStore(t *testing.T) {
	primary := startRedis(t)
	replica := startReplica(t, primary)
	s, err := redisstore.Open(t.Context(), replica.URL(), redisstore.Config{})
	if err == nil {
		s.Close()
		t.Fatal("a replica was opened as a store")
	}
	if !strings.Contains(err.Error(), "READONLY") {
		t.Errorf("error %v", err)
	}
}

// startCluster starts a cluster of one.
func startCluster(t *testing.T, config ...string) *privateserver.Redis {
	t.Helper()
	redis := startRedis(t, append(config, "cluster-enabled yes")...)
	c := connect(t, redis)
	tell(t, c, "CLUSTER", "ADDSLOTSRANGE", "0", "16383")
	eventually(t, "the cluster is ready", func() bool {
		info, err := c.Do(t.Context(), c.B().ClusterInfo().Build()).ToString()
		return err == nil && strings.Contains(info, "cluster_state:ok")
	})
	return redis
}

// TestUserOfTheDocument: the least that a user of Redis needs, as docs/redis.md has it, is enough.
func TestUserOfTheDocument(t *testing.T) {
	document, err := os.ReadFile("../../docs/redis.md")
	if err != nil {
		t.Fatal(err)
	}
	line := regexp.MustCompile(`(?m)^user handstamp on >….*$`).FindString(string(document))
	if line == "" {
		t.Fatal("the document has no line for the user")
	}
	redis := startRedis(t, strings.Replace(line, "…", "secret", 1))
	m := join(t, "redis://handstamp:secret@"+redis.Address(), redisstore.Config{Strict: true})
	other := join(t, redis.URL(), redisstore.Config{})
	token := m.login(t, handstamp.NewID(), other)
	if err := m.sessions.End(t.Context(), token); err != nil {
		t.Fatal(err)
	}
	other.wantGone(t, token)
	if _, err := m.Throttle().Take(t.Context(), time.Now(), []throttle.Bucket{{Key: throttle.Key{1}, Limit: throttle.Limit{Burst: 1, Every: time.Second}}}); err != nil {
		t.Error(err)
	}
	wantGuarantee(t, m.Store, guarantee.Kept, guarantee.Kept, guarantee.Lost)
}
