package server_test

import (
	"strings"
	"testing"

	"github.com/handstamp/handstamp"
)

// TestManySessions: where users may have any number of sessions, a page of one of them stays one that can be shown, and the
// present session is on it.
func TestManySessions(t *testing.T) {
	s := newSite(t, "memory")
	ada, bob := s.adasBrowser(), s.bobsBrowser()
	for range 299 {
		if _, _, err := s.sessions.Begin(t.Context(), handstamp.Identity{UserID: s.bob.ID, Role: s.bob.Role}); err != nil {
			t.Fatal(err)
		}
	}
	p := bob.Open("/account")
	isPage(t, p, "/account", 200, "250 more sessions", "This device")
	if n := strings.Count(p.Body, "/end\""); n != 49 {
		t.Errorf("%d sessions can be ended, beside the present one", n)
	}
	user := "/admin/users/" + s.bob.ID.String()
	p = ada.Open(user)
	isPage(t, p, user, 200, "250 more sessions")
	if n := strings.Count(p.Body, "/end\""); n != 50 {
		t.Errorf("an administrator can end %d sessions", n)
	}
	isPage(t, bob.Open("/account").Form("/end-others").Send(), "/account", 200)
	if p := bob.Open("/account"); p.Says("more session") {
		t.Errorf("%s", p)
	}
}
