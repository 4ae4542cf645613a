package front_test

import (
	"bufio"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/handstamp/handstamp/server/front"
)

func TestHost(t *testing.T) {
	public := newFront(t, with(func(c *front.Config) { c.Hosts = []string{"login.example.com", "2001:db8::1"} }))
	local := newFront(t, with(func(c *front.Config) { c.PublicURL = &url.URL{Scheme: "http", Host: "localhost:5000"} }))
	for _, row := range []struct {
		name    string
		handler http.Handler
		host    string
		status  int
	}{
		{"the public one", public, "id.example.com", 200},
		{"with a port", public, "id.example.com:443", 200},
		{"behind a proxy that adds its own", public, "id.example.com:8443", 200},
		{"in capital letters", public, "ID.Example.COM", 200},
		{"another that is configured", public, "login.example.com", 200},
		{"an address that is configured", public, "[2001:db8::1]:443", 200},
		{"somebody else's", public, "evil.example", 421},
		{"the domain above", public, "example.com", 421},
		{"a name below", public, "x.id.example.com", 421},
		{"a name that begins alike", public, "id.example.com.evil.example", 421},
		{"a name that ends alike", public, "evilid.example.com", 421},
		{"a final dot", public, "id.example.com.", 421},
		{"none", public, "", 421},
		{"a loopback name", public, "localhost", 421},
		{"an address", public, "203.0.113.7", 421},
		{"a port that is none", public, "id.example.com:x", 421},
		{"a list", public, "id.example.com,evil.example", 421},
		{"with a user", public, "id.example.com@evil.example", 421},
		{"localhost", local, "localhost:5000", 200},
		{"its address", local, "127.0.0.1:40123", 200},
		{"its address of IPv6", local, "[::1]:5000", 200},
		{"a name that was made to point here", local, "evil.example:5000", 421},
	} {
		t.Run(row.name, func(t *testing.T) {
			w := do(row.handler, "GET", "/", "Host", row.host)
			if code := codeOf(t, w); w.Code != row.status || w.Code == 421 && code != "unknown_host" {
				t.Errorf("%d %q, want %d", w.Code, code, row.status)
			}
		})
	}
}

// TestTarget: requests as they stand on the wire, with hosts in other places.
func TestTarget(t *testing.T) {
	h := newFront(t, newConfig())
	for _, row := range []struct {
		request string
		status  int
	}{
		{"GET https://id.example.com/ HTTP/1.1\r\nHost: id.example.com", 200},
		{"GET https://id.example.com/ HTTP/1.1\r\nHost: evil.example", 200}, // the host is that of the target (RFC 9112, 3.2.2)
		{"GET https://evil.example/ HTTP/1.1\r\nHost: id.example.com", 421},
		{"GET https://evil.example/healthz HTTP/1.1\r\nHost: id.example.com", 421},
		{"GET https://me@id.example.com/ HTTP/1.1\r\nHost: id.example.com", 400},
		{"GET ftp://id.example.com/ HTTP/1.1\r\nHost: id.example.com", 400},
		{"GET https:id.example.com HTTP/1.1\r\nHost: id.example.com", 400},
		{"CONNECT evil.example:443 HTTP/1.1\r\nHost: id.example.com", 421},
		{"OPTIONS * HTTP/1.1\r\nHost: evil.example", 421},
		{"GET / HTTP/1.0", 421},
		{"GET /healthz HTTP/1.0", 200},
		{"GET /readyz?x HTTP/1.1\r\nHost: 10.0.0.7:5000", 200},
		{"GET /healthz/ HTTP/1.1\r\nHost: 10.0.0.7:5000", 421},
		{"GET /health%7a HTTP/1.1\r\nHost: 10.0.0.7:5000", 421},
		{"GET //healthz HTTP/1.1\r\nHost: 10.0.0.7:5000", 421},
		{"GET /x/../healthz HTTP/1.1\r\nHost: 10.0.0.7:5000", 421},
	} {
		r, err := http.ReadRequest(bufio.NewReader(strings.NewReader(row.request + "\r\n\r\n")))
		if err != nil {
			t.Fatal(err)
		}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code != row.status {
			t.Errorf("%q: %d, want %d", row.request, w.Code, row.status)
		}
	}
}
