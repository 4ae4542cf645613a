package tracing_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	sdk "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"github.com/handstamp/handstamp/server/tracing"
)

const (
	parentTrace = "4bf92f3577b34da6a3ce929d0e0e4736"
	traceparent = "00-" + parentTrace + "-00f067aa0ba902b7-01"
)

// record answers a request through a traced handler and returns its span.
func record(t *testing.T, trusted bool, r *http.Request, next http.HandlerFunc) sdk.ReadOnlySpan {
	t.Helper()
	recorder := tracetest.NewSpanRecorder()
	provider := sdk.NewTracerProvider(sdk.WithSpanProcessor(recorder))
	handler := tracing.Wrap(tracing.Config{
		Provider: provider,
		RouteOf:  func(*http.Request) string { return "/users/{id}" },
		Trusted:  func(*http.Request) bool { return trusted },
	})(next)
	handler.ServeHTTP(httptest.NewRecorder(), r)
	spans := recorder.Ended()
	if len(spans) != 1 {
		t.Fatalf("%d spans", len(spans))
	}
	return spans[0]
}

func TestSpan(t *testing.T) {
	id := ""
	span := record(t, false, httptest.NewRequest("DELETE", "/users/12", nil), func(w http.ResponseWriter, r *http.Request) {
		id = tracing.ID(r.Context())
		w.WriteHeader(http.StatusServiceUnavailable)
	})
	if span.Name() != "DELETE /users/{id}" || len(id) != 32 || span.SpanContext().TraceID().String() != id {
		t.Errorf("%s, trace %q", span.Name(), id)
	}
	text := fmt.Sprint(span.Attributes())
	for _, want := range []string{"http.response.status_code", "503", "http.route"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in %s", want, text)
		}
	}
	if tracing.ID(t.Context()) != "" {
		t.Error("a trace without a span")
	}
}

// TestHandlerSeesTheRequest as it came: what is hidden from the traces is hidden from nobody else.
func TestHandlerSeesTheRequest(t *testing.T) {
	r := httptest.NewRequest("POST", "/users/12?q=1", strings.NewReader("body"))
	r.Header.Set("Cookie", "a=b")
	record(t, false, r, func(_ http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if r.URL.String() != "/users/12?q=1" || r.Header.Get("Cookie") != "a=b" || string(body) != "body" || err != nil {
			t.Errorf("%s %v %q %v", r.URL, r.Header, body, err)
		}
	})
}

// TestNoSecretsInSpans: nothing that a client chose is in a span, wherever it put it.
func TestNoSecretsInSpans(t *testing.T) {
	r := httptest.NewRequest("POST", "http://s3cret.example/users/s3cret?password=s3cret#s3cret", strings.NewReader("s3cret"))
	r.Method = "S3CRET"
	r.RemoteAddr = "198.51.100.7:4711"
	for _, name := range []string{
		"Cookie", "Authorization", "User-Agent", "X-Forwarded-For", "Forwarded", "Referer", "Tracestate", "Baggage", "Content-Type",
	} {
		r.Header.Set(name, "s3cret=s3cret")
	}
	r.Header.Set("Traceparent", traceparent)
	span := record(t, false, r, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Set-Cookie", "a=s3cret")
		_, _ = io.WriteString(w, "s3cret")
	})
	text := strings.ToLower(fmt.Sprintf("%s %v %v %+v %v %v", span.Name(), span.Attributes(), span.Events(), span.Links(),
		span.Status(), span.Resource()))
	for _, secret := range []string{"s3cret", "198.51.100.7", "4711"} {
		if strings.Contains(text, secret) {
			t.Errorf("%q is in %s", secret, text)
		}
	}
}

// TestWhoseTrace: a proxy of ours is joined, a stranger only linked to, and rubbish is neither.
func TestWhoseTrace(t *testing.T) {
	nothing := func(http.ResponseWriter, *http.Request) {}
	for name, c := range map[string]struct {
		trusted bool
		headers []string
		joined  bool
		links   int
	}{
		"trusted":  {true, []string{traceparent}, true, 0},
		"stranger": {false, []string{traceparent}, false, 1},
		"rubbish":  {true, []string{"00-zz"}, false, 0},
		"two":      {true, []string{traceparent, traceparent}, false, 0},
		"none":     {true, nil, false, 0},
	} {
		t.Run(name, func(t *testing.T) {
			r := httptest.NewRequest("GET", "/", nil)
			r.Header["Traceparent"] = c.headers
			span := record(t, c.trusted, r, nothing)
			if joined := span.SpanContext().TraceID().String() == parentTrace; joined != c.joined || len(span.Links()) != c.links {
				t.Errorf("joined %v, links %v", joined, span.Links())
			}
		})
	}
}
