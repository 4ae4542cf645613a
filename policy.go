package handstamp

import (
	"context"
	"fmt"
	"time"
)

// A Policy decides whether an Identity may pass. It returns nil for yes and an error that wraps
// [ErrForbidden] for no; any other error means that it could not decide, which is not a yes. The
// context is the request's. It is called by many goroutines at once.
type Policy func(ctx context.Context, who Identity) error

// ErrNotFresh is what [Fresh] answers. It wraps [ErrForbidden].
var ErrNotFresh = fmt.Errorf("%w: the password was proved too long ago", ErrForbidden)

// Role lets those pass whose role is one of names.
func Role(names ...string) Policy {
	return func(_ context.Context, who Identity) error {
		for _, name := range names {
			if who.Role == name {
				return nil
			}
		}
		return ErrForbidden
	}
}

// clockSkew is by how much the clocks of two nodes may differ.
const clockSkew = 5 * time.Second

// Fresh lets those pass who proved their password within the last d. It belongs in front of
// what a stolen session must not do: change the password, make an admin.
func Fresh(d time.Duration) Policy {
	return func(_ context.Context, who Identity) error {
		// A proof from the future is one from before the clock was set back, and as old as you like.
		if age := time.Since(who.ProvedAt); age > d || age < -clockSkew {
			return ErrNotFresh
		}
		return nil
	}
}
