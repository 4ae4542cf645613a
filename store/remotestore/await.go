package remotestore

import (
	"context"
	"slices"
	"time"

	"github.com/handstamp/handstamp/internal/nodeapi"
	"github.com/handstamp/handstamp/session"
)

// renewals is how often the server is asked for what a write has changed. More than once is for servers behind a load balancer, of which
// each one has to be met by chance.
const renewals = 8

// await returns when what is written is in memory, and everything that was written before it: by whomever, as a session that was renewed elsewhere
// has a token that nobody here knows of. A store whose lease does not hold need not wait: nothing is answered from memory.
func (s *Store) await(ctx context.Context, w nodeapi.Written) {
	for range renewals {
		next, applied := s.nextStep(), s.hasApplied(w)
		if applied || !s.Lease().Holds(time.Now()) {
			return
		}
		s.wake()
		select {
		case <-next:
			continue
		case <-ctx.Done():
		}
		break
	}
	if !s.hasApplied(w) {
		s.changes.Publish(session.Change{}) // forgetting everything is always right
	}
}

// hasApplied reports whether w is in memory.
func (s *Store) hasApplied(w nodeapi.Written) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.ContainsFunc(s.applied, func(p position) bool { return p.feed == w.Feed && p.at >= w.Head })
}
