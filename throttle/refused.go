package throttle

import (
	"fmt"
	"time"

	"github.com/handstamp/handstamp"
)

// ErrRefused means that there were too many attempts. Every [*Refused] wraps it, and it wraps
// [handstamp.ErrTooMany].
var ErrRefused = fmt.Errorf("%w", handstamp.ErrTooMany)

// Refused is why an attempt was refused. It is the same whether there is such an account or not.
type Refused struct {
	// RetryAfter is how long to wait, in whole seconds and at least one: the value for the
	// header of that name. Others may be quicker, so it promises nothing.
	RetryAfter time.Duration

	// By names the limit that asks for the longest wait, for logs: account, address, network,
	// strangers or device.
	By string

	// Stopped means that waiting does not help: the account is shut until [Limiter.Reset], as
	// after a new password.
	Stopped bool
}

// Error does not say whose account it was.
func (r *Refused) Error() string {
	if r.Stopped {
		return fmt.Sprintf("%v: %s is shut until it is reset", ErrRefused, r.By)
	}
	return fmt.Sprintf("%v: %s, again after %v", ErrRefused, r.By, r.RetryAfter)
}

// RetryIn returns RetryAfter, for a [handstamp.Guard].
func (r *Refused) RetryIn() time.Duration { return r.RetryAfter }

// Unwrap returns [ErrRefused].
func (r *Refused) Unwrap() error { return ErrRefused }

// refusal returns what the verdicts on buckets say to a person.
func refusal(scopes []string, verdicts []Verdict) *Refused {
	r := &Refused{}
	for i, v := range verdicts {
		wait := max(time.Second, (v.Wait + time.Second - 1).Truncate(time.Second))
		refuses := v.Stopped || v.Wait > 0
		if refuses && (v.Stopped && !r.Stopped || v.Stopped == r.Stopped && wait > r.RetryAfter) {
			r = &Refused{RetryAfter: wait, By: scopes[i], Stopped: v.Stopped}
		}
	}
	return r
}
