package netns

import (
	"fmt"
	"strings"
)

// Reset answers everything between a host and others with a reset, in both directions, so that connections break at once and
// no new ones come about, until [Network.EndResets]. It needs Debian's nftables.
func (n *Network) Reset(h *Host, others ...*Host) error {
	// Resets themselves pass, or nobody would hear of them.
	const rules = `
	chain %s {
		type filter hook %s priority 0
		tcp flags & rst == rst accept
		ip %s { %s } meta l4proto tcp reject with tcp reset
	}`
	var addrs []string
	for _, o := range others {
		addrs = append(addrs, o.Addr)
	}
	all := strings.Join(addrs, ", ")
	return h.nft("table inet resets {" +
		fmt.Sprintf(rules, "in", "input", "saddr", all) + fmt.Sprintf(rules, "out", "output", "daddr", all) + "\n}\n")
}

// EndResets undoes each [Network.Reset] of a host.
func (n *Network) EndResets(h *Host) error { return h.nft("delete table inet resets\n") }

func (h *Host) nft(rules string) error {
	c := h.Command("nft", "-f", "-")
	c.Stdin = strings.NewReader(rules)
	if said, err := c.CombinedOutput(); err != nil {
		return fmt.Errorf("nft on %s: %w: %s", h.Name, err, strings.TrimSpace(string(said)))
	}
	return nil
}
