package session

import (
	"sync/atomic"
	"time"
)

// A Lease says how long what a cache holds may be trusted, where the changes of a store come over a
// network: until a little before the store itself takes for granted that it is not. A nil Lease holds for ever, as that
// of a store does whose every change is made in this process. It is safe for concurrent use.
type Lease struct {
	until atomic.Pointer[time.Time]
}

// Leased is what a [Feed] is whose changes come over a network.
type Leased interface {
	// Lease returns how long changes that did not come may be taken for changes that were not
	// made. It is always the same one.
	Lease() *Lease
}

// rateMargin is the part of a lease that is not used, as no two clocks run equally fast: one in fifty.
// Clocks of quartz are 200 times better; those that are being corrected may be this bad for a while.
const rateMargin = 50

// Hold returns how the Lease holds now. It is to be asked before what is looked up, and the clock to be read after it: of a
// lease that was extended in between nothing is known of what had been found before.
func (l *Lease) Hold() Hold {
	if l == nil {
		return Hold{always: true}
	}
	return Hold{until: l.until.Load()}
}

// Holds reports whether the Lease holds at now. It says nothing of what was looked up before; see [Lease.Hold].
func (l *Lease) Holds(now time.Time) bool { return l.Hold().At(now) }

// A Hold is how a [Lease] held at some moment.
type Hold struct {
	until  *time.Time // nil if it did not hold
	always bool
}

// At reports whether what was looked up after the Hold was taken, and before now was read, may be trusted. Both readings of the
// clock have to be before the end: the monotonic one stands still while the machine sleeps, the one on the wall may be
// set back.
func (h Hold) At(now time.Time) bool {
	return h.always || h.until != nil && now.Before(*h.until) && now.UnixNano() < h.until.UnixNano()
}

// TrustedUntil returns when the cache will not be trusted any more unless the store is heard from before. It is false where it
// is trusted for ever, and where it is not trusted at now: then what a check has said, the store has.
func (m *Manager) TrustedUntil(now time.Time) (time.Time, bool) {
	if m.lease == nil || !m.lease.Holds(now) {
		return time.Time{}, false
	}
	return m.lease.Until(), true
}

// Until returns when the Lease ends, or the zero time if it has. A nil Lease must not be asked.
func (l *Lease) Until() time.Time {
	if until := l.until.Load(); until != nil {
		return *until
	}
	return time.Time{}
}

// Extend makes the Lease hold for length from noted on, less a margin: a time that was read before
// the store was asked whether anything had changed, when all that had is applied.
func (l *Lease) Extend(noted time.Time, length time.Duration) {
	until := noted.Add(length - length/rateMargin)
	l.until.Store(&until)
}

// End makes the Lease hold no longer.
func (l *Lease) End() { l.until.Store(nil) }
