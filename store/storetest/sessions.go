package storetest

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/session"
)

// Sessions checks that the stores which open makes keep the contract of [session.Store]. Each
// test gets an empty one.
func Sessions(t *testing.T, open func(*testing.T) session.Store) {
	for _, test := range []struct {
		name string
		run  func(*testing.T, session.Store)
	}{
		{"InsertAndLoad", insertAndLoad},
		{"OnlyInsertMakesSessions", onlyInsertMakes},
		{"SwapComparesRevisions", swapComparesRevisions},
		{"SwapReplacesTheToken", swapReplacesToken},
		{"SwapRotates", swapRotates},
		{"TouchMovesForward", touchMovesForward},
		{"EndSelects", endSelects},
		{"EndExpiredInBatches", endExpired},
		{"EndExpiredBearers", endExpiredBearers},
		{"ListOfAUser", listOfUser},
		{"ListOfEverybody", listOfEverybody},
		{"ListGoesOnWhereSessionsHaveEnded", listGoesOn},
		{"WatchHearsBeforeTheWriterReturns", watchHears},
		{"DataIsNotShared", dataIsNotShared},
		{"ConcurrentUpdatesAllCount", concurrentUpdates},
		{"Resurrection", func(t *testing.T, s session.Store) {
			if err := Resurrection(t.Context(), s); err != nil {
				t.Error(err)
			}
		}},
	} {
		t.Run(test.name, func(t *testing.T) { test.run(t, open(t)) })
	}
	t.Run("StateMachine", func(t *testing.T) { stateMachine(t, open) })
}

// moment is when the sessions of these tests begin. Stores keep microseconds.
var moment = time.Date(2026, 11, 22, 10, 0, 0, 123_000, time.UTC)

// newRecord returns a session of user that began at.
func newRecord(user handstamp.ID, at time.Time) session.Record {
	return session.Record{
		Session: session.Session{
			ID: handstamp.NewID(), UserID: user, Role: "admin",
			BeganAt: at, ProvedAt: at.Add(time.Second), SeenAt: at.Add(2 * time.Second),
		},
		Hash:     session.RandomToken().Hash(),
		Revision: 1,
	}
}

// newBearer returns a session of bearer tokens, which lasts for an hour.
func newBearer(user handstamp.ID, at time.Time) session.Record {
	r := newRecord(user, at)
	r.Until, r.Generation = at.Add(time.Hour).Truncate(time.Second), 1
	return r
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func wantErr(t *testing.T, what string, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("%s: error %v, want %v", what, err, want)
	}
}

func wantRecord(t *testing.T, s session.Store, want session.Record) {
	t.Helper()
	got, err := s.Load(t.Context(), want.Hash)
	must(t, err)
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("record (-want +got):\n%s", diff)
	}
}

func wantGone(t *testing.T, s session.Store, hash session.Hash) {
	t.Helper()
	_, err := s.Load(t.Context(), hash)
	wantErr(t, "Load", err, session.ErrGone)
}

func end(t *testing.T, s session.Store, which session.Selection, want int) {
	t.Helper()
	n, err := s.End(t.Context(), which)
	must(t, err)
	if n != want {
		t.Errorf("End(%+v) ended %d sessions, want %d", which, n, want)
	}
}

func insertAndLoad(t *testing.T, s session.Store) {
	full, bare := newRecord(handstamp.NewID(), moment), newRecord(handstamp.NewID(), moment)
	full.Data = []byte{0, 1, 0xff}
	bare.Role = ""
	bearer := newBearer(handstamp.NewID(), moment)
	bearer.RotatedAt = moment.Truncate(time.Second)
	for _, r := range []session.Record{full, bare, bearer} {
		must(t, s.Insert(t.Context(), r))
		wantRecord(t, s, r)
	}
	again := newRecord(handstamp.NewID(), moment)
	again.Hash = full.Hash
	wantErr(t, "Insert with a hash that is there", s.Insert(t.Context(), again), session.ErrExists)
	wantRecord(t, s, full)
	wantGone(t, s, session.RandomToken().Hash())
}

func onlyInsertMakes(t *testing.T, s session.Store) {
	ended := newRecord(handstamp.NewID(), moment)
	must(t, s.Insert(t.Context(), ended))
	end(t, s, session.Selection{Hash: ended.Hash}, 1)
	never := newRecord(ended.UserID, moment)
	for name, r := range map[string]session.Record{"ended": ended, "never begun": never} {
		renewed := r
		renewed.Hash = session.RandomToken().Hash()
		wantErr(t, "Swap of a session "+name, s.Swap(t.Context(), r.Hash, r), session.ErrGone)
		wantErr(t, "renewing Swap of a session "+name, s.Swap(t.Context(), r.Hash, renewed), session.ErrGone)
		wantErr(t, "Touch of a session "+name, s.Touch(t.Context(), r.Hash, moment), session.ErrGone)
		end(t, s, session.Selection{Hash: r.Hash}, 0)
		wantGone(t, s, r.Hash)
		wantGone(t, s, renewed.Hash)
	}
	if left, err := s.List(t.Context(), session.Query{UserID: ended.UserID}); err != nil || len(left) != 0 {
		t.Errorf("List: %v, %v; want none", left, err)
	}
}

func swapComparesRevisions(t *testing.T, s session.Store) {
	r := newRecord(handstamp.NewID(), moment)
	must(t, s.Insert(t.Context(), r))

	first := r
	first.Data, first.ProvedAt = []byte("first"), moment.Add(time.Hour)
	must(t, s.Swap(t.Context(), r.Hash, first))
	first.Revision = 2
	wantRecord(t, s, first)

	late := r // read before the first change
	late.Data = []byte("late")
	wantErr(t, "Swap of an old revision", s.Swap(t.Context(), r.Hash, late), session.ErrConflict)
	wantRecord(t, s, first)

	first.Data = nil
	must(t, s.Swap(t.Context(), r.Hash, first))
	first.Revision = 3
	wantRecord(t, s, first)
}

func swapRotates(t *testing.T, s session.Store) {
	r := newBearer(handstamp.NewID(), moment)
	must(t, s.Insert(t.Context(), r))
	heard := listen(t, s)
	rotated := r
	rotated.Generation, rotated.Until, rotated.RotatedAt = 2, r.Until.Add(time.Hour), r.Until.Add(-time.Minute)
	must(t, s.Swap(t.Context(), r.Hash, rotated))
	rotated.Revision = 2
	wantRecord(t, s, rotated)
	wantErr(t, "a second Swap of the same revision", s.Swap(t.Context(), r.Hash, r), session.ErrConflict)
	wantRecord(t, s, rotated)
	heard.expect(t, "two Swaps, one of which was refused", session.Change{Hash: r.Hash, Lives: true})
}

func swapReplacesToken(t *testing.T, s session.Store) {
	r := newRecord(handstamp.NewID(), moment)
	must(t, s.Insert(t.Context(), r))
	renewed := r
	renewed.Hash, renewed.Data = session.RandomToken().Hash(), []byte("resealed")
	must(t, s.Swap(t.Context(), r.Hash, renewed))
	renewed.Revision = 2
	wantRecord(t, s, renewed)
	wantGone(t, s, r.Hash)
	wantErr(t, "Swap with the old token", s.Swap(t.Context(), r.Hash, renewed), session.ErrGone)
	end(t, s, session.Selection{Hash: r.Hash}, 0)
	end(t, s, session.Selection{UserID: r.UserID, ID: r.ID}, 1)
	wantGone(t, s, renewed.Hash)
}

func touchMovesForward(t *testing.T, s session.Store) {
	r := newRecord(handstamp.NewID(), moment)
	must(t, s.Insert(t.Context(), r))
	r.SeenAt = moment.Add(time.Hour)
	must(t, s.Touch(t.Context(), r.Hash, r.SeenAt))
	wantRecord(t, s, r)
	must(t, s.Touch(t.Context(), r.Hash, moment))
	wantRecord(t, s, r)
}

func endSelects(t *testing.T, s session.Store) {
	ann, bob := handstamp.NewID(), handstamp.NewID()
	insert := func(user handstamp.ID) session.Record {
		r := newRecord(user, moment)
		must(t, s.Insert(t.Context(), r))
		return r
	}
	a1, a2, a3, b1, b2 := insert(ann), insert(ann), insert(ann), insert(bob), insert(bob)

	end(t, s, session.Selection{}, 0)
	end(t, s, session.Selection{Except: a1.Hash}, 0)
	end(t, s, session.Selection{UserID: bob, ID: a1.ID}, 0) // somebody else's
	end(t, s, session.Selection{UserID: ann, Hash: b1.Hash}, 0)
	end(t, s, session.Selection{UserID: ann, Except: a1.Hash}, 2)
	wantGone(t, s, a2.Hash)
	wantGone(t, s, a3.Hash)
	wantRecord(t, s, a1)
	end(t, s, session.Selection{ID: b2.ID}, 1)
	wantGone(t, s, b2.Hash)
	end(t, s, session.Selection{UserID: ann}, 1)
	end(t, s, session.Selection{UserID: ann}, 0)
	wantRecord(t, s, b1)
	end(t, s, session.Selection{UserID: bob, Hash: b1.Hash}, 1)
	wantGone(t, s, b1.Hash)
}

func endExpired(t *testing.T, s session.Store) {
	user := handstamp.NewID()
	fresh := newRecord(user, moment)
	must(t, s.Insert(t.Context(), fresh))
	for i := range 5 { // began long ago
		r := newRecord(user, moment.Add(-time.Duration(i+1)*time.Hour))
		r.SeenAt = moment
		must(t, s.Insert(t.Context(), r))
	}
	idle := newRecord(user, moment)
	idle.SeenAt = moment.Add(-time.Hour)
	must(t, s.Insert(t.Context(), idle))

	var which session.Selection
	which.Expired.Limit = 3
	end(t, s, which, 0) // no time is given
	which.Expired.BeganBefore = moment
	end(t, s, which, 3)
	end(t, s, which, 2)
	end(t, s, which, 0)
	which.Expired.SeenBefore = moment.Add(-time.Hour)
	end(t, s, which, 0) // not before, but at
	which.Expired.SeenBefore = moment
	end(t, s, which, 1)
	wantGone(t, s, idle.Hash)
	wantRecord(t, s, fresh)
}

// endExpiredBearers: a session of bearer tokens goes by its own time, and by no other.
func endExpiredBearers(t *testing.T, s session.Store) {
	user := handstamp.NewID()
	old := newBearer(user, moment.Add(-24*time.Hour))
	old.Until = moment.Add(time.Hour).Truncate(time.Second)
	must(t, s.Insert(t.Context(), old))
	must(t, s.Touch(t.Context(), old.Hash, moment.Add(-time.Hour)))

	var which session.Selection
	which.Expired.Limit = 3
	which.Expired.BeganBefore, which.Expired.SeenBefore = moment, moment
	end(t, s, which, 0)
	which.Expired.UntilBefore = old.Until
	end(t, s, which, 0) // not before, but at
	longer := old
	longer.SeenAt = moment.Add(-time.Hour)
	longer.Until = old.Until.Add(time.Hour)
	must(t, s.Swap(t.Context(), old.Hash, longer))
	which.Expired.UntilBefore = longer.Until
	end(t, s, which, 0)
	which.Expired.UntilBefore = longer.Until.Add(time.Second)
	end(t, s, which, 1)
	wantGone(t, s, old.Hash)
}

func watchHears(t *testing.T, s session.Store) {
	heard := listen(t, s)
	user := handstamp.NewID()
	one, two := newRecord(user, moment), newRecord(user, moment)
	must(t, s.Insert(t.Context(), one))
	must(t, s.Insert(t.Context(), two))
	must(t, s.Touch(t.Context(), one.Hash, moment.Add(time.Minute)))
	heard.expect(t, "Insert and Touch")

	renewed := one
	renewed.Hash = session.RandomToken().Hash()
	must(t, s.Swap(t.Context(), one.Hash, renewed))
	heard.expect(t, "renewing", session.Change{Hash: one.Hash})

	end(t, s, session.Selection{Hash: renewed.Hash}, 1)
	heard.expect(t, "End of one", session.Change{Hash: renewed.Hash})

	end(t, s, session.Selection{UserID: user}, 1)
	heard.expect(t, "End of a user's", session.Change{Hash: two.Hash}, session.Change{UserID: user})

	end(t, s, session.Selection{UserID: user}, 0)
	heard.expect(t, "End of a user without sessions", session.Change{UserID: user})

	heard.stop()
	must(t, s.Insert(t.Context(), one))
	end(t, s, session.Selection{Hash: one.Hash}, 1)
	heard.expect(t, "it was told to stop")
}

func dataIsNotShared(t *testing.T, s session.Store) {
	r := newRecord(handstamp.NewID(), moment)
	r.Data = []byte("mine")
	must(t, s.Insert(t.Context(), r))
	copy(r.Data, "----")
	got, err := s.Load(t.Context(), r.Hash)
	must(t, err)
	if string(got.Data) != "mine" {
		t.Errorf("data is %q: the store kept the caller's slice", got.Data)
	}
	copy(got.Data, "----")
	if got, err = s.Load(t.Context(), r.Hash); err != nil || string(got.Data) != "mine" {
		t.Errorf("data is %q, %v: the store gave its own slice away", got.Data, err)
	}
}

func concurrentUpdates(t *testing.T, s session.Store) {
	r := newRecord(handstamp.NewID(), moment)
	must(t, s.Insert(t.Context(), r))
	const writers, each = 8, 10
	errs := make(chan error, writers)
	for range writers {
		go func() { errs <- addOnes(t.Context(), s, r.Hash, each) }()
	}
	for range writers {
		must(t, <-errs)
	}
	got, err := s.Load(t.Context(), r.Hash)
	must(t, err)
	if len(got.Data) != writers*each || got.Revision != 1+writers*each {
		t.Errorf("%d changes were kept and the revision is %d, of %d changes", len(got.Data), got.Revision, writers*each)
	}
}

// addOnes appends a byte to the data n times, each time again until nobody came in between.
func addOnes(ctx context.Context, s session.Store, hash session.Hash, n int) error {
	for range n {
		for {
			r, err := s.Load(ctx, hash)
			if err != nil {
				return err
			}
			r.Data = append(r.Data[:len(r.Data):len(r.Data)], '1')
			err = s.Swap(ctx, hash, r)
			if err == nil {
				break
			}
			if !errors.Is(err, session.ErrConflict) {
				return err
			}
		}
	}
	return nil
}
