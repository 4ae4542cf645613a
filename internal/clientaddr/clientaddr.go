// Package clientaddr says from which address a request comes when proxies stand in between.
//
// A header is what whoever sent it wants it to be. So it counts only when the peer of the
// connection is a proxy that the operator trusts, only the one kind of header that those proxies
// are known to write counts, and it is read from the right, where the last proxy wrote, to the
// first address that is no trusted proxy: that is the client. What stands left of it came from the
// client and is not even looked at, so that nothing in it can change the answer.
package clientaddr

import (
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"strings"
)

// A Finder finds the address of the client. The zero Finder trusts nobody: the client is the peer.
// It is safe for concurrent use as long as nobody changes it.
type Finder struct {
	// Trusted are the networks of the proxies whose headers count; see [ParseTrusted].
	Trusted []netip.Prefix

	// TrustSocket trusts every peer that came through a Unix socket. Such a peer has no address.
	TrustSocket bool

	// Header is the one header that the proxies write. Every other is ignored.
	Header Kind
}

// ErrHeader means that a trusted proxy sent a header that cannot be read: nobody knows who the
// client is, and the request has to be refused (400).
var ErrHeader = errors.New("forwarded header cannot be read")

// maxHops is how many proxies a request may have passed.
const maxHops = 50

// Find returns the address of the client, without port and zone, an IPv4 address always as such.
// It is the zero [netip.Addr] for a client on the other end of a Unix socket. A trusted peer that
// sends no header is the client itself, such as a probe; where a proxy says that it does not know
// who asked it ("unknown", or a name that it made up), that proxy counts as the client. The error
// is [ErrHeader]. Find does not allocate, unless it fails or reads a zone.
func (f *Finder) Find(r *http.Request) (netip.Addr, error) {
	peer := Peer(r)
	if !f.trusts(peer) {
		return peer, nil
	}
	lines := r.Header[f.Header.key()]
	if f.Header == XRealIP && len(lines) > 1 {
		return netip.Addr{}, f.unreadable()
	}
	client, hops := peer, 0
	for i := len(lines) - 1; i >= 0; i-- {
		rest, more := lines[i], true
		for more {
			var hop netip.Addr
			var known, ok bool
			hop, known, rest, more, ok = f.Header.last(rest)
			if hops++; !ok || hops > maxHops {
				return netip.Addr{}, f.unreadable()
			}
			if !known {
				return client, nil
			}
			client = hop
			if !f.trusts(client) {
				return client, nil
			}
		}
	}
	return client, nil
}

// IsProxy reports whether the peer that sent r is a proxy that is trusted.
func (f *Finder) IsProxy(r *http.Request) bool { return f.trusts(Peer(r)) }

func (f *Finder) unreadable() error { return fmt.Errorf("%s: %w", f.Header.key(), ErrHeader) }

func (f *Finder) trusts(a netip.Addr) bool {
	if !a.IsValid() {
		return f.TrustSocket
	}
	for _, network := range f.Trusted {
		if network.Contains(a) {
			return true
		}
	}
	return false
}

// Peer returns the address at the other end of the connection, which no header can change. It is
// the zero [netip.Addr] for a Unix socket.
func Peer(r *http.Request) netip.Addr {
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{}
	}
	return plain(peer.Addr())
}

// plain returns a in the one spelling in which it is compared.
func plain(a netip.Addr) netip.Addr { return a.Unmap().WithZone("") }

// ParseTrusted reads a list of networks and single addresses, separated by commas or spaces, in which
// "unix" stands for peers that come through a Unix socket. A network that holds every address is
// refused: everybody could say who they are.
func ParseTrusted(list string) (networks []netip.Prefix, socket bool, err error) {
	for _, entry := range strings.FieldsFunc(list, func(c rune) bool { return c == ',' || c == ' ' }) {
		if entry == "unix" {
			socket = true
			continue
		}
		network, err := parseNetwork(entry)
		if err != nil {
			return nil, false, fmt.Errorf("trusted proxy %q: %w", entry, err)
		}
		networks = append(networks, network)
	}
	return networks, socket, nil
}

func parseNetwork(s string) (netip.Prefix, error) {
	if !strings.Contains(s, "/") {
		a, err := netip.ParseAddr(s)
		if err != nil {
			return netip.Prefix{}, errors.New(`want an address, a network such as "10.0.0.0/8", or "unix"`)
		}
		a = plain(a)
		return netip.PrefixFrom(a, a.BitLen()), nil
	}
	network, err := netip.ParsePrefix(s)
	switch {
	case err != nil:
		return netip.Prefix{}, errors.New(`want a network such as "10.0.0.0/8"`)
	case network.Addr().Is4In6():
		return netip.Prefix{}, errors.New("write an IPv4 network as such")
	case network.Bits() == 0:
		return netip.Prefix{}, errors.New("it holds every address, so that anybody could claim to be anybody")
	case network != network.Masked():
		return netip.Prefix{}, fmt.Errorf("it has bits beyond its length; write %s", network.Masked())
	}
	return network, nil
}
