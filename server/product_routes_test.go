package server_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/server"
	"github.com/handstamp/handstamp/server/api"
)

// routes returns the table of the product.
func (s *site) routes() []api.Route {
	return s.config.Profile.Routes(&api.API{
		Sessions: s.sessions, Tokens: s.tokens, Clients: s.clients, JWKS: s.config.JWKS, Relay: s.config.Relay, Audit: s.config.Audit,
	})
}

// at returns a path of a route: about who asks, or about nobody where it cannot be about oneself.
func at(route api.Route) string {
	return strings.NewReplacer("{id}/reset-link", "00000000-0000-4000-8000-000000000000/reset-link", "{id}", "me", "{key}", "k", "{secret}", "x").Replace(route.Path)
}

// TestRoutesLetPass whom their table says, with and without a slash at the end: it goes through all
// of them as each kind of client.
func TestRoutesLetPass(t *testing.T) {
	for _, prefix := range []string{"", "/auth"} {
		s := newSite(t, "memory", func(c *server.Config) { c.Prefix = prefix })
		refused := map[api.Access]map[string]int{
			api.Public:   {},
			api.Client:   {"stranger": 401, "basic": 401, "user": 401, "bearer": 401, "stale": 401, "admin": 401},
			api.SignedIn: {"stranger": 401},
			api.Session:  {"stranger": 401, "basic": 401},
			api.Cookie:   {"stranger": 401, "basic": 401, "bearer": 400},
			api.Fresh:    {"stranger": 401, "stale": 403},
			api.Admin:    {"stranger": 401, "basic": 403, "user": 403, "bearer": 403, "stale": 403},
		}
		n := 0
		for _, route := range s.routes() {
			for method, m := range route.Methods {
				for _, name := range []string{"stranger", "basic", "user", "bearer", "stale", "admin"} {
					for _, slash := range []string{"", "/"} {
						r := httptest.NewRequest(method, prefix+at(route)+slash, nil)
						switch name {
						case "basic":
							r.Header.Set("Authorization", basic(bobsEmail, bobsPassword))
						case "user":
							r.Header.Set("Cookie", s.asBob().cookie)
						case "bearer":
							r.Header.Set("Authorization", s.bearer(s.bob))
						case "stale":
							r.Header.Set("Cookie", s.stale(s.bob).cookie)
						case "admin":
							r.Header.Set("Cookie", s.asAda().cookie)
						}
						w := httptest.NewRecorder()
						s.handler.ServeHTTP(w, r)
						want, isRefused := refused[m.Access][name]
						got := w.Code == 401 || w.Code == 403
						if isRefused && w.Code != want || !isRefused && got && m.Access != api.Public {
							t.Errorf("%s %s as %s: %d %s", method, r.URL, name, w.Code, w.Body)
						}
						if r.Pattern != prefix+route.Path {
							t.Errorf("%s: pattern %q", r.URL, r.Pattern)
						}
						if _, err := s.people.User(t.Context(), s.bob.ID); err != nil { // he has deleted himself
							s.bob = s.addUser(bobsEmail, bobsPassword, "user")
						}
						n++
					}
				}
			}
		}
		if n < 200 {
			t.Errorf("only %d requests", n)
		}
	}
}

// TestMethods: every route answers HEAD, OPTIONS and what it does not know.
func TestMethods(t *testing.T) {
	s := newSite(t, "memory")
	for _, route := range s.routes() {
		cookie := s.asAda().cookie
		w := do(s.handler, "OPTIONS", at(route), nil, "Cookie", cookie)
		allow := w.Header().Get("Allow")
		if w.Code != 204 || w.Body.Len() > 0 || w.Header().Get("Content-Length") != "" {
			t.Errorf("OPTIONS %s: %d %v", route.Path, w.Code, w.Header())
		}
		for method := range route.Methods {
			if !strings.Contains(allow, method) {
				t.Errorf("OPTIONS %s: Allow %q", route.Path, allow)
			}
		}
		w = do(s.handler, "PATCH", at(route), nil, "Cookie", cookie)
		if got := jsonOf[struct{ Code string }](t, w); w.Code != 405 || got.Code != "method_not_allowed" || w.Header().Get("Allow") != allow {
			t.Errorf("PATCH %s: %d %s %v", route.Path, w.Code, w.Body, w.Header())
		}
		_, hasGet := route.Methods[http.MethodGet]
		if !hasGet {
			continue
		}
		get := do(s.handler, "GET", at(route), nil, "Cookie", cookie)
		head := do(s.handler, "HEAD", at(route), nil, "Cookie", cookie)
		if head.Code != get.Code || head.Header().Get("Content-Type") != get.Header().Get("Content-Type") {
			t.Errorf("HEAD %s: %d, GET %d", route.Path, head.Code, get.Code)
		}
	}
}

// TestUnknownPaths are private, too: a stranger does not learn which there are.
func TestUnknownPaths(t *testing.T) {
	s := newSite(t, "memory")
	for _, path := range []string{"/nope", "/users/me/nope", "/auth_session/data/a/b", "/metrics"} {
		s.stranger().want(401, "unauthorized", "GET", path, "")
		s.asBob().want(404, "not_found", "GET", path, "")
	}
	// A public path is public in one spelling only.
	for _, path := range []string{"/api/v1/%73tatus", "/api/v1/users/../status", "/api/v1//status"} {
		if w := s.visit("GET", path, ""); w.Code != 401 {
			t.Errorf("%s: %d", path, w.Code)
		}
	}
}

func TestStatus(t *testing.T) {
	s := newSite(t, "memory")
	c := s.stranger()
	if got := c.want(200, "", "GET", "/status", "").Body.String(); got != `{"status":"OK"}`+"\n" {
		t.Errorf("%s", got)
	}
	if got := c.want(401, "unauthorized", "GET", "/unauthorized", "").Body.String(); got != `{"error":"Unauthorized","code":"unauthorized"}`+"\n" {
		t.Errorf("%s", got)
	}
	if got := c.want(403, "forbidden", "GET", "/forbidden", "").Body.String(); got != `{"error":"Forbidden","code":"forbidden"}`+"\n" {
		t.Errorf("%s", got)
	}
}

// TestMountedUnderPrefix in somebody's own mux, where redirects and Location stay inside.
func TestMountedUnderPrefix(t *testing.T) {
	s := newSite(t, "memory", func(c *server.Config) { c.Prefix = "/auth" })
	mux := http.NewServeMux()
	mux.Handle("/auth/", s.handler)
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) })
	s.handler = mux

	ada := s.asAda()
	w := ada.want(201, "", "POST", "/users", `{"email":"cy@example.com","password":"p"}`)
	location := w.Header().Get("Location")
	if w := do(mux, "GET", location, nil, "Cookie", ada.cookie); w.Code != 200 || !strings.HasPrefix(location, "/auth/api/v1/users/") {
		t.Errorf("Location %q: %d", location, w.Code)
	}
	if w := s.visit("GET", s.link(), ""); w.Code != 200 {
		t.Errorf("setup: %d %s", w.Code, w.Body)
	}
	if w := do(mux, "GET", "/api/v1/status", nil); w.Code != http.StatusTeapot {
		t.Errorf("outside: %d", w.Code)
	}
	s.stranger().want(401, "unauthorized", "GET", "/nope", "")
}

// TestWithoutSessions: a server that takes passwords only has no routes for sessions.
func TestWithoutSessions(t *testing.T) {
	s := newSite(t, "memory", func(c *server.Config) {
		c.Sessions, c.Authenticators = nil, []handstamp.Authenticator{c.Authenticators[1]}
	})
	auth := []string{"Authorization", basic(email, plain)}
	s.stranger().want(404, "not_found", "POST", "/auth_session/login", `{}`, auth...)
	s.stranger().want(200, "", "PUT", "/users/me", `{"password":"new","old_password":"correct horse"}`, auth...)
	s.stranger().want(200, "", "DELETE", "/users/"+s.bob.ID.String(), "", "Authorization", basic(email, "new"))
}
