package session_test

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/session"
	"github.com/handstamp/handstamp/store/memory"
)

// TestPeekIsNoUse: who only looks at a session does not keep it alive, and sees that it has ended.
func TestPeekIsNoUse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := session.New(memory.New())
		defer m.Close()
		who := handstamp.Identity{UserID: handstamp.NewID(), Role: "user"}
		begin := func() session.Token {
			_, token, err := m.Begin(t.Context(), who)
			if err != nil {
				t.Fatal(err)
			}
			return token
		}
		peeked, used, ended := begin(), begin(), begin()
		for range 5 {
			time.Sleep(11 * time.Minute) // of the bubble's clock
			if s, err := m.Peek(t.Context(), peeked); err != nil || s.UserID != who.UserID || s.Role != who.Role {
				t.Fatalf("%+v, %v", s, err)
			}
			if _, err := m.Find(t.Context(), used); err != nil {
				t.Fatal(err)
			}
		}
		time.Sleep(11 * time.Minute)
		if _, err := m.Peek(t.Context(), peeked); !errors.Is(err, session.ErrGone) {
			t.Errorf("looked at, and unused for an hour: %v", err)
		}
		if _, err := m.Peek(t.Context(), used); err != nil {
			t.Errorf("used: %v", err)
		}
		if err := m.EndUser(t.Context(), who.UserID); err != nil {
			t.Fatal(err)
		}
		for _, token := range []session.Token{used, ended} {
			if _, err := m.Peek(t.Context(), token); !errors.Is(err, session.ErrGone) {
				t.Errorf("ended: %v", err)
			}
		}
	})
}
