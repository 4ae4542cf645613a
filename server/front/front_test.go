package front_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/handstamp/handstamp/internal/clientaddr"
	"github.com/handstamp/handstamp/server/front"
)

// newConfig is that of a server in public.
func newConfig() front.Config {
	return front.Config{
		PublicURL:     &url.URL{Scheme: "https", Host: "id.example.com"},
		Probes:        []string{"/healthz", "/readyz"},
		SessionCookie: "__Host-session",
		Refuse: func(w http.ResponseWriter, _ *http.Request, status int, code, message string) {
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(status)
			_ = json.NewEncoder(w).Encode(map[string]string{"error": message, "code": code})
		},
	}
}

// with returns newConfig with changes.
func with(change func(c *front.Config)) front.Config {
	c := newConfig()
	change(&c)
	return c
}

// newFront puts c in front of a handler that answers 200 and its path.
func newFront(t testing.TB, c front.Config) http.Handler {
	t.Helper()
	wrap, err := front.New(c)
	if err != nil {
		t.Fatal(err)
	}
	return wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, r.URL.Path) }))
}

// do sends a request to the public host, unless a header says otherwise.
func do(h http.Handler, method, target string, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, target, nil)
	if !strings.HasPrefix(target, "http") {
		r.Host = "id.example.com"
	}
	for i := 0; i < len(headers); i += 2 {
		if headers[i] == "Host" {
			r.Host = headers[i+1]
		} else {
			r.Header.Add(headers[i], headers[i+1])
		}
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

// codeOf returns the code of a refusal.
func codeOf(t testing.TB, w *httptest.ResponseRecorder) string {
	t.Helper()
	if w.Code < 400 {
		return ""
	}
	var problem struct{ Error, Code string }
	if err := json.Unmarshal(w.Body.Bytes(), &problem); err != nil || problem.Error == "" {
		t.Errorf("%d %q: %v", w.Code, w.Body, err)
	}
	return problem.Code
}

// everywhere are the headers of every answer.
var everywhere = http.Header{
	"Cache-Control":                {"no-store"},
	"Content-Security-Policy":      {"default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"},
	"Cross-Origin-Opener-Policy":   {"same-origin"},
	"Cross-Origin-Resource-Policy": {"same-origin"},
	"Permissions-Policy":           {"camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()"},
	"Referrer-Policy":              {"no-referrer"},
	"Strict-Transport-Security":    {"max-age=63072000"},
	"Vary":                         {"Cookie, Authorization"},
	"X-Content-Type-Options":       {"nosniff"},
	"X-Frame-Options":              {"DENY"},
}

// TestHeaders: they are the same on an answer and on each kind of refusal.
func TestHeaders(t *testing.T) {
	h := newFront(t, with(func(c *front.Config) {
		c.Clients.Trusted = []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")} // where httptest comes from
	}))
	for _, row := range []struct {
		name   string
		answer *httptest.ResponseRecorder
		status int
	}{
		{"an answer", do(h, "GET", "/"), 200},
		{"a probe", do(h, "GET", "/healthz"), 200},
		{"another host", do(h, "GET", "/", "Host", "evil.example"), 421},
		{"a long URL", do(h, "GET", "/"+strings.Repeat("x", 9000)), 414},
		{"a large head", do(h, "GET", "/", "X", strings.Repeat("x", 20_000)), 431},
		{"many cookies", do(h, "GET", "/", "Cookie", strings.Repeat("a=b;", 51)), 431},
		{"many cookies, a person", do(h, "GET", "/", "Accept", "text/html", "Cookie", strings.Repeat("a=b;", 51)), 431},
		{"two credentials", do(h, "GET", "/", "Authorization", "a", "Authorization", "b"), 400},
		{"a bad proxy", do(h, "GET", "/", "X-Forwarded-For", "what"), 400},
		{"another site", do(h, "POST", "/", "Sec-Fetch-Site", "cross-site"), 403},
	} {
		t.Run(row.name, func(t *testing.T) {
			if row.answer.Code != row.status {
				t.Fatalf("status %d, want %d", row.answer.Code, row.status)
			}
			got := row.answer.Header().Clone()
			got.Del("Content-Type")
			got.Del("Content-Length")
			if diff := cmp.Diff(everywhere, got); diff != "" {
				t.Errorf("headers (-want +got):\n%s", diff)
			}
		})
	}
}

// TestHeadersOnTheWire: net/http adds none that says what is running here.
func TestHeadersOnTheWire(t *testing.T) {
	s := httptest.NewServer(newFront(t, with(func(c *front.Config) { c.Hosts = []string{"127.0.0.1"} })))
	defer s.Close()
	defer s.Client().CloseIdleConnections()
	response, err := s.Client().Get(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK || response.Header.Get("Server") != "" || response.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("%s %v", response.Status, response.Header)
	}
}

func TestWithoutHTTPS(t *testing.T) {
	h := newFront(t, with(func(c *front.Config) { c.PublicURL = &url.URL{Scheme: "http", Host: "id.example.com"} }))
	if got := do(h, "GET", "/").Header()["Strict-Transport-Security"]; got != nil {
		t.Errorf("HTTPS is demanded where there is none: %q", got)
	}
}

// TestHeadersAreOfOneRequest: what a handler does to its headers is not seen by the next one.
func TestHeadersAreOfOneRequest(t *testing.T) {
	wrap, err := front.New(newConfig())
	if err != nil {
		t.Fatal(err)
	}
	h := wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/page" {
			w.Header().Add("Vary", "Accept")
			w.Header().Set("Content-Security-Policy", "default-src 'self'")
			w.Header().Del("X-Frame-Options")
		}
		w.WriteHeader(http.StatusNoContent)
	}))
	if got := do(h, "GET", "/page").Header()["Vary"]; len(got) != 2 {
		t.Errorf("Vary %q", got)
	}
	if diff := cmp.Diff(everywhere, do(h, "GET", "/").Header()); diff != "" {
		t.Errorf("headers (-want +got):\n%s", diff)
	}
}

func TestProxies(t *testing.T) {
	h := newFront(t, with(func(c *front.Config) {
		c.Clients = clientaddr.Finder{Trusted: []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}}
	}))
	for header, want := range map[string]int{"": 400, "what": 400, "198.51.100.1": 200, "what, 198.51.100.1": 200} {
		w := do(h, "GET", "/", "X-Forwarded-For", header)
		if code := codeOf(t, w); w.Code != want || want == 400 && code != "bad_forwarded_header" {
			t.Errorf("%q: %d %s, want %d", header, w.Code, code, want)
		}
	}
	if w := do(newFront(t, newConfig()), "GET", "/", "X-Forwarded-For", "what"); w.Code != 200 {
		t.Errorf("a header that nobody reads: %d", w.Code)
	}
}

// TestNewRefuses settings that are wrong or would not do what they say.
func TestNewRefuses(t *testing.T) {
	parse := func(s string) func(c *front.Config) {
		return func(c *front.Config) { c.PublicURL, _ = url.Parse(s) }
	}
	origin := func(s string) func(c *front.Config) {
		return func(c *front.Config) { c.Origins, c.OriginPaths = []string{s}, []string{"/api/"} }
	}
	for name, change := range map[string]func(c *front.Config){
		"no URL":                 func(c *front.Config) { c.PublicURL = nil },
		"no scheme":              parse("id.example.com"),
		"another scheme":         parse("ftp://id.example.com"),
		"no host":                parse("https://"),
		"a path":                 parse("https://id.example.com/login"),
		"a user":                 parse("https://me@id.example.com"),
		"no session cookie":      func(c *front.Config) { c.SessionCookie = "" },
		"nothing to refuse with": func(c *front.Config) { c.Refuse = nil },
		"a host with a port":     func(c *front.Config) { c.Hosts = []string{"a.example:80"} },
		"an empty host":          func(c *front.Config) { c.Hosts = []string{""} },
		"every origin":           origin("*"),
		"no origin":              origin("null"),
		"an origin with a slash": origin("https://app.example.com/"),
		"in capital letters":     origin("https://App.example.com"),
		"with the usual port":    origin("https://app.example.com:443"),
		"paths for no origin":    func(c *front.Config) { c.Origins = []string{"https://app.example.com"} },
	} {
		if _, err := front.New(with(change)); err == nil {
			t.Errorf("%s: was taken", name)
		}
	}
	if _, err := front.New(with(parse("http://localhost:5000/"))); err != nil {
		t.Error(err)
	}
}

func BenchmarkFront(b *testing.B) {
	h := newFront(b, newConfig())
	r := httptest.NewRequest("GET", "/api/v1/users/me", nil)
	r.Host = "id.example.com"
	r.Header.Set("Cookie", "__Host-session=0123456789abcdef0123456789abcdef0123456789a")
	r.Header.Set("Accept", "application/json")
	w := httptest.NewRecorder()
	b.ReportAllocs()
	for b.Loop() {
		h.ServeHTTP(w, r)
		w.Body.Reset()
	}
}
