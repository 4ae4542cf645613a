package metrics_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/handstamp/handstamp/server/metrics"
)

// TestOutbox: what waits for each destination; and nothing where it cannot be read.
func TestOutbox(t *testing.T) {
	var broken error
	m := metrics.New(metrics.Config{Outbox: func(context.Context) ([]metrics.OutboxStats, error) {
		return []metrics.OutboxStats{{"webhook", 7, 2, 40}, {"nats", 0, 0, 0}}, broken
	}})
	want(t, scrape(t, m),
		`handstamp_outbox_pending{destination="webhook"} 7`,
		`handstamp_outbox_dead{destination="webhook"} 2`,
		`handstamp_outbox_delivered_total{destination="webhook"} 40`,
		`handstamp_outbox_pending{destination="nats"} 0`,
	)
	broken = errors.New("no database")
	if text := scrape(t, m); strings.Contains(text, "outbox") {
		t.Errorf("with a broken store:\n%s", text)
	}
}
