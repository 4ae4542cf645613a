package outbox

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"
)

// send publishes a batch and returns the letters of those that are given up.
func (l *lane) send(ctx context.Context, batch []*pending) (dead []Letter) {
	if len(batch) == 0 {
		return nil
	}
	errs := make([]error, len(batch))
	var sending sync.WaitGroup
	for i, p := range batch {
		sending.Go(func() { errs[i] = l.publish(ctx, p.Message) })
	}
	sending.Wait()
	if ctx.Err() != nil {
		return nil
	}
	now := time.Now()
	for i, p := range batch {
		if p.done = errs[i] == nil; p.done {
			continue
		}
		p.attempts++
		p.due = now.Add(max(backoff(p.attempts), wish(errs[i])))
		if p.firstFailed.IsZero() {
			p.firstFailed = now
		}
		l.failed(now, errs[i])
	}
	if slices.Contains(errs, nil) {
		l.succeeded(now)
	}
	return l.giveUp(now, batch, errs)
}

// giveUp returns the letters of messages that are tried no more: of a batch, and where nothing has got through for
// long, of all that have become too old.
func (l *lane) giveUp(now time.Time, batch []*pending, errs []error) (dead []Letter) {
	bury := func(p *pending, err error) {
		p.done = true
		dead = append(dead, Letter{
			Destination: l.Name, ID: p.ID, Entry: p.entry, Attempts: p.attempts, Error: cut(err.Error()),
			FailedAt: now.UTC().Truncate(time.Microsecond),
		})
	}
	for i, p := range batch {
		othersPass := l.lastSuccess.After(p.firstFailed)
		if !p.done && othersPass && p.attempts >= minAttempts && now.Sub(p.firstFailed) >= giveUpOne {
			bury(p, errs[i])
		}
	}
	if l.failures > 0 && now.Sub(l.failingSince) >= giveUpDown {
		for _, p := range l.window.open {
			if !p.done && now.Sub(p.Event.At) >= giveUpAll {
				bury(p, errs[len(errs)-1])
			}
		}
	}
	if len(dead) > 0 {
		first := dead[0]
		l.deliverer.config.Report(l.Name, fmt.Errorf("%w: %d, the first of them %s: %s", ErrGivenUp, len(dead), first.ID, first.Error))
	}
	return dead
}

func (l *lane) publish(ctx context.Context, m Message) error {
	ctx, cancel := context.WithTimeout(ctx, sendTimeout)
	defer cancel()
	err := l.Publisher.Publish(ctx, m)
	if err == nil {
		l.delivered.Add(1)
	}
	return err
}

// failed notes a failure. Where there are many in a row, the destination is left alone for a while.
func (l *lane) failed(now time.Time, err error) {
	if l.failures++; l.failures == 1 {
		l.failingSince = now
	}
	if over := l.failures - downAfter; over >= 0 {
		l.quietUntil = now.Add(max(backoff(over+1), wish(err)))
	}
	l.publishing.tell(err)
}

// succeeded notes that something got through. After an outage all others are tried at once.
func (l *lane) succeeded(now time.Time) {
	if l.failures >= downAfter {
		for _, p := range l.window.open {
			p.due = time.Time{}
		}
	}
	l.failures, l.quietUntil, l.lastSuccess = 0, time.Time{}, now
	l.publishing.tell(nil)
}
