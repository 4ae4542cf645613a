package token_test

import (
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/session"
	"github.com/handstamp/handstamp/token"
)

func (s *site) renew(t *testing.T, bearer session.Token) session.Token {
	t.Helper()
	next, err := s.Renew(t.Context(), bearer)
	if err != nil {
		t.Errorf("Renew: %v", err)
	}
	return next
}

func TestRenewLastsLonger(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSite(t, token.Config{Lifetime: time.Hour, Renewable: 150 * time.Minute}, nil)
		_, bearer := s.begin(t)
		time.Sleep(59 * time.Minute)
		bearer = s.renew(t, bearer)
		time.Sleep(59 * time.Minute)
		s.wantGood(t, bearer)
		bearer = s.renew(t, bearer) // now it is 1 h 58 min
		time.Sleep(32*time.Minute - time.Second)
		s.wantGood(t, bearer)
		bearer = s.renew(t, bearer)
		time.Sleep(time.Second)
		s.wantRefused(t, bearer) // two and a half hours after the login nothing is renewed any more
	})
}

// TestLostAnswer and two tabs are the same: the token before comes again.
func TestLostAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSite(t, token.Config{}, nil)
		_, first := s.begin(t)
		second := s.renew(t, first)
		time.Sleep(token.Grace)
		s.wantGood(t, first)
		again := s.renew(t, first)
		if again == first {
			t.Error("the token before was given back as it was")
		}
		s.wantGood(t, second)
		s.wantGood(t, again)
		if n := s.heard(handstamp.ActionSessionRenew); n != 1 {
			t.Errorf("it rotated %d times, want once", n)
		}
		third := s.renew(t, again)
		s.wantGood(t, third)
		s.wantGood(t, second)
	})
}

func TestReuseEndsTheSession(t *testing.T) {
	for name, use := range map[string]func(*site, session.Token) error{
		"in a request": func(s *site, b session.Token) error { _, err := s.Authenticate(with(b)); return err },
		"to renew":     func(s *site, b session.Token) error { _, err := s.Renew(t.Context(), b); return err },
		"to log out":   func(s *site, b session.Token) error { return s.End(t.Context(), b) },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newSite(t, token.Config{}, nil)
				_, first := s.begin(t)
				second := s.renew(t, first)
				time.Sleep(token.Grace + 2*time.Second)
				s.wantGood(t, second)
				if err := use(s, first); !errors.Is(err, token.ErrInvalid) {
					t.Errorf("the token before: %v, want ErrInvalid", err)
				}
				s.wantRefused(t, second)
				if n := s.heard(handstamp.ActionTokenReuse); n != 1 {
					t.Errorf("%d events of reuse, want one", n)
				}
			})
		})
	}
}

// TestTwoGenerationsBehind has no grace.
func TestTwoGenerationsBehind(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSite(t, token.Config{}, nil)
		_, first := s.begin(t)
		second := s.renew(t, first)
		time.Sleep(token.Grace + 2*time.Second)
		third := s.renew(t, second)
		s.wantRefused(t, first)
		s.wantRefused(t, third)
	})
}

// TestRenewingTwiceInGrace is a page that is loaded again, beside a tab that has not renewed yet. Were its token two
// generations behind, it would end the session of both.
func TestRenewingTwiceInGrace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSite(t, token.Config{}, nil)
		_, first := s.begin(t)
		second := s.renew(t, first)
		third := s.renew(t, second)
		for _, tab := range []session.Token{first, second, third} {
			s.wantGood(t, tab)
		}
		if n := s.heard(handstamp.ActionSessionRenew); n != 1 {
			t.Errorf("it rotated %d times, want once", n)
		}
		time.Sleep(token.Grace + 2*time.Second)
		s.renew(t, third)
		if n := s.heard(handstamp.ActionSessionRenew); n != 2 {
			t.Errorf("after that it rotated %d times, want twice", n)
		}
	})
}

func TestManyTabsRenewAtOnce(t *testing.T) {
	s := newSite(t, token.Config{}, nil)
	_, first := s.begin(t)
	var tabs sync.WaitGroup
	for range 16 {
		tabs.Go(func() {
			next, err := s.Renew(t.Context(), first)
			if err != nil {
				t.Errorf("Renew: %v", err)
				return
			}
			s.wantGood(t, next)
		})
	}
	tabs.Wait()
	if n := s.heard(handstamp.ActionSessionRenew); n != 1 {
		t.Errorf("it rotated %d times, want once", n)
	}
}

func TestRenewRacesLogout(t *testing.T) {
	for range 50 {
		s := newSite(t, token.Config{}, nil)
		_, first := s.begin(t)
		var both sync.WaitGroup
		var next session.Token
		both.Go(func() { next, _ = s.Renew(t.Context(), first) })
		both.Go(func() {
			if err := s.End(t.Context(), first); err != nil {
				t.Errorf("End: %v", err)
			}
		})
		both.Wait()
		s.wantRefused(t, first)
		if next != "" {
			s.wantRefused(t, next)
		}
	}
}
