package api

import (
	"testing"
	"time"

	"github.com/handstamp/handstamp"
)

// TestPace: sixty at once, then one a second, and everybody for themselves.
func TestPace(t *testing.T) {
	var p pace
	ann, bob := handstamp.IDOf("ann"), handstamp.IDOf("bob")
	now := time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)
	count := func(user handstamp.ID) (n int) {
		for {
			if wait, ok := p.allow(user, now); !ok {
				if wait <= 0 || wait > time.Second {
					t.Errorf("wait for %v", wait)
				}
				return n
			}
			n++
		}
	}
	for _, want := range []int{60, 3, 60} {
		if got := count(ann); got != want {
			t.Errorf("%d allowed, want %d", got, want)
		}
		now = now.Add(3 * time.Second)
		if want == 3 {
			now = now.Add(time.Hour)
		}
	}
	if got := count(bob); got != 60 {
		t.Errorf("%d allowed to another user, want 60", got)
	}
}
