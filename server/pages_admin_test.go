package server_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/handstamp/handstamp/internal/textbrowser"
	"github.com/handstamp/handstamp/server"
)

// TestAdminPagesAreForAdministrators: strangers sign in first, everybody else is told.
func TestAdminPagesAreForAdministrators(t *testing.T) {
	onEachStore(t, func(t *testing.T, s *site) {
		stranger, bob, ada := s.browser(), s.bobsBrowser(), s.adasBrowser()
		byPassword := s.browser()
		byPassword.Header = http.Header{"Authorization": {basic(email, plain)}}
		before := s.state()
		n := 0
		for _, route := range s.pages() {
			if !strings.HasPrefix(route.path, "/admin") {
				continue
			}
			method := "GET"
			if !route.takes(method) {
				method = "POST"
			}
			for name, b := range map[string]*textbrowser.Browser{"a stranger": stranger, "Basic": byPassword} {
				p := b.Fetch(method, route.path, nil)
				if location := p.Header.Get("Location"); p.Status != 303 || !strings.HasPrefix(location, "/login") {
					t.Errorf("%s %s as %s: %d to %q: %s", method, route.path, name, p.Status, location, p)
				}
			}
			token := tokenFrom(t, bob.Open("/account"))
			p := bob.Fetch(method, route.path, filled(token))
			isPage(t, p, route.path, 403, "Not allowed", "Your account is not allowed to do this", "Sign out")
			if p.Says("Audit log") || p.Says(email) {
				t.Errorf("%s tells Bob: %s", route.path, p)
			}
			if p := ada.Open(route.path); p.Status != 200 || !p.Says("Overview") {
				t.Errorf("Ada gets %s", p)
			}
			n++
		}
		if n < 10 {
			t.Errorf("only %d pages", n)
		}
		if got := s.state(); strings.Count(before, "\n") != strings.Count(got, "\n") {
			t.Errorf("before:\n%safter:\n%s", before, got)
		}
		diff(t, "role", "user", s.userNow(s.bob).Role)
	})
}

// TestAdminPagesInPublic: on the listener for the public, administrators are like everybody else.
func TestAdminPagesInPublic(t *testing.T) {
	s := newSite(t, "memory", func(c *server.Config) { c.Part = server.ForPublic })
	b := s.browserOf(email, plain)
	p := b.Open("/account")
	isPage(t, p, "/account", 200)
	if p.Says("Overview") {
		t.Errorf("there are links to what is not here: %s", p)
	}
	for _, path := range []string{"/admin", "/admin/users", "/admin/users/new", "/admin/sessions", "/admin/audit", "/admin/users/" + s.bob.ID.String()} {
		isPage(t, b.Open(path), path, 403, "Not allowed")
	}
	form := url.Values{"form_token": {tokenFrom(t, p)}}
	for _, act := range []string{"delete", "disable", "reset-link", "end-sessions", "role"} {
		path := "/admin/users/" + s.bob.ID.String() + "/" + act
		isPage(t, b.Fetch("POST", path, form), path, 403, "Not allowed")
	}
	s.asBob()
}
