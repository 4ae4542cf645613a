package server_test

import (
	"bufio"
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/netip"
	"testing"
	"testing/synctest"
	"time"

	"github.com/handstamp/handstamp/internal/connlimit"
	"github.com/handstamp/handstamp/internal/pipelistener"
	"github.com/handstamp/handstamp/internal/strictconn"
	"github.com/handstamp/handstamp/server"
)

// hold opens a connection, sends begins and then a byte in every second, and tells how long the
// server let it.
func hold(p *pipelistener.Listener, address, begins string, held chan<- time.Duration) {
	conn, start := p.DialFrom(netip.MustParseAddrPort(address)), time.Now()
	sent := make(chan struct{})
	go func() {
		defer close(sent)
		_, err := io.WriteString(conn, begins)
		for err == nil {
			time.Sleep(time.Second) // of the bubble's clock
			_, err = io.WriteString(conn, "x")
		}
	}()
	go func() {
		_, _ = io.Copy(io.Discard, conn) // ends when the server closes the connection
		took := time.Since(start)
		conn.Close()
		<-sent
		held <- took
	}()
}

// TestSlowAttack: one address opens more connections than it may have, and sends byte by byte on
// each. Beyond the limit they are closed at once, the rest when their time is over; others are
// served before, meanwhile and after.
func TestSlowAttack(t *testing.T) {
	const limit = 8
	for _, row := range []struct {
		name, begins string
		longest      time.Duration
	}{
		{"header", "GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ", 5 * time.Second},
		{"body", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n", 15 * time.Second},
		{"chunks", "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1;", 15 * time.Second},
	} {
		t.Run(row.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, stop := context.WithCancel(t.Context())
				listener, stopped := pipelistener.New(), make(chan error, 1)
				bounded := &strictconn.Listener{Listener: &connlimit.Listener{
					Listener: listener, Total: 2 * limit, PerAddress: limit,
				}}
				answer := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					if _, err := io.Copy(io.Discard, r.Body); err == nil {
						_, _ = io.WriteString(w, "ok")
					}
				})
				go func() { stopped <- server.Serve(ctx, bounded, answer, slog.New(slog.DiscardHandler), nil) }()

				served := func(address, when string) {
					t.Helper()
					conn, start := listener.DialFrom(netip.MustParseAddrPort(address)), time.Now()
					defer conn.Close()
					_, _ = io.WriteString(conn, "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
					response, err := http.ReadResponse(bufio.NewReader(conn), nil)
					if err != nil || response.StatusCode != http.StatusOK || time.Since(start) > 0 {
						t.Errorf("%s the attack: %v after %v", when, err, time.Since(start))
						return
					}
					_, _ = io.Copy(io.Discard, response.Body)
				}
				const somebody, attacker = "203.0.113.99:1", "203.0.113.7:1"
				served(somebody, "before")

				held := make(chan time.Duration, 2*limit)
				for range 2 * limit {
					hold(listener, attacker, row.begins, held)
				}
				for range limit {
					if took := <-held; took > 0 {
						t.Errorf("beyond the limit: held for %v", took)
					}
				}
				served(somebody, "under")
				time.Sleep(row.longest - time.Second) // of the bubble's clock
				if len(held) > 0 {
					t.Errorf("%d connections were cut too early", len(held))
				}
				served(somebody, "still under")
				for range limit {
					if took := <-held; took < row.longest || took > row.longest+2*time.Second {
						t.Errorf("held for %v, want %v", took, row.longest)
					}
				}
				served(attacker, "after") // the places were given back
				stop()
				if err := <-stopped; err != nil {
					t.Errorf("Serve: %v", err)
				}
			})
		})
	}
}
