package session_test

import (
	"sync"
	"testing"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/session"
	"github.com/handstamp/handstamp/store/memory"
)

func TestCacheStats(t *testing.T) {
	store := memory.New()
	first := newManager(t, store)
	token := begin(t, first, handstamp.Identity{UserID: ann})
	wantAlive(t, first, token, ann)
	if got, want := first.CacheStats(), (session.CacheStats{Hits: 1, Entries: 1}); got != want {
		t.Errorf("where it began: %+v, want %+v", got, want)
	}

	// Another one with an empty cache: all its users come at once.
	second := newManager(t, store)
	wantAlive(t, second, token, ann)
	const checks = 100
	var all sync.WaitGroup
	for range checks {
		all.Go(func() { wantAlive(t, second, token, ann) })
	}
	all.Wait()
	if got, want := second.CacheStats(), (session.CacheStats{Hits: checks, Misses: 1, Entries: 1}); got != want {
		t.Errorf("elsewhere: %+v, want %+v", got, want)
	}

	if err := second.End(t.Context(), token); err != nil {
		t.Fatal(err)
	}
	wantEnded(t, second, token) // asks twice
	if got, want := second.CacheStats(), (session.CacheStats{Hits: checks, Misses: 3}); got != want {
		t.Errorf("ended: %+v, want %+v", got, want)
	}
}
