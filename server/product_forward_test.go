package server_test

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/server"
	"github.com/handstamp/handstamp/server/forward"
)

// forwarding makes a site answer the proxy that the tests are.
func forwarding(rules ...string) func(*server.Config) {
	return func(c *server.Config) {
		c.Web.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("192.0.2.1/32")}
		c.Forward = &server.Forward{Rules: rules, Upstream: func(_ context.Context, who handstamp.Identity, audience string) (string, error) {
			return "jwt-for-" + audience, nil
		}}
	}
}

// verify asks for the client, as nginx does.
func (c *client) verify(uri string, headers ...string) *httptest.ResponseRecorder {
	c.t.Helper()
	if c.cookie != "" {
		headers = append(headers, "Cookie", c.cookie)
	}
	return do(c.handler, "GET", c.config.Prefix+"/verify", nil, append([]string{
		"X-Original-Method", "GET", "X-Original-Host", "app.example.com", "X-Original-Uri", uri, "X-Original-Proto", "http",
	}, headers...)...)
}

// TestVerify: what an app learns, on every store, and that nobody learns it of a session that has ended.
func TestVerify(t *testing.T) {
	onEachStore(t, func(t *testing.T, s *site) {
		forwarding("app.example.com/admin/* role=admin", "app.example.com/pay fresh")(&s.config)
		s.handler = server.New(s.config)
		bob := s.asBob()
		w := bob.verify("/x")
		for name, want := range map[string]string{
			"X-Auth-User": s.bob.ID.String(), "X-Auth-Email": bobsEmail, "X-Auth-Role": "user", "Authorization": "Bearer jwt-for-http://app.example.com",
		} {
			if got := w.Header().Get(name); w.Code != 200 || got != want {
				t.Errorf("%d, %s: %q, want %q", w.Code, name, got, want)
			}
		}
		if _, err := handstamp.ParseID(w.Header().Get("X-Auth-Session")); err != nil {
			t.Errorf("X-Auth-Session: %v", err)
		}
		for _, row := range []struct {
			who    *client
			uri    string
			status int
			code   string
		}{
			{s.stranger(), "/x", 401, "unauthorized"},
			{bob, "/admin/x", 403, "forbidden"},
			{s.asAda(), "/admin/x", 200, ""},
			{bob, "/pay", 200, ""},
			{s.stale(s.bob), "/pay", 403, "not_fresh"},
			{bob, "/x#y", 400, "bad_forwarded_request"},
		} {
			w := row.who.verify(row.uri)
			if w.Code != row.status {
				t.Errorf("%s: %d, want %d", row.uri, w.Code, row.status)
			} else if row.code != "" && jsonOf[struct{ Code string }](t, w).Code != row.code {
				t.Errorf("%s: %s, want %s", row.uri, w.Body, row.code)
			}
			if (w.Header().Get("WWW-Authenticate") != "") != (row.status == 401) {
				t.Errorf("%s: WWW-Authenticate %q", row.uri, w.Header().Get("WWW-Authenticate"))
			}
		}
		bob.want(200, "", "DELETE", "/auth_session/logout", "")
		if w := bob.verify("/x"); w.Code != 401 || w.Header().Get("X-Auth-User") != "" {
			t.Errorf("after the logout: %d %v", w.Code, w.Header())
		}
		if s.breakIt != nil {
			s.breakIt()
			unknown := &client{site: s, cookie: "session=" + strings.Repeat("A", 43)}
			if w := unknown.verify("/x", "Accept", "text/html"); w.Code != 503 || w.Header().Get("Retry-After") == "" || w.Header().Get("X-Auth-Redirect") != "" {
				t.Errorf("with a broken store: %d %v", w.Code, w.Header())
			}
		}
	})
}

// TestVerifyComesFirst: proxies ask for whatever host, by whatever method, and with what a browser of another site has
// sent; only sizes are judged, and what the proxy says about the client.
func TestVerifyComesFirst(t *testing.T) {
	s := newSite(t, "memory", forwarding("*/* public"))
	good := []string{"X-Forwarded-Method", "POST", "X-Forwarded-Host", "app.example.com", "X-Forwarded-Uri", "/x"}
	for _, row := range []struct {
		name, method, target string
		headers              []string
		status               int
	}{
		{"as it is", "GET", "/verify", good, 200},
		{"with a slash", "GET", "/verify/", good, 200},
		{"another host", "GET", "http://whatever.example/verify", good, 200},
		{"another method", "DELETE", "/verify", good, 200},
		{"one of its own", "PROPFIND", "/verify", good, 200},
		{"another site", "POST", "/verify", append(good, "Sec-Fetch-Site", "cross-site", "Origin", "https://evil.example"), 200},
		{"too many cookies", "GET", "/verify", append(good, "Cookie", strings.Repeat("a=b; ", 51)), 431},
		{"two credentials", "GET", "/verify", append(good, "Authorization", "Basic x", "Authorization", "Basic y"), 400},
		{"a client that cannot be read", "GET", "/verify", append(good, "X-Forwarded-For", "nonsense:::"), 400},
		{"a path below", "GET", "/verify/x", good, 401},
		{"Envoy", "POST", "http://app.example.com/verify/envoy/x?y", nil, 200},
		{"Envoy, and too long", "POST", "http://app.example.com/verify/envoy/" + strings.Repeat("x", 9000), nil, 414},
	} {
		r := httptest.NewRequest(row.method, row.target, nil)
		if _, path, ok := strings.Cut(row.target, "example"); ok { // as a server that is no proxy is asked
			_, path, _ = strings.Cut(path, "/")
			r.RequestURI = "/" + path
		}
		for i := 0; i < len(row.headers); i += 2 {
			r.Header.Add(row.headers[i], row.headers[i+1])
		}
		w := httptest.NewRecorder()
		s.handler.ServeHTTP(w, r)
		if w.Code != row.status {
			t.Errorf("%s: %d %s, want %d", row.name, w.Code, w.Body, row.status)
		}
		if got := w.Header().Get("Cache-Control"); got != "no-store" {
			t.Errorf("%s: Cache-Control %q", row.name, got)
		}
	}
	// What is true for this host is not said for another.
	w := do(s.handler, "GET", "/verify", nil, good...)
	for _, name := range []string{"Strict-Transport-Security", "Content-Security-Policy", "Set-Cookie", "Access-Control-Allow-Origin"} {
		if w.Header().Get(name) != "" {
			t.Errorf("%s: %q", name, w.Header().Get(name))
		}
	}
}

// TestVerifyTrustsProxiesOnly, and says what to set.
func TestVerifyTrustsProxiesOnly(t *testing.T) {
	s := newSite(t, "memory", forwarding("*/* public"), func(c *server.Config) { c.Web.TrustedProxies = nil })
	w := s.asAda().verify("/x")
	if problem := jsonOf[struct{ Error, Code string }](t, w); w.Code != 403 || problem.Code != "proxy_not_trusted" || !strings.Contains(problem.Error, "trusted-proxies") {
		t.Errorf("%d %+v", w.Code, problem)
	}
	for _, name := range []string{"X-Auth-User", "X-Auth-Email", "X-Auth-Role", "X-Auth-Session", "Authorization"} {
		if values := w.Header()[name]; len(values) != 1 || values[0] != "" {
			t.Errorf("%s: %q", name, values)
		}
	}
}

// TestVerifyOff: without a Forward there is no such route.
func TestVerifyOff(t *testing.T) {
	s := newSite(t, "memory")
	if w := s.asAda().verify("/x"); w.Code != 404 {
		t.Errorf("%d", w.Code)
	}
}

// TestVerifyLeadsBack: the login of a page leads to the apps that there are rules for.
func TestVerifyLeadsBack(t *testing.T) {
	s := newSite(t, "memory", forwarding("app.example.com/* signed-in"), func(c *server.Config) { c.Prefix = "/auth" })
	w := s.stranger().verify("/x?y", "Accept", "text/html")
	page := w.Header().Get("X-Auth-Redirect")
	if w.Code != 401 || page != "http://example.com/auth/login?return_to=http%3A%2F%2Fapp.example.com%2Fx%3Fy" {
		t.Fatalf("%d, sent to %q", w.Code, page)
	}
	w = do(s.handler, "GET", page, nil, "Cookie", s.asAda().cookie, "Accept", "text/html")
	if got := w.Header().Get("Location"); got != "http://app.example.com/x?y" {
		t.Errorf("%d, from the login to %q", w.Code, got)
	}
}

// TestVerifyInTheLog: one line under the route's name, and nothing of somebody else's URL.
func TestVerifyInTheLog(t *testing.T) {
	const secret = "s3cr3t"
	log := &logbook{}
	s := newSite(t, "memory", forwarding("*/* public"), func(c *server.Config) { c.Log = slog.New(slog.NewJSONHandler(log, nil)) })
	for _, send := range []func() *httptest.ResponseRecorder{
		func() *httptest.ResponseRecorder { return s.stranger().verify("/x?token=" + secret) },
		func() *httptest.ResponseRecorder { return s.stranger().verify("/" + secret) },
		func() *httptest.ResponseRecorder {
			return do(s.handler, "GET", "/verify/envoy/"+secret+"?token="+secret, nil)
		},
		func() *httptest.ResponseRecorder { return s.stranger().verify("/" + secret + "#") },
		func() *httptest.ResponseRecorder {
			return do(s.handler, "GET", "/verify/envoy/"+secret+strings.Repeat("x", 9000), nil)
		},
	} {
		log.text.Reset()
		w := send()
		if lines := log.lines(secret); len(lines) > 0 {
			t.Errorf("in the log: %q", lines)
		}
		lines := log.lines(`"msg":"request"`)
		if len(lines) != 1 {
			t.Fatalf("%q", lines)
		}
		var line accessLine
		if err := json.Unmarshal([]byte(lines[0]), &line); err != nil || line.Path != "/verify" || line.Status != w.Code {
			t.Errorf("%v: %+v", err, line)
		}
		if refused := log.lines("forward-auth refused"); (len(refused) == 1) != (w.Code == 400) {
			t.Errorf("%d: %q", w.Code, refused)
		}
	}
}

// TestVerifyCheck: what is wrong with rules is said before the server is made.
func TestVerifyCheck(t *testing.T) {
	s := newSite(t, "memory")
	for says, f := range map[string]server.Forward{
		`rule 2, "a.test/x open"`: {Rules: []string{"a.test/* public", "a.test/x open"}},
		"no kind of proxy":        {Proxy: "squid"},
	} {
		c := s.config
		c.Forward = &f
		if err := c.Check(); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%v, want %s", err, says)
		}
	}
	c := s.config
	c.Forward, c.Log = &server.Forward{Proxy: forward.Caddy}, nil
	if err := c.Check(); err != nil {
		t.Error(err)
	}
	c, _ = newConfig(t)
	c.Forward = &server.Forward{}
	if err := c.Check(); err == nil {
		t.Error("forward-auth without a public URL")
	}
}
