package outbox

import (
	"context"
	"fmt"
	"time"
)

// retry sends the dead letters of which an operator has said so, once each.
func (l *lane) retry(ctx context.Context) error {
	if time.Now().Before(l.quietUntil) {
		return nil
	}
	letters, err := call(ctx, func(ctx context.Context) ([]Letter, error) {
		return l.deliverer.store.Letters(ctx, Filter{Destination: l.Name, Retry: true, Limit: parallel})
	})
	if err != nil {
		return fmt.Errorf("read dead letters: %w", err)
	}
	for _, letter := range letters {
		m, err := newMessage(l.deliverer.config.Source, letter.Entry)
		if err != nil {
			return err
		}
		err = l.publish(ctx, m)
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err == nil:
			err = l.save(ctx, nil, []string{letter.ID})
		default:
			letter.Attempts++
			letter.Error, letter.FailedAt, letter.Retry = cut(err.Error()), time.Now().UTC().Truncate(time.Microsecond), false
			err = l.save(ctx, []Letter{letter}, nil)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// cut returns as much of an error as is kept.
func cut(text string) string {
	if len(text) > maxError {
		text = text[:maxError]
	}
	return text
}
