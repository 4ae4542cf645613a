package leaserules

import (
	"cmp"
	"fmt"
	"io"
	"slices"
)

// A Report says what a log has, so that nobody takes an empty one for a good one, and what is wrong with it.
type Report struct {
	Nodes, Renewals, Lookups, Revokes, Requests int

	FromCache  int // lookups that were accepted from the cache
	Violations []Violation
}

// A Violation is a line that no correct node would have made true.
type Violation struct {
	Line int // the number of the line, from 1
	Rule string
	What string
}

func (v Violation) String() string { return fmt.Sprintf("line %d: %s: %s", v.Line, v.Rule, v.What) }

// The rules, as a [Violation] names them.
const (
	RuleEnd        = "a lease ends in time"
	RuleOrder      = "a renewal is noted before it is applied"
	RuleFollows    = "a renewal follows without a gap or empties the cache"
	RuleCache      = "nothing is accepted from the cache outside of a lease"
	RulePromise    = "what was revoked is refused in time"
	RuleOwnNode    = "what was revoked is refused at once where it was"
	RuleNoComeback = "what was refused is not accepted again"
)

// nothingKnown is the position of a node that has applied nothing.
const nothingKnown = -1

// Check reads a log to its end. It returns an error if that is no log; what is wrong with what was done is in the Report.
func Check(log io.Reader) (Report, error) {
	c := checker{nodes: map[string]*history{}, sessions: map[string]*fate{}}
	if err := read(log, c.take); err != nil {
		return Report{}, err
	}
	for _, h := range c.nodes {
		c.lookups(h)
	}
	for _, f := range c.sessions {
		c.requests(f)
	}
	slices.SortFunc(c.report.Violations, func(a, b Violation) int { return cmp.Compare(a.Line, b.Line) })
	return c.report, nil
}

type checker struct {
	report   Report
	nodes    map[string]*history
	sessions map[string]*fate
	longest  int64 // lease of all nodes
}

// A history is what one node did.
type history struct {
	node     Line
	renewals []Line
	lookups  []Line // those that were accepted from the cache
}

// A fate is what clients saw of one session.
type fate struct{ revokes, requests []Line }

func (c *checker) take(l Line) error {
	if l.Kind == Node {
		if c.nodes[l.Node] != nil {
			return fmt.Errorf("there is a node %q already", l.Node)
		}
		c.nodes[l.Node] = &history{node: l}
		c.longest = max(c.longest, l.Lease)
		c.report.Nodes++
		return nil
	}
	h := c.nodes[l.Node]
	if h == nil {
		return fmt.Errorf("nothing was said of node %q", l.Node)
	}
	switch l.Kind {
	case Renewal:
		c.renewal(h, l)
	case Lookup:
		c.report.Lookups++
		if l.From == FromCache && l.Decision == Accepted {
			c.report.FromCache++
			h.lookups = append(h.lookups, l)
		}
	case Revoke:
		c.report.Revokes++
		f := c.fate(l.Session)
		f.revokes = append(f.revokes, l)
	case Request:
		c.report.Requests++
		f := c.fate(l.Session)
		f.requests = append(f.requests, l)
	}
	return nil
}

func (c *checker) fate(session string) *fate {
	f := c.sessions[session]
	if f == nil {
		f = &fate{}
		c.sessions[session] = f
	}
	return f
}

func (c *checker) broken(l Line, rule, format string, a ...any) {
	c.report.Violations = append(c.report.Violations, Violation{l.number, rule, fmt.Sprintf(format, a...)})
}
