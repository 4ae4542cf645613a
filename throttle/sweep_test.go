package throttle_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/handstamp/handstamp/store/memory"
	"github.com/handstamp/handstamp/throttle"
)

// TestSweepBoundsTheStore: emails that an attacker invents do not stay.
func TestSweepBoundsTheStore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := memory.NewThrottle()
		l := newLimiter(t, store, throttle.Limits{Strangers: throttle.Off})
		for i := range 2000 {
			allowed(t, l, throttle.Try{Account: fmt.Sprint(i), Address: host(i)})
		}
		time.Sleep(25 * time.Hour)
		allowed(t, l, throttle.Try{Account: bob, Address: home})
		synctest.Wait()
		if n, err := store.Sweep(t.Context(), time.Now(), 10_000); n != 0 || err != nil {
			t.Errorf("%d expired buckets were left, %v", n, err)
		}
		if n, err := store.Sweep(t.Context(), time.Now().Add(48*time.Hour), 10_000); n != 3 || err != nil {
			t.Errorf("%d buckets were left, %v; want the 3 of the last attempt", n, err)
		}
	})
}

// broken is a store whose sweeps fail.
type broken struct{ throttle.Store }

var errBroken = errors.New("disk on fire")

func (broken) Sweep(context.Context, time.Time, int) (int, error) { return 0, errBroken }

func TestFailedSweepIsReported(t *testing.T) {
	l, err := throttle.New(broken{memory.NewThrottle()}, key, throttle.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	var reports []error
	l.Report = func(_ context.Context, _ string, err error) { reports = append(reports, err) }
	allowed(t, l, throttle.Try{Account: bob})
	l.Close()
	if len(reports) != 1 || !errors.Is(reports[0], errBroken) {
		t.Errorf("reported %v, want the failure once", reports)
	}
}
