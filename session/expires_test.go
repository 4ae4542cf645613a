package session_test

import (
	"testing"
	"time"

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
