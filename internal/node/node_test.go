package node_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/handstamp/handstamp/internal/node"
	"github.com/handstamp/handstamp/session"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// A feed is a store that a test can break.
type feed struct {
	mu          sync.Mutex
	incarnation string
	changes     []session.Change
	forgotten   int64 // changes up to this position are not known any more
	broken      error
	delay       time.Duration // of each answer, after it has been read
	good        time.Duration

	renewals   []node.Renewal
	reasserted []session.Hash
	released   []string
}

func (f *feed) Renew(ctx context.Context, r node.Renewal) (node.News, error) {
	f.mu.Lock()
	news, err := f.news(r), f.broken
	delay := f.delay
	f.mu.Unlock()
	select {
	case <-time.After(delay):
	case <-ctx.Done():
		return node.News{}, ctx.Err()
	}
	return news, err
}

func (f *feed) news(r node.Renewal) node.News {
	f.renewals = append(f.renewals, r)
	head := f.forgotten + int64(len(f.changes))
	news := node.News{Incarnation: f.incarnation, Head: head, Good: f.good}
	if r.After >= 0 && r.After < f.forgotten {
		news.Gap = true
	} else if r.After >= 0 && r.After <= head {
		news.Changes = slices.Clone(f.changes[r.After-f.forgotten:])
	}
	return news
}

func (f *feed) Reassert(_ context.Context, ended []session.Hash) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.reasserted = slices.Clone(ended)
	return f.broken
}

func (f *feed) Release(_ context.Context, id string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.released = append(f.released, id)
	return nil
}

func (f *feed) edit(change func(*feed)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	change(f)
}

// A cache is what a node keeps in memory, as far as tests look at it.
type cache struct {
	mu      sync.Mutex
	applied []session.Change
	cleared int
}

func (c *cache) apply(changes ...session.Change) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, change := range changes {
		if change == (session.Change{}) {
			c.cleared++
			continue
		}
		c.applied = append(c.applied, change)
	}
}

func (c *cache) look() (applied []session.Change, cleared int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.applied), c.cleared
}

const lease = 2 * time.Second

// inBubble runs do beside a node of f, in a time of its own.
func inBubble(t *testing.T, f *feed, config node.Config, do func(t *testing.T, n *node.Node, c *cache)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		c := &cache{}
		config.Lease, config.Apply = lease, c.apply
		n := node.Start(f, config)
		defer n.Close()
		synctest.Wait()
		do(t, n, c)
	})
}

// pass lets time pass, and what is due then happen.
func pass(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

func ending(b byte) session.Change { return session.Change{Hash: session.Hash{b}} }

func TestLeaseCountsFromBeforeTheQuestion(t *testing.T) {
	f := &feed{incarnation: "a", delay: 300 * time.Millisecond}
	synctest.Test(t, func(t *testing.T) {
		var steps []node.Step
		n := node.Start(f, node.Config{Lease: lease, Apply: func(...session.Change) {}, Trace: func(s node.Step) { steps = append(steps, s) }})
		time.Sleep(299 * time.Millisecond)
		if n.Lease().Holds(time.Now()) {
			t.Error("the lease holds before the store has answered")
		}
		time.Sleep(2 * time.Millisecond)
		if !n.Lease().Holds(time.Now()) {
			t.Error("the lease does not hold after the store has answered")
		}
		n.Close()
		if most := steps[0].Noted.Add(lease); steps[0].Until.After(most) {
			t.Errorf("the lease ends at %v, later than %v after the question", steps[0].Until, lease)
		}
		if n.Lease().Holds(time.Now()) {
			t.Error("the lease holds after Close")
		}
		if !slices.Equal(f.released, []string{n.ID()}) {
			t.Errorf("released %v", f.released)
		}
	})
}

func TestNoLeaseBeyondTheLastAnswer(t *testing.T) {
	f := &feed{incarnation: "a"}
	var reports []error
	inBubble(t, f, node.Config{Report: func(err error) { reports = append(reports, err) }}, func(t *testing.T, n *node.Node, _ *cache) {
		f.edit(func(f *feed) { f.broken = errors.New("gone") })
		pass(lease)
		if n.Lease().Holds(time.Now()) {
			t.Error("the lease holds though the store has not answered for as long")
		}
		f.edit(func(f *feed) { f.broken = nil })
		pass(lease)
		if !n.Lease().Holds(time.Now()) {
			t.Error("the lease does not hold though the store answers again")
		}
		if len(reports) != 2 || reports[0] == nil || reports[1] != nil {
			t.Errorf("reports: %v, want one failure and its end", reports)
		}
		if lapses := n.State().Lapses; lapses != 1 {
			t.Errorf("%d lapses, want 1", lapses)
		}
	})
}

func TestChangesAreAppliedOnce(t *testing.T) {
	f := &feed{incarnation: "a", changes: []session.Change{ending(1)}}
	inBubble(t, f, node.Config{}, func(t *testing.T, n *node.Node, c *cache) {
		f.edit(func(f *feed) { f.changes = append(f.changes, ending(2), ending(3)) })
		pass(lease)
		applied, cleared := c.look()
		if want := []session.Change{ending(2), ending(3)}; !slices.Equal(applied, want) {
			t.Errorf("applied %v, want %v", applied, want)
		}
		if cleared != 1 { // at the start, when it is not known how old is what was read
			t.Errorf("cleared %d times, want once", cleared)
		}
		if n.State().Position != 3 {
			t.Errorf("position %d, want 3", n.State().Position)
		}
	})
}

func TestWakeUp(t *testing.T) {
	f := &feed{incarnation: "a"}
	synctest.Test(t, func(t *testing.T) {
		wake := make(chan struct{})
		c := &cache{}
		n := node.Start(f, node.Config{Lease: lease, Apply: c.apply, Wake: wake})
		defer n.Close()
		synctest.Wait()
		f.edit(func(f *feed) { f.changes = append(f.changes, ending(1)) })
		wake <- struct{}{}
		synctest.Wait() // no time passes
		if applied, _ := c.look(); len(applied) != 1 {
			t.Errorf("applied %v at the wake-up, want one change", applied)
		}
	})
}

func TestStrictSaysAtOnceWhatIsApplied(t *testing.T) {
	f := &feed{incarnation: "a"}
	inBubble(t, f, node.Config{Strict: true}, func(t *testing.T, _ *node.Node, _ *cache) {
		pass(lease / 8)
		f.edit(func(f *feed) { f.changes = append(f.changes, ending(1)) })
		pass(lease / 4)
		synctest.Wait()
		f.edit(func(f *feed) {
			if last := f.renewals[len(f.renewals)-1]; last.After != 1 {
				t.Errorf("the last renewal says %d is applied, want 1", last.After)
			}
		})
	})
}

func TestGapClears(t *testing.T) {
	for name, lose := range map[string]func(*feed){
		"changes not known any more": func(f *feed) { f.forgotten += 5; f.changes = nil },
		"a head that went back":      func(f *feed) { f.changes = f.changes[:1] },
	} {
		t.Run(name, func(t *testing.T) {
			f := &feed{incarnation: "a", changes: []session.Change{ending(1), ending(2)}}
			inBubble(t, f, node.Config{}, func(t *testing.T, n *node.Node, c *cache) {
				f.edit(lose)
				pass(lease)
				if _, cleared := c.look(); cleared != 2 {
					t.Errorf("cleared %d times, want at the start and after the gap", cleared)
				}
				if !n.Lease().Holds(time.Now()) {
					t.Error("the lease does not hold though the node has begun anew")
				}
			})
		})
	}
}

func TestNewIncarnation(t *testing.T) {
	f := &feed{incarnation: "a"}
	inBubble(t, f, node.Config{}, func(t *testing.T, n *node.Node, c *cache) {
		f.edit(func(f *feed) { f.changes = append(f.changes, ending(1)) })
		pass(lease)
		f.edit(func(f *feed) { f.incarnation, f.changes, f.broken = "b", nil, errors.New("not yet") })
		pass(2 * lease)
		if n.Lease().Holds(time.Now()) {
			t.Error("the lease holds though the new store has not been told what ended")
		}
		f.edit(func(f *feed) { f.broken = nil })
		pass(lease)
		f.edit(func(f *feed) {
			if want := []session.Hash{{1}}; !slices.Equal(f.reasserted, want) {
				t.Errorf("reasserted %v, want %v", f.reasserted, want)
			}
		})
		if _, cleared := c.look(); cleared < 2 {
			t.Error("what the old store had said was not forgotten")
		}
		if !n.Lease().Holds(time.Now()) {
			t.Error("the lease does not hold at the new store")
		}
	})
}

func TestSourceThatVouchesForLess(t *testing.T) {
	f := &feed{incarnation: "a", good: lease / 2}
	inBubble(t, f, node.Config{}, func(t *testing.T, n *node.Node, _ *cache) {
		f.edit(func(f *feed) { f.broken = errors.New("gone") })
		pass(lease/2 - lease/4)
		if !n.Lease().Holds(time.Now()) {
			t.Error("the lease does not hold for as long as the source vouches")
		}
		pass(lease / 4)
		if n.Lease().Holds(time.Now()) {
			t.Error("the lease holds for longer than the source vouches")
		}
	})
}
