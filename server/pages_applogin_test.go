package server_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/handstamp/handstamp/server"
)

// appForm is what the form of an app sends: no token, as it has never seen a page of ours.
func appForm(password string) url.Values {
	return url.Values{"email": {bobsEmail}, "password": {password}, "return_to": {"/reports?week=47"}}
}

// TestLoginFormOfAnApp: an app on the same origin may have a login form of its own, and the browser vouches for it.
func TestLoginFormOfAnApp(t *testing.T) {
	onEachStore(t, func(t *testing.T, s *site) {
		b := s.browser()
		p := b.Fetch("POST", "/login", appForm(bobsPassword))
		if p.Status != 200 || p.LeadsTo() != "/reports?week=47" {
			t.Errorf("leads to %q: %s", p.LeadsTo(), p)
		}
		isIn(t, b, true)

		// What goes wrong is said on our own page, which leads to the same place.
		b = s.browser()
		p = b.Fetch("POST", "/login", appForm("<wrong & secret>"))
		isPage(t, p, "/login", 401, "The email or the password is not right")
		form := p.Form("/login")
		if form.Fields.Get("email") != bobsEmail || form.Fields.Get("password") != "" || strings.Contains(p.Body, "secret") {
			t.Errorf("the form comes back with %v", form.Fields)
		}
		isIn(t, b, false)
		if got := form.Set("password", bobsPassword).Submit().LeadsTo(); got != "/reports?week=47" {
			t.Errorf("then it leads to %q", got)
		}
		isIn(t, b, true)

		// Whatever the form says, it leads nowhere else.
		fields := appForm(bobsPassword)
		fields.Set("return_to", "https://evil.example/")
		if got := s.browser().Fetch("POST", "/login", fields).LeadsTo(); got != "/account" {
			t.Errorf("to evil.example: %q", got)
		}
	})
}

// TestLoginFormOfOthers: what the browser does not vouch for is as it was.
func TestLoginFormOfOthers(t *testing.T) {
	s := newSite(t, "memory", withApp, func(c *server.Config) { c.Web.Origins = []string{app} })
	const outdated, elsewhere = "This form was open for too long", "This request came from another site"
	for _, c := range []struct {
		name   string
		header http.Header
		says   string
	}{
		{"another site", http.Header{"Sec-Fetch-Site": {"cross-site"}}, elsewhere},
		{"a sibling host", http.Header{"Sec-Fetch-Site": {"same-site"}}, elsewhere},
		{"a sibling host that may use the API", http.Header{"Sec-Fetch-Site": {"same-site"}, "Origin": {app}}, elsewhere},
		{"nobody", http.Header{"Sec-Fetch-Site": {"none"}}, outdated},
		{"an old browser", http.Header{"Sec-Fetch-Site": nil}, outdated},
		{"an old browser that names us", http.Header{"Sec-Fetch-Site": nil, "Origin": {"http://example.com"}}, outdated},
		{"another word", http.Header{"Sec-Fetch-Site": {"Same-Origin"}}, elsewhere},
		{"two words", http.Header{"Sec-Fetch-Site": {"same-origin, same-origin"}}, elsewhere},
		{"two headers", http.Header{"Sec-Fetch-Site": {"same-origin", "cross-site"}}, outdated},
	} {
		b := s.browser()
		b.Header = c.header
		p := b.Fetch("POST", "/login", appForm(bobsPassword))
		if p.Status != 403 || !p.Says(c.says) {
			t.Errorf("%s: %s, want 403 and %q", c.name, p, c.says)
		}
		b.Header = nil
		isIn(t, b, false)
	}
	// A token that is there has to be right.
	b := s.browser()
	for _, token := range []string{"", "made up", tokenFrom(t, s.browser().Open("/login"))} {
		fields := appForm(bobsPassword)
		fields.Set("form_token", token)
		isPage(t, b.Fetch("POST", "/login", fields), "/login", 403, outdated)
	}
	isIn(t, b, false)
}

// TestOnlyTheLoginIsForAnApp: no other form is carried out because the browser vouches for it.
func TestOnlyTheLoginIsForAnApp(t *testing.T) {
	s := newSite(t, "memory", func(c *server.Config) { c.MayRegister = func() bool { return true } })
	ada := s.adasBrowser()
	before := s.state()
	for _, path := range []string{"/logout", "/account/profile", "/account/password"} {
		if p := ada.Fetch("POST", path, url.Values{"first_name": {"X"}}); p.Status != 403 {
			t.Errorf("%s: %s", path, p)
		}
	}
	fields := filled("")
	fields.Del("form_token")
	isPage(t, s.browser().Fetch("POST", "/register", fields), "/register", 403, "This form was open for too long")
	diff(t, "what there is", before, s.state())
	isIn(t, ada, true)
}
