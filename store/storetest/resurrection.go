package storetest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/session"
)

// Resurrection lets slow requests overlap with logouts in every way that there is, and returns an
// error if a session is alive after it has ended.
//
// It is the race that libraries lose which load the session at the start of a request and save
// it at the end: the request reads, the user logs out, the request writes, and the session that
// the user believes ended is there again.
func Resurrection(ctx context.Context, store session.Store) error {
	m := session.New(store)
	defer m.Close()
	return errors.Join(slowRequest(ctx, m), storm(ctx, m))
}

// slowRequest is the race with every step in its place: the logout happens exactly between the
// request's reading and its writing.
func slowRequest(ctx context.Context, m *session.Manager) error {
	var errs []error
	for name, logout := range map[string]func(handstamp.ID, session.Token) error{
		"logout":            func(_ handstamp.ID, token session.Token) error { return m.End(ctx, token) },
		"logout everywhere": func(user handstamp.ID, _ session.Token) error { return m.EndUser(ctx, user) },
	} {
		user := handstamp.NewID()
		_, token, err := m.Begin(ctx, handstamp.Identity{UserID: user})
		if err != nil {
			return err
		}
		var logoutErr error
		_, err = m.Update(ctx, token, func(data session.Data) error {
			logoutErr = logout(user, token)
			data["cart"] = json.RawMessage(`1`)
			return nil
		})
		if logoutErr != nil {
			return logoutErr
		}
		if !errors.Is(err, session.ErrGone) {
			errs = append(errs, fmt.Errorf("a request wrote data after %s: error %w, want ErrGone", name, err))
		}
		errs = append(errs, alive(ctx, m, user, token, name))
	}
	return errors.Join(errs...)
}

// storm runs all that can be done to a session at once with its end, and with checks that fill the
// cache.
func storm(ctx context.Context, m *session.Manager) error {
	const rounds = 40
	for range rounds {
		user := handstamp.NewID()
		_, token, err := m.Begin(ctx, handstamp.Identity{UserID: user})
		if err != nil {
			return err
		}
		var mu sync.Mutex
		tokens := []session.Token{token} // every token that the session ever had
		var all sync.WaitGroup
		for _, request := range []func(){
			func() {
				_, _ = m.Update(ctx, token, func(data session.Data) error {
					data["n"] = json.RawMessage(`1`)
					return nil
				})
			},
			func() { _ = m.Touch(ctx, token) },
			func() { _, _ = m.Find(ctx, token) },
			func() {
				if renewed, err := m.Renew(ctx, token); err == nil {
					mu.Lock()
					tokens = append(tokens, renewed)
					mu.Unlock()
				}
			},
		} {
			for range 3 {
				all.Go(request)
			}
		}
		if err := m.EndUser(ctx, user); err != nil {
			return err
		}
		// Refused at once, while the slow requests are still running.
		_, during := m.Find(ctx, token)
		all.Wait()
		if !errors.Is(during, session.ErrGone) {
			return fmt.Errorf("a session was accepted right after it had ended: %w", during)
		}
		for _, token := range tokens {
			if err := alive(ctx, m, user, token, "a storm of requests"); err != nil {
				return err
			}
		}
	}
	return nil
}

// alive returns an error if the session is there in any way.
func alive(ctx context.Context, m *session.Manager, user handstamp.ID, token session.Token, after string) error {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	if _, err := m.Find(ctx, token); !errors.Is(err, session.ErrGone) {
		return fmt.Errorf("the session is back after %s: error %w, want ErrGone", after, err)
	}
	if sessions, err := m.List(ctx, user); err != nil || len(sessions) > 0 {
		return fmt.Errorf("the session is in the list after %s: %d sessions, error %w", after, len(sessions), err)
	}
	return nil
}
