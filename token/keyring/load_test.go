package keyring_test

import (
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/handstamp/handstamp/store/memory"
	"github.com/handstamp/handstamp/token/keyring"
)

// TestRotationUnderLoad: while keys rotate as fast as they can, no token is refused.
func TestRotationUnderLoad(t *testing.T) {
	k := open(t, memory.NewKeys(), keyring.Config{Plone: true})
	done := make(chan struct{})
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for {
				select {
				case <-done:
					return
				default:
				}
				wantGood(t, k, "during rotations", sign(t, k))
				token, err := k.SignPlone([]byte(claims), "/p")
				if err != nil {
					t.Error(err)
				}
				if _, err := k.VerifyPlone(token, "/p"); err != nil {
					t.Error("Plone's during rotations:", err)
				}
				if _, err := k.JWKS(); err != nil {
					t.Error(err)
				}
			}
		})
	}
	for range 50 {
		if _, err := k.Rotate(t.Context(), time.Hour); err != nil {
			t.Error(err)
		}
	}
	close(done)
	all.Wait()
}

// TestRotationUnderLoadElsewhere: every process takes every other's tokens, whoever of them rotates
// and whether the others have heard of it or not.
func TestRotationUnderLoadElsewhere(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := memory.NewKeys()
		var processes []*keyring.Keyring
		for range 3 {
			processes = append(processes, open(t, store, keyring.Config{Overlap: time.Hour}))
			time.Sleep(3 * time.Second) // so that they do not look at the store at the same time
		}
		end := time.Now().Add(5 * time.Minute)
		var all sync.WaitGroup
		for i, mine := range processes {
			all.Go(func() {
				for time.Now().Before(end) {
					token := sign(t, mine)
					for _, k := range processes {
						wantGood(t, k, "of another process", token)
					}
					time.Sleep(700 * time.Millisecond)
				}
			})
			all.Go(func() {
				time.Sleep(time.Duration(i) * 15 * time.Second)
				for time.Now().Before(end) {
					if _, err := mine.Rotate(t.Context(), keyring.UsualOverlap); err != nil {
						t.Error(err)
					}
					time.Sleep(45 * time.Second)
				}
			})
		}
		all.Wait()
	})
}
