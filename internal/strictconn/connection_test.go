package strictconn_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/handstamp/handstamp/internal/strictconn"
)

// TestHijack: a connection that a handler takes over is nobody's HTTP any more.
func TestHijack(t *testing.T) {
	s := newSite(t, func(w http.ResponseWriter, _ *http.Request) {
		conn, buffered, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		defer conn.Close()
		if _, err := io.WriteString(conn, "HTTP/1.1 101 Switching Protocols\r\n\r\n"); err != nil {
			t.Error(err)
		}
		line, err := buffered.ReadString('!')
		if err != nil {
			t.Error(err)
		}
		_, _ = io.WriteString(conn, line)
	})
	conn := s.dial(t)
	_, _ = io.WriteString(conn, "GET / HTTP/1.1\r\nHost: x\r\n\r\n")
	answer := bufio.NewReader(conn)
	for range 2 {
		if line, err := answer.ReadString('\n'); err != nil {
			t.Fatalf("%q, %v", line, err)
		}
	}
	const text = "\x00\n not HTTP \r!"
	_, _ = io.WriteString(conn, text)
	if got, _ := io.ReadAll(answer); string(got) != text {
		t.Errorf("%q came back, want %q", got, text)
	}
}

// TestGoneClient: a handler hears that the client hung up.
func TestGoneClient(t *testing.T) {
	entered, gone := make(chan struct{}), make(chan struct{})
	s := newSite(t, func(_ http.ResponseWriter, r *http.Request) {
		close(entered)
		<-r.Context().Done()
		close(gone)
	})
	conn := s.dial(t)
	_, _ = io.WriteString(conn, "GET / HTTP/1.1\r\nHost: x\r\n\r\n")
	<-entered
	conn.Close()
	<-gone
}

// TestBadRequestBehindAGoodOne: a request that is under way does not suffer from the next one.
func TestBadRequestBehindAGoodOne(t *testing.T) {
	sites := make(chan *site, 1)
	s := newSite(t, func(w http.ResponseWriter, r *http.Request) {
		<-(<-sites).refusal
		if err := r.Context().Err(); err != nil {
			t.Errorf("the request was given up: %v", err)
		}
		_, _ = io.WriteString(w, "ok")
	})
	sites <- s
	// Enough of the good one to be read by itself: the rest is then met while it is answered.
	statuses, _ := s.send(t, "GET / HTTP/1.1\r\nHost: x\r\nX: "+strings.Repeat("y", 4096-32)+"\r\n\r\n\x00")
	if fmt.Sprint(statuses) != "[200 400]" {
		t.Errorf("answers %v", statuses)
	}
}

// TestDeadlines: a handler's own deadline holds.
func TestDeadlines(t *testing.T) {
	failed := make(chan error, 1)
	s := newSite(t, func(w http.ResponseWriter, r *http.Request) {
		if err := http.NewResponseController(w).SetReadDeadline(time.Now().Add(time.Millisecond)); err != nil {
			t.Error(err)
		}
		_, err := io.ReadAll(r.Body)
		failed <- err
	})
	conn := s.dial(t)
	_, _ = io.WriteString(conn, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhe")
	var timeout net.Error
	if err := <-failed; !errors.As(err, &timeout) || !timeout.Timeout() {
		t.Errorf("%v, want a timeout", err)
	}
}

// TestConnState: the hook calls the next one.
func TestConnState(t *testing.T) {
	var seen []http.ConnState
	hook := strictconn.ConnState(func(_ net.Conn, state http.ConnState) { seen = append(seen, state) })
	hook(nil, http.StateNew)
	hook(nil, http.StateHijacked)
	if fmt.Sprint(seen) != "[new hijacked]" {
		t.Errorf("%v", seen)
	}
}

// TestCloseWrite: a client that is still sending hears the answer, as the connection is closed for
// writing first.
func TestCloseWrite(t *testing.T) {
	accepted := make(chan net.Conn, 1)
	inner, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer inner.Close()
	l := &strictconn.Listener{Listener: inner}
	go func() {
		conn, err := l.Accept()
		if err != nil {
			t.Error(err)
		}
		accepted <- conn
	}()
	client, err := net.DialTimeout("tcp", inner.Addr().String(), 20*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	conn := <-accepted
	defer conn.Close()
	halfCloser, ok := conn.(interface{ CloseWrite() error })
	if !ok {
		t.Fatal("the connection cannot be closed for writing alone, so that net/http resets it")
	}
	if err := halfCloser.CloseWrite(); err != nil {
		t.Fatal(err)
	}
	if _, err := client.Read(make([]byte, 1)); !errors.Is(err, io.EOF) {
		t.Errorf("the client reads %v", err)
	}
	if _, err := io.WriteString(client, "G"); err != nil {
		t.Fatal(err)
	}
	if n, err := conn.Read(make([]byte, 1)); n != 1 || err != nil {
		t.Errorf("read %d, %v after CloseWrite", n, err)
	}
}

// BenchmarkGet is a small request on a connection that is kept, with and without the checks.
func BenchmarkGet(b *testing.B) {
	for _, strict := range []bool{false, true} {
		b.Run("strict="+strconv.FormatBool(strict), func(b *testing.B) {
			listener, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				b.Fatal(err)
			}
			srv := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				_, _ = io.WriteString(w, "ok")
			})}
			if strict {
				listener = &strictconn.Listener{Listener: listener}
				srv.ConnState = strictconn.ConnState(nil)
			}
			ctx, stop := context.WithCancel(b.Context())
			defer stop()
			go func() { _ = srv.Serve(listener) }()
			defer srv.Close()
			conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", listener.Addr().String())
			if err != nil {
				b.Fatal(err)
			}
			defer conn.Close()
			request := []byte("GET /api/v1/users/me HTTP/1.1\r\nHost: id.example.com\r\nUser-Agent: Mozilla/5.0 (X11; Linux x86_64)\r\n" +
				"Accept: application/json\r\nCookie: __Host-session=0123456789abcdef0123456789abcdef0123456789a\r\n\r\n")
			answer := make([]byte, 4096)
			b.ReportAllocs()
			for b.Loop() {
				if _, err := conn.Write(request); err != nil {
					b.Fatal(err)
				}
				if _, err := conn.Read(answer); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
