package throttle

import "net/netip"

// Prefixes returns what an address is counted by: itself and the network around it, /32 and /24
// for IPv4, /64 and /48 for IPv6. An IPv4 address in the form of an IPv6 one is an IPv4 address;
// zones do not count. Both are zero for the zero address.
func Prefixes(a netip.Addr) (address, network netip.Prefix) {
	a = a.Unmap().WithZone("")
	narrow, wide := 64, 48
	if a.Is4() {
		narrow, wide = 32, 24
	}
	// Errors are for addresses that are zero, and leave the prefix zero.
	address, _ = a.Prefix(narrow)
	network, _ = a.Prefix(wide)
	return address, network
}
