package session_test

import (
	"errors"
	"testing"
	"time"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/session"
	"github.com/handstamp/handstamp/store/memory"
)

func TestExpiresAt(t *testing.T) {
	m := session.New(memory.New())
	defer m.Close()
	began := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	s := session.Session{BeganAt: began, SeenAt: began.Add(10 * time.Minute)}
	for name, c := range map[string]struct {
		lifetime, idle time.Duration
		want           time.Time
	}{
		"never":              {0, 0, time.Time{}},
		"lifetime only":      {time.Hour, 0, began.Add(time.Hour)},
		"idle only":          {0, time.Hour, began.Add(70 * time.Minute)},
		"idle comes first":   {2 * time.Hour, time.Hour, began.Add(70 * time.Minute)},
		"the end comes soon": {30 * time.Minute, time.Hour, began.Add(30 * time.Minute)},
	} {
		m.Lifetime, m.Idle = c.lifetime, c.idle
		if got := m.ExpiresAt(s); !got.Equal(c.want) {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}

// TestClockSetBack: a session that began while the clock was years ahead does not last for years.
func TestClockSetBack(t *testing.T) {
	for name, c := range map[string]struct {
		ahead time.Duration
		want  error
	}{
		"a little": {10 * time.Minute, nil},
		"years":    {10 * 365 * 24 * time.Hour, session.ErrGone},
	} {
		store := memory.New()
		m := session.New(store)
		defer m.Close()
		token := session.RandomToken()
		at := time.Now().UTC().Add(c.ahead)
		record := session.Record{Hash: token.Hash(), Revision: 1, Session: session.Session{
			ID: handstamp.NewID(), UserID: handstamp.NewID(), BeganAt: at, ProvedAt: at, SeenAt: at,
		}}
		if err := store.Insert(t.Context(), record); err != nil {
			t.Fatal(err)
		}
		if _, err := m.Find(t.Context(), token); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
}
