package session_test

import (
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/session"
	"github.com/handstamp/handstamp/store/memory"
)

// beginBearer begins a session of bearer tokens that lasts for a time.
func beginBearer(t *testing.T, m *session.Manager, lasts time.Duration) (session.Session, session.Token) {
	t.Helper()
	token := session.RandomToken()
	until := time.Now().UTC().Truncate(time.Second).Add(lasts)
	s, err := m.BeginBearer(t.Context(), handstamp.Identity{UserID: ann, Role: "admin"}, token, session.Terms{ID: handstamp.NewID(), Until: until})
	if err != nil {
		t.Fatal(err)
	}
	return s, token
}

func TestBearerSessionHasItsOwnEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := session.New(memory.New()) // an hour without use, a day at most
		defer m.Close()
		s, token := beginBearer(t, m, 48*time.Hour)
		time.Sleep(47 * time.Hour)
		if found, err := m.Find(t.Context(), token); err != nil || found.ID != s.ID || !m.ExpiresAt(found).Equal(s.Until) {
			t.Errorf("after two days all but an hour: %+v, %v", found, err)
		}
		page, err := m.ListAll(t.Context(), session.Place{}, 10)
		if err != nil || len(page.Sessions) != 1 {
			t.Errorf("in the list of everybody's: %+v, %v", page, err)
		}
		time.Sleep(time.Hour)
		if _, err := m.Find(t.Context(), token); !errors.Is(err, session.ErrGone) {
			t.Errorf("after two days: %v, want ErrGone", err)
		}
	})
}

func TestBearerSessionIsNoCookie(t *testing.T) {
	m := newManager(t, memory.New())
	_, token := beginBearer(t, m, time.Hour)
	if _, err := m.Authenticate(requestWith(m, token)); !errors.Is(err, handstamp.ErrBadCredential) {
		t.Errorf("its token as a cookie: %v, want ErrBadCredential", err)
	}
}

func TestRotateOnce(t *testing.T) {
	m := newManager(t, memory.New())
	s, token := beginBearer(t, m, time.Hour)
	until := s.Until.Add(time.Hour)
	if found, err := m.Find(t.Context(), token); err != nil || found.Generation != 1 || !found.RotatedAt.IsZero() {
		t.Fatalf("at first: %+v, %v", found, err)
	}
	var all sync.WaitGroup
	var rotated atomic.Int64
	for range 8 {
		all.Go(func() {
			got, err := m.Rotate(t.Context(), token, 1, until)
			switch {
			case err == nil && got.Generation == 2 && got.Until.Equal(until):
				rotated.Add(1)
			case !errors.Is(err, session.ErrRotated):
				t.Errorf("Rotate: %+v, %v", got, err)
			}
		})
	}
	all.Wait()
	if rotated.Load() != 1 {
		t.Errorf("%d of 8 at once rotated, want one", rotated.Load())
	}
	found, err := m.Find(t.Context(), token)
	if err != nil || found.Generation != 2 || !found.Until.Equal(until) || time.Since(found.RotatedAt).Abs() > 2*time.Second {
		t.Errorf("afterwards the cache has %+v, %v", found, err)
	}
}

func TestRotateBringsNothingBack(t *testing.T) {
	m := newManager(t, memory.New())
	s, token := beginBearer(t, m, time.Hour)
	if err := m.EndBecause(t.Context(), s, handstamp.ActionTokenReuse, "reused"); err != nil {
		t.Fatal(err)
	}
	if _, err := m.Rotate(t.Context(), token, 1, s.Until.Add(time.Hour)); !errors.Is(err, session.ErrGone) {
		t.Errorf("Rotate of an ended session: %v, want ErrGone", err)
	}
	if _, err := m.Find(t.Context(), token); !errors.Is(err, session.ErrGone) {
		t.Errorf("and afterwards: %v, want ErrGone", err)
	}
}
