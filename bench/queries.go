package main

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// queries are what a database was asked.
type queries struct {
	statements float64 // that read or write a table, or the settings of a transaction

	// The transactions. A write is several statements, and may be of many sessions.
	leases, writes, reads float64
}

func (q queries) minus(before queries) queries {
	return queries{q.statements - before.statements, q.leases - before.leases, q.writes - before.writes, q.reads - before.reads}
}

// nodeQueries counts what the store is asked while nodes that know every session are asked about all of them.
func (b *bench) nodeQueries(ctx context.Context, clusters ...*cluster) error {
	t := b.table("Store queries: what the nodes ask PostgreSQL meanwhile",
		fmt.Sprintf("%v at full load on %d sessions. A query is a transaction, whatever it is for: a lease that is renewed, a write (every node notes every\n"+
			"%v that a session is used; writes of one moment are one transaction of several statements), and what is read.",
			b.effort.steady, b.effort.visitors, noteEvery),
		"nodes", "checks/s", "leases/s", "writes/s", "reads/s", "queries per 1,000 checks", "statements")
	worst := 0.0
	for _, c := range clusters {
		before, err := b.servers.queries(c.database)
		if err != nil {
			return err
		}
		began := time.Now()
		n, err := put(c.nodes, b.effort.steady)
		if err := errors.Join(err, ctx.Err()); err != nil {
			return err
		}
		took, checks := time.Since(began).Seconds(), float64(n)
		q, err := b.servers.queries(c.database)
		if err != nil {
			return err
		}
		q = q.minus(before)
		each := 1000 * (q.leases + q.writes + q.reads) / checks
		t.row(fmt.Sprint(len(c.nodes)), whole(checks/took), decimal(q.leases/took), decimal(q.writes/took), decimal(q.reads/took),
			ratio(each), ratio(1000*q.statements/checks))
		worst = max(worst, each)
	}
	if err := t.end(); err != nil {
		return err
	}
	b.target(worst <= maxQueries, "at most %d store query per 1,000 session checks: %s", maxQueries, ratio(worst))
	return nil
}
