package redisstore

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/redis/rueidis"

	"github.com/handstamp/handstamp/session"
)

// A shown is what a script shows at a place: a session, unless it has run out.
type shown struct {
	place   string
	session session.Session
	there   bool
}

// List implements [session.Records].
func (s *Sessions) List(ctx context.Context, q session.Query) ([]session.Session, error) {
	list := s.listAll
	if !q.UserID.IsZero() {
		list = s.listUser
	}
	sessions, err := list(ctx, q)
	if err != nil {
		return nil, fmt.Errorf("list sessions: %w", err)
	}
	return sessions, nil
}

func (s *Sessions) listUser(ctx context.Context, q session.Query) ([]session.Session, error) {
	var sessions []session.Session
	for from := "-"; ; {
		page, err := s.show(ctx, listUserScript, string(q.UserID[:]), from, text(batch))
		if err != nil {
			return nil, err
		}
		for _, one := range page {
			if one.there {
				sessions = append(sessions, one.session)
			}
		}
		if len(page) < batch {
			return sessions, nil
		}
		from = "(" + page[len(page)-1].place
	}
}

// listAll puts what has a time of its own, and what has none, into one order.
func (s *Sessions) listAll(ctx context.Context, q session.Query) ([]session.Session, error) {
	before := "+"
	if !q.After.IsZero() {
		before = "(" + placeOf(q.After.BeganAt, q.After.ID)
	}
	var sessions []session.Session
	for len(sessions) < q.Limit {
		limit := min(q.Limit-len(sessions), batch)
		page, err := s.show(ctx, listAllScript, before, text(int64(limit)))
		if err != nil {
			return nil, err
		}
		slices.SortFunc(page, func(a, b shown) int { return cmp.Compare(b.place, a.place) })
		whole := len(page) < limit
		for _, one := range page[:min(len(page), limit)] {
			if one.there {
				sessions = append(sessions, one.session)
			}
			before = "(" + one.place
		}
		if whole {
			break
		}
	}
	return sessions, nil
}

// show runs a script that shows sessions.
func (s *Sessions) show(ctx context.Context, script *rueidis.Lua, args ...string) ([]shown, error) {
	answer, err := s.store.run(ctx, script, args...)
	if err != nil {
		return nil, err
	}
	page := make([]shown, 0, len(answer))
	for _, m := range answer {
		values, err := m.ToArray()
		if err != nil || len(values) == 0 {
			return nil, errDamaged
		}
		var one shown
		if one.place, err = values[0].ToString(); err != nil {
			return nil, errDamaged
		}
		if len(values) > 1 && !values[1].IsNil() {
			one.there = true
			if one.session, err = readSession(&reply{values: values}); err != nil {
				return nil, err
			}
		}
		page = append(page, one)
	}
	return page, nil
}
