package sqlstore

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// An other is another process that answers from memory.
type other struct {
	id       string
	lease    time.Duration
	applied  int64
	renewals int64
}

// others returns the other processes that an incarnation of the database knows.
func (sh *shared) others(ctx context.Context, incarnation string) ([]other, error) {
	for range maxStale {
		var others []other
		_, err := sh.ask(ctx, func(r row) error {
			var o other
			var lease int64
			err := r.Scan(&o.id, &lease, &o.applied, &o.renewals)
			o.lease = time.Duration(lease) * time.Microsecond
			others = append(others, o)
			return err
		}, `SELECT node, lease, applied, renewals FROM nodes WHERE node <> $1`, []any{sh.node.ID()},
			func(from string) bool { return from != incarnation })
		if err == nil {
			return others, nil
		}
		if !errors.Is(err, errReplaced) {
			return nil, fmt.Errorf("read nodes: %w", err)
		}
	}
	return nil, fmt.Errorf("read nodes: %w", errReplaced)
}

// remove removes a process that has not renewed its lease since it was read.
func (sh *shared) remove(ctx context.Context, o other) error {
	// One row in each transaction, so that two who remove the same ones never wait for each other.
	_, err := sh.store.reads.exec(ctx, `DELETE FROM nodes WHERE node = $1 AND renewals = $2`, o.id, o.renewals)
	if err != nil {
		return fmt.Errorf("remove node: %w", err)
	}
	return nil
}

// clockMargin is the part of a lease that is waited for in addition: no two clocks run equally fast.
const clockMargin = 50

// settle returns when every other process has applied the changes up to a place, or cannot have a lease any more: one that was granted
// before they were committed is over by then, and for one granted later they had to be read first. Where the Store is not
// strict it returns at once.
//
// What is to be waited for was done, whatever settle returns; an error means that it is not known to have arrived everywhere.
func (sh *shared) settle(ctx context.Context, upTo place, committed time.Time) error {
	if !sh.config.Strict {
		return nil
	}
	pause := time.Millisecond
	timer := time.NewTimer(0)
	defer timer.Stop()
	first := make(silence)
	giveUp := time.Time{} // when nothing has been heard of the database for too long
	for {
		select {
		case <-timer.C:
		case <-ctx.Done():
			return fmt.Errorf("wait for other nodes: %w", ctx.Err())
		}
		others, err := sh.others(ctx, upTo.incarnation)
		if err != nil {
			if giveUp.IsZero() {
				giveUp = time.Now().Add(sh.config.Timeout)
			}
			if time.Now().After(giveUp) {
				return fmt.Errorf("wait for other nodes: %w", err)
			}
		} else if giveUp = (time.Time{}); sh.settled(ctx, others, upTo.position, committed, first) {
			return nil
		}
		timer.Reset(pause)
		pause = min(2*pause, 20*time.Millisecond)
	}
}

// settled reports whether there is nobody to wait for, and removes those who have been silent for so long that there is no use in waiting for
// them again the next time.
func (sh *shared) settled(ctx context.Context, others []other, position int64, committed time.Time, first silence) bool {
	passed := time.Since(committed)
	settled := true
	for _, o := range others {
		was, known := first[o.id]
		if !known {
			first[o.id] = heardOf{renewals: o.renewals, since: time.Now()}
		}
		switch {
		case o.applied >= position:
		case passed <= o.lease+o.lease/clockMargin:
			settled = false
		case !known || was.renewals != o.renewals:
		case time.Since(was.since) <= o.lease+o.lease/clockMargin:
			settled = false
		default:
			_ = sh.remove(ctx, o)
		}
	}
	return settled
}
