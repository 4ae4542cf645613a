package keyring_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/store/memory"
	"github.com/handstamp/handstamp/token/keyring"
)

// The example of Plone's format, whose key is "secret/plone/acl_users/jwt_auth" in all. As "secret"
// alone is too short to be taken, it is split elsewhere here.
const (
	ploneSecret = "secret/plone/acl_users"
	plonePath   = "/jwt_auth"
)

var ploneExamples = map[string]string{
	`{"sub":"admin","exp":1700043200,"fullname":""}`: "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJhZG1pbiIsImV4cCI6MTcwMDA0MzIwMCwiZnVsbG5hbWUiOiIifQ.Fwz1Ny3xg767lolufTWr5-zcA8vSZLDkhhK5uOciaL8",
	`{"sub":"admin","fullname":""}`:                  "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJhZG1pbiIsImZ1bGxuYW1lIjoiIn0.S9kUg8j-Iju0eaOpot7asXiZO8mlJX1fQVt9MPQpXBg",
}

func TestPloneExamples(t *testing.T) {
	k := open(t, memory.NewKeys(), keyring.Config{})
	if _, err := k.SignPlone([]byte(claims), plonePath); err == nil {
		t.Error("signed without a secret")
	}
	if _, err := k.Import(t.Context(), []byte(ploneSecret)); err != nil {
		t.Fatal(err)
	}
	for payload, token := range ploneExamples {
		if got, err := k.SignPlone([]byte(payload), plonePath); err != nil || got != token {
			t.Errorf("signed %s, %v; want %s", got, err, token)
		}
		if got, err := k.VerifyPlone(token, plonePath); err != nil || string(got) != payload {
			t.Errorf("verified %s, %v; want %s", got, err, payload)
		}
		for _, path := range []string{"", "/", "/jwt_aut", "/jwt_auth/", "/other/jwt_auth"} {
			if got, err := k.VerifyPlone(token, path); !errors.Is(err, keyring.ErrToken) {
				t.Errorf("for %q: %s, %v", path, got, err)
			}
		}
	}
}

// TestPloneIsApart: neither format is taken for the other, and no secret is published.
func TestPloneIsApart(t *testing.T) {
	k := open(t, memory.NewKeys(), keyring.Config{Plone: true})
	plones, err := k.SignPlone([]byte(claims), plonePath)
	if err != nil {
		t.Fatal(err)
	}
	wantBad(t, k, "Plone's token", plones)
	if _, err := k.VerifyPlone(sign(t, k), plonePath); !errors.Is(err, keyring.ErrToken) {
		t.Errorf("our token as Plone's: %v", err)
	}
	text, err := k.JWKS()
	if err != nil || strings.Contains(string(text), "oct") || strings.Contains(string(text), the(t, k, keyring.Signing, true).ID) {
		t.Errorf("%s, %v", text, err)
	}
}

// TestPloneRotates: the secret of before is good until its overlap is over, and other processes know a
// new one at once.
func TestPloneRotates(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := memory.NewKeys()
		k, other := open(t, store, keyring.Config{Plone: true}), open(t, store, keyring.Config{Plone: true})
		token, err := k.SignPlone([]byte(claims), plonePath)
		if err != nil {
			t.Fatal(err)
		}
		rotate(t, k, time.Hour)
		rotate(t, k, time.Hour) // so that the other does not know it as the next one either
		fresh, err := k.SignPlone([]byte(claims), plonePath)
		if err != nil {
			t.Fatal(err)
		}
		for _, token := range []string{token, fresh} {
			if got, err := other.VerifyPlone(token, plonePath); err != nil || string(got) != claims {
				t.Errorf("%s, %v", got, err)
			}
		}
		time.Sleep(time.Hour)
		if _, err := k.VerifyPlone(token, plonePath); !errors.Is(err, keyring.ErrToken) {
			t.Errorf("after the overlap: %v", err)
		}
		if _, err := k.VerifyPlone(fresh, plonePath); err != nil {
			t.Errorf("of the secret that signs: %v", err)
		}
	})
}

// TestImport: an imported secret signs, is not rotated by schedule, and goes by hand like any other.
func TestImport(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		heard := new(witness)
		k := open(t, memory.NewKeys(), keyring.Config{Plone: true, Every: time.Hour, Overlap: 2 * time.Hour, Notify: heard.hear})
		before, err := k.SignPlone([]byte(claims), plonePath)
		if err != nil {
			t.Fatal(err)
		}
		imported, err := k.Import(t.Context(), []byte(ploneSecret))
		if err != nil || !imported.Imported || imported.Role() != keyring.Signing {
			t.Fatalf("%+v, %v", imported, err)
		}
		if _, err := k.VerifyPlone(before, plonePath); err != nil {
			t.Errorf("of the secret before: %v", err)
		}
		time.Sleep(20 * time.Hour)
		if now := the(t, k, keyring.Signing, true); now.ID != imported.ID {
			t.Error("an imported secret was rotated by schedule")
		}
		if _, err := k.VerifyPlone(before, plonePath); !errors.Is(err, keyring.ErrToken) {
			t.Errorf("of the secret before, after its overlap: %v", err)
		}
		if heard.count(handstamp.ActionKeyRotate) < 19 {
			t.Error("our own keys were not rotated by schedule")
		}
		rotate(t, k, 0)
		for _, token := range ploneExamples {
			if _, err := k.VerifyPlone(token, plonePath); !errors.Is(err, keyring.ErrToken) {
				t.Errorf("after a leak: %v", err)
			}
		}
	})
}

func TestImportRefuses(t *testing.T) {
	k := open(t, memory.NewKeys(), keyring.Config{})
	for _, n := range []int{0, keyring.MinSecret - 1, keyring.MaxSecret + 1} {
		if _, err := k.Import(t.Context(), make([]byte, n)); !errors.Is(err, keyring.ErrSecret) {
			t.Errorf("%d bytes: %v", n, err)
		}
	}
	if _, err := k.SignPlone([]byte(claims), plonePath); err == nil {
		t.Error("a secret that was refused signs")
	}
}

// TestPloneAttacks: what is signed right in every way but one, and what is not signed.
func TestPloneAttacks(t *testing.T) {
	k := open(t, memory.NewKeys(), keyring.Config{})
	if _, err := k.Import(t.Context(), []byte(ploneSecret)); err != nil {
		t.Fatal(err)
	}
	mac := func(header, payload string) string {
		input := encode(header) + "." + encode(payload)
		h := hmac.New(sha256.New, []byte(ploneSecret+plonePath))
		h.Write([]byte(input))
		return input + "." + base64.RawURLEncoding.EncodeToString(h.Sum(nil))
	}
	good := mac(`{"alg":"HS256","typ":"JWT"}`, claims)
	if _, err := k.VerifyPlone(good, plonePath); err != nil {
		t.Fatal(err)
	}
	bad := map[string]string{"empty": "", "dots": "..", "huge": good + strings.Repeat("A", 1<<20)}
	for _, header := range []string{
		`{"typ":"JWT","alg":"HS256"}`, `{"alg":"HS256","typ":"JWT","alg":"none"}`, `{"alg":"none","typ":"JWT"}`, `{"alg":"HS256"}`,
		`{"alg":"HS512","typ":"JWT"}`, `{"alg": "HS256","typ":"JWT"}`, `{"alg":"HS256","typ":"JWT","crit":["b64"],"b64":false}`,
		`{"alg":"HS256","typ":"at+jwt"}`, `{"alg":"HS256","kid":"../../dev/null","typ":"JWT"}`,
	} {
		bad[header] = mac(header, claims)
	}
	for name, token := range spellings(good) {
		bad[name] = token
	}
	for name, token := range bad {
		if got, err := k.VerifyPlone(token, plonePath); !errors.Is(err, keyring.ErrToken) || got != nil {
			t.Errorf("%s: %s, %v", name, got, err)
		}
	}
}
