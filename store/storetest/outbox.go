package storetest

import (
	"context"
	"net/netip"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/audit"
	"github.com/handstamp/handstamp/outbox"
)

// Queued is a store of which others are told.
type Queued struct {
	Log    audit.Log
	Outbox interface {
		outbox.Store
		outbox.Desk
	}
}

// Outbox checks that the stores which open makes keep the contracts of [outbox.Store] and [outbox.Desk]. Each test gets an empty one,
// whose sums chain makes.
func Outbox(t *testing.T, open func(t *testing.T, chain audit.Chain) Queued) {
	for _, test := range []struct {
		name string
		run  func(*testing.T, Queued)
	}{
		{"TurnIsOneNodes", turnIsOneNodes},
		{"TurnIsOneNodesOfManyAtOnce", turnAtOnce},
		{"PositionsBeginAtTheEndAndNeverGoBack", positions},
		{"OnlyWhoseTurnItIsSaves", onlyHolderSaves},
		{"LettersComeBackAsTheyWere", lettersComeBack},
		{"TrimWaitsForDeliveries", trimWaits},
	} {
		t.Run(test.name, func(t *testing.T) { test.run(t, open(t, audit.NewChain([]byte("a key for tests")))) })
	}
}

// byValue compares addresses, which have unexported fields, as Go does.
var byValue = cmp.Comparer(func(a, b netip.Addr) bool { return a == b })

func claim(t *testing.T, s Queued, node string, seen outbox.Turn, holder string) outbox.Turn {
	t.Helper()
	turn, err := s.Outbox.Claim(t.Context(), node, seen)
	must(t, err)
	if turn.Holder != holder {
		t.Fatalf("%s claims, and it is the turn of %q, want %q", node, turn.Holder, holder)
	}
	return turn
}

func turnIsOneNodes(t *testing.T, s Queued) {
	first := claim(t, s, "a", outbox.Turn{}, "a")
	if seen := claim(t, s, "b", outbox.Turn{}, "a"); seen != first {
		t.Errorf("b sees %v, and a has %v", seen, first)
	}
	second := claim(t, s, "a", outbox.Turn{}, "a")
	if second == first {
		t.Error("a claims again, and nobody can see it")
	}
	claim(t, s, "b", first, "a") // a lives
	must(t, s.Outbox.Release(t.Context(), "b"))
	claim(t, s, "c", outbox.Turn{}, "a")
	taken := claim(t, s, "b", second, "b") // a does not
	claim(t, s, "a", outbox.Turn{}, "b")
	claim(t, s, "a", second, "b")
	must(t, s.Outbox.Release(t.Context(), "a"))
	claim(t, s, "c", outbox.Turn{}, "b")
	must(t, s.Outbox.Release(t.Context(), "b"))
	if turn := claim(t, s, "c", outbox.Turn{}, "c"); turn == taken {
		t.Error("another turn looks the same")
	}
}

func turnAtOnce(t *testing.T, s Queued) {
	dead := claim(t, s, "dead", outbox.Turn{}, "dead")
	var wg sync.WaitGroup
	var mu sync.Mutex
	holders := make(map[string]bool)
	for range 16 {
		wg.Go(func() {
			node := handstamp.NewID().String()
			turn, err := s.Outbox.Claim(context.WithoutCancel(t.Context()), node, dead)
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				t.Error(err)
			}
			holders[turn.Holder] = true
		})
	}
	wg.Wait()
	if len(holders) != 1 || holders["dead"] {
		t.Errorf("%d nodes have the turn", len(holders))
	}
}

// record adds n events and returns their entries.
func record(t *testing.T, s Queued, n int) []audit.Entry {
	t.Helper()
	for range n {
		e := newEvent(handstamp.ActionLogin)
		e.Device = "curl/8"
		must(t, s.Log.Record(t.Context(), e))
	}
	return entries(t, s.Log, audit.Filter{Newest: true, Limit: n})
}

func wantPosition(t *testing.T, s Queued, destination string, want int64) {
	t.Helper()
	got, err := s.Outbox.Open(t.Context(), destination)
	must(t, err)
	if got != want {
		t.Errorf("%s is at %d, want %d", destination, got, want)
	}
}

func wantBacklog(t *testing.T, s Queued, destination string, want outbox.Backlog) {
	t.Helper()
	got, err := s.Outbox.Backlog(t.Context(), destination)
	must(t, err)
	if got != want {
		t.Errorf("backlog of %s: %+v, want %+v", destination, got, want)
	}
}

func positions(t *testing.T, s Queued) {
	ctx := t.Context()
	claim(t, s, "a", outbox.Turn{}, "a")
	wantPosition(t, s, "empty", 0)
	all := record(t, s, 3)
	wantPosition(t, s, "first", 3)
	wantBacklog(t, s, "nobody", outbox.Backlog{})
	all = append(all, record(t, s, 4)...)
	wantPosition(t, s, "second", 7)
	wantPosition(t, s, "first", 3)
	wantBacklog(t, s, "first", outbox.Backlog{Pending: 4})
	got, err := s.Outbox.Entries(ctx, 3, 3)
	must(t, err)
	if diff := cmp.Diff(all[3:6], got, byValue); diff != "" {
		t.Errorf("entries (-want +got):\n%s", diff)
	}
	must(t, s.Outbox.Save(ctx, "a", outbox.Step{Destination: "first", Position: 5}))
	wantPosition(t, s, "first", 5)
	must(t, s.Outbox.Save(ctx, "a", outbox.Step{Destination: "first", Position: 4}))
	wantPosition(t, s, "first", 5)
	wantPosition(t, s, "second", 7)
	wantPosition(t, s, "empty", 0)
	wantBacklog(t, s, "first", outbox.Backlog{Pending: 2})
}

func newLetter(destination, id string, e audit.Entry) outbox.Letter {
	return outbox.Letter{Destination: destination, ID: id, Entry: e, Attempts: 8, Error: "refused", FailedAt: moment}
}

func wantLetters(t *testing.T, s Queued, which outbox.Filter, want ...outbox.Letter) {
	t.Helper()
	got, err := s.Outbox.Letters(t.Context(), which)
	must(t, err)
	if diff := cmp.Diff(want, got, byValue); diff != "" {
		t.Errorf("letters (-want +got):\n%s", diff)
	}
}

func onlyHolderSaves(t *testing.T, s Queued) {
	ctx := t.Context()
	wantPosition(t, s, "d", 0)
	all := record(t, s, 2)
	turn := claim(t, s, "a", outbox.Turn{}, "a")
	claim(t, s, "b", turn, "b")
	step := outbox.Step{Destination: "d", Position: 2, Dead: []outbox.Letter{newLetter("d", "1", all[0])}}
	wantErr(t, "Save of who had the turn", s.Outbox.Save(ctx, "a", step), outbox.ErrNotYourTurn)
	wantPosition(t, s, "d", 0)
	wantLetters(t, s, outbox.Filter{})
	must(t, s.Outbox.Save(ctx, "b", step))
	wantPosition(t, s, "d", 2)
	wantLetters(t, s, outbox.Filter{}, step.Dead...)
}

func lettersComeBack(t *testing.T, s Queued) {
	ctx := t.Context()
	claim(t, s, "a", outbox.Turn{}, "a")
	wantPosition(t, s, "d", 0)
	all := record(t, s, 3)
	one, two, three, other := newLetter("d", "aa", all[0]), newLetter("d", "bb", all[1]), newLetter("d", "cc", all[2]), newLetter("e", "aa", all[0])
	must(t, s.Outbox.Save(ctx, "a", outbox.Step{Destination: "d", Dead: []outbox.Letter{three, one, two}}))
	must(t, s.Outbox.Save(ctx, "a", outbox.Step{Destination: "e", Dead: []outbox.Letter{other}}))
	wantLetters(t, s, outbox.Filter{}, one, other, two, three)
	wantLetters(t, s, outbox.Filter{Destination: "d", Limit: 2}, one, two)
	wantLetters(t, s, outbox.Filter{IDs: []string{"aa", "cc", "nobody"}}, one, other, three)
	wantLetters(t, s, outbox.Filter{IDs: []string{"a"}})
	wantLetters(t, s, outbox.Filter{IDs: []string{"%", "__"}})
	wantBacklog(t, s, "d", outbox.Backlog{Pending: 3, Dead: 3})

	count := func(name string, do func(context.Context, outbox.Filter) (int, error), which outbox.Filter, want int) {
		t.Helper()
		n, err := do(ctx, which)
		must(t, err)
		if n != want {
			t.Errorf("%s(%+v) = %d, want %d", name, which, n, want)
		}
	}
	count("Retry", s.Outbox.Retry, outbox.Filter{Destination: "d", IDs: []string{"aa", "bb"}}, 2)
	one.Retry, two.Retry = true, true
	wantLetters(t, s, outbox.Filter{Retry: true}, one, two)
	two.Retry, two.Attempts, two.Error, two.FailedAt = false, 9, "refused again", moment.Add(time.Hour)
	must(t, s.Outbox.Save(ctx, "a", outbox.Step{Destination: "d", Delivered: []string{"aa"}, Dead: []outbox.Letter{two}}))
	wantLetters(t, s, outbox.Filter{}, other, two, three)
	count("Drop", s.Outbox.Drop, outbox.Filter{IDs: []string{"bb"}}, 1)
	wantLetters(t, s, outbox.Filter{}, other, three)
	count("Drop", s.Outbox.Drop, outbox.Filter{}, 2)
	wantLetters(t, s, outbox.Filter{})
	wantPosition(t, s, "d", 0)
}

func trimWaits(t *testing.T, s Queued) {
	ctx := t.Context()
	wantPosition(t, s, "slow", 0)
	claim(t, s, "a", outbox.Turn{}, "a")
	record(t, s, 4)
	wantPosition(t, s, "fast", 4)
	trim := func(want int) {
		t.Helper()
		n, err := s.Log.Trim(ctx, time.Now().AddDate(1, 0, 0), 100)
		must(t, err)
		if n != want {
			t.Errorf("Trim = %d, want %d", n, want)
		}
	}
	trim(0)
	must(t, s.Outbox.Save(ctx, "a", outbox.Step{Destination: "slow", Position: 3}))
	trim(3)
	if got, err := s.Outbox.Entries(ctx, 3, 10); err != nil || len(got) != 2 || got[0].Number != 4 {
		t.Errorf("after the trim: %v, %v", got, err)
	}
}
