package server_test

import (
	"strings"
	"testing"
)

// TestLongValues: what is as long as it may be is shown whole, and escaped.
func TestLongValues(t *testing.T) {
	s := newSite(t, "memory")
	b := s.adasBrowser()
	long := strings.Repeat("W&", 128)
	p := b.Open(userPage(s.bob)).Form("/profile").Set("first_name", long, "last_name", `"><script>alert(1)</script>`).Send()
	isPage(t, p, userPage(s.bob), 200, long, `"><script>alert(1)</script>`)
	for _, path := range []string{userPage(s.bob), "/admin/users", "/admin/users?search=%22%3E%3Cscript", "/admin/audit", "/admin"} {
		if p := b.Open(path); strings.Contains(p.Body, "<script>") {
			t.Errorf("%s: there is a script in the page", path)
		}
	}
}
