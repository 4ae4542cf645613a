package keyring_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/store/memory"
	"github.com/handstamp/handstamp/token/keyring"
)

// TestSignAndVerify: claims come back as they went, from a token with exactly the header that RFC 9068
// wants, and the keys outlive the process.
func TestSignAndVerify(t *testing.T) {
	eachAlgorithm(t, func(t *testing.T, a keyring.Algorithm, store keyring.Store, k *keyring.Keyring) {
		token := sign(t, k)
		signing := the(t, k, keyring.Signing, false)
		header, _, _ := strings.Cut(token, ".")
		text, err := base64.RawURLEncoding.DecodeString(header)
		if want := fmt.Sprintf(`{"alg":"%s","kid":"%s","typ":"at+jwt"}`, a, signing.ID); err != nil || string(text) != want {
			t.Errorf("header %s, want %s", text, want)
		}
		got, kid, err := k.Verify(token)
		if err != nil || string(got) != claims || kid != signing.ID || signing.Algorithm != a {
			t.Errorf("%s, %s, %v", got, kid, err)
		}
		wantGood(t, open(t, store, keyring.Config{Algorithm: a}), "after a restart", token)
		if a == keyring.RS256 {
			return // whose keys are not this test's own
		}
		wantBad(t, open(t, memory.NewKeys(), keyring.Config{Algorithm: a}), "on another installation", token)
	})
}

// TestSignIsBounded: what would be refused for its length is not signed.
func TestSignIsBounded(t *testing.T) {
	k := open(t, memory.NewKeys(), keyring.Config{})
	fits, err := k.Sign([]byte(`"` + strings.Repeat("x", 2850) + `"`))
	if err != nil || len(fits) > keyring.MaxToken {
		t.Errorf("%d bytes, %v", len(fits), err)
	}
	if _, _, err := k.Verify(fits); err != nil {
		t.Error(err)
	}
	if token, err := k.Sign([]byte(`"` + strings.Repeat("x", 3100) + `"`)); err == nil {
		t.Errorf("a token of %d bytes", len(token))
	}
}

// TestConfig: what cannot be is refused in words.
func TestConfig(t *testing.T) {
	for says, row := range map[string]struct {
		config keyring.Config
		seal   []byte
	}{
		"HS256":    {keyring.Config{Algorithm: keyring.HS256}, seal},
		"none":     {keyring.Config{Algorithm: "none"}, seal},
		"59m":      {keyring.Config{Every: 59 * time.Minute}, seal},
		"overlap":  {keyring.Config{Overlap: -1}, seal},
		"32 bytes": {keyring.Config{}, seal[:31]},
	} {
		store := memory.NewKeys()
		_, err := keyring.Open(t.Context(), store, row.seal, row.config)
		if err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v", says, err)
		}
		if keys, err := store.Load(t.Context()); err != nil || len(keys) > 0 {
			t.Errorf("%s: %d keys were made, %v", says, len(keys), err)
		}
	}
}

// TestLostMasterKey: with another one there is an error that says so, and the old keys stay.
func TestLostMasterKey(t *testing.T) {
	store := memory.NewKeys()
	token := sign(t, open(t, store, keyring.Config{}))
	before, err := store.Load(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	other := bytes.Repeat([]byte{8}, 32)
	if _, err := keyring.Open(t.Context(), store, other, keyring.Config{Every: time.Hour}); !errors.Is(err, keyring.ErrSealed) {
		t.Errorf("with another seal: %v", err)
	}
	after, err := store.Load(t.Context())
	if diff := cmp.Diff(before, after); err != nil || diff != "" {
		t.Errorf("%v, the keys have changed (-before +after):\n%s", err, diff)
	}
	wantGood(t, open(t, store, keyring.Config{}), "with the right one again", token)

	// It is lost for good.
	if err := keyring.Forget(t.Context(), store); err != nil {
		t.Fatal(err)
	}
	k, err := keyring.Open(t.Context(), store, other, keyring.Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer k.Close()
	wantBad(t, k, "of a key that was forgotten", token)
	wantGood(t, k, "of a new one", sign(t, k))
}

// TestSealBinds: who can change the database cannot pass one key off as another.
func TestSealBinds(t *testing.T) {
	for name, change := range map[string]func(keys []keyring.Stored){
		"the ID":        func(keys []keyring.Stored) { keys[0].ID = "AAAAAAAAAAAAAAAA" },
		"the algorithm": func(keys []keyring.Stored) { keys[0].Algorithm = keyring.HS256 },
		"which is which": func(keys []keyring.Stored) {
			keys[0].Sealed, keys[1].Sealed = keys[1].Sealed, keys[0].Sealed
		},
		"a bit":  func(keys []keyring.Stored) { keys[0].Sealed = flipped(keys[0].Sealed, 200) },
		"a lot":  func(keys []keyring.Stored) { keys[0].Sealed = keys[0].Sealed[:5] },
		"to nil": func(keys []keyring.Stored) { keys[0].Sealed = nil },
	} {
		store := memory.NewKeys()
		k := open(t, store, keyring.Config{})
		err := store.Change(t.Context(), func(keys []keyring.Stored) ([]keyring.Stored, []handstamp.Event, error) {
			change(keys)
			return keys, nil, nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := keyring.Open(t.Context(), store, seal, keyring.Config{}); !errors.Is(err, keyring.ErrSealed) {
			t.Errorf("changed %s: %v", name, err)
		}
		if _, err := k.Rotate(t.Context(), 0); !errors.Is(err, keyring.ErrSealed) {
			t.Errorf("changed %s, and then rotated: %v", name, err)
		}
	}
}

// TestStoreIsBroken: what is known goes on; of what is not known nobody can say; and it is told once.
func TestStoreIsBroken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store, heard := &flaky{Store: memory.NewKeys()}, new(witness)
		a := open(t, store, keyring.Config{Notify: heard.hear})
		b := open(t, store, keyring.Config{Plone: true, Notify: new(witness).hear})
		token := sign(t, a)
		if _, err := b.Rotate(t.Context(), 0); err != nil {
			t.Fatal(err)
		}
		unknown := sign(t, b)
		unknownToo, err := b.SignPlone([]byte(claims), "/p")
		if err != nil {
			t.Fatal(err)
		}
		store.broken.Store(true)
		time.Sleep(5 * time.Minute)
		wantGood(t, a, "of a key that is known", token)
		for range 3 { // of which all but the first do not ask again
			if _, _, err := a.Verify(unknown); !errors.Is(err, errBroken) || errors.Is(err, keyring.ErrToken) {
				t.Errorf("of a key that is not known: %v", err)
			}
			if _, err := a.VerifyPlone(unknownToo, "/p"); !errors.Is(err, errBroken) {
				t.Errorf("Plone's of a key that is not known: %v", err)
			}
		}
		wantBad(t, a, "of no key that there could be", "e30.e30.e30")
		if n := heard.count(handstamp.ActionFault); n != 1 {
			t.Errorf("%d faults were told, want 1", n)
		}
		if _, err := a.List(t.Context()); !errors.Is(err, errBroken) {
			t.Errorf("List: %v", err)
		}
		store.broken.Store(false)
		time.Sleep(time.Second)
		wantGood(t, a, "when the store is back", unknown)
		wantBad(t, a, "of a key that was replaced", token)
	})
}

// TestStrangersDoNotReachTheStore: at most once in a second, and only with what could be a key.
func TestStrangersDoNotReachTheStore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &flaky{Store: memory.NewKeys()}
		k := open(t, store, keyring.Config{Plone: true})
		time.Sleep(5 * time.Second)
		before := store.reads.Load()
		for i := range 100 {
			wantBad(t, k, "no header", fmt.Sprintf("e30%d.e30.e30", i))
			wantBad(t, k, "a longer kid", encode(`{"alg":"EdDSA","kid":"AAAAAAAAAAAAAAAAA","typ":"at+jwt"}`)+".e30.e30")
			wantBad(t, k, "a kid that is none", encode(`{"alg":"EdDSA","kid":"AAAAAAAAAAAAAAA'","typ":"at+jwt"}`)+".e30.e30")
			wantBad(t, k, "another algorithm", encode(`{"alg":"HS256","kid":"AAAAAAAAAAAAAAAA","typ":"at+jwt"}`)+".e30.e30")
		}
		if n := store.reads.Load() - before; n != 0 {
			t.Errorf("the store was read %d times for what can be no key", n)
		}
		for i := range 100 {
			wantBad(t, k, "unknown", encode(fmt.Sprintf(`{"alg":"EdDSA","kid":"AAAAAAAAAAAAA%03d","typ":"at+jwt"}`, i))+".e30.e30")
			if _, err := k.VerifyPlone("eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.e30.AAAA", "/p"); !errors.Is(err, keyring.ErrToken) {
				t.Error(err)
			}
		}
		if n := store.reads.Load() - before; n != 1 {
			t.Errorf("the store was read %d times within a second, want once", n)
		}
	})
}

// TestNothingShows: nobody sees a key by printing what there is.
func TestNothingShows(t *testing.T) {
	var log bytes.Buffer
	k := open(t, memory.NewKeys(), keyring.Config{Plone: true})
	slog.New(slog.NewJSONHandler(&log, nil)).Info("keys", "keys", k)
	asJSON, err := json.Marshal(k)
	if err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprintf("%v %+v %#v %s %x", k, k, k, k, k); got != "••• ••• ••• ••• •••" || string(asJSON) != `"•••"` {
		t.Errorf("%s, %s", got, asJSON)
	}
	if !strings.Contains(log.String(), `"keys":"•••"`) {
		t.Errorf("logged as %s", log.String())
	}
}

// TestGivingUp: who does not wait for the store any longer gets an error, and no key.
func TestGivingUp(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	k := open(t, memory.NewKeys(), keyring.Config{})
	stuck := stuckStore{memory.NewKeys()}
	if _, err := keyring.Open(ctx, stuck, seal, keyring.Config{}); !errors.Is(err, context.Canceled) {
		t.Errorf("Open: %v", err)
	}
	if _, err := k.List(t.Context()); err != nil {
		t.Error(err)
	}
}

// A stuckStore answers nobody who has not given up.
type stuckStore struct{ keyring.Store }

func (stuckStore) Change(ctx context.Context, _ func([]keyring.Stored) ([]keyring.Stored, []handstamp.Event, error)) error {
	<-ctx.Done()
	return ctx.Err()
}
