package chaos_test

import (
	"context"
	"encoding/json"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/handstamp/handstamp/internal/blackbox/history"
)

// version counts changes of an account, and reports whether it is known to be enabled.
func (a *account) version() (changes int, sure bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.changes, !a.changing && !a.doubtful
}

// begin takes the account for one who changes it. It returns false if somebody has it.
func (a *account) begin() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.changing {
		return false
	}
	a.changing = true
	a.changes++
	return true
}

func (a *account) end(doubtful bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.changing = false
	a.doubtful = a.doubtful || doubtful
	a.changes++
}

// disable disables an account, which ends its sessions, and enables it again.
func (c *clients) disable(ctx context.Context, at *caller, p person, random *rand.Rand) {
	known := c.people[p]
	if !known.begin() {
		return
	}
	start := c.history.Now()
	got, sent := c.setDisabled(ctx, at, known.id, true)
	if !sent {
		known.end(false)
		return
	}
	span := c.history.Since(start)
	done := got.status == 200
	c.history.Revoke(history.Revoke{Span: span, What: "disabled", User: p.email, Node: at.node.index, Done: done})
	c.pool.spoilAll(p, nil)
	if done {
		elsewhere := c.callers[random.IntN(len(c.callers))]
		if c.login(ctx, elsewhere, p) == 200 {
			c.surprise(p.email + " can sign in, though the account is disabled")
		}
	}
	for ctx.Err() == nil {
		if got, _ := c.setDisabled(ctx, c.callers[random.IntN(len(c.callers))], known.id, false); got.status == 200 {
			break
		}
		select {
		case <-ctx.Done():
		case <-time.After(changeEvery):
		}
	}
	// A request that was not answered may be carried out after the one that undoes it.
	known.end(!done)
}

// setDisabled is what an administrator does. It reports whether the request was sent.
func (c *clients) setDisabled(ctx context.Context, at *caller, id string, disabled bool) (got reply, sent bool) {
	token := c.admin.get(ctx, c, at)
	if token == "" {
		return reply{}, false
	}
	got = at.call(ctx, "PUT", api+"/users/"+id, token, map[string]bool{"disabled": disabled})
	if got.status == 403 && *clocks { // by a clock that is wrong, the password was proved long ago, or will be
		c.admin.forget()
		return got, false
	}
	c.expect("an administrator's request", got)
	if got.status == 401 {
		c.surprise("the administrator's session was refused")
	}
	return got, true
}

// An adminSession is that of the administrator, begun anew before its password has been proved too long ago.
type adminSession struct {
	mu    sync.Mutex
	token string
	since time.Time
}

func (a *adminSession) get(ctx context.Context, c *clients, at *caller) string {
	a.mu.Lock()
	defer a.mu.Unlock()
	if time.Since(a.since) > 2*time.Minute {
		if token := c.signIn(ctx, at, admin); token != "" {
			a.token, a.since = token, time.Now()
		}
	}
	return a.token
}

func (a *adminSession) forget() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.since = time.Time{}
}

// signIn returns a session that is nobody's but the caller's, or "".
func (c *clients) signIn(ctx context.Context, at *caller, p person) string {
	got := at.call(ctx, "POST", api+"/auth_session/login", "", map[string]string{"email": p.email, "password": password})
	c.expect("a login", got)
	return got.cookie
}

// meet learns the ids of the people.
func (c *clients) meet(ctx context.Context) {
	c.people = make(map[person]*account)
	for _, p := range append([]person{canary, keeper, admin}, crowd...) {
		c.people[p] = &account{}
	}
	for _, p := range crowd {
		token := c.signIn(ctx, c.callers[0], p)
		got := c.callers[0].call(ctx, "GET", api+"/users/me", token, nil)
		var user struct{ ID string }
		if err := json.Unmarshal(got.body, &user); err != nil || user.ID == "" {
			c.t.Fatalf("%s: %v, %v", p.email, got, err)
		}
		c.people[p].id = user.ID
	}
}
