package server_test

import (
	"maps"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/handstamp/handstamp/internal/textbrowser"
	"github.com/handstamp/handstamp/server/api"
)

// dangerous are the forms that ask a session for the password which has proved it long ago.
var dangerous = []string{
	"/account/delete", "/admin/users/new", "/admin/users/{id}/profile", "/admin/users/{id}/role", "/admin/users/{id}/disable",
	"/admin/users/{id}/enable", "/admin/users/{id}/reset-link", "/admin/users/{id}/delete",
}

// harmless are those that do not: who has stolen the session can only do less with it afterwards, or has to know the
// password in any case.
var harmless = []string{
	"/account/profile", "/account/email", "/account/password", "/account/sessions/end-others", "/account/sessions/{id}/end",
	"/admin/sessions/{id}/end", "/admin/users/{id}/end-sessions", "/logout",
}

// TestConfirmIsAskedFor by all forms that need it, and by none that does not.
func TestConfirmIsAskedFor(t *testing.T) {
	onEachStore(t, func(t *testing.T, s *site) {
		for _, route := range s.pages() {
			if !route.takes("POST") || route.isForStrangers() {
				continue
			}
			b := s.staleBrowser(s.ada)
			before := s.state()
			p := b.Fetch("POST", route.path, filled(tokenFrom(t, b.Open("/account"))))
			path := strings.ReplaceAll(route.path, s.bob.ID.String(), "{id}")
			if i := strings.Index(path, "sessions/"); i >= 0 && strings.HasSuffix(path, "/end") {
				path = path[:i] + "sessions/{id}/end"
			}
			switch {
			case slices.Contains(dangerous, path):
				if p.Status != 403 || !p.Says("Is it you?") || !p.Says("Please type your password to go on") || !p.Says("You are about to") {
					t.Errorf("%s: %s", path, p)
				}
				diff(t, path, before, s.state())
			case path == "/confirm": // which does nothing but ask
				if p.Status != 403 || !p.Says("Is it you?") {
					t.Errorf("%s: %s", path, p)
				}
			case slices.Contains(harmless, path):
				if p.Says("Is it you?") {
					t.Errorf("%s: %s", path, p)
				}
			default:
				t.Errorf("%s: is it dangerous?", path)
			}
		}
	})
}

// TestConfirm: the form comes back with all that was typed, goes on once with the right password, and asks no more
// for a while.
func TestConfirm(t *testing.T) {
	onEachStore(t, func(t *testing.T, s *site) {
		b := s.staleBrowser(s.ada)
		token := b.Cookies()["session"]
		page := "/admin/users/" + s.bob.ID.String()
		typed := map[string]string{
			"first_name": `O'"><b>&amp;</b>`, "last_name": "\u00e9\u2028\u202e 日本 😀\t", "email": "new+tag@example.com",
		}
		form := b.Open(page).Form("/profile")
		for name, value := range typed {
			form.Set(name, value)
		}
		odd := map[string]string{`a"b<c>&d`: `'"<>&`, "many": strings.Repeat("x", 10_000), "": "nameless", "password": "secret 1", "old_password": "secret 2", "new_password": "secret 3"}
		for name, value := range odd {
			form.Fields.Set(name, value)
		}
		p := form.Send()
		isPage(t, p, page+"/profile", 403, "Is it you?", "You are about to change a user’s details")
		comesBack := func(p *textbrowser.Page) *textbrowser.Form {
			t.Helper()
			form := p.Form(page + "/profile")
			want := maps.Clone(typed)
			maps.Copy(want, map[string]string{"proof": "", `a"b<c>&d`: odd[`a"b<c>&d`], "many": odd["many"], "": "nameless"})
			got := make(map[string]string)
			for name := range form.Fields {
				if len(form.Fields[name]) != 1 {
					t.Errorf("the field %q is there %d times", name, len(form.Fields[name]))
				}
				if got[name] = form.Fields.Get(name); name == "form_token" {
					delete(got, name)
				}
			}
			diff(t, "fields", want, got)
			if strings.Contains(p.Body, "secret") || strings.Contains(p.Body, plain) {
				t.Errorf("a password comes back: %s", p.Body)
			}
			return form
		}
		for _, wrong := range []string{"", "wrong", bobsPassword} {
			p = comesBack(p).Set("proof", wrong).Send()
			isPage(t, p, page+"/profile", 403, "This is not your password", "Is it you?")
			if p.Header.Get("WWW-Authenticate") != "" {
				t.Error("403 with WWW-Authenticate")
			}
		}
		if u := s.userNow(s.bob); u.Email != bobsEmail || b.Cookies()["session"] != token {
			t.Fatalf("%+v; session %q", u, b.Cookies())
		}
		form = comesBack(p).Set("proof", plain)
		isPage(t, form.Send(), page, 200, "The user is saved")
		u := s.userNow(s.bob)
		diff(t, "names", []string{typed["first_name"], typed["last_name"], typed["email"]}, []string{*u.FirstName, *u.LastName, u.Email})
		if b.Cookies()["session"] == token {
			t.Error("the session keeps its token")
		}
		isPage(t, b.Open(page).Form("/profile").Set("first_name", "Again").Send(), page, 200, "The user is saved")

		old := s.browser()
		old.SetCookie("session", token)
		isIn(t, old, false)
	})
}

// TestConfirmHappensOnce: the act is done as often as it was sent, and what comes of it is shown in its own way.
func TestConfirmHappensOnce(t *testing.T) {
	onEachStore(t, func(t *testing.T, s *site) {
		b := s.staleBrowser(s.ada)
		typed := []string{"email", "new@example.com", "role", "admin", "first_name", "New"}
		p := b.Open("/admin/users/new").Form("/admin/users/new").Set(typed...).Send()
		isPage(t, p, "/admin/users/new", 403, "You are about to create a user")
		p = p.Form("/admin/users/new").Set("proof", plain).Send()
		if p.Status != 200 || !p.Says("The user is created") || !p.Says("new@example.com") {
			t.Fatalf("%s", p)
		}
		n := 0
		for u, err := range s.people.All(t.Context()) {
			if err != nil {
				t.Fatal(err)
			}
			if u.Email == "new@example.com" {
				n++
			}
		}
		if n != 1 {
			t.Errorf("%d users were created", n)
		}

		// What cannot be done is said by the form from which it came, and the session is fresh.
		b = s.staleBrowser(s.ada)
		p = b.Open("/admin/users/new").Form("/admin/users/new").Set(typed...).Send().Form("/admin/users/new").Set("proof", plain).Send()
		isPage(t, p, "/admin/users/new", 409, "This email address is already in use")
		p = p.Form("/admin/users/new").Set("email", "other@example.com").Send()
		if p.Status != 200 || !p.Says("The user is created") {
			t.Errorf("%s", p)
		}
	})
}

// TestConfirmThrottled: a thief guesses no faster here than at the door.
func TestConfirmThrottled(t *testing.T) {
	s := newSite(t, "memory", withLimits(t))
	b := s.staleBrowser(s.bob)
	p := b.Open("/account/delete").Form("/account/delete").Send()
	for i := 0; i < 20 && p.Status == 403; i++ {
		p = p.Form("/account/delete").Set("proof", "guess").Send()
	}
	isPage(t, p, "/account/delete", 429, "There were too many attempts. Please wait")
	if p.Header.Get("Retry-After") == "" {
		t.Errorf("no Retry-After: %v", p.Header)
	}
	isPage(t, p.Form("/account/delete").Set("proof", bobsPassword).Send(), "/account/delete", 429)
	isIn(t, b, true)
	s.userNow(s.bob)
}

// TestConfirmCancels: the way back leads to the page from which somebody came.
func TestConfirmCancels(t *testing.T) {
	for _, prefix := range []string{"", "/auth"} {
		s := newSite(t, "memory", withPrefix(prefix))
		b := s.staleBrowser(s.ada)
		user := "/admin/users/" + s.bob.ID.String()
		for from, back := range map[string]string{
			"/account/delete": "/account", "/admin/users/new": "/admin/users", user + "/role": user, user + "/delete": user,
		} {
			p := b.Fetch("POST", from, url.Values{"form_token": {tokenFrom(t, b.Open("/account"))}, "role": {"admin"}})
			if !slices.Contains(p.Links(), prefix+back) {
				t.Errorf("%s: no way back to %s among %v", from, back, p.Links())
			}
		}
	}
}

// TestConfirmByAnotherDoor: a proof is looked at only where it is asked for, and a fresh session needs none.
func TestConfirmByAnotherDoor(t *testing.T) {
	s := newSite(t, "memory")
	b := s.bobsBrowser()
	p := b.Open("/account/delete").Form("/account/delete")
	p.Fields.Set("proof", "wrong")
	isPage(t, p.Send(), "/login", 200, "Your account is deleted")

	stale := s.staleBrowser(s.ada)
	path := api.Prefix + "/users/" + s.ada.ID.String()
	if p := stale.Fetch("DELETE", path, nil); p.Status != 403 || !strings.Contains(p.Body, "not_fresh") {
		t.Errorf("%s", p)
	}
}
