package server

import (
	"log/slog"
	"net/http"
	"runtime/debug"
	"time"
)

// recorder notes what a handler answers.
type recorder struct {
	http.ResponseWriter
	status int // 0 until the answer has begun
	bytes  int64
}

// WriteHeader implements [http.ResponseWriter].
func (w *recorder) WriteHeader(status int) {
	if w.status == 0 {
		w.status = status
	}
	w.ResponseWriter.WriteHeader(status)
}

// Write implements [http.ResponseWriter].
func (w *recorder) Write(p []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	n, err := w.ResponseWriter.Write(p)
	w.bytes += int64(n)
	return n, err
}

// Unwrap serves [http.ResponseController].
func (w *recorder) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// observe writes a line of the access log for each request, without headers and query, in which
// secrets travel, and turns a panic into one logged 500, or a cut connection when the answer had
// begun.
func observe(p Profile, log *slog.Logger, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start := time.Now()
		answer := &recorder{ResponseWriter: w}
		defer func() {
			log.LogAttrs(r.Context(), slog.LevelInfo, "request",
				slog.String("method", r.Method),
				slog.String("path", cut(r.URL.Path)),
				slog.Int("status", answer.status),
				slog.Int64("bytes", answer.bytes),
				slog.Duration("took", time.Since(start)),
				slog.String("client", r.RemoteAddr),
			)
		}()
		defer func() {
			if cause := recover(); cause != nil {
				answerPanic(p, log, answer, r, cause)
			}
		}()
		next.ServeHTTP(answer, r)
	})
}

func answerPanic(p Profile, log *slog.Logger, w *recorder, r *http.Request, cause any) {
	if cause == http.ErrAbortHandler {
		panic(cause)
	}
	log.ErrorContext(r.Context(), "panic", "cause", cause, "method", r.Method,
		"path", cut(r.URL.Path), "stack", string(debug.Stack()))
	if w.status != 0 {
		panic(http.ErrAbortHandler)
	}
	header := w.Header()
	header.Del("Set-Cookie") // whatever it was to be, the request has failed
	header.Del("Content-Length")
	header.Set("Content-Type", p.InternalErrorType)
	w.WriteHeader(http.StatusInternalServerError)
	_, _ = w.Write(p.InternalError)
}

// maxLogged is how many bytes of what a client chose go into a line of the log.
const maxLogged = 512

func cut(s string) string {
	if len(s) > maxLogged {
		return s[:maxLogged] + "…"
	}
	return s
}
