package jwks_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"go.uber.org/goleak"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/token/jwks"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	issuer = "https://id.example.com"
	app    = "https://app.example.com"
)

var (
	ann  = handstamp.IDOf("ann")
	anns = handstamp.IDOf("ann's session")
)

// A signer signs whatever it is given, as an issuer would that means no good.
type signer struct {
	algorithm, kid string
	private        crypto.Signer
}

var (
	edwards = newSigner("EdDSA", "a1")
	curve   = newSigner("ES256", "e1")
	prime   = newSigner("RS256", "r1")
)

func newSigner(algorithm, kid string) signer {
	var private crypto.Signer
	var err error
	switch algorithm {
	case "EdDSA":
		_, private, err = ed25519.GenerateKey(rand.Reader)
	case "ES256":
		private, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	case "RS256":
		private, err = rsa.GenerateKey(rand.Reader, 2048)
	}
	if err != nil {
		panic(err)
	}
	return signer{algorithm, kid, private}
}

func (s signer) public() jose.JSONWebKey {
	return jose.JSONWebKey{Key: s.private.Public(), KeyID: s.kid, Algorithm: s.algorithm, Use: "sig"}
}

func encode(text []byte) string { return base64.RawURLEncoding.EncodeToString(text) }

// token returns a token of these two parts, with a signature that is right.
func (s signer) token(header, claims string) string {
	signed := encode([]byte(header)) + "." + encode([]byte(claims))
	var signature []byte
	var err error
	sum := sha256.Sum256([]byte(signed))
	switch private := s.private.(type) {
	case ed25519.PrivateKey:
		signature = ed25519.Sign(private, []byte(signed))
	case *ecdsa.PrivateKey:
		signature = make([]byte, 64)
		r, t, failed := ecdsa.Sign(rand.Reader, private, sum[:])
		r.FillBytes(signature[:32])
		t.FillBytes(signature[32:])
		err = failed
	case *rsa.PrivateKey:
		signature, err = rsa.SignPKCS1v15(nil, private, crypto.SHA256, sum[:])
	}
	if err != nil {
		panic(err)
	}
	return signed + "." + encode(signature)
}

func (s signer) header() string {
	return `{"alg":"` + s.algorithm + `","kid":"` + s.kid + `","typ":"at+jwt"}`
}

// good returns a token that is good for a minute, but for the claims that change says; nil removes one.
func (s signer) good(change map[string]any) string { return s.token(s.header(), claims(change)) }

func claims(change map[string]any) string {
	all := map[string]any{
		"iss": issuer, "aud": app, "sub": ann.String(), "sid": anns.String(), "role": "editor",
		"iat": time.Now().Unix(), "exp": time.Now().Add(time.Minute).Unix(), "jti": "1",
	}
	for name, value := range change {
		if all[name] = value; value == nil {
			delete(all, name)
		}
	}
	text, err := json.Marshal(all)
	if err != nil {
		panic(err)
	}
	return string(text)
}

// A publisher is the Handstamp server, without a network: it answers with the public keys.
type publisher struct {
	mu      sync.Mutex
	keys    []signer
	cache   string // Cache-Control
	broken  error  // instead of an answer
	hangs   bool   // until nobody waits any more
	fetches int
}

var errAway = errors.New("connection refused")

// RoundTrip implements [http.RoundTripper].
func (p *publisher) RoundTrip(r *http.Request) (*http.Response, error) {
	p.mu.Lock()
	p.fetches++
	hangs, broken := p.hangs, p.broken
	w := httptest.NewRecorder()
	w.Header().Set("Cache-Control", p.cache)
	_, _ = w.Write(setOf(p.keys...))
	p.mu.Unlock()
	if hangs {
		<-r.Context().Done()
		return nil, r.Context().Err()
	}
	if broken != nil {
		return nil, broken
	}
	return w.Result(), nil
}

// change changes the publisher while it is asked.
func (p *publisher) change(do func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	do()
}

func (p *publisher) wantFetches(t *testing.T, want int) {
	t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.fetches != want {
		t.Errorf("the keys were fetched %d times, want %d", p.fetches, want)
	}
}

func setOf(keys ...signer) []byte {
	set := jose.JSONWebKeySet{Keys: []jose.JSONWebKey{}}
	for _, k := range keys {
		set.Keys = append(set.Keys, k.public())
	}
	text, err := json.Marshal(set)
	if err != nil {
		panic(err)
	}
	return text
}

func newVerifier(t testing.TB, p http.RoundTripper, change ...func(*jwks.Config)) *jwks.Verifier {
	t.Helper()
	c := jwks.Config{Issuer: issuer, Audience: app, Client: &http.Client{Transport: p}}
	for _, do := range change {
		do(&c)
	}
	v, err := jwks.New(c)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func with(headers ...string) *http.Request {
	r := httptest.NewRequest("GET", "/", nil)
	if headers != nil {
		r.Header["Authorization"] = headers
	}
	return r
}

func ask(v *jwks.Verifier, token string) error {
	_, err := v.Authenticate(with("Bearer " + token))
	return err
}

// wantStatus checks what a service answers to a token: 200, 401 or 503.
func wantStatus(t *testing.T, v *jwks.Verifier, token string, want int) {
	t.Helper()
	if err := ask(v, token); handstamp.StatusOf(err) != want {
		t.Errorf("%d (%v), want %d", handstamp.StatusOf(err), err, want)
	}
}

// handler answers every request alike.
func handler(status int, headers map[string]string, body string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		for name, value := range headers {
			w.Header().Set(name, value)
		}
		w.WriteHeader(status)
		_, _ = io.Copy(w, strings.NewReader(body))
	})
}
