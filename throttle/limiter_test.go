package throttle_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/netip"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/store/memory"
	"github.com/handstamp/handstamp/throttle"
)

// TestDefaults is the table in the package comment.
func TestDefaults(t *testing.T) {
	device := handstamp.NewID()
	for _, c := range []struct {
		by    string
		try   func(i int) throttle.Try
		burst int
		after time.Duration
	}{
		{"account", func(i int) throttle.Try { return throttle.Try{Account: bob, Address: host(i)} }, 5, 10 * time.Second},
		{"address", func(i int) throttle.Try { return throttle.Try{Account: fmt.Sprint(i), Address: home} }, 30, 30 * time.Second},
		{"network", func(i int) throttle.Try {
			return throttle.Try{Account: fmt.Sprint(i), Address: netip.AddrFrom4([4]byte{192, 0, 2, byte(i)})}
		}, 150, 5 * time.Second},
		{"strangers", func(i int) throttle.Try { return throttle.Try{Account: fmt.Sprint(i), Address: host(i)} }, 1000, time.Second},
		{"device", always(throttle.Try{Account: bob, Device: device}), 10, 10 * time.Second},
	} {
		t.Run(c.by, func(t *testing.T) {
			limits := throttle.Limits{}
			if c.by == "device" { // beyond its own bucket it may go on as a stranger
				limits.Account = throttle.Limit{Burst: 1, Every: time.Hour}
				c.burst++
			}
			inTime(t, limits, func(t *testing.T, l *throttle.Limiter) {
				n, why := exhaust(t, l, c.try)
				want := throttle.Refused{RetryAfter: c.after, By: c.by}
				if n != c.burst || *why != want {
					t.Errorf("%d attempts, then %+v; want %d, then %+v", n, *why, c.burst, want)
				}
				time.Sleep(why.RetryAfter - time.Millisecond)
				refused(t, l, c.try(n))
				time.Sleep(time.Millisecond)
				allowed(t, l, c.try(n))
			})
		})
	}
}

// TestParallelGuesses is one account through all doors at once.
func TestParallelGuesses(t *testing.T) {
	inTime(t, throttle.Limits{}, func(t *testing.T, l *throttle.Limiter) {
		var all sync.WaitGroup
		var got atomic.Int64
		for i := range 500 {
			all.Go(func() {
				if _, err := l.Attempt(t.Context(), throttle.Try{Account: bob, Address: host(i)}); err == nil {
					got.Add(1)
				}
			})
		}
		all.Wait()
		if n := got.Load(); n != 5 {
			t.Errorf("%d of 500 guesses at once were allowed, want 5", n)
		}
	})
}

// TestHundredFailures follows somebody who guesses whenever they may.
func TestHundredFailures(t *testing.T) {
	inTime(t, throttle.Limits{}, func(t *testing.T, l *throttle.Limiter) {
		try := throttle.Try{Account: bob, Address: home}
		began := time.Now()
		early, guesses := 0, 0
		for {
			_, err := l.Attempt(t.Context(), try)
			if err == nil {
				if guesses++; time.Since(began) <= 90*time.Minute {
					early++
				}
				continue
			}
			var why *throttle.Refused
			if !errors.As(err, &why) {
				t.Fatal(err)
			}
			if why.Stopped {
				break
			}
			time.Sleep(why.RetryAfter)
		}
		if took := time.Since(began); guesses != 100 || early != 14 || took < 3*24*time.Hour {
			t.Errorf("%d guesses in %v, %d of them in the first 90 minutes; want 100 in days, and 14", guesses, took, early)
		}
		time.Sleep(1000 * 24 * time.Hour)
		if why := refused(t, l, try); !why.Stopped || why.RetryAfter != time.Hour {
			t.Errorf("years later: %+v, want stopped", why)
		}
		allowed(t, l, throttle.Try{Account: "ann@hbtn.io", Address: home})
		if err := l.Reset(t.Context(), bob); err != nil {
			t.Fatal(err)
		}
		succeed(t, allowed(t, l, try))
	})
}

// TestRightPasswordsCostNothing: a whole office signs in behind one address.
func TestRightPasswordsCostNothing(t *testing.T) {
	inTime(t, throttle.Limits{}, func(t *testing.T, l *throttle.Limiter) {
		for i := range 2000 {
			succeed(t, allowed(t, l, throttle.Try{Account: fmt.Sprint("user", i%100), Address: home}))
		}
	})
}

func TestSuccessEndsTheRow(t *testing.T) {
	inTime(t, throttle.Limits{}, func(t *testing.T, l *throttle.Limiter) {
		try := throttle.Try{Account: bob, Address: home}
		var wait time.Duration
		for range 8 { // failures
			allowed(t, l, try)
			wait = 0
			if _, err := l.Attempt(t.Context(), try); err != nil {
				wait = refused(t, l, try).RetryAfter
			} else {
				continue
			}
			time.Sleep(wait)
		}
		if wait < time.Minute {
			t.Fatalf("a wait of %v after the last failure, want some minutes", wait)
		}
		succeed(t, allowed(t, l, try))
		time.Sleep(time.Minute) // until the bucket is full
		if n, why := exhaust(t, l, always(try)); n != 5 || why.RetryAfter != 10*time.Second {
			t.Errorf("after a success: %d attempts, then %+v; want 5, then 10s", n, why)
		}
	})
}

// TestTicketsCountOnce: no attempt is given back twice.
func TestTicketsCountOnce(t *testing.T) {
	for name, give := range map[string]func(*throttle.Ticket, context.Context) error{
		"succeeded": (*throttle.Ticket).Succeeded,
		"unjudged":  (*throttle.Ticket).Unjudged,
	} {
		t.Run(name, func(t *testing.T) {
			inTime(t, throttle.Limits{}, func(t *testing.T, l *throttle.Limiter) {
				try := throttle.Try{Account: bob, Address: home}
				allowed(t, l, try)
				ticket := allowed(t, l, try)
				for range 3 {
					if err := give(ticket, t.Context()); err != nil {
						t.Fatal(err)
					}
				}
				if n, _ := exhaust(t, l, always(try)); n != 4 {
					t.Errorf("%d attempts are left of 5, of which one was wrong and one was given back; want 4", n)
				}
			})
		})
	}
}

// TestGivingBackOutlivesTheRequest: a client that hangs up has not used its attempt up.
func TestGivingBackOutlivesTheRequest(t *testing.T) {
	l := newLimiter(t, slow{memory.NewThrottle()}, throttle.Limits{Account: throttle.Limit{Burst: 1, Every: time.Hour}})
	try := throttle.Try{Account: bob}
	ticket := allowed(t, l, try)
	gone, hangUp := context.WithCancel(t.Context())
	hangUp()
	if err := ticket.Succeeded(gone); err != nil {
		t.Error(err)
	}
	allowed(t, l, try)
	if _, err := l.Attempt(gone, try); !errors.Is(err, context.Canceled) || errors.Is(err, throttle.ErrRefused) {
		t.Errorf("attempt of a client that is gone: %v, want the store's error", err)
	}
}

// slow is a store that gives up when its caller does.
type slow struct{ throttle.Store }

func (s slow) Take(ctx context.Context, now time.Time, buckets []throttle.Bucket) ([]throttle.Verdict, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return s.Store.Take(ctx, now, buckets)
}

func (s slow) Give(ctx context.Context, now time.Time, charges []throttle.Charge, forgive bool) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return s.Store.Give(ctx, now, charges, forgive)
}

// TestAnotherAddressFormIsNoOther counts what one client can write in two ways.
func TestAnotherAddressFormIsNoOther(t *testing.T) {
	one := throttle.Limit{Burst: 1, Every: time.Hour}
	for _, c := range []struct {
		first, second string
		isSame        bool
	}{
		{"192.0.2.1", "::ffff:192.0.2.1", true},
		{"192.0.2.1", "192.0.2.2", false},
		{"2001:db8:1:2::1", "2001:db8:1:2:ffff::", true},
		{"2001:db8:1:2::1", "2001:db8:1:3::1", false},
		{"fe80::1%eth0", "fe80::1%eth1", true},
	} {
		l := newLimiter(t, memory.NewThrottle(), throttle.Limits{Address: one, Network: throttle.Off})
		allowed(t, l, throttle.Try{Account: "a", Address: netip.MustParseAddr(c.first)})
		_, err := l.Attempt(t.Context(), throttle.Try{Account: "b", Address: netip.MustParseAddr(c.second)})
		if errors.Is(err, throttle.ErrRefused) != c.isSame {
			t.Errorf("%s after %s: %v; the same client: %v", c.second, c.first, err, c.isSame)
		}
	}
}

// TestWhoExistsCannotBeSeen: whatever the outcome of others' attempts was, an account that never was is
// treated like one that is there. The package is told of none, so it is enough that attempts
// at every account count together.
func TestWhoExistsCannotBeSeen(t *testing.T) {
	inTime(t, throttle.Limits{Strangers: throttle.Limit{Burst: 3, Every: time.Minute}}, func(t *testing.T, l *throttle.Limiter) {
		for i := range 3 {
			allowed(t, l, throttle.Try{Account: fmt.Sprint(i), Address: host(i)})
		}
		existing := refused(t, l, throttle.Try{Account: bob, Address: host(4)})
		invented := refused(t, l, throttle.Try{Account: "nobody", Address: host(5)})
		if *existing != *invented || existing.By != "strangers" {
			t.Errorf("answers %+v and %+v, want the same", existing, invented)
		}
	})
}

func TestLimitsCanBeOff(t *testing.T) {
	off := throttle.Limits{
		Account: throttle.Off, Address: throttle.Off, Network: throttle.Off, Strangers: throttle.Off, Device: throttle.Off,
	}
	l := newLimiter(t, memory.NewThrottle(), off)
	for range 2000 {
		succeed(t, allowed(t, l, throttle.Try{Account: bob, Address: home}))
		allowed(t, l, throttle.Try{Account: bob, Device: handstamp.NewID()})
	}
	var none *throttle.Limiter
	ticket := allowed(t, none, throttle.Try{})
	succeed(t, ticket)
	if err := errors.Join(ticket.Unjudged(t.Context()), none.Reset(t.Context(), bob)); err != nil {
		t.Error(err)
	}
	none.Close()
}

func TestNewRefusesWhatCannotWork(t *testing.T) {
	for name, limit := range map[string]throttle.Limit{
		"no burst":       {Every: time.Second},
		"negative":       {Burst: -2, Every: time.Second},
		"no time":        {Burst: 1},
		"below a µs":     {Burst: 1, Every: time.Nanosecond},
		"centuries":      {Burst: 1_000_000, Every: time.Hour},
		"max below":      {Burst: 1, Every: time.Minute, Max: time.Second},
		"max too long":   {Burst: 1, Every: time.Minute, Max: 1 << 62},
		"negative stop":  {Burst: 1, Every: time.Minute, Stop: -1},
		"nearly off":     {Burst: -1, Every: time.Minute},
		"negative every": {Burst: 1, Every: -time.Minute},
	} {
		if _, err := throttle.New(memory.NewThrottle(), key, throttle.Limits{Network: limit}); err == nil {
			t.Errorf("%s: %+v was accepted", name, limit)
		}
	}
	if _, err := throttle.New(memory.NewThrottle(), key[:31], throttle.Limits{}); err == nil {
		t.Error("a key of 31 bytes was accepted")
	}
}

// spy is a store that keeps what it was given.
type spy struct {
	throttle.Store
	buckets []throttle.Bucket
}

func (s *spy) Take(ctx context.Context, now time.Time, buckets []throttle.Bucket) ([]throttle.Verdict, error) {
	s.buckets = append(s.buckets, buckets...)
	return s.Store.Take(ctx, now, buckets)
}

// TestKeysTellNothing: with another secret all keys are others, and no two buckets share one.
func TestKeysTellNothing(t *testing.T) {
	seen := make(map[throttle.Key]int)
	for _, secret := range [][]byte{key, bytes.Repeat([]byte{8}, 32)} {
		store := &spy{Store: memory.NewThrottle()}
		l, err := throttle.New(store, secret, throttle.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		device := handstamp.NewID()
		allowed(t, l, throttle.Try{Account: bob, Address: netip.MustParseAddr("2001:db8::1")})
		allowed(t, l, throttle.Try{Account: bob, Device: device})
		allowed(t, l, throttle.Try{Account: "ann@hbtn.io", Device: device})
		l.Close()
		for _, b := range store.buckets {
			seen[b.Key]++
		}
	}
	if len(seen) != 12 {
		t.Errorf("%d different keys, want 4 + 1 + 1 under each of two secrets", len(seen))
	}
}
