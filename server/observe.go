package server

import (
	"bufio"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"runtime/debug"
	"strings"
	"time"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/internal/clientaddr"
	"github.com/handstamp/handstamp/server/api"
)

// recorder notes what a handler answers.
type recorder struct {
	http.ResponseWriter
	status int // 0 until the answer has begun
	bytes  int64
}

// WriteHeader implements [http.ResponseWriter].
func (w *recorder) WriteHeader(status int) {
	if w.status == 0 && status >= http.StatusOK { // else it is a note before the answer, such as 100 and 103
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

// Hijack implements [http.Hijacker], for whoever answers with another protocol.
func (w *recorder) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, buffered, err := http.NewResponseController(w.ResponseWriter).Hijack()
	if err == nil {
		w.status = http.StatusSwitchingProtocols
	}
	return conn, buffered, err
}

// Unwrap serves [http.ResponseController].
func (w *recorder) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// observe writes a line of the access log for each request, without headers and query, in which
// secrets travel, and turns a panic into one logged 500, or a cut connection when the answer had
// begun. Behind it [handstamp.OriginOf] says where the request comes from.
func (c Config) observe(a *api.API, clients clientaddr.Finder, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start := time.Now()
		answer := &recorder{ResponseWriter: w}
		origin := c.originOf(clients, r)
		if c.Web != nil {
			given := r
			r = given.WithContext(handstamp.WithOrigin(given.Context(), origin))
			defer func() { given.Pattern = r.Pattern }() // for those who stand in front
		}
		defer func() {
			took := time.Since(start)
			if c.Operations != nil && c.Operations.Request != nil {
				c.Operations.Request(r, answer.status, took)
			}
			if !c.Log.Enabled(r.Context(), slog.LevelInfo) {
				return
			}
			attrs := append(make([]slog.Attr, 0, 8),
				slog.String("http.request.method", cut(r.Method)),
				slog.String("url.path", loggedPath(r)),
				slog.Int("http.response.status_code", answer.status),
				slog.Int64("http.response.body.bytes", answer.bytes),
				slog.Duration("event.duration", took), // nanoseconds
			)
			if origin.Address.IsValid() {
				attrs = append(attrs, slog.String("source.ip", origin.Address.String()))
			}
			if origin.Trace != "" {
				attrs = append(attrs, slog.String("trace.id", origin.Trace))
			}
			c.Log.LogAttrs(r.Context(), slog.LevelInfo, "request", attrs...)
		}()
		defer func() {
			if cause := recover(); cause != nil {
				c.answerPanic(a, answer, r, cause)
			}
		}()
		next.ServeHTTP(answer, r)
	})
}

// originOf returns where r comes from. Where a proxy's header cannot be read, that is the proxy, and
// the request is going to be refused.
func (c Config) originOf(clients clientaddr.Finder, r *http.Request) handstamp.Origin {
	client, err := clients.Find(r)
	if err != nil {
		client = clientaddr.Peer(r)
	}
	origin := handstamp.Origin{Address: client, Device: deviceOf(r)}
	if c.Operations != nil && c.Operations.TraceID != nil {
		origin.Trace = c.Operations.TraceID(r)
	}
	return origin
}

// maxDevice is how many bytes of what a client calls itself are kept.
const maxDevice = 200

// deviceOf returns what the client calls itself.
func deviceOf(r *http.Request) string {
	name := r.Header.Get("User-Agent")
	if len(name) > maxDevice {
		name = name[:maxDevice]
	}
	return strings.ToValidUTF8(name, "") // also where a character was cut in two
}

func (c Config) answerPanic(a *api.API, w *recorder, r *http.Request, cause any) {
	if cause == http.ErrAbortHandler {
		panic(cause)
	}
	c.Log.ErrorContext(r.Context(), "panic", "error.message", fmt.Sprint(cause), "http.request.method", cut(r.Method),
		"url.path", loggedPath(r), "error.stack_trace", string(debug.Stack()))
	if w.status != 0 {
		panic(http.ErrAbortHandler)
	}
	header := w.Header()
	header.Del("Set-Cookie") // whatever it was to be, the request has failed
	header.Del("Content-Length")
	if showPanic(a, w, r) {
		return
	}
	header.Set("Content-Type", c.Profile.InternalErrorType)
	w.WriteHeader(http.StatusInternalServerError)
	_, _ = w.Write(c.Profile.InternalError)
}

// showPanic answers with a page where one was asked for, and reports whether it has. What is broken may be the page.
func showPanic(a *api.API, w *recorder, r *http.Request) (shown bool) {
	defer func() {
		if recover() != nil {
			shown = w.status != 0
		}
	}()
	return a.Page != nil && a.Page(w, r, api.Internal)
}

// maxLogged is how many bytes of what a client chose go into a line of the log.
const maxLogged = 512

func cut(s string) string {
	if len(s) > maxLogged {
		return s[:maxLogged] + "…"
	}
	return s
}
