package session_test

import (
	"context"
	"errors"
	"net/netip"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/audit"
	"github.com/handstamp/handstamp/session"
	"github.com/handstamp/handstamp/store/memory"
)

// TestWhereASessionBegan is told to those who look at their sessions.
func TestWhereASessionBegan(t *testing.T) {
	m := newManager(t, memory.New())
	origin := handstamp.Origin{Address: netip.MustParseAddr("192.0.2.7"), Device: "Browser/1"}
	if _, _, err := m.Begin(handstamp.WithOrigin(t.Context(), origin), handstamp.Identity{UserID: ann}); err != nil {
		t.Fatal(err)
	}
	begin(t, m, handstamp.Identity{UserID: ann}) // by somebody who does not say
	live, err := m.List(t.Context(), ann)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, s := range live {
		got = append(got, s.Device+" at "+s.Address)
	}
	if diff := cmp.Diff([]string{"Browser/1 at 192.0.2.7", " at "}, got); diff != "" {
		t.Errorf("sessions (-want +got):\n%s", diff)
	}
}

// TestPerUser: the oldest sessions make place for new ones, and only those of the same user.
func TestPerUser(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newManager(t, memory.New())
		defer m.Close()
		m.PerUser = 3
		others := begin(t, m, handstamp.Identity{UserID: bob})
		var tokens []session.Token
		for range 5 {
			tokens = append(tokens, begin(t, m, handstamp.Identity{UserID: ann}))
			time.Sleep(time.Second)
		}
		for i, token := range tokens {
			if i < 2 {
				wantEnded(t, m, token)
			} else {
				wantAlive(t, m, token, ann)
			}
		}
		wantAlive(t, m, others, bob)
	})
}

// TestEvents: what a Manager does to sessions is told, and what it does not do is not.
func TestEvents(t *testing.T) {
	log := memory.NewAudit(audit.NewChain(nil))
	store := memory.New()
	store.Audit = log
	m := newManager(t, store)
	var told []handstamp.Event
	m.Notify = func(_ context.Context, e handstamp.Event) { told = append(told, e) }

	s, token, err := m.Begin(t.Context(), handstamp.Identity{UserID: ann})
	if err != nil {
		t.Fatal(err)
	}
	token, err = m.Renew(t.Context(), token)
	if err == nil {
		token, err = m.Prove(t.Context(), token)
	}
	if err == nil {
		_, err = m.Update(t.Context(), token, set("a", "1"))
	}
	if err == nil {
		err = m.End(t.Context(), token)
	}
	if err != nil {
		t.Fatal(err)
	}
	for name, err := range map[string]error{
		"End":   m.End(t.Context(), token),
		"EndID": m.EndID(t.Context(), ann, s.ID),
	} {
		if !errors.Is(err, session.ErrGone) {
			t.Errorf("%s of a session that has ended: %v", name, err)
		}
	}
	if err := m.EndUser(t.Context(), ann); err != nil {
		t.Fatal(err)
	}
	other, _, err := m.Begin(t.Context(), handstamp.Identity{UserID: ann})
	if err == nil {
		err = m.EndID(t.Context(), ann, other.ID)
	}
	if err != nil {
		t.Fatal(err)
	}
	begin(t, m, handstamp.Identity{UserID: ann})
	if err := m.EndUser(t.Context(), ann); err != nil {
		t.Fatal(err)
	}
	want := []handstamp.Action{
		"login", "session-renew", "prove", "logout",
		"login", "session-end", "login", "session-end",
	}
	var actions []handstamp.Action
	for _, e := range told {
		actions = append(actions, e.Action)
		if e.UserID != ann || e.Outcome != handstamp.Success {
			t.Errorf("event %+v", e)
		}
	}
	if diff := cmp.Diff(want, actions); diff != "" {
		t.Errorf("told (-want +got):\n%s", diff)
	}
	entries, err := log.Entries(t.Context(), audit.Filter{Limit: 100})
	if err != nil {
		t.Fatal(err)
	}
	for i, e := range entries {
		if e.Event != told[i] {
			t.Errorf("kept %+v, told %+v", e.Event, told[i])
		}
	}
	if len(entries) != len(told) {
		t.Errorf("%d events are kept, %d were told", len(entries), len(told))
	}
}
