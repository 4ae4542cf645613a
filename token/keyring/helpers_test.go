package keyring_test

import (
	"bytes"
	"context"
	"crypto"
	"crypto/aes"
	"crypto/cipher"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"errors"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/store/memory"
	"github.com/handstamp/handstamp/token/keyring"
)

var seal = bytes.Repeat([]byte{7}, 32)

const claims = `{"sub":"ada","exp":1700043200}`

// open opens a keyring until the test ends.
func open(t testing.TB, store keyring.Store, c keyring.Config) *keyring.Keyring {
	t.Helper()
	k, err := keyring.Open(t.Context(), store, seal, c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(k.Close)
	return k
}

// rsaKeys has keys for RS256, as they take long to make. Only those who do not change them may use it.
var rsaKeys = sync.OnceValue(func() keyring.Store {
	store := memory.NewKeys()
	k, err := keyring.Open(context.Background(), store, seal, keyring.Config{Algorithm: keyring.RS256})
	if err != nil {
		panic(err)
	}
	k.Close()
	return store
})

// newStore returns a store for keys of an algorithm.
func newStore(a keyring.Algorithm) keyring.Store {
	if a == keyring.RS256 {
		return rsaKeys()
	}
	return memory.NewKeys()
}

// eachAlgorithm runs test with those of our tokens.
func eachAlgorithm(t *testing.T, test func(t *testing.T, a keyring.Algorithm, store keyring.Store, k *keyring.Keyring)) {
	for _, a := range []keyring.Algorithm{keyring.EdDSA, keyring.ES256, keyring.RS256} {
		t.Run(string(a), func(t *testing.T) {
			store := newStore(a)
			test(t, a, store, open(t, store, keyring.Config{Algorithm: a}))
		})
	}
}

func sign(t testing.TB, k *keyring.Keyring) string {
	t.Helper()
	token, err := k.Sign([]byte(claims))
	if err != nil {
		t.Fatal(err)
	}
	return token
}

// wantGood checks that a token is accepted, and wantBad that it is refused, and why.
func wantGood(t testing.TB, k *keyring.Keyring, when, token string) {
	t.Helper()
	if got, kid, err := k.Verify(token); err != nil || string(got) != claims || !k.Has(kid) {
		t.Errorf("%s: %s, %v", when, got, err)
	}
}

func wantBad(t testing.TB, k *keyring.Keyring, when, token string) {
	t.Helper()
	if got, kid, err := k.Verify(token); !errors.Is(err, keyring.ErrToken) || got != nil || kid != "" {
		t.Errorf("%s: %s, %q, %v; want ErrToken", when, got, kid, err)
	}
}

// the returns the one key in a role, for our tokens or for Plone's.
func the(t testing.TB, k *keyring.Keyring, role keyring.Role, isPlone bool) keyring.Key {
	t.Helper()
	keys, err := k.List(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var found []keyring.Key
	for _, key := range keys {
		if key.Role() == role && (key.Algorithm == keyring.HS256) == isPlone {
			found = append(found, key)
		}
	}
	if len(found) != 1 {
		t.Fatalf("%d keys are %s, want one", len(found), role)
	}
	return found[0]
}

// published returns the kids in the JWKS.
func published(t testing.TB, k *keyring.Keyring) map[string]bool {
	t.Helper()
	text, err := k.JWKS()
	if err != nil {
		t.Fatal(err)
	}
	var set struct{ Keys []struct{ Kid string } }
	if err := json.Unmarshal(text, &set); err != nil {
		t.Fatal(err)
	}
	kids := map[string]bool{}
	for _, key := range set.Keys {
		kids[key.Kid] = true
	}
	return kids
}

// privateKey opens a sealed key as whoever has the master key can.
func privateKey(t testing.TB, store keyring.Store, id string) crypto.Signer {
	t.Helper()
	keys, err := store.Load(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	block, err := aes.NewCipher(seal)
	if err != nil {
		t.Fatal(err)
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range keys {
		if s.ID != id {
			continue
		}
		plain, err := aead.Open(nil, nil, s.Sealed, []byte(s.ID+" "+string(s.Algorithm)))
		if err != nil {
			t.Fatal(err)
		}
		key, err := x509.ParsePKCS8PrivateKey(plain)
		if err != nil {
			t.Fatal(err)
		}
		return key.(crypto.Signer)
	}
	t.Fatalf("no key %s", id)
	return nil
}

func encode(text string) string { return base64.RawURLEncoding.EncodeToString([]byte(text)) }

// A flaky store fails when it is told to, and counts how often it is read.
type flaky struct {
	keyring.Store
	broken atomic.Bool
	reads  atomic.Int64
}

var errBroken = errors.New("the disk is gone")

func (f *flaky) Load(ctx context.Context) ([]keyring.Stored, error) {
	f.reads.Add(1)
	if f.broken.Load() {
		return nil, errBroken
	}
	return f.Store.Load(ctx)
}

// A witness is a Listener that counts what it hears.
type witness struct {
	mu    sync.Mutex
	heard []handstamp.Event
}

func (w *witness) hear(_ context.Context, e handstamp.Event) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.heard = append(w.heard, e)
}

func (w *witness) count(a handstamp.Action) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	n := 0
	for _, e := range w.heard {
		if e.Action == a {
			n++
		}
	}
	return n
}
