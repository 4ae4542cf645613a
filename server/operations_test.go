package server_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"

	"github.com/handstamp/handstamp/server"
)

// TestMetricsAreForThisMachine: on the listener that everybody uses, the metrics are for who calls this
// machine by its own name; not for those who come through a proxy, even one that does not say so.
func TestMetricsAreForThisMachine(t *testing.T) {
	metrics := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) })
	ask := func(part server.Part, from, host string, headers ...string) int {
		s := newSite(t, "memory", func(c *server.Config) {
			c.Web = &server.Web{PublicURL: &url.URL{Scheme: "https", Host: "id.example.com"}}
			c.Operations, c.Part = &server.Operations{Metrics: metrics}, part
		})
		r := httptest.NewRequest("GET", "/metrics", nil)
		r.RemoteAddr, r.Host = from, host
		for i := 0; i < len(headers); i += 2 {
			r.Header.Set(headers[i], headers[i+1])
		}
		w := httptest.NewRecorder()
		s.handler.ServeHTTP(w, r)
		return w.Code
	}
	const local = "127.0.0.1:4711"
	for _, c := range []struct {
		from, host string
		headers    []string
		want       int
	}{
		{local, "127.0.0.1:5000", nil, http.StatusTeapot},
		{"[::1]:4711", "LOCALHOST:5000", nil, http.StatusTeapot},
		{"[::1]:4711", "[::1]:5000", nil, http.StatusTeapot},
		{local, "id.example.com", nil, 401},
		{local, "evil.example.com", nil, 401},
		{local, "localhost", []string{"Via", "1.1 proxy"}, 401},
		{local, "localhost", []string{"X-Forwarded-Proto", "https"}, 401},
		{local, "localhost", []string{"X-Forwarded-For", "127.0.0.1"}, 401},
		{local, "localhost", []string{"Forwarded", "for=127.0.0.1"}, 401},
		{local, "localhost", []string{"X-Real-Ip", "127.0.0.1"}, 401},
		{"192.0.2.1:4711", "localhost", nil, 401},
	} {
		if got := ask(server.Whole, c.from, c.host, c.headers...); got != c.want {
			t.Errorf("from %s, host %s, %q: %d, want %d", c.from, c.host, c.headers, got, c.want)
		}
	}
	if got := ask(server.ForOperate, "192.0.2.1:4711", "10.0.0.1:9000"); got != http.StatusTeapot {
		t.Errorf("for operations: %d", got)
	}
	if got := ask(server.ForPublic, local, "localhost"); got == http.StatusTeapot {
		t.Errorf("for the public: %d", got)
	}
}
