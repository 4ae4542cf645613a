package server_test

import (
	"strings"
	"testing"
)

// TestSetUpInBrowser: from the link to an administrator who is signed in.
func TestSetUpInBrowser(t *testing.T) {
	onEachStore(t, func(t *testing.T, s *site) {
		path, b := s.link(), s.browser()
		typed := []string{"email", "bob@example.com", "password", "root's password", "first_name", `"><b>`, "last_name", ""}
		p := b.Open(path).Form(path).Set(typed...).Send()
		isPage(t, p, path, 409, "already in use")
		if strings.Contains(p.Body, "<b>") || strings.Contains(p.Body, "root's") || strings.Contains(p.Body, "root&#39;s") {
			t.Errorf("what was typed comes back: %s", p.Body)
		}
		form := p.Form(path)
		if form.Fields.Get("email") != "bob@example.com" || form.Fields.Get("first_name") != `"><b>` {
			t.Errorf("what was typed is lost: %v", form.Fields)
		}
		p = form.Set("email", "root@example.com", "password", "root's password").Send()
		isPage(t, p, "/account", 200, "Your account is ready", `"><b>`)
		isPage(t, b.Open("/admin"), "/admin", 200, "Overview")
		isPage(t, s.browser().Open(path), path, 404, "This link no longer works")
	})
}

// TestResetInBrowser: who has the link chooses a password, and is signed in with it; everybody else is out.
func TestResetInBrowser(t *testing.T) {
	onEachStore(t, func(t *testing.T, s *site) {
		path, thief, b := s.asAda().resetLink(s.bob), s.bobsBrowser(), s.browser()
		p := b.Open(path)
		isPage(t, p, path, 200, bobsEmail)
		isPage(t, p.Form(path).Set("new_password", "").Send(), path, 400, "This password is empty")
		isPage(t, p.Form(path).Set("new_password", chosen).Send(), "/account", 200, "Your new password is saved")
		isPage(t, thief.Open("/account"), "/login", 200)
		isPage(t, b.Open(path), path, 404, "This link no longer works")
		isPage(t, p.Form(path).Set("new_password", "another one").Send(), path, 404)
		s.signedIn(bobsEmail, chosen)
	})
}
