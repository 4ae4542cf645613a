package operator_test

import (
	"context"
	"net/netip"
	"slices"
	"testing"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/account"
	"github.com/handstamp/handstamp/audit"
	"github.com/handstamp/handstamp/client"
	"github.com/handstamp/handstamp/server/operator"
	"github.com/handstamp/handstamp/session"
)

// An office is a house as "serve" keeps it: with sessions, roles, setup links and an audit log.
type office struct {
	*house
	sessions *session.Manager
	log      audit.Log
}

var chain = audit.NewChain([]byte("key"))

func newOffice(t *testing.T) *office {
	t.Helper()
	h := newHouse(t)
	log := h.store.Audit(chain)
	sessions := session.New(h.store.Sessions())
	t.Cleanup(sessions.Close)
	h.people.Attach(sessions)
	h.people.Roles, h.people.AdminRole = []string{"user", "admin"}, "admin"
	h.people.Links, h.people.Audit = h.store.Users(), log
	h.local.Sessions, h.local.Audit, h.local.Chain = sessions, log, chain
	h.local.Clients = client.New(h.store.Clients())
	h.local.SetupURL = func(secret session.Token) string { return "https://id.example.com/setup/" + string(secret) }
	h.local.ResetURL = func(secret session.Token) string { return "https://id.example.com/reset/" + string(secret) }
	return &office{h, sessions, log}
}

// eachOffice runs test as eachWay does. On either way the context is that of an operator.
func eachOffice(t *testing.T, test func(ctx context.Context, t *testing.T, h *office, o operator.Operator)) {
	t.Run("local", func(t *testing.T) {
		h := newOffice(t)
		test(operator.AsOperator(t.Context()), t, h, h.local)
	})
	t.Run("socket", func(t *testing.T) {
		h := newOffice(t)
		test(t.Context(), t, h, operator.NewClient(open(t, operator.Handler(h.local)).path))
	})
}

// user is one without a say.
var user = account.Details{Email: "eve@example.com", Role: "user", Password: "battery staple"}

// signIn begins a session of a user from somewhere.
func (h *office) signIn(t *testing.T, who account.Details, device string) session.Token {
	t.Helper()
	ctx := handstamp.WithOrigin(t.Context(), handstamp.Origin{Address: netip.MustParseAddr("192.0.2.7"), Device: device})
	_, token, err := h.people.Login(ctx, h.sessions, who.Email, who.Password)
	if err != nil {
		t.Fatal(err)
	}
	return token
}

// isLive reports whether a session is one.
func (h *office) isLive(t *testing.T, token session.Token) bool {
	t.Helper()
	_, err := h.sessions.Find(t.Context(), token)
	return err == nil
}

// wantLast checks what the newest entries of the audit log say: that the operator did these things to a user.
func (h *office) wantLast(t *testing.T, to handstamp.ID, actions ...handstamp.Action) {
	t.Helper()
	entries, err := h.log.Entries(t.Context(), audit.Filter{Limit: len(actions), Newest: true})
	if err != nil {
		t.Fatal(err)
	}
	var got []handstamp.Action
	for _, e := range entries {
		got = append(got, e.Action)
		if e.Actor != "operator" || !e.ActorID.IsZero() || e.UserID != to || e.Outcome != handstamp.Success {
			t.Errorf("%s by %q (%s) to %s: %s; want the operator, to %s", e.Action, e.Actor, e.ActorID, e.UserID, e.Outcome, to)
		}
	}
	if !slices.Equal(got, actions) {
		t.Errorf("the audit log ends with %v, want %v", got, actions)
	}
}
