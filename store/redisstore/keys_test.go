//go:build linux

package redisstore_test

import (
	"context"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"net"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/session"
	"github.com/handstamp/handstamp/store/redisstore"
	"github.com/handstamp/handstamp/throttle"
)

// TestCrowd: what is done in several steps, for a user with more sessions than one script ends.
func TestCrowd(t *testing.T) {
	redis := startRedis(t, "appendonly no")
	m := join(t, redis.URL(), redisstore.Config{Lifetime: time.Hour})
	s, crowd, other := m.Sessions(), handstamp.NewID(), handstamp.NewID()
	fill(t, s, crowd, 1300)
	kept, stays := m.login(t, crowd), m.login(t, other)
	fill(t, s, crowd, 640)
	list, err := s.List(t.Context(), session.Query{UserID: crowd})
	if err != nil {
		t.Fatal(err)
	}
	inOrder := slices.IsSortedFunc(list, func(a, b session.Session) int { return a.BeganAt.Compare(b.BeganAt) })
	if n, err := s.Count(t.Context()); err != nil || len(list) != n-1 || !inOrder {
		t.Fatalf("%d sessions of %d in the list, in order: %v, %v", len(list), n, inOrder, err)
	}
	everybody, err := s.List(t.Context(), session.Query{Limit: 3000})
	if err != nil || len(everybody) != len(list)+1 {
		t.Errorf("%d sessions of everybody, %v; want %d", len(everybody), err, len(list)+1)
	}
	n, err := s.End(t.Context(), session.Selection{UserID: crowd, Except: kept.Hash()})
	if err != nil || n != len(list)-1 {
		t.Errorf("%d sessions ended, %v; want %d", n, err, len(list)-1)
	}
	m.wantLive(t, kept)
	m.wantLive(t, stays)
	var which session.Selection
	which.Expired.BeganBefore, which.Expired.Limit = time.Now().Add(time.Hour), 1000
	if n, err := s.End(t.Context(), which); n != 2 || err != nil {
		t.Errorf("%d sessions swept, %v; want 2", n, err)
	}
	// Nothing is left behind.
	keys, err := connect(t, redis).Do(t.Context(), connect(t, redis).B().Keys().Pattern("*").Build()).AsStrSlice()
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(keys)
	if want := []string{"{handstamp}:barrier", "{handstamp}:feed", "{handstamp}:incarnation", "{handstamp}:nodes"}; !slices.Equal(keys, want) {
		t.Errorf("keys %q, want %q", keys, want)
	}
}

// TestKeysExpire: when nobody is left to sweep, Redis does. What the index then still has is in nobody's way.
func TestKeysExpire(t *testing.T) {
	redis := startRedis(t, "appendonly no")
	m := join(t, redis.URL(), redisstore.Config{Lifetime: time.Hour})
	c := connect(t, redis)
	user := handstamp.NewID()
	token, bearer := m.login(t, user), newBearer(user)
	if err := m.Sessions().Insert(t.Context(), bearer); err != nil {
		t.Fatal(err)
	}
	ttl := func(key string) time.Duration {
		t.Helper()
		n, err := tell(t, c, "PTTL", "{handstamp}:"+key).AsInt64()
		if err != nil {
			t.Fatal(err)
		}
		return (time.Duration(n) * time.Millisecond).Round(time.Hour)
	}
	hash := token.Hash()
	if got := []time.Duration{ttl("session:" + string(hash[:])), ttl("session:" + string(bearer.Hash[:])), ttl("user:" + string(user[:]))}; !slices.Equal(got, []time.Duration{25 * time.Hour, 25 * time.Hour, 25 * time.Hour}) {
		t.Errorf("keys go after %v, want a day and an hour", got)
	}
	longer := bearer
	longer.Until = bearer.Until.Add(10 * time.Hour)
	if err := m.Sessions().Swap(t.Context(), bearer.Hash, longer); err != nil {
		t.Fatal(err)
	}
	if got := []time.Duration{ttl("session:" + string(bearer.Hash[:])), ttl("user:" + string(user[:]))}; !slices.Equal(got, []time.Duration{35 * time.Hour, 35 * time.Hour}) {
		t.Errorf("after a rotation keys go after %v, want a day and eleven hours", got)
	}
	tell(t, c, "DEL", "{handstamp}:session:"+string(hash[:])) // as if it had gone by itself
	for _, q := range []session.Query{{UserID: user}, {Limit: 1}} {
		list, err := m.Sessions().List(t.Context(), q)
		if err != nil || len(list) != 1 || list[0].ID != bearer.ID {
			t.Errorf("list %v, %v; want the session that is left", list, err)
		}
	}
	// A cache may still have it, so that the end of all has to name it.
	m.wantLive(t, token)
	if err := m.sessions.EndUser(t.Context(), user); err != nil {
		t.Fatal(err)
	}
	m.wantGone(t, token)
	if n, err := m.Sessions().Count(t.Context()); n != 0 || err != nil {
		t.Errorf("%d sessions are left, %v", n, err)
	}
}

// TestForeignData: what is not ours, or damaged, is an error and never a session.
func TestForeignData(t *testing.T) {
	redis := startRedis(t, "appendonly no")
	m := join(t, redis.URL(), redisstore.Config{})
	c := connect(t, redis)
	for name, spoil := range map[string]func(key string){
		"another type":  func(key string) { tell(t, c, "DEL", key); tell(t, c, "SET", key, "x") },
		"a short place": func(key string) { tell(t, c, "HSET", key, "place", "x") },
		"no number":     func(key string) { tell(t, c, "HSET", key, "until", "soon") },
		"no revision":   func(key string) { tell(t, c, "HDEL", key, "revision") },
	} {
		token := m.login(t, handstamp.NewID())
		hash := token.Hash()
		spoil("{handstamp}:session:" + string(hash[:]))
		if _, err := m.Sessions().Load(t.Context(), hash); err == nil || errors.Is(err, session.ErrGone) {
			t.Errorf("%s: error %v, want one that says so", name, err)
		}
	}
}

func TestURLs(t *testing.T) {
	const password = "pa55word"
	for _, url := range []string{
		"", "127.0.0.1", "http://127.0.0.1", "redis://", "redis:///1", "unix:///run/redis.sock",
		"redis://u:" + password + "@127.0.0.1:x", "redis://u:" + password + "@127.0.0.1/one", "redis://u:" + password + "@[::1",
		"redis://u:" + password + "@127.0.0.1/1/2", "redis://u:" + password + "@h/%zz", "rediss://u:" + password + "@127.0.0.1?skip_verify=1",
		"redis://u:" + password + "@127.0.0.1?protocol=2", "redis://u:" + password + "@127.0.0.1:1", // where nobody listens
	} {
		s, err := redisstore.Open(t.Context(), url, redisstore.Config{})
		if err == nil {
			s.Close()
			t.Errorf("%q was opened", url)
			continue
		}
		if strings.Contains(err.Error(), password) {
			t.Errorf("the error for %q has the password: %v", url, err)
		}
	}
	redis := startRedis(t, "requirepass "+password)
	for user, want := range map[string]string{":" + password + "@": "", "": "NOAUTH", ":wrong" + password + "@": "WRONGPASS"} {
		s, err := redisstore.Open(t.Context(), "redis://"+user+redis.Address()+"/3", redisstore.Config{})
		switch {
		case err == nil:
			s.Close()
			if want != "" {
				t.Errorf("opened as %q", user)
			}
		case want == "" || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), password):
			t.Errorf("as %q: %v, want %q", user, err, want)
		}
	}
}

// TestSharedThrottle: two nodes count as one.
func TestSharedThrottle(t *testing.T) {
	store := startRedis(t, "appendonly no").URL()
	nodes := []*redisstore.Throttle{open(t, store, redisstore.Config{}).Throttle(), open(t, store, redisstore.Config{}).Throttle()}
	bucket := throttle.Bucket{Key: throttle.Key{1}, Limit: throttle.Limit{Burst: 40, Every: time.Hour}}
	now := time.Now()
	var allowed atomic.Int64
	var all sync.WaitGroup
	for i := range 200 {
		all.Go(func() {
			verdicts, err := nodes[i%2].Take(t.Context(), now, []throttle.Bucket{bucket})
			switch {
			case err != nil:
				t.Error(err)
			case verdicts[0].Wait == 0:
				allowed.Add(1)
			}
		})
	}
	all.Wait()
	if n := allowed.Load(); n != 40 {
		t.Errorf("%d attempts at two nodes were allowed, want 40", n)
	}
}

// TestRecord: what happens to sessions is written down elsewhere, and a login that cannot be is none.
func TestRecord(t *testing.T) {
	var mu sync.Mutex
	var recorded []handstamp.Action
	var broken error
	m := join(t, startRedis(t, "appendonly no").URL(), redisstore.Config{Record: func(_ context.Context, events ...handstamp.Event) error {
		mu.Lock()
		defer mu.Unlock()
		for _, e := range events {
			recorded = append(recorded, e.Action)
		}
		return broken
	}})
	user := handstamp.NewID()
	token := m.login(t, user)
	renewed, err := m.sessions.Renew(t.Context(), token)
	if err != nil {
		t.Fatal(err)
	}
	if err := m.sessions.End(t.Context(), renewed); err != nil {
		t.Fatal(err)
	}
	if err := m.sessions.EndUser(t.Context(), user); err != nil { // who has none: nothing happens
		t.Fatal(err)
	}
	if want := []handstamp.Action{handstamp.ActionLogin, handstamp.ActionSessionRenew, handstamp.ActionLogout}; !slices.Equal(recorded, want) {
		t.Errorf("recorded %v, want %v", recorded, want)
	}
	broken = errors.New("disk full")
	if _, _, err := m.sessions.Begin(t.Context(), handstamp.Identity{UserID: user}); !errors.Is(err, broken) {
		t.Errorf("a login that cannot be written down: %v", err)
	}
	if n, err := m.Sessions().Count(t.Context()); n != 0 || err != nil {
		t.Errorf("%d sessions, %v; want none", n, err)
	}
}

// TestTLS: a certificate that nobody vouches for is none.
func TestTLS(t *testing.T) {
	certificate := httptest.NewUnstartedServer(nil)
	certificate.StartTLS()
	defer certificate.Close()
	key, err := x509.MarshalPKCS8PrivateKey(certificate.TLS.Certificates[0].PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	folder, err := os.MkdirTemp("", "certificate-") // where the server may read
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(folder)
	write := func(name, kind string, der []byte) string {
		file := filepath.Join(folder, name)
		if err := errors.Join(os.Chmod(folder, 0o755), os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o644)); err != nil {
			t.Fatal(err)
		}
		return file
	}
	cert := write("cert.pem", "CERTIFICATE", certificate.Certificate().Raw)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String()
	_, port, err := net.SplitHostPort(address)
	if err := errors.Join(err, listener.Close()); err != nil {
		t.Fatal(err)
	}
	startRedis(t, "tls-port "+port, "tls-auth-clients no", "tls-cert-file "+cert, "tls-key-file "+write("key.pem", "PRIVATE KEY", key), "tls-ca-cert-file "+cert)
	if s, err := redisstore.Open(t.Context(), "rediss://"+address, redisstore.Config{}); err == nil {
		s.Close()
		t.Error("a certificate was accepted that nobody vouches for")
	} else if !strings.Contains(err.Error(), "certificate") {
		t.Errorf("error %v, want one that names the certificate", err)
	}
}
