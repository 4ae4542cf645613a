package account_test

import (
	"context"
	"testing"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/account"
	"github.com/handstamp/handstamp/store/memory"
)

// A lateStore is a store with a queue: a caller who is gone no longer waits, and the write happens
// all the same, as the contract of a Store allows.
type lateStore struct {
	account.Store
	hangUp func() // while the write waits
	queue  []func()
}

func (s *lateStore) Update(ctx context.Context, id handstamp.ID, change func(*account.User) (account.Write, error)) (account.User, error) {
	s.hangUp()
	if err := ctx.Err(); err != nil {
		s.queue = append(s.queue, func() { _, _ = s.Store.Update(context.WithoutCancel(ctx), id, change) })
		return account.User{}, err
	}
	return s.Store.Update(ctx, id, change)
}

func (s *lateStore) Delete(ctx context.Context, id handstamp.ID, w account.Write) error {
	s.hangUp()
	if err := ctx.Err(); err != nil {
		s.queue = append(s.queue, func() { _ = s.Store.Delete(context.WithoutCancel(ctx), id, w) })
		return err
	}
	return s.Store.Delete(ctx, id, w)
}

func (s *lateStore) catchUp() {
	for _, write := range s.queue {
		write()
	}
}

// TestGivenUpChangeIsSeen: the cache does not keep for good what a change has changed whose caller
// did not wait for it.
func TestGivenUpChangeIsSeen(t *testing.T) {
	store := &lateStore{Store: memory.NewUsers()}
	people := newPeople(t, store)
	bob := addBob(t, people)
	ctx, cancel := context.WithCancel(t.Context())
	store.hangUp = cancel
	_, _ = people.Rename(ctx, bob.ID, ptr("Robert"), nil)
	read(t, people, bob.ID) // fills the cache while the write waits
	store.catchUp()
	if got := read(t, people, bob.ID); got.FirstName == nil || *got.FirstName != "Robert" {
		t.Error("the store has the new name, and the cache still has the old one")
	}
}

// TestGivenUpRevocationRevokes: the sessions end also when the caller is gone before the write is
// done.
func TestGivenUpRevocationRevokes(t *testing.T) {
	for name, revoke := range revocations {
		t.Run(name, func(t *testing.T) {
			store := &lateStore{Store: memory.NewUsers()}
			people, sessions := newPeople(t, store), newSessions(t)
			bob := addBob(t, people)
			people.Attach(sessions)
			token := begin(t, sessions, bob.ID)
			ctx, cancel := context.WithCancel(t.Context())
			store.hangUp = cancel
			_ = revoke(ctx, people, bob)
			store.catchUp()
			if isLive(t, sessions, token) {
				t.Error("what revokes was written, and the session lives on")
			}
		})
	}
}
