package front_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/handstamp/handstamp/server/front"
)

const (
	own  = "https://id.example.com"
	app  = "https://app.example.com"
	evil = "https://evil.example"
)

// newShared is in front of a server that pages of app may use.
func newShared(t testing.TB) http.Handler {
	return newFront(t, with(func(c *front.Config) { c.Origins, c.OriginPaths = []string{app}, []string{"/api/v1/"} }))
}

func TestCrossSite(t *testing.T) {
	plain, shared := newFront(t, newConfig()), newShared(t)
	const site, origin, api = "Sec-Fetch-Site", "Origin", "/api/v1/users"
	for _, row := range []struct {
		name         string
		handler      http.Handler
		method, path string
		headers      []string
		status       int
	}{
		{"no browser", plain, "POST", api, nil, 200},
		{"this site", plain, "POST", api, []string{site, "same-origin", origin, own}, 200},
		{"the address bar", plain, "POST", api, []string{site, "none"}, 200},
		{"another site", plain, "POST", api, []string{site, "cross-site", origin, evil}, 403},
		{"another site, without an origin", plain, "POST", api, []string{site, "cross-site"}, 403},
		{"a sibling", plain, "POST", api, []string{site, "same-site", origin, app}, 403},
		{"an old browser", plain, "POST", api, []string{origin, evil}, 403},
		{"an old browser, this site", plain, "POST", api, []string{origin, own}, 200},
		{"an old browser, hidden", plain, "POST", api, []string{origin, "null"}, 403},
		{"this site, through a proxy with a host of its own", plain, "POST", api, []string{origin, own, "Host", "id.example.com:8443"}, 200},
		{"a form in plain text", plain, "POST", api, []string{site, "cross-site", "Content-Type", "text/plain"}, 403},
		{"an override", plain, "POST", api, []string{site, "cross-site", "X-HTTP-Method-Override", "GET"}, 403},
		{"reading", plain, "GET", api, []string{site, "cross-site", origin, evil}, 200},
		{"only the head", plain, "HEAD", api, []string{site, "cross-site"}, 200},
		{"put", plain, "PUT", api, []string{site, "cross-site"}, 403},
		{"delete", plain, "DELETE", api, []string{site, "cross-site"}, 403},
		{"a method of its own", plain, "LOGOUT", api, []string{site, "cross-site"}, 403},

		{"an origin that may", shared, "POST", api, []string{site, "same-site", origin, app}, 200},
		{"an old browser, an origin that may", shared, "POST", api, []string{origin, app}, 200},
		{"elsewhere it may not", shared, "POST", "/login", []string{site, "same-site", origin, app}, 403},
		{"nor in another spelling", shared, "POST", "/api%2Fv1/users", []string{site, "same-site", origin, app}, 403},
		{"another origin", shared, "POST", api, []string{site, "cross-site", origin, evil}, 403},
		{"another port", shared, "POST", api, []string{site, "same-site", origin, app + ":8443"}, 403},
		{"without HTTPS", shared, "POST", api, []string{site, "cross-site", origin, "http://app.example.com"}, 403},
	} {
		t.Run(row.name, func(t *testing.T) {
			w := do(row.handler, row.method, row.path, row.headers...)
			if code := codeOf(t, w); w.Code != row.status || w.Code == 403 && code != "cross_site" {
				t.Errorf("%d %q, want %d", w.Code, code, row.status)
			}
		})
	}
}

// TestCORS: who may read what.
func TestCORS(t *testing.T) {
	handlers := map[bool]http.Handler{false: newFront(t, newConfig()), true: newShared(t)}
	const origin, asks, api = "Origin", "Access-Control-Request-Method", "/api/v1/users"
	nothing := map[string]string{}
	reads := map[string]string{
		"Allow-Origin": app, "Allow-Credentials": "true", "Expose-Headers": "ETag, Retry-After, WWW-Authenticate",
	}
	sends := map[string]string{
		"Allow-Origin": app, "Allow-Credentials": "true", "Expose-Headers": "ETag, Retry-After, WWW-Authenticate",
		"Allow-Methods": "DELETE, GET, HEAD, PATCH, POST, PUT", "Max-Age": "600",
		"Allow-Headers": "Authorization, Content-Type, If-Match, If-None-Match",
	}
	for _, row := range []struct {
		name         string
		shared       bool
		method, path string
		headers      []string
		status       int
		want         map[string]string
	}{
		{"none is configured", false, "GET", api, []string{origin, app}, 200, nothing},
		{"a preflight, none is configured", false, "OPTIONS", api, []string{origin, app, asks, "POST"}, 200, nothing},
		{"no origin", true, "GET", api, nil, 200, nothing},
		{"an origin", true, "GET", api, []string{origin, app}, 200, reads},
		{"another", true, "GET", api, []string{origin, evil}, 200, nothing},
		{"in other letters", true, "GET", api, []string{origin, strings.ToUpper(app)}, 200, nothing},
		{"one that begins alike", true, "GET", api, []string{origin, app + ".evil.example"}, 200, nothing},
		{"null", true, "GET", api, []string{origin, "null"}, 200, nothing},
		{"two", true, "GET", api, []string{origin, app, origin, evil}, 200, nothing},
		{"another path", true, "GET", "/account", []string{origin, app}, 200, nothing},
		{"a path that begins alike", true, "GET", "/api/v1x", []string{origin, app}, 200, nothing},
		{"a preflight", true, "OPTIONS", api, []string{origin, app, asks, "DELETE"}, 204, sends},
		{"a preflight of another", true, "OPTIONS", api, []string{origin, evil, asks, "DELETE"}, 200, nothing},
		{"a preflight for another path", true, "OPTIONS", "/account", []string{origin, app, asks, "GET"}, 200, nothing},
		{"OPTIONS that is no preflight", true, "OPTIONS", api, []string{origin, app}, 200, reads},
		{"a page may read why it was refused", true, "GET", api, []string{origin, app, "Cookie", pairs(51)}, 431, reads},
		{"a preflight for another host", true, "OPTIONS", api, []string{origin, app, asks, "GET", "Host", "evil.example"}, 421, reads},
	} {
		t.Run(row.name, func(t *testing.T) {
			w := do(handlers[row.shared], row.method, row.path, row.headers...)
			got := map[string]string{}
			for name := range w.Header() {
				if short, found := strings.CutPrefix(name, "Access-Control-"); found {
					got[short] = w.Header().Get(name)
				}
			}
			if diff := cmp.Diff(row.want, got); diff != "" || w.Code != row.status {
				t.Errorf("%d, want %d; headers (-want +got):\n%s", w.Code, row.status, diff)
			}
			vary := "Cookie, Authorization"
			if row.shared { // whoever asks: the answer to another origin would be another one
				vary += ", Origin"
			}
			if got := w.Header().Get("Vary"); got != vary {
				t.Errorf("Vary: %s", got)
			}
		})
	}
}
