package account

import (
	"context"
	"errors"

	"github.com/handstamp/handstamp"
)

// What a Store says of a user. Every other error means that the store is broken.
var (
	// ErrNoUser means that there is no such user.
	ErrNoUser = errors.New("no such user")
	// ErrExists means that there is a user with this ID already.
	ErrExists = errors.New("user exists already")
	// ErrEmailTaken means that another user has this email.
	ErrEmailTaken = errors.New("email already in use")
)

// A Store keeps users. Methods are safe for concurrent use and give up when their context is
// done; a write that gave up may still happen. Each write is atomic and durable when it returns
// nil. Each read sees every write that has returned.
type Store interface {
	// Insert adds a user at the end of the list, whatever its Place. It returns ErrExists if
	// there is a user with this ID, and ErrEmailTaken if another one has its EmailKey; an
	// empty EmailKey is nobody's.
	Insert(ctx context.Context, u User) error

	// Find returns the user that ref names, or ErrNoUser.
	Find(ctx context.Context, ref Ref) (User, error)

	// Update lets change change the user with this ID, and writes it, in one step with regard
	// to all other writes. An error of change is returned as it is, and nothing is written.
	// change must be quick, must not call the store, and may be called more than once. When
	// it returns revoke and the store also keeps sessions, they end in the same step.
	// Update returns the user as written, ErrNoUser or ErrEmailTaken.
	Update(ctx context.Context, id handstamp.ID, change func(*User) (revoke bool, err error)) (User, error)

	// Delete removes the user with this ID, or returns ErrNoUser. When the store also keeps
	// sessions, those of the user end in the same step.
	Delete(ctx context.Context, id handstamp.ID) error

	// List returns up to limit users in the order in which they were inserted, which is that
	// of their Place: those whose Place is greater than after.
	List(ctx context.Context, after int64, limit int) ([]User, error)

	// Count returns the number of users.
	Count(ctx context.Context) (int, error)
}

// A Ref names a user: by ID if that is not zero, else by EmailKey.
type Ref struct {
	ID       handstamp.ID
	EmailKey string
}
