package metrics

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/handstamp/handstamp/internal/node"
)

// A Follower is a store that this node hears of changes from.
type Follower struct {
	Store string // "postgres", "redis": a label
	State func() node.State
}

var (
	leaseHolds  = describe("lease_holds", "Whether this node may answer from memory what the store knows: 1 or 0.", "store")
	leaseAge    = describe("lease_age_seconds", "How long ago this node last heard from the store what had changed.", "store")
	leaseLapses = describe("lease_lapses_total", "How often the lease has run out before it was renewed.", "store")
	feedApplied = describe("feed_position", "The position of the last change that this node has applied.", "store")
)

// followers collects how the node does at its stores.
type followers []Follower

// Describe implements [prometheus.Collector].
func (f followers) Describe(into chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{leaseHolds, leaseAge, leaseLapses, feedApplied} {
		into <- d
	}
}

// Collect implements [prometheus.Collector].
func (f followers) Collect(into chan<- prometheus.Metric) {
	for _, one := range f {
		state := one.State()
		gauge := func(d *prometheus.Desc, value float64) {
			into <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, value, one.Store)
		}
		holds := 0.0
		if state.Holds {
			holds = 1
		}
		gauge(leaseHolds, holds)
		if !state.RenewedAt.IsZero() {
			gauge(leaseAge, time.Since(state.RenewedAt).Seconds())
			gauge(feedApplied, float64(state.Position))
		}
		into <- prometheus.MustNewConstMetric(leaseLapses, prometheus.CounterValue, float64(state.Lapses), one.Store)
	}
}
