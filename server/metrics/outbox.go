package metrics

import (
	"context"

	"github.com/prometheus/client_golang/prometheus"
)

// OutboxStats says how the deliveries to one destination do.
type OutboxStats struct {
	Destination string
	Pending     int64  // that were not delivered yet
	Dead        int64  // that were given up
	Delivered   uint64 // by this process, since it was started
}

var (
	outboxPending   = describe("outbox_pending", "Entries of the audit log that a destination of events has not got yet, by destination.", "destination")
	outboxDead      = describe("outbox_dead", "Events that were given up, and wait for an operator, by destination.", "destination")
	outboxDelivered = describe("outbox_delivered_total", "Events that this process has delivered, by destination.", "destination")
)

// deliveries collects how the deliveries of events do.
type deliveries struct {
	stats func(ctx context.Context) ([]OutboxStats, error)
}

// Describe implements [prometheus.Collector].
func (deliveries) Describe(into chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{outboxPending, outboxDead, outboxDelivered} {
		into <- d
	}
}

// Collect implements [prometheus.Collector]. What cannot be read is missing, and says enough.
func (d deliveries) Collect(into chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), countTimeout)
	defer cancel()
	all, err := d.stats(ctx)
	if err != nil {
		return
	}
	for _, s := range all {
		into <- prometheus.MustNewConstMetric(outboxPending, prometheus.GaugeValue, float64(s.Pending), s.Destination)
		into <- prometheus.MustNewConstMetric(outboxDead, prometheus.GaugeValue, float64(s.Dead), s.Destination)
		into <- prometheus.MustNewConstMetric(outboxDelivered, prometheus.CounterValue, float64(s.Delivered), s.Destination)
	}
}
