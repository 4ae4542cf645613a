package history

import (
	"fmt"
	"time"
)

// A Violation is a promise that was broken.
type Violation struct {
	Rule  string
	Token string
	Why   string
}

func (v Violation) String() string { return fmt.Sprintf("%s: %s: %s", v.Rule, v.Token, v.Why) }

// The rules.
const (
	Stale        = "stale acceptance" // accepted though it was revoked, later than promised
	Resurrection = "resurrection"     // accepted after it was refused
	LostLogin    = "lost login"       // refused though nobody has ended it
	Unseeing     = "unseeing"         // answered by a node that could not know
	Twice        = "token given twice"
)

// Check returns what the history breaks.
func (h *History) Check() []Violation {
	var found []Violation
	seen := make(map[string]bool)
	for _, l := range h.Logins {
		if seen[l.Token] {
			found = append(found, Violation{Twice, l.Token, "two logins were given it"})
		}
		seen[l.Token] = true
	}
	for _, l := range h.lives() {
		found = append(found, h.stale(l)...)
		found = append(found, h.resurrected(l)...)
		found = append(found, h.lost(l)...)
		found = append(found, h.unseeing(l)...)
	}
	return found
}

// slack is how much later than at one node another one may learn that a session has ended.
func (h *History) slack(there, here int) time.Duration {
	if there == here {
		return 0
	}
	return h.Lease
}

// stale: no request is accepted that began later than promised after the answer of a revoke: one lease
// elsewhere, at once at the node that has answered, and at once everywhere if revocation is strict.
func (h *History) stale(l *life) (found []Violation) {
	for _, r := range l.revokes {
		for _, u := range l.uses {
			bound := h.slack(r.Node, u.Node)
			if h.Strict {
				bound = 0
			}
			if u.Outcome == Accepted && u.Start > r.End+bound {
				found = append(found, Violation{Stale, l.login.Token, fmt.Sprintf(
					"revoked (%s) at node %d from %v to %v, accepted at node %d from %v: %v later, at most %v are allowed",
					r.What, r.Node, r.Start, r.End, u.Node, u.Start, u.Start-r.End, bound)})
			}
		}
	}
	return found
}

// resurrected: what a node has refused it never accepts again, and no other one does a lease later. This holds
// however the session has ended, so also where the answer to its revoke was lost.
func (h *History) resurrected(l *life) (found []Violation) {
	first := make(map[int]time.Duration) // by node, when it has first refused
	for _, u := range l.uses {
		if at, refused := first[u.Node]; u.Outcome == Refused && (!refused || u.End < at) {
			first[u.Node] = u.End
		}
	}
	for _, u := range l.uses {
		if u.Outcome != Accepted {
			continue
		}
		for node, at := range first {
			if u.Start > at+h.slack(node, u.Node) {
				found = append(found, Violation{Resurrection, l.login.Token, fmt.Sprintf(
					"refused at node %d by %v, accepted at node %d from %v", node, at, u.Node, u.Start)})
			}
		}
	}
	return found
}

// lost: a session that was given to a client is refused only if something may have ended it.
func (h *History) lost(l *life) (found []Violation) {
	for _, u := range l.uses {
		if u.Outcome == Refused && !l.endsBefore(u.End) {
			found = append(found, Violation{LostLogin, l.login.Token, fmt.Sprintf(
				"given at node %d from %v to %v, refused at node %d at %v; before that, its user's sessions had been ended (%s) at node %d from %v to %v",
				l.login.Node, l.login.Start, l.login.End, u.Node, u.End, l.before.What, l.before.Node, l.before.Start, l.before.End)})
			break // of the others there is nothing more to say
		}
	}
	return found
}

// unseeing: a node that has not reached the store for a lease accepts nobody. That it refuses nobody without
// reason, lost says.
func (h *History) unseeing(l *life) (found []Violation) {
	for _, u := range l.uses {
		if u.Outcome != Accepted {
			continue
		}
		for _, c := range h.Cuts {
			if c.Node == u.Node && u.Start > c.Start+h.Lease && u.End < c.End {
				found = append(found, Violation{Unseeing, l.login.Token, fmt.Sprintf(
					"node %d was cut off at %v, and accepted from %v to %v", u.Node, c.Start, u.Start, u.End)})
			}
		}
	}
	return found
}
