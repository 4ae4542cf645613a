package sqlstore

import (
	"context"
	"fmt"
	"time"

	"github.com/handstamp/handstamp/internal/node"
)

// Nodes returns the processes that are written down in the database as answering from memory: those that are there, and those
// that ended lately without saying so. It is empty for a database that one process owns.
func (s *Store) Nodes(ctx context.Context) ([]node.Peer, error) {
	if s.shared == nil {
		return nil, nil
	}
	var nodes []node.Peer
	err := s.reads.query(ctx, func(r row) error {
		var n node.Peer
		var lease, age int64
		err := r.Scan(&n.ID, &n.Name, &n.Version, &lease, &n.Applied, &n.Behind, &age)
		n.Own = n.ID == s.shared.node.ID()
		n.Lease, n.Age = time.Duration(lease)*time.Microsecond, time.Duration(age)*time.Microsecond
		nodes = append(nodes, n)
		return err
	}, `SELECT node, name, version, lease, applied, (SELECT position FROM feed_head) - GREATEST(applied, 0), `+databaseTime+` - renewed_at
		FROM nodes ORDER BY name, node`)
	if err != nil {
		return nil, fmt.Errorf("read nodes: %w", err)
	}
	return nodes, nil
}
