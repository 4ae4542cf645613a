package server_test

import (
	"strings"
	"testing"

	"github.com/handstamp/handstamp/account"
	"github.com/handstamp/handstamp/internal/textbrowser"
)

func userPage(u account.User) string { return "/admin/users/" + u.ID.String() }

func TestUserPage(t *testing.T) {
	onEachStore(t, func(t *testing.T, s *site) {
		b, page := s.adasBrowser(), userPage(s.bob)
		p := b.Open(page)
		isPage(t, p, page, 200, bobsEmail, "Active", "Not signed in anywhere", "User created")
		isPage(t, p.Form("/profile").Set("first_name", "Bob", "email", "bobby@example.com").Send(), page, 200, "The user is saved", "bobby@example.com")
		p = b.Open(page).Form("/profile").Set("first_name", "typed", "email", email).Send()
		isPage(t, p, page+"/profile", 409, "This email address is already in use")
		if got := p.Form("/profile").Fields; got.Get("first_name") != "typed" || got.Get("email") != email {
			t.Errorf("the form comes back with %v", got)
		}
		p = b.Open(page).Form("/profile").Set("email", "nobody", "last_name", "typed").Send()
		isPage(t, p, page+"/profile", 400, "This is not a complete email address")
		isPage(t, b.Open(page).Form("/profile").Set("first_name", "", "email", bobsEmail).Send(), page, 200, "The user is saved")
		diff(t, "name and email", []string{bobsEmail, bobsEmail}, []string{s.userNow(s.bob).DisplayName(), s.userNow(s.bob).Email})
	})
}

// TestUserPageEndsSessions: what an administrator changes of a user's rights takes effect at the next click.
func TestUserPageEndsSessions(t *testing.T) {
	onEachStore(t, func(t *testing.T, s *site) {
		b, page := s.adasBrowser(), userPage(s.bob)
		for _, c := range []struct {
			form, says string
			fill       []string
			isOut      bool // and cannot get in again
			undo       string
		}{
			{"/disable", "The user is disabled and signed out everywhere", nil, true, "/enable"},
			{"/role", "The role is changed", []string{"role", "admin"}, false, ""},
			{"/role", "The role is changed", []string{"role", "user"}, false, ""},
			{"/end-sessions", "The user is signed out everywhere", nil, false, ""},
			{"/profile", "The user is saved", []string{"email", "bob2@example.com"}, true, ""},
			{"/profile", "The user is saved", []string{"email", bobsEmail}, false, ""},
			{"/delete", "The user is deleted", nil, true, ""},
		} {
			var bobs *textbrowser.Browser
			if c.form != "/profile" || c.fill[1] != bobsEmail {
				bobs = s.bobsBrowser()
			}
			p := b.Open(page).Form(page + c.form).Set(c.fill...).Send()
			want := page
			if c.form == "/delete" {
				want = "/admin/users"
			}
			isPage(t, p, want, 200, c.says)
			if bobs != nil {
				isIn(t, bobs, false)
			}
			p = signInAs(s.browser().Open("/login"), bobsEmail, bobsPassword)
			if isOut := p.Status == 401; isOut != c.isOut {
				t.Errorf("after %s: %s", c.form, p)
			}
			if c.undo != "" {
				isPage(t, b.Open(page).Form(page+c.undo).Send(), page, 200, "The user can sign in again")
			}
		}
		isPage(t, b.Open(page), page, 404, "Not found")
		isIn(t, b, true)
	})
}

// TestUserPageMakesResetLinks: the link is shown once, and is good.
func TestUserPageMakesResetLinks(t *testing.T) {
	onEachStore(t, func(t *testing.T, s *site) {
		b, page := s.adasBrowser(), userPage(s.bob)
		p := b.Open(page).Form("/reset-link").Send()
		isPage(t, p, page+"/reset-link", 200, "It is shown only now, and works once", "It works until")
		_, rest, found := strings.Cut(p.Body, `value="http://example.com/reset/`)
		secret, _, _ := strings.Cut(rest, `"`)
		if !found || len(secret) < 40 {
			t.Fatalf("no link: %s", p.Body)
		}
		for _, path := range []string{page, "/admin/audit", "/admin"} {
			if p := b.Open(path); strings.Contains(p.Body, secret) {
				t.Errorf("the secret is on %s, too", path)
			}
		}
		for _, line := range s.log.lines(secret) {
			t.Errorf("the secret is in the log: %s", line)
		}
		bobs := s.browser()
		p = bobs.Open("/reset/"+secret).Form("/reset/"+secret).Set("new_password", chosen).Send()
		isPage(t, p, "/account", 200, "Your new password is saved", bobsEmail)
		isPage(t, bobs.Open("/reset/"+secret), "/reset/"+secret, 404, "This link no longer works")
	})
}

// TestOwnUserPage: nobody locks themselves out by a slip of the finger.
func TestOwnUserPage(t *testing.T) {
	onEachStore(t, func(t *testing.T, s *site) {
		b, page := s.adasBrowser(), userPage(s.ada)
		p := b.Open(page)
		isPage(t, p, page, 200, "This is you", "This is your own account")
		for _, form := range p.Forms() {
			for _, act := range []string{"/disable", "/delete", "/reset-link"} {
				if strings.HasSuffix(form.Action, act) {
					t.Errorf("there is a form for %s", act)
				}
			}
		}
		token := tokenFrom(t, p)
		for _, act := range []string{"/disable", "/role"} {
			p := b.Fetch("POST", page+act, map[string][]string{"form_token": {token}, "role": {"user"}})
			isPage(t, p, page+act, 409, "This is the last administrator")
		}
		if p := b.Fetch("POST", page+"/delete", map[string][]string{"form_token": {token}}); p.Status != 409 || !p.Says("This is the last administrator") {
			t.Errorf("%s", p)
		}
		// The own email is changed where the password is asked for.
		form := b.Open(page).Form("/profile").Set("first_name", "Ada")
		form.Fields.Set("email", "new@example.com")
		isPage(t, form.Send(), page, 200, "The user is saved")
		if u := s.userNow(s.ada); u.Email != email || u.DisplayName() != "Ada" {
			t.Errorf("%+v", u)
		}
		isIn(t, b, true)

		s.otherAdmin()
		isPage(t, b.Open(page).Form(page+"/role").Set("role", "user").Send(), "/login", 200)
		isIn(t, b, false)
		isPage(t, s.adasBrowser().Open("/admin"), "/admin", 403)
	})
}

// TestUserPageOfNobody: for an id that is nobody's, and for what is none, there are no pages.
func TestUserPageOfNobody(t *testing.T) {
	onEachStore(t, func(t *testing.T, s *site) {
		b := s.adasBrowser()
		form := map[string][]string{"form_token": {tokenFrom(t, b.Open("/account"))}, "email": {"new@example.com"}, "role": {"user"}}
		before := s.state()
		for _, id := range []string{
			"00000000-0000-4000-8000-000000000000", "me", "x", "%00", "%2e%2e", s.bob.ID.String() + "x", "%3Cscript%3E",
			strings.ToUpper(s.bob.ID.String()), "{" + s.bob.ID.String() + "}", strings.ReplaceAll(s.bob.ID.String(), "-", ""),
		} {
			if p := b.Open("/admin/users/" + id); p.Status != 404 || !p.Says("There is nothing at this address") || strings.Contains(p.Body, "<script>") {
				t.Errorf("%s: %s", id, p)
			}
			for _, act := range []string{"profile", "role", "disable", "enable", "reset-link", "end-sessions", "delete"} {
				if p := b.Fetch("POST", "/admin/users/"+id+"/"+act, form); p.Status != 404 || !p.Says("Not found") {
					t.Errorf("%s of %s: %s", act, id, p)
				}
			}
		}
		diff(t, "what there is", before, s.state())
	})
}
