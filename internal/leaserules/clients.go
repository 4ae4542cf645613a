package leaserules

import "math"

// never is later than everything.
const never = math.MaxInt64

// requests holds what clients saw of one session against the promises.
func (c *checker) requests(f *fate) {
	// Whoever revokes twice is answered twice; the first answer counts.
	ended, endedStrictly := int64(never), int64(never)
	endedAt := map[string]int64{}
	for _, r := range f.revokes {
		ended = min(ended, r.Answered)
		if r.Mode == Strict {
			endedStrictly = min(endedStrictly, r.Answered)
		}
		earliest(endedAt, r)
	}
	refusedAt := firstRefusals(f.requests)
	for _, r := range f.requests {
		if r.Decision != Accepted {
			continue
		}
		own, here := endedAt[r.Node]
		refused, before := refusedAt[r.Node]
		switch {
		case r.Start > endedStrictly:
			c.broken(r, RulePromise, "accepted %d ns after the answer to a strict revoke", r.Start-endedStrictly)
		case here && r.Start > own:
			c.broken(r, RuleOwnNode, "accepted %d ns after the answer of the same node", r.Start-own)
		case r.Start-c.longest > ended:
			c.broken(r, RulePromise, "accepted %d ns after the answer to a revoke, with a lease of %d", r.Start-ended, c.longest)
		case before && r.Start > refused:
			c.broken(r, RuleNoComeback, "accepted %d ns after the same node had refused it", r.Start-refused)
		}
	}
}

// firstRefusals returns when each node had answered with its first refusal.
func firstRefusals(requests []Line) map[string]int64 {
	at := map[string]int64{}
	for _, r := range requests {
		if r.Decision == Refused {
			earliest(at, r)
		}
	}
	return at
}

// earliest notes when l was answered, if its node had answered nothing before that.
func earliest(at map[string]int64, l Line) {
	if known, there := at[l.Node]; !there || l.Answered < known {
		at[l.Node] = l.Answered
	}
}
