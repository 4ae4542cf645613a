package metrics

import (
	"context"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/handstamp/handstamp/internal/guarantee"
)

var storeGuarantee = describe("store_guarantee", "Always 1; the labels say what becomes of what a server of the stores has acknowledged: "+
	"kept, recent (the last seconds may be lost), lost, or unknown.", "server", "after", "level")

// guarantees collects what the servers of the stores promise, as they are configured now.
type guarantees struct {
	ask func(ctx context.Context) ([]guarantee.Guarantee, error)
}

// Describe implements [prometheus.Collector].
func (g guarantees) Describe(into chan<- *prometheus.Desc) { into <- storeGuarantee }

// Collect implements [prometheus.Collector]. Of a server that does not answer nothing is shown.
func (g guarantees) Collect(into chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), countTimeout)
	defer cancel()
	all, err := g.ask(ctx)
	if err != nil {
		return
	}
	for _, one := range all {
		for after, level := range map[string]guarantee.Level{"kill": one.Kill, "power": one.Power, "failover": one.Failover} {
			into <- prometheus.MustNewConstMetric(storeGuarantee, prometheus.GaugeValue, 1, one.Server, after, string(level))
		}
	}
}
