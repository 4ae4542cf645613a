package chaos_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/handstamp/handstamp/internal/blackbox/history"
)

const (
	liveSessions = 40 // that the clients want to have
	checkEvery   = 15 * time.Millisecond
	changeEvery  = 120 * time.Millisecond
)

// clients are all who use the cluster, at every node.
type clients struct {
	t       testing.TB
	history *history.History
	callers []*caller // by node
	pool    pool
	delays  delays
	weather weather

	people map[person]*account
	bag    bag
	admin  adminSession

	mu        sync.Mutex
	surprises map[string]int
	working   sync.WaitGroup
	stop      context.CancelFunc
}

// An account is what is known of a person.
type account struct {
	id string
	mu sync.Mutex
	// changing says that it is being disabled or enabled; doubtful, that nobody knows what came of that.
	changing, doubtful bool
	changes            int
}

// start lets all clients loose until finish is called.
func (c *clients) start(random *rand.Rand) {
	ctx, stop := context.WithCancel(context.Background())
	c.stop = stop
	loop := func(every time.Duration, do func(*rand.Rand)) {
		own := rand.New(rand.NewPCG(random.Uint64(), 0))
		c.working.Go(func() {
			for ctx.Err() == nil {
				do(own)
				select {
				case <-ctx.Done():
				case <-time.After(time.Duration(own.Int64N(int64(2 * every)))):
				}
			}
		})
	}
	for _, at := range c.callers {
		for range 2 {
			loop(checkEvery, func(own *rand.Rand) {
				if h := c.pool.any(own); h != nil {
					c.use(ctx, at, h)
				}
			})
			loop(changeEvery, func(own *rand.Rand) { c.change(ctx, at, own) })
		}
		loop(changeEvery, c.newBagWriter(ctx, at))
	}
}

// finish waits for all clients. What they are doing is not waited for.
func (c *clients) finish() {
	c.stop()
	c.working.Wait()
}

// use asks who a token belongs to.
func (c *clients) use(ctx context.Context, at *caller, h *held) history.Outcome {
	start := c.history.Now()
	got := at.call(ctx, "GET", api+"/users/me", h.text, nil)
	c.used(start, at, h, got)
	return got.outcome()
}

// used notes what a request with a token says about it.
func (c *clients) used(start time.Duration, at *caller, h *held, got reply) history.Span {
	span := c.history.Since(start)
	c.expect("a request with a session", got)
	c.history.Use(history.Use{Span: span, Token: h.text, Node: at.node.index, Outcome: got.outcome()})
	if got.outcome() == history.Refused {
		c.pool.spoil(h)
	}
	return span
}

// expect notes an answer that nobody should get, whatever is broken.
func (c *clients) expect(what string, got reply) {
	if got.isExpected() {
		return
	}
	c.surprise(fmt.Sprintf("%s: %d %s", what, got.status, got))
}

func (c *clients) surprise(what string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.surprises[what]++
}

// change does something that changes sessions.
func (c *clients) change(ctx context.Context, at *caller, random *rand.Rand) {
	if c.pool.size() < liveSessions && random.IntN(3) > 0 {
		c.login(ctx, at, crowd[random.IntN(len(crowd))])
		return
	}
	h := c.pool.take(random)
	if h == nil {
		return
	}
	defer c.pool.release(h)
	switch kind := random.IntN(100); {
	case kind < 40:
		c.logout(ctx, at, h)
	case kind < 45:
		c.logout(ctx, at, h)
		c.endRest(ctx, h.owner, random)
	case kind < 50:
		c.logout(ctx, at, h)
		c.logout(ctx, c.callers[random.IntN(len(c.callers))], h) // which is refused, and from then on all of it
	case kind < 84:
		c.renew(ctx, at, h)
	case kind < 90:
		c.endAll(ctx, at, h, "?others=true", h)
	case kind < 95:
		c.endAll(ctx, at, h, "", nil)
	default:
		c.disable(ctx, at, h.owner, random)
	}
}

// login returns a new token, or nil.
func (c *clients) login(ctx context.Context, at *caller, p person) (status int) {
	known := c.people[p]
	before, sure := known.version()
	start := c.history.Now()
	got := at.call(ctx, "POST", api+"/auth_session/login", "", map[string]string{"email": p.email, "password": password})
	span := c.history.Since(start)
	c.expect("a login", got)
	after, still := known.version()
	switch {
	case got.status == 200 && got.cookie != "":
		c.history.Login(history.Login{Span: span, Token: got.cookie, User: p.email, Node: at.node.index})
		c.pool.add(got.cookie, p)
	case got.status == 401 && sure && still && before == after:
		c.surprise(p.email + " cannot sign in, though nobody has disabled the account, or it was enabled")
	}
	return got.status
}

// logout ends the token's session.
func (c *clients) logout(ctx context.Context, at *caller, h *held) {
	start := c.history.Now()
	got := at.call(ctx, "DELETE", api+"/auth_session/logout", h.text, nil)
	span := c.used(start, at, h, got)
	if got.outcome() == history.Refused {
		return
	}
	c.history.Revoke(history.Revoke{Span: span, What: "logout", Token: h.text, Node: at.node.index, Done: got.status == 200})
	c.pool.spoil(h)
	if got.status == 200 {
		c.watch(ctx, at, h, span.End)
	}
}

// renew exchanges the token for another one.
func (c *clients) renew(ctx context.Context, at *caller, h *held) {
	start := c.history.Now()
	got := at.call(ctx, "POST", api+"/auth_session/renew", h.text, nil)
	span := c.used(start, at, h, got)
	if got.outcome() == history.Refused {
		return
	}
	c.history.Revoke(history.Revoke{Span: span, What: "renewal", Token: h.text, Node: at.node.index, Done: got.status == 200})
	c.pool.spoil(h)
	if got.status == 200 {
		c.history.Login(history.Login{Span: span, Token: got.cookie, User: h.owner.email, Node: at.node.index})
		c.pool.add(got.cookie, h.owner)
		c.watch(ctx, at, h, span.End)
	}
}

// endRest ends what else a user has, at any node. One that has not heard yet of what has ended elsewhere before
// must refuse that as well when it answers.
func (c *clients) endRest(ctx context.Context, owner person, random *rand.Rand) {
	if h := c.pool.takeOf(owner); h != nil {
		defer c.pool.release(h)
		c.endAll(ctx, c.callers[random.IntN(len(c.callers))], h, "", nil)
	}
}

// endAll ends all sessions of the token's user but one, which may be nil.
func (c *clients) endAll(ctx context.Context, at *caller, h *held, query string, except *held) {
	start := c.history.Now()
	got := at.call(ctx, "DELETE", api+"/auth_session/all"+query, h.text, nil)
	span := c.used(start, at, h, got)
	if got.outcome() == history.Refused {
		return
	}
	r := history.Revoke{Span: span, What: "all" + query, User: h.owner.email, Node: at.node.index, Done: got.status == 200}
	if except != nil {
		r.Except = except.text
	}
	c.history.Revoke(r)
	c.pool.spoilAll(h.owner, except)
}
