package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/handstamp/handstamp/internal/guarantee"
	"github.com/handstamp/handstamp/internal/node"
	"github.com/handstamp/handstamp/server/operator"
)

// aboutCluster is what findings about several nodes are about.
const aboutCluster = "cluster"

// examineCluster asks the server that runs on a folder for all nodes of its store.
func examineCluster(ctx context.Context, folder dataFolder) findings {
	ctx, cancel := context.WithTimeout(ctx, answerTime)
	defer cancel()
	server := operator.NewClient(folder.socket())
	peers, err := server.Nodes(ctx)
	var promised []guarantee.Guarantee
	if err == nil {
		promised, err = server.Guarantees(ctx)
	}
	var found findings
	switch {
	case errors.Is(err, operator.ErrNoNodes):
		found.ok(aboutCluster, "this server has its store for itself, so there are no other nodes")
	case errors.Is(err, operator.ErrConnection):
		found.broken(aboutCluster, "no server runs on "+string(folder), "run this where a node runs, with its data folder")
	case err != nil:
		found.broken(aboutCluster, err.Error(), "")
	default:
		found = append(judgeGuarantees(promised), judgeCluster(peers)...)
	}
	return found
}

// judgeGuarantees says what the servers of the stores promise, and what stands in the way of more.
func judgeGuarantees(promised []guarantee.Guarantee) findings {
	var found findings
	for _, g := range promised {
		found.ok(aboutCluster, "what %s has acknowledged is, after it was killed, %s; after a power cut, %s; after a failover, %s",
			g.Server, g.Kill, g.Power, g.Failover)
		for _, f := range g.Findings {
			about := g.Server + ": " + f.Text
			if f.Grave {
				found.weak(aboutCluster, about, "")
			} else {
				found.ok(aboutCluster, "%s", about)
			}
		}
	}
	return found
}

// manyBehind is how many changes a node whose lease holds is behind at most, unless something is wrong with it: it reads all there is
// four times per lease.
const manyBehind = 1000

// judgeCluster says what is wrong with the nodes of a store.
func judgeCluster(peers []node.Peer) findings {
	var found findings
	versions, leases := map[string]bool{}, map[time.Duration]bool{}
	for _, p := range peers {
		versions[p.Version], leases[p.Lease] = true, true
		name := fmt.Sprintf("%s (%s)", p.Name, p.Version)
		switch {
		case p.Age < 0:
			found.ok(aboutCluster, "%s is there, and may answer from memory for %s", name, p.Lease)
		case p.Lapsed():
			found.weak(aboutCluster, fmt.Sprintf("%s was last heard of %s ago: it has stopped without a word, or cannot reach the store",
				name, p.Age.Round(time.Millisecond)), "look at that machine; revokes wait for nobody whose lease has run out")
		case p.Behind > manyBehind:
			found.weak(aboutCluster, fmt.Sprintf("%s is %d changes behind", name, p.Behind), "look at its processor and its way to the store")
		default:
			found.ok(aboutCluster, "%s was heard of %s ago, and may answer from memory for %s", name, p.Age.Round(time.Millisecond), p.Lease)
		}
	}
	if len(leases) > 1 {
		found.weak(aboutCluster, "not all nodes have the same lease; the longest one is how long a revoke may take",
			"set HANDSTAMP_LEASE to the same time everywhere")
	}
	if len(versions) > 1 {
		found.ok(aboutCluster, "%d versions run side by side, as in an upgrade", len(versions))
	}
	return found
}
