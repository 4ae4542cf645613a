package server_test

import (
	"html"
	"net/url"
	"strings"
	"testing"

	"github.com/handstamp/handstamp/account"
	"github.com/handstamp/handstamp/internal/textbrowser"
	"github.com/handstamp/handstamp/server"
)

// signInAs sends the form of a login page.
func signInAs(p *textbrowser.Page, email, password string) *textbrowser.Page {
	return p.Form("/login").Set("email", email, "password", password).Send()
}

func TestLoginPage(t *testing.T) {
	onEachStore(t, func(t *testing.T, s *site) {
		b := s.browser()
		p := b.Open("/")
		isPage(t, p, "/login", 200, "Sign in", "Forgotten your password?")
		if p.Says("New here?") {
			t.Error("strangers are sent to a registration that is closed")
		}
		isPage(t, signInAs(p, email, plain), "/account", 200, "Your account", "Sign out")
		isPage(t, b.Open("/login"), "/account", 200)
		isPage(t, b.Open("/"), "/account", 200)
	})
}

// TestLoginRefused: nobody learns whether an account is there, is disabled, or has another password.
func TestLoginRefused(t *testing.T) {
	onEachStore(t, func(t *testing.T, s *site) {
		cy := s.addUser("cy@example.com", "a third password", "user")
		if _, err := s.people.Edit(t.Context(), cy.ID, account.Edit{Disabled: ptr(true)}); err != nil {
			t.Fatal(err)
		}
		first := ""
		for name, typed := range map[string][2]string{
			"nobody":         {"nobody@example.com", plain},
			"wrong password": {bobsEmail, `<wrong & "secret'`},
			"disabled":       {"cy@example.com", "a third password"},
			"no email":       {"", plain},
			"no password":    {bobsEmail, ""},
			"odd":            {`"><script>@example.com`, "\x00\xff"},
			"long":           {strings.Repeat("x", 5000), strings.Repeat("y", 1000)},
		} {
			b := s.browser()
			open := b.Open("/login")
			p := signInAs(open, typed[0], typed[1])
			isPage(t, p, "/login", 401, "The email or the password is not right")
			if got := p.Form("/login").Fields; got.Get("email") != typed[0] || got.Get("password") != "" {
				t.Errorf("%s: the form comes back with %v", name, got)
			}
			for _, secret := range []string{typed[1], html.EscapeString(typed[1]), url.QueryEscape(typed[1])} {
				if secret != "" && strings.Contains(p.Body, secret) {
					t.Errorf("%s: the password is in the page", name)
				}
			}
			if got := p.Header.Get("WWW-Authenticate"); got != `Session realm="Handstamp"` {
				t.Errorf("%s: WWW-Authenticate %q: browsers would open a window for the password", name, got)
			}
			if b.Cookies()["session"] != "" {
				t.Errorf("%s: has a session", name)
			}
			isIn(t, b, false)
			page := strings.NewReplacer(
				`value="`+html.EscapeString(typed[0])+`"`, "value=typed", tokenFrom(t, open), "token",
			).Replace(p.Body)
			if first == "" {
				first = page
			}
			diff(t, name+" looks like the others", first, page)
		}
	})
}

// TestLoginBeginsAnew: whatever session a browser carries, a login begins another and ends that one. Nobody can give
// somebody else a session to sign in to.
func TestLoginBeginsAnew(t *testing.T) {
	onEachStore(t, func(t *testing.T, s *site) {
		for name, planted := range map[string]string{
			"made up":        strings.Repeat("A", 43),
			"the attacker's": s.asBob().cookie[len("session="):],
			"that has ended": func() string {
				c := s.asBob()
				cookie := c.cookie[len("session="):]
				c.want(200, "", "DELETE", "/auth_session", "")
				return cookie
			}(),
		} {
			victim, thief := s.browser(), s.browser()
			p := victim.Open("/login")
			victim.SetCookie("session", planted)
			thief.SetCookie("session", planted)
			isPage(t, signInAs(p, email, plain), "/account", 200, email)
			if victim.Cookies()["session"] == planted {
				t.Errorf("%s: the planted session was taken", name)
			}
			isIn(t, victim, true)
			isIn(t, thief, false)
		}
		victim := s.browser()
		victim.SetCookie("visitor", "planted") // whose forms the attacker can have made
		p := signInAs(victim.Open("/login"), email, plain)
		isPage(t, p, "/account", 200)
		if strings.Contains(p.Body, "planted") || victim.Cookies()["session"] == "planted" {
			t.Error("a visitor's cookie became a session")
		}
	})
}

// overHTTPS is how a server is reached in public.
func overHTTPS(c *server.Config) {
	c.Web.PublicURL = &url.URL{Scheme: "https", Host: "example.com"}
	c.Sessions.Cookie.Insecure = false
}

// TestLoginCookies: no script reads them, no other host sets them, and they travel encrypted where there is HTTPS.
func TestLoginCookies(t *testing.T) {
	for _, c := range []struct {
		names  []string // of the visitor's, the session's and the language's
		end    string
		change func(*server.Config)
	}{
		{[]string{"visitor", "session", "language"}, "; HttpOnly; SameSite=Lax", func(*server.Config) {}},
		{[]string{"__Host-visitor", "__Host-session", "language"}, "; HttpOnly; Secure; SameSite=Lax", overHTTPS},
	} {
		s := newSite(t, "memory", c.change)
		b := s.browser()
		open := b.Open("/login")
		signedIn := open.Form("/login").Set("email", email, "password", plain).Submit()
		if signedIn.Status != 303 || signedIn.Header.Get("Location") != "/account" {
			t.Errorf("%d to %q", signedIn.Status, signedIn.Header.Get("Location"))
		}
		isPage(t, b.Open("/account"), "/account", 200)
		switched := b.Fetch("GET", "/login?lang=fr", nil)
		for i, header := range []string{
			cookieSet(open.Header, c.names[0]), cookieSet(signedIn.Header, c.names[1]), cookieSet(switched.Header, c.names[2]),
		} {
			_, attributes, _ := strings.Cut(header, ";")
			attributes = strings.Replace(attributes, "; Max-Age=31536000", "", 1)
			if ";"+attributes != "; Path=/"+c.end {
				t.Errorf("%s is set with %q", c.names[i], header)
			}
		}
	}
}
