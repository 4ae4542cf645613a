package jwks_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/token/jwks"
)

func TestTokenSaysWhoIsCalling(t *testing.T) {
	p := &publisher{keys: []signer{edwards, curve, prime}}
	v := newVerifier(t, p)
	for _, key := range p.keys {
		who, err := v.Authenticate(with("Bearer " + key.good(nil)))
		want := handstamp.Identity{UserID: ann, Role: "editor", Method: handstamp.MethodBearer, SessionID: anns}
		if err != nil || who != want {
			t.Errorf("%s: %+v, %v; want %+v", key.algorithm, who, err, want)
		}
	}
	p.wantFetches(t, 1)

	who, err := v.Authenticate(with("Bearer " + edwards.good(map[string]any{"sid": nil, "role": nil})))
	if want := (handstamp.Identity{UserID: ann, Method: handstamp.MethodBearer}); err != nil || who != want {
		t.Errorf("without session and role: %+v, %v", who, err)
	}
	if err := handstamp.Fresh(24*time.Hour)(t.Context(), who); !errors.Is(err, handstamp.ErrNotFresh) {
		t.Errorf("Fresh: %v, though nobody knows when the password was typed", err)
	}
}

func TestWhereATokenIsRead(t *testing.T) {
	v := newVerifier(t, &publisher{keys: []signer{edwards}})
	good := edwards.good(nil)
	for _, c := range []struct {
		name    string
		headers []string
		want    error
	}{
		{"none", nil, handstamp.ErrNoCredential},
		{"empty", []string{""}, handstamp.ErrNoCredential},
		{"Basic", []string{"Basic YW5uOng="}, handstamp.ErrNoCredential},
		{"a scheme that begins alike", []string{"BearerToken " + good}, handstamp.ErrNoCredential},
		{"good", []string{"Bearer " + good}, nil},
		{"lower case", []string{"bearer " + good}, nil},
		{"more spaces", []string{"BEARER   " + good}, nil},
		{"twice", []string{"Bearer " + good, "Bearer " + good}, jwks.ErrInvalid},
		{"behind Basic", []string{"Basic YW5uOng=", "Bearer " + good}, jwks.ErrInvalid},
		{"before Basic", []string{"Bearer " + good, "Basic YW5uOng="}, jwks.ErrInvalid},
		{"without a token", []string{"Bearer "}, jwks.ErrInvalid},
		{"the scheme alone", []string{"Bearer"}, jwks.ErrInvalid},
		{"two in one", []string{"Bearer " + good + " " + good}, jwks.ErrInvalid},
		{"a list", []string{"Bearer " + good + ", Bearer " + good}, jwks.ErrInvalid},
		{"a tab", []string{"Bearer \t" + good}, jwks.ErrInvalid},
		{"a control character", []string{"Bearer " + good + "\x00"}, jwks.ErrInvalid},
	} {
		who, err := v.Authenticate(with(c.headers...))
		if !errors.Is(err, c.want) || err != nil && !who.IsZero() {
			t.Errorf("%s: %+v, %v; want %v", c.name, who, err, c.want)
		}
	}
	r := with()
	r.URL.RawQuery = "access_token=" + good
	if _, err := v.Authenticate(r); !errors.Is(err, handstamp.ErrNoCredential) {
		t.Errorf("in the query: %v, want ErrNoCredential", err)
	}
}

// TestLeeway: a token is good until exp and not at exp, and with a leeway for that much longer.
func TestLeeway(t *testing.T) {
	for _, leeway := range []time.Duration{0, time.Second, 5 * time.Second} {
		synctest.Test(t, func(t *testing.T) {
			v := newVerifier(t, &publisher{keys: []signer{edwards}}, func(c *jwks.Config) { c.Leeway = leeway })
			token := edwards.good(map[string]any{"exp": time.Now().Unix() + 2})
			early := edwards.good(map[string]any{"nbf": time.Now().Add(30 * time.Second).Unix()})
			time.Sleep(2*time.Second + leeway - time.Nanosecond)
			wantStatus(t, v, token, 200)
			time.Sleep(time.Nanosecond)
			wantStatus(t, v, token, 401)

			time.Sleep(28*time.Second - 2*leeway - time.Nanosecond)
			wantStatus(t, v, early, 401)
			time.Sleep(time.Nanosecond)
			wantStatus(t, v, early, 200)
		})
	}
}

// TestRenewableTokens are for their issuer, who knows whether they were replaced, unless a service says otherwise.
func TestRenewableTokens(t *testing.T) {
	p := &publisher{keys: []signer{edwards}}
	same := func(c *jwks.Config) { c.Audience = issuer }
	token := edwards.good(map[string]any{"aud": issuer, "gen": 1})
	wantStatus(t, newVerifier(t, p, same), token, 401)
	wantStatus(t, newVerifier(t, p, same, func(c *jwks.Config) { c.Renewable = true }), token, 200)
	wantStatus(t, newVerifier(t, p, same), edwards.good(map[string]any{"aud": issuer}), 200)
}

func TestChallenge(t *testing.T) {
	v := newVerifier(t, &publisher{})
	if got := v.Challenge(handstamp.ErrNoCredential); got != `Bearer realm="Handstamp"` {
		t.Errorf("without a credential: %s", got)
	}
	if got := v.Challenge(ask(v, "x.y.z")); !strings.HasPrefix(got, `Bearer realm="Handstamp", error="invalid_token"`) {
		t.Errorf("with a bad token: %s", got)
	}
	if got := v.Challenge(handstamp.ErrBadCredential); got != `Bearer realm="Handstamp"` {
		t.Errorf("with another credential that is bad: %s", got)
	}
}

// TestConfig: what would be weak or mean nothing is an error before the first request.
func TestConfig(t *testing.T) {
	for name, c := range map[string]jwks.Config{
		"no issuer":         {Audience: app},
		"no audience":       {Issuer: issuer},
		"no https":          {Issuer: "http://id.example.com", Audience: app},
		"URL without https": {Issuer: issuer, Audience: app, URL: "http://192.0.2.1/keys"},
		"almost localhost":  {Issuer: issuer, Audience: app, URL: "http://localhost.example.com/keys"},
		"another scheme":    {Issuer: issuer, Audience: app, URL: "file:///etc/keys"},
		"no URL":            {Issuer: "Lighthouse", Audience: app},
		"a password":        {Issuer: issuer, Audience: app, URL: "https://ann:s3cret@id.example.com/keys"},
		"leeway":            {Issuer: issuer, Audience: app, Leeway: 6 * time.Second},
		"negative leeway":   {Issuer: issuer, Audience: app, Leeway: -1},
	} {
		if _, err := jwks.New(c); err == nil || strings.Contains(err.Error(), "s3cret") {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, url := range []string{"http://localhost:5000/k", "http://127.0.0.1:5000/k", "http://[::1]:5000/k", "https://keys.internal/k?v=1"} {
		if _, err := jwks.New(jwks.Config{Issuer: issuer, Audience: app, URL: url}); err != nil {
			t.Errorf("%s: %v", url, err)
		}
	}
}

// TestKeysAreFetchedFromTheIssuer when nobody says where else they are.
func TestKeysAreFetchedFromTheIssuer(t *testing.T) {
	asked := make(chan string, 1)
	spy := roundTrip(func(r *http.Request) (*http.Response, error) {
		asked <- r.Method + " " + r.URL.String()
		return (&publisher{keys: []signer{edwards}}).RoundTrip(r)
	})
	wantStatus(t, newVerifier(t, spy), edwards.good(nil), 200)
	if got := <-asked; got != "GET https://id.example.com/.well-known/jwks.json" {
		t.Errorf("%s", got)
	}
}

type roundTrip func(*http.Request) (*http.Response, error)

// RoundTrip implements [http.RoundTripper].
func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func BenchmarkAuthenticate(b *testing.B) {
	v := newVerifier(b, &publisher{keys: []signer{edwards, curve, prime}, cache: "max-age=3600"})
	for _, key := range []signer{edwards, curve, prime} {
		r := with("Bearer " + key.good(map[string]any{"exp": time.Now().Add(time.Hour).Unix()}))
		b.Run(key.algorithm, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := v.Authenticate(r); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
