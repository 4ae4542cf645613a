package gate_test

import (
	"bufio"
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/internal/clientaddr"
	"github.com/handstamp/handstamp/server"
	"github.com/handstamp/handstamp/server/gate"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// ada is who is signed in, and evil what no app may ever see.
var (
	ada     = handstamp.NewID()
	session = handstamp.NewID()
)

const (
	ourToken = "Bearer ours"
	evil     = "evil"
)

// asAda lets a request pass as hers.
func asAda(*http.Request, string) gate.Verdict {
	return gate.Verdict{Status: http.StatusOK, Header: http.Header{
		"X-Auth-User": {ada.String()}, "X-Auth-Email": {"ada@example.com"}, "X-Auth-Role": {"admin"},
		"X-Auth-Session": {session.String()}, "Authorization": {ourToken},
	}}
}

// asAnybody lets a request pass as it does on a public path.
func asAnybody(*http.Request, string) gate.Verdict {
	return gate.Verdict{Status: http.StatusOK, Header: http.Header{
		"X-Auth-User": {""}, "X-Auth-Email": {""}, "X-Auth-Role": {""}, "X-Auth-Session": {""}, "Authorization": {""},
	}}
}

// A site is a gate behind a server as it really is, on a listener of this machine.
type site struct {
	t        testing.TB
	address  string
	upstream *gate.Upstream
	client   *http.Client
	revoked  atomic.Pointer[error] // what Alive says
	uses     atomic.Int64          // how often Alive was told of a use
	looks    chan bool             // what Alive is told, if somebody listens
	refused  chan gate.Verdict     // what Refuse was given, the latest ones
	done     chan error            // of the server
	proxies  clientaddr.Finder     // who says truly for whom they ask
	limits   gate.Limits           // of the app
	header   http.Header           // what stands on every page of the server
	config   func(*gate.Config)    // nil for as it is
}

// newSite puts a gate in front of an app.
func newSite(t testing.TB, app string, change ...func(*site)) *site {
	t.Helper()
	s := &site{
		t: t, looks: make(chan bool), refused: make(chan gate.Verdict, 100), done: make(chan error, 1),
		header: http.Header{"Content-Security-Policy": {"default-src 'none'"}, "Cache-Control": {"no-store"}},
	}
	for _, change := range change {
		change(s)
	}
	u, err := url.Parse(app)
	if err != nil {
		t.Fatal(err)
	}
	if s.upstream, err = gate.NewUpstream(u, s.limits); err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.address = listener.Addr().String()
	ctx, stop := context.WithCancel(context.Background())
	go func() { s.done <- server.Serve(ctx, listener, s.handler(), slog.New(slog.DiscardHandler), nil) }()
	s.client = &http.Client{Transport: &http.Transport{DisableCompression: true}, CheckRedirect: func(*http.Request, []*http.Request) error {
		return http.ErrUseLastResponse
	}}
	t.Cleanup(func() {
		s.client.CloseIdleConnections()
		stop()
		if err := <-s.done; err != nil {
			t.Error(err)
		}
		s.upstream.Close()
	})
	return s
}

// handler is the gate, with what stands in front of it.
func (s *site) handler() http.Handler {
	c := gate.Config{
		Upstream: s.upstream,
		Decide:   asAda,
		Alive: func(_ *http.Request, used bool) (handstamp.Identity, error) {
			if used {
				s.uses.Add(1)
			}
			select {
			case s.looks <- used:
			default:
			}
			if err := s.revoked.Load(); err != nil {
				return handstamp.Identity{}, *err
			}
			return handstamp.Identity{UserID: ada, Role: "admin", SessionID: session}, nil
		},
		Recheck: 10 * time.Millisecond,
		Scheme:  "https",
		Cookies: []string{"__Host-session", "__Host-device"},
		Refuse: func(w http.ResponseWriter, _ *http.Request, v gate.Verdict) {
			select {
			case s.refused <- v:
			default:
			}
			w.WriteHeader(v.Status)
		},
		Log: slog.New(slog.DiscardHandler),
	}
	if s.config != nil {
		s.config(&c)
	}
	next := gate.New(c)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for name, values := range s.header {
			w.Header()[name] = values
		}
		client, err := s.proxies.Find(r)
		if err != nil {
			s.t.Error(err)
		}
		next.ServeHTTP(w, r.WithContext(handstamp.WithOrigin(r.Context(), handstamp.Origin{Address: client})))
	})
}

// with changes the Config of the gate.
func with(change func(*gate.Config)) func(*site) { return func(s *site) { s.config = change } }

// revoke makes Alive say no.
func (s *site) revoke(why error) { s.revoked.Store(&why) }

// do sends a request with these headers, which are pairs of name and value.
func (s *site) do(method, path string, body io.Reader, headers ...string) *http.Response {
	s.t.Helper()
	r, err := http.NewRequestWithContext(s.t.Context(), method, "http://"+s.address+path, body)
	if err != nil {
		s.t.Fatal(err)
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Add(headers[i], headers[i+1])
	}
	response, err := s.client.Do(r)
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { response.Body.Close() })
	return response
}

// dial returns a connection to the gate that gives up after a while.
func (s *site) dial() net.Conn {
	s.t.Helper()
	conn, err := net.Dial("tcp", s.address)
	if err != nil {
		s.t.Fatal(err)
	}
	if err := conn.SetDeadline(time.Now().Add(20 * time.Second)); err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { conn.Close() })
	return conn
}

// send sends the bytes of a request, and returns the status of the answer.
func (s *site) send(request string) int {
	s.t.Helper()
	conn := s.dial()
	if _, err := io.WriteString(conn, request); err != nil {
		s.t.Fatal(err)
	}
	method, _, _ := strings.Cut(request, " ")
	response, err := http.ReadResponse(bufio.NewReader(conn), &http.Request{Method: method})
	if err != nil {
		s.t.Fatalf("%.80q: %v", request, err)
	}
	response.Body.Close()
	return response.StatusCode
}

// app starts an app.
func app(t testing.TB, handler http.HandlerFunc) string {
	t.Helper()
	s := httptest.NewServer(handler)
	t.Cleanup(s.Close)
	return s.URL
}

// A recorder is an app that keeps the bytes of the heads that it is sent, and knows nothing of HTTP beyond.
type recorder struct {
	url   string
	mu    sync.Mutex
	heads []string
}

func newRecorder(t testing.TB) *recorder {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	rec := &recorder{url: "http://" + listener.Addr().String()}
	var running sync.WaitGroup
	running.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			running.Go(func() { rec.answer(conn) })
		}
	})
	t.Cleanup(func() {
		listener.Close()
		running.Wait()
	})
	return rec
}

func (rec *recorder) answer(conn net.Conn) {
	defer conn.Close()
	reader := bufio.NewReader(conn)
	var head strings.Builder
	for line := ""; line != "\r\n"; {
		var err error
		if line, err = reader.ReadString('\n'); err != nil {
			return
		}
		head.WriteString(line)
	}
	rec.mu.Lock()
	rec.heads = append(rec.heads, head.String())
	rec.mu.Unlock()
	_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok")
}

// take returns the heads that have come since the last time.
func (rec *recorder) take() []string {
	rec.mu.Lock()
	defer rec.mu.Unlock()
	heads := rec.heads
	rec.heads = nil
	return heads
}
