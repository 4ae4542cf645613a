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

// update changes a user and ends the sessions that the change ends, but never that of keep unless all
// do.
func (d *Directory) update(ctx context.Context, id handstamp.ID, keep session.Token, change func(*User) (changes, error)) (User, error) {
	var updated User
	var events []handstamp.Event
	err := finish(ctx, func(ctx context.Context) error {
		var done changes
		u, err := d.store.Update(ctx, id, func(u *User) (Write, error) {
			var err error
			if done, err = change(u); err != nil {
				return Write{}, err
			}
			if done.ends == endsAll {
				keep = ""
			}
			w := Write{Revoke: done.ends != endsNone, LastRole: d.AdminRole, Link: done.link, Now: now()}
			if keep != "" {
				w.Except = keep.Hash()
			}
			for i, action := range done.actions {
				e := handstamp.NewEvent(ctx, action)
				e.UserID = id
				if i == len(done.actions)-1 {
					e.Reason = done.reason
				}
				w.Events = append(w.Events, e)
			}
			if w.Revoke {
				u.Epoch++
			}
			u.UpdatedAt = now()
			events = w.Events
			return w, nil
		})
		d.cache.Drop(id)
		if err == nil && slices.Contains(done.actions, handstamp.ActionPasswordChange) {
			// Failures with the old password say nothing about the new one.
			d.settle(ctx, func(ctx context.Context) error { return d.Limits.Reset(ctx, accountOf(u)) })
		}
		if err == nil && done.ends != endsNone {
			err = d.endSessions(ctx, id, keep)
		}
		updated = u
		return err
	})
	if err != nil { // do not touch updated: the write may still be under way
		return User{}, err
	}
	d.Notify.Hear(ctx, events...)
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

// endSessions ends the sessions of a user in the managers that are attached, as their store may be
// another one than that of the users; but not the session of keep.
func (d *Directory) endSessions(ctx context.Context, id handstamp.ID, keep session.Token) error {
	d.mu.Lock()
	managers := slices.Collect(maps.Keys(d.sessions))
	d.mu.Unlock()
	var errs []error
	for _, sessions := range managers {
		if keep == "" {
			errs = append(errs, sessions.EndUser(ctx, id))
		} else {
			errs = append(errs, sessions.EndOthers(ctx, id, keep))
		}
	}
	return errors.Join(errs...)
}
