package node

import "time"

// A Peer is a node as its store knows it.
type Peer struct {
	ID      string        `json:"id"`
	Name    string        `json:"name"`
	Version string        `json:"version"` // of its program
	Own     bool          `json:"own"`     // it is the one that was asked
	Applied int64         `json:"applied"` // the position up to which it has written down changes as applied; less than zero for none
	Behind  int64         `json:"behind"`  // how many positions that is behind the last change
	Age     time.Duration `json:"age"`     // since it last renewed its lease, by the store's clock; less than zero where the store does not know
	Lease   time.Duration `json:"lease"`
}

// Lapsed reports whether the peer answers nothing from memory any more, and asks the store if it can.
func (p Peer) Lapsed() bool { return p.Age > p.Lease }
