//go:build !otlp

package main

import (
	"errors"
	"net/http"
	"strings"
	"testing"
)

// TestTracesAreRefused where they cannot be sent, instead of being lost in silence.
func TestTracesAreRefused(t *testing.T) {
	_, err := startTraces(t.Context(), traceSettings{
		endpoint: "http://127.0.0.1:4318", headers: map[string]string{"key": "value"},
		routeOf: func(*http.Request) string { return "" },
		trusted: func(*http.Request) bool { return false },
		report:  func(error) {},
	})
	if !errors.Is(err, errUsage) || !strings.Contains(err.Error(), "-tags otlp") {
		t.Errorf("error %v, want one that says how to get them", err)
	}
	got, err := startTraces(t.Context(), traceSettings{})
	if err != nil || got.wrap != nil || got.id != nil || got.stop != nil {
		t.Errorf("without an endpoint: %+v, %v; want nothing", got, err)
	}
}
