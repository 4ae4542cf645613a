package server_test

import (
	"strings"
	"testing"
)

// TestLogoutPage: a link signs nobody out; the form on the page does.
func TestLogoutPage(t *testing.T) {
	onEachStore(t, func(t *testing.T, s *site) {
		b, other := s.bobsBrowser(), s.bobsBrowser()
		thief := s.browser()
		thief.SetCookie("session", b.Cookies()["session"])
		p := b.Open("/logout")
		isPage(t, p, "/logout", 200, "Sign out?")
		isIn(t, b, true)
		b.Fetch("HEAD", "/logout", nil)
		isIn(t, b, true)

		form := p.Form("/logout")
		for range 2 { // the second time it is over already
			gone := form.Submit()
			if gone.Status != 303 || gone.Header.Get("Location") != "/login?done=signed-out" {
				t.Errorf("%d to %q", gone.Status, gone.Header.Get("Location"))
			}
			if got := gone.Header.Get("Clear-Site-Data"); got != `"cache", "storage"` {
				t.Errorf("Clear-Site-Data %s", got)
			}
			if got := cookieSet(gone.Header, "session"); !strings.Contains(got, "session=; ") || !strings.Contains(got, "Max-Age=0") {
				t.Errorf("the cookie stays: %q", got)
			}
			isIn(t, b, false)
			isIn(t, thief, false)
		}
		isIn(t, other, true)
		isPage(t, b.Open("/login?done=signed-out"), "/login", 200, "You are signed out")
		isPage(t, b.Open("/logout"), "/login", 200)
	})
}

// TestLogoutWithoutASession is what somebody does whose session is over.
func TestLogoutWithoutASession(t *testing.T) {
	s := newSite(t, "memory")
	b := s.browser()
	b.SetCookie("session", "of yesterday")
	p := b.Fetch("POST", "/logout", nil)
	if p.Status != 303 || p.Header.Get("Location") != "/login?done=signed-out" || b.Cookies()["session"] != "" {
		t.Errorf("%d to %q, cookies %v", p.Status, p.Header.Get("Location"), b.Cookies())
	}
}

// TestNoticesAreOurs: no link makes a page say what did not happen in words of its own.
func TestNoticesAreOurs(t *testing.T) {
	s := newSite(t, "memory")
	b := s.browser()
	for _, key := range []string{"nonsense", "profile.x", "", "<b>", "../login.title"} {
		p := b.Open("/login?done=" + key)
		isPage(t, p, "/login", 200)
		if strings.Contains(p.Body, `role="status"`) {
			t.Errorf("%q: the page has a notice: %s", key, p)
		}
	}
	if p := b.Open("/login?done=signed-out"); !strings.Contains(p.Body, `role="status"`) {
		t.Errorf("no notice: %s", p)
	}
}
