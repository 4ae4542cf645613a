package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/session"
)

// maxUntilRefused is how long a session may be accepted elsewhere after it was revoked, where nothing is broken (p99).
const maxUntilRefused = 50 * time.Millisecond

// revokes measures how long a node accepts a session that another one revokes, where nothing is broken.
func (b *bench) revokes(ctx context.Context) (err error) {
	open, err := b.openPlaces(ctx, false)
	defer func() { err = errors.Join(err, open.close()) }()
	if err != nil {
		return err
	}
	seen := make([]revocations, len(open.all))
	for i, here := range open.all {
		seen[i].here, seen[i].there = session.New(here.nodes[0]), session.New(here.nodes[1])
		defer func() {
			seen[i].here.Close()
			seen[i].there.Close()
		}()
	}
	for n := range b.effort.revokes {
		for i, here := range open.all {
			if err := seen[i].revoke(ctx); err != nil {
				return fmt.Errorf("%s: %w", here.name, err)
			}
		}
		if n == 0 { // the warm-up
			for i := range seen {
				seen[i].answered, seen[i].refused = nil, nil
			}
		}
	}
	t := b.table("Revokes: until a session is refused at another node, by store",
		fmt.Sprintf("%d sessions, each in the memory of the node that is asked about it all the time; the other one revokes it (revocation = bounded).\n"+
			"Times in ms from the call that revokes.", b.effort.revokes),
		"store", "revoke answered p50", "p99", "refused elsewhere p50", "p99", "max")
	ms := func(all []time.Duration, q float64) string { return fixed(percentile(all, q)/1000, 2) }
	worst := 0.0
	for i, here := range open.all {
		s := &seen[i]
		t.row(here.name, ms(s.answered, 0.5), ms(s.answered, 0.99), ms(s.refused, 0.5), ms(s.refused, 0.99), ms(s.refused, 1))
		worst = max(worst, percentile(s.refused, 0.99)/1000)
	}
	if err := t.end(); err != nil {
		return err
	}
	b.target(worst <= float64(maxUntilRefused.Milliseconds()), "refused at another node within %v (p99): %s ms", maxUntilRefused, decimal(worst))
	return nil
}

// revocations are what revoking at one of two nodes has taken.
type revocations struct {
	here, there       *session.Manager
	answered, refused []time.Duration // since the call
}

// revoke begins a session, has the other node remember it, ends it, and waits until the other node refuses it.
func (r *revocations) revoke(ctx context.Context) error {
	_, token, err := r.here.Begin(ctx, handstamp.Identity{UserID: handstamp.NewID(), Role: "member"})
	if err != nil {
		return err
	}
	if _, err := r.there.Find(ctx, token); err != nil {
		return err
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	refused := make(chan error, 1)
	var at time.Time
	go func() {
		var err error
		for err == nil && ctx.Err() == nil {
			if _, err = r.there.Find(ctx, token); err == nil {
				time.Sleep(50 * time.Microsecond) // the processors are for the nodes
			}
		}
		at = time.Now()
		refused <- err
	}()
	began := time.Now()
	endErr := r.here.End(ctx, token)
	answered := time.Now()
	if endErr != nil {
		return endErr
	}
	if err := <-refused; !errors.Is(err, session.ErrGone) {
		return fmt.Errorf("at the other node: %w", err)
	}
	r.answered, r.refused = append(r.answered, answered.Sub(began)), append(r.refused, at.Sub(began))
	return nil
}
