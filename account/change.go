package account

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"runtime/debug"
	"slices"
	"time"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/session"
)

// Attach makes sessions one whose sessions end with what revokes them here. [Directory.SignIn]
// does this by itself.
func (d *Directory) Attach(sessions *session.Manager) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.sessions[sessions] = struct{}{}
}

// update changes a user and, if the change revokes, ends the user's sessions.
func (d *Directory) update(ctx context.Context, id handstamp.ID, change func(*User) (revoke bool, err error)) (User, error) {
	var updated User
	err := finish(ctx, func(ctx context.Context) error {
		revoked := false
		u, err := d.store.Update(ctx, id, func(u *User) (bool, error) {
			var err error
			if revoked, err = change(u); err != nil {
				return false, err
			}
			if revoked {
				u.Epoch++
			}
			u.UpdatedAt = now()
			return revoked, nil
		})
		d.cache.Drop(id)
		if err == nil && revoked {
			err = d.endSessions(ctx, id)
		}
		updated = u
		return err
	})
	if err != nil { // do not touch updated: the write may still be under way
		return User{}, err
	}
	return updated, nil
}

// writeTimeout is how long a caller waits for a change.
const writeTimeout = 30 * time.Second

// errSlow means that a change takes longer than anybody waits. It may still happen.
var errSlow = errors.New("the store takes too long")

// finish runs do to its end, whether the caller waits for it or not. A change that a store has
// begun may happen also when its caller is gone, and then the cache must hear of it, and the
// sessions must end, all the same.
func finish(ctx context.Context, do func(context.Context) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	done := make(chan error, 1)
	go func() {
		defer func() { // a panic here would end the process, where the caller's is caught
			if cause := recover(); cause != nil {
				done <- fmt.Errorf("panic: %v\n%s", cause, debug.Stack())
			}
		}()
		done <- do(context.WithoutCancel(ctx))
	}()
	timer := time.NewTimer(writeTimeout)
	defer timer.Stop()
	select {
	case err := <-done:
		return err
	case <-timer.C:
		return errSlow
	}
}

func (d *Directory) endSessions(ctx context.Context, id handstamp.ID) error {
	d.mu.Lock()
	managers := slices.Collect(maps.Keys(d.sessions))
	d.mu.Unlock()
	var errs []error
	for _, sessions := range managers {
		errs = append(errs, sessions.EndUser(ctx, id))
	}
	return errors.Join(errs...)
}
