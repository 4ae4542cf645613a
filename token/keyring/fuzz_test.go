package keyring_test

import (
	"errors"
	"testing"

	"github.com/handstamp/handstamp/store/memory"
	"github.com/handstamp/handstamp/token/keyring"
)

// FuzzVerify: nothing is accepted but what was signed, letter for letter, and nothing panics.
func FuzzVerify(f *testing.F) {
	k := open(f, memory.NewKeys(), keyring.Config{Plone: true})
	ours := sign(f, k)
	plones, err := k.SignPlone([]byte(claims), plonePath)
	if err != nil {
		f.Fatal(err)
	}
	for _, seed := range []string{ours, plones, "", ".", "..", "e30.e30.", `{"payload":"e30","signatures":[]}`, "e30.e30.e30.e30.e30"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, token string) {
		if _, _, err := k.Verify(token); err == nil && token != ours || err != nil && !errors.Is(err, keyring.ErrToken) {
			t.Errorf("Verify: %v", err)
		}
		if _, err := k.VerifyPlone(token, plonePath); err == nil && token != plones || err != nil && !errors.Is(err, keyring.ErrToken) {
			t.Errorf("VerifyPlone: %v", err)
		}
	})
}
