package metrics

import (
	"net/http"
	"strings"
	"sync/atomic"

	"github.com/prometheus/client_golang/prometheus"
)

// other stands for everything that has no label of its own.
const other = "other"

// slash is how a pattern with a final slash ends that stands for no path below it.
const slash = "/{$}"

// routes finds the counters of a request.
type routes struct {
	mux     *http.ServeMux
	byRoute map[string]*counters // by pattern: all that there will ever be
}

// counters are those of one route. They are looked up by their labels once, as looking them up
// takes longer than counting.
type counters struct {
	route    string
	duration prometheus.Observer
	requests [len(methods)][len(classes)]atomic.Pointer[prometheus.Counter]
}

func newRoutes(patterns []string, duration *prometheus.HistogramVec) *routes {
	t := &routes{http.NewServeMux(), make(map[string]*counters)}
	countersOf := func(route string) *counters {
		return &counters{route: route, duration: duration.WithLabelValues(route)}
	}
	t.byRoute[""] = countersOf(other)
	for _, pattern := range patterns {
		same := []string{pattern}
		if !strings.HasSuffix(pattern, "/") && !strings.HasSuffix(pattern, "{$}") && !strings.HasSuffix(pattern, "...}") {
			same = append(same, pattern+slash) // which makes no difference
		}
		c := countersOf(pattern)
		for _, pattern := range same {
			t.mux.Handle(pattern, http.NotFoundHandler()) // never called
			t.byRoute[pattern] = c
		}
	}
	return t
}

// of returns the counters for a request. The mux is asked, and nothing is trusted that the handlers
// leave in the request: those that refuse it before it gets to a route leave nothing.
func (t *routes) of(r *http.Request) *counters {
	// What is asked for most often needs no mux.
	if c := t.byRoute[r.URL.Path]; c != nil && r.URL.RawPath == "" {
		return c
	}
	_, pattern := t.mux.Handler(r) // empty for none
	return t.byRoute[pattern]
}

// methods are those that have a label of their own (RFC 9110, RFC 5789).
var methods = [...]string{
	http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions, other,
}

// methodOf returns the place of a method in methods.
func methodOf(method string) int {
	for i, known := range methods {
		if method == known {
			return i
		}
	}
	return len(methods) - 1
}

// classes are the first digits of a status, as they are usually written. A request that got no answer,
// because its client has left or its handler has panicked, has the class "none".
var classes = [...]string{"none", "1xx", "2xx", "3xx", "4xx", "5xx"}

// classOf returns the place of a status in classes.
func classOf(status int) int {
	if class := status / 100; class > 0 && class < len(classes) {
		return class
	}
	return 0
}
