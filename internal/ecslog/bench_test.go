package ecslog_test

import (
	"io"
	"log/slog"
	"testing"
	"time"

	"github.com/handstamp/handstamp/internal/ecslog"
)

// BenchmarkLine is a line of the access log, beside what the standard library makes of it.
func BenchmarkLine(b *testing.B) {
	for name, handler := range map[string]slog.Handler{
		"ecs":           ecslog.New(io.Discard, ecslog.JSON, slog.LevelInfo),
		"ecs-text":      ecslog.New(io.Discard, ecslog.Text, slog.LevelInfo),
		"standard":      slog.NewJSONHandler(io.Discard, nil),
		"standard-text": slog.NewTextHandler(io.Discard, nil),
	} {
		b.Run(name, func(b *testing.B) {
			log := slog.New(handler)
			b.ReportAllocs()
			for b.Loop() {
				log.LogAttrs(b.Context(), slog.LevelInfo, "request",
					slog.String("http.request.method", "GET"),
					slog.String("url.path", "/api/v1/users/me"),
					slog.Int("http.response.status_code", 200),
					slog.Duration("event.duration", 1234*time.Microsecond),
					slog.String("source.ip", "192.0.2.7"),
				)
			}
		})
	}
}
