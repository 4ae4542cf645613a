package proxies_test

import (
	"bytes"
	"crypto/sha1"
	"encoding/base64"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
)

// An app stands behind a proxy. It believes whatever it is told, and writes it down: each request as
// net/http has read it, and the bytes as they came.
type app struct {
	server *httptest.Server
	more   chan struct{} // what a stream waits for in the middle

	mu   sync.Mutex
	seen map[string][]request // by number
	wire []*bytes.Buffer      // one for each connection
}

// A request is what an app knows about one.
type request struct {
	method, target, host string
	header               http.Header
}

func startApp(t *testing.T) *app {
	a := &app{more: make(chan struct{}), seen: make(map[string][]request)}
	a.server = httptest.NewUnstartedServer(http.HandlerFunc(a.serve))
	a.server.Listener = &recordingListener{a.server.Listener, a}
	a.server.Start()
	t.Cleanup(a.server.Close)
	return a
}

func (a *app) address() string { return a.server.Listener.Addr().String() }

func (a *app) serve(w http.ResponseWriter, r *http.Request) {
	n := numberOf(r.Header)
	a.mu.Lock()
	a.seen[n] = append(a.seen[n], request{r.Method, r.RequestURI, r.Host, r.Header.Clone()})
	a.mu.Unlock()
	w.Header().Set("X-App", "yes")
	w.Header().Set("X-Echo-User", r.Header.Get("X-Auth-User"))
	switch r.URL.Path {
	case "/socket":
		a.socket(w, r)
	case "/stream":
		fmt.Fprintln(w, "first")
		_ = http.NewResponseController(w).Flush()
		<-a.more
		fmt.Fprintln(w, "second")
	case "/upload": // says so when something has come
		if _, err := r.Body.Read(make([]byte, 1)); err == nil {
			<-a.more
		}
		n, err := io.Copy(io.Discard, r.Body)
		fmt.Fprintln(w, 1+n, err)
	default:
		w.Header().Set("Set-Cookie", "app=1")
		fmt.Fprintln(w, "the app")
	}
}

// socket switches to a protocol that says everything back.
func (a *app) socket(w http.ResponseWriter, r *http.Request) {
	if r.Header.Get("Upgrade") != "websocket" {
		w.WriteHeader(http.StatusUpgradeRequired)
		return
	}
	c, said, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return
	}
	defer c.Close()
	sum := sha1.Sum([]byte(r.Header.Get("Sec-WebSocket-Key") + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11")) // RFC 6455, section 4.2.2
	fmt.Fprintf(c, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: %s\r\n\r\n",
		base64.StdEncoding.EncodeToString(sum[:]))
	_, _ = io.Copy(c, said)
}

// requests returns those of a number.
func (a *app) requests(n string) []request {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.seen[n]
}

// all returns every request that net/http has read.
func (a *app) all() map[string][]request {
	a.mu.Lock()
	defer a.mu.Unlock()
	all := make(map[string][]request, len(a.seen))
	for n, requests := range a.seen {
		all[n] = append(all[n], requests...)
	}
	return all
}

// connections returns the bytes of each connection.
func (a *app) connections() [][]byte {
	a.mu.Lock()
	defer a.mu.Unlock()
	var all [][]byte
	for _, b := range a.wire {
		all = append(all, bytes.Clone(b.Bytes()))
	}
	return all
}

type recordingListener struct {
	net.Listener
	app *app
}

func (l *recordingListener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	b := new(bytes.Buffer)
	l.app.mu.Lock()
	l.app.wire = append(l.app.wire, b)
	l.app.mu.Unlock()
	return &recordingConn{c, l.app, b}, nil
}

type recordingConn struct {
	net.Conn
	app  *app
	read *bytes.Buffer
}

func (c *recordingConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	c.app.mu.Lock()
	c.read.Write(p[:n])
	c.app.mu.Unlock()
	return n, err
}
