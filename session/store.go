package session

import (
	"context"
	"errors"
	"time"

	"github.com/handstamp/handstamp"
)

// What a Store says of a session. Every other error means that the store is broken.
var (
	// ErrGone means that there is no such session: it was never begun, it has ended, or its
	// token has been replaced.
	ErrGone = errors.New("session gone")
	// ErrConflict means that the session was changed since it was read.
	ErrConflict = errors.New("session changed meanwhile")
	// ErrExists means that a session with this token has begun before.
	ErrExists = errors.New("session exists already")
)

// A Store keeps sessions and says what changed. Everything that the package promises rests on
// this contract; the package storetest checks it.
type Store interface {
	Records
	Feed
}

// Records are the sessions of a Store. Methods are safe for concurrent use and give up when
// their context is done; a write that gave up may still happen.
//
// Each write is atomic and durable when it returns nil: what a Store keeps on disk survives the
// end of the process and of the machine. Each read sees every write that has returned. A Store
// that keeps an audit log writes the events in the same step, if anything was written at all.
type Records interface {
	// Insert adds a session, or returns ErrExists. It is the one way in which a session comes
	// to be.
	Insert(ctx context.Context, r Record, events ...handstamp.Event) error

	// Load returns the session with this hash, or ErrGone. It does not judge limits.
	Load(ctx context.Context, hash Hash) (Record, error)

	// Swap replaces Hash, ProvedAt, Until, Generation, RotatedAt and Data of the session with the
	// hash old, if its revision is r.Revision, and raises the revision by one. ErrGone means that no such session is
	// there, and none is made; ErrConflict that its revision is another.
	Swap(ctx context.Context, old Hash, r Record, events ...handstamp.Event) error

	// Touch moves SeenAt forward to at, never back. It returns ErrGone, and makes nothing,
	// where there is no such session.
	Touch(ctx context.Context, hash Hash, at time.Time) error

	// End removes the sessions that which selects and returns how many that were.
	End(ctx context.Context, which Selection, events ...handstamp.Event) (int, error)

	// List returns the sessions that q selects, without judging limits. It leaves their data
	// bags where they are: there may be a lot in them.
	List(ctx context.Context, q Query) ([]Session, error)
}

// A Query says which sessions to list: those of a user, all of them and the oldest first; or, where
// UserID is zero, those of everybody, the newest first and a page at a time. What began at the same
// time is in the order of the IDs.
type Query struct {
	UserID handstamp.ID

	After Place // only those behind this place; not for those of a user
	Limit int   // how many at most; zero selects none; not for those of a user
}

// A Selection says which sessions to end: those to which all of its fields that are not zero
// apply. Expired stands alone, without the others. The zero Selection selects none.
type Selection struct {
	Hash   Hash         // the session with this hash
	ID     handstamp.ID // the session with this public name
	UserID handstamp.ID // the sessions of this user
	Except Hash         // not this one; only together with another field

	// Expired selects up to Limit sessions: those that began, or were last seen, before these
	// times, or, where they have an Until, those of which that is before the time of that name. A
	// zero time selects none by its side.
	Expired struct {
		BeganBefore, SeenBefore, UntilBefore time.Time
		Limit                                int
	}
}

// A Feed tells what changed in a Store, wherever the change was made. One that hears of changes over a
// network is [Leased], too.
type Feed interface {
	// Watch calls apply for each change from now on, in the order in which the changes were
	// made, until stop is called. apply is never called twice at once and must not call the
	// store. A change that was made through this Store is applied before the call that made
	// it returns; that is what "refused at once" rests on.
	Watch(apply func(Change)) (stop func())
}

// A Change says which sessions are not what they were: one, those of a user, or, when it is zero,
// any: a store says so when it may have missed something. Sessions that merely began or were touched
// are no change.
type Change struct {
	Hash   Hash         // no session has this token any more, or one that is not what it was
	Lives  bool         // there is one with this Hash, and it is not what it was
	UserID handstamp.ID // this user was changed, or sessions of this user ended: those named by changes
	//                     of their own before this one; nothing of either that was read before may be trusted
}
