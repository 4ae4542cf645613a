package forward_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/handstamp/handstamp/server/forward"
)

// ways are the ways in which proxies ask.
var ways = map[string]func(ask) *http.Request{
	"nginx": ask.nginx, "nginx, whole URL": ask.whole, "traefik": ask.traefik, "envoy": ask.envoy,
}

// TestIdentityReachesTheApp by each way, and nobody else's.
func TestIdentityReachesTheApp(t *testing.T) {
	for name, by := range ways {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t, testRule)
			who, cookie := d.enter("admin")
			for _, host := range []string{app, "APP.example.com", app + ".", app + ":443", "App.Example.Com.:443"} {
				answer := d.send(by(ask{
					method: "POST", scheme: "https", host: host, uri: "/admin/x?y=/static/", cookie: cookie,
					pairs: []string{"X-Auth-User", "evil", "X-Auth-Role", "god"},
				}))
				want := strings.Join([]string{
					who.UserID.String(), "admin@example.com", "admin", who.SessionID.String(), "Bearer jwt/" + who.UserID.String() + "/https://" + app,
				}, "\n")
				if got := identity(answer.Header); answer.StatusCode != 200 || got != want || body(answer) != "" {
					t.Errorf("%s: %d\n%s\nwant\n%s", host, answer.StatusCode, got, want)
				}
				if got := answer.Header.Get("Cache-Control"); got != "no-store" || answer.Header.Get("Vary") == "" {
					t.Errorf("Cache-Control %q, Vary %q", got, answer.Header.Get("Vary"))
				}
			}
		})
	}
}

// TestWhoMayPass: each rule, for a stranger, a user and an administrator, in a browser and in a program.
func TestWhoMayPass(t *testing.T) {
	const confirm = "https://id.example.com/confirm"
	for _, row := range []struct {
		rule, uri string
		role      string // "" for a stranger
		stale     bool
		browser   bool
		status    int
		page      string
	}{
		{"public", "/static/a.css", "", false, true, 200, ""},
		{"public, signed in", "/static/a.css", "user", false, true, 200, ""},
		{"default", "/x?y=1", "", false, false, 401, ""},
		{"default", "/x?y=1", "", false, true, 302, login + "?return_to=https%3A%2F%2Fapp.example.com%2Fx%3Fy%3D1"},
		{"default", "/x", "user", false, false, 200, ""},
		{"role", "/admin", "user", false, true, 403, ""},
		{"role", "/admin/", "", false, false, 401, ""},
		{"role", "/admin/x", "admin", true, false, 200, ""},
		{"role", "/administer", "user", false, false, 200, ""},
		{"fresh", "/pay/1", "user", false, true, 200, ""},
		{"fresh", "/pay/1", "user", true, false, 403, ""},
		{"fresh", "/pay/1", "user", true, true, 302, confirm + "?return_to=https%3A%2F%2Fapp.example.com%2Fpay%2F1"},
		{"fresh", "/pay/1", "", false, true, 302, login + "?return_to=https%3A%2F%2Fapp.example.com%2Fpay%2F1"},
		{"both", "/desk/1", "editor", false, false, 200, ""},
		{"both", "/desk/1", "admin", true, true, 302, confirm + "?return_to=https%3A%2F%2Fapp.example.com%2Fdesk%2F1"},
		{"both: a fresh password would not help", "/desk/1", "user", true, true, 403, ""},
	} {
		name := fmt.Sprintf("%s %s %q stale=%v browser=%v", row.rule, row.uri, row.role, row.stale, row.browser)
		t.Run(name, func(t *testing.T) {
			d := newDesk(t, testRule, func(c *forward.Config) {
				if row.stale {
					c.FreshFor = -1
				}
			})
			a := ask{method: "GET", scheme: "https", host: app, uri: row.uri}
			if row.role != "" {
				_, a.cookie = d.enter(row.role)
			}
			if row.browser {
				a.pairs = browser
			}
			answer := d.send(a.traefik())
			if got := answer.Header.Get("Location"); answer.StatusCode != row.status || got != row.page {
				t.Errorf("traefik: %d %q, want %d %q", answer.StatusCode, got, row.status, row.page)
			}
			if row.status != 200 && identity(answer.Header) != nobody {
				t.Errorf("a refusal names somebody:\n%s", identity(answer.Header))
			}
			// nginx knows no answers besides these three.
			status := row.status
			if row.page != "" {
				status = 401
			}
			answer = d.send(a.nginx())
			if got, there := answer.Header["X-Auth-Redirect"]; answer.StatusCode != status || !there || got[0] != row.page {
				t.Errorf("nginx: %d %q, want %d %q", answer.StatusCode, got, status, row.page)
			}
		})
	}
}

// TestBrowsers: who is sent to a page, and who is a program.
func TestBrowsers(t *testing.T) {
	d := newDesk(t, testRule)
	for _, row := range []struct {
		method string
		pairs  []string
		page   bool
	}{
		{"GET", browser, true},
		{"HEAD", browser, true},
		{"GET", []string{"Accept", "text/html"}, true},
		{"POST", browser, false},
		{"GET", nil, false},
		{"GET", []string{"Accept", "*/*", "Sec-Fetch-Mode", "navigate"}, false},
		{"GET", []string{"Accept", "text/html", "Sec-Fetch-Mode", "cors"}, false},
		{"GET", []string{"Accept", "text/html", "Sec-Fetch-Mode", "no-cors"}, false},
	} {
		answer := d.send(ask{method: row.method, scheme: "https", host: app, uri: "/x", pairs: row.pairs}.traefik())
		if got := answer.StatusCode == 302; got != row.page {
			t.Errorf("%s %q: %d", row.method, row.pairs, answer.StatusCode)
		}
	}
}

// TestNowhereElse: a login leads back to apps that there are rules for, and nowhere else.
func TestNowhereElse(t *testing.T) {
	d := newDesk(t, testRule)
	for _, row := range []struct{ scheme, host, uri, page string }{
		{"https", "evil.example", "/x", login},
		{"http", app, "/x", login}, // not down to plain HTTP
		{"https", app + ":8443", "/x", login},
		{"https", app, "/x/../y", login},
		{"https", app, "//evil.example/", login},
		{"https", app, "/" + strings.Repeat("x", 4000), login},
		{"https", "id.example.com", "/x", login + "?return_to=https%3A%2F%2Fid.example.com%2Fx"},
		{"https", app, "/x?a=b&c=%0d%0aSet-Cookie", login + "?return_to=https%3A%2F%2Fapp.example.com%2Fx%3Fa%3Db%26c%3D%250d%250aSet-Cookie"},
	} {
		answer := d.send(ask{method: "GET", scheme: row.scheme, host: row.host, uri: row.uri, pairs: browser}.traefik())
		if got := answer.Header.Get("Location"); got != row.page {
			t.Errorf("%s://%s%s: %q, want %q", row.scheme, row.host, row.uri, got, row.page)
		}
	}
}

// TestHostileHeaders: what a client or a proxy may send beside, instead or twice. The cookie is that of an
// administrator, so that every 200 is one too many where 400 is wanted.
func TestHostileHeaders(t *testing.T) {
	good := ask{method: "GET", scheme: "https", host: app, uri: "/static/x"}
	// drop and add change a good request.
	drop := func(names ...string) func(*http.Request) {
		return func(r *http.Request) {
			for _, name := range names {
				r.Header.Del(name)
			}
		}
	}
	add := func(name, value string) func(*http.Request) {
		return func(r *http.Request) { r.Header[name] = append(r.Header[name], value) }
	}
	for _, row := range []struct {
		name   string
		proxy  forward.Proxy
		by     func(ask) *http.Request
		change func(*http.Request)
		status int
	}{
		{"as it should be", "", ask.nginx, drop(), 200},
		{"pinned", forward.Nginx, ask.nginx, drop(), 200},
		{"pinned to one of the same family", forward.Apache, ask.whole, drop(), 200},
		{"pinned", forward.Caddy, ask.traefik, drop(), 200},
		{"pinned", forward.Envoy, ask.envoy, drop(), 200},
		{"another proxy's headers", forward.Nginx, ask.traefik, drop(), 400},
		{"another proxy's headers", forward.HAProxy, ask.envoy, drop(), 400},
		{"another proxy's headers", forward.Traefik, ask.nginx, drop(), 400},
		{"another proxy's headers", forward.Traefik, ask.envoy, drop(), 400},
		{"another proxy's headers", forward.Envoy, ask.nginx, drop(), 400},
		{"pinned: others mean nothing", forward.Nginx, ask.nginx, add("X-Forwarded-Uri", "/admin"), 200},
		{"pinned: others mean nothing", forward.Traefik, ask.traefik, add("X-Original-Uri", "/admin"), 200},

		{"no headers", "", ask.nginx, drop("X-Original-Method", "X-Original-Host", "X-Original-Uri"), 400},
		{"no method", "", ask.nginx, drop("X-Original-Method"), 400},
		{"no host", "", ask.nginx, drop("X-Original-Host"), 400},
		{"no URI", "", ask.nginx, drop("X-Original-Uri"), 400},
		{"no method", "", ask.whole, drop("X-Original-Method"), 400},
		{"no URL", "", ask.whole, drop("X-Original-Url"), 400},
		{"no method", "", ask.traefik, drop("X-Forwarded-Method"), 400},
		{"no host", "", ask.traefik, drop("X-Forwarded-Host"), 400},
		{"no URI", "", ask.traefik, drop("X-Forwarded-Uri"), 400},
		{"no scheme", "", ask.nginx, drop("X-Original-Proto"), 200},
		{"no scheme", "", ask.traefik, drop("X-Forwarded-Proto"), 200},
		{"no scheme", "", ask.envoy, drop("X-Forwarded-Proto"), 200},

		{"two methods", "", ask.nginx, add("X-Original-Method", "GET"), 400},
		{"two hosts", "", ask.nginx, add("X-Original-Host", app), 400},
		{"two URIs", "", ask.nginx, add("X-Original-Uri", "/static/x"), 400},
		{"two schemes", "", ask.nginx, add("X-Original-Proto", "https"), 400},
		{"two URLs", "", ask.whole, add("X-Original-Url", "https://"+app+"/static/x"), 400},
		{"two methods", "", ask.traefik, add("X-Forwarded-Method", "GET"), 400},
		{"two hosts", "", ask.traefik, add("X-Forwarded-Host", app), 400},
		{"two URIs", "", ask.traefik, add("X-Forwarded-Uri", "/static/x"), 400},
		{"two schemes", "", ask.traefik, add("X-Forwarded-Proto", "https"), 400},
		{"two schemes", "", ask.envoy, add("X-Forwarded-Proto", "https"), 400},
		{"a list of schemes", "", ask.traefik, func(r *http.Request) { r.Header.Set("X-Forwarded-Proto", "https, http") }, 400},
		{"a list of hosts", "", ask.traefik, func(r *http.Request) { r.Header.Set("X-Forwarded-Host", app+", evil.example") }, 400},
		{"an empty copy", "", ask.traefik, add("X-Forwarded-Uri", ""), 400},
		{"web sockets", "", ask.traefik, func(r *http.Request) { r.Header.Set("X-Forwarded-Proto", "wss") }, 200},

		{"two families", "", ask.nginx, add("X-Forwarded-Uri", "/static/x"), 400},
		{"two families", "", ask.nginx, add("X-Forwarded-Host", app), 400},
		{"two families", "", ask.nginx, add("X-Forwarded-Method", "GET"), 400},
		{"two families", "", ask.traefik, add("X-Original-Url", "https://"+app+"/static/x"), 400},
		{"two families", "", ask.traefik, add("X-Original-Host", app), 400},
		{"two families", "", ask.envoy, add("X-Original-Uri", "/static/x"), 400},
		{"two families", "", ask.envoy, add("X-Forwarded-Uri", "/static/x"), 400},
		{"two forms", "", ask.nginx, add("X-Original-Url", "https://"+app+"/static/x"), 400},
		{"two forms", "", ask.whole, add("X-Original-Uri", "/static/x"), 400},
		{"two forms", "", ask.whole, add("X-Original-Host", app), 400},
		{"two forms", "", ask.whole, add("X-Original-Proto", "https"), 400},

		// What some proxies and CGI take for the same header is none here, and changes nothing.
		{"underscores", "", ask.nginx, add("X_original_uri", "/admin"), 200},
		{"underscores alone", "", ask.nginx, func(r *http.Request) {
			r.Header["X_original_uri"] = r.Header["X-Original-Uri"]
			r.Header.Del("X-Original-Uri")
		}, 400},
		{"others that say a path", "", ask.nginx, add("X-Rewrite-Url", "/admin"), 200},
		{"method override", "", ask.nginx, add("X-Http-Method-Override", "DELETE"), 200},

		{"a host with a path", "", ask.nginx, func(r *http.Request) { r.Header.Set("X-Original-Host", app+"/static/x?") }, 400},
		{"a host with a user", "", ask.nginx, func(r *http.Request) { r.Header.Set("X-Original-Host", "x@"+app) }, 400},
		{"a host with a backslash", "", ask.nginx, func(r *http.Request) { r.Header.Set("X-Original-Host", app+`\x`) }, 400},
		{"a host with a control", "", ask.nginx, func(r *http.Request) { r.Header["X-Original-Host"] = []string{app + "\x00"} }, 400},
		{"a host with a blank", "", ask.nginx, func(r *http.Request) { r.Header.Set("X-Original-Host", "a b") }, 400},
		{"a host with two dots", "", ask.nginx, func(r *http.Request) { r.Header.Set("X-Original-Host", app+"..") }, 400},
		{"a port that is none", "", ask.nginx, func(r *http.Request) { r.Header.Set("X-Original-Host", app+":0443") }, 400},
		{"a host that is long", "", ask.nginx, func(r *http.Request) { r.Header.Set("X-Original-Host", strings.Repeat("a.", 200)+"a") }, 400},
		{"a user in the URL", "", ask.whole, func(r *http.Request) { r.Header.Set("X-Original-Url", "https://u@"+app+"/static/x") }, 400},
		{"a URL without a path", "", ask.whole, func(r *http.Request) { r.Header.Set("X-Original-Url", "https://"+app) }, 400},
		{"a URL without a scheme", "", ask.whole, func(r *http.Request) { r.Header.Set("X-Original-Url", "//"+app+"/static/x") }, 400},
		{"another scheme", "", ask.whole, func(r *http.Request) { r.Header.Set("X-Original-Url", "ftp://"+app+"/static/x") }, 400},
		{"a path for a URL", "", ask.whole, func(r *http.Request) { r.Header.Set("X-Original-Url", "/static/x") }, 400},
		{"a method that is none", "", ask.nginx, func(r *http.Request) { r.Header.Set("X-Original-Method", "GET /x") }, 400},
		{"a method that is long", "", ask.nginx, func(r *http.Request) { r.Header.Set("X-Original-Method", strings.Repeat("G", 33)) }, 400},
		{"a way around a proxy that reads /login", "", ask.envoy, func(r *http.Request) { r.RequestURI = "/verify/envoy/../../login" }, 400},
		{"and in another spelling", "", ask.envoy, func(r *http.Request) { r.RequestURI = "/verify/envoy/..%2f..%2flogin" }, 400},
		{"which is Envoy's to tell where it is Envoy that asks", forward.Envoy, ask.envoy, func(r *http.Request) { r.RequestURI = "/verify/envoy/../static/x" }, 200},
		{"the path for Envoy, in another spelling", "", ask.envoy, func(r *http.Request) { r.RequestURI = "/verif%79/envoy/static/x" }, 400},
		{"the path for Envoy, with a slash in another spelling", "", ask.envoy, func(r *http.Request) { r.RequestURI = "/verify/envoy%2Fstatic/x" }, 400},
		{"absolute form", "", ask.envoy, func(r *http.Request) { r.RequestURI = "http://" + app + "/verify/envoy/static/x" }, 400},
	} {
		t.Run(fmt.Sprint(row.name, " ", row.proxy), func(t *testing.T) {
			d := newDesk(t, testRule)
			d.Proxy = row.proxy
			_, good.cookie = d.enter("admin")
			r := row.by(good)
			row.change(r)
			answer := d.send(r)
			if answer.StatusCode != row.status {
				t.Errorf("%d %s, want %d", answer.StatusCode, body(answer), row.status)
			}
			if row.status == 400 {
				if identity(answer.Header) != nobody {
					t.Errorf("an answer to a request that cannot be read names somebody:\n%s", identity(answer.Header))
				}
				if lines := strings.Count(d.log.String(), "\n"); lines != 1 || strings.Contains(d.log.String(), "static") {
					t.Errorf("log: %q", d.log.String())
				}
			}
		})
	}
}

// TestOnlyTrustedProxies may ask, and others hear what to set.
func TestOnlyTrustedProxies(t *testing.T) {
	d := newDesk(t, testRule)
	d.trusted = false
	_, cookie := d.enter("admin")
	for name, by := range ways {
		answer := d.send(by(ask{method: "GET", scheme: "https", host: app, uri: "/static/x", cookie: cookie}))
		if text := body(answer); answer.StatusCode != 403 || !strings.Contains(text, "trusted-proxies") || identity(answer.Header) != nobody {
			t.Errorf("%s: %d %s\n%s", name, answer.StatusCode, text, identity(answer.Header))
		}
	}
}

// TestAnswers: which requests are for the handler.
func TestAnswers(t *testing.T) {
	d := newDesk(t, nil)
	for path, want := range map[string]bool{
		"/verify": true, "/verify/": true, "/verify/envoy/": true, "/verify/envoy/x/y": true, "/verify?x": true,
		"/verify/envoy": false, "/verify/x": false, "/%76erify": false, "/verif%79/envoy/x": false, "/verifyx": false, "/": false, "/x/verify": false, "/VERIFY": false,
	} {
		if got := d.Answers(httptest.NewRequest("PROPFIND", path, nil)); got != want {
			t.Errorf("%s: %v", path, got)
		}
	}
}
