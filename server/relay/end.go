package relay

import (
	"context"
	"errors"
	"fmt"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/session"
)

// End ends the sessions that which selects, and returns how many that were.
func (r *Relay) End(ctx context.Context, which session.Selection, events ...handstamp.Event) (int, error) {
	ended, err := r.records.End(ctx, which, events...)
	if err != nil {
		return 0, fmt.Errorf("end sessions for a service: %w", err)
	}
	if ended > 0 {
		r.config.Notify.Hear(ctx, events...)
	}
	return ended, nil
}

// EndShown ends those of the sessions with these hashes that are there, for somebody who was shown their tokens.
// describe completes the event of each, which is written down with the end of its session.
func (r *Relay) EndShown(ctx context.Context, hashes []session.Hash, describe func(session.Session) handstamp.Event) (ended int, err error) {
	for _, hash := range hashes {
		// Of the many that a service tells again because it is not sure, few are there.
		record, err := r.records.Load(ctx, hash)
		if errors.Is(err, session.ErrGone) {
			continue
		}
		if err != nil {
			return 0, fmt.Errorf("end sessions for a service: %w", err)
		}
		n, err := r.End(ctx, session.Selection{Hash: hash}, describe(record.Session))
		if err != nil {
			return 0, err
		}
		ended += n
	}
	return ended, nil
}

// Position returns the name of the feed and the position of its last change. Whoever has written to the sessions finds his own changes before
// it.
func (r *Relay) Position() (feed string, head int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.feed, r.head
}
