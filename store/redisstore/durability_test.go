//go:build linux

package redisstore_test

import (
	"errors"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/redis/rueidis"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/internal/privateserver"
	"github.com/handstamp/handstamp/session"
	"github.com/handstamp/handstamp/store/redisstore"
)

// connect returns a client of the kind that an operator has.
func connect(t *testing.T, redis *privateserver.Redis) rueidis.Client {
	t.Helper()
	c, err := rueidis.NewClient(rueidis.ClientOption{InitAddress: []string{redis.Address()}, DisableCache: true, ForceSingleClient: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

func tell(t *testing.T, c rueidis.Client, command ...string) rueidis.RedisResult {
	t.Helper()
	answer := c.Do(t.Context(), c.B().Arbitrary(command...).Build())
	if err := answer.Error(); err != nil {
		t.Fatalf("%v: %v", command, err)
	}
	return answer
}

// TestKillKeepsWhatWasAcknowledged kills Redis while sessions begin and end.
func TestKillKeepsWhatWasAcknowledged(t *testing.T) {
	redis := startRedis(t)
	m := join(t, redis.URL(), redisstore.Config{})
	var mu sync.Mutex
	live, ended := make(map[session.Token]bool), make(map[session.Token]bool)
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for {
				_, token, err := m.sessions.Begin(t.Context(), handstamp.Identity{UserID: handstamp.NewID()})
				if err != nil {
					return
				}
				_, second, err := m.sessions.Begin(t.Context(), handstamp.Identity{UserID: handstamp.NewID()})
				if err != nil {
					return
				}
				endErr := m.sessions.End(t.Context(), token)
				mu.Lock()
				live[second] = true
				if endErr == nil {
					ended[token] = true
				}
				mu.Unlock()
				if endErr != nil {
					return // it may have ended or not
				}
			}
		})
	}
	eventually(t, "there are sessions", func() bool {
		mu.Lock()
		defer mu.Unlock()
		return len(ended) > 50
	})
	redis.Kill()
	all.Wait()
	redis.Start()
	// Another node, which remembers nothing and has to go by what is stored.
	other := join(t, redis.URL(), redisstore.Config{})
	for token := range live {
		other.wantLive(t, token)
	}
	for token := range ended {
		other.wantGone(t, token)
	}
}

// TestRestoredDumpResurrectsNothing: Redis comes back with the data of yesterday.
func TestRestoredDumpResurrectsNothing(t *testing.T) {
	redis := startRedis(t)
	m := join(t, redis.URL(), redisstore.Config{})
	user := handstamp.NewID()
	ended, renewed, lives := m.login(t, user), m.login(t, user), m.login(t, user)
	bearer := newBearer(user)
	if err := m.Sessions().Insert(t.Context(), bearer); err != nil {
		t.Fatal(err)
	}
	redis.Stop()
	yesterday := t.TempDir()
	if err := os.CopyFS(yesterday, os.DirFS(redis.Dir())); err != nil {
		t.Fatal(err)
	}
	redis.Start()
	m.renewed(t)
	later := m.login(t, user)
	rotated := bearer
	rotated.Generation = 2
	if err := m.Sessions().Swap(t.Context(), bearer.Hash, rotated); err != nil {
		t.Fatal(err)
	}
	if _, err := m.sessions.Renew(t.Context(), renewed); err != nil {
		t.Fatal(err)
	}
	if err := m.sessions.End(t.Context(), ended); err != nil {
		t.Fatal(err)
	}
	// At once: what was just acknowledged need not have come back in the feed.
	redis.Kill()
	putBack(t, yesterday, redis.Dir())
	redis.Start()

	m.renewed(t)
	other := join(t, redis.URL(), redisstore.Config{})
	for _, m := range []member{m, other} {
		m.wantGone(t, ended)
		m.wantGone(t, renewed)
		m.wantGone(t, later) // lost with the data, and not kept by a cache
		m.wantLive(t, lives)
		if _, err := m.Sessions().Load(t.Context(), bearer.Hash); err != nil {
			t.Errorf("a session whose bearer token was rotated is gone: %v", err)
		}
	}
}

func newBearer(user handstamp.ID) session.Record {
	at := time.Now().UTC().Truncate(time.Second)
	r := session.Record{Hash: session.RandomToken().Hash(), Revision: 1}
	r.ID, r.UserID, r.BeganAt, r.ProvedAt, r.SeenAt = handstamp.NewID(), user, at, at, at
	r.Until, r.Generation = at.Add(time.Hour), 1
	return r
}

// putBack makes what is in a folder what it was, for the user that owns it.
func putBack(t *testing.T, from, to string) {
	t.Helper()
	if err := os.RemoveAll(to + "/appendonlydir"); err != nil {
		t.Fatal(err)
	}
	if err := os.CopyFS(to, os.DirFS(from)); err != nil && !errors.Is(err, os.ErrExist) {
		t.Fatal(err)
	}
	if err := os.Chmod(to+"/appendonlydir", 0o777); err != nil {
		t.Fatal(err)
	}
	files, err := os.ReadDir(to + "/appendonlydir")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if err := os.Chmod(to+"/appendonlydir/"+file.Name(), 0o666); err != nil {
			t.Fatal(err)
		}
	}
}

// TestEmptiedRedis: somebody types FLUSHALL while a node is not looking, and others go on until there are as many changes as there were.
func TestEmptiedRedis(t *testing.T) {
	redis := startRedis(t)
	way := openWay(t, redis.Address())
	m, here := join(t, "redis://"+way.address(), redisstore.Config{}), join(t, redis.URL(), redisstore.Config{})
	token := here.login(t, handstamp.NewID(), m)
	way.swallow()
	tell(t, connect(t, redis), "FLUSHALL")
	for range 20 {
		if err := here.sessions.EndUser(t.Context(), handstamp.NewID()); err != nil {
			t.Fatal(err)
		}
	}
	way.let()
	m.renewed(t)
	m.wantGone(t, token)
	here.renewed(t)
	here.wantGone(t, token)
	m.wantLive(t, m.login(t, handstamp.NewID()))
}

// TestTrimmedFeed: somebody makes room where there is nothing to be had.
func TestTrimmedFeed(t *testing.T) {
	redis := startRedis(t)
	way := openWay(t, redis.Address())
	m, here := join(t, "redis://"+way.address(), redisstore.Config{}), join(t, redis.URL(), redisstore.Config{})
	token, lives := here.login(t, handstamp.NewID(), m), here.login(t, handstamp.NewID(), m)
	way.swallow()
	if err := here.sessions.End(t.Context(), token); err != nil {
		t.Fatal(err)
	}
	if err := here.sessions.EndUser(t.Context(), handstamp.NewID()); err != nil {
		t.Fatal(err)
	}
	tell(t, connect(t, redis), "XTRIM", "{handstamp}:feed", "MAXLEN", "1")
	way.let()
	m.renewed(t)
	m.wantGone(t, token)
	m.wantLive(t, lives)
}

// TestFullRedis: in one that has no memory left nobody can sign in, and everybody out.
func TestFullRedis(t *testing.T) {
	redis := startRedis(t)
	m := join(t, redis.URL(), redisstore.Config{})
	user := handstamp.NewID()
	token := m.login(t, user)
	tell(t, connect(t, redis), "CONFIG", "SET", "maxmemory", "1")
	if _, _, err := m.sessions.Begin(t.Context(), handstamp.Identity{UserID: user}); err == nil {
		t.Error("a session began in a Redis that is full")
	}
	m.renewed(t)
	m.wantLive(t, token)
	if err := m.sessions.EndUser(t.Context(), user); err != nil {
		t.Errorf("in a Redis that is full, nobody can sign out: %v", err)
	}
	m.wantGone(t, token)
}
