package account

import (
	"context"
	"errors"
	"time"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/session"
)

// What a Store says of a user. Every other error means that the store is broken.
var (
	// ErrNoUser means that there is no such user.
	ErrNoUser = errors.New("no such user")
	// ErrExists means that there is a user with this ID already.
	ErrExists = errors.New("user exists already")
	// ErrEmailTaken means that another user has this email.
	ErrEmailTaken = errors.New("email already in use")
	// ErrLast means that a user is the last one with a role that must not be without anybody.
	ErrLast = errors.New("last user with this role")
	// ErrNoLink means that there is no such link: it was never made, was used, or has expired.
	ErrNoLink = errors.New("link is not good any more")
)

// A Store keeps users. Methods are safe for concurrent use and give up when their context is
// done; a write that gave up may still happen. Each write is atomic and durable when it returns
// nil. Each read sees every write that has returned.
type Store interface {
	// Insert adds a user at the end of the list, whatever its Place. It returns ErrExists if
	// there is a user with this ID, and ErrEmailTaken if another one has its EmailKey; an
	// empty EmailKey is nobody's.
	Insert(ctx context.Context, u User, w Write) error

	// Find returns the user that ref names, or ErrNoUser.
	Find(ctx context.Context, ref Ref) (User, error)

	// Update lets change change the user with this ID, and writes it, in one step with regard
	// to all other writes. An error of change is returned as it is, and nothing is written.
	// change must be quick, must not call the store, and may be called more than once.
	// Update returns the user as written, ErrNoUser, ErrEmailTaken or what [Write] says.
	Update(ctx context.Context, id handstamp.ID, change func(*User) (Write, error)) (User, error)

	// Delete removes the user with this ID, or returns ErrNoUser or what [Write] says. When the
	// store also keeps sessions, those of the user end in the same step.
	Delete(ctx context.Context, id handstamp.ID, w Write) error

	// List returns the users that q selects, in the order in which they were inserted, which is
	// that of their Place.
	List(ctx context.Context, q Query) ([]User, error)

	// Count returns the number of users.
	Count(ctx context.Context) (int, error)
}

// A Ref names a user: by ID if that is not zero, else by EmailKey.
type Ref struct {
	ID       handstamp.ID
	EmailKey string
}

// A Query selects users: those to whom all of its fields that are not zero apply, and of them up to
// Limit: the first ones, or, where Before is given, the last.
type Query struct {
	After  int64 // the Place of a user: only those behind
	Before int64 // only those in front of this Place
	Limit  int   // zero selects nobody

	// Search selects the users in whose [User.SearchText] the [SearchKey] of this text is.
	Search string
}

// A Write is what goes with a change of a user, in the same step: all of it happens or nothing.
type Write struct {
	// Revoke ends the user's sessions, where the store keeps sessions, too; but not the one
	// with the hash Except.
	Revoke bool
	Except session.Hash

	// LastRole refuses, with ErrLast, to take this role from the last user who has it and is
	// not disabled, be it by changing, disabling or deleting them.
	LastRole string

	// Link refuses, with ErrNoLink, where no such link is good at the time Now, and uses it up.
	Link LinkHash
	Now  time.Time

	// Events are written to the audit log, where the store keeps one.
	Events []handstamp.Event
}
