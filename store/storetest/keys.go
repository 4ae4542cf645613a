package storetest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/audit"
	"github.com/handstamp/handstamp/token/keyring"
)

// Keys checks that the stores which open makes keep the contract of [keyring.Store], and write events
// together with what they tell of, to a log whose sums chain makes. Each test gets an empty one.
func Keys(t *testing.T, open func(t *testing.T, chain audit.Chain) (keyring.Store, audit.Log)) {
	chain := audit.NewChain([]byte("a key for tests"))
	for _, test := range []struct {
		name string
		run  func(*testing.T, keyring.Store, audit.Log)
	}{
		{"KeysComeBackAsTheyWere", keysComeBack},
		{"ChangeThatRefusesChangesNothing", keysRefused},
		{"ChangesAtOnceAreNotLost", keysAtOnce},
		{"RotationsAtOnceAreNotLost", rotationsAtOnce},
	} {
		t.Run(test.name, func(t *testing.T) {
			store, log := open(t, chain)
			test.run(t, store, log)
			if _, err := audit.Verify(t.Context(), log, chain, audit.Mark{}); err != nil {
				t.Error(err)
			}
		})
	}
}

func newKey(id string) keyring.Stored {
	return keyring.Stored{
		Key:    keyring.Key{ID: id, Algorithm: keyring.EdDSA, CreatedAt: moment},
		Sealed: []byte("sealed \x00\xff " + id),
	}
}

func wantKeys(t *testing.T, s keyring.Store, want ...keyring.Stored) {
	t.Helper()
	got, err := s.Load(t.Context())
	must(t, err)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("keys (-want +got):\n%s", diff)
	}
}

// putKeys puts keys in the place of those that must be there.
func putKeys(t *testing.T, s keyring.Store, there, keys []keyring.Stored, events ...handstamp.Event) {
	t.Helper()
	must(t, s.Change(t.Context(), func(before []keyring.Stored) ([]keyring.Stored, []handstamp.Event, error) {
		if diff := cmp.Diff(there, before); diff != "" {
			t.Errorf("change is given other keys (-want +got):\n%s", diff)
		}
		return keys, events, nil
	}))
}

func keysComeBack(t *testing.T, s keyring.Store, log audit.Log) {
	wantKeys(t, s)
	first, second, third := newKey("b"), newKey("c"), newKey("a")
	first.CreatedAt = moment.Add(-time.Microsecond)
	first.SignsFrom, first.AcceptedUntil = moment, moment.Add(12*time.Hour+time.Microsecond)
	third.Imported, third.Algorithm, third.SignsFrom = true, keyring.HS256, moment
	all := []keyring.Stored{first, third, second} // by CreatedAt, and then by ID
	putKeys(t, s, nil, []keyring.Stored{second, first, third}, newEvent(handstamp.ActionKeyCreate), newEvent(handstamp.ActionKeyRotate))
	wantKeys(t, s, all...)

	changed := third
	changed.AcceptedUntil = moment.Add(time.Hour)
	putKeys(t, s, all, []keyring.Stored{changed}, newEvent(handstamp.ActionKeyRetire))
	wantKeys(t, s, changed)
	putKeys(t, s, []keyring.Stored{changed}, nil)
	wantKeys(t, s)
	if n := len(entries(t, log, audit.Filter{})); n != 3 {
		t.Errorf("%d entries in the audit log, want 3", n)
	}
}

func keysRefused(t *testing.T, s keyring.Store, log audit.Log) {
	putKeys(t, s, nil, []keyring.Stored{newKey("a")})
	refused := errors.New("refused")
	err := s.Change(t.Context(), func(keys []keyring.Stored) ([]keyring.Stored, []handstamp.Event, error) {
		keys[0].Algorithm = keyring.RS256
		return append(keys, newKey("b")), []handstamp.Event{newEvent(handstamp.ActionKeyCreate)}, refused
	})
	wantErr(t, "Change that refuses", err, refused)
	wantKeys(t, s, newKey("a"))
	if n := len(entries(t, log, audit.Filter{})); n != 0 {
		t.Errorf("%d entries in the audit log, want none", n)
	}

	given, err := s.Load(t.Context())
	must(t, err)
	given[0].Algorithm = keyring.RS256 // is the caller's
	wantKeys(t, s, newKey("a"))
}

func keysAtOnce(t *testing.T, s keyring.Store, log audit.Log) {
	const writers, each = 8, 5
	var all sync.WaitGroup
	for w := range writers {
		all.Go(func() {
			for i := range each {
				add := newKey(fmt.Sprintf("%d of %d", i, w))
				err := s.Change(t.Context(), func(keys []keyring.Stored) ([]keyring.Stored, []handstamp.Event, error) {
					return append(slices.Clone(keys), add), []handstamp.Event{newEvent(handstamp.ActionKeyCreate)}, nil
				})
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	keys, err := s.Load(t.Context())
	must(t, err)
	if n := len(entries(t, log, audit.Filter{})); len(keys) != writers*each || n != writers*each {
		t.Errorf("%d keys and %d entries after %d changes", len(keys), n, writers*each)
	}
}

// rotationsAtOnce lets several processes, which are keyrings on one store, rotate at once.
func rotationsAtOnce(t *testing.T, s keyring.Store, log audit.Log) {
	const processes, each = 4, 3
	seal := make([]byte, 32)
	var all sync.WaitGroup
	var mu sync.Mutex
	signed := map[string]bool{}
	for range processes {
		all.Go(func() {
			k, err := keyring.Open(t.Context(), s, seal, keyring.Config{})
			if err != nil {
				t.Error(err)
				return
			}
			defer k.Close()
			for range each {
				key, err := k.Rotate(context.WithoutCancel(t.Context()), time.Hour)
				if err != nil {
					t.Error(err)
					return
				}
				mu.Lock()
				signed[key.ID] = true
				mu.Unlock()
			}
		})
	}
	all.Wait()
	keys, err := s.Load(t.Context())
	must(t, err)
	roles := map[keyring.Role]int{}
	for _, k := range keys {
		roles[k.Role()]++
		if !signed[k.ID] && k.Role() == keyring.Signing {
			t.Error("a key signs that no rotation has returned")
		}
	}
	want := map[keyring.Role]int{keyring.Signing: 1, keyring.Next: 1, keyring.Retired: processes * each}
	if diff := cmp.Diff(want, roles); diff != "" || len(signed) != processes*each {
		t.Errorf("%d rotations returned keys, and there are (-want +got):\n%s", len(signed), diff)
	}
	rotations := 0
	for _, e := range entries(t, log, audit.Filter{Action: handstamp.ActionKeyRotate}) {
		if strings.Contains(e.Reason, "no longer") {
			rotations++
		}
	}
	if rotations != processes*each {
		t.Errorf("%d rotations in the audit log, want %d", rotations, processes*each)
	}
}
