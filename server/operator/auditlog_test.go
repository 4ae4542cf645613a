package operator_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/audit"
	"github.com/handstamp/handstamp/server/operator"
)

// TestEntries: what was done is told as it was written, from either side of the socket.
func TestEntries(t *testing.T) {
	eachOffice(t, func(ctx context.Context, t *testing.T, h *office, o operator.Operator) {
		begun := time.Now().Add(-time.Second)
		eve := add(t, o, user)
		add(t, o, ada)
		h.signIn(t, user, "curl\x1b[2J")
		if h.canSignIn(t, user.Email, "wrong") {
			t.Fatal("a wrong password is right")
		}
		if err := o.EndSessions(ctx, user.Email); err != nil {
			t.Fatal(err)
		}

		for name, row := range map[string]struct {
			which audit.Filter
			want  []handstamp.Action
		}{
			"all": {audit.Filter{Limit: 100}, []handstamp.Action{
				handstamp.ActionUserCreate, handstamp.ActionUserCreate, handstamp.ActionLogin, handstamp.ActionLogin, handstamp.ActionSessionEnd,
			}},
			"nothing":  {audit.Filter{}, nil},
			"behind 3": {audit.Filter{After: 3, Limit: 1}, []handstamp.Action{handstamp.ActionLogin}},
			"newest":   {audit.Filter{Limit: 1, Newest: true}, []handstamp.Action{handstamp.ActionSessionEnd}},
			"of eve": {audit.Filter{UserID: eve.ID, Limit: 100}, []handstamp.Action{
				handstamp.ActionUserCreate, handstamp.ActionLogin, handstamp.ActionLogin, handstamp.ActionSessionEnd,
			}},
			"failures": {audit.Filter{Outcome: handstamp.Failure, Limit: 100}, []handstamp.Action{handstamp.ActionLogin}},
			"action":   {audit.Filter{Action: handstamp.ActionUserCreate, Limit: 100, Since: begun}, []handstamp.Action{handstamp.ActionUserCreate, handstamp.ActionUserCreate}},
			"too late": {audit.Filter{Since: time.Now().Add(time.Hour), Limit: 100}, nil},
			"too soon": {audit.Filter{Until: begun, Limit: 100}, nil},
		} {
			got, err := o.Entries(ctx, row.which)
			var actions []handstamp.Action
			for _, e := range got {
				actions = append(actions, e.Action)
			}
			if diff := cmp.Diff(row.want, actions); err != nil || diff != "" {
				t.Errorf("%s: %v (-want +got):\n%s", name, err, diff)
			}
			want, err := h.log.Entries(t.Context(), row.which)
			if diff := cmp.Diff(want, got, cmpopts.EquateEmpty(), cmpopts.EquateComparable(audit.Entry{})); err != nil || diff != "" {
				t.Errorf("%s: %v, told otherwise than it was written (-want +got):\n%s", name, err, diff)
			}
		}
	})
}

// TestVerifyAudit: a log that is whole, one whose end is missing, and one of another key.
func TestVerifyAudit(t *testing.T) {
	eachOffice(t, func(ctx context.Context, t *testing.T, h *office, o operator.Operator) {
		if end, err := o.VerifyAudit(ctx, audit.Mark{}); err != nil || end != (audit.Mark{}) {
			t.Errorf("empty: %+v, %v", end, err)
		}
		add(t, o, ada)
		first, err := o.VerifyAudit(ctx, audit.Mark{})
		if err != nil || first.Number != 1 {
			t.Fatalf("%+v, %v", first, err)
		}
		add(t, o, user)
		end, err := o.VerifyAudit(ctx, first)
		if err != nil || end.Number != 2 || end.Sum == first.Sum {
			t.Errorf("%+v, %v", end, err)
		}
		for name, seen := range map[string]audit.Mark{
			"the end is missing": {Number: 3, Sum: end.Sum},
			"another entry":      {Number: 1, Sum: end.Sum},
		} {
			if got, err := o.VerifyAudit(ctx, seen); !errors.Is(err, audit.ErrBroken) || got != (audit.Mark{}) {
				t.Errorf("%s: %+v, %v", name, got, err)
			}
		}
		h.local.Chain = audit.NewChain([]byte("another key"))
		if _, err := o.VerifyAudit(ctx, audit.Mark{}); !errors.Is(err, audit.ErrBroken) {
			t.Errorf("written under another key: %v", err)
		}
	})
}

// TestNoAudit: where none is kept, that is what is said, and not that nothing was done.
func TestNoAudit(t *testing.T) {
	eachWay(t, func(t *testing.T, _ *house, o operator.Operator) {
		add(t, o, ada)
		if _, err := o.Entries(t.Context(), audit.Filter{Limit: 1}); !errors.Is(err, operator.ErrNoAudit) {
			t.Error(err)
		}
		if _, err := o.VerifyAudit(t.Context(), audit.Mark{}); !errors.Is(err, operator.ErrNoAudit) {
			t.Error(err)
		}
	})
}
