package throttle_test

import (
	"context"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"github.com/handstamp/handstamp/store/memory"
	"github.com/handstamp/handstamp/throttle"
)

func BenchmarkAttempt(b *testing.B) {
	wide := throttle.Limit{Burst: 1_000_000, Every: time.Microsecond}
	limits := throttle.Limits{Account: wide, Address: wide, Network: wide, Strangers: wide}
	attempt := func(l *throttle.Limiter, i int64) error {
		_, err := l.Attempt(context.Background(), throttle.Try{Account: bob, Address: host(int(i))})
		return err
	}
	b.Run("serial", func(b *testing.B) {
		l := newLimiter(b, memory.NewThrottle(), limits)
		b.ReportAllocs()
		for i := int64(0); b.Loop(); i++ {
			if err := attempt(l, i); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("64 at once", func(b *testing.B) {
		l := newLimiter(b, memory.NewThrottle(), limits)
		b.ReportAllocs()
		b.SetParallelism(64 / runtime.GOMAXPROCS(0))
		var next atomic.Int64
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				if err := attempt(l, next.Add(1)); err != nil {
					b.Error(err)
					return
				}
			}
		})
	})
}
