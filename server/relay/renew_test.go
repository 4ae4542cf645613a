package relay_test

import (
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/server/relay"
	"github.com/handstamp/handstamp/session"
	"github.com/handstamp/handstamp/store/memory"
)

func publish(s *memory.Sessions, n int) {
	for range n {
		s.Publish(session.Change{Hash: session.RandomToken().Hash()})
	}
}

func TestNews(t *testing.T) {
	store := memory.New()
	r := relay.Start(store, relay.Config{})
	defer r.Close()
	publish(store, 10)
	ask := func(applied map[string]int64) relay.News {
		return r.Renew(relay.Renewal{Client: handstamp.NewID(), Node: "a", Lease: time.Second, Applied: applied})
	}
	feed := ask(nil).Feed
	for name, test := range map[string]struct {
		applied map[string]int64
		changes int
		gap     bool
	}{
		"nothing known":          {nil, 0, true},
		"all known":              {map[string]int64{feed: 10}, 0, false},
		"some known":             {map[string]int64{feed: 7}, 3, false},
		"none applied":           {map[string]int64{feed: 0}, 10, false},
		"more than there is":     {map[string]int64{feed: 11}, 0, true},
		"less than nothing":      {map[string]int64{feed: -1}, 0, true},
		"another feed":           {map[string]int64{"another": 10}, 0, true},
		"another feed beside it": {map[string]int64{"another": 3, feed: 8}, 2, false},
	} {
		news := ask(test.applied)
		if len(news.Changes) != test.changes || news.Gap != test.gap || news.Head != 10 || news.Good != time.Second {
			t.Errorf("%s: %d changes, gap %v, head %d, good for %v", name, len(news.Changes), news.Gap, news.Head, news.Good)
		}
	}
	// The ring is full, and then some.
	publish(store, 1<<13)
	for applied, want := range map[int64]int{10: 1 << 13, 9: 0, 11: 1<<13 - 1, 10 + 1<<13: 0} {
		news := ask(map[string]int64{feed: applied})
		if len(news.Changes) != want || news.Gap != (applied == 9) {
			t.Errorf("after %d: %d changes, gap %v", applied, len(news.Changes), news.Gap)
		}
	}
	publish(store, 3)
	last := session.Change{Hash: session.Hash{7}}
	store.Publish(last)
	if news := ask(map[string]int64{feed: 10 + 1<<13 + 2}); len(news.Changes) != 2 || news.Changes[1] != last {
		t.Errorf("the last two: %v", news.Changes)
	}
}

// leasedStore is a store over a network.
type leasedStore struct {
	*memory.Sessions
	lease session.Lease
}

func (s *leasedStore) Lease() *session.Lease { return &s.lease }

// TestNoLongerThanTheServersOwnLease: nobody vouches for more than somebody vouches for it.
func TestNoLongerThanTheServersOwnLease(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &leasedStore{Sessions: memory.New()}
		r := relay.Start(store, relay.Config{Lease: lease})
		defer r.Close()
		good := func() time.Duration {
			return r.Renew(relay.Renewal{Node: "a", Lease: time.Hour}).Good
		}
		if got := good(); got != 0 {
			t.Errorf("before the server has a lease: %v", got)
		}
		store.lease.Extend(time.Now(), time.Second)
		if got, most := good(), time.Second; got <= 0 || got > most {
			t.Errorf("granted %v of %v", got, most)
		}
		time.Sleep(700 * time.Millisecond)
		if got, most := good(), 300*time.Millisecond; got <= 0 || got > most {
			t.Errorf("granted %v of %v that are left", got, most)
		}
		time.Sleep(300 * time.Millisecond)
		if got := good(); got != 0 {
			t.Errorf("granted %v after the server's own lease", got)
		}
		store.lease.Extend(time.Now(), time.Hour)
		if got := good(); got != lease {
			t.Errorf("granted %v, want the most that is granted, %v", got, lease)
		}
		store.lease.End()
		if got := good(); got != 0 {
			t.Errorf("granted %v after the end of the server's own lease", got)
		}
	})
}

// TestIncarnationOfTheStore is passed on; before it is known nobody gets a lease.
func TestIncarnationOfTheStore(t *testing.T) {
	incarnation := ""
	r := relay.Start(memory.New(), relay.Config{Incarnation: func() string { return incarnation }})
	defer r.Close()
	ask := func() relay.News { return r.Renew(relay.Renewal{Node: "a", Lease: time.Second}) }
	if news := ask(); news.Good != 0 {
		t.Errorf("granted %v by a server that has not reached its store", news.Good)
	}
	incarnation = "first"
	if news := ask(); news.Good != time.Second || news.Incarnation != "first" || news.Feed == "first" {
		t.Errorf("%+v", news)
	}
}

// TestManyNodes: there is a lease for so many, and another one when some have run out.
func TestManyNodes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := relay.Start(memory.New(), relay.Config{Lease: lease})
		defer r.Close()
		client, granted := handstamp.NewID(), 0
		for i := range 5000 {
			if r.Renew(relay.Renewal{Client: client, Node: strconv.Itoa(i), Lease: lease}).Good > 0 {
				granted++
			}
		}
		if granted != 4096 || r.Nodes() != granted {
			t.Errorf("%d nodes have a lease, and %d are counted", granted, r.Nodes())
		}
		time.Sleep(2 * lease)
		if n := r.Nodes(); n != 0 {
			t.Errorf("%d leases run after their time", n)
		}
		if news := r.Renew(relay.Renewal{Client: client, Node: "another", Lease: lease}); news.Good != lease {
			t.Errorf("granted %v when there is room again", news.Good)
		}
	})
}

// TestDrain: a server that stops grants nothing more, and one that is strict waits for what it has granted.
func TestDrain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := relay.Start(memory.New(), relay.Config{Lease: lease, Strict: true})
		time.Sleep(2 * lease)
		client := handstamp.NewID()
		ask := func() time.Duration { return r.Renew(relay.Renewal{Client: client, Node: "a", Lease: lease}).Good }
		if got := ask(); got != lease {
			t.Errorf("granted %v", got)
		}
		r.Drain()
		select {
		case <-r.Drained():
		default:
			t.Error("streams are not told")
		}
		if got := ask(); got != 0 {
			t.Errorf("granted %v while the server stops", got)
		}
		began := time.Now()
		r.Close()
		if took := time.Since(began); took < lease || took > lease*11/10 {
			t.Errorf("the end took %v, want as long as the lease that was granted", took)
		}
	})
}

// TestOthersNodes: who guesses the name of another client's node can neither release it nor speak for it.
func TestOthersNodes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := memory.New()
		r := relay.Start(store, relay.Config{Lease: lease, Strict: true})
		defer r.Close()
		time.Sleep(2 * lease)
		owner, thief := handstamp.NewID(), handstamp.NewID()
		feed := r.Renew(relay.Renewal{Client: owner, Node: "a", Lease: lease}).Feed
		r.Release(thief, "a")
		go func() {
			time.Sleep(time.Millisecond)
			r.Renew(relay.Renewal{Client: thief, Node: "a", Lease: time.Millisecond, Applied: map[string]int64{feed: 1}})
		}()
		began := time.Now()
		publish(store, 1)
		if took := time.Since(began); took < lease {
			t.Errorf("the change was held up for %v, want for as long as the owner's lease", took)
		}
	})
}
