package storetest

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/handstamp/handstamp/throttle"
)

// throttleMachine does random things to a store and to leaky buckets in a slice, and compares what
// they say. A leaky bucket is the same limit seen from the other side, without the arithmetic of
// the package under test.
func throttleMachine(t *testing.T, open func(*testing.T) throttle.Store) {
	store := open(t)
	rapid.Check(t, func(rt *rapid.T) {
		// Checks share the store, as opening one takes long; they keep apart by their keys.
		m := &throttled{store: store, now: moment}
		for _, limit := range []throttle.Limit{
			{Burst: 3, Every: 10 * time.Second},
			{Burst: 2, Every: 10 * time.Second, Max: time.Minute},
			{Burst: 1, Every: 5 * time.Second, Max: 40 * time.Second, Stop: 5},
		} {
			m.buckets = append(m.buckets, &leaky{Bucket: newBucket(limit), since: moment})
		}
		rt.Repeat(map[string]func(*rapid.T){
			"take": m.take, "give": m.give, "wait": m.wait, "reset": m.reset, "sweep": m.sweep,
		})
	})
}

type throttled struct {
	store   throttle.Store
	now     time.Time
	buckets []*leaky
	taken   []taken
}

// A leaky bucket is filled by attempts and leaks with time.
type leaky struct {
	throttle.Bucket
	level    time.Duration // what is in it, as the time until it has leaked
	since    time.Time     // when it had that level
	failures int
	lapses   time.Time // when all is forgotten; zero for never
}

type taken struct {
	charge throttle.Charge
	from   *leaky
	gone   time.Time // when the charge has leaked
	cost   time.Duration
}

func (b *leaky) leak(now time.Time) {
	b.level, b.since = max(0, b.level-now.Sub(b.since)), now
	if !b.lapses.IsZero() && !now.Before(b.lapses) {
		b.level, b.failures = 0, 0
	}
}

func (b *leaky) settle(now time.Time) {
	b.lapses = now.Add(b.level + time.Duration(b.failures)*24*time.Hour)
	if b.stopped() {
		b.lapses = time.Time{}
	}
}

func (b *leaky) stopped() bool { return b.Limit.Stop > 0 && b.failures >= b.Limit.Stop }

// wait returns how long until there is room for one more.
func (b *leaky) wait() time.Duration {
	return max(0, b.level-time.Duration(b.Limit.Burst-1)*b.Limit.Every)
}

// fill adds one attempt.
func (b *leaky) fill(now time.Time, c throttle.Charge) taken {
	cost := b.Limit.Every
	if b.Limit.Max > 0 {
		b.failures++
		cost = min(b.Limit.Max, cost<<max(0, b.failures-b.Limit.Burst))
	}
	b.level += cost
	b.settle(now)
	return taken{charge: c, from: b, gone: now.Add(b.level), cost: cost}
}

func (m *throttled) take(t *rapid.T) {
	which := rapid.SliceOfNDistinct(rapid.IntRange(0, len(m.buckets)-1), 1, -1, rapid.ID).Draw(t, "buckets")
	var buckets []throttle.Bucket
	allowed := true
	for _, i := range which {
		b := m.buckets[i]
		b.leak(m.now)
		buckets = append(buckets, b.Bucket)
		allowed = allowed && b.wait() == 0 && !b.stopped()
	}
	verdicts, err := m.store.Take(t.Context(), m.now, buckets)
	if err != nil {
		t.Fatal(err)
	}
	for j, i := range which {
		b, v := m.buckets[i], verdicts[j]
		if v.Stopped != b.stopped() || !v.Stopped && v.Wait != b.wait() {
			t.Fatalf("bucket %d says %+v; want wait %v, stopped %v", i, v, b.wait(), b.stopped())
		}
		if allowed {
			m.taken = append(m.taken, b.fill(m.now, v.Charge))
		}
	}
}

func (m *throttled) give(t *rapid.T) {
	if len(m.taken) == 0 {
		t.Skip("nothing taken")
	}
	i := rapid.IntRange(0, len(m.taken)-1).Draw(t, "charge")
	forgive := rapid.Bool().Draw(t, "forgive")
	c := m.taken[i]
	m.taken = append(m.taken[:i], m.taken[i+1:]...)
	if err := m.store.Give(t.Context(), m.now, []throttle.Charge{c.charge}, forgive); err != nil {
		t.Fatal(err)
	}
	b := c.from
	b.leak(m.now)
	b.level = max(0, b.level-max(0, min(c.cost, c.gone.Sub(m.now))))
	if b.Limit.Max > 0 {
		b.failures = max(0, b.failures-1)
	}
	if forgive {
		b.failures = 0
	}
	b.settle(m.now)
}

func (m *throttled) wait(t *rapid.T) {
	most := rapid.SampledFrom([]time.Duration{time.Second, time.Minute, 100 * time.Hour}).Draw(t, "scale")
	m.now = m.now.Add(time.Duration(rapid.Int64Range(0, most.Microseconds()).Draw(t, "microseconds")) * time.Microsecond)
}

func (m *throttled) reset(t *rapid.T) {
	b := rapid.SampledFrom(m.buckets).Draw(t, "bucket")
	if err := m.store.Reset(t.Context(), b.Key); err != nil {
		t.Fatal(err)
	}
	b.level, b.failures = 0, 0
	b.settle(m.now)
	kept := m.taken[:0]
	for _, c := range m.taken { // giving back what was reset is tested elsewhere
		if c.from != b {
			kept = append(kept, c)
		}
	}
	m.taken = kept
}

// sweep must not change what any bucket says.
func (m *throttled) sweep(t *rapid.T) {
	if _, err := m.store.Sweep(t.Context(), m.now, 10); err != nil {
		t.Fatal(err)
	}
}
