package throttle_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/throttle"
)

// TestKnownDevicesCannotBeLockedOut uses up everything that somebody else can use up: the account,
// the address, the network and what all strangers have together.
func TestKnownDevicesCannotBeLockedOut(t *testing.T) {
	inTime(t, throttle.Limits{Account: throttle.Limit{Burst: 3, Every: time.Minute, Stop: 3}}, func(t *testing.T, l *throttle.Limiter) {
		mine := throttle.Try{Account: bob, Address: home, Device: handstamp.NewID()}
		exhaust(t, l, always(throttle.Try{Account: bob, Address: home}))
		exhaust(t, l, func(i int) throttle.Try { return throttle.Try{Account: fmt.Sprint(i), Address: home} })
		exhaust(t, l, func(i int) throttle.Try { return throttle.Try{Account: fmt.Sprint(i), Address: host(i)} })
		for range 20 {
			succeed(t, allowed(t, l, mine))
		}
		// And what the device gets right opens nothing for those who guess.
		if why := refused(t, l, throttle.Try{Account: bob, Address: home}); !why.Stopped {
			t.Errorf("strangers: %+v, want stopped", why)
		}
		// A device of one account is none of another's.
		refused(t, l, throttle.Try{Account: "ann@hbtn.io", Address: home})
	})
}

// TestDevicesAreLimited: a stolen cookie is no licence to guess.
func TestDevicesAreLimited(t *testing.T) {
	limits := throttle.Limits{
		Account: throttle.Limit{Burst: 3, Every: time.Hour},
		Device:  throttle.Limit{Burst: 2, Every: time.Minute, Stop: 2},
	}
	inTime(t, limits, func(t *testing.T, l *throttle.Limiter) {
		mine := throttle.Try{Account: bob, Address: home, Device: handstamp.NewID()}
		n, why := exhaust(t, l, always(mine))
		if want := (throttle.Refused{RetryAfter: time.Hour, By: "account"}); n != 5 || *why != want {
			t.Errorf("%d guesses, then %+v; want 2 as a device and 3 as a stranger, then %+v", n, *why, want)
		}
		other := mine
		other.Device = handstamp.NewID()
		allowed(t, l, other)
		time.Sleep(time.Hour)
		succeed(t, allowed(t, l, mine)) // as a stranger, which clears the device
		time.Sleep(time.Hour)
		if n, _ := exhaust(t, l, always(mine)); n != 4 {
			t.Errorf("%d guesses after a success, want 2 as a device and 2 as a stranger", n)
		}
	})
}
