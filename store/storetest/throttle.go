package storetest

import (
	"crypto/rand"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/handstamp/handstamp/throttle"
)

// Throttle checks that the stores which open makes keep the contract of [throttle.Store]. Each test
// gets an empty one.
func Throttle(t *testing.T, open func(*testing.T) throttle.Store) {
	for _, test := range []struct {
		name string
		run  func(*testing.T, throttle.Store)
	}{
		{"BurstThenOneByOne", burstThenOneByOne},
		{"AllOrNone", allOrNone},
		{"ParallelTakesAreExact", parallelTakes},
		{"ParallelGivesAreExact", parallelGives},
		{"FailuresDoubleTheWait", failuresDouble},
		{"StoppedUntilReset", stoppedUntilReset},
		{"GiveBack", giveBack},
		{"GiveMakesNoBucket", giveMakesNoBucket},
		{"ClockTurnedBack", clockTurnedBack},
		{"SweepInBatches", sweepInBatches},
	} {
		t.Run(test.name, func(t *testing.T) { test.run(t, open(t)) })
	}
	t.Run("StateMachine", func(t *testing.T) { throttleMachine(t, open) })
}

// newBucket returns a bucket that nobody has taken from.
func newBucket(limit throttle.Limit) throttle.Bucket {
	b := throttle.Bucket{Limit: limit}
	_, _ = rand.Read(b.Key[:])
	return b
}

// take takes from buckets and reports whether that was allowed.
func take(t *testing.T, s throttle.Store, at time.Time, buckets ...throttle.Bucket) ([]throttle.Verdict, bool) {
	t.Helper()
	verdicts, err := s.Take(t.Context(), at, buckets)
	must(t, err)
	if len(verdicts) != len(buckets) {
		t.Fatalf("%d verdicts on %d buckets", len(verdicts), len(buckets))
	}
	for _, v := range verdicts {
		if v.Wait > 0 || v.Stopped {
			return verdicts, false
		}
	}
	return verdicts, true
}

// wantTake takes from a bucket and checks what it says: that it allows the attempt, or how long to
// wait.
func wantTake(t *testing.T, s throttle.Store, at time.Time, b throttle.Bucket, wait time.Duration) throttle.Charge {
	t.Helper()
	verdicts, _ := take(t, s, at, b)
	if got := verdicts[0]; got.Wait != wait || got.Stopped {
		t.Errorf("after %v the bucket says wait %v, stopped %v; want %v", at.Sub(moment), got.Wait, got.Stopped, wait)
	}
	return verdicts[0].Charge
}

// wantRoom empties a bucket and checks how many attempts that were.
func wantRoom(t *testing.T, s throttle.Store, at time.Time, b throttle.Bucket, want int) {
	t.Helper()
	room := 0
	for allowed := true; allowed && room <= want; room++ {
		_, allowed = take(t, s, at, b)
	}
	if room--; room != want {
		t.Errorf("room for %d attempts or more, want %d", room, want)
	}
}

func burstThenOneByOne(t *testing.T, s throttle.Store) {
	b := newBucket(throttle.Limit{Burst: 3, Every: 10 * time.Second})
	for range 3 {
		wantTake(t, s, moment, b, 0)
	}
	wantTake(t, s, moment, b, 10*time.Second)
	wantTake(t, s, moment.Add(4*time.Second), b, 6*time.Second)
	wantTake(t, s, moment.Add(10*time.Second-time.Microsecond), b, time.Microsecond)
	wantTake(t, s, moment.Add(10*time.Second), b, 0)
	wantTake(t, s, moment.Add(10*time.Second), b, 10*time.Second)
	wantRoom(t, s, moment.Add(30*time.Second), b, 2)
	wantRoom(t, s, moment.Add(time.Hour), b, 3) // and not more for having waited long
}

func allOrNone(t *testing.T, s throttle.Store) {
	limit := throttle.Limit{Burst: 3, Every: time.Hour, Max: 4 * time.Hour, Stop: 3}
	first, small, last := newBucket(limit), newBucket(throttle.Limit{Burst: 1, Every: time.Minute}), newBucket(limit)
	if _, allowed := take(t, s, moment, first, small, last); !allowed {
		t.Error("three full buckets refused an attempt")
	}
	for range 5 {
		verdicts, allowed := take(t, s, moment, first, small, last)
		want := []throttle.Verdict{{}, {Wait: time.Minute}, {}}
		if diff := cmp.Diff(want, verdicts); allowed || diff != "" {
			t.Errorf("verdicts where one bucket is empty (-want +got):\n%s", diff)
		}
	}
	wantRoom(t, s, moment, first, 2)
	wantRoom(t, s, moment, last, 2)
}

func parallelTakes(t *testing.T, s throttle.Store) {
	shared := newBucket(throttle.Limit{Burst: 7, Every: time.Hour})
	wide := newBucket(throttle.Limit{Burst: 100, Every: time.Hour})
	var all sync.WaitGroup
	var allowed atomic.Int64
	for i := range 500 {
		all.Go(func() {
			buckets := []throttle.Bucket{shared, wide}
			if i%2 == 0 { // nobody may wait for another for ever
				buckets = []throttle.Bucket{wide, shared}
			}
			verdicts, err := s.Take(t.Context(), moment, buckets)
			switch {
			case err != nil:
				t.Error(err)
			case verdicts[0].Wait == 0 && verdicts[1].Wait == 0:
				allowed.Add(1)
			}
		})
	}
	all.Wait()
	if n := allowed.Load(); n != 7 {
		t.Errorf("%d of 500 attempts at once were allowed, want 7", n)
	}
	wantRoom(t, s, moment, wide, 93)
}

func parallelGives(t *testing.T, s throttle.Store) {
	b := newBucket(throttle.Limit{Burst: 8, Every: time.Hour, Max: 2 * time.Hour})
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 10 {
				verdicts, err := s.Take(t.Context(), moment, []throttle.Bucket{b})
				if err != nil || verdicts[0].Wait > 0 {
					t.Errorf("a place that was given back is not there: %+v, %v", verdicts, err)
					return
				}
				if err := s.Give(t.Context(), moment, []throttle.Charge{verdicts[0].Charge}, false); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	wantRoom(t, s, moment, b, 8)
}

func failuresDouble(t *testing.T, s throttle.Store) {
	b := newBucket(throttle.Limit{Burst: 2, Every: time.Second, Max: 5 * time.Second})
	at := moment
	wantTake(t, s, at, b, 0)
	for _, wait := range []time.Duration{1, 2, 4, 5, 5, 5} {
		wait *= time.Second
		wantTake(t, s, at, b, 0)
		wantTake(t, s, at, b, wait)
		at = at.Add(wait)
	}
	wantTake(t, s, at, b, 0)
	// The bucket has long been full; the row of failures has not ended.
	at = at.Add(time.Hour)
	wantTake(t, s, at, b, 0)
	wantTake(t, s, at, b, 4*time.Second)
	// Nine failures are forgotten after nine days.
	wantRoom(t, s, at.Add(9*24*time.Hour+5*time.Second), b, 2)
}

func stoppedUntilReset(t *testing.T, s throttle.Store) {
	limit := throttle.Limit{Burst: 2, Every: time.Second, Max: time.Minute, Stop: 4}
	b, other := newBucket(limit), newBucket(limit)
	wantTake(t, s, moment, other, 0)
	at := moment
	for range 4 {
		wantTake(t, s, at, b, 0)
		at = at.Add(time.Minute)
	}
	for _, later := range []time.Duration{0, time.Hour, 50 * 365 * 24 * time.Hour} {
		if verdicts, allowed := take(t, s, at.Add(later), other, b); allowed || !verdicts[1].Stopped || verdicts[0].Stopped {
			t.Errorf("%v after the last failure: %+v, want the second stopped", later, verdicts)
		}
		if _, err := s.Sweep(t.Context(), at.Add(later), 10); err != nil {
			t.Error(err)
		}
	}
	must(t, s.Reset(t.Context(), b.Key, newBucket(limit).Key))
	must(t, s.Reset(t.Context()))
	wantRoom(t, s, at, b, 2)
}

func giveBack(t *testing.T, s throttle.Store) {
	limit := throttle.Limit{Burst: 2, Every: time.Minute, Max: time.Hour, Stop: 5}
	give := func(at time.Time, forgive bool, charges ...throttle.Charge) {
		t.Helper()
		must(t, s.Give(t.Context(), at, charges, forgive))
	}
	t.Run("one of two", func(t *testing.T) {
		one, two := newBucket(limit), newBucket(limit)
		verdicts, _ := take(t, s, moment, one, two)
		wantTake(t, s, moment, two, 0)
		give(moment, true, verdicts[0].Charge, verdicts[1].Charge)
		wantRoom(t, s, moment, one, 2)
		wantRoom(t, s, moment, two, 1)
	})
	t.Run("what time has given back already", func(t *testing.T) {
		b := newBucket(limit)
		early := wantTake(t, s, moment, b, 0)
		at := moment.Add(2 * time.Minute)
		wantTake(t, s, at, b, 0)
		give(at, false, early)
		wantRoom(t, s, at, b, 1)
	})
	t.Run("a part of it", func(t *testing.T) {
		b := newBucket(throttle.Limit{Burst: 1, Every: time.Minute})
		c := wantTake(t, s, moment, b, 0)
		give(moment.Add(45*time.Second), false, c)
		wantTake(t, s, moment.Add(45*time.Second), b, 0)
	})
	t.Run("and the row of failures", func(t *testing.T) {
		for forgive, next := range map[bool]time.Duration{true: time.Minute, false: 4*time.Minute - time.Minute} {
			b := newBucket(limit)
			at := moment
			var c throttle.Charge
			for range 4 {
				c = wantTake(t, s, at, b, 0)
				at = at.Add(time.Hour)
			}
			give(at, forgive, c)
			wantTake(t, s, at, b, 0) // the first in a row, or the fourth once more
			if forgive {
				wantTake(t, s, at, b, 0)
			}
			wantTake(t, s, at, b, next)
		}
	})
	t.Run("the last before it stops", func(t *testing.T) {
		b := newBucket(limit)
		at := moment
		var c throttle.Charge
		for range 5 {
			c = wantTake(t, s, at, b, 0)
			at = at.Add(time.Hour)
		}
		give(at, true, c)
		wantRoom(t, s, at, b, 2)
	})
}

func giveMakesNoBucket(t *testing.T, s throttle.Store) {
	limit := throttle.Limit{Burst: 2, Every: time.Minute, Max: time.Hour}
	reset, never := newBucket(limit), newBucket(limit)
	c := wantTake(t, s, moment, reset, 0)
	must(t, s.Reset(t.Context(), reset.Key))
	must(t, s.Give(t.Context(), moment, []throttle.Charge{c, {Key: never.Key, Cost: c.Cost, Until: c.Until}}, false))
	must(t, s.Give(t.Context(), moment, nil, false))
	if n, err := s.Sweep(t.Context(), moment.Add(time.Hour), 10); n != 0 || err != nil {
		t.Errorf("there are %d buckets, %v; want none", n, err)
	}
	wantRoom(t, s, moment, reset, 2)
	wantRoom(t, s, moment, never, 2)
}

// clockTurnedBack takes at a time that is ten years off, and then at the right one.
func clockTurnedBack(t *testing.T, s throttle.Store) {
	future := moment.Add(10 * 365 * 24 * time.Hour)
	constant := newBucket(throttle.Limit{Burst: 3, Every: time.Minute})
	wantRoom(t, s, future, constant, 3)
	wantTake(t, s, moment, constant, time.Minute) // neither ten years, nor at once
	wantTake(t, s, moment.Add(time.Minute), constant, 0)
	wantTake(t, s, moment.Add(time.Minute), constant, time.Minute)

	counting := newBucket(throttle.Limit{Burst: 1, Every: time.Minute, Max: time.Hour, Stop: 2})
	wantTake(t, s, future, counting, 0)
	wantTake(t, s, moment, counting, time.Hour)
	wantTake(t, s, moment.Add(time.Hour), counting, 0)
	if verdicts, _ := take(t, s, moment.Add(9*time.Hour), counting); !verdicts[0].Stopped {
		t.Errorf("%+v, want stopped: the clock has made it forget a failure", verdicts)
	}

	// The clocks of two nodes differ a little. Neither takes it for more than that.
	shared := newBucket(throttle.Limit{Burst: 1, Every: time.Minute})
	ahead, behind := moment.Add(30*time.Second), moment
	wantTake(t, s, ahead, shared, 0)
	wantTake(t, s, behind, shared, 90*time.Second)
	wantTake(t, s, ahead, shared, time.Minute)
}

func sweepInBatches(t *testing.T, s throttle.Store) {
	constant := throttle.Limit{Burst: 3, Every: time.Minute}
	counting := throttle.Limit{Burst: 3, Every: time.Minute, Max: time.Hour, Stop: 2}
	for range 5 {
		take(t, s, moment, newBucket(constant))
	}
	once, stopped := newBucket(counting), newBucket(counting)
	take(t, s, moment, once, stopped)
	take(t, s, moment, stopped)
	for _, sweep := range []struct {
		after time.Duration
		want  int
	}{
		{time.Minute - time.Microsecond, 0},
		{time.Minute, 3},
		{time.Minute, 2},
		{time.Minute, 0},
		{24 * time.Hour, 0},
		{24*time.Hour + time.Minute, 1},
		{1e6 * time.Hour, 0},
	} {
		if n, err := s.Sweep(t.Context(), moment.Add(sweep.after), 3); n != sweep.want || err != nil {
			t.Errorf("after %v: %d buckets swept, %v; want %d", sweep.after, n, err, sweep.want)
		}
	}
	if verdicts, _ := take(t, s, moment, stopped); !verdicts[0].Stopped {
		t.Error("the sweep has opened a bucket that was stopped")
	}
}
