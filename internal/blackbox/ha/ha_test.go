//go:build linux

package ha_test

import (
	"strings"
	"testing"
	"time"
)

// TestNothingIsLost: whatever dies, is stopped or comes back as another version, clients at the virtual address notice nothing but what
// was under way right there.
func TestNothingIsLost(t *testing.T) {
	s := newSite(t)
	active, _ := s.active(t)
	l := newLoad(t, s)
	for _, n := range s.nodes {
		n.awaitWork(t)
	}
	l.phase(t, "all is well")

	for _, n := range s.nodes {
		l.fault("node "+n.host.Name+" was killed", n.process.kill)
		time.Sleep(500 * time.Millisecond) // of a life without it
		n.start(t, s.old)
		n.awaitWork(t)
		l.phase(t, "node "+n.host.Name+" killed and started again")
	}

	for i, n := range s.nodes {
		n.drain(t) // nothing of that may be noticed
		n.start(t, s.upgraded)
		n.awaitWork(t)
		l.phase(t, "node "+n.host.Name+" upgraded")
		if i == 0 { // the one before has to be able to come back, too, to a database that the next one has changed
			last := s.nodes[len(s.nodes)-1]
			l.fault("node "+last.host.Name+" was killed", last.process.kill)
			last.start(t, s.old)
			said := last.doctor(t)
			for _, want := range []string{"one (" + newVersion + ")", "two (" + oldVersion + ")", "three (" + oldVersion + ")"} {
				if !strings.Contains(said, want) {
					t.Errorf("in the middle of an upgrade there is no %s:\n%s", want, said)
				}
			}
		}
	}
	if said := s.nodes[0].doctor(t); strings.Count(said, newVersion) < len(s.nodes) {
		t.Errorf("after the upgrade:\n%s", said)
	}

	// The machine of a node is gone without a word, and comes back with a program that has missed everything since.
	lone := s.nodes[0]
	l.fault("node one lost its network", func() { must(t, lone.host.Unplug()) })
	time.Sleep(2 * lease)
	l.phase(t, "node one without a network")
	must(t, lone.host.Plug())
	lone.awaitReady(t)
	l.phase(t, "node one back")

	// The address is moved, as for work on a balancer.
	active, standby := s.active(t)
	l.fault("the address moved", func() { active.keepalived.terminate(t); s.active(t) })
	if now, _ := s.active(t); now != standby {
		t.Fatal("the address has not moved")
	}
	active.startKeepalived(t)
	l.phase(t, "the virtual address moved")

	// The machine with the address is gone from one moment to the next.
	active, standby = s.active(t)
	l.fault("the active balancer was lost", func() {
		must(t, active.host.Unplug())
		active.haproxy.kill()
		active.keepalived.kill()
	})
	lost := time.Now()
	until(t, "moved", standby.hasVirtual)
	t.Logf("the address moved after %v", time.Since(lost).Round(time.Millisecond))
	time.Sleep(time.Second)
	must(t, active.host.Command("ip", "addr", "flush", "dev", "eth0", "to", s.address(virtual)).Run()) // as a machine that starts
	must(t, active.host.Plug())
	active.startHAProxy(t)
	active.startKeepalived(t)
	l.phase(t, "the active balancer lost")

	l.stop()
	l.judge(t)

	// HAProxy alone dies: connections are refused until the address has moved, or systemd has started it again.
	active, standby = s.active(t)
	c := s.newClient(s.address(virtual), false)
	active.haproxy.kill()
	lost = time.Now()
	until(t, "served", func() bool { _, err := c.check(l.kept[0]); return err == nil })
	t.Logf("HAProxy killed alone: served again after %v", time.Since(lost).Round(time.Millisecond))
	if now, _ := s.active(t); now != standby {
		t.Error("the address has not moved")
	}
	active.startHAProxy(t)

	testRoundRobin(t, s, l.kept[0])
}
