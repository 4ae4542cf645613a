package history

import (
	"maps"
	"math"
	"slices"
	"time"
)

// forever is when a request ends whose answer was lost: it may still be on its way.
const forever = time.Duration(math.MaxInt64)

// A life is all that is known of one token.
type life struct {
	login   Login
	uses    []Use    // the earliest start first
	revokes []Revoke // that certainly meant it and were done
	maybe   []Span   // of those that may have ended it: unanswered, or beside its login
	before  Revoke   // the last one of its user that was done before its login
}

// lives sorts the history by token, in the order of their logins.
func (h *History) lives() []*life {
	byToken := make(map[string]*life, len(h.Logins))
	byUser := make(map[string][]*life)
	for _, l := range h.Logins {
		one := &life{login: l}
		byToken[l.Token] = one
		byUser[l.User] = append(byUser[l.User], one)
	}
	for _, u := range h.Uses {
		if one := byToken[u.Token]; one != nil {
			one.uses = append(one.uses, u)
		}
	}
	for _, r := range h.Revokes {
		if one := byToken[r.Token]; one != nil {
			one.meets(r)
		}
		for _, one := range byUser[r.User] {
			if one.login.Token != r.Except {
				one.meets(r)
			}
		}
	}
	all := slices.SortedFunc(maps.Values(byToken), func(a, b *life) int { return int(a.login.Start - b.login.Start) })
	for _, one := range all {
		slices.SortFunc(one.uses, func(a, b Use) int { return int(a.Start - b.Start) })
	}
	return all
}

// meets adds a revoke that names the token or its user.
func (l *life) meets(r Revoke) {
	switch {
	case r.Done && r.End < l.login.Start:
		if r.End > l.before.End {
			l.before = r
		}
	case r.Done && l.login.End < r.Start:
		l.revokes = append(l.revokes, r)
	case r.Done:
		l.maybe = append(l.maybe, r.Span)
	default:
		l.maybe = append(l.maybe, Span{r.Start, forever})
	}
}

// endsBefore reports whether something may have ended the token before a time.
func (l *life) endsBefore(at time.Duration) bool {
	return slices.ContainsFunc(l.revokes, func(r Revoke) bool { return r.Start < at }) ||
		slices.ContainsFunc(l.maybe, func(s Span) bool { return s.Start < at })
}
