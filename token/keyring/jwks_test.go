package keyring_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"github.com/handstamp/handstamp/store/memory"
	"github.com/handstamp/handstamp/token/keyring"
)

// TestJWKS: another program verifies with what is published, and there is nothing private in it.
func TestJWKS(t *testing.T) {
	eachAlgorithm(t, func(t *testing.T, a keyring.Algorithm, _ keyring.Store, k *keyring.Keyring) {
		text, err := k.JWKS()
		if err != nil {
			t.Fatal(err)
		}
		var set jose.JSONWebKeySet
		if err := json.Unmarshal(text, &set); err != nil {
			t.Fatal(err)
		}
		signed, err := jose.ParseSignedCompact(sign(t, k), []jose.SignatureAlgorithm{jose.SignatureAlgorithm(a)})
		if err != nil {
			t.Fatal(err)
		}
		if got, err := signed.Verify(set); err != nil || string(got) != claims {
			t.Errorf("%s, %v", got, err)
		}

		var members struct{ Keys []map[string]string }
		if err := json.Unmarshal(text, &members); err != nil || len(members.Keys) != 2 {
			t.Fatalf("%s, %v", text, err)
		}
		public := map[keyring.Algorithm][]string{
			keyring.EdDSA: {"alg", "crv", "kid", "kty", "use", "x"},
			keyring.ES256: {"alg", "crv", "kid", "kty", "use", "x", "y"},
			keyring.RS256: {"alg", "e", "kid", "kty", "n", "use"},
		}
		for _, key := range members.Keys {
			var names []string
			for name := range key {
				names = append(names, name)
			}
			slices.Sort(names)
			if !slices.Equal(names, public[a]) || key["use"] != "sig" || key["alg"] != string(a) {
				t.Errorf("published: %v", key)
			}
		}
	})
}

func TestServeJWKS(t *testing.T) {
	k := open(t, memory.NewKeys(), keyring.Config{Plone: true})
	ask := func(method, etag string) *http.Response {
		r := httptest.NewRequestWithContext(t.Context(), method, "/.well-known/jwks.json", nil)
		if etag != "" {
			r.Header.Set("If-None-Match", etag)
		}
		w := httptest.NewRecorder()
		k.ServeJWKS(w, r)
		return w.Result()
	}
	full := ask("GET", "")
	for name, want := range map[string]string{
		"Content-Type":                "application/jwk-set+json",
		"Cache-Control":               "public, max-age=300, stale-while-revalidate=60, stale-if-error=3600",
		"Access-Control-Allow-Origin": "*",
	} {
		if got := full.Header.Get(name); got != want || full.StatusCode != 200 {
			t.Errorf("%d, %s: %q, want %q", full.StatusCode, name, got, want)
		}
	}
	var set struct{ Keys []struct{ Kid string } }
	if err := json.NewDecoder(full.Body).Decode(&set); err != nil || len(set.Keys) != 2 {
		t.Errorf("%+v, %v", set, err)
	}
	etag := full.Header.Get("ETag")
	if same := ask("GET", etag); etag == "" || same.StatusCode != 304 || same.Header.Get("Cache-Control") == "" {
		t.Errorf("asked again with ETag %s: %s", etag, same.Status)
	}
	if head := ask("HEAD", ""); head.StatusCode != 200 || head.ContentLength != full.ContentLength || head.Header.Get("ETag") != etag {
		t.Errorf("HEAD: %s, %d bytes", head.Status, head.ContentLength)
	}
	for _, method := range []string{"POST", "PUT", "DELETE", "OPTIONS", "PATCH"} {
		if answer := ask(method, ""); answer.StatusCode != 405 || answer.Header.Get("Allow") != "GET, HEAD" {
			t.Errorf("%s: %s", method, answer.Status)
		}
	}
	rotate(t, k, time.Hour)
	if now := ask("GET", etag); now.StatusCode != 200 || now.Header.Get("ETag") == etag {
		t.Errorf("after a rotation: %s", now.Status)
	}
}
