package chaos_test

import (
	"bytes"
	"encoding/json"
	"strings"

	"github.com/handstamp/handstamp/internal/blackbox/history"
	"github.com/handstamp/handstamp/internal/leaserules"
)

// A renewal is a line of a node's log that says how it went.
type renewal struct {
	Message     string `json:"message"`
	Node        string `json:"handstamp.lease.node"`
	Noted       int64  `json:"handstamp.lease.noted"`
	Applied     int64  `json:"handstamp.lease.applied"`
	End         int64  `json:"handstamp.lease.end"`
	Incarnation string `json:"handstamp.lease.incarnation"`
	After       int64  `json:"handstamp.lease.after"`
	Head        int64  `json:"handstamp.lease.head"`
	Changes     int64  `json:"handstamp.lease.changes"`
	Cleared     bool   `json:"handstamp.lease.cleared"`
}

// margin is what a node takes off its lease, for clocks that run at different rates.
const margin = lease / 50

// replay holds what the nodes have written down about their leases, and what clients have seen, against the rules
// that the model has shown to matter.
func (s *scene) replay() {
	s.t.Helper()
	var log []byte
	known := map[string]bool{}
	add := func(l leaserules.Line) {
		if !known[l.Node] {
			known[l.Node] = true
			log = leaserules.Line{Kind: leaserules.Node, Node: l.Node, Lease: int64(lease), Margin: int64(margin)}.Append(log)
		}
		log = l.Append(log)
	}
	for _, n := range s.nodes {
		for line := range strings.Lines(n.log.String()) {
			var r renewal
			if !strings.Contains(line, `"lease renewed"`) || json.Unmarshal([]byte(line), &r) != nil {
				continue // the last line of a node that was killed may be half of one
			}
			add(leaserules.Line{
				Kind: leaserules.Renewal, Node: r.Node, Noted: r.Noted, Applied: r.Applied, End: r.End,
				Incarnation: r.Incarnation, After: r.After, Head: r.Head, Changes: r.Changes, Cleared: r.Cleared,
			})
		}
	}
	mode := leaserules.Bounded
	if s.history.Strict {
		mode = leaserules.Strict
	}
	for _, r := range s.history.Revokes {
		if r.Done && r.Token != "" {
			add(leaserules.Line{
				Kind: leaserules.Revoke, Node: s.nodes[r.Node].host.Name, Session: r.Token,
				Start: int64(r.Start), Answered: int64(r.End), Mode: mode,
			})
		}
	}
	decisions := map[history.Outcome]string{
		history.Accepted: leaserules.Accepted, history.Refused: leaserules.Refused, history.Blind: leaserules.Blind,
	}
	for _, u := range s.history.Uses {
		if decision, answered := decisions[u.Outcome]; answered {
			add(leaserules.Line{
				Kind: leaserules.Request, Node: s.nodes[u.Node].host.Name, Session: u.Token,
				Start: int64(u.Start), Answered: int64(u.End), Decision: decision,
			})
		}
	}
	report, err := leaserules.Check(bytes.NewReader(log))
	if err != nil {
		s.t.Errorf("replay: %v", err)
	}
	s.t.Logf("replayed against the rules of the model: %d renewals of %d processes, %d revokes and %d requests; %d violations",
		report.Renewals, report.Nodes-len(s.nodes), report.Revokes, report.Requests, len(report.Violations))
	for i, v := range report.Violations {
		if i == 10 {
			break
		}
		s.t.Error(v)
	}
	if report.Renewals < 10*s.count {
		s.t.Error("the nodes have written down too little")
	}
}
