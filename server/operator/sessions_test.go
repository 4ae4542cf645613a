package operator_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/account"
	"github.com/handstamp/handstamp/server/operator"
	"github.com/handstamp/handstamp/session"
)

// TestSessionsOf: a user's live sessions and nobody else's, the oldest first, with where they began.
func TestSessionsOf(t *testing.T) {
	eachOffice(t, func(ctx context.Context, t *testing.T, h *office, o operator.Operator) {
		eve := add(t, o, user)
		add(t, o, ada)
		if live, err := o.SessionsOf(ctx, user.Email); err != nil || len(live) != 0 {
			t.Errorf("before the first: %v, %v", live, err)
		}
		for _, device := range []string{"first", "second\x1b"} {
			h.signIn(t, user, device)
		}
		h.signIn(t, ada, "other")
		ended := h.signIn(t, user, "ended")
		if err := h.sessions.End(t.Context(), ended); err != nil {
			t.Fatal(err)
		}

		want, err := h.sessions.List(t.Context(), eve.ID)
		if err != nil || len(want) != 2 || want[0].Device != "first" {
			t.Fatalf("%+v, %v", want, err)
		}
		for _, who := range []string{user.Email, eve.ID.String()} {
			got, err := o.SessionsOf(ctx, who)
			if diff := cmp.Diff(want, got); err != nil || diff != "" {
				t.Errorf("%s: %v (-want +got):\n%s", who, err, diff)
			}
		}
	})
}

// TestEndSession: the one that is named, and only for the user whom it belongs to.
func TestEndSession(t *testing.T) {
	eachOffice(t, func(ctx context.Context, t *testing.T, h *office, o operator.Operator) {
		eve := add(t, o, user)
		add(t, o, ada)
		first, second, others := h.signIn(t, user, "1"), h.signIn(t, user, "2"), h.signIn(t, ada, "3")
		live, err := o.SessionsOf(ctx, user.Email)
		if err != nil || len(live) != 2 {
			t.Fatal(live, err)
		}
		if err := o.EndSession(ctx, ada.Email, live[0].ID); !errors.Is(err, session.ErrGone) || !h.isLive(t, first) {
			t.Errorf("as somebody else's: %v", err)
		}
		if err := o.EndSession(ctx, user.Email, live[0].ID); err != nil {
			t.Error(err)
		}
		h.wantLast(t, eve.ID, handstamp.ActionSessionEnd)
		if h.isLive(t, first) || !h.isLive(t, second) || !h.isLive(t, others) {
			t.Error("another session has ended, or this one has not")
		}
		err = o.EndSession(ctx, user.Email, live[0].ID)
		if !errors.Is(err, session.ErrGone) || !strings.Contains(err.Error(), live[0].ID.String()) {
			t.Errorf("a second time: %v", err)
		}
	})
}

// TestEndSessions: all of one user.
func TestEndSessions(t *testing.T) {
	eachOffice(t, func(ctx context.Context, t *testing.T, h *office, o operator.Operator) {
		eve := add(t, o, user)
		add(t, o, ada)
		first, second, others := h.signIn(t, user, "1"), h.signIn(t, user, "2"), h.signIn(t, ada, "3")
		if err := o.EndSessions(ctx, eve.ID.String()); err != nil {
			t.Error(err)
		}
		h.wantLast(t, eve.ID, handstamp.ActionSessionEnd)
		if h.isLive(t, first) || h.isLive(t, second) || !h.isLive(t, others) {
			t.Error("one of the sessions lives on, or one of somebody else has ended")
		}
		if err := o.EndSessions(ctx, user.Email); err != nil {
			t.Errorf("when there are none: %v", err)
		}
	})
}

// TestSessionErrors keep their meaning.
func TestSessionErrors(t *testing.T) {
	calls := map[string]func(ctx context.Context, o operator.Operator) error{
		"list": func(ctx context.Context, o operator.Operator) error {
			_, err := o.SessionsOf(ctx, "nobody@x.y")
			return err
		},
		"end": func(ctx context.Context, o operator.Operator) error {
			return o.EndSession(ctx, "nobody@x.y", handstamp.NewID())
		},
		"end all": func(ctx context.Context, o operator.Operator) error { return o.EndSessions(ctx, "nobody@x.y") },
	}
	for name, do := range calls {
		eachOffice(t, func(ctx context.Context, t *testing.T, h *office, o operator.Operator) {
			if err := do(ctx, o); !errors.Is(err, account.ErrNoUser) || !strings.Contains(err.Error(), "nobody@x.y") {
				t.Errorf("%s: %v", name, err)
			}
			h.local.Sessions = nil
			if err := do(ctx, o); !errors.Is(err, operator.ErrNoSessions) {
				t.Errorf("%s where none are kept: %v", name, err)
			}
		})
	}
}
