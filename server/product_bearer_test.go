package server_test

import (
	"strings"
	"testing"

	"github.com/handstamp/handstamp/session"
	"github.com/handstamp/handstamp/throttle"
)

// jwt returns a token as a header says it.
func (s *site) jwt(header string) session.Token { return session.Token(bare(header)) }

// A program is a client with a bearer token.
type program struct {
	*client
	token string
}

func (s *site) program(token string) program { return program{s.stranger(), token} }

func (p program) get(status int, code, method, path, body string, headers ...string) string {
	p.t.Helper()
	w := p.want(status, code, method, path, body, append(headers, "Authorization", p.token)...)
	for _, name := range []string{"Set-Cookie", "Clear-Site-Data"} {
		if got := w.Header()[name]; got != nil {
			p.t.Errorf("%s %s: %s %q, to a program", method, path, name, got)
		}
	}
	return w.Body.String()
}

func (p program) isIn(want bool) {
	p.t.Helper()
	if want {
		p.get(200, "", "GET", "/users/me", "")
	} else {
		p.get(401, "credential_refused", "GET", "/users/me", "")
	}
}

// TestBearerHasASession of its own: with its data, its place in the list, and its end.
func TestBearerHasASession(t *testing.T) {
	onEachStore(t, func(t *testing.T, s *site) {
		one, other, browser := s.program(s.bearer(s.bob)), s.program(s.bearer(s.bob)), s.asBob()
		one.get(204, "", "PUT", "/auth_session/data/cart", `{"items":3}`)
		one.get(204, "", "PUT", "/auth_session/data/cart", `{"items":4}`, "If-Match", `"2"`)
		one.get(412, "precondition_failed", "PUT", "/auth_session/data/cart", `{"items":5}`, "If-Match", `"2"`)
		one.get(204, "", "PUT", "/auth_session/data/page", `7`)
		if got := one.get(200, "", "GET", "/auth_session/data", ""); got != `{"cart":{"items":4},"page":7}`+"\n" {
			t.Errorf("its own data: %s", got)
		}
		if got := other.get(200, "", "GET", "/auth_session/data", ""); got != "{}\n" {
			t.Errorf("another one's data: %s", got)
		}
		browser.want(404, "not_found", "GET", "/auth_session/data/cart", "")
		one.get(204, "", "DELETE", "/auth_session/data/page", "")
		one.get(204, "", "DELETE", "/auth_session/data", "")

		current := 0
		list := browser.want(200, "", "GET", "/auth_session", "", "Authorization", one.token)
		for _, seen := range jsonOf[struct{ Sessions []struct{ Current bool } }](t, list).Sessions {
			if seen.Current {
				current++
			}
		}
		if current != 1 {
			t.Errorf("%d sessions are the one that asks", current)
		}

		one.get(200, "", "DELETE", "/auth_session", "")
		one.isIn(false)
		other.isIn(true)
		browser.isIn(true)

		other.get(200, "", "DELETE", "/auth_session/all?others=true", "")
		other.isIn(true)
		browser.isIn(false)
		third := s.program(s.bearer(s.bob))
		other.get(200, "", "DELETE", "/auth_session/all", "")
		other.isIn(false)
		third.isIn(false)
	})
}

// TestBearerEndsOne session by its name, be it its own.
func TestBearerEndsOne(t *testing.T) {
	s := newSite(t, "memory")
	one, other := s.program(s.bearer(s.bob)), s.program(s.bearer(s.bob))
	for i, p := range []program{other, one} {
		claims, err := s.tokens.Inspect(t.Context(), s.jwt(p.token))
		if err != nil {
			t.Fatal(err)
		}
		one.get(200, "", "DELETE", "/auth_session/"+claims.SessionID.String(), "")
		other.isIn(false)
		one.isIn(i == 0)
	}
}

// TestBearerIsNotRenewedAsACookie: it is told where.
func TestBearerIsNotRenewedAsACookie(t *testing.T) {
	s := newSite(t, "memory")
	p := s.program(s.bearer(s.bob))
	for _, body := range []string{"", `{"password":"battery staple"}`} {
		got := p.get(400, "cookie_needed", "POST", "/auth_session/renew", body)
		if want := `{"error":"This is about the cookie of a session; a bearer token is renewed by POST /@login-renew","code":"cookie_needed"}` + "\n"; got != want {
			t.Errorf("%s", got)
		}
	}
	p.isIn(true)
}

// TestBearerChangesPassword: all sessions end, that of the token, too, of which there may be copies.
func TestBearerChangesPassword(t *testing.T) {
	for name, body := range map[string]string{
		"password": `{"password":"new password","old_password":"battery staple"}`,
		"email":    `{"email":"bobby@example.com","old_password":"battery staple"}`,
	} {
		t.Run(name, func(t *testing.T) {
			s := newSite(t, "sqlite")
			one, other, browser := s.program(s.bearer(s.bob)), s.program(s.bearer(s.bob)), s.asBob()
			devices, err := throttle.NewDevices([]byte(strings.Repeat("k", 32)))
			if err != nil {
				t.Fatal(err)
			}
			s.people.Devices = devices // which browsers get a cookie for
			one.get(401, "credential_refused", "PUT", "/users/me", `{"password":"new password","old_password":"wrong"}`)
			one.get(200, "", "PUT", "/users/me", body)
			one.isIn(false)
			other.isIn(false)
			browser.isIn(false)
		})
	}
}

// TestBearerLosesWhatIsTaken from its user: the role, the account, the right to sign in.
func TestBearerLosesWhatIsTaken(t *testing.T) {
	for name, revoke := range map[string]func(s *site, ada program){
		"role":    func(s *site, ada program) { ada.get(200, "", "PUT", "/users/"+s.bob.ID.String(), `{"role":"admin"}`) },
		"disable": func(s *site, ada program) { ada.get(200, "", "PUT", "/users/"+s.bob.ID.String(), `{"disabled":true}`) },
		"delete":  func(s *site, ada program) { ada.get(200, "", "DELETE", "/users/"+s.bob.ID.String(), "") },
		"end all": func(s *site, ada program) {
			ada.get(200, "", "DELETE", "/auth_session/all?user="+s.bob.ID.String(), "")
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := newSite(t, "sqlite")
			bob, ada := s.program(s.bearer(s.bob)), s.program(s.bearer(s.ada))
			bob.isIn(true)
			revoke(s, ada)
			bob.isIn(false)
			ada.isIn(true)
		})
	}
	s := newSite(t, "sqlite")
	bob := s.program(s.bearer(s.bob))
	bob.get(200, "", "DELETE", "/users/me", "")
	bob.isIn(false)
	s.addUser("cy@example.com", "battery staple", "admin")
	ada := s.program(s.bearer(s.ada))
	ada.get(200, "", "PUT", "/users/me", `{"role":"user"}`)
	ada.isIn(false)
}

// TestBearerOpensNoPage: they are for browsers, whose forms are tied to their cookie.
func TestBearerOpensNoPage(t *testing.T) {
	s := newSite(t, "memory")
	for _, path := range []string{"/account", "/admin", "/admin/users"} {
		w := do(s.handler, "GET", path, nil, "Authorization", s.bearer(s.ada), "Accept", "text/html")
		if w.Code != 303 {
			t.Errorf("%s: %d", path, w.Code)
		}
	}
}

// TestCookieBesideABearer: the session that asks is one of the two, in everything.
func TestCookieBesideABearer(t *testing.T) {
	s := newSite(t, "memory")
	browser, token := s.asAda(), s.bearer(s.bob)
	browser.want(204, "", "PUT", "/auth_session/data/k", `"ada's"`, "Authorization", token)
	if got := jsonOf[seenUser](t, browser.want(200, "", "GET", "/users/me", "", "Authorization", token)); got.ID != s.ada.ID.String() {
		t.Errorf("it is %s", got.ID)
	}
	if got := s.program(token).get(200, "", "GET", "/auth_session/data", ""); got != "{}\n" {
		t.Errorf("Bob's data: %s", got)
	}
}
