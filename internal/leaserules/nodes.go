package leaserules

import (
	"cmp"
	"math"
	"slices"
)

// renewal holds a renewal against the one before it.
func (c *checker) renewal(h *history, l Line) {
	c.report.Renewals++
	before := Line{Head: nothingKnown, Noted: l.Noted}
	if n := len(h.renewals); n > 0 {
		before = h.renewals[n-1]
	}
	h.renewals = append(h.renewals, l)

	if latest := l.Noted + h.node.Lease - h.node.Margin; l.End > latest {
		c.broken(l, RuleEnd, "it holds until %d, and may until %d", l.End, latest)
	}
	if l.Applied < l.Noted || l.Noted < before.Applied {
		c.broken(l, RuleOrder, "noted at %d, applied at %d, the one before at %d", l.Noted, l.Applied, before.Applied)
	}
	switch {
	case l.After != before.Head:
		c.broken(l, RuleFollows, "it goes on from %d, and %d was reached", l.After, before.Head)
	case l.Cleared:
	case l.After == nothingKnown:
		c.broken(l, RuleFollows, "nothing was known before, and the cache kept what was in it")
	case l.Incarnation != before.Incarnation:
		c.broken(l, RuleFollows, "the incarnation is %q after %q, and the cache kept what was in it", l.Incarnation, before.Incarnation)
	case l.Head < l.After, l.Changes != l.Head-l.After:
		c.broken(l, RuleFollows, "%d changes from %d to %d, and the cache kept what was in it", l.Changes, l.After, l.Head)
	}
}

// lookups holds what a node accepted from its cache against its leases. It goes by times, as those who ask and the one who
// renews do not wait for each other to write.
func (c *checker) lookups(h *history) {
	slices.SortStableFunc(h.lookups, func(a, b Line) int { return cmp.Compare(a.At, b.At) })
	next, until := 0, int64(math.MinInt64)
	for _, l := range h.lookups {
		for ; next < len(h.renewals) && h.renewals[next].Applied <= l.At; next++ {
			until = max(until, h.renewals[next].End)
		}
		switch {
		case next == 0:
			c.broken(l, RuleCache, "at %d, and the node had no lease yet", l.At)
		case l.At >= until:
			c.broken(l, RuleCache, "at %d, and the lease had ended at %d", l.At, until)
		}
	}
}
