package main

import (
	"context"
	"errors"
	"fmt"
)

// What several nodes aim at.
const (
	several    = 3
	maxDearer  = 1.05 // times what a check costs at a node alone
	maxQueries = 1    // of the store, for 1,000 checks
)

// nodes compares several nodes on one database with one that is alone: what a check costs them, and what they ask the
// database meanwhile.
func (b *bench) nodes(ctx context.Context) (err error) {
	var clusters []*cluster
	defer func() {
		for _, c := range clusters {
			err = errors.Join(err, c.close())
		}
	}()
	for _, size := range []int{several, 1, 1, 1} {
		c, err := b.startCluster(ctx, size)
		clusters = append(clusters, c)
		if err != nil {
			return err
		}
	}
	if err := b.nodeCost(ctx, clusters[0], clusters[1:]); err != nil {
		return err
	}
	return b.nodeQueries(ctx, clusters[1], clusters[0])
}

// nodeCost measures the CPU time that a check takes.
func (b *bench) nodeCost(ctx context.Context, shared *cluster, alone []*cluster) error {
	var apart []*node
	for _, c := range alone {
		apart = append(apart, c.nodes...)
	}
	one := &clusterLoad{name: "one node", nodes: apart[:1]}
	inTurn := &clusterLoad{name: "three nodes, one busy at a time", nodes: shared.nodes}
	unrelated := &clusterLoad{name: "three nodes that share nothing, all busy", nodes: apart, atOnce: true}
	busy := &clusterLoad{name: "three nodes, all busy", nodes: shared.nodes, atOnce: true}
	loads := []*clusterLoad{one, inTurn, unrelated, busy}
	const turns = 5 // in a round: what else the machine does comes and goes, and CPU time is counted in hundredths of a second
	for round := range b.effort.rounds + 1 {
		for turn := range turns {
			for i := range loads {
				first := turn % len(loads) // not always the same
				err := loads[(first+i)%len(loads)].put(2 * b.effort.turn / turns)
				if err := errors.Join(err, ctx.Err()); err != nil {
					return err
				}
			}
		}
		for _, l := range loads {
			l.endRound(round == 0)
		}
	}
	t := b.table("Nodes: GET /users/me by cookie, at nodes that share a PostgreSQL",
		fmt.Sprintf("%d sessions, each asked about at every node, on %d connections to each node that stay open and are never idle. The CPU time is that\n"+
			"of all the nodes, without the load generator and PostgreSQL, which share the processors. Where more is busy than there are processors,\n"+
			"each node costs more; nodes that have nothing to do with each other, each on a database of its own, show how much of that is theirs.",
			b.effort.visitors, clients),
		"nodes", "checks/s", "CPU ms per 1,000 checks", "of one node", "of those that share nothing")
	for _, l := range loads {
		related := ""
		if l == busy {
			related = l.costs.over(unrelated.costs).show(ratio)
		}
		t.row(l.name, l.rates.show(whole), l.costs.show(decimal), l.costs.over(one.costs).show(ratio), related)
	}
	if err := t.end(); err != nil {
		return err
	}
	own, all := inTurn.costs.over(one.costs).median(), busy.costs.over(unrelated.costs).median()
	b.target(own <= maxDearer, "a check at one of %d nodes at most %s of what it costs at one that is alone: %s", several, ratio(maxDearer), ratio(own))
	b.target(all <= maxDearer, "with all %d busy at most %s of what it costs nodes that share nothing: %s", several, ratio(maxDearer), ratio(all))
	return nil
}
