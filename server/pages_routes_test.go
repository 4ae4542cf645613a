package server_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/handstamp/handstamp/internal/textbrowser"
	"github.com/handstamp/handstamp/server"
)

// A pageRoute is a path at which there are pages, and what may be sent there.
type pageRoute struct {
	path  string
	allow string
}

func (r pageRoute) takes(method string) bool {
	return strings.Contains(" "+r.allow+",", " "+method+",")
}

// isForStrangers reports whether nobody has to be signed in.
func (r pageRoute) isForStrangers() bool {
	return !strings.Contains(r.path, "/account") && !strings.Contains(r.path, "/admin") && !strings.HasSuffix(r.path, "/logout") &&
		!strings.HasSuffix(r.path, "/confirm")
}

// pages returns the paths of all pages, such that each is there: they are about Bob, or a session of Ada's, or
// made by links that are good.
func (s *site) pages() []pageRoute {
	s.t.Helper()
	ada := s.asAda()
	device := jsonOf[struct {
		Sessions []struct{ ID string }
	}](s.t, ada.want(200, "", "GET", "/auth_session", "")).Sessions[0].ID
	fill := strings.NewReplacer(
		"/setup/{secret}", strings.TrimPrefix(s.link(), s.config.Prefix), "/reset/{secret}", strings.TrimPrefix(ada.resetLink(s.bob), s.config.Prefix),
		"/sessions/{id}", "/sessions/"+device, "/users/{id}", "/users/"+s.bob.ID.String(), "{file}", "none", "{$}", "",
	)
	var routes []pageRoute
	for _, pattern := range server.Patterns(s.config) {
		if strings.Contains(pattern, "/api/v1/") || strings.HasSuffix(pattern, "/openapi.yaml") || strings.Contains(pattern, "/@") || strings.Contains(pattern, "/.well-known/") {
			continue
		}
		path := fill.Replace(pattern)
		w := do(s.handler, "OPTIONS", path, nil, "Cookie", ada.cookie)
		if w.Code != 204 || w.Header().Get("Allow") == "" {
			s.t.Fatalf("OPTIONS %s: %d %s", path, w.Code, w.Body)
		}
		routes = append(routes, pageRoute{strings.TrimPrefix(path, s.config.Prefix), w.Header().Get("Allow")})
	}
	if len(routes) < 25 {
		s.t.Fatalf("only %d pages: %v", len(routes), routes)
	}
	return routes
}

// state describes all that forms can change.
func (s *site) state() string {
	s.t.Helper()
	var b strings.Builder
	for u, err := range s.people.All(s.t.Context()) {
		if err != nil {
			s.t.Fatal(err)
		}
		sessions, err := s.sessions.List(s.t.Context(), u.ID)
		if err != nil {
			s.t.Fatal(err)
		}
		fmt.Fprintf(&b, "%s %s %s %s %v %v %d sessions\n", u.ID, u.Email, u.DisplayName(), u.Role, u.Disabled, u.Epoch, len(sessions))
	}
	return b.String()
}

// filled are fields with which every form would do something.
func filled(token string) url.Values {
	return url.Values{
		"form_token": {token}, "email": {"new@example.com"}, "password": {"correct horse"}, "old_password": {plain},
		"new_password": {"another one"}, "first_name": {"New"}, "last_name": {"Name"}, "role": {"admin"},
	}
}

// TestMethodsOfPages: what a page is not for, it says in a page; and asking changes nothing.
func TestMethodsOfPages(t *testing.T) {
	s := newSite(t, "memory")
	b := s.adasBrowser()
	routes := s.pages()
	before := s.state()
	for _, route := range routes {
		for _, method := range []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "QUERY"} {
			if route.takes(method) {
				continue
			}
			p := b.Fetch(method, route.path, nil)
			if p.Status != 405 || p.Header.Get("Allow") != route.allow || !p.Says("This page cannot be used in this way") {
				t.Errorf("%s %s: Allow %q, %s", method, route.path, p.Header.Get("Allow"), p)
			}
		}
		if route.takes("GET") != route.takes("HEAD") {
			t.Errorf("%s takes %s", route.path, route.allow)
		}
		get, head := b.Fetch("GET", route.path, nil), b.Fetch("HEAD", route.path, nil)
		if get.Status != head.Status || get.Header.Get("Content-Type") != head.Header.Get("Content-Type") {
			t.Errorf("%s: %d for GET, %d for HEAD", route.path, get.Status, head.Status)
		}
		options := b.Fetch("OPTIONS", route.path, nil)
		if options.Status != 204 || options.Header.Get("Allow") != route.allow {
			t.Errorf("OPTIONS %s: %s", route.path, options)
		}
	}
	// No other method by a back door.
	token := tokenFrom(t, b.Open("/account"))
	b.Header = http.Header{"X-Http-Method-Override": {"DELETE"}}
	b.Fetch("POST", "/account/profile", url.Values{"form_token": {token}, "_method": {"DELETE"}})
	diff(t, "what there is", before, s.state())
}

// TestPagesAreForTheirReader: no cache keeps them, and no other site learns of them or shows them in a frame.
func TestPagesAreForTheirReader(t *testing.T) {
	s := newSite(t, "memory", withApp)
	routes := s.pages()
	for who, b := range map[string]*textbrowser.Browser{"stranger": s.browser(), "Bob": s.bobsBrowser(), "Ada": s.adasBrowser()} {
		for _, route := range routes {
			if strings.HasPrefix(route.path, "/assets/") {
				continue
			}
			for _, method := range []string{"GET", "POST"} {
				p := b.Fetch(method, route.path, nil)
				for name, want := range map[string]string{
					"Cache-Control": "no-store", "X-Frame-Options": "DENY", "X-Content-Type-Options": "nosniff",
					"Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Resource-Policy": "same-origin",
				} {
					if got := p.Header.Get(name); got != want {
						t.Errorf("%s %s as %s: %s %q", method, route.path, who, name, got)
					}
				}
				if p.Status == 303 {
					continue
				}
				for name, want := range map[string]string{
					"Content-Type": "text/html; charset=utf-8", "Referrer-Policy": "same-origin", "Content-Language": "en",
					"Content-Security-Policy": "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; " +
						"form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
				} {
					if got := p.Header.Get(name); got != want {
						t.Errorf("%s %s as %s (%d): %s %q", method, route.path, who, p.Status, name, got)
					}
				}
				if got := strings.Join(p.Header["Vary"], ", "); got != "Cookie, Authorization, Accept-Language" {
					t.Errorf("%s %s as %s: Vary %q", method, route.path, who, got)
				}
			}
		}
	}
}
