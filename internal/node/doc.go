// Package node makes a process one of many that answer from memory what a common store knows.
//
// A [Node] asks its store again and again, four times per lease and whenever it is woken: it notes the time,
// writes down at the store that it lives and what it has applied, and reads, in the same step, what has changed since. When
// that is applied, what it holds in memory may be trusted until the noted time and one lease. So a change that was
// acknowledged is known to every node a lease later, or the node knows that it does not know.
//
// Four rules carry this, and a model checks that none can be left out (docs/proof): the time is noted before the store is asked,
// the store is written to, changes are applied before the lease is extended, and what a node cannot
// follow without a gap makes it forget everything first.
//
// Being woken only makes it fast. Nothing rests on it.
package node
