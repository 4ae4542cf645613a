package outbox

import (
	"errors"
	"math/rand/v2"
	"time"
)

// How often and how long a message is tried.
const (
	firstDelay = time.Second
	maxDelay   = 5 * time.Minute
	maxWish    = time.Hour // that a destination may have

	minAttempts = 8                // where others get through, before a message is given up
	giveUpOne   = 15 * time.Minute // of failures, where others get through
	giveUpAll   = 72 * time.Hour   // since it happened, where nothing gets through
	giveUpDown  = time.Hour        // and since when nothing does: the server may have been off itself
)

// backoff returns how long to wait after a number of failures in a row: twice as long after each, up to a quarter more or
// less, so that those who have failed together do not come back together.
func backoff(failures int) time.Duration {
	d := maxDelay
	if doublings := failures - 1; doublings < 16 {
		d = min(d, firstDelay<<max(0, doublings))
	}
	return d*3/4 + rand.N(d/2)
}

// A DelayError is the error of a [Publisher] whose other side has said when to come again. It may say up to an hour.
type DelayError struct {
	Err   error
	After time.Duration
}

// Error implements error.
func (e *DelayError) Error() string { return e.Err.Error() }

// Unwrap returns what went wrong.
func (e *DelayError) Unwrap() error { return e.Err }

// wish returns how long the other side wants to be left alone.
func wish(err error) time.Duration {
	var delay *DelayError
	if errors.As(err, &delay) {
		return min(delay.After, maxWish)
	}
	return 0
}
