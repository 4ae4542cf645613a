package password

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"time"
)

// A Hasher hashes and checks passwords within a budget of memory. The zero value is ready; set
// the fields before the first use and never after. It is safe for concurrent use and must not be
// copied. A hash that has begun runs to its end: contexts and Wait only bound the queue.
type Hasher struct {
	// Params are the cost of new hashes, and of the work done where there is nothing to
	// check. Zero means [Default].
	Params Params

	// MemoryKiB is the budget for all hashes under way, in KiB. A single hash that needs more
	// takes all of it. Zero or less means enough for one hash on every processor.
	MemoryKiB int64

	// Queue is how many hashes may wait for memory. Zero means 64 for each processor, which is
	// what gets its turn within Wait; less than zero means none.
	Queue int

	// Wait is how long one hash may wait until it begins. Zero means 2 seconds: who waits
	// longer than that for a login has given up or asks again.
	Wait time.Duration

	// Engine computes the hashes. Nil means a [Local] one.
	Engine Engine

	once    sync.Once
	current Params
	wait    time.Duration
	engine  Engine
	gate    *gate
	err     error // why the fields cannot be used

	running       atomic.Int64
	done, refused atomic.Uint64
}

// A Verdict is what [Hasher.Verify] says about a password.
type Verdict struct {
	OK          bool // the password is right
	NeedsRehash bool // and should be kept as a new [Hasher.Hash] of it; never set without OK
}

// Hash returns the PHC string of password under a new random salt.
//
// It fails with [ErrTooLong] before anything else, with [ErrBusy] when the queue is full, the wait
// is over or the [Engine] cannot compute, with ctx's error when ctx is done first, and with another
// error when no hash can be made with Params.
func (h *Hasher) Hash(ctx context.Context, password string) (encoded string, err error) {
	if err := h.prepare(password); err != nil {
		return "", fmt.Errorf("hash password: %w", err)
	}
	err = h.compute(ctx, h.current.MemoryKiB, func(ctx context.Context) (err error) {
		encoded, err = h.engine.Hash(ctx, password, h.current)
		return err
	})
	if err != nil {
		return "", fmt.Errorf("hash password: %w", err)
	}
	return encoded, nil
}

// Verify reports whether encoded is a hash of password. An empty encoded is a user without a
// password, or no user at all; it is no error and never OK.
//
// The time an answer takes must not tell whether there is such a user, nor how their password is
// kept. So every refusal costs one hash with the current Params, and an acceptance no less,
// provided that the caller keeps two rules:
//
//   - Call Verify for unknown users too, with an empty encoded.
//   - When the Verdict says NeedsRehash, call Hash at once and keep the result.
//
// The second rule is why a right SHA-256 or SHA-1 costs nothing here but its turn: the caller pays
// for its replacement. It waits for that turn like all others: if wrong passwords got [ErrBusy] and
// right ones did not, whoever keeps the queue full could guess without being counted. In all other cases Verify itself does the work:
//
//	encoded                        hashes computed
//	empty, malformed, too costly   one, with the current Params
//	SHA-256 or SHA-1, wrong        one, with the current Params
//	any other                      one, of its own kind and cost
//	any other, wrong and cheaper   and an argon2id for the difference
//
// The difference between two kinds is an estimate, made on one machine: their times are near to
// each other, not the same. What costs more than the current Params takes longer, and nothing can
// be done about that but to replace it at the first login. With [Default] that is every bcrypt with
// a cost of 9 or more (with 12, some nine times as long), most scrypt, and a PBKDF2-SHA-256 with
// more than some 150000 iterations.
//
// A hash that is malformed or too costly gives the zero Verdict and, after that work, [ErrFormat]
// or [ErrCost]. Answer as for any wrong password, and log it: its owner cannot sign in.
// The other errors are those of Hash and leave the password unjudged.
func (h *Hasher) Verify(ctx context.Context, encoded, password string) (verdict Verdict, err error) {
	if err := h.prepare(password); err != nil {
		return Verdict{}, fmt.Errorf("verify password: %w", err)
	}
	memory := h.current.MemoryKiB
	if stored, err := parse(encoded); err == nil {
		// Cheap hashes pay the full price, so that they cannot crowd the processors either.
		memory = max(memory, stored.memoryKiB())
	}
	err = h.compute(ctx, memory, func(ctx context.Context) (err error) {
		verdict, err = h.engine.Verify(ctx, encoded, password, h.current)
		return err
	})
	if err != nil {
		return Verdict{}, fmt.Errorf("verify password: %w", err)
	}
	return verdict, nil
}

// compute does work in its turn. The engine may let it wait, too, and no longer than the queue
// may.
func (h *Hasher) compute(ctx context.Context, memoryKiB uint32, work func(context.Context) error) error {
	patience, cancel := context.WithTimeout(ctx, h.wait)
	defer cancel()
	leave, err := h.gate.enter(patience, memoryKiB)
	if err == nil {
		defer leave()
		h.running.Add(1)
		defer h.running.Add(-1)
		err = work(patience)
	}
	switch {
	case errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil: // not ctx's: that of Wait
		err = ErrBusy
		fallthrough
	case errors.Is(err, ErrBusy):
		h.refused.Add(1)
	case err == nil, errors.Is(err, ErrFormat), errors.Is(err, ErrCost):
		h.done.Add(1)
	}
	return err
}

// prepare refuses what must not cost anything, and makes the gate on first use.
func (h *Hasher) prepare(password string) error {
	if err := CheckLength(password); err != nil {
		return err
	}
	h.once.Do(h.settle)
	return h.err
}

// settle gives every field that is zero its meaning.
func (h *Hasher) settle() {
	h.current = h.Params
	if h.current == (Params{}) {
		h.current = Default
	}
	budget, queue := h.MemoryKiB, h.Queue
	if budget <= 0 {
		budget = int64(runtime.GOMAXPROCS(0)) * int64(h.current.MemoryKiB)
	}
	if queue == 0 {
		queue = 64 * runtime.GOMAXPROCS(0)
	}
	if h.wait = h.Wait; h.wait == 0 {
		h.wait = 2 * time.Second
	}
	h.gate = newGate(budget, queue)
	if h.engine = h.Engine; h.engine == nil {
		h.engine = new(Local)
	}
	h.err = h.current.check()
}
