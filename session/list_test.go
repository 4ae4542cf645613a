package session_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/session"
	"github.com/handstamp/handstamp/store/memory"
)

// keep puts a session of user into store, that began and was seen so long ago.
func keep(t *testing.T, store session.Store, user handstamp.ID, began, seen time.Duration) session.Session {
	t.Helper()
	now := time.Now().UTC().Truncate(time.Microsecond)
	s := session.Session{
		ID: handstamp.NewID(), UserID: user, BeganAt: now.Add(-began), ProvedAt: now.Add(-began), SeenAt: now.Add(-seen),
	}
	r := session.Record{Session: s, Hash: session.RandomToken().Hash(), Revision: 1}
	if err := store.Insert(t.Context(), r); err != nil {
		t.Fatal(err)
	}
	return s
}

// allPages reads the list of everybody's sessions to its end, and returns how long the pages were, too.
func allPages(t *testing.T, m *session.Manager, limit int) (all []session.Session, lengths []int) {
	t.Helper()
	var after session.Place
	for {
		page, err := m.ListAll(t.Context(), after, limit)
		if err != nil {
			t.Fatal(err)
		}
		all, lengths = append(all, page.Sessions...), append(lengths, len(page.Sessions))
		if page.Next.IsZero() {
			return all, lengths
		}
		if len(lengths) > 1000 {
			t.Fatal("the list has no end")
		}
		after = page.Next
	}
}

// TestListAll: the live sessions of everybody, the newest first, in pages that are full to the last.
func TestListAll(t *testing.T) {
	store := memory.New()
	m := newManager(t, store)
	var want []session.Session
	for i := range 30 {
		minutes := time.Duration(i) * time.Minute
		alive := keep(t, store, []handstamp.ID{ann, bob}[i%2], minutes, 0)
		want = append(want, alive)
		keep(t, store, ann, minutes+time.Second, 2*time.Hour) // idle for too long
	}
	keep(t, store, ann, 25*time.Hour, 0)
	keep(t, store, ann, -25*time.Hour, 0) // from before the clock was set back
	for limit, pages := range map[int]int{1: 30, 7: 5, 15: 2, 29: 2, 30: 1, 1000: 1} {
		got, lengths := allPages(t, m, limit)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("by %d (-want +got):\n%s", limit, diff)
		}
		if len(lengths) != pages {
			t.Errorf("by %d: pages of %v", limit, lengths)
		}
	}
	for _, limit := range []int{0, -1} {
		if page, err := m.ListAll(t.Context(), session.Place{}, limit); err != nil || len(page.Sessions) > 0 || !page.Next.IsZero() {
			t.Errorf("a limit of %d: %+v, %v", limit, page, err)
		}
	}
}

// TestListAllPassesOverWhatIsExpired, be it more than there is on many pages, and comes to an end.
func TestListAllPassesOverWhatIsExpired(t *testing.T) {
	for name, began := range map[string]time.Duration{"idle": time.Hour, "as old as a session gets": 30 * time.Hour} {
		t.Run(name, func(t *testing.T) {
			store := memory.New()
			m := newManager(t, store)
			newest := keep(t, store, ann, time.Minute, 0)
			for i := range 100 {
				keep(t, store, bob, began+time.Duration(i)*time.Second, 2*time.Hour)
			}
			want := []session.Session{newest}
			if began < m.Lifetime {
				want = append(want, keep(t, store, ann, 3*time.Hour, 0))
			}
			got, _ := allPages(t, m, 2)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// TestListOfNobody: a user who is none must not be everybody.
func TestListOfNobody(t *testing.T) {
	m := newManager(t, memory.New())
	begin(t, m, handstamp.Identity{UserID: ann})
	if got, err := m.List(t.Context(), handstamp.ID{}); err != nil || len(got) > 0 {
		t.Errorf("%v, %v; want none", got, err)
	}
}

func TestPlaceAsText(t *testing.T) {
	at := time.Date(2026, 11, 22, 10, 0, 0, 123_000, time.UTC)
	for _, want := range []session.Place{{}, {BeganAt: at, ID: ann}, {BeganAt: time.Date(1969, 1, 1, 0, 0, 0, 0, time.UTC), ID: bob}} {
		text, err := want.MarshalText()
		var got session.Place
		if err == nil {
			err = got.UnmarshalText(text)
		}
		if err != nil || got != want {
			t.Errorf("%+v is %q and then %+v, %v", want, text, got, err)
		}
	}
	good, _ := session.Place{BeganAt: at, ID: ann}.MarshalText()
	for _, bad := range []string{"?", "AA", string(good[1:]), string(good) + "A", fmt.Sprint(at)} {
		place := session.Place{ID: ann}
		if err := place.UnmarshalText([]byte(bad)); err == nil || !place.IsZero() {
			t.Errorf("%q is %+v, %v; want an error", bad, place, err)
		}
	}
}

// TestPlaceOrder: a page that begins at a place that was handed back has what is behind it.
func TestPlaceOrder(t *testing.T) {
	store := memory.New()
	m := newManager(t, store)
	for i := range 10 {
		keep(t, store, ann, time.Duration(i/3)*time.Second, 0)
	}
	all, _ := allPages(t, m, 100)
	for i, s := range all {
		text, err := session.PlaceOf(s).MarshalText()
		var place session.Place
		if err == nil {
			err = place.UnmarshalText(text)
		}
		if err != nil {
			t.Fatal(err)
		}
		page, err := m.ListAll(t.Context(), place, 100)
		if err != nil || !slices.Equal(page.Sessions, all[i+1:]) {
			t.Errorf("behind number %d there are %d sessions, %v", i, len(page.Sessions), err)
		}
	}
}
