package clientaddr

import (
	"net/netip"
	"strings"
)

// parseNode reads an address with or without a port, the address of IPv6 in brackets, or "unknown",
// or a name that a proxy made up (RFC 7239, section 6). An address of IPv6 without brackets is
// read where bare allows it; it has no port then.
func parseNode(s string, bare bool) (addr netip.Addr, known, ok bool) {
	if bare && strings.Count(s, ":") > 1 && s[0] != '[' {
		a, err := netip.ParseAddr(s)
		return plain(a), true, err == nil
	}
	if inner, after, bracketed := strings.Cut(strings.TrimPrefix(s, "["), "]"); bracketed && s[0] == '[' {
		a, err := netip.ParseAddr(inner)
		return plain(a), true, err == nil && a.Is6() && (after == "" || after[0] == ':' && isPort(after[1:]))
	}
	name, port, hasPort := strings.Cut(s, ":")
	if hasPort && !isPort(port) {
		return netip.Addr{}, false, false
	}
	if strings.EqualFold(name, "unknown") || isObfuscated(name) {
		return netip.Addr{}, false, true
	}
	a, err := netip.ParseAddr(name)
	return a, true, err == nil && a.Is4()
}

// isPort reports whether s is a port, or a name for one that a proxy made up.
func isPort(s string) bool {
	if isObfuscated(s) {
		return true
	}
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return 1 <= len(s) && len(s) <= 5
}

// isObfuscated reports whether s is a name that a proxy made up (RFC 7239, section 6.3).
func isObfuscated(s string) bool {
	if len(s) < 2 || s[0] != '_' {
		return false
	}
	for i := range len(s) {
		c := s[i]
		letter, digit := 'a' <= c|0x20 && c|0x20 <= 'z', '0' <= c && c <= '9'
		if !letter && !digit && c != '.' && c != '_' && c != '-' {
			return false
		}
	}
	return true
}
