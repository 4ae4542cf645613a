package server_test

import (
	"bufio"
	"context"
	"io"
	"log/slog"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/handstamp/handstamp/internal/pipelistener"
	"github.com/handstamp/handstamp/server"
)

// TestAnOperatorMayTakeLong: an import that is sent, and worked on, for longer than a stranger would
// be given.
func TestAnOperatorMayTakeLong(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, stop := context.WithCancel(t.Context())
		listener, stopped := pipelistener.New(), make(chan error, 1)
		work := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			sent, _ := io.ReadAll(r.Body)
			time.Sleep(time.Minute) // of the bubble's clock
			_, _ = w.Write(sent)
		})
		go func() { stopped <- server.ServeOperator(ctx, listener, work, slog.New(slog.DiscardHandler)) }()

		conn := listener.Dial()
		for _, part := range []string{"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 8\r\n\r\nhalf", "half"} {
			if _, err := io.WriteString(conn, part); err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Minute) // of the same clock
		}
		response, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err != nil {
			t.Fatal(err)
		}
		if body, err := io.ReadAll(response.Body); string(body) != "halfhalf" || err != nil {
			t.Errorf("%q, %v", body, err)
		}
		conn.Close()
		stop()
		if err := <-stopped; err != nil {
			t.Errorf("ServeOperator: %v", err)
		}
	})
}

// TestTimeouts: how long a client can hold a connection, in each state in which it may be slow.
func TestTimeouts(t *testing.T) {
	for _, row := range []struct {
		name, sends string
		want        time.Duration
	}{
		{"nothing is sent", "", 5 * time.Second},
		{"half a header", "GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ", 5 * time.Second},
		{"half a body", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nhalf", 15 * time.Second},
		{"half a chunk", "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\na\r\nhalf", 15 * time.Second},
		{"no second request", "GET / HTTP/1.1\r\nHost: x\r\n\r\n", time.Minute},
	} {
		t.Run(row.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, stop := context.WithCancel(t.Context())
				listener, stopped := pipelistener.New(), make(chan error, 1)
				read := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { _, _ = io.Copy(io.Discard, r.Body) })
				go func() { stopped <- server.Serve(ctx, listener, read, slog.New(slog.DiscardHandler), nil) }()

				conn := listener.Dial()
				start := time.Now()
				if _, err := io.WriteString(conn, row.sends); err != nil {
					t.Fatal(err)
				}
				_, _ = io.Copy(io.Discard, conn) // ends when the server closes the connection
				if took := time.Since(start); took < row.want || took > row.want+2*time.Second {
					t.Errorf("held for %v, want %v", took, row.want)
				}
				stop()
				if err := <-stopped; err != nil {
					t.Errorf("Serve: %v", err)
				}
			})
		})
	}
}

// TestSlowReader: an answer that nobody takes is given up.
func TestSlowReader(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, stop := context.WithCancel(t.Context())
		listener, stopped := pipelistener.New(), make(chan error, 1)
		failed := make(chan time.Duration, 1)
		start := time.Now()
		endless := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			for {
				if _, err := w.Write(make([]byte, 1<<16)); err != nil {
					failed <- time.Since(start)
					return
				}
			}
		})
		go func() { stopped <- server.Serve(ctx, listener, endless, slog.New(slog.DiscardHandler), nil) }()
		conn := listener.Dial()
		if _, err := io.WriteString(conn, "GET / HTTP/1.1\r\nHost: x\r\n\r\n"); err != nil {
			t.Fatal(err)
		}
		if took := <-failed; took != 30*time.Second {
			t.Errorf("given up after %v, want 30 s", took)
		}
		stop()
		<-stopped
	})
}

// TestStopDoesNotWaitForEver: after ten seconds a request that is still under way is cut.
func TestStopDoesNotWaitForEver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, stop := context.WithCancel(t.Context())
		listener, stopped := pipelistener.New(), make(chan error, 1)
		entered, gone := make(chan struct{}), make(chan struct{})
		stuck := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			close(entered)
			<-r.Context().Done()
			close(gone)
		})
		go func() { stopped <- server.Serve(ctx, listener, stuck, slog.New(slog.DiscardHandler), nil) }()
		conn := listener.Dial()
		if _, err := io.WriteString(conn, "GET / HTTP/1.1\r\nHost: x\r\n\r\n"); err != nil {
			t.Fatal(err)
		}
		<-entered
		start := time.Now()
		stop()
		err := <-stopped
		if took := time.Since(start); took != 10*time.Second || err != nil {
			t.Errorf("stopped after %v with %v, want 10 s and no error: whoever hangs must not make a stop a failure", took, err)
		}
		<-gone // the handler hears of it, too
		if _, err := http.ReadResponse(bufio.NewReader(conn), nil); err == nil {
			t.Error("an answer came from a request that was cut")
		}
	})
}
