package throttle

import (
	"errors"
	"fmt"
	"time"
)

// A Limit is how many attempts a bucket allows. A right password gives its attempt back, so it
// is wrong ones that add up.
//
// The zero Limit stands for the default, which the package comment lists; [Off] for none.
type Limit struct {
	// Burst is how many attempts may come at once.
	Burst int

	// Every is the time after which a full bucket allows one more, at least a microsecond.
	Every time.Duration

	// Max, if not zero, makes Every double with each failure in a row beyond Burst, up to Max.
	Max time.Duration

	// Stop, if not zero, is how many failures in a row shut the bucket until it is reset.
	Stop int
}

// Off is the Limit that allows everything.
var Off = Limit{Burst: -1}

// Limits are what a [Limiter] enforces. The package comment has the table of defaults and says why
// they are what they are. With Strangers off, who has enough addresses can fill the store with
// emails that they invent.
type Limits struct {
	Account   Limit // on one account, for attempts without a known device
	Address   Limit // on an IPv4 address or an IPv6 /64
	Network   Limit // on an IPv4 /24 or an IPv6 /48
	Strangers Limit // on all attempts without a known device together
	Device    Limit // on one known device of one account
}

// Standard returns the limits that hold unless others are set.
func Standard() Limits {
	return Limits{
		Account:   Limit{Burst: 5, Every: 10 * time.Second, Max: time.Hour, Stop: 100},
		Address:   Limit{Burst: 30, Every: 30 * time.Second},
		Network:   Limit{Burst: 150, Every: 5 * time.Second},
		Strangers: Limit{Burst: 1000, Every: time.Second},
		Device:    Limit{Burst: 10, Every: 10 * time.Second, Max: 15 * time.Minute, Stop: 100},
	}
}

func (l *Limits) settle() error {
	standard := Standard()
	for _, field := range []struct {
		name     string
		limit    *Limit
		standard Limit
	}{
		{"account", &l.Account, standard.Account},
		{"address", &l.Address, standard.Address},
		{"network", &l.Network, standard.Network},
		{"strangers", &l.Strangers, standard.Strangers},
		{"device", &l.Device, standard.Device},
	} {
		if *field.limit == (Limit{}) {
			*field.limit = field.standard
		}
		if err := field.limit.check(); err != nil {
			return fmt.Errorf("limit %s: %w", field.name, err)
		}
	}
	return nil
}

// longest bounds what can be set, so that sums of times stay within 64 bits.
const longest = 10 * 365 * 24 * time.Hour

func (l Limit) check() error {
	switch {
	case l == Off:
		return nil
	case l.Burst < 1:
		return errors.New("burst must be at least 1")
	case l.Every < time.Microsecond || l.Every > longest/time.Duration(l.Burst):
		return errors.New("every must be at least 1µs, and burst times every at most ten years")
	case l.Max != 0 && (l.Max < l.Every || l.Max > longest):
		return errors.New("max must be 0 or between every and ten years")
	case l.Stop < 0:
		return errors.New("stop must not be negative")
	}
	return nil
}

// counts reports whether failures in a row matter to the limit.
func (l Limit) counts() bool { return l.Max > 0 || l.Stop > 0 }

// slack is how far ahead, in microseconds, a bucket may be and still allow an attempt.
func (l Limit) slack() int64 { return int64(l.Burst-1) * l.Every.Microseconds() }

// cost is how far, in microseconds, the nth failure in a row moves a bucket ahead.
func (l Limit) cost(n int) int64 {
	every := l.Every
	for ; n > l.Burst && every < l.Max; n-- {
		every *= 2
	}
	if l.Max > 0 {
		every = min(every, l.Max)
	}
	return every.Microseconds()
}

// rest is the longest that a single failure may make the next attempt wait.
func (l Limit) rest() time.Duration { return max(l.Every, l.Max) }

// ceiling is how far ahead, in microseconds, a bucket can ever be.
func (l Limit) ceiling() int64 { return l.slack() + l.rest().Microseconds() }
