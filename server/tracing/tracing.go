// Package tracing makes one span of each request, for OpenTelemetry.
//
//	trace := tracing.Wrap(tracing.Config{Provider: provider, RouteOf: metrics.Route, Trusted: isOurProxy})
//	handler = trace(handler)   // outside of everything that logs
//	slog.String("trace.id", tracing.ID(ctx))
//
// A server without a place for its traces wraps nothing and pays nothing.
//
// A span says which route was asked for, by which method, and what the answer was. It has no query, no
// header, no path and no address, as passwords, tokens and people travel in them: whoever may see
// traces is seldom who may see those. That does not rest on a list of what to leave out. The
// instrumentation is shown a request that has nothing else.
package tracing

import (
	"context"
	"net/http"
	"net/url"
	"slices"

	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
	"go.opentelemetry.io/otel/metric/noop"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"
)

// Config says what to trace.
type Config struct {
	// Provider takes the spans.
	Provider trace.TracerProvider

	// RouteOf returns the name of a request's route, from a table that strangers do not write.
	RouteOf func(*http.Request) string

	// Trusted reports whether a request comes from somebody whose trace the span may join (W3C
	// Trace Context, section 6.2). Everybody else's traceparent becomes a link, so that no stranger
	// decides what is recorded. When nil, nobody is trusted.
	Trusted func(*http.Request) bool
}

// hidden is where the request as it came waits while the instrumentation sees another one.
type hidden struct{}

// Wrap returns the middleware that makes the spans.
func Wrap(c Config) func(http.Handler) http.Handler {
	instrument := otelhttp.NewMiddleware("request",
		otelhttp.WithTracerProvider(c.Provider),
		otelhttp.WithMeterProvider(noop.NewMeterProvider()), // figures are package metrics' business
		otelhttp.WithPropagators(propagation.TraceContext{}),
		otelhttp.WithSpanNameFormatter(func(_ string, r *http.Request) string { return r.Method + " " + r.Pattern }),
		otelhttp.WithServerName("handstamp"),
		otelhttp.WithPublicEndpointFn(func(r *http.Request) bool {
			return !c.trusts(r.Context().Value(hidden{}).(*http.Request))
		}),
	)
	return func(next http.Handler) http.Handler {
		spanned := instrument(http.HandlerFunc(func(w http.ResponseWriter, shown *http.Request) {
			ctx := shown.Context()
			next.ServeHTTP(w, ctx.Value(hidden{}).(*http.Request).WithContext(ctx))
		}))
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			spanned.ServeHTTP(w, c.show(r))
		})
	}
}

func (c Config) trusts(r *http.Request) bool { return c.Trusted != nil && c.Trusted(r) }

// show returns what the instrumentation may know of a request.
func (c Config) show(r *http.Request) *http.Request {
	shown := &http.Request{
		Method: "_OTHER", // as the semantic conventions call it
		URL:    new(url.URL), Pattern: c.RouteOf(r),
		Proto: r.Proto, ProtoMajor: r.ProtoMajor, ProtoMinor: r.ProtoMinor,
		Header: make(http.Header), Body: http.NoBody,
	}
	if slices.Contains(methods, r.Method) {
		shown.Method = r.Method
	}
	take := func(name string) {
		if values := r.Header[name]; len(values) == 1 { // two are none
			shown.Header[name] = values
		}
	}
	take("Traceparent")
	if c.trusts(r) {
		take("Tracestate") // of any text
	}
	return shown.WithContext(context.WithValue(r.Context(), hidden{}, r))
}

// methods are those of RFC 9110 and RFC 5789. Others may be any text.
var methods = []string{
	http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete,
	http.MethodOptions, http.MethodConnect, http.MethodTrace,
}

// ID returns the ID of the trace that ctx belongs to, in hexadecimal, or "" for none. It is what the
// Elastic Common Schema calls trace.id.
func ID(ctx context.Context) string {
	if span := trace.SpanContextFromContext(ctx); span.HasTraceID() {
		return span.TraceID().String()
	}
	return ""
}
