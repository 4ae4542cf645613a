//go:build linux

package ha_test

import (
	"crypto/tls"
	"net"
	"net/http"
	"os"
	"syscall"
	"testing"
	"time"
)

// testRoundRobin is what clients do with two addresses for one name: those of the balancers themselves, without keepalived.
func testRoundRobin(t *testing.T, s *site, who session) {
	names := s.write(t, "hosts", s.balancers[0].host.Addr+" "+host+"\n"+s.balancers[1].host.Addr+" "+host+"\n")
	must(t, os.Chmod(names, 0o644))
	must(t, syscall.Mount(names, "/etc/hosts", "", syscall.MS_BIND, "")) // nobody else sees it, as netns.Enter says
	defer func() { must(t, syscall.Unmount("/etc/hosts", 0)) }()
	visit := func(what string) {
		t.Helper()
		c := client{&http.Client{Transport: &http.Transport{
			// It tries one address after the other, each for its part of the time.
			DialContext:       (&net.Dialer{Timeout: 4 * time.Second}).DialContext,
			TLSClientConfig:   &tls.Config{RootCAs: s.roots},
			DisableKeepAlives: true,
		}}}
		begin := time.Now()
		if isAccepted, err := c.check(who); err != nil || !isAccepted {
			t.Errorf("two addresses, %s: %v", what, err)
		}
		t.Logf("two addresses, %s: an answer after %v", what, time.Since(begin).Round(time.Millisecond))
	}
	visit("both balancers there")
	first := s.balancers[0] // the one that the client takes as long as it can, as it is named first
	first.haproxy.kill()
	visit("HAProxy of one killed")
	first.startHAProxy(t)
	must(t, first.host.Unplug())
	visit("one without a word")
}
