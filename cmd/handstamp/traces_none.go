//go:build !otlp

package main

import "context"

// startTraces refuses to send traces: what sends them is as large as all the rest, so that only those
// who want it build it in.
func startTraces(_ context.Context, s traceSettings) (traces, error) {
	if s.endpoint != "" {
		return traces{}, usagef("trace-endpoint is set, and this program was built without what sends traces: " +
			"build it with \"go build -tags otlp\", or unset HANDSTAMP_TRACE_ENDPOINT")
	}
	return traces{}, nil
}
