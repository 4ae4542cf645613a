package session

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/handstamp/handstamp"
)

// List returns the live sessions of user, the oldest first.
func (m *Manager) List(ctx context.Context, user handstamp.ID) ([]Session, error) {
	kept, err := m.store.List(ctx, Query{UserID: user})
	if err != nil {
		return nil, fmt.Errorf("list sessions: %w", err)
	}
	now := time.Now()
	live := make([]Session, 0, len(kept))
	for _, s := range kept {
		if m.isAlive(s, now) {
			live = append(live, s)
		}
	}
	return live, nil
}

// HasID returns nil if user has a live session with this public name, and [ErrGone] if not. It asks the store.
func (m *Manager) HasID(ctx context.Context, user, id handstamp.ID) error {
	live, err := m.List(ctx, user)
	if err == nil && !slices.ContainsFunc(live, func(s Session) bool { return s.ID == id }) {
		err = ErrGone
	}
	return err
}

// A Page is a part of the list of everybody's sessions.
type Page struct {
	Sessions []Session
	Next     Place // what to ask for to see those behind; zero at the end
}

// maxReads bounds how often ListAll asks the store for one page.
const maxReads = 10

// ListAll returns up to limit of the live sessions of everybody, the newest first: those behind
// after. A page may have less than limit and others behind it, where there are many sessions that
// have reached a limit and are about to be swept.
func (m *Manager) ListAll(ctx context.Context, after Place, limit int) (Page, error) {
	page := Page{Sessions: []Session{}}
	if limit <= 0 {
		return page, nil
	}
	now := time.Now()
	for range maxReads {
		// One more, to see whether it is the end.
		kept, err := m.store.List(ctx, Query{After: after, Limit: limit + 1})
		if err != nil {
			return Page{}, fmt.Errorf("list sessions: %w", err)
		}
		for _, s := range kept {
			switch {
			case !m.isAlive(s, now):
			case len(page.Sessions) == limit:
				page.Next = after
				return page, nil
			default:
				page.Sessions = append(page.Sessions, s)
			}
			after = PlaceOf(s)
		}
		if len(kept) <= limit {
			return page, nil
		}
	}
	page.Next = after
	return page, nil
}
