package forward_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/server/forward"
)

// busy is a request with a live cookie, and a handler that has seen it. Its answer is large enough for what net/http
// has made room for, as on a real connection.
func busy(tb testing.TB) (*desk, *http.Request) {
	d := newDesk(tb, testRule, func(c *forward.Config) {
		c.Upstream = func(context.Context, handstamp.Identity, string) (string, error) { return "jwt", nil }
	})
	_, cookie := d.enter("admin")
	r := ask{method: "GET", scheme: "https", host: app, uri: "/admin/orders?page=2", cookie: cookie, pairs: browser}.nginx()
	if answer := d.send(r); answer.StatusCode != 200 {
		tb.Fatalf("%d", answer.StatusCode)
	}
	return d, r
}

// A sink is an answer that nobody reads.
type sink struct{ header http.Header }

func (s *sink) Header() http.Header         { return s.header }
func (s *sink) Write(p []byte) (int, error) { return len(p), nil }
func (s *sink) WriteHeader(int)             {}

// TestFewAllocations: a question by a proxy costs the origin, the credential, the two IDs as text (a buffer that stays on
// the stack, and the text) and the values of the headers, and nothing else.
func TestFewAllocations(t *testing.T) {
	d, r := busy(t)
	w := &sink{make(http.Header, 16)}
	if got := testing.AllocsPerRun(1000, func() {
		clear(w.header)
		d.ServeHTTP(w, r)
	}); got > 5 {
		t.Errorf("%v allocations, want 5 at most", got)
	}
}

func BenchmarkDecide(b *testing.B) {
	d, r := busy(b)
	a := forward.Asked{Method: "GET", Scheme: "https", Host: app, URI: "/admin/orders?page=2"}
	b.ReportAllocs()
	for b.Loop() {
		d.Judge.Decide(r, a)
	}
}

// BenchmarkHandler compares the handler with one that answers 200 and does nothing, each with an answer of its own.
func BenchmarkHandler(b *testing.B) {
	d, r := busy(b)
	for name, h := range map[string]http.Handler{
		"verify": d, "bare": http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusOK) }),
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				h.ServeHTTP(&sink{make(http.Header)}, r)
			}
		})
	}
}

// BenchmarkServer compares the two over connections that stay open.
func BenchmarkServer(b *testing.B) {
	d, question := busy(b)
	for name, h := range map[string]http.Handler{
		"verify": d, "bare": http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusOK) }),
	} {
		b.Run(name, func(b *testing.B) {
			server := httptest.NewServer(h)
			defer server.Close()
			b.ReportAllocs()
			for b.Loop() {
				r, err := http.NewRequestWithContext(b.Context(), "GET", server.URL+"/verify", nil)
				if err != nil {
					b.Fatal(err)
				}
				r.Header = question.Header
				answer, err := server.Client().Do(r)
				if err != nil {
					b.Fatal(err)
				}
				_ = answer.Body.Close()
			}
		})
	}
}
