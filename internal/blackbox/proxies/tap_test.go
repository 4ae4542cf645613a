package proxies_test

import (
	"bufio"
	"bytes"
	"io"
	"net"
	"net/http"
	"regexp"
	"sync"
	"testing"
)

// A tap stands between a proxy and Handstamp. It passes on bytes and writes them down.
type tap struct {
	listener net.Listener
	ended    sync.WaitGroup

	mu      sync.Mutex
	backend string
	open    map[net.Conn]bool
	heard   []*conversation
}

// A conversation is what went to and fro on one connection.
type conversation struct {
	asked, answered bytes.Buffer
}

// A decision is what Handstamp has said about one request.
type decision struct {
	target     string
	header     http.Header // of the question
	status     int
	user, role string
}

func startTap(t *testing.T, backend string) *tap {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	tp := &tap{listener: l, backend: backend, open: make(map[net.Conn]bool)}
	tp.ended.Go(tp.serve)
	t.Cleanup(tp.close)
	return tp
}

// close ends it: nobody listens there any more.
func (tp *tap) close() {
	_ = tp.listener.Close()
	tp.turnTo("")
	tp.ended.Wait()
}

// serve runs until the listener is closed.
func (tp *tap) serve() {
	for {
		c, err := tp.listener.Accept()
		if err != nil {
			return
		}
		tp.ended.Go(func() { tp.pass(c) })
	}
}

// pass passes on one connection until either side ends it. Without a backend it only listens.
func (tp *tap) pass(proxy net.Conn) {
	defer proxy.Close()
	tp.mu.Lock()
	address := tp.backend
	tp.open[proxy] = true
	said := &conversation{}
	tp.heard = append(tp.heard, said)
	tp.mu.Unlock()
	defer func() {
		tp.mu.Lock()
		delete(tp.open, proxy)
		tp.mu.Unlock()
	}()
	if address == "" {
		_, _ = io.Copy(io.Discard, proxy)
		return
	}
	behind, err := net.Dial("tcp", address)
	if err != nil {
		return
	}
	defer behind.Close()
	var back sync.WaitGroup
	back.Go(func() {
		_, _ = io.Copy(proxy, io.TeeReader(behind, tp.writer(&said.answered)))
		_ = proxy.Close()
	})
	_, _ = io.Copy(behind, io.TeeReader(proxy, tp.writer(&said.asked)))
	_ = behind.Close()
	back.Wait()
}

// turnTo ends all connections and leads new ones to another address; to none means that they are
// accepted and never answered.
func (tp *tap) turnTo(backend string) {
	tp.mu.Lock()
	defer tp.mu.Unlock()
	tp.backend = backend
	for c := range tp.open {
		_ = c.Close()
	}
}

type writerFunc func(p []byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }

func (tp *tap) writer(b *bytes.Buffer) io.Writer {
	return writerFunc(func(p []byte) (int, error) {
		tp.mu.Lock()
		defer tp.mu.Unlock()
		return b.Write(p)
	})
}

// numberCookie tells requests apart, on their way through a proxy and in what it asks.
var numberCookie = regexp.MustCompile(`(?:^|[; ])n=([\w-]+)`)

// numberOf returns the number of a request, or "".
func numberOf(h http.Header) string {
	for _, line := range h["Cookie"] {
		if found := numberCookie.FindStringSubmatch(line); found != nil {
			return found[1]
		}
	}
	return ""
}

// decisions returns what /verify has answered so far, by the number of the request.
func (tp *tap) decisions(t *testing.T) map[string][]decision {
	t.Helper()
	tp.mu.Lock()
	defer tp.mu.Unlock()
	all := make(map[string][]decision)
	for _, said := range tp.heard {
		asked := bufio.NewReader(bytes.NewReader(said.asked.Bytes()))
		answered := bufio.NewReader(bytes.NewReader(said.answered.Bytes()))
		for {
			r, err := http.ReadRequest(asked)
			if err != nil {
				break
			}
			if n, err := io.Copy(io.Discard, r.Body); err != nil || n > 0 && r.URL.Path == "/verify" {
				t.Errorf("/verify was asked with a body of %d bytes: %v", n, err)
			}
			a, err := http.ReadResponse(answered, r)
			if err != nil {
				break
			}
			if _, err := io.Copy(io.Discard, a.Body); err != nil {
				break
			}
			if r.URL.Path != "/verify" {
				continue
			}
			target := r.Header.Get("X-Original-Uri")
			if target == "" {
				target = r.Header.Get("X-Forwarded-Uri")
			}
			n := numberOf(r.Header)
			all[n] = append(all[n], decision{target, r.Header, a.StatusCode, a.Header.Get("X-Auth-User"), a.Header.Get("X-Auth-Role")})
		}
	}
	return all
}
