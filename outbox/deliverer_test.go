package outbox_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/audit"
	"github.com/handstamp/handstamp/outbox"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// TestEverythingArrivesInOrder: what happens before the start was for nobody, what happens while nobody delivers is kept.
func TestEverythingArrivesInOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h, box := newHouse(t), new(mailbox)
		h.happen(ann, handstamp.ActionLogin, "before anybody asked")
		d := h.start(h.outbox, box.destination("box"))
		for i := range 600 { // more than one page
			h.happen([]handstamp.ID{ann, bob}[i%2], handstamp.ActionLogin, fmt.Sprint(i))
		}
		time.Sleep(soon)
		d.Close()
		var even, odd []string
		for i := 0; i < 600; i += 2 {
			even, odd = append(even, fmt.Sprint(i)), append(odd, fmt.Sprint(i+1))
		}
		want(t, "Ann", box.reasons(ann), even...)
		want(t, "Bob", box.reasons(bob), odd...)

		h.happen(ann, handstamp.ActionLogout, "while nobody delivers")
		time.Sleep(time.Hour)
		d = h.start(h.outbox, box.destination("box"))
		time.Sleep(soon)
		d.Close()
		want(t, "Ann, after a restart", box.reasons(ann), append(even, "while nobody delivers")...)
		if n := d.Delivered()["box"]; n != 1 {
			t.Errorf("%d messages counted, want 1", n)
		}
		if b := h.backlog("box"); b != (outbox.Backlog{}) {
			t.Errorf("left: %+v", b)
		}
	})
}

// TestWake: who says so need not wait for the next look.
func TestWake(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h, box := newHouse(t), new(mailbox)
		d := h.start(h.outbox, box.destination("box"))
		defer d.Close()
		synctest.Wait()
		began := time.Now()
		h.happen(ann, handstamp.ActionLogin, "now")
		d.Wake()
		synctest.Wait()
		want(t, "after Wake", box.reasons(ann), "now")
		if took := time.Since(began); took != 0 {
			t.Errorf("it took %s", took)
		}
	})
}

// TestFailuresKeepTheOrder: whatever fails and however often, a user's messages are delivered in their order, and nobody is asked to
// take a later one before an earlier one was taken.
func TestFailuresKeepTheOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h, box := newHouse(t), new(mailbox)
		turns := 0
		box.refuse = func(m outbox.Message) error {
			if turns++; turns%3 != 0 {
				return errRefused
			}
			return nil
		}
		d := h.start(h.outbox, box.destination("box"))
		defer d.Close()
		users := []handstamp.ID{ann, bob, handstamp.NewID(), {}}
		for i := range 40 {
			h.happen(users[i%len(users)], handstamp.ActionLogin, fmt.Sprintf("%03d", i))
			time.Sleep(100 * time.Millisecond)
		}
		time.Sleep(2 * time.Hour)
		perUser := make(map[handstamp.ID][]string)
		box.mu.Lock()
		defer box.mu.Unlock()
		for _, m := range box.got {
			perUser[m.Event.UserID] = append(perUser[m.Event.UserID], m.Event.Reason)
		}
		for _, user := range users {
			if got := perUser[user]; len(got) != 10 || !slices.IsSorted(got) {
				t.Errorf("%s: %q", user, got)
			}
		}
	})
}

// TestOneBadMessage holds up nobody but its user, and that one not for ever.
func TestOneBadMessage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h, box := newHouse(t), new(mailbox)
		isBad := func(m outbox.Message) error {
			if m.Event.Reason == "bad" {
				return errRefused
			}
			return nil
		}
		box.refuse = isBad
		d := h.start(h.outbox, box.destination("box"))
		defer d.Close()
		h.happen(ann, handstamp.ActionLogin, "bad")
		h.happen(ann, handstamp.ActionLogout, "behind it")
		var others []string
		for i := range 30 {
			others = append(others, fmt.Sprint(i))
			h.happen(bob, handstamp.ActionLogin, fmt.Sprint(i))
			time.Sleep(time.Minute)
			if i == 5 {
				want(t, "Bob, meanwhile", box.reasons(bob), others...)
				want(t, "Ann, meanwhile", box.reasons(ann))
			}
		}
		want(t, "Bob", box.reasons(bob), others...)
		want(t, "Ann", box.reasons(ann), "behind it")
		want(t, "dead letters", h.letters(), "bad")
		if n := len(h.reports()); n < 3 || n > 40 { // it fails, is well again, …, and the letter
			t.Errorf("reported: %q", h.reports())
		}

		letters, err := h.outbox.Letters(t.Context(), outbox.Filter{Destination: "box"})
		if err != nil || letters[0].Error != "refused" || letters[0].Attempts < 8 || letters[0].FailedAt.IsZero() {
			t.Fatalf("%+v, %v", letters, err)
		}
		tried := box.attempts()
		time.Sleep(2 * time.Hour)
		if n := box.attempts(); n != tried {
			t.Error("a dead letter is tried without being told to")
		}
		if _, err := h.outbox.Retry(t.Context(), outbox.Filter{}); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Hour)
		if n := box.attempts() - tried; n != 1 {
			t.Errorf("tried %d times, want once", n)
		}
		want(t, "dead letters, after a retry that failed", h.letters(), "bad")
		box.setRefuse(nil)
		if _, err := h.outbox.Retry(t.Context(), outbox.Filter{IDs: []string{letters[0].ID}}); err != nil {
			t.Fatal(err)
		}
		time.Sleep(soon)
		want(t, "Ann, after a retry", box.reasons(ann), "behind it", "bad")
		want(t, "dead letters, after a retry", h.letters())
	})
}

// TestOutage: a destination that is down is left alone, loses nothing, and does not hold up another one.
func TestOutage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h, down, well := newHouse(t), new(mailbox), new(mailbox)
		down.refuse = all
		d := h.start(h.outbox, down.destination("down"), well.destination("well"))
		defer d.Close()
		var all []string
		for i := range 1000 {
			all = append(all, fmt.Sprint(i))
			h.happen(handstamp.NewID(), handstamp.ActionLogin, fmt.Sprint(i))
			time.Sleep(36 * time.Second) // ten hours
		}
		want(t, "the other one", well.reasons(handstamp.ID{}), all...)
		if n := down.attempts(); n < 50 || n > 300 {
			t.Errorf("asked %d times in ten hours", n)
		}
		if b := h.backlog("down"); b.Pending != 1000 || b.Dead != 0 {
			t.Errorf("left: %+v", b)
		}
		want(t, "reported", h.reports(), "down: refused")
		down.setRefuse(nil)
		time.Sleep(7 * time.Minute)
		got := down.reasons(handstamp.ID{})
		slices.SortFunc(got, func(a, b string) int { return len(a)*10000 - len(b)*10000 + strings.Compare(a, b) })
		want(t, "after the outage", got, all...)
		want(t, "reported", h.reports(), "down: refused", "down: <nil>")
		want(t, "dead letters", h.letters())
	})
}

// TestLongOutage: after three days messages become dead letters, which an operator can have sent.
func TestLongOutage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h, box := newHouse(t), new(mailbox)
		box.refuse = all
		d := h.start(h.outbox, box.destination("box"))
		defer d.Close()
		var first []string
		for i := range 20 {
			first = append(first, fmt.Sprint(i))
			h.happen(handstamp.NewID(), handstamp.ActionLogin, fmt.Sprint(i))
		}
		time.Sleep(36 * time.Hour)
		h.happen(ann, handstamp.ActionLogin, "later")
		time.Sleep(35 * time.Hour)
		want(t, "dead letters, before three days", h.letters())
		time.Sleep(2 * time.Hour)
		want(t, "dead letters, after three days", h.letters(), first...)
		box.setRefuse(nil)
		time.Sleep(10 * time.Minute)
		want(t, "after the outage", box.reasons(handstamp.ID{}), "later")
		if n, err := h.outbox.Retry(t.Context(), outbox.Filter{Destination: "box"}); n != 20 || err != nil {
			t.Error(n, err)
		}
		time.Sleep(10 * time.Second)
		want(t, "after a retry", box.reasons(handstamp.ID{}), append([]string{"later"}, first...)...)
	})
}

// TestServerWasOff: that messages are old says nothing about the destination.
func TestServerWasOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h, box := newHouse(t), new(mailbox)
		h.start(h.outbox, box.destination("box")).Close()
		for i := range 20 {
			h.happen(handstamp.NewID(), handstamp.ActionLogin, fmt.Sprint(i))
		}
		time.Sleep(10 * 24 * time.Hour)
		box.refuse = all
		d := h.start(h.outbox, box.destination("box"))
		defer d.Close()
		time.Sleep(50 * time.Minute)
		box.setRefuse(nil)
		time.Sleep(7 * time.Minute)
		if got := box.reasons(handstamp.ID{}); len(got) != 20 {
			t.Errorf("arrived: %q, dead: %q", got, h.letters())
		}
	})
}

// TestDelay: a destination may say when to come again.
func TestDelay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h, box := newHouse(t), new(mailbox)
		box.refuse = func(outbox.Message) error { return &outbox.DelayError{Err: errRefused, After: 20 * time.Minute} }
		d := h.start(h.outbox, box.destination("box"))
		defer d.Close()
		h.happen(ann, handstamp.ActionLogin, "one")
		time.Sleep(19 * time.Minute)
		if n := box.attempts(); n != 1 {
			t.Errorf("tried %d times", n)
		}
		box.setRefuse(nil)
		time.Sleep(2 * time.Minute)
		want(t, "then", box.reasons(ann), "one")
	})
}

// A frozenStore is that of a node that is stopped: its calls wait.
type frozenStore struct {
	outbox.Store
	frozen chan struct{} // closed when it goes on; nil for one that was never stopped
	mu     sync.Mutex
}

func (s *frozenStore) pass(ctx context.Context) error {
	s.mu.Lock()
	frozen := s.frozen
	s.mu.Unlock()
	if frozen != nil {
		<-frozen
	}
	return nil
}

func (s *frozenStore) Claim(ctx context.Context, node string, seen outbox.Turn) (outbox.Turn, error) {
	_ = s.pass(ctx)
	return s.Store.Claim(context.WithoutCancel(ctx), node, seen)
}

func (s *frozenStore) Save(ctx context.Context, node string, step outbox.Step) error {
	_ = s.pass(ctx)
	return s.Store.Save(context.WithoutCancel(ctx), node, step)
}

func (s *frozenStore) Entries(ctx context.Context, after int64, limit int) ([]audit.Entry, error) {
	_ = s.pass(ctx)
	return s.Store.Entries(context.WithoutCancel(ctx), after, limit)
}

// TestOneNodeDelivers: of two that share a store one delivers. When that one is stopped the other goes on where it was, and what the
// first does when it goes on itself is refused.
func TestOneNodeDelivers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h, one, two := newHouse(t), new(mailbox), new(mailbox)
		store := &frozenStore{Store: h.outbox}
		first := h.start(store, one.destination("box"))
		defer first.Close()
		synctest.Wait()
		second := h.start(h.outbox, two.destination("box"))
		defer second.Close()
		tell := func(what string) {
			h.happen(ann, handstamp.ActionLogin, what)
			time.Sleep(2 * time.Minute)
		}
		tell("a")
		tell("b")
		want(t, "the first node's", one.reasons(ann), "a", "b")
		want(t, "the second node's", two.reasons(ann))

		store.mu.Lock()
		store.frozen = make(chan struct{})
		store.mu.Unlock()
		h.happen(ann, handstamp.ActionLogin, "c")
		time.Sleep(outbox.Patience + 10*time.Second)
		want(t, "the second node's, after the other was stopped", two.reasons(ann), "c")
		close(store.frozen)
		tell("d")
		want(t, "the second node's, after the other went on", two.reasons(ann), "c", "d")
		want(t, "the first node's, at the end", one.reasons(ann), "a", "b")

		second.Close()
		tell("e")
		want(t, "the first node's, after the other has left", one.reasons(ann), "a", "b", "e")
	})
}

// A failingStore fails when it is told to.
type failingStore struct {
	outbox.Store
	mu  sync.Mutex
	err error
}

func (s *failingStore) fail(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.err = err
}

func (s *failingStore) now() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.err
}

func (s *failingStore) Claim(ctx context.Context, node string, seen outbox.Turn) (outbox.Turn, error) {
	if err := s.now(); err != nil {
		return outbox.Turn{}, err
	}
	return s.Store.Claim(ctx, node, seen)
}

func (s *failingStore) Save(ctx context.Context, node string, step outbox.Step) error {
	return errors.Join(s.now(), s.Store.Save(ctx, node, step))
}

// TestStoreIsBroken: it is said once, and the work goes on when it is over.
func TestStoreIsBroken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h, box := newHouse(t), new(mailbox)
		store := &failingStore{Store: h.outbox}
		d := h.start(store, box.destination("box"))
		defer d.Close()
		store.fail(errRefused)
		time.Sleep(time.Hour)
		h.happen(ann, handstamp.ActionLogin, "one")
		time.Sleep(time.Hour)
		store.fail(nil)
		time.Sleep(time.Minute)
		got := box.reasons(ann)
		if len(got) == 0 || slices.Compact(got)[0] != "one" || len(slices.Compact(got)) != 1 {
			t.Errorf("got %q", got)
		}
		if said := h.reports(); len(said) != 2 || !strings.Contains(said[0], "refused") || said[1] != ": <nil>" {
			t.Errorf("reported: %q", said)
		}
	})
}
