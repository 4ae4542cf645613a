package chaos_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"sync"

	"github.com/handstamp/handstamp/internal/blackbox/history"
)

// bagLife is how many requests there are about a data bag before there is a new one.
const bagLife = 150

// A bag is the data bag in which clients write at every node.
type bag struct {
	mu    sync.Mutex
	token string
	left  int
}

// get returns the session whose data bag it is.
func (b *bag) get(ctx context.Context, c *clients, at *caller) string {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.left == 0 {
		if token := c.signIn(ctx, at, keeper); token != "" {
			b.token, b.left = token, bagLife
		}
		return b.token
	}
	b.left--
	return b.token
}

// newBagWriter returns what reads the data bag at a node, and replaces what it has read.
func (c *clients) newBagWriter(ctx context.Context, at *caller) func(*rand.Rand) {
	return func(random *rand.Rand) {
		token := c.bag.get(ctx, c, at)
		if token == "" {
			return
		}
		revision := c.readBag(ctx, at, token)
		if revision == 0 {
			return
		}
		start := c.history.Now()
		value := strconv.FormatUint(random.Uint64(), 36)
		got := at.call(ctx, "PUT", api+"/auth_session/data", token, map[string]string{"v": value}, "If-Match", fmt.Sprintf("%q", strconv.FormatInt(revision, 10)))
		c.expect("a write to a data bag", got)
		w := history.Write{Span: c.history.Since(start), Bag: token, If: revision, Value: value}
		switch got.status {
		case 204:
			w.Result = history.Done
		case 412:
			w.Result = history.Conflict
		case 401:
			c.surprise("the session of a data bag was refused")
		}
		c.history.Write(w)
	}
}

// readBag returns the revision of a data bag, or 0.
func (c *clients) readBag(ctx context.Context, at *caller, token string) int64 {
	start := c.history.Now()
	got := at.call(ctx, "GET", api+"/auth_session/data", token, nil)
	c.expect("a data bag", got)
	if got.status != 200 {
		return 0
	}
	var data struct{ V string }
	revision, err := strconv.ParseInt(strings.Trim(got.etag, `"`), 10, 64)
	if err != nil || json.Unmarshal(got.body, &data) != nil {
		return 0 // it was cut off
	}
	c.history.Write(history.Write{
		Span: c.history.Since(start), Bag: token, Value: data.V, Revision: revision, Result: history.Done,
	})
	return revision
}
