package main

import (
	"context"
	"net/http"
)

// traceSettings say where traces go and what they may say.
type traceSettings struct {
	endpoint string            // URL of an OTLP collector; empty for no traces
	headers  map[string]string // for the collector

	routeOf func(*http.Request) string
	trusted func(*http.Request) bool // may its trace be joined?
	report  func(error)              // is told when traces cannot be delivered
}

// traces are what a server needs to be traced. The zero traces are none and cost nothing.
type traces struct {
	wrap func(http.Handler) http.Handler  // nil for none
	id   func(ctx context.Context) string // of the trace, for the log; nil for none
	stop func(ctx context.Context) error  // delivers what waits; nil for none
}
