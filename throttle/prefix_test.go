package throttle_test

import (
	"net/netip"
	"testing"

	"github.com/handstamp/handstamp/throttle"
)

func TestPrefixes(t *testing.T) {
	for _, c := range []struct{ of, address, network string }{
		{"192.0.2.77", "192.0.2.77/32", "192.0.2.0/24"},
		{"::ffff:192.0.2.77", "192.0.2.77/32", "192.0.2.0/24"},
		{"::ffff:192.0.2.77%eth0", "192.0.2.77/32", "192.0.2.0/24"},
		{"2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64", "2001:db8:1::/48"},
		{"fe80::1%eth0", "fe80::/64", "fe80::/48"},
		{"::1", "::/64", "::/48"},
	} {
		address, network := throttle.Prefixes(netip.MustParseAddr(c.of))
		if address.String() != c.address || network.String() != c.network {
			t.Errorf("%s: %v and %v, want %s and %s", c.of, address, network, c.address, c.network)
		}
	}
	if address, network := throttle.Prefixes(netip.Addr{}); address.IsValid() || network.IsValid() {
		t.Errorf("no address: %v and %v, want neither", address, network)
	}
}
