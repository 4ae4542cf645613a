package timed_test

import (
	"crypto/hmac"
	"crypto/sha512"
	"encoding/base64"
	"strings"
	"testing"
	"time"

	"github.com/handstamp/handstamp/token/timed"
)

// secret and another are what tokens of these tests are signed under.
var secret, another = strings.Repeat("s", 32), strings.Repeat("a", 32)

// issued is when the tokens of the vectors were made.
var issued = time.Unix(1_700_000_000, 0)

// sleepUntil is for tests in a bubble of synctest, whose clock begins in 2000.
func sleepUntil(at time.Time) { time.Sleep(time.Until(at)) }

func newSigner(t testing.TB, secret string, o timed.Options) *timed.Signer {
	t.Helper()
	s, err := timed.New(secret, o)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func sign(t testing.TB, s *timed.Signer, payload any, lifetime time.Duration) string {
	t.Helper()
	token, err := s.Sign(payload, lifetime)
	if err != nil {
		t.Fatal(err)
	}
	return token
}

// forge signs whatever it is given as HS512 under secret, by nothing but the standard library.
func forge(header, payload string) string {
	return forgeText(base64.RawURLEncoding.EncodeToString([]byte(header)) + "." + base64.RawURLEncoding.EncodeToString([]byte(payload)))
}

func forgeText(signed string) string {
	mac := hmac.New(sha512.New, []byte(secret))
	mac.Write([]byte(signed))
	return signed + "." + base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}
