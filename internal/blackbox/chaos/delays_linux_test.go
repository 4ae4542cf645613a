package chaos_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/handstamp/handstamp/internal/blackbox/history"
)

// weather says whether all is well: an even number while it is, and another one each time.
type weather struct{ atomic.Int64 }

func (w *weather) isCalm() bool { return w.Load()%2 == 0 }

func (w *weather) change() { w.Add(1) }

// delays are how long after the answer to a revoke other nodes still accepted the session.
type delays struct {
	mu     sync.Mutex
	calm   []time.Duration // until the first refusal was there, in fine weather
	stormy []time.Duration // when the last request was sent that was accepted, while something was broken
}

// watch asks the other nodes about a token that has been ended, until each has refused it or cannot tell.
func (c *clients) watch(ctx context.Context, at *caller, h *held, end time.Duration) {
	before := c.weather.Load()
	for _, other := range c.callers {
		if other == at {
			continue
		}
		c.working.Go(func() {
			accepted := end
			for ctx.Err() == nil && c.history.Now() < end+2*c.history.Lease {
				start := c.history.Now()
				switch c.use(ctx, other, h) {
				case history.Accepted:
					accepted = start
				case history.Refused:
					c.delays.add(before == c.weather.Load() && c.weather.isCalm(), c.history.Now()-end, accepted-end)
					return
				default:
					c.delays.add(false, 0, accepted-end)
					return
				}
				select {
				case <-ctx.Done():
				case <-time.After(time.Millisecond):
				}
			}
		})
	}
}

func (d *delays) add(calm bool, refused, accepted time.Duration) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if calm {
		d.calm = append(d.calm, refused)
	} else {
		d.stormy = append(d.stormy, accepted)
	}
}

// A spread is how some durations are distributed.
type spread []time.Duration

func spreadOf(list []time.Duration) spread {
	list = slices.Clone(list)
	slices.Sort(list)
	return list
}

// at returns what a share of the durations does not exceed.
func (s spread) at(share float64) time.Duration {
	if len(s) == 0 {
		return 0
	}
	return s[min(len(s)-1, int(share*float64(len(s))))]
}

func (s spread) String() string {
	round := func(d time.Duration) time.Duration { return d.Round(10 * time.Microsecond) }
	return fmt.Sprintf("n %d, p50 %v, p90 %v, p99 %v, p99.9 %v, max %v",
		len(s), round(s.at(0.5)), round(s.at(0.9)), round(s.at(0.99)), round(s.at(0.999)), round(s.at(1)))
}
