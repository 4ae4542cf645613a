package chaos_test

import (
	"slices"
	"testing"

	"github.com/handstamp/handstamp/internal/netns"
)

func newNetwork(t *testing.T) *netns.Network {
	t.Helper()
	n, err := netns.New()
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// place is what stands before a command that is to run on a host.
func place(h *netns.Host) []string {
	c := h.Command("")
	return c.Args[:len(c.Args)-1]
}

func addHost(t *testing.T, n *netns.Network, name string) *netns.Host {
	t.Helper()
	host, err := n.Host(name)
	if err != nil {
		t.Fatal(err)
	}
	return host
}

// TestPostgres breaks everything that can break with PostgreSQL.
func TestPostgres(t *testing.T) {
	t.Parallel()
	for i, mode := range []string{"bounded", "strict"} {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			n := newNetwork(t)
			kept := newPostgres(t, n).withStandby()
			newScene(t, n, kept, mode == "strict").run(some(slices.Concat(nodeFaults, cutFaults, kept.faults()), i, 2))
		})
	}
}

// TestRedis is the same with the sessions in Redis.
func TestRedis(t *testing.T) {
	t.Parallel()
	n := newNetwork(t)
	kept := newRedis(t, n)
	newScene(t, n, kept, false).run(append(some(slices.Concat(nodeFaults, cutFaults), 0, 3), kept.faults()...))
}

// some returns every fault, or in a short run each of-th of them, so that of tests together have them all.
func some(faults []fault, first, of int) (list []fault) {
	if *clocks {
		faults = append(faults, clockFaults...)
	}
	if *rounds > 0 || *only != "" {
		return faults
	}
	for i := first; i < len(faults); i += of {
		list = append(list, faults[i])
	}
	return list
}
