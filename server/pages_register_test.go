package server_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/handstamp/handstamp/account"
	"github.com/handstamp/handstamp/server"
)

func withRegistration(c *server.Config) { c.MayRegister = func() bool { return true } }

// TestRegisterPage: strangers make an account for themselves, and get what the form is for and no more.
func TestRegisterPage(t *testing.T) {
	for kind := range stores {
		s := newSite(t, kind, withRegistration, func(c *server.Config) {
			c.People.Rules = func() account.PasswordRules { return account.PasswordRules{MinCodePoints: 12} }
		})
		b := s.browser()
		p := b.Open("/login?return_to=%2Freports")
		isPage(t, p, "/login", 200, "New here?")
		p = b.Open("/register?return_to=%2Freports")
		isPage(t, p, "/register", 200, "Create an account", "At least 12 characters")
		for _, c := range []struct {
			email, password, first string
			status                 int
			says                   string
		}{
			{bobsEmail, "a good long one", "Cy", 409, "This email address is already in use"},
			{"cy", "a good long one", "Cy", 400, "This is not a complete email address"},
			{"cy@example.com", "too quick", "Cy", 400, "at least 12 characters"},
			{"cy@example.com", "a good long one", strings.Repeat("x", 257), 400, "This name is too long"},
		} {
			p = p.Form("/register").Set("email", c.email, "password", c.password, "first_name", c.first).Send()
			isPage(t, p, "/register", c.status, c.says)
			if got := p.Form("/register").Fields; got.Get("email") != c.email || got.Get("first_name") != c.first || got.Get("password") != "" || got.Get("return_to") != "/reports" {
				t.Errorf("the form comes back with %v", got)
			}
			if strings.Contains(p.Body, c.password) {
				t.Errorf("the password is in the page: %s", p.Body)
			}
		}
		form := p.Form("/register").Set("email", "cy@example.com", "password", "a good long one", "first_name", "Cy")
		form.Fields.Set("role", "admin")
		form.Fields.Set("id", s.bob.ID.String())
		if p := form.Submit(); p.LeadsTo() != "/reports" {
			t.Errorf("leads to %q: %s", p.LeadsTo(), p)
		}
		isPage(t, b.Open("/account"), "/account", 200, "Cy")
		cy, err := s.people.ByEmail(t.Context(), "cy@example.com")
		if err != nil || cy.Role != "user" || cy.ID == s.bob.ID {
			t.Errorf("%+v, %v", cy, err)
		}
		p = s.browser().Open("/register").Form("/register").Set("email", "dee@example.com", "password", "a good long one").Send()
		isPage(t, p, "/account", 200, "Your account is ready, and you are signed in")
	}
}

// TestRegisterPageThrottled: who makes one account after another is told to wait.
func TestRegisterPageThrottled(t *testing.T) {
	s := newSite(t, "memory", withLimits(t), withRegistration)
	p := s.browser().Open("/register")
	for i := 0; i < 50 && p.Status == 200; i++ {
		p = s.browser().Open("/register").Form("/register").Set("email", fmt.Sprintf("new%d@example.com", i), "password", "p").Send()
	}
	isPage(t, p, "/register", 429, "There were too many attempts. Please wait")
	if p.Header.Get("Retry-After") == "" || !strings.HasPrefix(p.Form("/register").Fields.Get("email"), "new") {
		t.Errorf("%v: %s", p.Header, p)
	}
}

// TestRegisterPageClosed: where only administrators make accounts, nothing leads there.
func TestRegisterPageClosed(t *testing.T) {
	s := newSite(t, "memory")
	b := s.browser()
	isPage(t, b.Open("/register"), "/register", 403, "Only administrators create accounts here")
	before := s.state()
	p := b.Fetch("POST", "/register", filled(tokenFrom(t, b.Open("/login"))))
	isPage(t, p, "/register", 403, "Only administrators create accounts here")
	diff(t, "what there is", before, s.state())
}
