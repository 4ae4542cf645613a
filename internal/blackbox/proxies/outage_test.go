package proxies_test

import (
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
)

// outage: while Handstamp cannot be asked, nothing reaches the app, public paths neither, and clients
// hear that it is not their fault. It is the last of a scene: when it ends, Handstamp is gone.
func outage(t *testing.T, s *scene) {
	statuses := map[string]int{"fails": 500, "missing": 404, "busy": 503, "moved": 301}
	broken := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch n := numberOf(r.Header); n {
		case "hangs-up":
			panic(http.ErrAbortHandler)
		case "garbage":
			c, _, err := http.NewResponseController(w).Hijack()
			if err == nil {
				_, _ = io.WriteString(c, "200 OK\n\nX-Auth-User: evil\n")
				_ = c.Close()
			}
		case "half":
			c, _, err := http.NewResponseController(w).Hijack()
			if err == nil {
				_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nX-Auth-User: "+s.admin.id+"\r\nX-Auth-")
				_ = c.Close()
			}
		default:
			if status := statuses[n]; status != 0 {
				w.WriteHeader(status)
			}
		}
	}))
	defer broken.Close()
	s.tap.turnTo(broken.Listener.Addr().String())
	for _, n := range []string{"hangs-up", "garbage", "half", "fails", "busy", "missing", "moved"} {
		s.refuses(t, n)
	}

	// Down, in two ways: nobody answers, and nobody listens.
	s.tap.turnTo("")
	var all sync.WaitGroup
	for _, n := range []string{"silent", "silent-too"} {
		all.Go(func() { s.refuses(t, n) })
	}
	all.Wait()
	s.tap.turnTo(refusing(t))
	s.refuses(t, "gone")
	s.tap.close()
	s.refuses(t, "gone-for-good")
}

// refuses wants 503 for a request with this number, whoever asks.
func (s *scene) refuses(t *testing.T, n string) {
	t.Helper()
	for _, c := range []struct {
		target string
		who    person
	}{{"/public/x", person{}}, {"/x", s.user}} {
		a, err := s.ask(get(n, c.target, c.who, fromBrowser))
		if err != nil || a.status != http.StatusServiceUnavailable {
			t.Errorf("%s, %s: %d %v, want 503", n, c.target, a.status, err)
		}
	}
	if reached := s.app.requests(n); len(reached) > 0 {
		t.Errorf("%s: the app was asked for %v", n, reached)
	}
}

// refusing returns an address at which nobody listens.
func refusing(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}
