package server

import (
	"context"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"github.com/handstamp/handstamp/internal/clientaddr"
	"github.com/handstamp/handstamp/server/pages"
)

// The paths for those who run the server.
const (
	livePath    = "/healthz"
	readyPath   = "/readyz"
	metricsPath = "/metrics"
)

// Operations is what those see who run the server. What is nil is not there.
type Operations struct {
	Live, Ready, Metrics http.Handler

	// Request is told of each request that was answered, by its route.
	Request func(r *http.Request, status int, took time.Duration)

	// Node returns what administrators are told about this process.
	Node func(ctx context.Context) pages.Node

	// TraceID returns the trace to which a request belongs, or "".
	TraceID func(r *http.Request) string
}

// A Part says which of two listeners a handler is for.
type Part int

// The parts of a server.
const (
	Whole      Part = iota // there is one listener; metrics answer this machine only
	ForPublic              // without operations; administrators are like everybody else here
	ForOperate             // for those who run it, everything
)

// probes are the paths that are answered under whatever host.
func (c Config) probes() []string {
	return []string{c.Prefix + livePath, c.Prefix + readyPath, c.Prefix + metricsPath}
}

// operate puts the operations of c in front of next.
func (c Config) operate(clients clientaddr.Finder, next http.Handler) http.Handler {
	o := c.Operations
	if o == nil || c.Part == ForPublic {
		return next
	}
	handlers := make(map[string]http.Handler)
	add := func(path string, h http.Handler) {
		if h != nil {
			handlers[c.Prefix+path] = h
		}
	}
	add(livePath, o.Live)
	add(readyPath, o.Ready)
	add(metricsPath, o.Metrics)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := handlers[r.URL.Path]
		isRead := r.Method == http.MethodGet || r.Method == http.MethodHead
		if h == nil || !isRead || r.URL.RawPath != "" || r.URL.Path == c.Prefix+metricsPath && !c.showsMetrics(clients, r) {
			next.ServeHTTP(w, r)
			return
		}
		r.Pattern = r.URL.Path
		h.ServeHTTP(w, r)
	})
}

// showsMetrics reports whether r may see the metrics: on the listener for operations everybody, else who is on
// this machine, calls it by its own name, and did not come through a proxy. A proxy on this machine that says
// nothing of its clients looks like one of them, but for the host that they have asked for.
func (c Config) showsMetrics(clients clientaddr.Finder, r *http.Request) bool {
	if c.Part == ForOperate {
		return true
	}
	client, err := clients.Find(r)
	return err == nil && client.IsLoopback() && isOwnName((&url.URL{Host: r.Host}).Hostname()) && !isForwarded(r.Header)
}

// isOwnName reports whether host is how a machine calls itself.
func isOwnName(host string) bool {
	address, err := netip.ParseAddr(host)
	return err == nil && address.Unmap().IsLoopback() || strings.EqualFold(host, "localhost")
}

// isForwarded reports whether a proxy has left a trace in the header of a request.
func isForwarded(header http.Header) bool {
	for name := range header {
		switch {
		case strings.HasPrefix(name, "X-Forwarded-"), name == "Forwarded", name == "X-Real-Ip", name == "Via":
			return true
		}
	}
	return false
}
