//go:build otlp

package main

import (
	"compress/gzip"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// TestTraces: a collector gets the span of a request, with its key, and no secret of the request.
func TestTraces(t *testing.T) {
	type delivery struct{ path, key, body string }
	got := make(chan delivery, 10)
	collector := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body := io.Reader(r.Body)
		if r.Header.Get("Content-Encoding") == "gzip" {
			var err error
			if body, err = gzip.NewReader(r.Body); err != nil {
				t.Error(err)
				return
			}
		}
		text, err := io.ReadAll(body)
		if err != nil {
			t.Error(err)
		}
		got <- delivery{r.URL.Path, r.Header.Get("Api-Key"), string(text)}
	}))
	defer collector.Close()
	running, err := startTraces(t.Context(), traceSettings{
		endpoint: collector.URL, headers: map[string]string{"Api-Key": "a key"},
		routeOf: func(*http.Request) string { return "/users/{id}" },
	})
	if err != nil {
		t.Fatal(err)
	}
	id := ""
	handler := running.wrap(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { id = running.id(r.Context()) }))
	handler.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/users/12?token=s3cret", nil))
	if err := running.stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	d := <-got
	if d.path != "/v1/traces" || d.key != "a key" || len(id) != 32 {
		t.Errorf("delivered to %s with the key %q, trace %q", d.path, d.key, id)
	}
	for _, want := range []string{"GET /users/{id}", "handstamp", "service.version"} {
		if !strings.Contains(d.body, want) {
			t.Errorf("%q was not delivered", want)
		}
	}
	if strings.Contains(d.body, "s3cret") || strings.Contains(d.body, "/users/12") {
		t.Error("a secret was delivered")
	}
}

func TestTraceSettingsThatCannotBe(t *testing.T) {
	if _, err := startTraces(t.Context(), traceSettings{endpoint: "collector:4318"}); !errors.Is(err, errUsage) {
		t.Error(err)
	}
}
