package server_test

import (
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/handstamp/handstamp/server"
)

// corsOf returns the headers of an answer that are about other origins.
func corsOf(header http.Header) map[string]string {
	found := map[string]string{}
	for _, name := range []string{
		"Access-Control-Allow-Origin", "Access-Control-Allow-Methods", "Access-Control-Allow-Headers",
		"Access-Control-Allow-Credentials", "Access-Control-Max-Age", "Access-Control-Expose-Headers", "Vary",
	} {
		if _, there := header[name]; there {
			found[name] = header.Get(name)
		}
	}
	return found
}

func TestOrigins(t *testing.T) {
	config, _ := newConfig(t)
	h := server.New(config)
	good := login(t, h)

	const (
		origin  = "Origin"
		asks    = "Access-Control-Request-Method"
		names   = "Access-Control-Request-Headers"
		allowed = "DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT"
	)
	none := map[string]string{}
	everybody := map[string]string{"Access-Control-Allow-Origin": "*"}
	preflight := map[string]string{"Access-Control-Allow-Origin": "*", "Access-Control-Allow-Methods": allowed}
	with := func(headers string) map[string]string {
		return map[string]string{
			"Access-Control-Allow-Origin": "*", "Access-Control-Allow-Methods": allowed,
			"Access-Control-Allow-Headers": headers,
		}
	}
	for _, row := range []struct {
		name, method, path string
		headers            []string
		status             int
		want               map[string]string
	}{
		{"no origin", "GET", "/api/v1/status", nil, 200, everybody},
		// The origin is not echoed, and no cookie is allowed: a page elsewhere reads what everybody may.
		{"an origin", "GET", "/api/v1/status", []string{origin, "https://evil.example"}, 200, everybody},
		{"refused, nobody", "GET", "/api/v1/users", []string{origin, "https://x.example"}, 401, everybody},
		{"refused, bad", "GET", "/api/v1/users", []string{"Authorization", "x"}, 403, everybody},
		{"unknown path", "GET", "/api/v1/nope", []string{"Cookie", good}, 404, everybody},
		{"unknown method", "PATCH", "/api/v1/users", []string{"Cookie", good}, 405, everybody},
		{"the prefix is text", "GET", "/api/v1foo", []string{"Cookie", good}, 404, everybody},
		{"the prefix itself", "GET", "/api/v1", []string{"Cookie", good}, 404, everybody},

		{"outside", "GET", "/", []string{"Cookie", good, origin, "https://x.example"}, 404, none},
		{"outside, a preflight", "OPTIONS", "/nope", []string{"Cookie", good, asks, "GET"}, 404, none},
		{"letter case matters", "GET", "/API/v1/status", []string{"Cookie", good}, 404, none},

		{"preflight", "OPTIONS", "/api/v1/auth_session/login", []string{asks, "POST"}, 200, preflight},
		{
			"preflight, headers", "OPTIONS", "/api/v1/auth_session/login",
			[]string{asks, "POST", names, "x-b,Content-Type , a, X-A"},
			200, with("Content-Type, X-A, a, x-b"),
		},
		{"headers without a preflight", "OPTIONS", "/api/v1/status", []string{names, "x"}, 200, everybody},
		{"only OPTIONS is one", "GET", "/api/v1/status", []string{asks, "POST", names, "x"}, 200, everybody},
		// It carries no credential, so it gets no further than any stranger.
		{
			"preflight, protected", "OPTIONS", "/api/v1/users",
			[]string{asks, "GET", origin, "https://x.example"},
			401, preflight,
		},
	} {
		t.Run(row.name, func(t *testing.T) {
			w := do(h, row.method, row.path, nil, row.headers...)
			if w.Code != row.status {
				t.Errorf("status %d, want %d", w.Code, row.status)
			}
			if diff := cmp.Diff(row.want, corsOf(w.Header())); diff != "" {
				t.Errorf("headers (-want +got):\n%s", diff)
			}
		})
	}
}

// TestOriginsAreOptional: a profile may have nothing to say about them.
func TestOriginsAreOptional(t *testing.T) {
	config, _ := newConfig(t)
	config.Profile.Origins = nil
	w := do(server.New(config), "GET", "/api/v1/status", nil)
	if got := corsOf(w.Header()); w.Code != http.StatusOK || len(got) != 0 {
		t.Errorf("%d %v", w.Code, got)
	}
}
