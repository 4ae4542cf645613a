package metrics

import (
	"context"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

const (
	countEvery   = 15 * time.Second // as often as Prometheus usually comes
	countTimeout = time.Second
)

// state collects what is not counted but looked up when somebody asks.
type state struct {
	config Config

	mu      sync.Mutex
	counted time.Time // when the sessions were last counted, or could not be
	n       int
	known   bool
}

var (
	sessionsKept = describe("sessions", "Sessions that are kept. Those that have reached a limit are among them for a minute or so.")
	cacheLookups = describe("session_cache_lookups_total", "Session checks, by whether the cache could answer.", "result")
	cacheEntries = describe("session_cache_entries", "Sessions in the cache.")
	hashRunning  = describe("password_hashes_running", "Passwords that are being hashed.")
	hashWaiting  = describe("password_hashes_waiting", "Passwords that wait to be hashed.")
	hashRefused  = describe("password_hashes_refused_total", "Passwords that were not hashed, because too many waited or it took too long.")
)

func describe(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc(prometheus.BuildFQName(namespace, "", name), help, labels, nil)
}

func newState(c Config) *state { return &state{config: c} }

// Describe implements [prometheus.Collector].
func (s *state) Describe(into chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{sessionsKept, cacheLookups, cacheEntries, hashRunning, hashWaiting, hashRefused} {
		into <- d
	}
}

// Collect implements [prometheus.Collector].
func (s *state) Collect(into chan<- prometheus.Metric) {
	gauge := func(d *prometheus.Desc, value int) {
		into <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, float64(value))
	}
	counter := func(d *prometheus.Desc, value uint64, labels ...string) {
		into <- prometheus.MustNewConstMetric(d, prometheus.CounterValue, float64(value), labels...)
	}
	if n, known := s.sessions(); known {
		gauge(sessionsKept, n)
	}
	if s.config.Cache != nil {
		c := s.config.Cache()
		counter(cacheLookups, c.Hits, "hit")
		counter(cacheLookups, c.Misses, "miss")
		gauge(cacheEntries, c.Entries)
	}
	if s.config.Hashes != nil {
		h := s.config.Hashes()
		gauge(hashRunning, h.Running)
		gauge(hashWaiting, h.Waiting)
		counter(hashRefused, h.Refused)
	}
}

// sessions returns how many sessions there are, if that is known. A store that fails is left alone
// for as long as one that answers: a gauge that is missing says enough.
func (s *state) sessions() (n int, known bool) {
	if s.config.Sessions == nil {
		return 0, false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.counted.IsZero() || time.Since(s.counted) >= countEvery {
		ctx, cancel := context.WithTimeout(context.Background(), countTimeout)
		defer cancel()
		n, err := s.config.Sessions(ctx)
		s.n, s.known, s.counted = n, err == nil, time.Now()
	}
	return s.n, s.known
}
