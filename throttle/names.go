package throttle

import (
	"crypto/hmac"
	"crypto/sha256"
	"hash"
	"net/netip"

	"github.com/handstamp/handstamp"
)

// names makes the keys of buckets: hashes under the Limiter's key, apart by what they are about.
// It must not be used by two goroutines at once.
type names struct{ mac hash.Hash }

func (l *Limiter) names() names { return names{hmac.New(sha256.New, l.key)} }

func (n names) of(kind string, parts ...[]byte) Key {
	n.mac.Reset()
	n.mac.Write([]byte("handstamp throttle " + kind + "\x00"))
	for _, part := range parts {
		n.mac.Write(part)
	}
	return Key(n.mac.Sum(nil))
}

func (n names) account(account string) Key { return n.of("account", []byte(account)) }

// device has the device first, as it is always 16 bytes long.
func (n names) device(device handstamp.ID, account string) Key {
	return n.of("device", device[:], []byte(account))
}

func (n names) prefix(kind string, p netip.Prefix) Key {
	return n.of(kind, p.Addr().AsSlice())
}

// A draw is what one attempt takes from.
type draw struct {
	scopes  []string // the names of the limits
	buckets []Bucket
}

// add has no effect where the limit is off.
func (d *draw) add(scope string, limit Limit, key Key) {
	if limit != Off {
		d.scopes = append(d.scopes, scope)
		d.buckets = append(d.buckets, Bucket{key, limit})
	}
}

// stranger is what an attempt without a known device draws on. It does not depend on whether the account
// exists.
func (l *Limiter) stranger(as names, try Try) draw {
	address, network := Prefixes(try.Address)
	var d draw
	d.add("account", l.limits.Account, as.account(try.Account))
	d.add("address", l.limits.Address, as.prefix("address", address))
	d.add("network", l.limits.Network, as.prefix("network", network))
	d.add("strangers", l.limits.Strangers, as.of("strangers"))
	return d
}

func (l *Limiter) device(as names, try Try) draw {
	var d draw
	d.add("device", l.limits.Device, as.device(try.Device, try.Account))
	return d
}
