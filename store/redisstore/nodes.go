package redisstore

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/handstamp/handstamp/internal/node"
)

// A peer is a node, as it has written itself down.
type peer struct {
	node.Peer
	written string
}

// Nodes returns the nodes that share this Redis, this one among them, by their names. One that was killed is among them
// for a while.
func (s *Store) Nodes(ctx context.Context) ([]node.Peer, error) {
	_, peers, err := s.peers(ctx)
	if err != nil {
		return nil, fmt.Errorf("list nodes: %w", err)
	}
	nodes := make([]node.Peer, len(peers))
	for i, p := range peers {
		p.Own, p.Age = p.ID == s.node.ID(), -1
		nodes[i] = p.Peer
	}
	slices.SortFunc(nodes, func(a, b node.Peer) int { return strings.Compare(a.Name+a.ID, b.Name+b.ID) })
	return nodes, nil
}

func (s *Store) peers(ctx context.Context) (incarnation string, peers []peer, err error) {
	answer, err := s.run(ctx, nodesScript)
	if err != nil {
		return "", nil, err
	}
	said := &reply{values: answer}
	incarnation = said.text()
	rows := said.array()
	for len(rows.values) > 1 && rows.err == nil {
		p, r := peer{Peer: node.Peer{ID: rows.text()}, written: rows.text()}, row{}
		if err := json.Unmarshal([]byte(p.written), &r); err != nil {
			return "", nil, fmt.Errorf("row of a node: %w", err)
		}
		p.Name, p.Lease, p.Applied = r.Name, r.Lease, r.Applied
		peers = append(peers, p)
	}
	return incarnation, peers, errors.Join(said.err, rows.err)
}

// errFailedOver means that Redis was restarted, or another one has taken its place, while a revoke waited: nobody can say
// whether it is still there. To revoke again is right.
var errFailedOver = errors.New("another Redis has taken over meanwhile")

// Between two looks at what the nodes have applied.
const (
	firstLook = time.Millisecond
	lastLook  = 25 * time.Millisecond
)

// leaseMargin is the part of a lease for which is waited beyond it, as no two clocks run equally fast: one in fifty.
const leaseMargin = 50

// await returns when every other node has applied the change at a position, or has no lease any more that it had
// before: as many seconds after the change as its lease is long, by the clock of this process. It does so for strict revokes only.
func (s *Store) await(ctx context.Context, at position) error {
	if !s.config.Strict || at.position == 0 {
		return nil
	}
	since := time.Now() // the change has happened before
	first := make(map[string]string)
	for pause := firstLook; ; pause = min(2*pause, lastLook) {
		incarnation, peers, err := s.peers(ctx)
		if err != nil {
			return fmt.Errorf("wait for the other nodes: %w", err)
		}
		if incarnation != at.incarnation {
			return fmt.Errorf("wait for the other nodes: %w", errFailedOver)
		}
		waited := time.Since(since)
		peers = slices.DeleteFunc(peers, func(p peer) bool {
			return p.ID == s.node.ID() || p.Applied >= at.position
		})
		var silent []peer
		for _, p := range peers {
			if _, seen := first[p.ID]; !seen {
				first[p.ID] = p.written
			}
			if waited > p.Lease+p.Lease/leaseMargin && first[p.ID] == p.written {
				silent = append(silent, p)
			}
		}
		over := !slices.ContainsFunc(peers, func(p peer) bool { return waited <= p.Lease+p.Lease/leaseMargin })
		if over {
			_ = s.forget(ctx, silent) // it is about those who wait next, and they would do it, too
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("wait for the other nodes: %w", ctx.Err())
		case <-time.After(pause):
		}
	}
}

// forget removes nodes that have written nothing since.
func (s *Store) forget(ctx context.Context, silent []peer) error {
	if len(silent) == 0 {
		return nil
	}
	var args []string
	for _, p := range silent {
		args = append(args, p.ID, p.written)
	}
	if _, err := s.run(ctx, forgetScript, args...); err != nil {
		return fmt.Errorf("forget nodes: %w", err)
	}
	return nil
}

// silentMap is what nodes had written when that was first seen, by the clock of this process.
type silentMap map[string]struct {
	written string
	since   time.Time
}

// forgetSilent removes the nodes that update picks.
func (s *Store) forgetSilent(ctx context.Context, update func([]peer) []peer) error {
	_, peers, err := s.peers(ctx)
	if err != nil {
		return err
	}
	return s.forget(ctx, update(peers))
}

// update takes a look at the nodes, and returns those that were silent for many leases.
func (m *silentMap) update(peers []peer) []peer {
	next := make(silentMap)
	var silent []peer
	for _, p := range peers {
		known := (*m)[p.ID]
		if known.written != p.written {
			known.written, known.since = p.written, time.Now()
		}
		next[p.ID] = known
		if time.Since(known.since) > 10*p.Lease {
			silent = append(silent, p)
		}
	}
	*m = next
	return silent
}
