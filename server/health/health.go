// Package health says whether the server lives, and whether it can serve.
//
//	checks := health.New(
//		health.Check{Name: "store", Do: store.Ready},
//		health.Check{Name: "hashing", Do: engine.Ready},
//	)
//	mux.Handle("GET /healthz", checks.Live())
//	mux.Handle("GET /readyz", checks.Ready())
//	…
//	checks.Drain() // before the listener closes, so that balancers send nothing more
//
// Being alive only means that requests are answered: who restarts a server because its database is
// down makes matters worse. Being ready means that a login would work; who is not ready should
// get no requests until that has passed.
//
// Strangers may ask both as often as they like. The checks run at most once in a second, one at a
// time, and the answer names those that fail and nothing else: why they do is for the log.
package health

import (
	"context"
	"encoding/json"
	"net/http"
	"sync/atomic"
	"time"
)

// A Check is something that the server cannot serve without. Do gives up when its context is done,
// after a second. One that does not counts as failing for as long as it takes, and is not called
// again meanwhile.
type Check struct {
	Name string // seen by everybody
	Do   func(ctx context.Context) error
}

const (
	checkTimeout = time.Second
	keepResult   = time.Second
)

// Health are the checks of a server. It is safe for concurrent use.
type Health struct {
	// Report is told when a check fails that did not before, and with a nil error when that has
	// passed. Set it before the first request. It may be nil.
	Report func(ctx context.Context, check string, err error)

	checks   []*watched
	busy     chan struct{} // holds one element while somebody checks
	last     atomic.Pointer[result]
	draining atomic.Bool
}

// A result is what the checks found; it never changes.
type result struct {
	at     time.Time
	failed []string
}

// New returns the Health of a server that needs all of checks.
func New(checks ...Check) *Health {
	h := &Health{busy: make(chan struct{}, 1)}
	for _, c := range checks {
		h.checks = append(h.checks, &watched{Check: c})
	}
	return h
}

// Drain makes Ready answer 503 from now on, whatever the checks say.
func (h *Health) Drain() { h.draining.Store(true) }

// Live answers 200 as long as anything answers.
func (h *Health) Live() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		header(w, "text/plain; charset=utf-8")
		_, _ = w.Write([]byte("ok\n"))
	})
}

// An answer is the body of /readyz.
type answer struct {
	Status string   `json:"status"` // ready, unavailable or stopping
	Failed []string `json:"failed,omitempty"`
}

// Ready answers 200 when every check passes, and else 503 with the names of those that do not.
func (h *Health) Ready() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		header(w, "application/json")
		a := answer{Status: "stopping"}
		if !h.draining.Load() {
			a.Failed = h.Failed(r.Context())
			a.Status = "unavailable"
		}
		if a.Status == "unavailable" && len(a.Failed) == 0 && r.Context().Err() == nil {
			a.Status = "ready"
		} else {
			w.Header().Set("Retry-After", "1")
			w.WriteHeader(http.StatusServiceUnavailable)
		}
		_ = json.NewEncoder(w).Encode(a)
	})
}

func header(w http.ResponseWriter, contentType string) {
	w.Header().Set("Content-Type", contentType)
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Content-Type-Options", "nosniff")
}

// Failed returns the names of the checks that fail: those of the last second, or new ones. It returns
// nothing when ctx is done first.
func (h *Health) Failed(ctx context.Context) []string {
	if r := h.last.Load(); r.isFresh() {
		return r.failed
	}
	select {
	case h.busy <- struct{}{}:
		defer func() { <-h.busy }()
	case <-ctx.Done():
		return nil
	}
	if r := h.last.Load(); r.isFresh() { // of whom we have waited for
		return r.failed
	}
	// The one who asked may leave; the others wait for the same result.
	r := h.run(context.WithoutCancel(ctx))
	h.last.Store(r)
	return r.failed
}

func (r *result) isFresh() bool { return r != nil && time.Since(r.at) < keepResult }

// run makes all checks at once.
func (h *Health) run(ctx context.Context) *result {
	ctx, cancel := context.WithTimeout(ctx, checkTimeout)
	defer cancel()
	results := make([]<-chan error, len(h.checks))
	for i, c := range h.checks {
		results[i] = c.start(ctx)
	}
	r := &result{}
	for i, c := range h.checks {
		err := c.await(ctx, results[i])
		if err != nil {
			r.failed = append(r.failed, c.Name)
		}
		if failing := err != nil; failing != c.failing {
			c.failing = failing
			if h.Report != nil {
				h.Report(ctx, c.Name, err)
			}
		}
	}
	r.at = time.Now()
	return r
}
