package server_test

import (
	"net/http"
	"strings"
	"testing"
)

// TestPathsOfForms: who opens the path of a form, which is in the address bar after a form that was not good, gets to
// the page on which it stands, in whatever language and after a login in between.
func TestPathsOfForms(t *testing.T) {
	s := newSite(t, "memory")
	user := "/admin/users/" + s.bob.ID.String()
	ada, stranger := s.adasBrowser(), s.browser()
	for path, page := range map[string]string{
		"/account/profile":                  "/account",
		"/account/email":                    "/account",
		"/account/password":                 "/account",
		"/account/sessions/end-others":      "/account",
		"/account/sessions/x/end":           "/account",
		user + "/profile":                   user,
		user + "/role":                      user,
		user + "/disable":                   user,
		user + "/enable":                    user,
		user + "/reset-link":                user,
		user + "/end-sessions":              user,
		user + "/delete":                    user,
		"/admin/sessions/x/end":             "/admin/sessions",
		"/admin/users/x%2F..%2F%0D%0A/role": "/admin/users/x%2F..%2F%0D%0A",
	} {
		if got := ada.Fetch("GET", path, nil); got.Status != http.StatusSeeOther || got.Header.Get("Location") != page {
			t.Errorf("%s leads to %q: %s", path, got.Header.Get("Location"), got)
		}
		if p := ada.Open(path + "?lang=fr"); p.URL.EscapedPath() != page {
			t.Errorf("%s in French leads to %s", path, p.URL)
		}
		if p := stranger.Open(path); p.URL.Path != "/login" {
			t.Errorf("%s leads a stranger to %s", path, p)
		}
	}
	if p := s.bobsBrowser().Open(user + "/role"); p.Status != http.StatusForbidden {
		t.Errorf("bob: %s", p)
	}
	p := ada.Open("/account").Form("/account/password").Set("old_password", "wrong", "new_password", chosen).Send()
	isPage(t, p, "/account/password", 403)
	for _, link := range p.Links() {
		if strings.Contains(link, "lang=de") {
			isPage(t, ada.Open(link), "/account", 200, "Ihr Konto")
		}
	}
}

// TestLanguageOfProblems: a page that says what is wrong does so in the language to which its own links switch.
func TestLanguageOfProblems(t *testing.T) {
	s := newSite(t, "memory")
	for path, status := range map[string]int{"/admin": 403, "/nothing": 404, "/account/sessions": 404} {
		b := s.bobsBrowser()
		isPage(t, b.Open(path), path, status)
		isPage(t, b.Open(path+"?lang=de"), path, status, "Zum Inhalt")
	}
}
