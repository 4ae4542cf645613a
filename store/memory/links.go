package memory

import (
	"context"
	"maps"
	"time"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/account"
)

// AddLink implements [account.Links].
func (s *Users) AddLink(_ context.Context, l account.Link, events ...handstamp.Event) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	maps.DeleteFunc(s.links, func(_ account.LinkHash, old account.Link) bool {
		return old.Purpose == l.Purpose || !now.Before(old.ExpiresAt)
	})
	s.links[l.Hash] = l
	s.Audit.add(events)
	return nil
}

// RemoveLinks implements [account.Links].
func (s *Users) RemoveLinks(_ context.Context, purpose string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	maps.DeleteFunc(s.links, func(_ account.LinkHash, l account.Link) bool { return l.Purpose == purpose })
	return nil
}

// HasLink implements [account.Links].
func (s *Users) HasLink(_ context.Context, hash account.LinkHash, now time.Time) (bool, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.hasLink(hash, now), nil
}

func (s *Users) hasLink(hash account.LinkHash, now time.Time) bool {
	l, there := s.links[hash]
	return there && now.Before(l.ExpiresAt)
}
