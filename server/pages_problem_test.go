package server_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/handstamp/handstamp/internal/textbrowser"
	"github.com/handstamp/handstamp/server"
	"github.com/handstamp/handstamp/server/api"
)

const (
	browsersAccept = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
	programsAccept = "application/json"
)

// TestProblemsAsPages: people get a page, programs JSON, and the JSON interface answers nothing else.
func TestProblemsAsPages(t *testing.T) {
	onEachStore(t, func(t *testing.T, s *site) {
		adas := "session=" + s.adasBrowser().Cookies()["session"]
		many := adas + strings.Repeat("; a=b", 60)
		long := "?x=" + strings.Repeat("x", 9000)
		huge := strings.NewReader("x" + strings.Repeat("x", 1<<20))
		for _, c := range []struct {
			name, method, path string
			headers            []string
			status             int
			code, says         string
		}{
			{"nothing there", "GET", "/nothing", []string{"Cookie", adas}, 404, "not_found", "There is nothing at this address"},
			{"another method", "PUT", "/login", []string{"Cookie", adas}, 405, "method_not_allowed", "This page cannot be used in this way"},
			{"too large", "POST", "/login", []string{"Cookie", adas}, 413, "request_too_large", "This is more than can be received"},
			{"too long", "GET", "/login" + long, []string{"Cookie", adas}, 414, "uri_too_long", "This address is too long"},
			{"another host", "GET", "/login", []string{"Host", "evil.example"}, 421, "unknown_host", "This site is not known under this address"},
			{"another site", "POST", "/login", []string{"Sec-Fetch-Site", "cross-site"}, 403, "cross_site", "This request came from another site"},
			{"cookies", "GET", "/account", []string{"Cookie", many}, 431, "cookies_too_large", "Your browser sends more cookies"},
			{"header", "GET", "/account", []string{"X-Large", strings.Repeat("x", 20_000)}, 431, "header_too_large", "Your browser sends more with each request"},
			{"two credentials", "GET", "/account", []string{"Authorization", "a", "Authorization", "b"}, 400, "ambiguous_credentials", "two sign-ins at once"},
		} {
			for _, asked := range []struct {
				prefix, accept string
				isPage         bool
			}{
				{"", browsersAccept, true},
				{"", "", c.status == 405 || c.status == 413}, // curl, at what is known to be a page
				{"", programsAccept, false},
				{"", programsAccept + ", text/html", true},
				{api.Prefix, browsersAccept, false},
				{api.Prefix, programsAccept, false},
			} {
				path := asked.prefix + c.path
				if asked.prefix != "" && c.name == "another method" {
					path = asked.prefix + "/status"
				} else if asked.prefix != "" && c.status == 404 {
					path = asked.prefix + "/nothing"
				}
				r, _ := http.NewRequestWithContext(t.Context(), c.method, "http://example.com"+path, nil)
				if c.status == 413 {
					r, _ = http.NewRequestWithContext(t.Context(), c.method, "http://example.com"+path, huge)
				}
				if asked.accept != "" {
					r.Header.Set("Accept", asked.accept)
				}
				for i := 0; i < len(c.headers); i += 2 {
					if r.Header.Add(c.headers[i], c.headers[i+1]); c.headers[i] == "Host" {
						r.Host = c.headers[i+1]
					}
				}
				response, err := direct{s.handler}.RoundTrip(r)
				if err != nil {
					t.Fatal(err)
				}
				text := new(strings.Builder)
				if err := response.Write(text); err != nil {
					t.Fatal(err)
				}
				kind := map[bool]string{true: "text/html; charset=utf-8", false: "application/json"}[asked.isPage]
				want := map[bool]string{true: c.says, false: `"code":"` + c.code + `"`}[asked.isPage]
				if got := response.Header.Get("Content-Type"); response.StatusCode != c.status || got != kind || !strings.Contains(text.String(), want) {
					t.Errorf("%s: %s %.50s for %q: %d, %s: %.300s; want %d, %s: %s", c.name, c.method, path, asked.accept, response.StatusCode, got, text, c.status, kind, want)
				}
				if response.Header.Get("Cache-Control") != "no-store" || response.Header.Get("X-Content-Type-Options") != "nosniff" {
					t.Errorf("%s: %v", c.name, response.Header)
				}
			}
		}
	})
}

// TestProblemPagesOnABrokenStore: whatever was asked for or sent, the page says that it cannot know, and when to come
// back; nobody is signed out by it.
func TestProblemPagesOnABrokenStore(t *testing.T) {
	s := newSite(t, "sqlite")
	stranger, known := s.browser(), s.adasBrowser()
	visitors, adas := tokenFrom(t, stranger.Open("/login")), tokenFrom(t, known.Open("/account"))
	unseen := s.browser()
	unseen.SetCookie("session", strings.Repeat("A", 43))
	routes := s.pages()
	s.breakIt()
	for _, route := range routes {
		if strings.HasPrefix(route.path, "/assets/") || route.path == "/" {
			continue
		}
		for _, method := range []string{"GET", "POST"} {
			if !route.takes(method) {
				continue
			}
			for name, b := range map[string]*textbrowser.Browser{"a stranger": stranger, "Ada": known, "somebody": unseen} {
				if method == "POST" && route.isForStrangers() != (name == "a stranger") {
					continue // whose forms are not from there
				}
				fields := filled(map[string]string{"a stranger": visitors, "Ada": adas}[name])
				fields.Set("user", s.bob.ID.String())
				p := b.Fetch(method, route.path, fields)
				if cookie := cookieSet(p.Header, "session"); cookie != "" && !strings.HasSuffix(route.path, "/logout") {
					t.Errorf("%s %s as %s: sets %q", method, route.path, name, cookie)
				}
				switch {
				case p.Status == 503:
					if p.Header.Get("Retry-After") != "1" || p.Header.Get("Content-Type") != "text/html; charset=utf-8" || !p.Says("not available right now") {
						t.Errorf("%s %s as %s: %v %s", method, route.path, name, p.Header, p)
					}
				case name == "a stranger" && p.Status == 303, p.Status == 200 && method == "GET", route.path == "/register" && p.Status == 403:
					// who says nothing is a stranger, and some pages need no store
				case name == "Ada" && p.Status == 303 && method == "GET":
					// to the page on which a form stands, and from the login to the account
				case route.path == "/confirm" && p.Status == 303: // she is fresh, and nothing else was to be known
				default:
					t.Errorf("%s %s as %s: %s", method, route.path, name, p)
				}
			}
		}
	}
}

// TestPanicAsAPage: where a page was asked for, a bug is told in one, and without what the bug was about.
func TestPanicAsAPage(t *testing.T) {
	s := newSite(t, "memory", func(c *server.Config) {
		c.MayRegister = func() bool { panic("the secret cause") }
	})
	b := s.browser()
	p := b.Open("/login")
	isPage(t, p, "/login", 500, "Something went wrong here")
	if strings.Contains(p.Body, "secret cause") || p.Header["Set-Cookie"] != nil {
		t.Errorf("%v: %s", p.Header, p)
	}
	if n := len(s.log.lines("the secret cause")); n != 1 {
		t.Errorf("%d lines of the log", n)
	}
	p = b.Fetch("GET", "/register", nil)
	isPage(t, p, "/register", 500)
	b.Header = http.Header{"Accept": {programsAccept}}
	p = b.Fetch("GET", "/login", nil)
	if p.Status != 500 || p.Body != `{"error":"Internal error","code":"internal"}`+"\n" {
		t.Errorf("a program gets %v %s", p.Header, p.Body)
	}
}
