package storetest_test

import (
	"context"
	"errors"
	"testing"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/session"
	"github.com/handstamp/handstamp/store/memory"
	"github.com/handstamp/handstamp/store/storetest"
)

// upserting is the store that the resurrection race is about: its Swap writes whatever it is
// given, there or not.
type upserting struct{ session.Store }

func (s upserting) Swap(ctx context.Context, old session.Hash, r session.Record, events ...handstamp.Event) error {
	err := s.Store.Swap(ctx, old, r, events...)
	if errors.Is(err, session.ErrGone) {
		return s.Insert(ctx, r)
	}
	return err
}

// deaf is a store whose watchers hear nothing, so that caches keep what has ended.
type deaf struct{ session.Store }

func (deaf) Watch(func(session.Change)) (stop func()) { return func() {} }

func TestResurrectionCatchesBrokenStores(t *testing.T) {
	for name, store := range map[string]session.Store{
		"upserting": upserting{memory.New()},
		"deaf":      deaf{memory.New()},
	} {
		t.Run(name, func(t *testing.T) {
			if storetest.Resurrection(t.Context(), store) == nil {
				t.Error("the check passes for a store that is broken on purpose")
			}
		})
	}
}
