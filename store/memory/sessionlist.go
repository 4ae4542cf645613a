package memory

import (
	"bytes"
	"context"
	"maps"
	"slices"

	"github.com/handstamp/handstamp/session"
)

// List implements [session.Records].
func (s *Sessions) List(_ context.Context, q session.Query) ([]session.Session, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if q.UserID.IsZero() {
		return s.newest(q.After, q.Limit), nil
	}
	return s.oldestFirst(s.users[q.UserID]), nil
}

// oldestFirst returns the sessions with these hashes in the order in which they began.
func (s *Sessions) oldestFirst(hashes map[session.Hash]struct{}) []session.Session {
	var found []session.Session
	for hash := range hashes {
		found = append(found, s.records[hash].Session)
	}
	slices.SortFunc(found, func(a, b session.Session) int { return comparePlaces(session.PlaceOf(a), session.PlaceOf(b)) })
	return found
}

func comparePlaces(a, b session.Place) int {
	if c := a.BeganAt.Compare(b.BeganAt); c != 0 {
		return c
	}
	return bytes.Compare(a.ID[:], b.ID[:])
}

// newest returns up to limit sessions that began before the one at after, the newest first. It sorts
// the minutes in which sessions have begun, and no more of their sessions than it needs.
func (s *Sessions) newest(after session.Place, limit int) []session.Session {
	var found []session.Session
	for _, minute := range slices.Backward(slices.Sorted(maps.Keys(s.began))) {
		if !after.IsZero() && minute > minuteOf(after.BeganAt) {
			continue
		}
		for _, one := range slices.Backward(s.oldestFirst(s.began[minute])) {
			if len(found) >= limit {
				return found
			}
			if after.IsZero() || comparePlaces(session.PlaceOf(one), after) < 0 {
				found = append(found, one)
			}
		}
	}
	return found
}
