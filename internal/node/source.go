package node

import (
	"context"
	"time"

	"github.com/handstamp/handstamp/session"
)

// A Source is a store as one of its nodes sees it. Methods are called by one goroutine at a time, and give up when
// their context is done.
type Source interface {
	// Renew writes down r, and returns what is new for the node. In the order of all that is done to the store, it is one step
	// with every revoke: either the revoke is among the changes, or it finds the node written down.
	// It is a write, so that a store which another has taken the place of fails it.
	Renew(ctx context.Context, r Renewal) (News, error)

	// Reassert ends the sessions with these hashes as far as they are there.
	Reassert(ctx context.Context, ended []session.Hash) error

	// Release forgets the node, which answers nothing from memory any more.
	Release(ctx context.Context, node string) error
}

// A Renewal is what a node writes down.
type Renewal struct {
	Node  string        // random, and another one in each process
	Name  string        // for people
	Lease time.Duration // how long the node may answer from memory, from the time it asked
	After int64         // every change up to this position is applied; less than zero for a node that holds nothing

	// Incarnation is the one that After is of. Another one writes down that nothing is applied: its positions mean something else.
	Incarnation string
}

// News is what a node learns by a Renewal.
type News struct {
	Incarnation string           // of the store: another one may not have had all that the one before acknowledged
	Head        int64            // the position of the last change; it only rises, as long as the incarnation is the same
	Changes     []session.Change // behind After, in their order, up to Head
	Gap         bool             // some changes behind After are not known any more

	// Good is how long the node may answer from memory at most, where that is less than it asked for: a source that
	// has its knowledge from a store itself cannot vouch for longer. Less than zero is not at all; zero sets no limit.
	Good time.Duration
}
