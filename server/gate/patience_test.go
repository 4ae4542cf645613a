package gate_test

import (
	"bufio"
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/handstamp/handstamp/internal/pipelistener"
	"github.com/handstamp/handstamp/server"
	"github.com/handstamp/handstamp/server/gate"
)

// inBubble runs test with a connection to a gate in front of an app, all of it on a clock of its own.
func inBubble(t *testing.T, app http.HandlerFunc, test func(t *testing.T, client net.Conn)) {
	synctest.Test(t, func(t *testing.T) {
		apps, gates := pipelistener.New(), pipelistener.New()
		behind := &http.Server{Handler: app}
		go func() { _ = behind.Serve(apps) }()
		upstream, err := gate.NewUpstream(&url.URL{Scheme: "http", Host: "app"}, gate.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		upstream.DialWith(apps.Dial)
		s := &site{t: t, upstream: upstream, looks: make(chan bool), refused: make(chan gate.Verdict, 10), config: func(c *gate.Config) { c.Recheck = gate.Recheck }}
		ctx, stop := context.WithCancel(t.Context())
		stopped := make(chan error, 1)
		go func() { stopped <- server.Serve(ctx, gates, s.handler(), slog.New(slog.DiscardHandler), nil) }()

		client := gates.Dial()
		test(t, client)
		client.Close()
		stop()
		if err := <-stopped; err != nil {
			t.Error(err)
		}
		upstream.Close()
		_ = behind.Close()
	})
}

// TestSlowAndSteady: an upload and an answer may take an hour each, as long as something moves.
func TestSlowAndSteady(t *testing.T) {
	const parts = 72 // of 50 seconds
	inBubble(t, func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if len(body) != parts || err != nil {
			t.Errorf("%d bytes, %v", len(body), err)
		}
		for range parts {
			time.Sleep(50 * time.Second) // of the bubble's clock
			_, _ = io.WriteString(w, "b")
			_ = http.NewResponseController(w).Flush()
		}
	}, func(t *testing.T, client net.Conn) {
		go func() {
			_, _ = io.WriteString(client, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 72\r\n\r\n")
			for range parts {
				time.Sleep(50 * time.Second)
				_, _ = io.WriteString(client, "a")
			}
		}()
		response, err := http.ReadResponse(bufio.NewReader(client), nil)
		if err != nil {
			t.Fatal(err)
		}
		if body, err := io.ReadAll(response.Body); string(body) != strings.Repeat("b", parts) || err != nil {
			t.Errorf("%d bytes, %v", len(body), err)
		}
	})
}

// TestSilence: an app may say nothing for hours, and what it says then arrives, and so does the end.
func TestSilence(t *testing.T) {
	inBubble(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		_ = http.NewResponseController(w).Flush()
		time.Sleep(2 * time.Hour)
		_, _ = io.WriteString(w, "data: good morning\n\n")
		_ = http.NewResponseController(w).Flush()
		time.Sleep(2 * time.Hour)
	}, func(t *testing.T, client net.Conn) {
		for range 2 { // the second request on the connection has the deadlines of any
			if _, err := io.WriteString(client, "GET / HTTP/1.1\r\nHost: x\r\n\r\n"); err != nil {
				t.Fatal(err)
			}
			response, err := http.ReadResponse(bufio.NewReader(client), nil)
			if err != nil {
				t.Fatal(err)
			}
			if body, err := io.ReadAll(response.Body); string(body) != "data: good morning\n\n" || err != nil {
				t.Errorf("%q, %v", body, err)
			}
		}
	})
}

// TestWhoDoesNotMove, be it that nothing is sent or nothing taken, holds a connection for a minute, and the app hears that it is over.
func TestWhoDoesNotMove(t *testing.T) {
	for name, row := range map[string]struct {
		sends string
		want  time.Duration
	}{
		"half a body":           {"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nhalf", time.Minute},
		"half a chunk":          {"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\na\r\nhalf", time.Minute},
		"an answer not taken":   {"GET /endless HTTP/1.1\r\nHost: x\r\n\r\n", time.Minute},
		"half of the next head": {"GET / HTTP/1.1\r\nHost: x\r\n\r\nGET / HTTP/1.1\r\nX-Slow: ", 0},
	} {
		t.Run(name, func(t *testing.T) {
			var gone chan error
			inBubble(t, func(w http.ResponseWriter, r *http.Request) {
				_, err := io.Copy(io.Discard, r.Body)
				if r.URL.Path == "/endless" {
					w.Header().Set("Content-Length", "1000000000") // which is not flushed: no mutex to wait for, which stops the clock
				}
				for r.URL.Path == "/endless" && err == nil {
					_, err = w.Write(make([]byte, 1<<16))
				}
				gone <- err
			}, func(t *testing.T, client net.Conn) {
				gone = make(chan error, 1) // of the bubble
				start := time.Now()
				if _, err := io.WriteString(client, row.sends); err != nil {
					t.Fatal(err)
				}
				if row.want == 0 { // the server's own limits hold
					_, _ = io.Copy(io.Discard, client)
					if took := time.Since(start); took > 10*time.Second {
						t.Errorf("held for %v", took)
					}
					return
				}
				if err := <-gone; err == nil {
					t.Error("to the app, all was well")
				}
				if took := time.Since(start); took < row.want || took > row.want+2*time.Second {
					t.Errorf("held for %v, want %v", took, row.want)
				}
			})
		})
	}
}

// TestSlowApp: the app has a minute to begin its answer, counted from the end of the request.
func TestSlowApp(t *testing.T) {
	inBubble(t, func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		<-r.Context().Done()
	}, func(t *testing.T, client net.Conn) {
		start := time.Now()
		go func() {
			_, _ = io.WriteString(client, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\na")
			time.Sleep(50 * time.Second)
			_, _ = io.WriteString(client, "b")
		}()
		response, err := http.ReadResponse(bufio.NewReader(client), nil)
		if err != nil {
			t.Fatal(err)
		}
		if took := time.Since(start); response.StatusCode != 504 || took.Round(time.Second) != 110*time.Second {
			t.Errorf("%d after %v", response.StatusCode, took)
		}
	})
}
