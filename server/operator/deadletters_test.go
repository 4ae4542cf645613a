package operator_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/audit"
	"github.com/handstamp/handstamp/outbox"
	"github.com/handstamp/handstamp/server/operator"
)

// TestDeadLetters: what was given up is shown, tried once more, and dropped.
func TestDeadLetters(t *testing.T) {
	eachOffice(t, func(ctx context.Context, t *testing.T, h *office, o operator.Operator) {
		store := h.store.Outbox()
		h.local.Outbox = store
		if _, err := store.Claim(t.Context(), "node", outbox.Turn{}); err != nil {
			t.Fatal(err)
		}
		at := time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)
		letter := func(id string) outbox.Letter {
			return outbox.Letter{
				Destination: "webhook", ID: id, Attempts: 8, Error: "answered with status 500", FailedAt: at,
				Entry: audit.Entry{Number: 1, Event: handstamp.Event{At: at, Action: handstamp.ActionLogin, UserID: handstamp.IDOf("ann")}},
			}
		}
		one, two := letter("aa"), letter("bb")
		two.Entry.Number = 2
		if err := store.Save(t.Context(), "node", outbox.Step{Destination: "webhook", Dead: []outbox.Letter{one, two}}); err != nil {
			t.Fatal(err)
		}
		want := func(which outbox.Filter, want ...outbox.Letter) {
			t.Helper()
			got, err := o.DeadLetters(ctx, which)
			if diff := cmp.Diff(want, got, cmp.Comparer(func(a, b audit.Entry) bool { return a == b })); err != nil || diff != "" {
				t.Errorf("%v (-want +got):\n%s", err, diff)
			}
		}
		want(outbox.Filter{}, one, two)
		if n, err := o.RetryLetters(ctx, outbox.Filter{IDs: []string{"bb"}}); n != 1 || err != nil {
			t.Error(n, err)
		}
		two.Retry = true
		want(outbox.Filter{Retry: true}, two)
		if n, err := o.DropLetters(ctx, outbox.Filter{Destination: "webhook"}); n != 2 || err != nil {
			t.Error(n, err)
		}
		h.local.Outbox = nil
		_, listErr := o.DeadLetters(ctx, outbox.Filter{})
		_, retryErr := o.RetryLetters(ctx, outbox.Filter{})
		_, dropErr := o.DropLetters(ctx, outbox.Filter{})
		for _, err := range []error{listErr, retryErr, dropErr} {
			if !errors.Is(err, operator.ErrNoOutbox) {
				t.Errorf("where none are kept: %v", err)
			}
		}
	})
}
