package settings

import (
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"strings"
)

// An Address is what a server listens on: a host and the number of a port (127.0.0.1:5000,
// [::1]:5000, localhost:5000), or without a host (:5000) on every address of the machine.
type Address string

// UnmarshalText implements [encoding.TextUnmarshaler]. The empty text is no address.
func (a *Address) UnmarshalText(text []byte) error {
	word := string(text)
	if word != "" {
		host, port, err := net.SplitHostPort(word)
		if err == nil {
			_, err = strconv.ParseUint(port, 10, 16)
		}
		if err != nil || strings.ContainsAny(host, " /\\@\x00") {
			return fmt.Errorf("%s is not an address to listen on, such as 127.0.0.1:5000, [::1]:5000 or :5000", quote(word))
		}
	}
	*a = Address(word)
	return nil
}

// IsLoopback reports whether only this machine can reach the address.
func (a Address) IsLoopback() bool {
	host, _, err := net.SplitHostPort(string(a))
	return err == nil && isLoopback(host)
}

// Hosts returns the names by which those call a server at the address who reach it without a proxy: the
// host itself, and for this machine all of its own.
func (a Address) Hosts() []string {
	host, _, err := net.SplitHostPort(string(a))
	address, parseErr := netip.ParseAddr(host)
	switch {
	case err != nil:
		return nil
	case host == "", isLoopback(host), parseErr == nil && address.IsUnspecified():
		return []string{"localhost", "127.0.0.1", "::1"}
	default:
		return []string{host}
	}
}

// Network returns what to call [net.Listen] with. For an IPv4 address that is IPv4 and nothing else:
// with "tcp", package net would take 0.0.0.0 for every address of IPv6 as well.
func (a Address) Network() string {
	host, _, _ := net.SplitHostPort(string(a))
	if address, err := netip.ParseAddr(host); err == nil && address.Is4() {
		return "tcp4"
	}
	return "tcp"
}

// isLoopback reports whether host means this machine to everybody who asks (RFC 6761, section 6.3).
func isLoopback(host string) bool {
	if address, err := netip.ParseAddr(host); err == nil {
		return address.Unmap().IsLoopback()
	}
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	return host == "localhost" || strings.HasSuffix(host, ".localhost")
}

// Placeholder says in the help what to write.
func (Address) Placeholder() string { return "HOST:PORT" }
