package health

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
)

// errStuck means that a check has not come back from an earlier call.
var errStuck = errors.New("still waiting for the check before")

// watched is a Check that cannot hold up its caller.
type watched struct {
	Check
	running atomic.Bool
	failing bool // as last reported; guarded by Health.busy
}

// start makes the check in the background, unless it still is under way.
func (c *watched) start(ctx context.Context) <-chan error {
	done := make(chan error, 1)
	if !c.running.CompareAndSwap(false, true) {
		done <- errStuck
		return done
	}
	go func() {
		defer c.running.Store(false)
		defer func() {
			if cause := recover(); cause != nil {
				done <- fmt.Errorf("panic: %v", cause)
			}
		}()
		done <- c.Do(ctx)
	}()
	return done
}

func (c *watched) await(ctx context.Context, done <-chan error) error {
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
	}
	select {
	case err := <-done: // both at once
		return err
	default:
		return ctx.Err()
	}
}
