package server_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/handstamp/handstamp/account"
)

// TestSessionsPage shows everybody's sessions, page by page.
func TestSessionsPage(t *testing.T) {
	onEachStore(t, func(t *testing.T, s *site) {
		b := s.adasBrowser()
		for i := range 60 {
			u := s.addUser(fmt.Sprintf("user%03d@example.com", i), "p", "user")
			s.stale(u)
		}
		gone := s.addUser("gone@example.com", "p", "user")
		s.stale(gone)
		if _, err := s.people.Edit(t.Context(), gone.ID, account.Edit{LastName: &account.Name{Text: ptr(`"><script>`)}}); err != nil {
			t.Fatal(err)
		}
		seen := make(map[string]int)
		down, last := walk(t, b, b.Open("/admin/sessions"), "next", emailsOn)
		for _, name := range slices.Concat(down...) {
			seen[strings.Trim(name, ",")]++
		}
		if len(down) != 2 || len(seen) != 62 {
			t.Errorf("%d pages, %d users: %v", len(down), len(seen), seen)
		}
		isPage(t, b.Open(link(last, "prev")), "/admin/sessions", 200)
		for _, after := range []string{"x", "%00", strings.Repeat("9", 99), "", "-1"} {
			isPage(t, b.Open("/admin/sessions?after="+after), "/admin/sessions", 200, "gone@example.com")
		}
	})
}

// TestUserPageEndsOneSession, and comes back to where that stood.
func TestUserPageEndsOneSession(t *testing.T) {
	onEachStore(t, func(t *testing.T, s *site) {
		b, bobs, others := s.adasBrowser(), s.bobsBrowser(), s.bobsBrowser()
		page, end := userPage(s.bob), "/admin/sessions/"+s.sessionID(bobs)+"/end"
		isPage(t, b.Open(page).Form(end).Send(), page, 200, "The session is ended")
		isIn(t, bobs, false)
		isIn(t, others, true)
		end = "/admin/sessions/" + s.sessionID(others) + "/end"
		p := b.Open("/admin/sessions")
		isPage(t, p, "/admin/sessions", 200, bobsEmail, email, "This device")
		form := p.Form(end)
		isPage(t, form.Send(), "/admin/sessions", 200, "The session is ended")
		isIn(t, others, false)
		isPage(t, form.Send(), end, 404)
		own := b.Open("/admin/sessions").Form("/admin/sessions/" + s.sessionID(b) + "/end")
		own.Fields.Set("user", s.bob.ID.String()) // whose it is not
		if p := own.Send(); p.Status != 404 {
			t.Errorf("%s", p)
		}
		isIn(t, b, true)
		own.Fields.Set("user", s.ada.ID.String())
		isPage(t, own.Send(), "/login", 200)
		isIn(t, b, false)
	})
}
