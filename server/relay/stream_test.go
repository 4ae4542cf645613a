package relay_test

import (
	"slices"
	"testing"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/server/relay"
	"github.com/handstamp/handstamp/session"
	"github.com/handstamp/handstamp/store/memory"
)

func follow(t *testing.T, r *relay.Relay, place string) *relay.Stream {
	t.Helper()
	s, ok := r.Follow(handstamp.ID{1}, place)
	if !ok {
		t.Fatal("no stream")
	}
	return s
}

func wantNext(t *testing.T, what string, s *relay.Stream, want ...session.Change) {
	t.Helper()
	if got, _ := s.Next(); !slices.Equal(got, want) {
		t.Errorf("%s: %v, want %v", what, got, want)
	}
}

func TestFollow(t *testing.T) {
	store := memory.New()
	r := relay.Start(store, relay.Config{})
	defer r.Close()
	one, two, anything := session.Change{Hash: session.Hash{1}}, session.Change{UserID: handstamp.ID{2}}, session.Change{}
	store.Publish(one)
	s := follow(t, r, "")
	wantNext(t, "from now on", s)
	place := s.Place(0)
	_, more := s.Next()
	store.Publish(one, two)
	select {
	case <-more:
	default:
		t.Error("not told of a change")
	}
	wantNext(t, "what came", s, one, two)
	wantNext(t, "once", s)
	s.Close()

	again := follow(t, r, place)
	wantNext(t, "from where it was cut off", again, one, two)
	halfway := again.Place(1)
	again.Close()
	again = follow(t, r, halfway)
	wantNext(t, "from between the two", again, two)
	again.Close()
	for _, place := range []string{"another.1", "1", "x", r.Renew(relay.Renewal{}).Feed + ".99", r.Renew(relay.Renewal{}).Feed + ".-1", place + "x"} {
		s := follow(t, r, place)
		wantNext(t, "from "+place, s, anything)
		wantNext(t, "and then", s)
		s.Close()
	}
	late := follow(t, r, "")
	defer late.Close()
	publish(store, 1<<13+1)
	wantNext(t, "far behind", late, anything)
}

func TestStreamsAreCounted(t *testing.T) {
	r := relay.Start(memory.New(), relay.Config{})
	defer r.Close()
	var open []*relay.Stream
	for range 64 {
		open = append(open, follow(t, r, ""))
	}
	if _, ok := r.Follow(handstamp.ID{1}, ""); ok {
		t.Error("one client may open any number of streams")
	}
	other, ok := r.Follow(handstamp.ID{2}, "")
	if !ok {
		t.Fatal("another client is refused for it")
	}
	other.Close()
	open[0].Close()
	follow(t, r, "").Close()
	n := 0
	for i := range 2000 {
		if _, ok := r.Follow(handstamp.ID{3, byte(i), byte(i >> 8)}, ""); ok {
			n++
		}
	}
	if n != 1024-63 {
		t.Errorf("%d streams beside 63", n)
	}
}
