package timed_test

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/handstamp/handstamp/token/timed"
)

// payloadOf returns the payload in a token, as it stands there.
func payloadOf(t *testing.T, token string) string {
	t.Helper()
	text, err := base64.RawURLEncoding.DecodeString(strings.Split(token, ".")[1])
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestPayloadsAreWrittenAsPythonDoes(t *testing.T) {
	for _, c := range []struct {
		payload    any
		raw, ascii string
	}{
		{struct{ B, A string }{"<&>", "é"}, `{"B":"<&>","A":"é"}`, `{"B":"<&>","A":"\u00e9"}`},
		{json.RawMessage("{ \"z\" : 1.50,\n\"a\":[ ] }"), `{"z":1.50,"a":[]}`, `{"z":1.50,"a":[]}`},
		{json.RawMessage("\"\u2028\""), "\"\u2028\"", `"\u2028"`},
		{"\u2028\u2029 \\u2028 \\\\", "\"\u2028\u2029 \\\\u2028 \\\\\\\\\"", `"\u2028\u2029 \\u2028 \\\\"`},
		{"😀\x7f\x01\b\f\n", "\"😀\x7f\\u0001\\b\\f\\n\"", `"\ud83d\ude00\u007f\u0001\b\f\n"`},
		{nil, "null", "null"},
	} {
		for isASCII, want := range map[bool]string{false: c.raw, true: c.ascii} {
			s := newSigner(t, secret, timed.Options{ASCII: isASCII})
			token := sign(t, s, c.payload, time.Hour)
			if got := payloadOf(t, token); got != want {
				t.Errorf("%#v, ASCII %v: %s, want %s", c.payload, isASCII, got, want)
			}
			if err := newSigner(t, secret, timed.Options{}).Verify(token, nil); err != nil {
				t.Errorf("%#v, ASCII %v: %v", c.payload, isASCII, err)
			}
		}
	}
}

func TestSignRefusesWhatNobodyCouldUse(t *testing.T) {
	s := newSigner(t, secret, timed.Options{})
	for _, c := range []struct {
		name     string
		payload  any
		lifetime time.Duration
		want     error // nil for any
	}{
		{name: "no lifetime", payload: 1},
		{name: "less than a second", payload: 1, lifetime: time.Second - 1},
		{name: "no JSON", payload: math.NaN(), lifetime: time.Hour},
		{name: "broken JSON", payload: json.RawMessage(`{`), lifetime: time.Hour},
		{name: "no UTF-8", payload: json.RawMessage("\"\xff\""), lifetime: time.Hour},
		{name: "too long", payload: strings.Repeat("x", 8<<10), lifetime: time.Hour, want: timed.ErrTooLong},
	} {
		token, err := s.Sign(c.payload, c.lifetime)
		if err == nil || token != "" || c.want != nil && !errors.Is(err, c.want) {
			t.Errorf("%s: token %q, error %v", c.name, token, err)
		}
	}
}

func TestNewRefusesWeakSettings(t *testing.T) {
	for _, c := range []struct {
		name, secret string
		options      timed.Options
		isShort      bool
	}{
		{name: "short", secret: secret[1:], isShort: true},
		{name: "a short one before", secret: secret, options: timed.Options{Older: []string{"secret"}}, isShort: true},
		{name: "empty", options: timed.Options{AllowShortSecrets: true}, isShort: true},
		{name: "none", secret: secret, options: timed.Options{Algorithm: "none"}},
		{name: "lower case", secret: secret, options: timed.Options{Algorithm: "hs512"}},
		{name: "RSA", secret: secret, options: timed.Options{Algorithm: "RS256"}},
	} {
		if _, err := timed.New(c.secret, c.options); err == nil || errors.Is(err, timed.ErrShortSecret) != c.isShort {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	if _, err := timed.New("secret", timed.Options{AllowShortSecrets: true}); err != nil {
		t.Errorf("a short secret that is allowed: %v", err)
	}
}

func TestPrintingHidesSecrets(t *testing.T) {
	s := newSigner(t, secret, timed.Options{Older: []string{another}})
	p, err := timed.NewPurpose("test", secret)
	if err != nil {
		t.Fatal(err)
	}
	for _, format := range []string{"%v", "%+v", "%#v", "%s", "%x"} {
		for _, value := range []any{s, *s, p, *p} {
			text := fmt.Sprintf(format, value)
			if strings.Contains(text, "ssss") || strings.Contains(text, "aaaa") || strings.Contains(text, "115, 115") || strings.Contains(text, "7373") {
				t.Errorf("%s of %T: %s", format, value, text)
			}
		}
	}
}
