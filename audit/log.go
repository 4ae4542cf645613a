package audit

import (
	"context"
	"time"

	"github.com/handstamp/handstamp"
)

// A Log keeps events. It is safe for concurrent use. Methods give up when their context is done; a
// write that gave up may still happen.
type Log interface {
	// Record adds events of which nothing else is written. They are durable when it returns nil. What of their texts is not
	// UTF-8, or is NUL, may have been replaced by U+FFFD.
	Record(ctx context.Context, events ...handstamp.Event) error

	// Entries returns up to which.Limit entries that which selects, in the order of their
	// numbers.
	Entries(ctx context.Context, which Filter) ([]Entry, error)

	// Start returns what the oldest entry is chained to: the number and the sum of the last one
	// that was removed, or a zero Mark.
	Start(ctx context.Context) (Mark, error)

	// Trim removes entries from before a time, the oldest first and up to limit of them, never
	// the newest, and adds a [TrimEvent] where it has removed any. It returns how many
	// it has removed.
	Trim(ctx context.Context, before time.Time, limit int) (int, error)
}

// An Entry is an event in a Log.
type Entry struct {
	Number int64 // counts from 1, without a gap
	handstamp.Event
	Sum Sum
}

// Mark returns the place of e in its log.
func (e Entry) Mark() Mark { return Mark{Number: e.Number, Sum: e.Sum} }

// A Mark is a place in a log: the number of an entry, and its sum. The zero Mark stands before the
// first.
type Mark struct {
	Number int64
	Sum    Sum
}

// A Filter selects the entries to which all of its fields that are not zero apply.
type Filter struct {
	After   int64        // entries with a greater number
	Before  int64        // entries with a smaller number
	UserID  handstamp.ID // done by this user, or to this one
	Action  handstamp.Action
	Outcome handstamp.Outcome
	Since   time.Time
	Until   time.Time // and before this
	Limit   int       // how many at most; zero selects none
	Newest  bool      // the last ones, where there are more than Limit
}

// Selects reports whether f selects e, leaving the Limit aside.
func (f Filter) Selects(e Entry) bool {
	return e.Number > f.After &&
		(f.Before == 0 || e.Number < f.Before) &&
		(f.UserID.IsZero() || e.UserID == f.UserID || e.ActorID == f.UserID) &&
		(f.Action == "" || e.Action == f.Action) &&
		(f.Outcome == "" || e.Outcome == f.Outcome) &&
		(f.Since.IsZero() || !e.At.Before(f.Since)) &&
		(f.Until.IsZero() || e.At.Before(f.Until))
}
