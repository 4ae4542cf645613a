package password

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"fmt"
	"runtime"
	"sync"
	"time"

	"golang.org/x/crypto/argon2"
)

// The lengths of what is written, in bytes (RFC 9106, section 4).
const (
	saltLength = 16
	tagLength  = 32
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

	// Queue is how many hashes may wait for memory. Zero means 512, less than zero none.
	Queue int

	// Wait is how long one hash may wait for memory. Zero means 10 seconds.
	Wait time.Duration

	once    sync.Once
	current Params
	gate    *gate
	err     error // why the fields cannot be used

	derive deriver // what computes argon2id; tests put their own here
}

type deriver func(password, salt []byte, p Params, tagLength int) []byte

// A Verdict is what [Hasher.Verify] says about a password.
type Verdict struct {
	OK          bool // the password is right
	NeedsRehash bool // and should be kept as a new [Hasher.Hash] of it; never set without OK
}

// Hash returns the PHC string of password under a new random salt.
//
// It fails with [ErrTooLong] before anything else, with [ErrBusy] when the queue is full or the
// wait is over, with ctx's error when ctx is done first, and with another error when no hash can
// be made with Params.
func (h *Hasher) Hash(ctx context.Context, password string) (encoded string, err error) {
	if err := h.prepare(password); err != nil {
		return "", fmt.Errorf("hash password: %w", err)
	}
	leave, err := h.gate.enter(ctx, h.current.MemoryKiB)
	if err != nil {
		return "", fmt.Errorf("hash password: %w", err)
	}
	defer leave()
	a := argon2id{Params: h.current, salt: make([]byte, saltLength)}
	_, _ = rand.Read(a.salt) // crypto/rand.Read never returns an error: it ends the program instead
	a.tag = h.derive([]byte(password), a.salt, a.Params, tagLength)
	return a.String(), nil
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
// The second rule is why a right SHA-256 or SHA-1 costs nothing here: the caller pays for its
// replacement. In all other cases Verify itself does the work:
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
func (h *Hasher) Verify(ctx context.Context, encoded, password string) (Verdict, error) {
	if err := h.prepare(password); err != nil {
		return Verdict{}, fmt.Errorf("verify password: %w", err)
	}
	stored, fault := parse(encoded)
	isReal := fault == nil
	if !isReal {
		stored = h.decoy()
	} else if isFree := stored.work(password) == 0; isFree && stored.matches(password) {
		// No place in the queue is taken for what is next to nothing: the caller's Hash waits there.
		return Verdict{OK: true, NeedsRehash: true}, nil
	}
	// Cheap hashes pay the full price, so that they cannot crowd the processors either.
	leave, err := h.gate.enter(ctx, max(stored.memoryKiB(), h.current.MemoryKiB))
	if err != nil {
		return Verdict{}, fmt.Errorf("verify password: %w", err)
	}
	defer leave()
	if h.matches(stored, password) && isReal {
		return Verdict{OK: true, NeedsRehash: stored.isOutdated(h.current)}, nil
	}
	if rest, isLacking := h.current.lacking(stored.work(password)); isLacking {
		h.derive([]byte(password), make([]byte, saltLength), rest, tagLength)
	}
	if isReal || encoded == "" {
		return Verdict{}, nil
	}
	return Verdict{}, fmt.Errorf("verify password: %w", fault)
}

// decoy is what a password is checked against where there is nothing to check it against.
func (h *Hasher) decoy() argon2id {
	return argon2id{Params: h.current, salt: make([]byte, saltLength), tag: make([]byte, tagLength)}
}

// matches computes argon2id with the Hasher's own deriver.
func (h *Hasher) matches(s scheme, password string) bool {
	a, isArgon2id := s.(argon2id)
	if !isArgon2id {
		return s.matches(password)
	}
	tag := h.derive([]byte(password), a.salt, a.Params, len(a.tag))
	return subtle.ConstantTimeCompare(tag, a.tag) == 1
}

// prepare refuses what must not cost anything, and makes the gate on first use.
func (h *Hasher) prepare(password string) error {
	if err := checkLength(password); err != nil {
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
	if !h.current.isArgon2() || !h.current.isAffordable() {
		// Not ErrCost, which is about a stored hash: this one must not pass for a wrong password.
		h.err = fmt.Errorf("no argon2id with %+v", h.current)
		return
	}
	budget, queue, wait := h.MemoryKiB, h.Queue, h.Wait
	if budget <= 0 {
		budget = int64(runtime.GOMAXPROCS(0)) * int64(h.current.MemoryKiB)
	}
	if queue == 0 {
		queue = 512
	}
	if wait == 0 {
		wait = 10 * time.Second
	}
	h.gate = newGate(budget, queue, wait)
	if h.derive == nil {
		h.derive = argon2Key
	}
}

func argon2Key(password, salt []byte, p Params, tagLength int) []byte {
	return argon2.IDKey(password, salt, p.Passes, p.MemoryKiB, p.Lanes, uint32(tagLength))
}
