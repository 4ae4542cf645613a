package sqlstore

import (
	"errors"
	"fmt"
	"net/netip"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/handstamp/handstamp/store/storetest"
	"github.com/handstamp/handstamp/throttle"
)

func TestThrottle(t *testing.T) {
	storetest.Throttle(t, func(t *testing.T) throttle.Store { return open(t, newFile(t)).Throttle() })
}

func newLimiter(t testing.TB, s *Store, limits throttle.Limits) *throttle.Limiter {
	t.Helper()
	l, err := throttle.New(s.Throttle(), make([]byte, 32), limits)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(l.Close)
	return l
}

// TestParallelGuessesAcrossARestart: 500 guesses at once, in two halves between which the server
// restarts, get no further than the limit.
func TestParallelGuessesAcrossARestart(t *testing.T) {
	const allowed = 40
	limits := throttle.Limits{
		Account: throttle.Limit{Burst: allowed, Every: time.Hour, Max: 24 * time.Hour},
		Address: throttle.Off, Network: throttle.Off,
	}
	file := newFile(t)
	var got atomic.Int64
	guess := func(l *throttle.Limiter, n int) {
		var all sync.WaitGroup
		for range n {
			all.Go(func() {
				_, err := l.Attempt(t.Context(), throttle.Try{Account: "bob@example.com"})
				switch {
				case err == nil:
					got.Add(1)
				case !errors.Is(err, throttle.ErrRefused):
					t.Error(err)
				}
			})
		}
		all.Wait()
	}
	first := open(t, file)
	limiter := newLimiter(t, first, limits)
	guess(limiter, 15)
	limiter.Close()
	must(t, first.Close())
	if n := got.Load(); n != 15 {
		t.Fatalf("%d of 15 guesses before the restart, want all", n)
	}
	guess(newLimiter(t, open(t, file), limits), 485)
	if n := got.Load(); n != allowed {
		t.Errorf("%d of 500 guesses were allowed across a restart, want %d", n, allowed)
	}
}

// TestRefusedAttemptsWriteNothing: who is refused must not be able to keep the disk busy.
func TestRefusedAttemptsWriteNothing(t *testing.T) {
	s := open(t, newFile(t))
	limiter := newLimiter(t, s, throttle.Limits{Account: throttle.Limit{Burst: 1, Every: time.Hour}})
	try := throttle.Try{Account: "bob@example.com", Address: netip.MustParseAddr("192.0.2.1")}
	if _, err := limiter.Attempt(t.Context(), try); err != nil {
		t.Fatal(err)
	}
	changes := func() (n int) {
		t.Helper()
		if err := s.writes.line.conn.QueryRowContext(t.Context(), `SELECT total_changes()`).Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	before := changes()
	for i := range 10 {
		try.Address = netip.AddrFrom4([4]byte{198, 51, 100, byte(i)})
		if _, err := limiter.Attempt(t.Context(), try); !errors.Is(err, throttle.ErrRefused) {
			t.Fatalf("error %v, want ErrRefused", err)
		}
	}
	if n := changes() - before; n != 0 {
		t.Errorf("ten refused attempts have written %d rows", n)
	}
}

func BenchmarkAttempt(b *testing.B) {
	wide := throttle.Limit{Burst: 1_000_000, Every: time.Microsecond}
	limits := throttle.Limits{Account: wide, Address: wide, Network: wide, Strangers: wide}
	try := func(i int64) throttle.Try {
		return throttle.Try{
			Account: fmt.Sprintf("user%d@example.com", i%1000),
			Address: netip.AddrFrom4([4]byte{10, byte(i >> 16), byte(i >> 8), byte(i)}),
		}
	}
	b.Run("serial", func(b *testing.B) {
		l := newLimiter(b, open(b, newFile(b)), limits)
		b.ReportAllocs()
		for i := int64(0); b.Loop(); i++ {
			if _, err := l.Attempt(b.Context(), try(i)); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("64 at once", func(b *testing.B) {
		l := newLimiter(b, open(b, newFile(b)), limits)
		b.ReportAllocs()
		b.SetParallelism(64 / runtime.GOMAXPROCS(0))
		var next atomic.Int64
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				if _, err := l.Attempt(b.Context(), try(next.Add(1))); err != nil {
					b.Error(err)
					return
				}
			}
		})
	})
}
