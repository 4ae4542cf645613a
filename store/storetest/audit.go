package storetest

import (
	"context"
	"errors"
	"net/netip"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/account"
	"github.com/handstamp/handstamp/audit"
	"github.com/handstamp/handstamp/session"
)

// Audited is a store that keeps an audit log of what is done to its users and sessions.
type Audited struct {
	Log      audit.Log
	Users    account.Store
	Links    account.Links
	Sessions session.Store
}

// Audit checks that the stores which open makes keep the contract of [audit.Log], and write events
// together with what they tell of. Each test gets an empty one, whose sums chain makes.
func Audit(t *testing.T, open func(t *testing.T, chain audit.Chain) Audited) {
	chain := audit.NewChain([]byte("a key for tests"))
	for _, test := range []struct {
		name string
		run  func(*testing.T, Audited)
	}{
		{"EventsGoWithWrites", eventsGoWithWrites},
		{"EntriesComeBackAsTheyWere", entriesComeBack},
		{"FiltersSelect", filtersSelect},
		{"LinksWorkOnce", linksWorkOnce},
		{"ConcurrentEventsAreChained", func(t *testing.T, s Audited) { concurrentEvents(t, s, chain) }},
		{"TrimRemovesTheOldest", func(t *testing.T, s Audited) { trimRemoves(t, s, chain) }},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := open(t, chain)
			test.run(t, s)
			if _, err := audit.Verify(t.Context(), s.Log, chain, audit.Mark{}); err != nil {
				t.Error(err)
			}
		})
	}
}

// newEvent returns an event with something in every field that an entry keeps.
func newEvent(action handstamp.Action) handstamp.Event {
	return handstamp.Event{
		At: moment, Action: action, Outcome: handstamp.Failure, Reason: "because",
		Actor: "somebody", ActorID: handstamp.NewID(), UserID: handstamp.NewID(), SessionID: handstamp.NewID(),
		Origin: handstamp.Origin{Address: netip.MustParseAddr("2001:db8::1"), Device: "curl/8 \x00\xff", Trace: "4bf92f"},
	}
}

func entries(t *testing.T, log audit.Log, which audit.Filter) []audit.Entry {
	t.Helper()
	if which.Limit == 0 {
		which.Limit = 1000
	}
	found, err := log.Entries(t.Context(), which)
	must(t, err)
	return found
}

func eventsGoWithWrites(t *testing.T, s Audited) {
	ctx, written := t.Context(), 0
	step := func(name string, err, want error, more int) {
		t.Helper()
		wantErr(t, name, err, want)
		written += more
		if n := len(entries(t, s.Log, audit.Filter{})); n != written {
			t.Fatalf("%d entries after %s, want %d", n, name, written)
		}
	}
	e := newEvent(handstamp.ActionUserUpdate)
	with := account.Write{Events: []handstamp.Event{e, e}}
	ann, bob := newUser("ann@example.com"), newUser("bob@example.com")
	ann.Role, bob.Role = "admin", "admin"
	bob.Disabled = true
	step("Insert of a user", s.Users.Insert(ctx, ann, with), nil, 2)
	step("Insert of a taken email", s.Users.Insert(ctx, newUser("ann@example.com"), with), account.ErrEmailTaken, 0)
	step("Insert of another", s.Users.Insert(ctx, bob, with), nil, 2)
	wantUser(t, s.Users, account.Ref{ID: bob.ID}, bob)

	update := func(id handstamp.ID, change func(*account.User) (account.Write, error)) error {
		_, err := s.Users.Update(ctx, id, change)
		return err
	}
	keep := account.Write{Events: with.Events, LastRole: "admin"}
	refused := errors.New("refused")
	step("Update", update(ann.ID, func(u *account.User) (account.Write, error) { return with, nil }), nil, 2)
	step("refused Update", update(ann.ID, func(*account.User) (account.Write, error) { return with, refused }), refused, 0)
	step("Update that takes the last role", update(ann.ID, func(u *account.User) (account.Write, error) {
		u.Role = "user"
		return keep, nil
	}), account.ErrLast, 0)
	step("Update that disables the last", update(ann.ID, func(u *account.User) (account.Write, error) {
		u.Disabled = true
		return keep, nil
	}), account.ErrLast, 0)
	step("Delete of the last", s.Users.Delete(ctx, ann.ID, keep), account.ErrLast, 0)
	wantUser(t, s.Users, account.Ref{ID: ann.ID}, ann)
	step("Delete of one who is disabled", s.Users.Delete(ctx, bob.ID, keep), nil, 2)
	step("Delete of nobody", s.Users.Delete(ctx, bob.ID, keep), account.ErrNoUser, 0)

	r := newRecord(ann.ID, moment)
	step("Insert of a session", s.Sessions.Insert(ctx, r, e), nil, 1)
	step("Insert of it again", s.Sessions.Insert(ctx, r, e), session.ErrExists, 0)
	stale := r
	stale.Revision = 7
	step("Swap of another revision", s.Sessions.Swap(ctx, r.Hash, stale, e), session.ErrConflict, 0)
	step("Swap", s.Sessions.Swap(ctx, r.Hash, r, e), nil, 1)
	end := func(which session.Selection) error {
		_, err := s.Sessions.End(ctx, which, e)
		return err
	}
	step("End of nothing", end(session.Selection{Hash: session.RandomToken().Hash()}), nil, 0)
	step("End of nobody's", end(session.Selection{UserID: handstamp.NewID()}), nil, 0)
	step("End", end(session.Selection{UserID: ann.ID}), nil, 1)
	step("Record", s.Log.Record(ctx, e, e, e), nil, 3)
}

func entriesComeBack(t *testing.T, s Audited) {
	full, bare := newEvent(handstamp.ActionLogin), handstamp.Event{At: moment, Action: handstamp.ActionImport, Outcome: handstamp.Success}
	noted := full
	noted.Err, noted.Operator = errors.New("not kept"), "not kept"
	must(t, s.Log.Record(t.Context(), noted, bare))
	got := entries(t, s.Log, audit.Filter{})
	const replaced = "curl/8 \uFFFD\uFFFD" // where the store takes no such bytes
	for i, want := range []handstamp.Event{full, bare} {
		if got[i].Number != int64(i+1) || got[i].Sum == (audit.Sum{}) {
			t.Errorf("entry %d has the number %d and the sum %x", i, got[i].Number, got[i].Sum)
		}
		if got[i].Device == replaced {
			want.Device = replaced
		}
		if diff := cmp.Diff(want, got[i].Event, cmp.Comparer(func(a, b netip.Addr) bool { return a == b })); diff != "" {
			t.Errorf("event (-want +got):\n%s", diff)
		}
	}
}

func filtersSelect(t *testing.T, s Audited) {
	ann, bob := handstamp.NewID(), handstamp.NewID()
	var events []handstamp.Event
	for i, e := range []handstamp.Event{
		{Action: handstamp.ActionLogin, Outcome: handstamp.Success, ActorID: ann, UserID: ann},
		{Action: handstamp.ActionLogin, Outcome: handstamp.Failure, UserID: bob},
		{Action: handstamp.ActionUserDelete, Outcome: handstamp.Success, ActorID: ann, UserID: bob},
		{Action: handstamp.ActionLogin, Outcome: handstamp.Failure},
	} {
		e.At = moment.Add(time.Duration(i) * time.Minute)
		events = append(events, e)
	}
	must(t, s.Log.Record(t.Context(), events...))
	for name, c := range map[string]struct {
		which audit.Filter
		want  []int64
	}{
		"everything":        {audit.Filter{Limit: 9}, []int64{1, 2, 3, 4}},
		"nothing":           {audit.Filter{Limit: 9, After: 4}, nil},
		"the first two":     {audit.Filter{Limit: 2}, []int64{1, 2}},
		"the last two":      {audit.Filter{Limit: 2, Newest: true}, []int64{3, 4}},
		"after the second":  {audit.Filter{Limit: 9, After: 2}, []int64{3, 4}},
		"before the third":  {audit.Filter{Limit: 9, Before: 3}, []int64{1, 2}},
		"the last before":   {audit.Filter{Limit: 1, Before: 4, Newest: true}, []int64{3}},
		"by or to Ann":      {audit.Filter{Limit: 9, UserID: ann}, []int64{1, 3}},
		"by or to Bob":      {audit.Filter{Limit: 9, UserID: bob}, []int64{2, 3}},
		"logins":            {audit.Filter{Limit: 9, Action: handstamp.ActionLogin}, []int64{1, 2, 4}},
		"failures":          {audit.Filter{Limit: 9, Outcome: handstamp.Failure}, []int64{2, 4}},
		"failures of Bob":   {audit.Filter{Limit: 9, Outcome: handstamp.Failure, UserID: bob}, []int64{2}},
		"the last failure":  {audit.Filter{Limit: 1, Outcome: handstamp.Failure, Newest: true}, []int64{4}},
		"since":             {audit.Filter{Limit: 9, Since: moment.Add(2 * time.Minute)}, []int64{3, 4}},
		"until":             {audit.Filter{Limit: 9, Until: moment.Add(2 * time.Minute)}, []int64{1, 2}},
		"without any limit": {audit.Filter{}, nil},
	} {
		found, err := s.Log.Entries(t.Context(), c.which)
		must(t, err)
		var got []int64
		for _, e := range found {
			got = append(got, e.Number)
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func linksWorkOnce(t *testing.T, s Audited) {
	ctx := t.Context()
	now := time.Now().UTC().Truncate(time.Microsecond)
	link := account.Link{Hash: account.LinkHash{1}, Purpose: "test", ExpiresAt: now.Add(time.Minute)}
	must(t, s.Links.AddLink(ctx, link, newEvent(handstamp.ActionSetupLink)))
	has := func(hash account.LinkHash, at time.Time, want bool) {
		t.Helper()
		got, err := s.Links.HasLink(ctx, hash, at)
		must(t, err)
		if got != want {
			t.Errorf("HasLink = %v, want %v", got, want)
		}
	}
	has(link.Hash, now, true)
	has(link.Hash, link.ExpiresAt, false)
	has(account.LinkHash{2}, now, false)

	use := account.Write{Link: link.Hash, Now: now}
	late := use
	late.Now = link.ExpiresAt
	ann := newUser("ann@example.com")
	must(t, s.Users.Insert(ctx, ann, account.Write{}))
	wantErr(t, "Insert with an expired link", s.Users.Insert(ctx, newUser("bob@example.com"), late), account.ErrNoLink)
	wantErr(t, "Insert of a taken email", s.Users.Insert(ctx, newUser("ann@example.com"), use), account.ErrEmailTaken)
	has(link.Hash, now, true)

	rename := func(w account.Write) func(*account.User) (account.Write, error) {
		return func(u *account.User) (account.Write, error) {
			u.FirstName = new("Anna")
			return w, nil
		}
	}
	_, err := s.Users.Update(ctx, ann.ID, rename(late))
	wantErr(t, "Update with an expired link", err, account.ErrNoLink)
	if u, err := s.Users.Find(ctx, account.Ref{ID: ann.ID}); err != nil || u.FirstName == nil || *u.FirstName != *ann.FirstName {
		t.Errorf("a change that was refused was written: %+v, %v", u, err)
	}
	has(link.Hash, now, true)

	for what, write := range map[string]func() error{
		"Insert": func() error { return s.Users.Insert(ctx, newUser(handstamp.NewID().String()+"@example.com"), use) },
		"Update": func() error { _, err := s.Users.Update(ctx, ann.ID, rename(use)); return err },
	} {
		must(t, s.Links.AddLink(ctx, link))
		const tries = 16
		errs := make(chan error, tries)
		for range tries {
			go func() { errs <- write() }()
		}
		done := 0
		for range tries {
			switch err := <-errs; {
			case err == nil:
				done++
			case !errors.Is(err, account.ErrNoLink):
				t.Error(err)
			}
		}
		if done != 1 {
			t.Errorf("%s has used one link %d times", what, done)
		}
		has(link.Hash, now, false)
	}

	second := link
	second.Hash = account.LinkHash{3}
	must(t, s.Links.AddLink(ctx, link))
	must(t, s.Links.AddLink(ctx, second))
	has(link.Hash, now, false)
	has(second.Hash, now, true)
	must(t, s.Links.RemoveLinks(ctx, "another"))
	has(second.Hash, now, true)
	must(t, s.Links.RemoveLinks(ctx, "test"))
	has(second.Hash, now, false)
}

func concurrentEvents(t *testing.T, s Audited, chain audit.Chain) {
	const writers, each = 8, 20
	errs := make(chan error, writers)
	for range writers {
		go func() {
			var err error
			for range each {
				err = errors.Join(err, s.Log.Record(context.WithoutCancel(t.Context()), newEvent(handstamp.ActionLogin)))
			}
			errs <- err
		}()
	}
	for range writers {
		must(t, <-errs)
	}
	end, err := audit.Verify(t.Context(), s.Log, chain, audit.Mark{})
	must(t, err)
	if end.Number != writers*each {
		t.Errorf("the log ends with entry %d, want %d", end.Number, writers*each)
	}
}

func trimRemoves(t *testing.T, s Audited, chain audit.Chain) {
	ctx := t.Context()
	moment := moment.AddDate(-1, 0, 0)
	for i := range 10 {
		e := newEvent(handstamp.ActionLogin)
		e.At = moment.Add(time.Duration(i) * time.Hour)
		must(t, s.Log.Record(ctx, e))
	}
	trim := func(before time.Time, limit, want int) {
		t.Helper()
		n, err := s.Log.Trim(ctx, before, limit)
		must(t, err)
		if n != want {
			t.Errorf("Trim = %d, want %d", n, want)
		}
		_, err = audit.Verify(ctx, s.Log, chain, audit.Mark{})
		must(t, err)
	}
	seen, err := audit.Verify(ctx, s.Log, chain, audit.Mark{})
	must(t, err)
	trim(moment, 5, 0)
	trim(moment.Add(4*time.Hour), 3, 3)
	trim(moment.Add(4*time.Hour), 3, 1)
	trim(moment.Add(4*time.Hour), 3, 0)
	if first := entries(t, s.Log, audit.Filter{})[0]; first.Number != 5 {
		t.Errorf("the first entry is %d, want 5", first.Number)
	}
	if _, err := audit.Verify(ctx, s.Log, chain, seen); err != nil {
		t.Error(err)
	}
	trim(time.Now().Add(time.Hour), 1000, 7) // the newest stays
	if left := entries(t, s.Log, audit.Filter{}); len(left) != 2 || left[1].Action != handstamp.ActionAuditTrim {
		t.Errorf("left: %v", left)
	}
}
