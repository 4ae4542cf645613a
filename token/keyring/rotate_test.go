package keyring_test

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/store/memory"
	"github.com/handstamp/handstamp/token/keyring"
)

// tended is a moment longer than it takes until a keyring has looked at the store by itself.
const tended = 10*time.Second + time.Millisecond

func rotate(t *testing.T, k *keyring.Keyring, overlap time.Duration) keyring.Key {
	t.Helper()
	key, err := k.Rotate(t.Context(), overlap)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// TestRotate: what signs was published before, and what has signed is accepted until its overlap is
// over, to the microsecond, and gone soon after.
func TestRotate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		heard := new(witness)
		k := open(t, memory.NewKeys(), keyring.Config{Notify: heard.hear})
		token, old, next := sign(t, k), the(t, k, keyring.Signing, false), the(t, k, keyring.Next, false)
		if kids := published(t, k); len(kids) != 2 || !kids[old.ID] || !kids[next.ID] {
			t.Errorf("published: %v", kids)
		}
		if now := rotate(t, k, time.Hour); now.ID != next.ID || now.Role() != keyring.Signing {
			t.Errorf("%+v signs, want %s", now, next.ID)
		}
		fresh := sign(t, k)
		if _, kid, err := k.Verify(fresh); err != nil || kid != next.ID {
			t.Errorf("signed with %s, %v", kid, err)
		}
		if kids := published(t, k); len(kids) != 3 || !kids[old.ID] || !kids[the(t, k, keyring.Next, false).ID] {
			t.Errorf("published: %v", kids)
		}

		time.Sleep(time.Hour - time.Microsecond)
		wantGood(t, k, "at the end of the overlap", token)
		time.Sleep(time.Microsecond)
		wantBad(t, k, "after the overlap", token)
		if k.Has(old.ID) || published(t, k)[old.ID] {
			t.Error("a key is published, or there, after its overlap")
		}
		wantGood(t, k, "of the key that signs", fresh)
		time.Sleep(tended)
		if keys, err := k.List(t.Context()); err != nil || len(keys) != 2 {
			t.Errorf("%d keys, %v; want 2", len(keys), err)
		}
		if heard.count(handstamp.ActionKeyCreate) != 3 || heard.count(handstamp.ActionKeyRetire) != 1 {
			t.Errorf("heard of %+v", heard.heard)
		}
	})
}

// TestLeakedKey: with an overlap of 0 nothing that could have leaked is accepted any more, here when
// Rotate returns and elsewhere 10 seconds later.
func TestLeakedKey(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := memory.NewKeys()
		k, other := open(t, store, keyring.Config{Plone: true}), open(t, store, keyring.Config{Plone: true})
		retired := sign(t, k)
		rotate(t, k, time.Hour)
		current, next := sign(t, k), the(t, k, keyring.Next, false)
		plones, err := k.SignPlone([]byte(claims), "/p")
		if err != nil {
			t.Fatal(err)
		}
		before := published(t, k)
		forged := forge(t, privateKey(t, store, next.ID), headerOf(next), claims)
		wantGood(t, k, "with the next key", forged)
		time.Sleep(tended)
		wantGood(t, other, "with the next key, elsewhere", forged)

		rotate(t, k, 0)
		for when, token := range map[string]string{"retired": retired, "current": current, "next": forged} {
			wantBad(t, k, when, token)
		}
		if _, err := k.VerifyPlone(plones, "/p"); !errors.Is(err, keyring.ErrToken) {
			t.Errorf("Plone's: %v", err)
		}
		for kid := range published(t, k) {
			if before[kid] {
				t.Errorf("%s is still published", kid)
			}
		}
		wantGood(t, other, "a new token elsewhere", sign(t, k)) // whose kid makes it look
		time.Sleep(tended)
		for when, token := range map[string]string{"retired": retired, "current": current, "next": forged} {
			wantBad(t, other, when+" elsewhere", token)
		}
		wantGood(t, other, "a new token elsewhere, later", sign(t, k))
	})
}

// TestSchedule: of several processes exactly one rotates, and nobody's token is refused for it.
func TestSchedule(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store, heard := memory.NewKeys(), new(witness)
		c := keyring.Config{Every: 2 * time.Hour, Overlap: time.Hour, Notify: heard.hear}
		processes := []*keyring.Keyring{open(t, store, c), open(t, store, c), open(t, store, c)}
		first, next := the(t, processes[0], keyring.Signing, false), the(t, processes[0], keyring.Next, false)
		time.Sleep(2*time.Hour - time.Second)
		if now := the(t, processes[0], keyring.Signing, false); now.ID != first.ID {
			t.Error("rotated too early")
		}
		var tokens []string
		for _, k := range processes {
			tokens = append(tokens, sign(t, k))
		}
		time.Sleep(time.Second + 2*tended)
		if now := the(t, processes[0], keyring.Signing, false); now.ID != next.ID {
			t.Errorf("%s signs, want %s", now.ID, next.ID)
		}
		if n := heard.count(handstamp.ActionKeyRotate); n != 1 {
			t.Errorf("%d rotations, want 1", n)
		}
		for _, k := range processes {
			tokens = append(tokens, sign(t, k))
			for _, token := range tokens {
				wantGood(t, k, "during the overlap", token)
			}
		}
		time.Sleep(10 * 2 * time.Hour)
		if n := heard.count(handstamp.ActionKeyRotate); n != 11 {
			t.Errorf("%d rotations after 22 hours, want 11", n)
		}
		if keys, err := store.Load(t.Context()); err != nil || len(keys) > 3 {
			t.Errorf("%d keys have gathered, %v", len(keys), err)
		}
	})
}

// TestNoSchedule: 0 is never.
func TestNoSchedule(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := open(t, memory.NewKeys(), keyring.Config{})
		token := sign(t, k)
		time.Sleep(3 * 24 * time.Hour)
		wantGood(t, k, "after 3 days", token)
		if n := len(published(t, k)); n != 2 {
			t.Errorf("%d keys", n)
		}
	})
}

// TestAlgorithmChanges: the new one is published first, and signs after that; by hand at once. What
// the old one has signed is good as after each rotation.
func TestAlgorithmChanges(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store, heard := memory.NewKeys(), new(witness)
		c := keyring.Config{Overlap: time.Hour, Notify: heard.hear}
		before := open(t, store, c)
		token := sign(t, before)
		c.Algorithm = keyring.ES256
		k := open(t, store, c)
		next := the(t, k, keyring.Next, false)
		if now := the(t, k, keyring.Signing, false); now.Algorithm != keyring.EdDSA || next.Algorithm != keyring.ES256 || !published(t, k)[next.ID] {
			t.Errorf("%s signs, and %s will", now.Algorithm, next.Algorithm)
		}
		time.Sleep(10*time.Minute + tended)
		fresh := sign(t, k)
		if _, kid, err := k.Verify(fresh); err != nil || kid != next.ID {
			t.Errorf("signed with %s, %v; want %s", kid, err, next.ID)
		}
		time.Sleep(tended)
		wantGood(t, before, "with the new algorithm, by a process that has the old setting", fresh)
		wantGood(t, k, "with the old one", token)
		time.Sleep(time.Hour)
		wantBad(t, k, "with the old one, after its overlap", token)

		c.Algorithm = keyring.EdDSA
		k = open(t, store, c)
		if now := rotate(t, k, time.Hour); now.Algorithm != keyring.EdDSA {
			t.Errorf("%s signs after a rotation by hand", now.Algorithm)
		}
		wantGood(t, k, "with ES256", fresh)
	})
}

// TestAlgorithmStays: a process that still has the old setting does what is due, and does not change
// the algorithm back.
func TestAlgorithmStays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store, heard := memory.NewKeys(), new(witness)
		old := open(t, store, keyring.Config{Every: 2 * time.Hour, Notify: heard.hear})
		open(t, store, keyring.Config{Algorithm: keyring.ES256}).Close()
		for _, rotations := range []int{1, 2} {
			time.Sleep(time.Hour + 59*time.Minute)
			signing, next := the(t, old, keyring.Signing, false), the(t, old, keyring.Next, false)
			if n := heard.count(handstamp.ActionKeyRotate); signing.Algorithm != keyring.ES256 || next.Algorithm != keyring.ES256 || n != rotations {
				t.Errorf("%s signs, %s will, after %d rotations", signing.Algorithm, next.Algorithm, n)
			}
		}
	})
}

// TestAlgorithmChangesAfterLeak: new keys are of the new algorithm at once.
func TestAlgorithmChangesAfterLeak(t *testing.T) {
	store := memory.NewKeys()
	open(t, store, keyring.Config{})
	k := open(t, store, keyring.Config{Algorithm: keyring.ES256})
	if now := rotate(t, k, 0); now.Algorithm != keyring.ES256 || the(t, k, keyring.Next, false).Algorithm != keyring.ES256 {
		t.Errorf("%s signs", now.Algorithm)
	}
}

// TestUsualOverlap is that of the Config, or what suits tokens of 12 hours.
func TestUsualOverlap(t *testing.T) {
	for want, c := range map[time.Duration]keyring.Config{
		12*time.Hour + time.Minute: {},
		time.Minute:                {Overlap: time.Minute},
	} {
		k := open(t, memory.NewKeys(), c)
		before := time.Now()
		rotate(t, k, keyring.UsualOverlap)
		if until := the(t, k, keyring.Retired, false).AcceptedUntil; until.Sub(before).Round(time.Minute) != want {
			t.Errorf("accepted for %s, want %s", until.Sub(before), want)
		}
	}
}
