package password

import (
	"context"
	"fmt"
	"runtime"
	"sync"
	"time"
)

// An Engine computes hashes: in this process, or in others. It is safe for concurrent use.
//
// It does what it is told: lengths and the number of calls at once are bounded by the [Hasher] in
// front of it. A ctx that is done before the computing has begun ends the call with ctx's own error;
// what has begun runs to its end. An error that wraps [ErrBusy] says that nothing was judged.
type Engine interface {
	// Hash returns the PHC string of plain under a new random salt.
	Hash(ctx context.Context, plain string, p Params) (encoded string, err error)

	// Verify does what [Hasher.Verify] says, p being the current Params, and does all of the
	// work.
	Verify(ctx context.Context, encoded, plain string, p Params) (Verdict, error)
}

// Local is the Engine that computes in this process. The zero value is ready.
//
// The memory of a finished hash is garbage. Local collects it as often as that takes a fiftieth of
// the time at most, so that the next hash takes the same memory again: after each hash where
// little else lives in the process, hardly ever where gigabytes of pointers do.
type Local struct {
	// CollectAlways collects after each hash, whatever it takes: for a process that does nothing
	// else.
	CollectAlways bool

	garbage garbage
}

// Hash implements [Engine].
func (l *Local) Hash(ctx context.Context, plain string, p Params) (encoded string, err error) {
	err = l.compute(ctx, p, func() error {
		encoded = newArgon2id(plain, p).String()
		return nil
	})
	return encoded, err
}

// Verify implements [Engine].
func (l *Local) Verify(ctx context.Context, encoded, plain string, p Params) (verdict Verdict, err error) {
	err = l.compute(ctx, p, func() (err error) {
		verdict, err = verify(encoded, plain, p)
		return err
	})
	return verdict, err
}

func (l *Local) compute(ctx context.Context, p Params, work func() error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := p.check(); err != nil {
		return err
	}
	begun := time.Now()
	err := work()
	if took := time.Since(begun); l.garbage.isDue(took) || l.CollectAlways {
		l.garbage.collect()
	}
	return err
}

// check returns an error where no hash can be made with p. It is not [ErrCost], which is about a
// stored hash: this one must not pass for a wrong password.
func (p Params) check() error {
	if !p.isArgon2() || !p.isAffordable() {
		return fmt.Errorf("no argon2id with %+v", p)
	}
	return nil
}

// garbageShare is the part of the time that collecting may take: one in so many.
const garbageShare = 50

// garbage decides when what hashes have left behind is collected.
type garbage struct {
	mu     sync.Mutex
	hashed time.Duration    // how long was computed since the last collection
	took   [2]time.Duration // by the last two collections
}

// isDue notes that something was computed for so long, and reports whether to collect now.
func (g *garbage) isDue(computed time.Duration) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.hashed += computed
	// The shorter one of two: now and then one has to wait for a processor.
	if g.hashed < garbageShare*min(g.took[0], g.took[1]) {
		return false
	}
	g.hashed = 0
	return true
}

func (g *garbage) collect() {
	begun := time.Now()
	runtime.GC()
	took := time.Since(begun)
	g.mu.Lock()
	defer g.mu.Unlock()
	g.took = [2]time.Duration{g.took[1], took}
}
