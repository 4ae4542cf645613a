package storetest

import (
	"bytes"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/audit"
	"github.com/handstamp/handstamp/client"
)

// Clients checks that the stores which open makes keep the contract of [client.Store], and write events to
// the log that comes with it. Each test gets an empty one, whose sums chain makes.
func Clients(t *testing.T, open func(t *testing.T, chain audit.Chain) (client.Store, audit.Log)) {
	chain := audit.NewChain([]byte("a key for tests"))
	for _, test := range []struct {
		name string
		run  func(*testing.T, client.Store, audit.Log)
	}{
		{"ClientsComeBackAsTheyWere", clientsComeBack},
		{"ClientsAreListedByAge", clientsAreListed},
		{"ClientEventsGoWithWrites", clientEvents},
		{"OneOfManyDeletesAClient", clientDeletedOnce},
	} {
		t.Run(test.name, func(t *testing.T) {
			s, log := open(t, chain)
			test.run(t, s, log)
			if _, err := audit.Verify(t.Context(), log, chain, audit.Mark{}); err != nil {
				t.Error(err)
			}
		})
	}
}

func newClient(name string, age time.Duration) client.Record {
	id := handstamp.NewID()
	return client.Record{
		Client:     client.Client{ID: id, Name: name, CreatedAt: moment.Add(-age)},
		SecretHash: client.Hash(bytes.Repeat(id[:], 2)),
	}
}

func clientsComeBack(t *testing.T, s client.Store, _ audit.Log) {
	ctx := t.Context()
	one, other := newClient("billing", 0), newClient("Zoë's \"büro\"; --", time.Hour)
	other.Scope = client.ScopeSessions
	for _, r := range []client.Record{one, other} {
		must(t, s.Insert(ctx, r))
	}
	changed := one
	changed.Name, changed.SecretHash, changed.Scope = "another", client.Hash{1}, client.ScopeSessions
	wantErr(t, "Insert of the same ID", s.Insert(ctx, changed), client.ErrExists)
	for _, want := range []client.Record{one, other} {
		got, err := s.Load(ctx, want.ID)
		must(t, err)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("client (-want +got):\n%s", diff)
		}
	}
	for _, id := range []handstamp.ID{{}, handstamp.NewID()} {
		got, err := s.Load(ctx, id)
		wantErr(t, "Load of nobody", err, client.ErrNoClient)
		if got != (client.Record{}) {
			t.Errorf("Load of nobody returns %+v", got)
		}
	}
	must(t, s.Delete(ctx, one.ID))
	_, err := s.Load(ctx, one.ID)
	wantErr(t, "Load of a client that was deleted", err, client.ErrNoClient)
	_, err = s.Load(ctx, other.ID)
	must(t, err)
}

func clientsAreListed(t *testing.T, s client.Store, _ audit.Log) {
	ctx := t.Context()
	if got, err := s.List(ctx); len(got) != 0 || err != nil {
		t.Fatalf("an empty store lists %v, %v", got, err)
	}
	var want []client.Client
	for _, age := range []time.Duration{time.Minute, time.Hour, 0, time.Hour} {
		r := newClient("the same name", age)
		r.Scope = client.ScopeVerify
		must(t, s.Insert(ctx, r))
		want = append(want, r.Client)
	}
	slices.SortFunc(want, func(a, b client.Client) int {
		if order := a.CreatedAt.Compare(b.CreatedAt); order != 0 {
			return order
		}
		return bytes.Compare(a.ID[:], b.ID[:])
	})
	got, err := s.List(ctx)
	must(t, err)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("clients (-want +got):\n%s", diff)
	}
}

func clientEvents(t *testing.T, s client.Store, log audit.Log) {
	ctx, written := t.Context(), 0
	step := func(name string, err, want error, more int) {
		t.Helper()
		wantErr(t, name, err, want)
		written += more
		if n := len(entries(t, log, audit.Filter{})); n != written {
			t.Fatalf("%d entries after %s, want %d", n, name, written)
		}
	}
	e, r := newEvent(handstamp.ActionClientCreate), newClient("billing", 0)
	step("Insert", s.Insert(ctx, r, e, e), nil, 2)
	step("Insert of the same ID", s.Insert(ctx, r, e), client.ErrExists, 0)
	step("Delete of nobody", s.Delete(ctx, handstamp.NewID(), e), client.ErrNoClient, 0)
	step("Delete", s.Delete(ctx, r.ID, e), nil, 1)
	step("Delete again", s.Delete(ctx, r.ID, e), client.ErrNoClient, 0)
}

func clientDeletedOnce(t *testing.T, s client.Store, log audit.Log) {
	ctx, r := t.Context(), newClient("billing", 0)
	must(t, s.Insert(ctx, r))
	const tries = 8
	errs := make(chan error, tries)
	for range tries {
		go func() { errs <- s.Delete(ctx, r.ID, newEvent(handstamp.ActionClientDelete)) }()
	}
	done := 0
	for range tries {
		switch err := <-errs; {
		case err == nil:
			done++
		case !errors.Is(err, client.ErrNoClient):
			t.Error(err)
		}
	}
	if n := len(entries(t, log, audit.Filter{})); done != 1 || n != 1 {
		t.Errorf("one client was deleted %d times, with %d entries", done, n)
	}
}
