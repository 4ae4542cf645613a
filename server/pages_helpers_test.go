package server_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/handstamp/handstamp/account"
	"github.com/handstamp/handstamp/internal/textbrowser"
	"github.com/handstamp/handstamp/server"
)

// A direct sends requests to a handler, without a network.
type direct struct{ http.Handler }

// RoundTrip implements [http.RoundTripper].
func (d direct) RoundTrip(r *http.Request) (*http.Response, error) {
	w := httptest.NewRecorder()
	inside := r.Clone(r.Context())
	inside.RequestURI, inside.RemoteAddr = r.URL.RequestURI(), "192.0.2.1:1234"
	if inside.Body == nil {
		inside.Body = http.NoBody
	}
	d.ServeHTTP(w, inside)
	return w.Result(), nil
}

// browser returns a browser of somebody who is not signed in.
func (s *site) browser() *textbrowser.Browser {
	return textbrowser.New(s.t, s.config.Web.PublicURL.String()+s.config.Prefix, direct{s.handler})
}

// browserOf returns a browser in which somebody has just signed in.
func (s *site) browserOf(email, password string) *textbrowser.Browser {
	s.t.Helper()
	b := s.browser()
	p := b.Open("/login").Form("/login").Set("email", email, "password", password).Send()
	if p.Status != http.StatusOK || b.Cookies()[s.sessions.Cookie.SentName()] == "" {
		s.t.Fatalf("sign-in: %s", p)
	}
	return b
}

func (s *site) adasBrowser() *textbrowser.Browser { return s.browserOf(email, plain) }
func (s *site) bobsBrowser() *textbrowser.Browser { return s.browserOf(bobsEmail, bobsPassword) }

// staleBrowser returns a browser in which u has signed in an hour ago.
func (s *site) staleBrowser(u account.User) *textbrowser.Browser {
	s.t.Helper()
	b := s.browser()
	b.SetCookie("session", s.stale(u).cookie[len("session="):])
	return b
}

// isPage checks where somebody got, and what is to be read there.
func isPage(t testing.TB, p *textbrowser.Page, path string, status int, says ...string) {
	t.Helper()
	if p.URL.Path != path || p.Status != status {
		t.Errorf("%s; want %d at %s", p, status, path)
	}
	for _, text := range says {
		if !p.Says(text) {
			t.Errorf("%s; want it to say %q", p, text)
		}
	}
}

// otherAdmin returns another administrator, who signs in with the password of Ada.
func (s *site) otherAdmin() account.User {
	s.t.Helper()
	return s.addUser("grace@example.com", plain, "admin")
}

// tokenFrom returns the token of the forms on a page.
func tokenFrom(t testing.TB, p *textbrowser.Page) string {
	t.Helper()
	for _, f := range p.Forms() {
		if token := f.Fields.Get("form_token"); token != "" {
			return token
		}
	}
	t.Fatalf("%s: no form with a token", p)
	return ""
}

// isIn checks whether the person at b is signed in.
func isIn(t testing.TB, b *textbrowser.Browser, want bool) {
	t.Helper()
	p := b.Fetch(http.MethodGet, "/account", nil)
	if got := p.Status == http.StatusOK; got != want {
		t.Errorf("signed in: %v, want %v: %s", got, want, p)
	}
}

// cookieSet returns the cookie of this name that an answer sets, as it is written, or "".
func cookieSet(header http.Header, name string) string {
	found := ""
	for _, line := range header["Set-Cookie"] {
		if strings.HasPrefix(line, name+"=") {
			found = line // of several, browsers keep the last
		}
	}
	return found
}

// withPrefix mounts a server below a path.
func withPrefix(prefix string) func(*server.Config) {
	return func(c *server.Config) { c.Prefix = prefix }
}
