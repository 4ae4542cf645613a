package metrics_test

import (
	"context"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/handstamp/handstamp/internal/guarantee"
	"github.com/handstamp/handstamp/internal/node"
	"github.com/handstamp/handstamp/server/metrics"
)

func TestGuarantees(t *testing.T) {
	m := metrics.New(metrics.Config{Guarantees: func(context.Context) ([]guarantee.Guarantee, error) {
		return []guarantee.Guarantee{{Server: "redis 7.0", Kill: guarantee.Kept, Power: guarantee.Recent, Failover: guarantee.Lost}}, nil
	}})
	answer := httptest.NewRecorder()
	m.Handler().ServeHTTP(answer, httptest.NewRequest("GET", "/metrics", nil))
	for _, labels := range []string{`after="kill",level="kept"`, `after="power",level="recent"`, `after="failover",level="lost"`} {
		if line := `handstamp_store_guarantee{` + labels + `,server="redis 7.0"} 1`; !strings.Contains(answer.Body.String(), "\n"+line) {
			t.Errorf("no line %s", line)
		}
	}
}

func TestLeaseOfANode(t *testing.T) {
	m := metrics.New(metrics.Config{Follows: []metrics.Follower{{Store: "postgres", State: func() node.State {
		return node.State{Position: 42, RenewedAt: time.Now(), Holds: true, Lapses: 3}
	}}}})
	answer := httptest.NewRecorder()
	m.Handler().ServeHTTP(answer, httptest.NewRequest("GET", "/metrics", nil))
	for _, line := range []string{
		`handstamp_lease_holds{store="postgres"} 1`,
		`handstamp_lease_lapses_total{store="postgres"} 3`,
		`handstamp_feed_position{store="postgres"} 42`,
		`handstamp_lease_age_seconds{store="postgres"} `,
	} {
		if !strings.Contains(answer.Body.String(), "\n"+line) {
			t.Errorf("no line %s", line)
		}
	}
}
