package server_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/handstamp/handstamp/server"
)

// patience bounds what must happen soon; it is never waited for when all is well.
const patience = 20 * time.Second

// await returns what comes out of c.
func await[T any](t testing.TB, what string, c <-chan T) T {
	t.Helper()
	select {
	case v := <-c:
		return v
	case <-time.After(patience):
		t.Fatalf("%s: nothing after %v", what, patience)
		panic("not reached")
	}
}

// tellsClose is a listener that says when it was closed, which is how a stop begins.
type tellsClose struct {
	net.Listener
	once   sync.Once
	closed chan struct{}
}

func (l *tellsClose) Close() error {
	err := l.Listener.Close()
	l.once.Do(func() { close(l.closed) })
	return err
}

// A serving is a running server.
type serving struct {
	addr    string
	stop    context.CancelFunc
	closed  <-chan struct{}
	stopped <-chan error
}

// serve serves h on a free port until the test ends. Nothing may be left of it then.
func serve(t *testing.T, h http.Handler) *serving {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ignore := goleak.IgnoreCurrent()
	ctx, stop := context.WithCancel(t.Context())
	tells := &tellsClose{Listener: listener, closed: make(chan struct{})}
	stopped := make(chan error, 1)
	go func() {
		stopped <- server.Serve(ctx, tells, h, slog.New(slog.DiscardHandler), nil)
		close(stopped)
	}()
	t.Cleanup(func() {
		stop()
		await(t, "stop", stopped)
		goleak.VerifyNone(t, ignore)
	})
	return &serving{listener.Addr().String(), stop, tells.closed, stopped}
}

// exchange sends raw bytes over a new connection and returns the answer and its body.
func (s *serving) exchange(t *testing.T, raw string) (*http.Response, string) {
	t.Helper()
	conn, err := net.Dial("tcp", s.addr)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(patience))
	if _, err := io.WriteString(conn, raw); err != nil {
		t.Fatal(err)
	}
	return readAnswer(t, bufio.NewReader(conn))
}

func readAnswer(t *testing.T, r *bufio.Reader) (*http.Response, string) {
	t.Helper()
	response, err := http.ReadResponse(r, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response, string(body)
}

func TestStopFinishesWhatIsUnderWay(t *testing.T) {
	entered, release := make(chan struct{}), make(chan struct{})
	s := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		close(entered)
		<-release
		if err := r.Context().Err(); err != nil {
			t.Errorf("the stop ends the request's context: %v", err)
		}
		_, _ = io.WriteString(w, "finished")
	}))
	conn, err := net.Dial("tcp", s.addr)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(patience))
	fmt.Fprintf(conn, "GET / HTTP/1.1\r\nHost: x\r\n\r\n")
	await(t, "the request", entered)

	s.stop()
	await(t, "the listener's close", s.closed)
	if late, err := net.Dial("tcp", s.addr); err == nil {
		_ = late.Close()
		t.Error("a stopping server takes new connections")
	}
	select {
	case err := <-s.stopped:
		t.Fatalf("stopped with a request under way: %v", err)
	default:
	}

	close(release)
	response, body := readAnswer(t, bufio.NewReader(conn))
	if response.StatusCode != http.StatusOK || body != "finished" {
		t.Errorf("%s %q", response.Status, body)
	}
	if err := await(t, "the end", s.stopped); err != nil {
		t.Errorf("Serve: %v", err)
	}
}

func TestServeSaysWhyItFailed(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_ = listener.Close()
	err = server.Serve(t.Context(), listener, http.NotFoundHandler(), slog.New(slog.DiscardHandler), nil)
	if !errors.Is(err, net.ErrClosed) {
		t.Errorf("Serve: %v", err)
	}
}

// TestStoppedBeforeItBegan: who asks it to stop at once gets no server that runs on.
func TestStoppedBeforeItBegan(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	tells := &tellsClose{Listener: listener, closed: make(chan struct{})}
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if err := server.Serve(ctx, tells, http.NotFoundHandler(), slog.New(slog.DiscardHandler), nil); err != nil {
		t.Errorf("Serve: %v", err)
	}
	await(t, "the listener's close", tells.closed)
}

// TestHeaderLimit: 16 KiB, from the method to the empty line.
func TestHeaderLimit(t *testing.T) {
	s := serve(t, newOpen(t))
	const limit = 16 << 10
	for size, status := range map[int]int{
		limit - 1: 200, limit: 200, limit + 1: 431, limit + 5000: 431, 1 << 20: 431,
	} {
		head := "GET /api/v1/status HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX-Long: "
		raw := head + strings.Repeat("x", size-len(head)-4) + "\r\n\r\n"
		conn, err := net.Dial("tcp", s.addr)
		if err != nil {
			t.Fatal(err)
		}
		_ = conn.SetDeadline(time.Now().Add(patience))
		written := make(chan struct{})
		go func() { // beside reading: the server does not read to the end
			defer close(written)
			_, _ = io.WriteString(conn, raw)
		}()
		response, _ := readAnswer(t, bufio.NewReader(conn))
		if response.StatusCode != status {
			t.Errorf("%d bytes: %s, want %d", size, response.Status, status)
		}
		_ = conn.Close()
		<-written
	}
	// One long name and many short lines are as long as one long value.
	for name, lines := range map[string]string{
		"name":  strings.Repeat("x", limit) + ": y\r\n",
		"lines": strings.Repeat("a: b\r\n", limit/6),
		"path":  "",
	} {
		path := "/api/v1/status"
		if lines == "" {
			path = "/" + strings.Repeat("x", limit)
		}
		response, _ := s.exchange(t, "GET "+path+" HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"+lines+"\r\n")
		if response.StatusCode != http.StatusRequestHeaderFieldsTooLarge {
			t.Errorf("%s: %s", name, response.Status)
		}
	}
}

// TestOptionsStar: net/http would answer "OPTIONS *" by itself, to everybody and unlogged.
func TestOptionsStar(t *testing.T) {
	config, log := newConfig(t)
	s := serve(t, server.New(config))
	response, body := s.exchange(t, "OPTIONS * HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
	if response.StatusCode != http.StatusUnauthorized || !strings.Contains(body, "Unauthorized") {
		t.Errorf("%s %q", response.Status, body)
	}
	s.stop()
	await(t, "the end", s.stopped) // the line comes after the answer
	if lines := log.lines("http.request.method=OPTIONS url.path=*"); len(lines) != 1 {
		t.Errorf("log: %q", log.lines(""))
	}
}
