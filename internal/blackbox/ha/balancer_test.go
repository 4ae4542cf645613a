//go:build linux

package ha_test

import (
	"net"
	"path/filepath"
	"strings"
	"testing"

	"github.com/handstamp/handstamp/internal/netns"
)

// virtual is the address that the balancers share, in deploy/ha.
const virtual = "10.0.0.200"

// A balancer is a host with HAProxy and keepalived.
type balancer struct {
	site *site
	host *netns.Host

	haproxy, keepalived             *process
	haproxyConfig, keepalivedConfig string // files
}

func newBalancer(t testing.TB, s *site, name string) *balancer {
	t.Helper()
	h, err := s.lan.Host(name)
	must(t, err)
	return &balancer{
		site: s, host: h,
		haproxyConfig:    s.write(t, name+"-haproxy.cfg", s.shipped(t, "haproxy.cfg", "/etc/haproxy/", s.folder+"/")),
		keepalivedConfig: s.write(t, name+"-keepalived.conf", s.shipped(t, "keepalived.conf")),
	}
}

// startHAProxy returns when it takes connections.
func (b *balancer) startHAProxy(t testing.TB) {
	t.Helper()
	b.haproxy = start(t, b.host.Name+"'s HAProxy", b.host.Command("haproxy", "-W", "-f", b.haproxyConfig))
	until(t, "listening", func() bool {
		c, err := net.Dial("tcp", net.JoinHostPort(b.host.Addr, "443"))
		if err == nil {
			_ = c.Close()
		}
		return err == nil
	})
}

func (b *balancer) startKeepalived(t testing.TB) {
	t.Helper()
	pid := func(name string) string { return filepath.Join(b.site.folder, b.host.Name+name+".pid") }
	b.keepalived = start(t, b.host.Name+"'s keepalived", b.host.Command("keepalived", "--dont-fork", "--log-console", "--log-detail",
		"--config-id="+b.host.Name, "--use-file="+b.keepalivedConfig, "--pid="+pid("keepalived"), "--vrrp_pid="+pid("vrrp"), "--checkers_pid="+pid("checkers")))
}

// hasVirtual reports whether the host answers to the virtual address.
func (b *balancer) hasVirtual() bool {
	said, err := b.host.Command("ip", "-4", "-o", "addr", "show").Output()
	return err == nil && strings.Contains(string(said), " "+b.site.address(virtual)+"/")
}

// active returns the balancer that has the virtual address, and the other one. It waits until there is exactly one.
func (s *site) active(t testing.TB) (active, standby *balancer) {
	t.Helper()
	until(t, "one active balancer", func() bool {
		first, second := s.balancers[0].hasVirtual(), s.balancers[1].hasVirtual()
		active, standby = s.balancers[0], s.balancers[1]
		if second {
			active, standby = standby, active
		}
		return first != second
	})
	return active, standby
}
