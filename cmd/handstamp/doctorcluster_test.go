package main

import (
	"strings"
	"testing"
	"time"

	"github.com/handstamp/handstamp/internal/node"
)

func TestJudgeCluster(t *testing.T) {
	well := node.Peer{Name: "web-1", Version: "v1", Age: 100 * time.Millisecond, Lease: 2 * time.Second}
	edit := func(change func(*node.Peer)) node.Peer {
		p := well
		p.Name = "web-2"
		change(&p)
		return p
	}
	for name, test := range map[string]struct {
		other node.Peer
		state findingState
		says  string
	}{
		"in health":       {edit(func(*node.Peer) {}), stateOK, "web-2 (v1) was heard of 100ms ago"},
		"not heard of":    {edit(func(p *node.Peer) { p.Age = time.Minute }), stateWeak, "web-2 (v1) was last heard of 1m0s ago"},
		"far behind":      {edit(func(p *node.Peer) { p.Behind = 5000 }), stateWeak, "5000 changes behind"},
		"another lease":   {edit(func(p *node.Peer) { p.Lease = time.Minute }), stateWeak, "same lease"},
		"in an upgrade":   {edit(func(p *node.Peer) { p.Version = "v2" }), stateOK, "2 versions run side by side"},
		"a little behind": {edit(func(p *node.Peer) { p.Behind = 3 }), stateOK, "web-2 (v1) was heard of"},
	} {
		t.Run(name, func(t *testing.T) {
			for _, f := range judgeCluster([]node.Peer{well, test.other}) {
				if f.State == test.state && strings.Contains(f.Says, test.says) {
					return
				}
			}
			t.Errorf("nothing %s says %q: %v", test.state, test.says, judgeCluster([]node.Peer{well, test.other}))
		})
	}
}
