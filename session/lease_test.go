package session_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/session"
	"github.com/handstamp/handstamp/store/memory"
)

// remoteStore is a store that is reached over a network, which a test can cut.
type remoteStore struct {
	*memory.Sessions
	lease session.Lease
	cut   error
}

func (s *remoteStore) Lease() *session.Lease { return &s.lease }

func (s *remoteStore) Load(ctx context.Context, hash session.Hash) (session.Record, error) {
	if s.cut != nil {
		return session.Record{}, s.cut
	}
	return s.Sessions.Load(ctx, hash)
}

func TestCacheIsTrustedAsLongAsTheLeaseHolds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &remoteStore{Sessions: memory.New()}
		sessions := session.New(store)
		defer sessions.Close()
		store.lease.Extend(time.Now(), 2*time.Second)
		_, token, err := sessions.Begin(t.Context(), handstamp.Identity{UserID: handstamp.NewID()})
		if err != nil {
			t.Fatal(err)
		}
		store.cut = errors.New("cut off")
		r := requestWith(sessions, token)
		if _, err := sessions.Authenticate(r); err != nil {
			t.Fatalf("while the lease holds: %v", err)
		}
		time.Sleep(2 * time.Second)
		if _, err := sessions.Authenticate(r); !errors.Is(err, store.cut) {
			t.Errorf("cut off beyond the lease: %v, want that the store cannot be asked", err)
		}
		if _, err := sessions.Peek(t.Context(), token); !errors.Is(err, store.cut) {
			t.Errorf("a look, cut off beyond the lease: %v, want that the store cannot be asked", err)
		}
		store.cut = nil
		if _, err := sessions.Authenticate(r); err != nil {
			t.Errorf("beyond the lease, with a store that answers: %v", err)
		}
	})
}

func TestLease(t *testing.T) {
	now := time.Now()
	var none *session.Lease
	if !none.Holds(now.Add(1000 * time.Hour)) {
		t.Error("no lease does not hold for ever")
	}
	lease := new(session.Lease)
	if lease.Holds(now) {
		t.Error("a lease that was never extended holds")
	}
	lease.Extend(now, 2*time.Second)
	for _, test := range []struct {
		name string
		at   time.Time
		want bool
	}{
		{"at once", now, true},
		{"shortly before the margin", now.Add(1959 * time.Millisecond), true},
		{"in the margin", now.Add(1960 * time.Millisecond), false},
		{"a clock on the wall that has gone on, as in a machine that slept", now.Round(0).Add(3 * time.Second), false},
	} {
		if got := lease.Holds(test.at); got != test.want {
			t.Errorf("%s: holds %v, want %v", test.name, got, test.want)
		}
	}
	before := lease.Hold()
	lease.Extend(now.Add(time.Hour), 2*time.Second)
	if at := now.Add(time.Hour); before.At(at) || !lease.Hold().At(at) {
		t.Error("what was looked up before a lease was extended goes by what it is since")
	}
	lease.End()
	if lease.Holds(now) {
		t.Error("a lease that has ended holds")
	}
}
