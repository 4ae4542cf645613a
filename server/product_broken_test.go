package server_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/server"
	"github.com/handstamp/handstamp/server/api"
	"github.com/handstamp/handstamp/throttle"
)

// TestProductOnBrokenStore: it says that it cannot know, on every route. 401 would make browsers throw
// a good session away.
func TestProductOnBrokenStore(t *testing.T) {
	s := newSite(t, "sqlite")
	link, cached := s.link(), s.asAda().cookie
	s.breakIt()
	for _, route := range s.routes() {
		for method, m := range route.Methods {
			if m.Access == api.Client { // who is refused before the store is asked
				continue
			}
			for name, credential := range map[string][2]string{
				"a session that nobody has seen": {"Cookie", "session=unknown"},
				"Basic":                          {"Authorization", basic(email, plain)},
				"a session that is known":        {"Cookie", cached},
			} {
				isKnown := name == "a session that is known"
				w := do(s.handler, method, at(route), nil, credential[0], credential[1])
				if m.Access != api.Public && !isKnown {
					got := jsonOf[struct{ Code string }](t, w)
					if w.Code != 503 || got.Code != "unavailable" || w.Header().Get("Retry-After") != "1" || w.Header().Get("Set-Cookie") != "" {
						t.Errorf("%s %s with %s: %d %s", method, route.Path, name, w.Code, w.Body)
					}
				}
				if isKnown && m.Access != api.Public && (w.Code == 401 || w.Code == 403 || w.Code == 500) {
					t.Errorf("%s %s with %s: %d %s", method, route.Path, name, w.Code, w.Body)
				}
			}
		}
	}
	(&client{site: s, cookie: "session=unknown"}).want(503, "unavailable", "POST", "/users", `{"email":"a@b","password":"p"}`)
	(&client{site: s, cookie: cached}).want(503, "unavailable", "GET", "/auth_session", "")
	for _, path := range []string{"/auth_session", "/auth_session/login"} {
		s.stranger().want(503, "unavailable", "POST", path, `{"email":"ada@example.com","password":"correct horse"}`)
	}
	for _, path := range []string{link, "/login", "/account", "/admin"} {
		b := s.browser()
		b.SetCookie("session", "unknown")
		if p := b.Open(path); p.Status != 503 || p.Header.Get("Retry-After") == "" || !p.Says("Not available right now") {
			t.Errorf("%s", p)
		}
	}
	s.stranger().want(200, "", "GET", "/status", "")
	for _, secret := range []string{plain, strings.TrimPrefix(cached, "session="), strings.TrimPrefix(link, "/setup/")} {
		for _, line := range s.log.lines("level=ERROR") {
			if strings.Contains(line, secret) {
				t.Errorf("a secret is in the log: %s", line)
			}
		}
	}
}

// limited is an Authenticator that has had enough.
type limited struct{}

func (limited) Authenticate(*http.Request) (handstamp.Identity, error) {
	return handstamp.Identity{}, fmt.Errorf("authenticate: %w", &throttle.Refused{RetryAfter: 2 * time.Second})
}

func (limited) Challenge(error) string { return "" }

func TestTooManyAttempts(t *testing.T) {
	s := newSite(t, "memory", func(c *server.Config) { c.Authenticators = []handstamp.Authenticator{limited{}} })
	w := s.stranger().want(429, "too_many_attempts", "GET", "/users/me", "")
	if got := w.Header().Get("Retry-After"); got != "2" {
		t.Errorf("Retry-After %q", got)
	}
	if lines := s.log.lines("level=ERROR"); len(lines) > 0 {
		t.Errorf("%q", lines)
	}
}

func TestProductPanic(t *testing.T) {
	s := newSite(t, "memory", func(c *server.Config) {
		c.Profile.Origins = func(http.ResponseWriter, *http.Request) { panic("boom") }
	})
	s.stranger().want(500, "internal", "GET", "/status", "")
}

// TestTooLargeBody is refused before it is read.
func TestTooLargeBody(t *testing.T) {
	s := newSite(t, "memory")
	r := httptest.NewRequest("POST", "/api/v1/auth_session", strings.NewReader("x"))
	r.ContentLength = 1 << 30
	w := httptest.NewRecorder()
	s.handler.ServeHTTP(w, r)
	if got := jsonOf[struct{ Code string }](t, w); w.Code != 413 || got.Code != "request_too_large" {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}
