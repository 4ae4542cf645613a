package server_test

import (
	"strings"
	"testing"

	"github.com/handstamp/handstamp/internal/textbrowser"
)

func TestNewUserPage(t *testing.T) {
	onEachStore(t, func(t *testing.T, s *site) {
		b := s.adasBrowser()
		open := func() *textbrowser.Form { return b.Open("/admin/users/new").Form("/admin/users/new") }
		for _, c := range []struct {
			typed  []string
			status int
			says   string
		}{
			{[]string{"email", "BOB@example.com", "first_name", "typed"}, 409, "This email address is already in use"},
			{[]string{"email", "", "first_name", "typed"}, 400, "This is not a complete email address"},
			{[]string{"email", "nobody", "first_name", "typed"}, 400, "This is not a complete email address"},
			{[]string{"email", "n@example.com", "first_name", "typed", "role", "king"}, 400, "There is no such role"},
			{[]string{"email", "n@example.com", "first_name", strings.Repeat("x", 257)}, 400, "This name is too long"},
		} {
			form := open().Set(c.typed...)
			p := form.Send()
			isPage(t, p, "/admin/users/new", c.status, c.says)
			if got := p.Form("/admin/users/new").Fields; got.Get("first_name") != c.typed[3] || got.Get("email") != c.typed[1] {
				t.Errorf("%v: the form comes back with %v", c.typed, got)
			}
		}
		form := open().Set("email", "cy@example.com", "first_name", "Cy", "role", "user")
		form.Fields.Set("password", "chosen by the administrator")
		p := form.Send()
		cy, err := s.people.ByEmail(t.Context(), "cy@example.com")
		if err != nil {
			t.Fatal(err)
		}
		isPage(t, p, "/admin/users/"+cy.ID.String(), 200, "The user is created", "Cy", "cy@example.com")
		if cy.PasswordHash != "" || cy.Role != "user" || cy.LastName != nil {
			t.Errorf("%+v", cy)
		}
		link := p.Form("/reset-link").Send()
		isPage(t, link, "/admin/users/"+cy.ID.String()+"/reset-link", 200, "It is shown only now")
	})
}
