package server_test

import (
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/handstamp/handstamp/internal/textbrowser"
)

// confirmLink is where an app leads somebody who has to prove the password again.
func confirmLink(returnTo string) string {
	return "/confirm?" + url.Values{"return_to": {returnTo}}.Encode()
}

// isSeeOther fails unless p leads on by itself.
func isSeeOther(t *testing.T, what string, p *textbrowser.Page, want string) {
	t.Helper()
	if p.Status != 303 || p.Header.Get("Location") != want {
		t.Errorf("%s: %d to %q, want %q", what, p.Status, p.Header["Location"], want)
	}
}

// TestProve: an app has somebody prove the password again, and gets them back.
func TestProve(t *testing.T) {
	onEachStore(t, func(t *testing.T, s *site) {
		const target = "/orders?page=2"
		b := s.staleBrowser(s.bob)
		token := b.Cookies()["session"]
		p := b.Open(confirmLink(target))
		isPage(t, p, "/confirm", 200, "Is it you?", "An app wants to be sure that it is you. Please type your password to go on")
		for _, wrong := range []string{"", "wrong", plain} {
			p = p.Form("/confirm").Set("proof", wrong).Send()
			isPage(t, p, "/confirm", 403, "This is not your password")
			if strings.Contains(p.Body, plain) {
				t.Errorf("a password comes back: %s", p.Body)
			}
		}
		if b.Cookies()["session"] != token {
			t.Error("the session was renewed without a proof")
		}
		form := p.Form("/confirm").Set("proof", bobsPassword)
		p = form.Submit()
		if p.Status != 200 || p.LeadsTo() != target || !slices.Contains(p.Links(), target) {
			t.Errorf("leads to %q: %s", p.LeadsTo(), p)
		}
		if b.Cookies()["session"] == token {
			t.Error("the session keeps its token")
		}
		isSeeOther(t, "fresh now", b.Fetch("GET", confirmLink(target), nil), target)
	})
}

// TestProveLeadsBack to where a login would, and nowhere else: whether the password was asked for, was not, or somebody
// has to sign in first.
func TestProveLeadsBack(t *testing.T) {
	s := newSite(t, "memory", withApp)
	fresh, stale, stranger := s.bobsBrowser(), s.staleBrowser(s.ada), s.browser()
	leads := func(raw, want string) {
		t.Helper()
		isSeeOther(t, raw, fresh.Fetch("GET", confirmLink(raw), nil), want)

		cookie := stale.Cookies()["session"]
		form := stale.Open(confirmLink(raw)).Form("/confirm").Set("proof", plain)
		if form.Fields.Get("return_to") != want {
			t.Errorf("%q: the form says %q", raw, form.Fields.Get("return_to"))
		}
		form.Fields.Set("return_to", raw)
		form.Fields.Set("proof", "wrong")
		if p := form.Send(); p.Form("/confirm").Fields.Get("return_to") != raw && want == raw {
			t.Errorf("%q: lost with a wrong password: %s", raw, p)
		}
		if stale.Cookies()["session"] != cookie {
			t.Fatal("a wrong password has renewed the session")
		}

		login := "/login"
		if raw == want {
			login += "?" + url.Values{"return_to": {want}}.Encode()
		}
		isSeeOther(t, "stranger, with "+raw, stranger.Fetch("GET", confirmLink(raw), nil), login)
	}
	for _, raw := range elsewhere {
		leads(raw, "/account")
	}
	for _, raw := range here {
		leads(raw, raw)
	}
	for raw, want := range map[string]string{"https://evil.example/": "/account", app + "/x": app + "/x"} {
		b := s.staleBrowser(s.ada)
		form := b.Open("/confirm").Form("/confirm").Set("proof", plain)
		form.Fields.Set("return_to", raw)
		if got := form.Submit().LeadsTo(); got != want {
			t.Errorf("form with %q: %q, want %q", raw, got, want)
		}
	}
}

// TestProveThrottled: a thief guesses no faster here than at the door.
func TestProveThrottled(t *testing.T) {
	s := newSite(t, "memory", withLimits(t))
	b := s.staleBrowser(s.bob)
	p := b.Open(confirmLink("/orders"))
	for i := 0; i < 20 && p.Status != 429; i++ {
		p = p.Form("/confirm").Set("proof", "guess").Send()
	}
	isPage(t, p, "/confirm", 429, "There were too many attempts. Please wait")
	isPage(t, p.Form("/confirm").Set("proof", bobsPassword).Send(), "/confirm", 429)
}

// TestLogoutLeadsBack to where a login would, after the form was sent, and says nothing of whose session it was.
func TestLogoutLeadsBack(t *testing.T) {
	s := newSite(t, "memory", withApp)
	leads := func(raw, want string) {
		t.Helper()
		b := s.bobsBrowser()
		link := "/logout?" + url.Values{"return_to": {raw}}.Encode()
		p := b.Open(link)
		isPage(t, p, "/logout", 200, "Sign out?")
		isIn(t, b, true)
		forms := p.Forms()
		form := forms[len(forms)-1] // that of the page, and not the button above it
		if got := form.Fields.Get("return_to"); got != want {
			t.Errorf("%q: the form says %q", raw, got)
		}
		form.Fields.Set("return_to", raw)
		p = form.Submit()
		isIn(t, b, false)
		if want == "" {
			isSeeOther(t, raw, p, "/login?done=signed-out")
			isSeeOther(t, "again, "+raw, b.Fetch("GET", link, nil), "/login")
			return
		}
		if p.LeadsTo() != want || strings.Contains(p.Body, bobsEmail) || p.Status == 200 && !p.Says("You are signed out") {
			t.Errorf("%q: leads to %q: %s", raw, p.LeadsTo(), p.Body)
		}
		if got := p.Header.Get("Clear-Site-Data"); got != `"cache", "storage"` {
			t.Errorf("%q: Clear-Site-Data %s", raw, got)
		}
		isSeeOther(t, "again, "+raw, b.Fetch("GET", link, nil), want)
	}
	for _, raw := range elsewhere {
		leads(raw, "")
	}
	for _, raw := range here {
		leads(raw, raw)
	}
}
