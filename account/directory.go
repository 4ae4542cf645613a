package account

import (
	"context"
	"fmt"
	"iter"
	"log/slog"
	"sync"
	"time"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/internal/cache"
	"github.com/handstamp/handstamp/password"
	"github.com/handstamp/handstamp/session"
)

// A Directory is the people of a [Store]. Set the fields before its first use; after that it is
// safe for concurrent use.
type Directory struct {
	// Verbatim takes any text for an email, none included, and any but the empty one for a
	// password, and lets a user sign in only with exactly the email that was stored. It is for
	// the founding API. Uniqueness of emails is judged as ever.
	Verbatim bool

	// Passwords hashes and verifies; the zero Hasher unless replaced.
	Passwords *password.Hasher

	// Report is told of failures that do not change an answer, such as a password hash that
	// could not be replaced. It is called by many goroutines at once. When nil, they go to
	// [slog.Default].
	Report func(ctx context.Context, doing string, err error)

	store Store
	cache *cache.Cache[handstamp.ID, User]

	mu       sync.Mutex
	sessions map[*session.Manager]struct{}
}

// cacheSize is how many users the cache holds at most. One that finds no place costs a read of
// the store each time.
const cacheSize = 1 << 17

// New returns a Directory of the users in store.
func New(store Store) *Directory {
	return &Directory{
		Passwords: &password.Hasher{},
		store:     store,
		cache:     cache.New[handstamp.ID, User](cacheSize, func(id handstamp.ID) uint8 { return id[0] }),
		sessions:  make(map[*session.Manager]struct{}),
	}
}

// Details are what a user is made from.
type Details struct {
	Email               string
	FirstName, LastName *string
	Role                string
	Password            string
}

// Create adds a user. Its errors wrap [ErrEmail], [ErrEmailTaken], [ErrPassword] or what package
// password says.
func (d *Directory) Create(ctx context.Context, details Details) (User, error) {
	key, err := EmailKey(details.Email)
	if err != nil {
		if !d.Verbatim {
			return User{}, fmt.Errorf("create user: %w", err)
		}
		key = VerbatimKey(details.Email)
	}
	hash, err := d.hash(ctx, details.Password)
	if err != nil {
		return User{}, fmt.Errorf("create user: %w", err)
	}
	now := now()
	u := User{
		ID:           handstamp.NewID(),
		Email:        details.Email,
		FirstName:    details.FirstName,
		LastName:     details.LastName,
		Role:         details.Role,
		CreatedAt:    now,
		UpdatedAt:    now,
		PasswordHash: hash,
		EmailKey:     key,
	}
	if err := d.store.Insert(ctx, u); err != nil {
		return User{}, fmt.Errorf("create user: %w", err)
	}
	return u, nil
}

// User returns the user with this ID, or [ErrNoUser].
func (d *Directory) User(ctx context.Context, id handstamp.ID) (User, error) {
	if u, ok := d.cache.Get(id); ok {
		return u, nil
	}
	ticket := d.cache.Ticket(id)
	u, err := d.store.Find(ctx, Ref{ID: id})
	if err != nil {
		return User{}, err
	}
	d.cache.Fill(id, u, ticket)
	return u, nil
}

// ByEmail returns the user with this email, in whatever spelling, or [ErrNoUser].
func (d *Directory) ByEmail(ctx context.Context, email string) (User, error) {
	key := VerbatimKey(email)
	if key == "" {
		return User{}, ErrNoUser
	}
	return d.store.Find(ctx, Ref{EmailKey: key})
}

// Rename sets the names that are not nil and returns the user as changed, or [ErrNoUser].
func (d *Directory) Rename(ctx context.Context, id handstamp.ID, first, last *string) (User, error) {
	return d.update(ctx, id, func(u *User) (bool, error) {
		if first != nil {
			u.FirstName = first
		}
		if last != nil {
			u.LastName = last
		}
		return false, nil
	})
}

// SetPassword replaces the user's password, ends the user's sessions and returns the user as
// changed. Its errors wrap [ErrNoUser], [ErrPassword] or what package password says.
func (d *Directory) SetPassword(ctx context.Context, id handstamp.ID, plain string) (User, error) {
	hash, err := d.hash(ctx, plain)
	if err != nil {
		return User{}, fmt.Errorf("set password: %w", err)
	}
	u, err := d.update(ctx, id, func(u *User) (bool, error) {
		u.PasswordHash = hash
		return true, nil
	})
	if err != nil {
		return User{}, fmt.Errorf("set password: %w", err)
	}
	return u, nil
}

// Delete removes the user and ends the user's sessions, or returns [ErrNoUser].
func (d *Directory) Delete(ctx context.Context, id handstamp.ID) error {
	return finish(ctx, func(ctx context.Context) error {
		err := d.store.Delete(ctx, id)
		d.cache.Drop(id)
		if err != nil {
			return fmt.Errorf("delete user: %w", err)
		}
		return d.endSessions(ctx, id)
	})
}

// pageSize is how many users All reads at once.
const pageSize = 1000

// All returns the users in the order in which they came, read page by page: a user who comes or
// goes meanwhile may be among them or not. After an error there is nothing more.
func (d *Directory) All(ctx context.Context) iter.Seq2[User, error] {
	return func(yield func(User, error) bool) {
		var after int64
		for {
			page, err := d.store.List(ctx, after, pageSize)
			if err != nil {
				yield(User{}, fmt.Errorf("list users: %w", err))
				return
			}
			for _, u := range page {
				if !yield(u, nil) {
					return
				}
				after = u.Place
			}
			if len(page) < pageSize {
				return
			}
		}
	}
}

// Count returns the number of users.
func (d *Directory) Count(ctx context.Context) (int, error) { return d.store.Count(ctx) }

func (d *Directory) report(ctx context.Context, doing string, err error) {
	if d.Report != nil {
		d.Report(ctx, doing, err)
		return
	}
	slog.ErrorContext(ctx, doing, "error", err)
}

// now returns the time as users carry it.
func now() time.Time { return time.Now().UTC().Truncate(time.Microsecond) }
