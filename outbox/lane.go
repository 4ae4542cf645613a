package outbox

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	"github.com/handstamp/handstamp/audit"
)

const (
	parallel    = 8                // messages of different users that are under way at once
	downAfter   = 5                // failures in a row until a destination is left alone
	pollEvery   = time.Second      // how often the log is looked at when nobody says Wake
	pageSize    = 256              // entries read at once
	sendTimeout = 30 * time.Second // for one message
	saveSkipped = time.Minute      // how long the position may be behind what nobody wants
	maxError    = 300              // bytes of an error that are kept
)

// A lane is the way to one destination. Only the goroutine that works on it touches what has no lock.
type lane struct {
	Destination
	deliverer *Deliverer
	wake      chan struct{}
	delivered atomic.Uint64

	window  window
	saved   int64 // the position in the store
	savedAt time.Time

	failures     int       // in a row, of any message
	failingSince time.Time // the first of them
	lastSuccess  time.Time
	quietUntil   time.Time // the destination is left alone

	publishing, storing trouble
}

func newLane(d *Deliverer, to Destination) *lane {
	return &lane{
		Destination: to, deliverer: d, wake: make(chan struct{}, 1),
		publishing: trouble{of: to.Name, report: d.config.Report},
		storing:    trouble{report: d.config.Report},
	}
}

// work delivers until ctx is done or the turn is lost. When the store fails it begins again, after a while, at the position
// that the store knows.
func (l *lane) work(ctx context.Context) error {
	for failures := 0; ; failures++ {
		began := time.Now()
		err := l.deliver(ctx)
		if ctx.Err() != nil || errors.Is(err, ErrNotYourTurn) {
			return err
		}
		l.storing.tell(fmt.Errorf("deliver to %s: %w", l.Name, err))
		if time.Since(began) > maxDelay {
			failures = 0
		}
		wait(ctx, backoff(failures+1), nil)
	}
}

// deliver works on the destination from the position that the store knows.
func (l *lane) deliver(ctx context.Context) error {
	position, err := call(ctx, func(ctx context.Context) (int64, error) { return l.deliverer.store.Open(ctx, l.Name) })
	if err != nil {
		return fmt.Errorf("open position: %w", err)
	}
	l.window = window{position: position, read: position}
	l.saved, l.savedAt = position, time.Now()
	for {
		more, err := l.read(ctx)
		if err != nil {
			return err
		}
		l.storing.tell(nil)
		if err := l.retry(ctx); err != nil {
			return err
		}
		batch, next := l.due(time.Now())
		if len(batch) == 0 && !more {
			if l.window.position != l.saved && time.Since(l.savedAt) >= saveSkipped {
				if err := l.save(ctx, nil, nil); err != nil {
					return err
				}
			}
			if !wait(ctx, min(pollEvery, next), l.wake) {
				return ctx.Err()
			}
			continue
		}
		if !l.deliverer.hasTurn() {
			return ErrNotYourTurn
		}
		dead := l.send(ctx, batch)
		if ctx.Err() != nil {
			return ctx.Err() // what came of it is not known: it is sent again
		}
		if err := l.save(ctx, dead, nil); err != nil {
			return err
		}
	}
}

// call gives a call of the store its time.
func call[T any](ctx context.Context, do func(context.Context) (T, error)) (T, error) {
	ctx, cancel := context.WithTimeout(ctx, storeTimeout)
	defer cancel()
	return do(ctx)
}

// read takes what is new in the log into the window, and reports whether there may be more.
func (l *lane) read(ctx context.Context) (more bool, err error) {
	room := min(pageSize, windowSize-len(l.window.open))
	if room <= 0 {
		return false, nil
	}
	entries, err := call(ctx, func(ctx context.Context) ([]audit.Entry, error) {
		return l.deliverer.store.Entries(ctx, l.window.read, room)
	})
	if err != nil {
		return false, fmt.Errorf("read audit log: %w", err)
	}
	for _, e := range entries {
		if isTold[e.Action] {
			m, err := newMessage(l.deliverer.config.Source, e)
			if err != nil {
				return false, err
			}
			if l.Wants == nil || l.Wants(m) {
				l.window.open = append(l.window.open, &pending{Message: m, entry: e})
			}
		}
		l.window.read = e.Number
	}
	l.window.settle()
	return len(entries) == room, nil
}

// due returns what is to be sent now, or how long it takes until there is something.
func (l *lane) due(now time.Time) (batch []*pending, next time.Duration) {
	if quiet := l.quietUntil.Sub(now); quiet > 0 {
		return nil, quiet
	}
	heads := l.window.heads()
	if l.failures >= downAfter && len(heads) > 0 {
		// One of them is asked to find out, and that one which has waited longest: it may be the others who fail.
		first := slices.MinFunc(heads, func(a, b *pending) int { return a.due.Compare(b.due) })
		return []*pending{first}, 0
	}
	next = pollEvery
	for _, p := range heads {
		if in := p.due.Sub(now); in > 0 {
			next = min(next, in)
		} else if batch = append(batch, p); len(batch) == parallel {
			break
		}
	}
	return batch, next
}

// save writes what was done, where something was.
func (l *lane) save(ctx context.Context, dead []Letter, delivered []string) error {
	l.window.settle()
	if l.window.position == l.saved && len(dead) == 0 && len(delivered) == 0 {
		return nil
	}
	step := Step{Destination: l.Name, Position: l.window.position, Dead: dead, Delivered: delivered}
	_, err := call(ctx, func(ctx context.Context) (struct{}, error) {
		return struct{}{}, l.deliverer.store.Save(ctx, l.deliverer.node, step)
	})
	if err != nil {
		return fmt.Errorf("save position: %w", err)
	}
	l.saved, l.savedAt = l.window.position, time.Now()
	return nil
}
