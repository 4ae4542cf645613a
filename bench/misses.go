package main

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/session"
)

// lookers is how many look sessions up at once, where there is more than one.
const lookers = 64

// misses measures what it costs to look up a session that the cache does not have, by where sessions are kept.
func (b *bench) misses(ctx context.Context) (err error) {
	open, err := b.openPlaces(ctx, true)
	defer func() { err = errors.Join(err, open.close()) }()
	if err != nil {
		return err
	}
	tokens, seen := make([][]session.Token, len(open.all)), make([]looks, len(open.all))
	for i, here := range open.all {
		if tokens[i], err = beginMany(ctx, here, b.effort.misses); err != nil {
			return err
		}
	}
	for round := range b.effort.rounds + 1 {
		for i, here := range open.all {
			if err := seen[i].look(ctx, here.nodes[0], tokens[i]); err != nil {
				return fmt.Errorf("%s: %w", here.name, err)
			}
		}
		if round == 0 { // the warm-up
			clear(seen)
		}
	}
	t := b.table("Misses: a check of a session that is in no cache, by store",
		fmt.Sprintf("In this process, %d sessions in a round, each for the first time, and then again and again. One after the other; then %d at once, for the first time. PostgreSQL and\n"+
			"Redis run on this machine, and what is remote is \"handstamp serve\" on SQLite on this machine: the way through a network comes on top.", b.effort.misses, lookers),
		"store", "miss p50 µs", "miss p99 µs", fmt.Sprintf("misses/s, %d at once", lookers), "hit ns")
	for i, here := range open.all {
		s := seen[i]
		t.row(here.name, s.p50.show(decimal), s.p99.show(decimal), s.rates.show(whole), s.hits.show(whole))
	}
	return t.end()
}

// beginMany begins sessions at the first node of a place.
func beginMany(ctx context.Context, here place, n int) ([]session.Token, error) {
	sessions := session.New(here.nodes[0])
	defer sessions.Close()
	tokens := make([]session.Token, n)
	var next atomic.Int64
	_, err := together(ctx, lookers, times(n), func(int) (err error) {
		i := next.Add(1) - 1
		_, tokens[i], err = sessions.Begin(ctx, handstamp.Identity{UserID: handstamp.NewID(), Role: "member"})
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("begin %d sessions in %s: %w", n, here.name, err)
	}
	return tokens, nil
}

// looks are what looking sessions up in one place has taken, by round.
type looks struct{ p50, p99, rates, hits series }

// look looks all sessions up, by Managers that have seen none of them yet.
func (l *looks) look(ctx context.Context, store session.Store, tokens []session.Token) error {
	sessions := session.New(store)
	defer sessions.Close()
	find := func(token session.Token) error {
		_, err := sessions.Find(ctx, token)
		return err
	}
	took := make([]time.Duration, len(tokens))
	for i, token := range tokens {
		before := time.Now()
		if err := find(token); err != nil {
			return err
		}
		took[i] = time.Since(before)
	}
	l.p50, l.p99 = append(l.p50, percentile(took, 0.5)), append(l.p99, percentile(took, 0.99))
	const passes = 20 // as a hit takes so little
	before := time.Now()
	for range passes {
		for _, token := range tokens {
			if err := find(token); err != nil {
				return err
			}
		}
	}
	l.hits = append(l.hits, float64(time.Since(before).Nanoseconds())/float64(passes*len(tokens)))

	others := session.New(store)
	defer others.Close()
	var next atomic.Int64
	rate, err := together(ctx, lookers, times(len(tokens)), func(int) error {
		_, err := others.Find(ctx, tokens[next.Add(1)-1])
		return err
	})
	l.rates = append(l.rates, rate)
	return err
}
