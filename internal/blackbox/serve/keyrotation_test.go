package serve_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// A verifier is a service that verifies tokens by published keys, which it remembers for as long as it may.
// It looks again for a key that it does not know, as libraries do. It is safe for concurrent use.
type verifier struct {
	*target
	mu    sync.Mutex
	keys  jose.JSONWebKeySet
	until time.Time
	looks int
}

var maxAge = regexp.MustCompile(`\bmax-age=(\d+)`)

// look reads the keys. Whoever calls it holds mu.
func (v *verifier) look() {
	v.t.Helper()
	got := v.stranger().want(200, "GET", keysPath, "")
	found := maxAge.FindStringSubmatch(got.header.Get("Cache-Control"))
	if found == nil {
		v.t.Fatal("nobody says for how long the keys may be remembered")
	}
	seconds, _ := strconv.Atoi(found[1])
	v.keys, v.until = decode[jose.JSONWebKeySet](v.t, got), time.Now().Add(time.Duration(seconds)*time.Second)
	v.looks++
}

// find returns the key that has signed, without looking again for it where mayLook is false.
func (v *verifier) find(kid string, mayLook bool) (jose.JSONWebKey, bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if time.Now().After(v.until) {
		v.look()
	}
	keys := v.keys.Key(kid)
	if len(keys) == 0 && mayLook {
		v.look()
		keys = v.keys.Key(kid)
	}
	if len(keys) != 1 {
		return jose.JSONWebKey{}, false
	}
	return keys[0], true
}

// read returns the audience of a token that is good for this verifier.
func (v *verifier) read(jwt string, mayLook bool) (audience string, err error) {
	parsed, err := jose.ParseSignedCompact(jwt, []jose.SignatureAlgorithm{jose.EdDSA})
	if err != nil {
		return "", err
	}
	kid := parsed.Signatures[0].Protected.KeyID
	key, ok := v.find(kid, mayLook)
	if !ok {
		return "", fmt.Errorf("nobody has published %q", kid)
	}
	text, err := parsed.Verify(key)
	if err != nil {
		return "", err
	}
	var claims struct{ Iss, Aud string }
	if err := json.Unmarshal(text, &claims); err != nil || claims.Iss != own {
		return "", fmt.Errorf("iss %q, %v", claims.Iss, err)
	}
	return claims.Aud, nil
}

// A load is what programs do while keys rotate.
type load struct {
	*target
	verifier *verifier
	programs []*client
	done     atomic.Int64 // requests
	stopping atomic.Bool
	running  sync.WaitGroup
}

// start lets each program work until stop.
func (l *load) start() {
	l.stopping.Store(false)
	for _, c := range l.programs {
		l.running.Go(func() {
			for i := 0; !l.stopping.Load(); i++ {
				c.want(200, "GET", api+"/users/me", "")
				if i%50 == 10 {
					c.renewToken()
				}
				got := c.verify("/")
				audience, err := l.verifier.read(strings.TrimPrefix(got.header.Get("Authorization"), "Bearer "), true)
				if got.status != 200 || err != nil || audience != "https://app.example.com" {
					l.t.Errorf("%d, for %q: %v", got.status, audience, err)
				}
				if audience, err := l.verifier.read(c.jwt(), true); err != nil || audience != own {
					l.t.Errorf("for %q: %v", audience, err)
				}
				l.done.Add(1)
			}
		})
	}
}

func (l *load) stop() {
	l.stopping.Store(true)
	l.running.Wait()
}

// passes waits until the programs have done some more.
func (l *load) passes(n int64) {
	for until := l.done.Load() + n; l.done.Load() < until && !l.t.Failed(); {
		l.stranger().want(200, "GET", "/healthz", "", "Host", "127.0.0.1")
	}
}

// TestRotationUnderLoad: keys rotate, and no request and no token is refused for it, unless that is what was
// asked for.
func TestRotationUnderLoad(t *testing.T) {
	t.Parallel()
	tg := startBinary(t, "sqlite", options{publicURL: own})
	root := tg.signIn(tg.admin)
	l := &load{target: tg, verifier: &verifier{target: tg}}
	for range 8 {
		l.programs = append(l.programs, tg.bearer(tg.newPersonBy(root, "user")))
	}
	defer l.stop()
	user := tg.newPersonBy(root, "user")
	early := tg.bearer(user)

	for range 2 {
		l.start()
		for range 3 {
			l.passes(30)
			// Who has read the keys before a rotation knows the one that signs after it.
			before := &verifier{target: tg}
			before.look()
			tg.binary.command("", "key", "rotate")
			if _, err := before.read(tg.bearer(user).jwt(), false); err != nil {
				t.Errorf("a key signs that was not published before: %v", err)
			}
		}
		l.passes(30)
		l.stop()
		tg.restart()
		early.want(200, "GET", api+"/users/me", "")
		if _, err := l.verifier.read(early.jwt(), true); err != nil {
			t.Errorf("six rotations ago: %v", err)
		}
	}
	t.Logf("%d rounds of requests, and %d looks at the keys", l.done.Load(), l.verifier.looks)
	if l.done.Load() < 200 || l.verifier.looks > 8 {
		t.Errorf("%d rounds, %d looks at the keys", l.done.Load(), l.verifier.looks)
	}

	late := tg.bearer(user)
	tg.binary.command("", "key", "rotate", "--overlap", "1s")
	began := time.Now()
	after := tg.bearer(user)
	for late.do("GET", api+"/users/me", "").status == http.StatusOK && time.Since(began) < patience {
		after.want(200, "GET", api+"/users/me", "")
	}
	if took := time.Since(began); took > 10*time.Second {
		t.Errorf("a key was accepted for %s after its overlap of a second", took)
	}
	late.want(401, "GET", api+"/users/me", "")
	late.want(401, "POST", renewPath, "")
	early.want(200, "GET", api+"/users/me", "") // of a key with a longer overlap

	tg.binary.command("", "key", "rotate", "--compromised")
	service := tg.newService("an API", "")
	for range 2 {
		for _, c := range append([]*client{early, late, after}, l.programs...) {
			c.want(401, "GET", api+"/users/me", "")
			c.want(401, "POST", renewPath, "")
			if c.verify("/").status != 401 || service.isActive(c.jwt()) {
				t.Error("a token is good whose key has leaked")
			}
			if _, err := (&verifier{target: tg}).read(c.jwt(), true); err == nil {
				t.Error("a key is published that has leaked")
			}
		}
		tg.bearer(user).want(200, "GET", api+"/users/me", "")
		tg.restart()
	}
	root.want(200, "GET", api+"/users/me", "") // cookies are signed by nobody
}
