package jwks_test

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/token/jwks"
)

// lasting returns a token that is good for a day.
func lasting(key signer) string { return key.good(map[string]any{"exp": time.Now().Unix() + 86400}) }

// TestRotation: a new key is known at its first token, and one that is gone is refused at the next fetch.
func TestRotation(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &publisher{keys: []signer{edwards}, cache: "public, max-age=300"}
		v := newVerifier(t, p)
		before, after := lasting(edwards), lasting(curve)
		wantStatus(t, v, before, 200)
		time.Sleep(time.Second)
		wantStatus(t, v, after, 401) // which was no key when it was looked for
		p.wantFetches(t, 2)
		p.change(func() { p.keys = []signer{edwards, curve} })
		for range 100 {
			wantStatus(t, v, after, 401)
		}
		p.wantFetches(t, 2) // once in a second, whatever comes
		time.Sleep(time.Second)
		wantStatus(t, v, after, 200)
		wantStatus(t, v, before, 200)
		p.wantFetches(t, 3)

		p.change(func() { p.keys = []signer{curve} })
		time.Sleep(300*time.Second - time.Nanosecond)
		wantStatus(t, v, before, 200)
		p.wantFetches(t, 3)
		time.Sleep(time.Nanosecond)
		wantStatus(t, v, before, 401)
		wantStatus(t, v, after, 200)
		p.wantFetches(t, 4)
	})
}

// TestKeysThatAreGone are dropped by whatever fetch comes next.
func TestKeysThatAreGone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &publisher{keys: []signer{edwards}, cache: "max-age=3600"}
		v := newVerifier(t, p)
		token := lasting(edwards)
		wantStatus(t, v, token, 200)
		p.change(func() { p.keys = nil })
		time.Sleep(time.Second)
		wantStatus(t, v, token, 200)
		wantStatus(t, v, lasting(curve), 401) // of a key that is not known
		wantStatus(t, v, token, 401)
	})
}

// TestHowLongKeysCount: as long as the answer says, within a minute and an hour.
func TestHowLongKeysCount(t *testing.T) {
	for cache, want := range map[string]time.Duration{
		"":                              5 * time.Minute,
		"public":                        5 * time.Minute,
		"max-age=nonsense":              5 * time.Minute,
		"max-age=120":                   2 * time.Minute,
		`Public, Max-Age="120"`:         2 * time.Minute,
		"max-age=0":                     time.Minute,
		"max-age=31536000":              time.Hour,
		"no-store, max-age=3600":        time.Minute,
		"no-cache":                      time.Minute,
		"s-maxage=7, max-age=90, other": 90 * time.Second,
	} {
		synctest.Test(t, func(t *testing.T) {
			p := &publisher{keys: []signer{edwards}, cache: cache}
			v := newVerifier(t, p)
			token := lasting(edwards)
			wantStatus(t, v, token, 200)
			time.Sleep(want - time.Nanosecond)
			wantStatus(t, v, token, 200)
			p.wantFetches(t, 1)
			time.Sleep(time.Nanosecond)
			wantStatus(t, v, token, 200)
			p.wantFetches(t, 2)
		})
	}
}

// TestOutage: without keys nobody is told 401, and with some they are used for an hour more.
func TestOutage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &publisher{keys: []signer{edwards}, broken: errAway, cache: "max-age=60"}
		v := newVerifier(t, p)
		token, other := lasting(edwards), lasting(curve)
		for range 10 {
			err := ask(v, token)
			if handstamp.StatusOf(err) != 503 || !errors.Is(err, errAway) {
				t.Errorf("%v, want 503 and why", err)
			}
		}
		p.wantFetches(t, 1)
		wantStatus(t, v, "no.token.atall", 401) // whatever the server says

		p.change(func() { p.broken = nil })
		time.Sleep(time.Second)
		wantStatus(t, v, token, 200)

		p.change(func() { p.broken = errAway })
		time.Sleep(time.Minute)
		wantStatus(t, v, token, 200)
		wantStatus(t, v, other, 503) // it may be a new key
		time.Sleep(time.Hour - time.Nanosecond)
		wantStatus(t, v, token, 200)
		time.Sleep(time.Nanosecond)
		wantStatus(t, v, token, 503)

		p.change(func() { p.broken = nil })
		time.Sleep(time.Second)
		wantStatus(t, v, token, 200)
		time.Sleep(time.Second)
		wantStatus(t, v, other, 401)
	})
}

// TestSlowServer: who comes first waits until the fetch is given up, and then nobody waits while there are keys.
func TestSlowServer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &publisher{keys: []signer{edwards}, cache: "max-age=60"}
		v := newVerifier(t, p)
		token := lasting(edwards)
		wantStatus(t, v, token, 200)
		p.change(func() { p.hangs = true })
		time.Sleep(time.Minute)

		began := time.Now()
		wantStatus(t, v, token, 200)
		if took := time.Since(began); took != 5*time.Second {
			t.Errorf("the first one waited %v", took)
		}
		for range 10 {
			time.Sleep(time.Second)
			began = time.Now()
			wantStatus(t, v, token, 200)
			if took := time.Since(began); took != 0 {
				t.Errorf("another one waited %v", took)
			}
		}
		p.change(func() { p.hangs = false })
		time.Sleep(6 * time.Second)
		wantStatus(t, v, token, 200)
		synctest.Wait()
		p.change(func() { p.keys = nil })
		time.Sleep(time.Minute)
		wantStatus(t, v, token, 401) // it is listened to again
	})
}

// TestOneFetchForAll who come at once, whoever of them goes away.
func TestOneFetchForAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		p := &publisher{keys: []signer{edwards}}
		v := newVerifier(t, roundTrip(func(r *http.Request) (*http.Response, error) {
			<-release
			if err := r.Context().Err(); err != nil {
				return nil, err
			}
			return p.RoundTrip(r)
		}))
		token := lasting(edwards)

		gone, leave := context.WithCancel(t.Context())
		var all sync.WaitGroup
		all.Go(func() {
			_, err := v.Authenticate(with("Bearer " + token).WithContext(gone))
			if !errors.Is(err, context.Canceled) || handstamp.StatusOf(err) != 503 {
				t.Errorf("who went away: %v", err)
			}
		})
		synctest.Wait()
		for range 50 {
			all.Go(func() { wantStatus(t, v, token, 200) })
		}
		synctest.Wait()
		leave()
		synctest.Wait()
		close(release)
		all.Wait()
		p.wantFetches(t, 1)
	})
}

// TestAnswersThatAreNoKeys are an outage, and a redirect is not followed.
func TestAnswersThatAreNoKeys(t *testing.T) {
	var elsewhere atomic.Int64
	evil := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		elsewhere.Add(1)
		_, _ = w.Write(setOf(edwards))
	}))
	defer evil.Close()
	set := string(setOf(edwards))
	for name, h := range map[string]http.Handler{
		"an error":            handler(500, nil, set),
		"not found":           handler(404, nil, set),
		"no content":          handler(204, nil, ""),
		"a redirect":          handler(302, map[string]string{"Location": evil.URL}, set),
		"another redirect":    handler(308, map[string]string{"Location": evil.URL}, set),
		"a redirect to us":    handler(307, map[string]string{"Location": "/keys"}, set),
		"a page":              handler(200, nil, "<!DOCTYPE html>"),
		"nothing":             handler(200, nil, ""),
		"another object":      handler(200, nil, `{"error":"no"}`),
		"keys are no list":    handler(200, nil, `{"keys":{}}`),
		"one key twice":       handler(200, nil, string(setOf(edwards, edwards))),
		"two keys of one kid": handler(200, nil, string(setOf(edwards, newSigner("ES256", "a1")))),
		"a huge body":         handler(200, nil, set+strings.Repeat(" ", 64<<10)),
		"cut off":             handler(200, map[string]string{"Content-Length": "100000"}, set),
		"an endless body": http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			for r.Context().Err() == nil {
				if _, err := w.Write(make([]byte, 32<<10)); err != nil {
					return
				}
			}
		}),
	} {
		t.Run(name, func(t *testing.T) {
			server := httptest.NewServer(h)
			defer server.Close()
			v := newVerifier(t, nil, func(c *jwks.Config) { c.URL, c.Client = server.URL, server.Client() })
			wantStatus(t, v, lasting(edwards), 503)
		})
	}
	if n := elsewhere.Load(); n != 0 {
		t.Errorf("%d redirects were followed", n)
	}
}

// TestKeysThatVerifyNothing are passed over: those beside them count.
func TestKeysThatVerifyNothing(t *testing.T) {
	private, err := rsa.GenerateKey(rand.Reader, 1536)
	if err != nil {
		t.Fatal(err)
	}
	weak := signer{"RS256", "weak", private}
	own := func(s signer, replace ...string) string {
		text := string(setOf(s))
		return strings.NewReplacer(replace...).Replace(text[len(`{"keys":[`) : len(text)-len(`]}`)])
	}
	odd := []string{
		own(weak),
		`{"kty":"oct","kid":"a1","alg":"HS256","k":"AAAA"}`,
		`{"kty":"new","kid":"a1"}`,
		`"a1"`, `null`, `{}`,
		own(edwards, `"kid":"a1",`, ``),
		own(edwards, `"alg":"EdDSA"`, `"alg":"ES256"`),
		own(edwards, `"alg":"EdDSA"`, `"alg":"none"`),
		own(edwards, `"alg":"EdDSA",`, ``),
		own(edwards, `"use":"sig"`, `"use":"enc"`),
	}
	for _, text := range odd {
		server := httptest.NewServer(handler(200, nil, `{"keys":[`+text+`,`+own(curve)+`]}`))
		v := newVerifier(t, nil, func(c *jwks.Config) { c.URL, c.Client = server.URL, server.Client() })
		wantStatus(t, v, lasting(edwards), 401)
		wantStatus(t, v, lasting(weak), 401)
		wantStatus(t, v, lasting(curve), 200)
		server.Close()
	}
}
