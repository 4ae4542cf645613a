package throttle

import (
	"context"
	"time"
)

// A Store keeps buckets. Everything that the package promises rests on this contract; the package
// storetest checks it.
//
// Methods are safe for concurrent use and give up when their context is done; a write that gave
// up may still happen. Each write is atomic and durable when it returns nil: what a Store keeps on
// disk survives the end of the process and of the machine. A bucket that is not there has the
// zero [State]. The time is always the caller's; errors mean that the Store is broken.
type Store interface {
	// Take does what [Decide] says to the buckets, whose keys all differ, and returns what each
	// of them said. From reading the first to writing the last it is one step: no other Take
	// comes in between. An attempt that one of the buckets refuses is charged to none.
	Take(ctx context.Context, now time.Time, buckets []Bucket) ([]Verdict, error)

	// Give gives charges of Take back, in one step, by [State.Give]. Buckets that are not
	// there any more stay away.
	Give(ctx context.Context, now time.Time, charges []Charge, forgive bool) error

	// Reset removes buckets, as if nobody had ever taken from them.
	Reset(ctx context.Context, keys ...Key) error

	// Sweep removes up to limit buckets that have expired by now and returns how many that
	// were. Fewer than limit means that no more are left.
	Sweep(ctx context.Context, now time.Time, limit int) (int, error)
}
