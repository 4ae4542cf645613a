package pythonapi_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// A publisher serves a set of keys, as /.well-known/jwks.json does.
type publisher struct {
	url string

	mu    sync.Mutex
	keys  jose.JSONWebKeySet
	down  bool
	asked int
}

func newPublisher(t *testing.T, keys ...key) *publisher {
	t.Helper()
	p := &publisher{}
	p.publish(keys...)
	server := httptest.NewServer(p)
	t.Cleanup(server.Close)
	p.url = server.URL
	return p
}

func (p *publisher) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.asked++
	if p.down {
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	w.Header().Set("Content-Type", "application/jwk-set+json")
	_ = json.NewEncoder(w).Encode(p.keys)
}

// publish makes these all the keys there are.
func (p *publisher) publish(keys ...key) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.keys = jose.JSONWebKeySet{}
	for _, k := range keys {
		p.keys.Keys = append(p.keys.Keys, k.public())
	}
}

func (p *publisher) setDown(down bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.down = down
}

// timesAsked returns how often somebody has fetched the keys.
func (p *publisher) timesAsked() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.asked
}

// A key signs tokens.
type key struct {
	id        string
	algorithm jose.SignatureAlgorithm
	private   crypto.Signer
}

func newKey(t *testing.T, id string, algorithm jose.SignatureAlgorithm) key {
	t.Helper()
	var private crypto.Signer
	var err error
	switch algorithm {
	case jose.EdDSA:
		_, private, err = ed25519.GenerateKey(rand.Reader)
	case jose.ES256:
		private, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	case jose.RS256:
		private, err = rsa.GenerateKey(rand.Reader, 2048)
	}
	if err != nil {
		t.Fatal(err)
	}
	return key{id, algorithm, private}
}

func (k key) public() jose.JSONWebKey {
	return jose.JSONWebKey{Key: k.private.Public(), KeyID: k.id, Algorithm: string(k.algorithm), Use: "sig"}
}

// sign returns a token that go-jose makes.
func (k key) sign(t *testing.T, kind string, claims map[string]any) string {
	t.Helper()
	return signAs(t, k.id, jose.SigningKey{Algorithm: k.algorithm, Key: k.private}, kind, claims)
}

// signAs signs with one key, and names any.
func signAs(t *testing.T, kid string, by jose.SigningKey, kind string, claims map[string]any) string {
	t.Helper()
	signer, err := jose.NewSigner(by, (&jose.SignerOptions{}).WithType(jose.ContentType(kind)).WithHeader("kid", kid))
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(claims)
	if err != nil {
		t.Fatal(err)
	}
	signed, err := signer.Sign(text)
	if err != nil {
		t.Fatal(err)
	}
	token, err := signed.CompactSerialize()
	if err != nil {
		t.Fatal(err)
	}
	return token
}

// forge signs a header that go-jose would not make. The key is one for EdDSA.
func (k key) forge(t *testing.T, header, payload string) string {
	t.Helper()
	signed := base64.RawURLEncoding.EncodeToString([]byte(header)) + "." + base64.RawURLEncoding.EncodeToString([]byte(payload))
	signature, err := k.private.Sign(nil, []byte(signed), crypto.Hash(0))
	if err != nil {
		t.Fatal(err)
	}
	return signed + "." + base64.RawURLEncoding.EncodeToString(signature)
}

// claims are those of a good token, with some of them changed; those that are nil are left out.
func claims(changed map[string]any) map[string]any {
	now := time.Now().Unix()
	all := map[string]any{
		"iss": issuer, "aud": audience, "sub": "2ae1e0a1-0000-4000-8000-000000000001", "sid": "2ae1e0a1-0000-4000-8000-000000000002",
		"role": "admin", "jti": "1", "iat": now, "exp": now + 60,
	}
	maps.Copy(all, changed)
	maps.DeleteFunc(all, func(_ string, value any) bool { return value == nil })
	return all
}

// newRedirects returns the URL of a server that sends everybody elsewhere.
func newRedirects(t *testing.T, elsewhere string) string {
	t.Helper()
	server := httptest.NewServer(http.RedirectHandler(elsewhere, http.StatusFound))
	t.Cleanup(server.Close)
	return server.URL
}
