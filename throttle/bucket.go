package throttle

import (
	"math"
	"time"
)

// A Key is what a store knows a bucket by: a keyed hash of what the bucket is about.
type Key [32]byte

// A Bucket is where an attempt takes from, and how much there is.
type Bucket struct {
	Key   Key
	Limit Limit // neither zero nor [Off]
}

// A State is what a store keeps of a bucket. Times are Unix microseconds. The zero State is that of
// a bucket which nobody has taken from.
type State struct {
	Full     int64 // when the bucket will be full again (GCRA: theoretical arrival time)
	Failures int   // attempts in a row that were not given back, where the limit counts them
	Expires  int64 // from then on the State says no more than the zero State
}

// failureLasts is how long each failure in a row keeps a bucket after it is full again. So what an
// attacker can make a store hold is bounded by how often they may guess, however many accounts
// they invent.
const failureLasts = 24 * int64(time.Hour/time.Microsecond)

// A Verdict is what a bucket says to an attempt.
type Verdict struct {
	Wait    time.Duration // until it would allow one; zero if it allows this one
	Stopped bool          // it allows none before it is reset
	Charge  Charge        // what was taken, if all buckets allowed the attempt
}

// A Charge is what one attempt has taken from one bucket.
type Charge struct {
	Key   Key
	Cost  int64 // microseconds by which the bucket has become full later
	Until int64 // when the bucket was to be full again after that, in Unix microseconds
	Count int   // failures that were added: 0 or 1
}

// Decide is what a [Store] does between reading states and writing them. It returns what each of
// the buckets says, in their order; the attempt is allowed if all of them allow it. If changed,
// states are now what is to be kept; states that are zero need not be.
//
// A refused attempt changes nothing, but for a bucket that is further ahead than its limit can make
// it: a clock has been turned back. Such a bucket is as far ahead as can be from now on, so that
// nobody gets more attempts because of the clock, and nobody waits until it has caught up.
func Decide(now time.Time, buckets []Bucket, states []State) (verdicts []Verdict, changed bool) {
	verdicts = make([]Verdict, len(buckets))
	at := now.UnixMicro()
	allowed := true
	for i, b := range buckets {
		if states[i].isTooFarAhead(at, b.Limit) {
			states[i].Full = at + b.Limit.ceiling()
			states[i].settle(b.Limit)
			changed = true
		}
		verdicts[i] = states[i].judge(at, b.Limit)
		allowed = allowed && verdicts[i].Wait == 0 && !verdicts[i].Stopped
	}
	if !allowed {
		return verdicts, changed
	}
	for i, b := range buckets {
		verdicts[i].Charge = states[i].charge(at, b)
	}
	return verdicts, true
}

// maxSkew is how much, in microseconds, the clocks of nodes may differ before one of them seems to
// have been turned back.
const maxSkew = int64(time.Minute / time.Microsecond)

func (s *State) isTooFarAhead(now int64, l Limit) bool { return s.Full > now+l.ceiling()+maxSkew }

// settle sets when s expires, by the rest of it.
func (s *State) settle(l Limit) {
	s.Expires = s.Full + int64(s.Failures)*failureLasts
	if l.Stop > 0 && s.Failures >= l.Stop {
		s.Expires = math.MaxInt64
	}
}

// at returns what s amounts to at a time.
func (s State) at(now int64) State {
	if s.Expires <= now {
		s = State{}
	}
	s.Full = max(now, s.Full)
	return s
}

func (s State) judge(now int64, l Limit) Verdict {
	s = s.at(now)
	if l.Stop > 0 && s.Failures >= l.Stop {
		return Verdict{Wait: l.rest(), Stopped: true}
	}
	wait := max(0, s.Full-now-l.slack())
	return Verdict{Wait: time.Duration(wait) * time.Microsecond}
}

func (s *State) charge(now int64, b Bucket) Charge {
	*s = s.at(now)
	c := Charge{Key: b.Key, Cost: b.Limit.cost(s.Failures + 1)}
	if b.Limit.counts() {
		c.Count = 1
	}
	s.Full += c.Cost
	s.Failures += c.Count
	s.settle(b.Limit)
	c.Until = s.Full
	return c
}

// Give returns s with a charge given back, as far as time has not done so already. Forgive also
// ends the row of failures; otherwise only the one that was charged is taken from it.
func (s State) Give(now time.Time, c Charge, forgive bool) State {
	if s.Expires <= now.UnixMicro() {
		return State{}
	}
	s.Full -= max(0, min(c.Cost, c.Until-now.UnixMicro()))
	s.Failures = max(0, s.Failures-c.Count)
	if forgive {
		s.Failures = 0
	}
	s.settle(Limit{}) // which is not stopped, with a failure less than it had
	return s
}
