package settings

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
)

// A Network is an address (10.0.0.7), a network (10.0.0.0/8, 2001:db8::/32), or one of two names for
// several: "loopback" for this machine, "private" for what is not reachable from the Internet (RFC
// 1918 and RFC 4193).
type Network struct {
	text     string
	prefixes []netip.Prefix
}

var namedNetworks = map[string][]netip.Prefix{
	"loopback": {netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")},
	"private": {
		netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("172.16.0.0/12"),
		netip.MustParsePrefix("192.168.0.0/16"), netip.MustParsePrefix("fc00::/7"),
	},
}

// UnmarshalText implements [encoding.TextUnmarshaler].
func (n *Network) UnmarshalText(text []byte) error {
	word := string(text)
	if prefixes, ok := namedNetworks[word]; ok {
		*n = Network{word, prefixes}
		return nil
	}
	var prefix netip.Prefix
	if address, err := netip.ParseAddr(word); err == nil && address.Zone() == "" {
		address = address.Unmap()
		prefix = netip.PrefixFrom(address, address.BitLen())
	} else if prefix, err = netip.ParsePrefix(word); err != nil || prefix.Addr().Is4In6() {
		return fmt.Errorf("%s is not a network, such as 10.0.0.0/8, 192.0.2.7, loopback or private", quote(word))
	}
	if prefix != prefix.Masked() {
		return fmt.Errorf("%s has bits set beyond its length; write %s for the network, or leave out %s for the one address",
			quote(word), prefix.Masked(), word[strings.IndexByte(word, '/'):])
	}
	*n = Network{word, []netip.Prefix{prefix}}
	return nil
}

// String returns the network as it was written.
func (n Network) String() string { return n.text }

// IsEverything reports whether every address of a family is in the network.
func (n Network) IsEverything() bool {
	return slices.ContainsFunc(n.prefixes, func(p netip.Prefix) bool { return p.Bits() == 0 })
}

// Placeholder says in the help what to write.
func (Network) Placeholder() string { return "NETWORK" }

// Prefixes returns all that the networks stand for.
func Prefixes(networks []Network) []netip.Prefix {
	var all []netip.Prefix
	for _, n := range networks {
		all = append(all, n.prefixes...)
	}
	return all
}
