package server_test

import (
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/handstamp/handstamp/server"
)

const app = "https://app.example.com"

func withApp(c *server.Config) { c.ReturnOrigins = []string{app} }

// elsewhere are return URLs that lead a browser out of the site, or would if they were read in another way.
var elsewhere = []string{
	`/\evil.example`, `\\evil.example`, "/\t/evil.example", "/\n/evil.example", "///evil.example", " //evil.example",
	"\x00//evil.example", `https://evil.example\@example.com`, "//evil.example", "//example.com@evil.example/",
	"https://evil.example/", "http://example.com.evil.example/", "http://example.com@evil.example/", "https://app.example.com.evil.example/",
	"https://app.example.com@evil.example/", "http://app.example.com/", "javascript:alert(1)", "data:text/html,x", "/.//evil.example",
	"/%2e%2e//evil.example", "evil.example", "?x", "https:evil.example", "https:///evil.example", "HTTPS://EVIL.EXAMPLE",
	"/reports\r\nSet-Cookie: a=b", "/" + strings.Repeat("x", 5000), "",
}

// here are those that lead to where somebody may want to be.
var here = []string{
	"/reports?week=47", "/reports?week=47#top", "/admin/users?search=a%26b", "/reports/%C3%A9?q=a%20b",
	"http://example.com/reports", app + "/", app + "/deep/link?x=1&y=%2F#z",
}

// TestReturn: a login leads back to where somebody came from, and never anywhere else; whether the place stands in the
// link, in the form, or the person is signed in already.
func TestReturn(t *testing.T) {
	s := newSite(t, "memory", withApp)
	signedIn := s.bobsBrowser()
	leads := func(raw, want string) {
		t.Helper()
		link := "/login?" + url.Values{"return_to": {raw}}.Encode()
		typed := []string{"email", bobsEmail, "password", bobsPassword}
		b := s.browser()
		form := b.Open(link).Form("/login").Set(typed...)
		if got := form.Submit().LeadsTo(); got != want {
			t.Errorf("link with %q: %q, want %q", raw, got, want)
		}
		form = s.browser().Open("/login").Form("/login").Set(typed...)
		form.Fields.Set("return_to", raw)
		if got := form.Submit().LeadsTo(); got != want {
			t.Errorf("form with %q: %q, want %q", raw, got, want)
		}
		if got := signedIn.Fetch("GET", link, nil); got.Status != 303 || got.Header.Get("Location") != want {
			t.Errorf("signed in, with %q: %d to %q, want %q", raw, got.Status, got.Header["Location"], want)
		}
	}
	for _, raw := range elsewhere {
		leads(raw, "/account")
	}
	for _, raw := range here {
		leads(raw, raw)
	}
}

// TestReturnLasts while somebody mistypes the password.
func TestReturnLasts(t *testing.T) {
	s := newSite(t, "memory")
	p := s.browser().Open("/login?return_to=%2Freports%3Fweek%3D47")
	for range 3 {
		p = p.Form("/login").Set("email", email, "password", "wrong").Send()
		isPage(t, p, "/login", 401)
	}
	if got := p.Form("/login").Set("password", plain).Submit().LeadsTo(); got != "/reports?week=47" {
		t.Errorf("leads to %q", got)
	}
}

// TestStrangersComeBack to the page that they have asked for, or from which they have sent a form.
func TestStrangersComeBack(t *testing.T) {
	onEachStore(t, func(t *testing.T, s *site) {
		for path, title := range map[string]string{
			"/account":                          "Your account",
			"/account/delete":                   "Delete your account",
			"/admin":                            "Overview",
			"/admin/users?search=ada%40":        "Users that match",
			"/admin/users/" + s.ada.ID.String(): email,
			"/admin/audit?action=login":         "Audit log",
		} {
			b := s.browser()
			p := b.Open(path)
			isPage(t, p, "/login", 200)
			p = signInAs(p, email, plain)
			if p.URL.RequestURI() != path || p.Status != 200 || !p.Says(title) {
				t.Errorf("asked for %s, and got %s", path, p)
			}
		}
		b := s.adasBrowser()
		page := "/admin/users/" + s.bob.ID.String()
		form := b.Open(page).Form("/role").Set("role", "admin")
		b.Open("/account").Form("/logout").Send()
		p := form.Send()
		isPage(t, p, "/login", 200)
		isPage(t, signInAs(p, email, plain), page, 200)
		if u, err := s.people.User(t.Context(), s.bob.ID); err != nil || u.Role != "user" {
			t.Errorf("%+v, %v: the form was carried out", u, err)
		}
	})
}

// TestReturnByWayOfAPage: what follows a redirect behind a form is held against the policy of the page with the form, and
// where an app sends people on to is not known here. So to an app it is a page that leads, and one with a link.
func TestReturnByWayOfAPage(t *testing.T) {
	s := newSite(t, "memory", withApp)
	for target, status := range map[string]int{"/reports": 200, app + "/": 200, "/accounts": 200, "/account?x=y": 303, "/admin/users?search=a": 303} {
		link := "/login?" + url.Values{"return_to": {target}}.Encode()
		p := s.browser().Open(link).Form("/login").Set("email", bobsEmail, "password", bobsPassword).Submit()
		if p.Status != status || p.LeadsTo() != target || status == 200 && !slices.Contains(p.Links(), target) {
			t.Errorf("%s: leads to %q: %s", target, p.LeadsTo(), p)
		}
	}
}
