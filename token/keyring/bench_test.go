package keyring_test

import (
	"testing"

	"github.com/handstamp/handstamp/store/memory"
	"github.com/handstamp/handstamp/token/keyring"
)

func BenchmarkSign(b *testing.B)   { benchmark(b, false) }
func BenchmarkVerify(b *testing.B) { benchmark(b, true) }

// benchmark signs, or verifies, with each algorithm.
func benchmark(b *testing.B, isVerify bool) {
	for _, a := range []keyring.Algorithm{keyring.EdDSA, keyring.ES256, keyring.RS256, keyring.HS256} {
		b.Run(string(a), func(b *testing.B) {
			c := keyring.Config{Algorithm: a}
			if a == keyring.HS256 {
				c = keyring.Config{Plone: true}
			}
			store := newStore(a)
			if a == keyring.HS256 {
				store = memory.NewKeys()
			}
			k := open(b, store, c)
			do := func() (string, error) { return k.Sign([]byte(claims)) }
			check := func(token string) error { _, _, err := k.Verify(token); return err }
			if a == keyring.HS256 {
				do = func() (string, error) { return k.SignPlone([]byte(claims), plonePath) }
				check = func(token string) error { _, err := k.VerifyPlone(token, plonePath); return err }
			}
			token, err := do()
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				if isVerify {
					err = check(token)
				} else {
					_, err = do()
				}
				if err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
