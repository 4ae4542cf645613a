package timed_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/handstamp/handstamp/token/timed"
)

// All that can be wrong behind a good signature, and what a caller is told of it.
func TestVerifyTellsWhatIsWrong(t *testing.T) {
	s := newSigner(t, secret, timed.Options{})
	const far = "4102444800" // in 2100
	good := `{"alg":"HS512","iat":1700000000,"exp":` + far + `}`
	unsigned := strings.Join(strings.Split(forge(good, `1`), ".")[:2], ".")
	for _, c := range []struct {
		name, token string
		want        error // nil if the token is good
	}{
		{"as it should be", forge(good, `{"id":1}`), nil},
		{"fields of others first", forge(`{"kid":"x","alg":"HS512","exp":`+far+`}`, `1`), nil},
		{"lifetime with decimals", forge(`{"alg":"HS512","exp":`+far+`.5}`, `1`), nil},
		{"escaped name", forge(`{"\u0061lg":"HS512","exp":`+far+`}`, `1`), nil},

		{"nothing", "", timed.ErrBadSignature},
		{"one part", "abc", timed.ErrBadSignature},
		{"dots", "..", timed.ErrBadSignature},
		{"no signature", strings.TrimRight(forge(good, `1`), "-_0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"), timed.ErrBadSignature},
		{"too long", forge(good, `"`+strings.Repeat("x", 8<<10)+`"`), timed.ErrBadSignature},
		{"padding", forge(good, `1`) + "==", timed.ErrBadSignature},
		{"line feed", forge(good, `1`) + "\n", timed.ErrBadSignature},
		{"carriage return", "\r" + forge(good, `1`), timed.ErrBadSignature},
		{"line break in the signature", strings.Replace(forge(good, `1`), ".MQ.", ".MQ.\r\n", 1), timed.ErrBadSignature},
		{"two signatures", forge(good, `1`) + "." + strings.Split(forge(good, `1`), ".")[2], timed.ErrBadSignature},
		{"no exp", forge(`{"alg":"HS512","iat":1700000000}`, `1`), timed.ErrBadSignature},

		{"one part, signed", forgeText("abc"), timed.ErrBadPayload},
		{"header is no base64", forgeText("a.MQ"), timed.ErrBadHeader},
		{"header with padding", forgeText("e30=.MQ"), timed.ErrBadHeader},
		{"header with a line feed", forgeText(unsigned[:4] + "\n" + unsigned[4:]), timed.ErrBadHeader},
		{"empty header", forgeText(".MQ"), timed.ErrBadHeader},
		{"header is no JSON", forge(`{`, `1`), timed.ErrBadHeader},
		{"header is no object", forge(`[1]`, `1`), timed.ErrBadHeader},
		{"header is null", forge(`null`, `1`), timed.ErrBadHeader},
		{"header is not UTF-8", forge("{\"\xff\":1}", `1`), timed.ErrBadHeader},
		{"no algorithm", forge(`{"exp":`+far+`}`, `1`), timed.ErrBadHeader},
		{"algorithm none", forge(`{"alg":"none","exp":`+far+`}`, `1`), timed.ErrBadHeader},
		{"another algorithm", forge(`{"alg":"HS256","exp":`+far+`}`, `1`), timed.ErrBadHeader},
		{"algorithm in lower case", forge(`{"alg":"hs512","exp":`+far+`}`, `1`), timed.ErrBadHeader},
		{"name in upper case", forge(`{"ALG":"HS512","exp":`+far+`}`, `1`), timed.ErrBadHeader},
		{"algorithm is no text", forge(`{"alg":512,"exp":`+far+`}`, `1`), timed.ErrBadHeader},
		{"exp twice", forge(`{"alg":"HS512","exp":1,"exp":`+far+`}`, `1`), timed.ErrBadHeader},
		{"extensions", forge(`{"alg":"HS512","crit":["b64"],"exp":`+far+`}`, `1`), timed.ErrBadHeader},
		{"exp is null", forge(`{"alg":"HS512","exp":null}`, `1`), timed.ErrBadHeader},
		{"exp is true", forge(`{"alg":"HS512","exp":true}`, `1`), timed.ErrBadHeader},
		{"exp is text", forge(`{"alg":"HS512","exp":"`+far+`"}`, `1`), timed.ErrBadHeader},
		{"exp is negative", forge(`{"alg":"HS512","exp":-1}`, `1`), timed.ErrBadHeader},
		{"exp is beyond all time", forge(`{"alg":"HS512","exp":1e300}`, `1`), timed.ErrBadHeader},

		{"exp is zero", forge(`{"alg":"HS512","exp":0}`, `1`), timed.ErrExpired},
		{"expired long ago", forge(`{"alg":"HS512","exp":1.5}`, `1`), timed.ErrExpired},

		{"three parts, signed", forgeText(unsigned + ".MQ"), timed.ErrBadPayload},
		{"payload is no JSON", forge(good, `{`), timed.ErrBadPayload},
		{"payload is Python's", forge(good, `NaN`), timed.ErrBadPayload},
		{"payload is empty", forge(good, ``), timed.ErrBadPayload},
		{"payload is not UTF-8", forge(good, "\"\xff\""), timed.ErrBadPayload},
	} {
		err := s.Verify(c.token, nil)
		if !errors.Is(err, c.want) || c.want == nil && err != nil {
			t.Errorf("%s: %v, want %v", c.name, err, c.want)
		}
		// One kind only: an expired token is no bad header, and none of these is a mere bad signature.
		for _, other := range []error{timed.ErrBadHeader, timed.ErrExpired, timed.ErrBadPayload} {
			if errors.Is(err, other) && other != c.want {
				t.Errorf("%s: %v is %v, too", c.name, err, other)
			}
		}
		if isSignature := errors.Is(err, timed.ErrBadSignature); isSignature != (c.want != nil && c.want != timed.ErrBadPayload) {
			t.Errorf("%s: %v; is it a bad signature: %v", c.name, err, isSignature)
		}
	}
}

func TestEveryCharacterCounts(t *testing.T) {
	s := newSigner(t, secret, timed.Options{})
	token := sign(t, s, map[string]int{"id": 1}, time.Hour)
	for i := range token {
		if err := s.Verify(token[:i], nil); err == nil {
			t.Errorf("taken when cut to %d characters", i)
		}
		for _, c := range "A.-=b \n" {
			changed := token[:i] + string(c) + token[i+1:]
			if err := s.Verify(changed, nil); changed != token && err == nil {
				t.Errorf("taken with %q at %d", c, i)
			}
		}
	}
}

func TestTokensOfOtherKeys(t *testing.T) {
	signers := map[string]*timed.Signer{
		"default":        newSigner(t, secret, timed.Options{}),
		"another secret": newSigner(t, another, timed.Options{}),
		"HS256":          newSigner(t, secret, timed.Options{Algorithm: timed.HS256}),
		"HS384":          newSigner(t, secret, timed.Options{Algorithm: timed.HS384}),
		"salt":           newSigner(t, secret, timed.Options{Salt: "activate"}),
		"another salt":   newSigner(t, secret, timed.Options{Salt: "reset"}),
	}
	for from, signer := range signers {
		token := sign(t, signer, 1, time.Hour)
		for to, verifier := range signers {
			if err := verifier.Verify(token, nil); (err == nil) != (from == to) || err != nil && !errors.Is(err, timed.ErrBadSignature) {
				t.Errorf("of %s, by %s: %v", from, to, err)
			}
		}
	}
}

func TestOlderSecretsVerifyAndDoNotSign(t *testing.T) {
	before := newSigner(t, another, timed.Options{Salt: "activate"})
	after := newSigner(t, secret, timed.Options{Salt: "activate", Older: []string{another}})
	if err := after.Verify(sign(t, before, 1, time.Hour), nil); err != nil {
		t.Errorf("of the older secret: %v", err)
	}
	fresh := sign(t, after, 1, time.Hour)
	if err := after.Verify(fresh, nil); err != nil {
		t.Errorf("of the secret that signs: %v", err)
	}
	if err := before.Verify(fresh, nil); !errors.Is(err, timed.ErrBadSignature) {
		t.Errorf("by the older secret alone: %v", err)
	}
}

func TestVerifyIntoWhatDoesNotFit(t *testing.T) {
	s := newSigner(t, secret, timed.Options{})
	token := sign(t, s, json.RawMessage(`{"id":"one"}`), time.Hour)
	var payload struct{ ID int }
	if err := s.Verify(token, &payload); !errors.Is(err, timed.ErrBadPayload) || errors.Is(err, timed.ErrBadSignature) {
		t.Errorf("%v, want ErrBadPayload", err)
	}
}
