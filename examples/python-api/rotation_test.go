package pythonapi_test

import (
	"fmt"
	"net/http"
	"os/exec"
	"strings"
	"testing"

	"github.com/go-jose/go-jose/v4"
)

func TestRotationIsPickedUp(t *testing.T) {
	before, after := newKey(t, "before", jose.EdDSA), newKey(t, "after", jose.ES256)
	keys := newPublisher(t, before)
	api := startAPI(t, keys.url)

	old := before.sign(t, "at+jwt", claims(nil))
	for range 3 {
		if got := me(t, api, old); got.status != 200 {
			t.Fatalf("before: %+v", got)
		}
	}
	if n := keys.timesAsked(); n != 1 {
		t.Errorf("fetched %d times for one key, want once", n)
	}

	keys.publish(before, after)
	for _, k := range []key{after, before} {
		if got := me(t, api, k.sign(t, "at+jwt", claims(nil))); got.status != 200 {
			t.Errorf("while both are there, %s: %+v", k.id, got)
		}
	}

	keys.publish(after)
	if got := me(t, api, key{"other", jose.EdDSA, before.private}.sign(t, "at+jwt", claims(nil))); !got.isRefused() { // and fetches
		t.Errorf("unknown: %+v", got)
	}
	if got := me(t, api, old); !got.isRefused() {
		t.Errorf("a key that is gone: %+v", got)
	}
	if got := me(t, api, after.sign(t, "at+jwt", claims(nil))); got.status != 200 {
		t.Errorf("afterwards: %+v", got)
	}
}

// Names of keys that somebody makes up cost the publisher next to nothing, and nobody else anything.
func TestMadeUpKeysAreFetchedFewTimes(t *testing.T) {
	k := newKey(t, "ed", jose.EdDSA)
	keys := newPublisher(t, k)
	api := startAPI(t, keys.url)
	for i := range 50 {
		if got := me(t, api, key{fmt.Sprint("key", i), jose.EdDSA, k.private}.sign(t, "at+jwt", claims(nil))); !got.isRefused() {
			t.Fatalf("%+v", got)
		}
	}
	if n := keys.timesAsked(); n > 6 {
		t.Errorf("fetched %d times", n)
	}
	if got := me(t, api, k.sign(t, "at+jwt", claims(nil))); got.status != 200 {
		t.Errorf("afterwards: %+v", got)
	}
}

func TestWithoutKeysNobodyCanTell(t *testing.T) {
	k := newKey(t, "ed", jose.EdDSA)
	keys := newPublisher(t, k)
	keys.setDown(true)
	api := startAPI(t, keys.url)
	good := k.sign(t, "at+jwt", claims(nil))
	if got := me(t, api, good); got.status != http.StatusServiceUnavailable || got.header.Get("Retry-After") == "" {
		t.Errorf("without keys: %+v", got)
	}
	keys.setDown(false)
	if got := me(t, api, good); got.status != 200 {
		t.Errorf("with keys again: %+v", got)
	}
	keys.setDown(true) // and those that are known are still good
	if got := me(t, api, key{"other", jose.EdDSA, k.private}.sign(t, "at+jwt", claims(nil))); !got.isRefused() {
		t.Errorf("unknown: %+v", got)
	}
	if got := me(t, api, good); got.status != 200 {
		t.Errorf("while the publisher is down: %+v", got)
	}
}

func TestKeysOfNoUseAreLeftOut(t *testing.T) {
	k := newKey(t, "ed", jose.EdDSA)
	keys := newPublisher(t, k)
	secret := []byte(strings.Repeat("s", 32))
	encryption := newKey(t, "enc", jose.RS256).public()
	encryption.Use = "enc"
	nameless := newKey(t, "", jose.EdDSA).public()
	keys.keys.Keys = append([]jose.JSONWebKey{
		{Key: secret, KeyID: "hs", Algorithm: "HS256", Use: "sig"},
		{Key: k.private.Public(), KeyID: "mixed", Algorithm: "RS256", Use: "sig"},
		encryption, nameless,
	}, keys.keys.Keys...)
	api := startAPI(t, keys.url)
	if got := me(t, api, k.sign(t, "at+jwt", claims(nil))); got.status != 200 {
		t.Errorf("beside keys of no use: %+v", got)
	}
	if got := me(t, api, signAs(t, "hs", jose.SigningKey{Algorithm: jose.HS256, Key: secret}, "at+jwt", claims(nil))); !got.isRefused() {
		t.Errorf("a secret that was published: %+v", got)
	}
}

func TestKeysComeBySecureWaysOnly(t *testing.T) {
	if testing.Short() {
		t.Skip("runs Debian's Python")
	}
	for _, url := range []string{"http://id.example.com/jwks.json", "file:///etc/passwd", "ftp://localhost/jwks.json", ""} {
		cmd := exec.CommandContext(t.Context(), "/usr/bin/python3", "-B", "api.py")
		cmd.Env = []string{"JWKS_URL=" + url, "ISSUER=" + issuer, "AUDIENCE=" + audience, "LISTEN=127.0.0.1:0"}
		if out, err := cmd.CombinedOutput(); err == nil || !strings.Contains(string(out), "JWKS_URL: ") {
			t.Errorf("%q: %v, %s", url, err, out)
		}
	}

	// Nor are redirects followed: they could lead anywhere.
	k := newKey(t, "ed", jose.EdDSA)
	elsewhere := newPublisher(t, k)
	redirects := newRedirects(t, elsewhere.url)
	if got := me(t, startAPI(t, redirects), k.sign(t, "at+jwt", claims(nil))); got.status != http.StatusServiceUnavailable {
		t.Errorf("redirected: %+v", got)
	}
	if elsewhere.timesAsked() != 0 {
		t.Error("followed a redirect")
	}
}
