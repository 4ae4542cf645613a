package storetest

import (
	"bytes"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/session"
)

func wantSessions(t *testing.T, what string, want, got []session.Session) {
	t.Helper()
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

func listSessions(t *testing.T, s session.Store, q session.Query) []session.Session {
	t.Helper()
	got, err := s.List(t.Context(), q)
	must(t, err)
	return got
}

func listOfUser(t *testing.T, s session.Store) {
	user := handstamp.NewID()
	var records []session.Record
	var want []session.Session
	for i := range 3 {
		r := newRecord(user, moment.Add(time.Duration(i)*time.Minute))
		r.Device, r.Address, r.Data = "Phone", "192.0.2.7", []byte("bag")
		records, want = append(records, r), append(want, r.Session)
	}
	for _, i := range []int{2, 0, 1} {
		must(t, s.Insert(t.Context(), records[i]))
	}
	must(t, s.Insert(t.Context(), newRecord(handstamp.NewID(), moment)))
	wantSessions(t, "sessions of the user", want, listSessions(t, s, session.Query{UserID: user}))
	wantSessions(t, "with what is not for those of a user", want,
		listSessions(t, s, session.Query{UserID: user, Limit: 1, After: session.PlaceOf(want[1])}))
	wantSessions(t, "sessions of nobody", nil, listSessions(t, s, session.Query{UserID: handstamp.NewID()}))
}

// insertMany inserts sessions of several users, and returns them as everybody's are listed. Some began at
// the same time, some within one second, some days apart.
func insertMany(t *testing.T, s session.Store) []session.Session {
	t.Helper()
	users := []handstamp.ID{handstamp.NewID(), handstamp.NewID(), handstamp.NewID()}
	var all []session.Session
	for i, offset := range []time.Duration{
		0, 0, 0, 0, 1, 2, 59_999_999, 60_000_000, 60_000_000, 3_600_000_000, 200_000_000_000, -1, -1, -86_400_000_000, -86_400_000_001,
	} {
		r := newRecord(users[i%len(users)], moment.Add(offset*time.Microsecond))
		must(t, s.Insert(t.Context(), r))
		all = append(all, r.Session)
	}
	slices.SortFunc(all, newestFirst)
	return all
}

func newestFirst(a, b session.Session) int {
	if c := b.BeganAt.Compare(a.BeganAt); c != 0 {
		return c
	}
	return bytes.Compare(b.ID[:], a.ID[:])
}

func listOfEverybody(t *testing.T, s session.Store) {
	want := insertMany(t, s)
	wantSessions(t, "a limit of zero", nil, listSessions(t, s, session.Query{}))
	for limit := 1; limit <= len(want)+1; limit++ {
		var got []session.Session
		for q := (session.Query{Limit: limit}); ; {
			page := listSessions(t, s, q)
			if len(page) > limit || len(page) < min(limit, len(want)-len(got)) {
				t.Errorf("a page of %d sessions, asked for %d", len(page), limit)
			}
			if len(page) == 0 {
				break
			}
			got = append(got, page...)
			q.After = session.PlaceOf(page[len(page)-1])
		}
		wantSessions(t, "sessions of everybody, page by page", want, got)
	}
}

// listGoesOn from the place of a session that has ended, and with new ones in front of it.
func listGoesOn(t *testing.T, s session.Store) {
	want := insertMany(t, s)
	place := session.PlaceOf(want[5])
	end(t, s, session.Selection{UserID: want[5].UserID, ID: want[5].ID}, 1)
	must(t, s.Insert(t.Context(), newRecord(handstamp.NewID(), moment.Add(24*time.Hour))))
	wantSessions(t, "behind one that has ended", want[6:], listSessions(t, s, session.Query{After: place, Limit: 100}))

	// A session that is renewed and used stays where it is.
	all := listSessions(t, s, session.Query{Limit: 100})
	r := newRecord(handstamp.NewID(), moment)
	must(t, s.Insert(t.Context(), r))
	old := r.Hash
	r.Hash, r.ProvedAt, r.SeenAt = session.RandomToken().Hash(), moment.Add(48*time.Hour), moment.Add(72*time.Hour)
	must(t, s.Swap(t.Context(), old, r))
	must(t, s.Touch(t.Context(), r.Hash, r.SeenAt))
	all = append(all, r.Session)
	slices.SortFunc(all, newestFirst)
	wantSessions(t, "with one that was renewed and used", all, listSessions(t, s, session.Query{Limit: 100}))
}
