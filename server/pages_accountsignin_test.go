package server_test

import (
	"strings"
	"testing"

	"github.com/handstamp/handstamp/account"
	"github.com/handstamp/handstamp/internal/textbrowser"
	"github.com/handstamp/handstamp/server"
)

func TestAccountEmail(t *testing.T) {
	onEachStore(t, func(t *testing.T, s *site) {
		b, other := s.bobsBrowser(), s.bobsBrowser()
		for _, c := range []struct {
			email, old string
			status     int
			says       string
		}{
			{"new@example.com", "no secret of mine", 403, "This is not your password"},
			{"new@example.com", "", 403, "This is not your password"},
			{"nothing", bobsPassword, 400, "This is not a complete email address"},
			{"", bobsPassword, 400, "This is not a complete email address"},
			{email, bobsPassword, 409, "This email address is already in use"},
			{strings.ToUpper(email), bobsPassword, 409, "This email address is already in use"},
			{`"><b>@example.com`, "no secret of mine", 403, "This is not your password"},
		} {
			p := b.Open("/account").Form("/account/email").Set("email", c.email, "old_password", c.old).Send()
			isPage(t, p, "/account/email", c.status, c.says)
			if got := p.Form("/account/email").Fields; got.Get("email") != c.email || got.Get("old_password") != "" {
				t.Errorf("the form comes back with %v", got)
			}
			if p.Header.Get("WWW-Authenticate") != "" {
				t.Errorf("%d with WWW-Authenticate", p.Status)
			}
			if c.old != "" && strings.Contains(p.Body, c.old) {
				t.Errorf("the password is in the page: %s", p.Body)
			}
			isIn(t, b, true)
		}
		if u := s.userNow(s.bob); u.Email != bobsEmail {
			t.Fatalf("the email is %q", u.Email)
		}
		isIn(t, other, true)
		before := b.Cookies()["session"]
		p := b.Open("/account").Form("/account/email").Set("email", "new@example.com", "old_password", bobsPassword).Send()
		isPage(t, p, "/account", 200, "Your email is changed", "new@example.com")
		if b.Cookies()["session"] == before {
			t.Error("the session keeps its token")
		}
		isIn(t, other, false)
		s.signedIn("new@example.com", bobsPassword)
	})
}

func TestAccountPassword(t *testing.T) {
	onEachStore(t, func(t *testing.T, s *site) {
		b, other, thief := s.bobsBrowser(), s.bobsBrowser(), s.browser()
		thief.SetCookie("session", b.Cookies()["session"])
		change := func(old, chosen string) *textbrowser.Page {
			return b.Open("/account").Form("/account/password").Set("old_password", old, "new_password", chosen).Send()
		}
		isPage(t, change("wrong", chosen), "/account/password", 403, "This is not your password")
		isIn(t, thief, true)
		p := change(bobsPassword, "")
		isPage(t, p, "/account/password", 400, "This password is empty")
		thief.SetCookie("session", b.Cookies()["session"]) // it was proved whose it is, and so it was renewed
		p = change(bobsPassword, chosen)
		isPage(t, p, "/account", 200, "Your password is changed")
		if strings.Contains(p.Body, chosen) {
			t.Errorf("the password is in the page: %s", p.Body)
		}
		isIn(t, b, true)
		isIn(t, other, false)
		isIn(t, thief, false)
		isPage(t, signInAs(s.browser().Open("/login"), bobsEmail, bobsPassword), "/login", 401)
		isPage(t, signInAs(s.browser().Open("/login"), bobsEmail, chosen), "/account", 200)
	})
}

// TestAccountPasswordRules stand at the field, before and after a password was refused.
func TestAccountPasswordRules(t *testing.T) {
	s := newSite(t, "memory", func(c *server.Config) {
		c.People.Rules = func() account.PasswordRules { return account.PasswordRules{} }
	})
	b := s.bobsBrowser()
	isPage(t, b.Open("/account"), "/account", 200, "At least 15 characters")
	for password, says := range map[string]string{
		"short":             "This password is too short. Please use at least 15 characters",
		"123456789012345":   "This password is easy to guess",
		"bob@example.com 1": "This password is easy to guess",
	} {
		p := b.Open("/account").Form("/account/password").Set("old_password", bobsPassword, "new_password", password).Send()
		isPage(t, p, "/account/password", 400, says, "At least 15 characters")
		if !strings.Contains(p.Body, `aria-describedby="password-new_password-hint password-new_password-error"`) {
			t.Errorf("what is wrong is not at the field: %s", p.Body)
		}
	}
}

func TestAccountThrottled(t *testing.T) {
	s := newSite(t, "memory", withLimits(t))
	b := s.browser()
	b.SetCookie("session", s.asBob().cookie[len("session="):]) // without its device
	p := b.Open("/account")
	for i := 0; i < 20 && p.Status != 429; i++ {
		p = p.Form("/account/email").Set("email", "new@example.com", "old_password", "guess").Send()
	}
	isPage(t, p, "/account/email", 429, "There were too many attempts. Please wait")
	if p.Header.Get("Retry-After") == "" || p.Form("/account/email").Fields.Get("email") != "new@example.com" {
		t.Errorf("%v: %s", p.Header, p)
	}
	isIn(t, b, true)
}
