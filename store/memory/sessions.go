// Package memory keeps sessions, users and attempts in this process. They are gone when it ends, so it is
// for tests, for development, and for sessions that need not outlive the server.
package memory

import (
	"bytes"
	"context"
	"slices"
	"sync"
	"time"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/session"
)

// Sessions is a [session.Store].
type Sessions struct {
	session.Broadcast

	// Audit keeps the events; nil to keep none.
	Audit *Audit

	mu      sync.Mutex
	records map[session.Hash]*session.Record
	users   map[handstamp.ID]map[session.Hash]struct{}
	began   minutes[session.Hash]
	seen    minutes[session.Hash] // but of those that have an Until
	until   minutes[session.Hash]
}

// New returns a store without sessions.
func New() *Sessions {
	return &Sessions{
		records: make(map[session.Hash]*session.Record),
		users:   make(map[handstamp.ID]map[session.Hash]struct{}),
		began:   make(minutes[session.Hash]),
		seen:    make(minutes[session.Hash]),
		until:   make(minutes[session.Hash]),
	}
}

// Insert implements [session.Records].
func (s *Sessions) Insert(_ context.Context, r session.Record, events ...handstamp.Event) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, there := s.records[r.Hash]; there {
		return session.ErrExists
	}
	r.Data = bytes.Clone(r.Data)
	s.add(&r)
	s.Audit.add(events)
	return nil
}

func (s *Sessions) add(r *session.Record) {
	s.records[r.Hash] = r
	if s.users[r.UserID] == nil {
		s.users[r.UserID] = make(map[session.Hash]struct{})
	}
	s.users[r.UserID][r.Hash] = struct{}{}
	s.began.add(r.BeganAt, r.Hash)
	s.ends(r).add(endOf(r), r.Hash)
}

// ends returns by which time, besides that of its beginning, r is found when it has expired.
func (s *Sessions) ends(r *session.Record) minutes[session.Hash] {
	if r.Until.IsZero() {
		return s.seen
	}
	return s.until
}

// endOf returns that time.
func endOf(r *session.Record) time.Time {
	if r.Until.IsZero() {
		return r.SeenAt
	}
	return r.Until
}

func (s *Sessions) remove(r *session.Record) {
	delete(s.records, r.Hash)
	s.began.remove(r.BeganAt, r.Hash)
	s.ends(r).remove(endOf(r), r.Hash)
	of := s.users[r.UserID]
	delete(of, r.Hash)
	if len(of) == 0 {
		delete(s.users, r.UserID)
	}
}

// Load implements [session.Records].
func (s *Sessions) Load(_ context.Context, hash session.Hash) (session.Record, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, ok := s.records[hash]
	if !ok {
		return session.Record{}, session.ErrGone
	}
	return copyOf(r), nil
}

// copyOf returns a record that shares nothing with the one that is kept.
func copyOf(r *session.Record) session.Record {
	c := *r
	c.Data = bytes.Clone(r.Data)
	return c
}

// Swap implements [session.Records].
func (s *Sessions) Swap(_ context.Context, old session.Hash, r session.Record, events ...handstamp.Event) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	was, ok := s.records[old]
	if !ok {
		return session.ErrGone
	}
	if was.Revision != r.Revision {
		return session.ErrConflict
	}
	now := *was
	now.Hash, now.ProvedAt, now.Data = r.Hash, r.ProvedAt, bytes.Clone(r.Data)
	now.Until, now.Generation, now.RotatedAt = r.Until, r.Generation, r.RotatedAt
	now.Revision++
	s.remove(was)
	s.add(&now)
	s.Audit.add(events)
	if change, there := r.ChangeFrom(old); there {
		s.Publish(change)
	}
	return nil
}

// Touch implements [session.Records].
func (s *Sessions) Touch(_ context.Context, hash session.Hash, at time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, ok := s.records[hash]
	if !ok {
		return session.ErrGone
	}
	if at.After(r.SeenAt) {
		s.ends(r).remove(endOf(r), hash)
		r.SeenAt = at
		s.ends(r).add(endOf(r), hash)
	}
	return nil
}

// End implements [session.Records].
func (s *Sessions) End(_ context.Context, which session.Selection, events ...handstamp.Event) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	ended := s.selected(which)
	changes := make([]session.Change, 0, len(ended)+1)
	for _, r := range ended {
		s.remove(r)
		changes = append(changes, session.Change{Hash: r.Hash})
	}
	if !which.UserID.IsZero() {
		changes = append(changes, session.Change{UserID: which.UserID})
	}
	if len(ended) > 0 {
		s.Audit.add(events)
	}
	s.Publish(changes...)
	return len(ended), nil
}

// selected returns the records that which selects, by whatever finds them soonest.
func (s *Sessions) selected(which session.Selection) []*session.Record {
	var found []*session.Record
	take := func(hash session.Hash) {
		if r, ok := s.records[hash]; ok && hash != which.Except &&
			(which.Hash == session.Hash{} || hash == which.Hash) &&
			(which.ID.IsZero() || r.ID == which.ID) &&
			(which.UserID.IsZero() || r.UserID == which.UserID) {
			found = append(found, r)
		}
	}
	switch expired := which.Expired; {
	case which.Hash != session.Hash{}:
		take(which.Hash)
	case !which.UserID.IsZero():
		for hash := range s.users[which.UserID] {
			take(hash)
		}
	case !which.ID.IsZero():
		for hash := range s.records {
			take(hash)
		}
	case expired.Limit > 0:
		found = before(expired.BeganBefore, expired.Limit, s.began, s.records, beganForGood)
		for _, by := range []struct {
			before time.Time
			in     minutes[session.Hash]
		}{{expired.SeenBefore, s.seen}, {expired.UntilBefore, s.until}} {
			for _, r := range before(by.before, expired.Limit-len(found), by.in, s.records, endOf) {
				if !slices.Contains(found, r) {
					found = append(found, r)
				}
			}
		}
	}
	return found
}

// Count returns how many sessions are kept, whether or not they have reached a limit.
func (s *Sessions) Count(context.Context) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.records), nil
}
