package history

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Story tells what is known of a token, a line for each thing that happened to it or to its user, in order. Of its uses
// it has those whose outcome at a node is another one than before.
func (h *History) Story(token string) string {
	type event struct {
		at   time.Duration
		text string
	}
	var events []event
	tell := func(s Span, format string, args ...any) {
		events = append(events, event{s.Start, fmt.Sprintf("%12v to %12v: ", s.Start, s.End) + fmt.Sprintf(format, args...)})
	}
	for _, l := range h.lives() {
		if l.login.Token != token {
			continue
		}
		tell(l.login.Span, "given to %s at node %d", l.login.User, l.login.Node)
		last := make(map[int]Outcome)
		for _, u := range l.uses {
			if was, used := last[u.Node]; !used || was != u.Outcome {
				tell(u.Span, "%v at node %d", u.Outcome, u.Node)
			}
			last[u.Node] = u.Outcome
		}
		for _, r := range h.Revokes {
			if r.Token == token || r.User == l.login.User {
				tell(r.Span, "ended (%s) at node %d; answered: %t; all but this one: %t", r.What, r.Node, r.Done, r.Except == token)
			}
		}
	}
	slices.SortStableFunc(events, func(a, b event) int { return int(a.at - b.at) })
	var text strings.Builder
	for _, e := range events {
		text.WriteString(e.text + "\n")
	}
	return text.String()
}
