package node

import "github.com/handstamp/handstamp/session"

// endings remember which sessions have ended of late, so that a store which has lost some of that
// can be told again. The zero endings remember none.
type endings struct {
	ring []session.Hash
	next int // what is overwritten next, once the ring is full
}

// maxEndings is how many are remembered: more than end in the time that a store may lose at a failover.
const maxEndings = 1 << 13

func (e *endings) add(changes []session.Change) {
	for _, c := range changes {
		if c.Hash == (session.Hash{}) || c.Lives {
			continue
		}
		if len(e.ring) < maxEndings {
			e.ring = append(e.ring, c.Hash)
			continue
		}
		e.ring[e.next] = c.Hash
		e.next = (e.next + 1) % maxEndings
	}
}

func (e *endings) hashes() []session.Hash { return e.ring }
