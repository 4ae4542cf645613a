package storetest

import (
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/handstamp/handstamp/session"
)

// ears are what hears of a store's changes.
type ears struct {
	leased bool
	stop   func()

	mu    sync.Mutex
	heard []session.Change
	known map[session.Change]bool // what was expected up to now
}

// listen watches a store until the test ends or stop is called.
func listen(t *testing.T, s session.Store) *ears {
	t.Helper()
	e := &ears{leased: awaitLease(t, s), known: make(map[session.Change]bool)}
	e.stop = s.Watch(e.hear)
	t.Cleanup(e.stop)
	return e
}

// awaitLease returns whether the store has a lease, when it holds.
func awaitLease(t *testing.T, s session.Store) bool {
	t.Helper()
	leased, ok := s.(session.Leased)
	if !ok || leased.Lease() == nil {
		return false
	}
	for start := time.Now(); !leased.Lease().Holds(time.Now()); time.Sleep(time.Millisecond) {
		if time.Since(start) > 10*time.Second {
			t.Fatal("the lease of the store does not hold")
		}
	}
	return true
}

func (e *ears) hear(c session.Change) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.heard = append(e.heard, c)
}

// expect compares what was heard since the last time with want, without waiting: a change is applied before the call that
// made it returns. A store that hears of changes over a network may tell of its own again.
func (e *ears) expect(t *testing.T, after string, want ...session.Change) {
	t.Helper()
	e.mu.Lock()
	defer e.mu.Unlock()
	got := e.heard
	e.heard = nil
	for _, c := range want {
		e.known[c] = true
	}
	if e.leased {
		got = e.withoutRepeats(got, want)
	}
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("what watchers heard after %s (-want +got):\n%s", after, diff)
	}
}

// withoutRepeats leaves out what is known and was not wanted in this place.
func (e *ears) withoutRepeats(got, want []session.Change) []session.Change {
	return slices.DeleteFunc(slices.Clone(got), func(c session.Change) bool {
		if len(want) > 0 && c == want[0] {
			want = want[1:]
			return false
		}
		return e.known[c]
	})
}
