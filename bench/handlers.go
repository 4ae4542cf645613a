package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"path/filepath"
	"testing"
)

// handlers compares the same servers without the network: what is left is what they do
// themselves.
func (b *bench) handlers(ctx context.Context) (err error) {
	if err := b.setBenchTime(); err != nil {
		return err
	}
	names := []string{bareServer, guardServer, quietServer}
	handlers := make([]http.Handler, len(names))
	for i, name := range names {
		folder := filepath.Join(b.folder, fmt.Sprintf("handler%d", i))
		if err := makeSample(ctx, folder); err != nil {
			return err
		}
		var closeHandler func() error
		if handlers[i], closeHandler, err = handlerOf(ctx, name, folder); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, closeHandler()) }()
	}
	results, times := make([]testing.BenchmarkResult, len(names)), make([]series, len(names))
	for range b.effort.rounds {
		for i, handler := range handlers {
			if results[i], err = benchmarkHandler(ctx, handler); err != nil {
				return fmt.Errorf("%s: %w", names[i], err)
			}
			times[i] = append(times[i], nanoseconds(results[i]))
		}
	}

	t := b.table("Handlers: GET /users/me by cookie, without the network",
		"In this process, on one goroutine; the answer is thrown away.",
		"handler", "ns/op", "B/op", "allocs/op")
	for i, name := range names {
		t.row(name, times[i].show(whole), fmt.Sprint(results[i].AllocedBytesPerOp()), fmt.Sprint(results[i].AllocsPerOp()))
	}
	return t.end()
}

func benchmarkHandler(ctx context.Context, handler http.Handler) (testing.BenchmarkResult, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, mePath, nil)
	if err != nil {
		return testing.BenchmarkResult{}, err
	}
	r.Header.Set("Cookie", cookieName+"="+string(sampleToken))
	answer := discard{header: make(http.Header)}
	result := testing.Benchmark(func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			r.Body = http.NoBody // handlers may wrap it
			clear(answer.header)
			answer.status = http.StatusOK
			handler.ServeHTTP(&answer, r)
		}
	})
	if answer.status != http.StatusOK {
		return result, fmt.Errorf("the answer is %d", answer.status)
	}
	return result, nil
}

// discard is an [http.ResponseWriter] that keeps the status only.
type discard struct {
	header http.Header
	status int
}

func (w *discard) Header() http.Header         { return w.header }
func (w *discard) WriteHeader(status int)      { w.status = status }
func (w *discard) Write(p []byte) (int, error) { return len(p), nil }
