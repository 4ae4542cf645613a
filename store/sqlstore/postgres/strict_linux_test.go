package postgres_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/handstamp/handstamp/internal/node"
	"github.com/handstamp/handstamp/session"
	"github.com/handstamp/handstamp/store/sqlstore"
)

// TestStrict: what starts after the answer of a revoke is refused by the other node, too.
func TestStrict(t *testing.T) {
	address := server.NewSchema(t)
	config := sqlstore.PostgresConfig{Strict: true, Lease: 30 * time.Second}
	a, b := open(t, address, config), open(t, address, config)
	here, there := newManager(t, a.Sessions()), newManager(t, b.Sessions())
	eventually(t, 5*time.Second, "leases", func() bool { return holds(a)() && holds(b)() })
	var took []time.Duration
	for range 30 {
		_, token := begin(t, here, there)
		start := time.Now()
		must(t, here.End(t.Context(), token))
		took = append(took, time.Since(start))
		if !isGone(t, there, token) {
			t.Fatal("the other node accepts what was revoked before it was asked")
		}
	}
	t.Logf("a strict revoke among two nodes: %s", quantiles(took))
}

// TestStrictWaitsForWhoStandsStill, and no longer than it may trust its memory. When it comes back, it does not.
func TestStrictWaitsForWhoStandsStill(t *testing.T) {
	address := server.NewSchema(t)
	const lease = time.Second
	config := sqlstore.PostgresConfig{Strict: true, Lease: lease}
	a := open(t, address, config)
	// The goroutine that renews stands still while this is locked.
	still := make(chan struct{}, 1)
	config.Trace = func(node.Step) { still <- struct{}{}; <-still }
	b := open(t, address, config)
	here, there := newManager(t, a.Sessions()), newManager(t, b.Sessions())
	eventually(t, 5*time.Second, "leases", func() bool { return holds(a)() && holds(b)() })
	_, token := begin(t, here, there)

	still <- struct{}{}
	renewed := b.Node().State().RenewedAt
	eventually(t, 5*time.Second, "the other one stands still", func() bool {
		state := b.Node().State().RenewedAt
		same := state.Equal(renewed) && time.Since(state) > lease/2
		renewed = state
		return same
	})
	before := time.Now()
	must(t, here.End(t.Context(), token))
	answered := time.Now()
	if took := answered.Sub(before); took < lease || took > 3*lease {
		t.Errorf("the revoke took %v, want a little more than the lease of %v", took, lease)
	}
	if holds(b)() {
		t.Error("the other one holds a lease though the revoke was answered")
	}
	// It asks the database, which cannot say anything without a renewal.
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	if _, err := there.Find(ctx, token); err == nil || errors.Is(err, session.ErrGone) {
		t.Errorf("error %v, want one that says that the lease cannot be renewed", err)
	}
	cancel()
	_, second := begin(t, here, here)
	start := time.Now()
	must(t, here.End(t.Context(), second))
	if took := time.Since(start); took > lease {
		t.Errorf("the next revoke took %v, though nobody else is there any more", took)
	}
	<-still
	eventually(t, 5*time.Second, "refused by the one who has come back", func() bool { return isGone(t, there, token) })
	eventually(t, 5*time.Second, "lease", holds(b))
	nodes, err := a.Nodes(t.Context())
	if err != nil || len(nodes) != 2 {
		t.Errorf("nodes %+v, %v; want both again", nodes, err)
	}
}

// TestStrictGivesUpWithItsCaller: the session has ended, and it is not said that nobody accepts it any more.
func TestStrictGivesUpWithItsCaller(t *testing.T) {
	address := server.NewSchema(t)
	s := open(t, address, sqlstore.PostgresConfig{Strict: true})
	execute(t, raw(t, address), `INSERT INTO nodes VALUES ('silent', '', '', 3600000000, 0, 1, 0)`)
	r := newRecord()
	must(t, s.Sessions().Insert(t.Context(), r))
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	if _, err := s.Sessions().End(ctx, session.Selection{Hash: r.Hash}); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("error %v, want that of the context", err)
	}
	if _, err := s.Sessions().Load(t.Context(), r.Hash); !errors.Is(err, session.ErrGone) {
		t.Errorf("error %v, want ErrGone", err)
	}
}
