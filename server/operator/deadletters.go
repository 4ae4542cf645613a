package operator

import (
	"context"
	"errors"

	"github.com/handstamp/handstamp/outbox"
)

// A DeadLetters looks after the events that could not be delivered.
type DeadLetters interface {
	// DeadLetters returns those that which selects, the oldest first.
	DeadLetters(ctx context.Context, which outbox.Filter) ([]outbox.Letter, error)

	// RetryLetters has them tried once more, soon, and returns how many that are.
	RetryLetters(ctx context.Context, which outbox.Filter) (int, error)

	// DropLetters removes them, and returns how many that were.
	DropLetters(ctx context.Context, which outbox.Filter) (int, error)
}

// ErrNoOutbox means that nobody is told of events here.
var ErrNoOutbox = errors.New("no events are delivered from here")

// DeadLetters implements [Operator].
func (l *Local) DeadLetters(ctx context.Context, which outbox.Filter) ([]outbox.Letter, error) {
	if l.Outbox == nil {
		return nil, ErrNoOutbox
	}
	return l.Outbox.Letters(ctx, which)
}

// RetryLetters implements [Operator].
func (l *Local) RetryLetters(ctx context.Context, which outbox.Filter) (int, error) {
	if l.Outbox == nil {
		return 0, ErrNoOutbox
	}
	return l.Outbox.Retry(ctx, which)
}

// DropLetters implements [Operator].
func (l *Local) DropLetters(ctx context.Context, which outbox.Filter) (int, error) {
	if l.Outbox == nil {
		return 0, ErrNoOutbox
	}
	return l.Outbox.Drop(ctx, which)
}

// The calls of DeadLetters.
const (
	callDeadLetters  = "/dead-letters"
	callRetryLetters = "/retry-letters"
	callDropLetters  = "/drop-letters"
)

// DeadLetters implements [Operator].
func (c *Client) DeadLetters(ctx context.Context, which outbox.Filter) ([]outbox.Letter, error) {
	return call[outbox.Filter, []outbox.Letter](ctx, c, callDeadLetters, which)
}

// RetryLetters implements [Operator].
func (c *Client) RetryLetters(ctx context.Context, which outbox.Filter) (int, error) {
	return call[outbox.Filter, int](ctx, c, callRetryLetters, which)
}

// DropLetters implements [Operator].
func (c *Client) DropLetters(ctx context.Context, which outbox.Filter) (int, error) {
	return call[outbox.Filter, int](ctx, c, callDropLetters, which)
}
