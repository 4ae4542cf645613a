package jwks_test

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	"github.com/handstamp/handstamp/store/memory"
	"github.com/handstamp/handstamp/token/keyring"
)

// TestKeyring is about the tokens that a server really signs, with the keys that it really publishes, and what becomes of
// them when keys are rotated.
func TestKeyring(t *testing.T) {
	for _, algorithm := range []keyring.Algorithm{keyring.EdDSA, keyring.ES256, keyring.RS256} {
		t.Run(string(algorithm), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				keys, err := keyring.Open(t.Context(), memory.NewKeys(), make([]byte, 32), keyring.Config{Algorithm: algorithm})
				if err != nil {
					t.Fatal(err)
				}
				defer keys.Close()
				v := newVerifier(t, roundTrip(func(r *http.Request) (*http.Response, error) {
					w := httptest.NewRecorder()
					keys.ServeJWKS(w, r)
					return w.Result(), nil
				}))
				sign := func() string {
					t.Helper()
					token, err := keys.Sign([]byte(claims(map[string]any{"exp": time.Now().Unix() + 86400})))
					if err != nil {
						t.Fatal(err)
					}
					return token
				}
				rotate := func(overlap time.Duration) {
					t.Helper()
					if _, err := keys.Rotate(t.Context(), overlap); err != nil {
						t.Fatal(err)
					}
				}
				first := sign()
				wantStatus(t, v, first, 200)
				rotate(time.Hour)
				wantStatus(t, v, sign(), 200) // of the next key, which was published before
				wantStatus(t, v, first, 200)
				rotate(0) // the keys have leaked
				time.Sleep(time.Second)
				wantStatus(t, v, sign(), 200)
				wantStatus(t, v, first, 401)
			})
		})
	}
}
