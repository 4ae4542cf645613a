package netns

import (
	"fmt"
	"os/exec"
	"sync/atomic"
)

// A Network is a bridge with hosts on it, all in 10.9.N.0/24. Its methods may be called by several goroutines as long as they are about
// different pairs of hosts.
type Network struct {
	Self *Host // the test itself, 10.9.N.1

	number int64
	hosts  atomic.Int64
}

// A Host is one host of a [Network]. Its addresses never change.
type Host struct {
	Name string
	Addr string // an IPv4 address

	device    string // of its link, in its namespace
	port      string // of the bridge, where that link ends
	namespace string // empty: the one that the test is in
	delay     *delay
}

var networks atomic.Int64

// New makes a network with nobody else on it.
func New() (*Network, error) {
	n := &Network{number: networks.Add(1)}
	n.hosts.Store(1)
	n.Self = &Host{Name: "self", Addr: n.addr(1), device: fmt.Sprintf("lan%d", n.number)}
	for _, command := range [][]string{
		{"link", "add", n.Self.device, "type", "bridge"},
		{"addr", "add", n.Self.Addr + "/24", "dev", n.Self.device},
		{"link", "set", n.Self.device, "up"},
	} {
		if err := ip(command...); err != nil {
			return nil, fmt.Errorf("make a network: %w", err)
		}
	}
	return n, nil
}

func (n *Network) addr(host int64) string { return fmt.Sprintf("10.9.%d.%d", n.number, host) }

// Host adds a host with the next address: the first is .2, and nobody gets one from .200 on.
func (n *Network) Host(name string) (*Host, error) {
	number := n.hosts.Add(1)
	h := &Host{Name: name, Addr: n.addr(number), device: "eth0", namespace: fmt.Sprintf("host%d.%d", n.number, number)}
	h.port = fmt.Sprintf("lan%d.%d", n.number, number)
	for _, command := range [][]string{
		{"netns", "add", h.namespace},
		{"link", "add", h.port, "type", "veth", "peer", "name", h.device, "netns", h.namespace},
		{"link", "set", h.port, "master", n.Self.device, "up"},
		{"-n", h.namespace, "addr", "add", h.Addr + "/24", "dev", h.device},
		{"-n", h.namespace, "link", "set", h.device, "up"},
		{"-n", h.namespace, "link", "set", "lo", "up"},
	} {
		if err := ip(command...); err != nil {
			return nil, fmt.Errorf("add the host %s: %w", name, err)
		}
	}
	return h, nil
}

// Command returns a command that runs on the host: its process is the program itself, with nothing in between.
func (h *Host) Command(program string, args ...string) *exec.Cmd {
	if h.namespace == "" {
		return exec.Command(program, args...)
	}
	return exec.Command("ip", append([]string{"netns", "exec", h.namespace, program}, args...)...)
}

// ip runs ip(8) on the host.
func (h *Host) ip(args ...string) error {
	if h.namespace == "" {
		return ip(args...)
	}
	return ip(append([]string{"-n", h.namespace}, args...)...)
}

// Unplug pulls the cable of a host, which notices, as those who talk to it do not. Plug puts it back. Neither is for [Network.Self].
func (h *Host) Unplug() error { return ip("link", "set", h.port, "down") }

// Plug undoes [Host.Unplug].
func (h *Host) Plug() error { return ip("link", "set", h.port, "up") }

// nowhere is the address of a network card that nobody has.
const nowhere = "02:00:00:00:00:01"

// Blackhole loses what one host sends to the address of another, in this direction only, on open connections, too. Neither
// is told: no reset, no error; connections wait until somebody's patience ends.
func (n *Network) Blackhole(from, to *Host) error {
	return from.ip("neigh", "replace", to.Addr, "lladdr", nowhere, "dev", from.device, "nud", "permanent")
}

// Refuse lets a host know at once that there is no way to the address of another: what it does there fails with EHOSTUNREACH.
func (n *Network) Refuse(from, to *Host) error {
	return from.ip("route", "replace", "unreachable", to.Addr+"/32")
}

// Restore undoes [Network.Blackhole] and [Network.Refuse], in this direction.
func (n *Network) Restore(from, to *Host) error {
	_ = from.ip("route", "del", "unreachable", to.Addr+"/32") // which may not be there
	if err := from.ip("neigh", "replace", to.Addr, "lladdr", nowhere, "dev", from.device, "nud", "stale"); err != nil {
		return err
	}
	return from.ip("neigh", "del", to.Addr, "dev", from.device)
}

// Cut blackholes both directions between a host and each of others. [Network.Join] undoes it.
func (n *Network) Cut(h *Host, others ...*Host) error { return both(n.Blackhole, h, others) }

// Join restores both directions between a host and each of others.
func (n *Network) Join(h *Host, others ...*Host) error { return both(n.Restore, h, others) }

func both(do func(from, to *Host) error, h *Host, others []*Host) error {
	for _, o := range others {
		if err := do(h, o); err != nil {
			return err
		}
		if err := do(o, h); err != nil {
			return err
		}
	}
	return nil
}
