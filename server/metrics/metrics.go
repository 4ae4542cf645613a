// Package metrics counts what the server does and shows it in the text format of Prometheus.
//
//	m := metrics.New(metrics.Config{Routes: routes, Version: version, Sessions: store.Sessions().Count, …})
//	m.Request(r, status, took)          // for each request, when it is answered
//	m.Count(metrics.Login, "success")   // for each event
//	mux.Handle("GET /metrics", m.Handler())
//
// No label carries what a stranger has chosen: paths are counted by the patterns that are routes, methods by
// the table of RFC 9110, and whatever is left as "other". So the number of series has a bound, and
// nobody can fill the memory of the server or of Prometheus, or write into either.
//
// The names of users, addresses and sessions are in no label either: /metrics says how many, never who.
package metrics

import (
	"context"
	"net/http"
	"runtime"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/handstamp/handstamp/internal/guarantee"
	"github.com/handstamp/handstamp/session"
)

// Config says what there is to show. What is nil is not shown.
type Config struct {
	// Routes are the patterns of [http.ServeMux] under which requests are counted, without methods.
	Routes []string

	Version string // of the program

	// Sessions returns how many sessions are kept. It is asked once in 15 seconds at most, and
	// has a second.
	Sessions func(ctx context.Context) (int, error)

	// Cache returns how the cache of sessions does; Hashes how the passwords that are being
	// hashed. Both are asked for each scrape.
	Cache  func() session.CacheStats
	Hashes func() HashStats

	// Follows are the stores that others write to at the same time.
	Follows []Follower

	// Guarantees returns what the servers of the stores promise. It is asked for each scrape, and has a second.
	Guarantees func(ctx context.Context) ([]guarantee.Guarantee, error)
	// Outbox returns how the deliveries of events do. It is asked for each scrape, and has a second.
	Outbox func(ctx context.Context) ([]OutboxStats, error)
}

// HashStats says how the passwords that are being hashed do.
type HashStats struct {
	Running, Waiting int
	Refused          uint64 // since the start: there were too many, or it took too long
}

// Metrics are the counters of a server. They are safe for concurrent use.
type Metrics struct {
	registry *prometheus.Registry
	routes   *routes
	requests *prometheus.CounterVec
	duration *prometheus.HistogramVec
	events   *events
}

const namespace = "handstamp"

// buckets are seconds: a session check takes less than a millisecond, a login as long as a hash and
// its place in the queue.
var buckets = []float64{.0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10}

// New returns Metrics that have counted nothing yet. It panics if one of the Routes is no pattern.
func New(c Config) *Metrics {
	m := &Metrics{
		registry: prometheus.NewPedanticRegistry(),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Namespace: namespace, Name: "http_requests_total", Help: "Requests answered, by route, method and class of the status.",
		}, []string{"route", "method", "status"}),
		duration: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Namespace: namespace, Name: "http_request_duration_seconds", Help: "How long requests took, by route.", Buckets: buckets,
		}, []string{"route"}),
		events: newEvents(),
	}
	m.routes = newRoutes(c.Routes, m.duration)
	build := prometheus.NewGaugeVec(prometheus.GaugeOpts{
		Namespace: namespace, Name: "build_info", Help: "Always 1; the labels say which program this is.",
	}, []string{"version", "go"})
	build.WithLabelValues(c.Version, runtime.Version()).Set(1)
	m.registry.MustRegister(m.requests, m.duration, build, newState(c), followers(c.Follows),
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	m.registry.MustRegister(m.events.collectors()...)
	if c.Guarantees != nil {
		m.registry.MustRegister(guarantees{c.Guarantees})
	}
	if c.Outbox != nil {
		m.registry.MustRegister(deliveries{c.Outbox})
	}
	return m
}

// Request counts a request that was answered, with its status and the time that took. It does not
// look at anything of r but method and path, and does not allocate.
func (m *Metrics) Request(r *http.Request, status int, took time.Duration) {
	counters := m.routes.of(r)
	counters.duration.Observe(took.Seconds())
	method, class := methodOf(r.Method), classOf(status)
	place := &counters.requests[method][class]
	counter := place.Load()
	if counter == nil {
		first := m.requests.WithLabelValues(counters.route, methods[method], classes[class])
		counter = &first // the same one for whoever comes at the same time
		place.Store(counter)
	}
	(*counter).Inc()
}

// Route returns what r is counted under: one of the Routes, or "other".
func (m *Metrics) Route(r *http.Request) string { return m.routes.of(r).route }

const (
	scrapeTimeout = 5 * time.Second
	maxScrapes    = 4 // at once
)

// Handler returns what Prometheus reads: plain text, not compressed, as compressing costs more
// here than sending. The 5th scrape at once, and one that takes longer than 5 seconds, get 503.
func (m *Metrics) Handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{
		DisableCompression:  true,
		ErrorHandling:       promhttp.ContinueOnError,
		MaxRequestsInFlight: maxScrapes,
		Timeout:             scrapeTimeout,
	})
}
