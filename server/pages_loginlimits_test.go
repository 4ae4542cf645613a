package server_test

import (
	"context"
	"strconv"
	"testing"

	"github.com/handstamp/handstamp/password"
)

// TestLoginThrottled: whoever guesses is told for how long to wait, in a page with what was typed.
func TestLoginThrottled(t *testing.T) {
	s := newSite(t, "memory", withLimits(t))
	for _, guessed := range []string{bobsEmail, "nobody@example.com"} {
		b := s.browser()
		b.Language = "fr"
		p := b.Open("/login")
		for i := 0; i < 20 && p.Status != 429; i++ {
			p = signInAs(p, guessed, "guess")
		}
		isPage(t, p, "/login", 429, "trop de tentatives")
		p = signInAs(p, guessed, bobsPassword)
		isPage(t, p, "/login", 429)
		if n, err := strconv.Atoi(p.Header.Get("Retry-After")); err != nil || n < 1 {
			t.Errorf("Retry-After %q", p.Header.Get("Retry-After"))
		}
		if got := p.Form("/login").Fields; got.Get("email") != guessed || got.Get("password") != "" {
			t.Errorf("the form comes back with %v", got)
		}
	}
}

// busy is an Engine that has no time for anybody.
type busy struct{ password.Engine }

func (busy) Hash(context.Context, string, password.Params) (string, error) {
	return "", password.ErrBusy
}

func (busy) Verify(context.Context, string, string, password.Params) (password.Verdict, error) {
	return password.Verdict{}, password.ErrBusy
}

func TestLoginWhenBusy(t *testing.T) {
	s := newSite(t, "memory")
	b := s.browser()
	p := b.Open("/login")
	idle := s.people.Passwords
	s.people.Passwords = &password.Hasher{Params: idle.Params, Engine: busy{}}
	p = signInAs(p, email, plain)
	isPage(t, p, "/login", 503, "Many people are signing in right now")
	if p.Header.Get("Retry-After") != "1" || p.Form("/login").Fields.Get("email") != email {
		t.Errorf("%v: %s", p.Header, p)
	}
	s.people.Passwords = idle
	isPage(t, signInAs(p, email, plain), "/account", 200)
}
