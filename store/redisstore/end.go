package redisstore

import (
	"bytes"
	"context"
	"fmt"
	"time"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/session"
)

// batch is how many sessions one script ends or shows, as nobody else is served meanwhile: some milliseconds.
const batch = 500

// End implements [session.Records]. Those of a user who has very many end in several steps; others may see some of them in
// between, and none when it returns.
func (s *Sessions) End(ctx context.Context, which session.Selection, events ...handstamp.Event) (int, error) {
	n, at, err := s.end(ctx, which)
	if err == nil {
		err = s.store.await(ctx, at)
	}
	if err != nil {
		return 0, fmt.Errorf("end sessions: %w", err)
	}
	if n == 0 {
		return 0, nil
	}
	return n, s.record(ctx, events)
}

// end returns how many sessions it has ended, and where the revoke stands among changes: at zero where nobody
// has to hear of it.
func (s *Sessions) end(ctx context.Context, which session.Selection) (n int, at position, err error) {
	switch {
	case which.Hash != session.Hash{} || !which.ID.IsZero():
		return s.endOne(ctx, which)
	case !which.UserID.IsZero():
		return s.endUser(ctx, which.UserID, which.Except)
	case which.Expired.Limit > 0:
		return s.endExpired(ctx, which)
	default:
		return 0, position{}, nil
	}
}

func (s *Sessions) endOne(ctx context.Context, which session.Selection) (int, position, error) {
	c, err := s.store.change(ctx, endOneScript,
		orEmpty(which.Hash[:]), orEmpty(which.ID[:]), orEmpty(which.UserID[:]), orEmpty(which.Except[:]))
	if err != nil {
		return 0, position{}, err
	}
	return int(c.number()), c.position, c.err
}

func (s *Sessions) endUser(ctx context.Context, user handstamp.ID, except session.Hash) (int, position, error) {
	total := 0
	for from := "-"; ; {
		c, err := s.store.change(ctx, endUserScript, string(user[:]), orEmpty(except[:]), from, text(batch))
		if err != nil {
			return 0, position{}, err
		}
		total += int(c.number())
		if from = c.text(); from == "" || c.err != nil {
			return total, c.position, c.err
		}
	}
}

// endExpired removes what every node refuses by itself; so no one is waited for.
func (s *Sessions) endExpired(ctx context.Context, which session.Selection) (int, position, error) {
	expired := which.Expired
	began := ""
	if !expired.BeganBefore.IsZero() {
		began = timeKey(expired.BeganBefore)
	}
	total := 0
	for total < expired.Limit {
		limit := min(expired.Limit-total, batch)
		c, err := s.store.change(ctx, endExpiredScript,
			began, microsOrEmpty(expired.SeenBefore), microsOrEmpty(expired.UntilBefore), text(int64(limit)))
		if err != nil {
			return 0, position{}, err
		}
		n := int(c.number())
		if c.err != nil {
			return 0, position{}, c.err
		}
		total += n
		if n < limit {
			break
		}
	}
	return total, position{}, nil
}

// orEmpty returns the bytes of a hash or an ID, and an empty text for a zero one.
func orEmpty(id []byte) string {
	if len(bytes.Trim(id, "\x00")) == 0 {
		return ""
	}
	return string(id)
}

func microsOrEmpty(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return micros(t)
}

// A position says where a change stands among all, in one incarnation.
type position struct {
	position    int64
	incarnation string
}
