//go:build otlp

package main

import (
	"context"
	"net/url"
	"strings"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/sdk/resource"
	"go.opentelemetry.io/otel/sdk/trace"

	"github.com/handstamp/handstamp/server/tracing"
)

// startTraces sends traces to the endpoint, in the background and in batches. What does not get there
// in time is dropped; no request waits for it.
func startTraces(ctx context.Context, s traceSettings) (traces, error) {
	if s.endpoint == "" {
		return traces{}, nil
	}
	endpoint, err := url.Parse(s.endpoint)
	if err != nil || endpoint.Host == "" {
		return traces{}, usagef("trace-endpoint: %q is not the URL of a collector", s.endpoint)
	}
	if strings.Trim(endpoint.Path, "/") == "" {
		endpoint.Path = "/v1/traces" // where OTLP over HTTP puts them
	}
	exporter, err := otlptracehttp.New(ctx, otlptracehttp.WithEndpointURL(endpoint.String()), otlptracehttp.WithHeaders(s.headers))
	if err != nil {
		return traces{}, usagef("trace-endpoint: %w", err)
	}
	if s.report != nil {
		otel.SetErrorHandler(otel.ErrorHandlerFunc(s.report))
	}
	// How many are taken is OTEL_TRACES_SAMPLER's business, which the SDK reads; all, without it.
	provider := trace.NewTracerProvider(trace.WithBatcher(exporter), trace.WithResource(resource.NewSchemaless(
		attribute.String("service.name", "handstamp"),
		attribute.String("service.version", versionName()),
	)))
	return traces{
		wrap: tracing.Wrap(tracing.Config{Provider: provider, RouteOf: s.routeOf, Trusted: s.trusted}),
		id:   tracing.ID,
		stop: provider.Shutdown,
	}, nil
}
