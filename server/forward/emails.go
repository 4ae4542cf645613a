package forward

import (
	"context"
	"time"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/internal/cache"
)

const (
	// emailTime is for how long an email is remembered, so that a page of fifty files is one question to the store.
	emailTime = 2 * time.Second

	// maxEmails is how many are.
	maxEmails = 10_000
)

// emails remembers what a func said a short while ago.
type emails struct {
	ask  func(ctx context.Context, user handstamp.ID) (string, error)
	seen *cache.Cache[handstamp.ID, seenEmail]
}

type seenEmail struct {
	email string
	at    time.Time
}

// newEmails returns nil where there is nobody to ask.
func newEmails(ask func(ctx context.Context, user handstamp.ID) (string, error)) *emails {
	if ask == nil {
		return nil
	}
	return &emails{ask, cache.New[handstamp.ID, seenEmail](maxEmails, func(id handstamp.ID) uint8 { return id[len(id)-1] })}
}

// of returns the email of a user, or "" for somebody who is none.
func (e *emails) of(ctx context.Context, user handstamp.ID) (string, error) {
	if e == nil || user.IsZero() {
		return "", nil
	}
	now := time.Now()
	if seen, ok := e.seen.Get(user); ok && now.Sub(seen.at) < emailTime {
		return seen.email, nil
	}
	ticket := e.seen.Ticket(user)
	email, err := e.ask(ctx, user)
	if err != nil {
		return "", err
	}
	e.seen.Fill(user, seenEmail{email, now}, ticket)
	return email, nil
}
