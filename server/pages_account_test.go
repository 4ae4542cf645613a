package server_test

import (
	"strings"
	"testing"

	"github.com/handstamp/handstamp/account"
)

// userNow returns a user as the store has it.
func (s *site) userNow(u account.User) account.User {
	s.t.Helper()
	now, err := s.people.User(s.t.Context(), u.ID)
	if err != nil {
		s.t.Fatal(err)
	}
	return now
}

func TestAccountNames(t *testing.T) {
	onEachStore(t, func(t *testing.T, s *site) {
		b := s.bobsBrowser()
		long := strings.Repeat("ß", 256)
		for _, c := range []struct {
			first, last string
			status      int
			says        string
			name        string // afterwards
		}{
			{"Bob", "Hopper", 200, "Your name is saved", "Bob Hopper"},
			{"Bob", "", 200, "Your name is saved", "Bob"},
			{long, "x", 200, "Your name is saved", long + " x"},
			{long + "ß", "typed", 400, "This name is too long", long + " x"},
			{"typed", long + "ß", 400, "This name is too long", long + " x"},
			{`"><script>alert(1)</script>`, "&amp;", 200, "Your name is saved", `"><script>alert(1)</script> &amp;`},
			{"", "", 200, "Your name is saved", bobsEmail},
		} {
			p := b.Open("/account").Form("/account/profile").Set("first_name", c.first, "last_name", c.last).Send()
			path := "/account"
			if c.status != 200 {
				path = "/account/profile"
			}
			isPage(t, p, path, c.status, c.says)
			if strings.Contains(p.Body, "<script>") {
				t.Errorf("the name is a script: %s", p.Body)
			}
			if got := p.Form("/account/profile").Fields; got.Get("first_name") != c.first || got.Get("last_name") != c.last {
				t.Errorf("%.20s: the form comes back with %v", c.first, got)
			}
			if c.status != 200 {
				wrong := "first_name"
				if c.first == "typed" {
					wrong = "last_name"
				}
				if !strings.Contains(p.Body, `id="profile-`+wrong+`-error"`) {
					t.Errorf("it is not said that it is the %s: %s", wrong, p.Body)
				}
			}
			if got := s.userNow(s.bob); got.DisplayName() != c.name {
				t.Errorf("the name is %.100q, want %.100q", got.DisplayName(), c.name)
			}
		}
		if u := s.userNow(s.bob); u.FirstName != nil || u.LastName != nil {
			t.Errorf("an empty field is a name: %v, %v", u.FirstName, u.LastName)
		}
	})
}

// TestAccountFieldsAreThoseOfTheForm: whatever else is sent along changes nothing.
func TestAccountFieldsAreThoseOfTheForm(t *testing.T) {
	s := newSite(t, "memory")
	b, ada := s.bobsBrowser(), s.userNow(s.ada)
	for _, path := range []string{"/account/profile", "/account/email", "/account/password"} {
		fields := filled(tokenFrom(t, b.Open("/account")))
		fields.Set("old_password", bobsPassword)
		fields.Set("id", s.ada.ID.String())
		fields.Set("disabled", "true")
		fields.Set("user", s.ada.ID.String())
		b.Fetch("POST", path, fields)
		want := s.bob
		switch path {
		case "/account/profile":
			want.FirstName, want.LastName = ptr("New"), ptr("Name")
		case "/account/email":
			want.Email = "new@example.com"
		}
		got := s.userNow(s.bob)
		diff(t, path, []string{want.DisplayName(), want.Email, want.Role}, []string{got.DisplayName(), got.Email, got.Role})
		s.bob = got
	}
	diff(t, "Ada", ada, s.userNow(s.ada))
}

func TestAccountDelete(t *testing.T) {
	onEachStore(t, func(t *testing.T, s *site) {
		b, other, ada := s.bobsBrowser(), s.bobsBrowser(), s.adasBrowser()
		p := b.Open("/account/delete")
		isPage(t, p, "/account/delete", 200, "Nobody can bring the account back")
		isIn(t, b, true)
		p = p.Form("/account/delete").Send()
		isPage(t, p, "/login", 200, "Your account is deleted")
		isIn(t, b, false)
		isIn(t, other, false)
		isPage(t, signInAs(p, bobsEmail, bobsPassword), "/login", 401)

		p = ada.Open("/account/delete").Form("/account/delete").Send()
		isPage(t, p, "/account/delete", 409, "This is the last administrator")
		isIn(t, ada, true)
	})
}
