package server_test

import "testing"

// TestNewUserWithoutRole: nobody gets a role that the form has not named.
func TestNewUserWithoutRole(t *testing.T) {
	s := newSite(t, "memory")
	form := s.adasBrowser().Open("/admin/users/new").Form("/admin/users/new").Set("email", "carol@example.com")
	form.Fields.Del("role")
	isPage(t, form.Send(), "/admin/users/new", 400, "There is no such role")
	if n, err := s.people.Count(t.Context()); err != nil || n != 2 {
		t.Errorf("%d users, %v", n, err)
	}
}
