package server_test

import (
	"slices"
	"testing"
)

// TestPagesBelowAPrefix: who goes by links and forms gets everywhere, and cookies are for the whole host.
func TestPagesBelowAPrefix(t *testing.T) {
	for kind := range stores {
		s := newSite(t, kind, withPrefix("/auth"))
		b := s.browser()
		p := b.Open("/")
		isPage(t, p, "/auth/login", 200)
		p = signInAs(p, email, plain)
		isPage(t, p, "/auth/account", 200)
		isPage(t, p.Form("/auth/account/profile").Set("first_name", "Ada").Send(), "/auth/account", 200, "Your name is saved")
		if !slices.Contains(p.Links(), "/auth/admin") || !slices.Contains(p.Links(), "/auth/") {
			t.Errorf("links %v", p.Links())
		}
		isPage(t, b.Open("/"), "/auth/account", 200)
		isPage(t, b.Open("/admin"), "/auth/admin", 200, "Overview")
		isPage(t, b.Open("/nothing"), "/auth/nothing", 404)
		page := "/auth" + userPage(s.bob)
		isPage(t, b.Open(userPage(s.bob)).Form("/role").Set("role", "admin").Send(), page, 200, "The role is changed")
		isPage(t, b.Open("/admin/users?search=bob").Form("/auth/admin/users").Set("search", "ada").Send(), "/auth/admin/users", 200, email)
		isPage(t, b.Open("/account").Form("/auth/logout").Send(), "/auth/login", 200, "You are signed out")
		if p := b.Fetch("GET", "/admin/users", nil); p.Header.Get("Location") != "/auth/login?return_to=%2Fauth%2Fadmin%2Fusers" {
			t.Errorf("%v", p.Header)
		}
		isPage(t, signInAs(b.Open("/admin/users"), email, plain), "/auth/admin/users", 200)
		for _, path := range []string{"/login", "/account", "/assets/x", "/authx/login"} {
			if p := b.Fetch("GET", "http://example.com"+path, nil); p.Status != 404 {
				t.Errorf("outside of the prefix: %s", p)
			}
		}
	}
}
