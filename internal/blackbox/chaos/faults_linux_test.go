package chaos_test

import (
	"errors"
	"syscall"
	"time"

	"github.com/handstamp/handstamp/internal/netns"
)

// A fault is something that breaks, and is repaired again.
type fault struct {
	name string
	// cause breaks it, and returns what repairs it.
	cause func(s *scene) (repair func() error, err error)
	// blinds says which nodes do not reach the store from when cause has returned until repair is called.
	blinds func(s *scene) []int
	// least is for how many leases it lasts, at least.
	least float64
}

// long is for how many leases something lasts that is to last for more than one.
const long = 1.5

// nodeFaults are those of lines and nodes. Each picks its victim anew: see scene.pick.
var nodeFaults = []fault{
	{
		name:  "a node is killed, and started again",
		cause: func(s *scene) (func() error, error) { return s.victim.restart, s.victim.kill() },
	},
	{
		name:  "a node stands still",
		least: long,
		cause: func(s *scene) (func() error, error) {
			return func() error { return s.victim.signal(syscall.SIGCONT) }, s.victim.signal(syscall.SIGSTOP)
		},
	},
	{
		name: "no client reaches a node",
		cause: func(s *scene) (func() error, error) {
			victim := s.victim.host
			return func() error { return s.network.Join(victim, s.network.Self) }, s.network.Cut(victim, s.network.Self)
		},
	},
	{
		name: "what a node sends is late",
		cause: func(s *scene) (func() error, error) {
			victim, by := s.victim.host, time.Duration(s.random.Int64N(int64(lease)/2))
			return func() error { return victim.Delay(0) }, victim.Delay(by)
		},
	},
}

// cutFaults are the ways in which a node loses the store.
var cutFaults = []fault{
	cutOff("a node is cut off from the store, silently", long, cut{silently, join}),
	cutOff("a line to the store hangs for a moment", 0, cut{silently, join}),
	cutOff("a node does not hear the store", long, cut{func(s *scene, n *netns.Host) error { return each(s, n, s.isUnheard) }, join}),
	cutOff("the store does not hear a node", long, cut{func(s *scene, n *netns.Host) error { return each(s, n, s.hearsNot) }, join}),
	cutOff("a node's lines to the store are reset", long, cut{
		func(s *scene, n *netns.Host) error { return s.network.Reset(n, s.store.hosts()...) },
		func(s *scene, n *netns.Host) error { return s.network.EndResets(n) },
	}),
	{
		name:   "all nodes are cut off from the store, silently",
		least:  long,
		blinds: everyNode,
		cause: func(s *scene) (func() error, error) {
			return func() error { return s.all(join) }, s.all(silently)
		},
	},
}

// A cut is how a host loses the store, and how that is undone.
type cut struct {
	cut, undo func(*scene, *netns.Host) error
}

func silently(s *scene, n *netns.Host) error { return s.network.Cut(n, s.store.hosts()...) }

func join(s *scene, n *netns.Host) error { return s.network.Join(n, s.store.hosts()...) }

func (s *scene) isUnheard(n, kept *netns.Host) error { return s.network.Blackhole(kept, n) }

func (s *scene) hearsNot(n, kept *netns.Host) error { return s.network.Blackhole(n, kept) }

// each does something with a host and each one of the store.
func each(s *scene, n *netns.Host, do func(n, kept *netns.Host) error) error {
	var errs []error
	for _, kept := range s.store.hosts() {
		errs = append(errs, do(n, kept))
	}
	return errors.Join(errs...)
}

func cutOff(name string, least float64, how cut) fault {
	return fault{
		name:   name,
		least:  least,
		blinds: func(s *scene) []int { return []int{s.victim.index} },
		cause: func(s *scene) (func() error, error) {
			victim := s.victim.host
			return func() error { return how.undo(s, victim) }, how.cut(s, victim)
		},
	}
}

func everyNode(s *scene) (all []int) {
	for _, n := range s.nodes {
		all = append(all, n.index)
	}
	return all
}

// all does something with every node.
func (s *scene) all(do func(*scene, *netns.Host) error) error {
	var errs []error
	for _, n := range s.nodes {
		errs = append(errs, do(s, n.host))
	}
	return errors.Join(errs...)
}

// restart starts the node again after it was killed.
func (n *node) restart() error {
	n.launch()
	return nil
}
