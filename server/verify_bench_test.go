package server_test

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/internal/ecslog"
	"github.com/handstamp/handstamp/server"
)

// A sink is an answer that nobody reads.
type sink struct{ header http.Header }

func (s *sink) Header() http.Header         { return s.header }
func (s *sink) Write(p []byte) (int, error) { return len(p), nil }
func (s *sink) WriteHeader(int)             {}

// BenchmarkVerify asks as a proxy does, with a cookie and with a bearer token, with the access log and without.
func BenchmarkVerify(b *testing.B) {
	logs := map[string]slog.Handler{"quiet": slog.DiscardHandler, "logged": ecslog.New(io.Discard, ecslog.JSON, slog.LevelInfo)}
	for _, log := range []string{"quiet", "logged"} {
		s := newSite(b, "memory", forwarding(), func(c *server.Config) {
			c.Log = slog.New(logs[log])
			c.Forward.Upstream = func(context.Context, handstamp.Identity, string) (string, error) {
				return strings.Repeat("x", 380), nil
			}
		})
		_, bearer, err := s.tokens.Begin(b.Context(), handstamp.Identity{UserID: s.bob.ID, Role: "user"})
		if err != nil {
			b.Fatal(err)
		}
		for name, credential := range map[string][2]string{
			"cookie": {"Cookie", s.asBob().cookie}, "bearer": {"Authorization", "Bearer " + string(bearer)},
		} {
			b.Run(log+"/"+name, func(b *testing.B) {
				r := httptest.NewRequest(http.MethodGet, "/verify", http.NoBody)
				for header, value := range map[string]string{
					"X-Original-Method": "GET", "X-Original-Host": "app.example.com", "X-Original-Uri": "/orders?page=2",
					"X-Original-Proto": "https", "X-Forwarded-For": "203.0.113.7", "Accept": "text/html", "User-Agent": "Mozilla/5.0 (X11; Linux x86_64)",
					credential[0]: credential[1],
				} {
					r.Header.Set(header, value)
				}
				w := &sink{make(http.Header, 16)}
				b.ReportAllocs()
				for b.Loop() {
					clear(w.header)
					s.handler.ServeHTTP(w, r)
				}
				if w.header.Get("X-Auth-User") == "" {
					b.Fatal("refused")
				}
			})
		}
	}
}
