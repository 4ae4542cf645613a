package timed_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/handstamp/handstamp/token/timed"
)

// FuzzVerify gives Verify what anybody can send, and what only who has the secret can make.
func FuzzVerify(f *testing.F) {
	for _, v := range vectors(f) {
		f.Add(v.Token)
	}
	for _, seed := range []string{
		"", ".", "..", "a.b.c", `{"alg":"HS512","exp":4102444800}.{"id":1}`, `{"alg":"HS512","exp":1e9}.1`,
		`{"alg":"none"}.null`, `{"alg":"HS512","exp":-0}.[[]]`, "{\"alg\":\"HS512\",\"exp\":99999999999}.\"\xff\"",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		s := newSigner(t, secret, timed.Options{})
		if err := s.Verify(text, nil); err == nil {
			signed := text[:max(0, strings.LastIndexByte(text, '.'))]
			if forgeText(signed) != text {
				t.Errorf("%q is taken, and nobody has signed it", text)
			}
		}
		_ = s.Verify(forgeText(text), nil) // whatever it is, it must not panic

		header, payload, _ := strings.Cut(text, ".")
		var got json.RawMessage
		if s.Verify(forge(header, payload), &got) != nil {
			return
		}
		var says struct {
			Alg string
			Exp float64
		}
		if err := json.Unmarshal([]byte(header), &says); err != nil || says.Alg != "HS512" || says.Exp+1 < float64(time.Now().Unix()) {
			t.Errorf("taken with the header %q", header)
		}
		if !utf8.ValidString(payload) || !json.Valid([]byte(payload)) || strings.TrimSpace(string(got)) != strings.TrimSpace(payload) {
			t.Errorf("taken with the payload %q, read as %q", payload, got)
		}
	})
}
