package timed_test

import (
	_ "embed"
	"encoding/json"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/handstamp/handstamp/token/timed"
)

// vectorsJSON are tokens that itsdangerous 0.24 (HS256) and 1.1 and 2.0 (HS512) made of the secret "secret".
//
//go:embed testdata/vectors.json
var vectorsJSON []byte

type vector struct {
	Algorithm      timed.Algorithm
	Salt           string
	Lifetime       time.Duration // in seconds
	Payload, Token string
}

func vectors(t testing.TB) []vector {
	t.Helper()
	var all []vector
	if err := json.Unmarshal(vectorsJSON, &all); err != nil {
		t.Fatal(err)
	}
	for i := range all {
		all[i].Lifetime *= time.Second
	}
	return all
}

func TestSignMakesTheBytesOfItsdangerous(t *testing.T) {
	all := vectors(t)
	if len(all) != 7 {
		t.Fatalf("%d vectors, want 7", len(all))
	}
	for _, v := range all {
		synctest.Test(t, func(t *testing.T) {
			sleepUntil(issued)
			s := newSigner(t, "secret", timed.Options{Algorithm: v.Algorithm, Salt: v.Salt, AllowShortSecrets: true})
			if got := sign(t, s, json.RawMessage(v.Payload), v.Lifetime); got != v.Token {
				t.Errorf("%s, salt %q, %s:\n got %s\nwant %s", v.Algorithm, v.Salt, v.Payload, got, v.Token)
			}
		})
	}
}

func TestVerifyTakesItsdangerousTokensUntilTheirLastSecond(t *testing.T) {
	for _, v := range vectors(t) {
		synctest.Test(t, func(t *testing.T) {
			sleepUntil(issued)
			s := newSigner(t, "secret", timed.Options{Algorithm: v.Algorithm, Salt: v.Salt, AllowShortSecrets: true})
			var payload json.RawMessage
			verify := func() error { return s.Verify(v.Token, &payload) }

			if err := verify(); err != nil || string(payload) != v.Payload {
				t.Errorf("%s: %v, payload %s", v.Token, err, payload)
			}
			time.Sleep(v.Lifetime + time.Second - time.Nanosecond)
			if err := verify(); err != nil {
				t.Errorf("at the end of its last second: %v", err)
			}
			time.Sleep(time.Nanosecond)
			err := verify()
			expired, ok := errors.AsType[*timed.ExpiredError](err)
			if !ok || !errors.Is(err, timed.ErrExpired) || !errors.Is(err, timed.ErrBadSignature) {
				t.Fatalf("a second later: %v, want ErrExpired", err)
			}
			if !expired.IssuedAt.Equal(issued) || !expired.ExpiresAt.Equal(issued.Add(v.Lifetime)) || string(expired.Payload) != v.Payload {
				t.Errorf("expired: %+v", expired)
			}
		})
	}
}
