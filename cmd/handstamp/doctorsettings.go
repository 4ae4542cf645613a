package main

import (
	"fmt"
	"net"
	"net/netip"
	"runtime"
	"slices"
	"strings"

	"github.com/handstamp/handstamp/internal/settings"
	"github.com/handstamp/handstamp/password"
)

// judgeSettings says what is weak about settings with which a server starts, beyond what it warns of
// itself: see [checkServeSettings].
func judgeSettings(s serveSettings) findings {
	var found findings
	found.judgePublicURL(s)
	found.judgeListen(s)
	found.judgeProxies(s)
	found.judgeSignIn(s)
	if s.Store.kind == storeMemory {
		found.weak("store", "users and sessions are in memory, and gone when the server stops", "set store = sqlite")
	}
	return found
}

func (f *findings) judgePublicURL(s serveSettings) {
	switch isForOthers := !s.Listen.IsLoopback() || len(s.TrustedProxies) > 0; {
	case s.PublicURL.Scheme == "https":
		f.ok("public URL", "%s, so the session cookie goes over TLS only", s.PublicURL)
	case s.PublicURL.IsSafe() && isForOthers:
		f.weak("public URL", fmt.Sprintf("%s is good for browsers on this machine only, and others are let in; their session cookie may go "+
			"without TLS", s.PublicURL), "set public-url to the https:// address that people use")
	case s.PublicURL.IsSafe():
		f.ok("public URL", "%s, for browsers on this machine only", s.PublicURL)
	}
}

func (f *findings) judgeListen(s serveSettings) {
	_, port, _ := net.SplitHostPort(string(s.Listen))
	prefixes := settings.Prefixes(s.TrustedProxies)
	areHere := !slices.ContainsFunc(prefixes, func(p netip.Prefix) bool { return !p.Addr().IsLoopback() })
	switch {
	case s.Listen.IsLoopback():
		f.ok("listen", "%s, which only this machine can reach", s.Listen)
	case s.PublicURL.Scheme != "https": // refused or warned of
	case areHere:
		f.weak("listen", fmt.Sprintf("others can reach %s past the proxy, where nothing is encrypted", s.Listen),
			fmt.Sprintf("set listen = 127.0.0.1:%s if the proxy is on this machine, or its address in trusted-proxies", port))
	default:
		f.ok("listen", "%s, unencrypted, for a proxy on another machine; a firewall should let nobody else in", s.Listen)
	}
	if host, port, err := net.SplitHostPort(string(s.OpsListen)); err == nil && isEveryAddress(host) {
		f.weak("ops-listen", fmt.Sprintf("whoever can reach any address of this machine can reach %s, where metrics and the routes of "+
			"administrators are", s.OpsListen), "set an address of a network that is yours, or ops-listen = 127.0.0.1:"+port)
	}
}

func isEveryAddress(host string) bool {
	address, err := netip.ParseAddr(host)
	return host == "" || err == nil && address.IsUnspecified()
}

// The widest public networks that one may trust. The networks of the large content delivery networks are
// narrower.
const (
	widestIPv4 = 12
	widestIPv6 = 28
)

func (f *findings) judgeProxies(s serveSettings) {
	isWide := func(p netip.Prefix) bool {
		return !p.Addr().IsPrivate() && !p.Addr().IsLoopback() && (p.Addr().Is4() && p.Bits() < widestIPv4 || p.Addr().Is6() && p.Bits() < widestIPv6)
	}
	var names []string
	wide := false
	for _, network := range s.TrustedProxies {
		names = append(names, network.String())
		if slices.ContainsFunc(settings.Prefixes([]settings.Network{network}), isWide) {
			wide = true
			f.weak("trusted proxies", fmt.Sprintf("%s is a large part of the Internet, and everybody there could claim to be anybody", network),
				"name the addresses of your proxies in trusted-proxies")
		}
	}
	if len(s.TrustedProxies) > 0 && !wide {
		f.ok("trusted proxies", "%s may say who asks, in %s", strings.Join(names, ", "), s.ProxyHeader)
	}
}

func (f *findings) judgeSignIn(s serveSettings) {
	if s.Registration == "open" {
		f.weak("registration", "everybody who can reach the server may make an account",
			"set registration = closed if that is not wanted")
	} else {
		f.ok("registration", "closed: administrators make accounts")
	}
	if slices.Contains(s.Credentials, credentialBasic) && !s.PublicURL.IsSafe() {
		f.weak("credentials", "with basic, the password goes over the network with each request, and nothing is encrypted",
			"set credentials = session, or public-url to an https:// address")
	}
	if s.PasswordLength >= nistPasswordLength && s.Throttle {
		f.ok("passwords", "at least %d characters, and attempts are limited", s.PasswordLength)
	}
}

// hashMemory returns how many bytes the hashes under way may take, as [password.Hasher] counts it.
func (s serveSettings) hashMemory() uint64 {
	if s.HashMemory > 0 {
		return uint64(s.HashMemory)
	}
	return uint64(password.Default.MemoryKiB) << 10 * uint64(runtime.GOMAXPROCS(0))
}
