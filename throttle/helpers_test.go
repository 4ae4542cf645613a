package throttle_test

import (
	"bytes"
	"context"
	"errors"
	"net/netip"
	"testing"
	"testing/synctest"

	"github.com/handstamp/handstamp/store/memory"
	"github.com/handstamp/handstamp/throttle"
)

var (
	key  = bytes.Repeat([]byte{7}, 32)
	home = netip.MustParseAddr("192.0.2.7")
)

const bob = "bob@hbtn.io"

func newLimiter(t testing.TB, store throttle.Store, limits throttle.Limits) *throttle.Limiter {
	t.Helper()
	l, err := throttle.New(store, key, limits)
	if err != nil {
		t.Fatal(err)
	}
	l.Report = func(_ context.Context, doing string, err error) { t.Errorf("reported: %s: %v", doing, err) }
	t.Cleanup(l.Close)
	return l
}

// inTime runs a test in which time passes when it sleeps.
func inTime(t *testing.T, limits throttle.Limits, test func(*testing.T, *throttle.Limiter)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) { test(t, newLimiter(t, memory.NewThrottle(), limits)) })
}

// allowed makes an attempt that must be allowed.
func allowed(t *testing.T, l *throttle.Limiter, try throttle.Try) *throttle.Ticket {
	t.Helper()
	ticket, err := l.Attempt(t.Context(), try)
	if err != nil {
		t.Fatalf("%+v: %v, want it allowed", try, err)
	}
	return ticket
}

// refused makes an attempt that must be refused.
func refused(t *testing.T, l *throttle.Limiter, try throttle.Try) *throttle.Refused {
	t.Helper()
	ticket, err := l.Attempt(t.Context(), try)
	var why *throttle.Refused
	if !errors.As(err, &why) || !errors.Is(err, throttle.ErrRefused) || ticket != nil {
		t.Fatalf("%+v: ticket %v, error %v, want it refused", try, ticket, err)
	}
	return why
}

// exhaust makes attempts until one is refused, and returns how many were allowed.
func exhaust(t *testing.T, l *throttle.Limiter, try func(i int) throttle.Try) (n int, why *throttle.Refused) {
	t.Helper()
	for ; n < 10_000; n++ {
		if _, err := l.Attempt(t.Context(), try(n)); errors.As(err, &why) {
			return n, why
		} else if err != nil {
			t.Fatal(err)
		}
	}
	t.Fatalf("%d attempts, and none was refused", n)
	return 0, nil
}

func always(try throttle.Try) func(int) throttle.Try { return func(int) throttle.Try { return try } }

// host returns the ith address of so many networks that only the account and the strangers count.
func host(i int) netip.Addr { return netip.AddrFrom4([4]byte{10, byte(i >> 8), byte(i), 1}) }

func succeed(t *testing.T, ticket *throttle.Ticket) {
	t.Helper()
	if err := ticket.Succeeded(t.Context()); err != nil {
		t.Fatal(err)
	}
}
