package operator

import (
	"context"
	"errors"

	"github.com/handstamp/handstamp/internal/guarantee"
	"github.com/handstamp/handstamp/internal/node"
)

// A Cluster tells of the nodes that share a store.
type Cluster interface {
	// Nodes returns the nodes as the store knows them.
	Nodes(ctx context.Context) ([]node.Peer, error)

	// Guarantees returns what the servers of the stores promise as they are configured.
	Guarantees(ctx context.Context) ([]guarantee.Guarantee, error)
}

// ErrNoNodes means that what is kept here is this process's alone.
var ErrNoNodes = errors.New("there are no other nodes: the store is this process's alone")

// Nodes implements [Operator].
func (l *Local) Nodes(ctx context.Context) ([]node.Peer, error) {
	if l.Peers == nil {
		return nil, ErrNoNodes
	}
	return l.Peers(ctx)
}

// Guarantees implements [Operator].
func (l *Local) Guarantees(ctx context.Context) ([]guarantee.Guarantee, error) {
	if l.Promised == nil {
		return nil, ErrNoNodes
	}
	return l.Promised(ctx)
}

const (
	callNodes      = "/nodes"
	callGuarantees = "/guarantees"
)

// Guarantees implements [Operator].
func (c *Client) Guarantees(ctx context.Context) ([]guarantee.Guarantee, error) {
	return call[nothing, []guarantee.Guarantee](ctx, c, callGuarantees, nothing{})
}

// Nodes implements [Operator].
func (c *Client) Nodes(ctx context.Context) ([]node.Peer, error) {
	return call[nothing, []node.Peer](ctx, c, callNodes, nothing{})
}
