package outbox

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/handstamp/handstamp/audit"
)

// A Store is what a [Deliverer] works on: the audit log, and what is known of each destination. It is safe for
// concurrent use. Methods give up when their context is done; a write that gave up may still happen.
type Store interface {
	// Claim makes it node's turn to deliver if it is so already, if it is nobody's, or if the turn is still seen, which is not
	// the zero Turn then; and returns whose turn it is. Each claim of the one whose turn it is makes another Turn.
	Claim(ctx context.Context, node string, seen Turn) (Turn, error)

	// Release makes it nobody's turn if it was node's.
	Release(ctx context.Context, node string) error

	// Open returns the position of a destination in the audit log. One that is new begins at the end of the log.
	Open(ctx context.Context, destination string) (position int64, err error)

	// Entries returns up to limit entries of the audit log behind a number, in their order.
	Entries(ctx context.Context, after int64, limit int) ([]audit.Entry, error)

	// Save writes what node has done, in one step, or returns [ErrNotYourTurn] and writes nothing. A position never goes
	// back.
	Save(ctx context.Context, node string, s Step) error

	// Letters returns the dead letters that which selects, the oldest first.
	Letters(ctx context.Context, which Filter) ([]Letter, error)
}

// A Desk is where an operator looks after what was not delivered. It is safe for concurrent use.
type Desk interface {
	// Letters is that of [Store].
	Letters(ctx context.Context, which Filter) ([]Letter, error)

	// Retry has the letters that which selects tried once more, soon, and returns how many that are.
	Retry(ctx context.Context, which Filter) (int, error)

	// Drop removes the letters that which selects, and returns how many that were.
	Drop(ctx context.Context, which Filter) (int, error)

	// Backlog says how much waits for a destination. It is zero for one that nobody has opened.
	Backlog(ctx context.Context, destination string) (Backlog, error)
}

// A Backlog is what was not delivered.
type Backlog struct {
	Pending int64 // entries of the audit log behind the position, those that nobody is told of among them
	Dead    int64 // letters
}

// ErrNotYourTurn means that another process delivers by now.
var ErrNotYourTurn = errors.New("another node delivers")

// ErrGivenUp is what [Config].Report gets of messages that have become dead letters.
var ErrGivenUp = errors.New("messages given up")

// A Turn says who delivers. Beat is another one whenever that one has claimed it.
type Turn struct {
	Holder string // empty for nobody
	Beat   int64
}

// IsFor reports whether node may claim the turn, having seen a Turn for so long that its holder must have ended. A zero seen
// is for who has not.
func (t Turn) IsFor(node string, seen Turn) bool {
	return t.Holder == "" || t.Holder == node || seen.Holder != "" && t == seen
}

// A Step is what was done for one destination.
type Step struct {
	Destination string
	Position    int64    // everything up to here is done; zero for no change
	Dead        []Letter // put in the place of those of the same ID
	Delivered   []string // the IDs of dead letters that were delivered after all
}

// A Letter is a message that could not be delivered. It is dead until somebody says Retry.
type Letter struct {
	Destination string
	ID          string // of the Message
	Entry       audit.Entry
	Attempts    int
	Error       string    // of the last attempt
	FailedAt    time.Time // the last attempt: UTC in whole microseconds
	Retry       bool      // it is to be tried once more
}

// A Filter selects the letters to which all of its fields that are not zero apply.
type Filter struct {
	Destination string
	IDs         []string
	Retry       bool // those that are to be tried once more
	Limit       int  // how many at most; zero is without limit
}

// Selects reports whether f selects l, leaving the Limit aside.
func (f Filter) Selects(l Letter) bool {
	return (f.Destination == "" || l.Destination == f.Destination) &&
		(len(f.IDs) == 0 || slices.Contains(f.IDs, l.ID)) &&
		(!f.Retry || l.Retry)
}

// Abandoned is how long the audit log waits for a destination that nobody delivers to. After that its position is
// given up, and what it has not got may be trimmed.
const Abandoned = 30 * 24 * time.Hour
