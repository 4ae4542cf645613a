package server_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/websocket"

	"github.com/handstamp/handstamp/account"
	"github.com/handstamp/handstamp/internal/textbrowser"
	"github.com/handstamp/handstamp/server"
	"github.com/handstamp/handstamp/server/gate"
	"github.com/handstamp/handstamp/session"
)

// describe is an app that says what it is asked, and by whom.
func describe(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	fmt.Fprintf(w, "App: %s %s for %q (%s, %s), cookies %q, %d bytes",
		r.Method, r.RequestURI, r.Header.Get("X-Auth-Email"), r.Header.Get("X-Auth-Role"), r.Header.Get("X-Auth-User"), r.Header.Get("Cookie"), len(body))
}

// beforeApp puts a server in front of an app.
func beforeApp(t testing.TB, app http.Handler) func(*server.Config) {
	t.Helper()
	behind := httptest.NewServer(app)
	u, err := url.Parse(behind.URL)
	if err != nil {
		t.Fatal(err)
	}
	upstream, err := gate.NewUpstream(u, gate.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		upstream.Close()
		behind.Close()
	})
	return func(c *server.Config) { c.Upstream = upstream }
}

// TestAppBehind: a stranger who wants to see the app signs in, is there, and signs out again.
func TestAppBehind(t *testing.T) {
	for kind := range stores {
		s := newSite(t, kind, beforeApp(t, http.HandlerFunc(describe)))
		b := s.browser()
		for _, path := range []string{"/", "/orders?page=2", "/account/x", "/api/v1/orders"} {
			p := b.Fetch("GET", path, nil)
			want := "/login?" + url.Values{"return_to": {path}}.Encode()
			switch path {
			case "/": // where a login leads in any case
				want = "/login"
			case "/api/v1/orders": // an address for programs
				want = ""
			}
			if p.Header.Get("Location") != want || strings.Contains(p.Text(), "App") {
				t.Errorf("a stranger at %s: %s, Location %q, want %q", path, p, p.Header.Get("Location"), want)
			}
		}
		p := b.Open("/orders?page=2&lang=de")
		isPage(t, p, "/login", 200)
		p = signInAs(p, bobsEmail, bobsPassword)
		isPage(t, p, "/orders", 200, `App: GET /orders?page=2&lang=de for "bob@example.com" (user, `+s.bob.ID.String()+`), cookies ""`)
		isPage(t, b.Open("/"), "/", 200, "App: GET / for")
		isPage(t, b.Open("/login"), "/", 200, "App: GET / for")
		isPage(t, b.Open("/account"), "/account", 200, "bob@example.com")
		isPage(t, b.Open("/healthz"), "/healthz", 404)
		isPage(t, b.Open("/api/v1/orders"), "/api/v1/orders", 200, "App: GET /api/v1/orders")
		isPage(t, b.Open("/account").Form("/logout").Send(), "/login", 200, "You are signed out")
		isPage(t, b.Open("/orders"), "/login", 200)
	}
}

// TestAppBelowPrefix: with a prefix, the app has all other paths, those of our pages among them.
func TestAppBelowPrefix(t *testing.T) {
	s := newSite(t, "memory", beforeApp(t, http.HandlerFunc(describe)), withPrefix("/auth"))
	b := textbrowser.New(t, "http://example.com", direct{s.handler})
	p := b.Open("/account")
	isPage(t, p, "/auth/login", 200)
	isPage(t, signInAs(p, email, plain), "/account", 200, "App: GET /account for")
	isPage(t, b.Open("/login"), "/login", 200, "App: GET /login for")
	isPage(t, b.Open("/auth/login"), "/", 200, "App: GET / for")
	isPage(t, b.Open("/auth/account"), "/auth/account", 200, email)
	isPage(t, b.Open("/auth"), "/auth/account", 200)
	isPage(t, b.Open("/auth/nothing"), "/auth/nothing", 200, "App: GET /auth/nothing")
}

// TestProgramsBeforeApp get JSON, and limits of the server's own routes do not hold for the app's.
func TestProgramsBeforeApp(t *testing.T) {
	s := newSite(t, "sqlite", beforeApp(t, http.HandlerFunc(describe)))
	s.log.text.Reset()
	bob := s.asBob()
	ask := func(method, path string, headers ...string) *httptest.ResponseRecorder {
		return do(s.handler, method, path, strings.NewReader(strings.Repeat("x", 100<<10)), append([]string{"Host", "example.com"}, headers...)...)
	}
	for _, row := range []struct {
		name   string
		w      *httptest.ResponseRecorder
		status int
		says   string
		isOurs bool
	}{
		{"a stranger", ask("POST", "/x"), 401, `"code":"unauthorized"`, true},
		{"a bad cookie", ask("POST", "/x", "Cookie", "session=x"), 401, `"code":"credential_refused"`, true},
		{"a session", ask("POST", "/x", "Cookie", bob.cookie+"; a=b"), 200, `App: POST /x for "bob@example.com" (user, ` + s.bob.ID.String() + `), cookies "a=b", 102400 bytes`, false},
		{"Basic", ask("PUT", "/x?y", "Authorization", basic(email, plain)), 200, `App: PUT /x?y for "ada@example.com" (admin, `, false},
		{"an odd spelling", ask("GET", "/a%2f..%2fb//c", "Cookie", bob.cookie), 200, "App: GET /a%2f..%2fb//c for", false},
		{"two slashes", ask("GET", "//x/y", "Cookie", bob.cookie), 200, "App: GET //x/y for", false},
		{"another site", ask("POST", "/x", "Cookie", bob.cookie, "Sec-Fetch-Site", "same-site"), 403, `"code":"cross_site"`, true},
		{"our route from another site", ask("POST", "/api/v1/users", "Cookie", bob.cookie, "Sec-Fetch-Site", "same-site"), 403, `"code":"cross_site"`, true},
		{"our route", ask("POST", "/api/v1/users", "Cookie", bob.cookie), 413, `"code":"request_too_large"`, true},
		{"TRACE", ask("TRACE", "/x", "Cookie", bob.cookie), 405, `"code":"method_not_allowed"`, true},
	} {
		if row.w.Code != row.status || !strings.Contains(row.w.Body.String(), row.says) {
			t.Errorf("%s: %d %s, want %d and %s", row.name, row.w.Code, row.w.Body, row.status, row.says)
		}
		if hasPolicy := row.w.Header().Get("Content-Security-Policy") != ""; hasPolicy != row.isOurs {
			t.Errorf("%s: header %v", row.name, row.w.Header())
		}
	}
	r := httptest.NewRequest("GET", "http://evil.example/x", nil)
	r.Header.Set("Cookie", bob.cookie)
	w := httptest.NewRecorder()
	if s.handler.ServeHTTP(w, r); w.Code != http.StatusMisdirectedRequest {
		t.Errorf("another host: %d", w.Code)
	}
	if lines := s.log.lines("url.path=/x "); len(lines) == 0 || strings.Contains(strings.Join(lines, ""), "level=ERROR") {
		t.Errorf("log %q", lines)
	}
	s.breakIt()
	if w := ask("GET", "/x", "Cookie", "session="+string(session.RandomToken())); w.Code != 503 || !strings.Contains(w.Body.String(), `"code":"unavailable"`) {
		t.Errorf("with a broken store: %d", w.Code)
	}
}

// TestAppThatIsDown is a page for people and JSON for programs, and the log says why, once.
func TestAppThatIsDown(t *testing.T) {
	down := httptest.NewServer(nil)
	s := newSite(t, "memory", beforeApp(t, nil), func(c *server.Config) {
		u, _ := url.Parse(down.URL)
		down.Close()
		c.Upstream, _ = gate.NewUpstream(u, gate.Limits{})
	})
	b := s.bobsBrowserAtApp()
	isPage(t, b.Open("/orders"), "/orders", 502, "does not answer right now")
	w := do(s.handler, "GET", "/orders", nil, "Cookie", s.asBob().cookie)
	if w.Code != 502 || !strings.Contains(w.Body.String(), `"code":"upstream_down"`) || w.Header().Get("Retry-After") != "5" || w.Header().Get("Cache-Control") != "no-store" {
		t.Errorf("%d %s %v", w.Code, w.Body, w.Header())
	}
	if lines := s.log.lines("cannot pass on to the app"); len(lines) != 3 || !strings.Contains(lines[0], "connection refused") { // one of them at the login
		t.Errorf("log %q", lines)
	}
}

// bobsBrowserAtApp is bobsBrowser where a login leads to an app.
func (s *site) bobsBrowserAtApp() *textbrowser.Browser {
	s.t.Helper()
	b := s.browser()
	b.Open("/login").Form("/login").Set("email", bobsEmail, "password", bobsPassword).Send()
	if b.Cookies()["session"] == "" {
		s.t.Fatal("no session")
	}
	return b
}

// TestRevokedSockets: whatever ends a session ends what it has opened in the app.
func TestRevokedSockets(t *testing.T) {
	admin, disabled := "admin", true
	for name, revoke := range map[string]func(s *site, bob *client) error{
		"logout":     func(_ *site, bob *client) error { bob.want(200, "", "DELETE", "/auth_session/logout", ""); return nil },
		"logout all": func(_ *site, bob *client) error { bob.copied().do("DELETE", "/auth_session/all", ""); return nil },
		"renewed":    func(_ *site, bob *client) error { bob.want(200, "", "POST", "/auth_session/renew", ""); return nil },
		"new password": func(s *site, _ *client) error {
			_, err := s.people.SetPassword(s.t.Context(), s.bob.ID, "another password")
			return err
		},
		"deleted": func(s *site, _ *client) error { return s.people.Delete(s.t.Context(), s.bob.ID) },
		"disabled": func(s *site, _ *client) error {
			_, err := s.people.Edit(s.t.Context(), s.bob.ID, account.Edit{Disabled: &disabled})
			return err
		},
		"new role": func(s *site, _ *client) error {
			_, err := s.people.Edit(s.t.Context(), s.bob.ID, account.Edit{Role: &admin})
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			counted := make(chan int, 1)
			s := newSite(t, "sqlite", beforeApp(t, websocket.Handler(func(ws *websocket.Conn) { _, _ = io.Copy(ws, ws) })), func(c *server.Config) {
				c.Web.Hosts = []string{"127.0.0.1"}
				c.Operations = &server.Operations{Request: func(r *http.Request, status int, _ time.Duration) {
					if r.URL.Path == "/socket" {
						counted <- status
					}
				}}
			})
			front := httptest.NewServer(s.handler)
			defer front.Close()
			bob := s.asBob()
			config, err := websocket.NewConfig(strings.Replace(front.URL, "http", "ws", 1)+"/socket", front.URL)
			if err != nil {
				t.Fatal(err)
			}
			config.Header.Set("Cookie", bob.cookie)
			ws, err := config.DialContext(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			defer ws.Close()
			if err := ws.SetDeadline(time.Now().Add(2*gate.Recheck + 10*time.Second)); err != nil {
				t.Fatal(err)
			}
			if _, err := io.WriteString(ws, "hello"); err != nil {
				t.Fatal(err)
			}
			if _, err := io.ReadFull(ws, make([]byte, 5)); err != nil {
				t.Fatal(err)
			}
			if err := revoke(s, bob); err != nil {
				t.Fatal(err)
			}
			if _, err := io.Copy(io.Discard, ws); err != nil && strings.Contains(err.Error(), "timeout") {
				t.Error("the socket is still open")
			}
			if status := <-counted; status != http.StatusSwitchingProtocols {
				t.Errorf("the socket is counted with status %d", status)
			}
		})
	}
}
