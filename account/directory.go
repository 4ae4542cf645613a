package account

import (
	"context"
	"sync"
	"time"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/internal/cache"
	"github.com/handstamp/handstamp/password"
	"github.com/handstamp/handstamp/session"
	"github.com/handstamp/handstamp/throttle"
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

	// Roles are the roles that users may have, first of all the one of those to whom nobody gives
	// another; nil for any.
	Roles []string

	// AdminRole is the role of those who may do everything. The last user who has it and is not
	// disabled can't be deleted, disabled or given another role. Empty for none such.
	AdminRole string

	// Links keeps the links that [Directory.NewSetupLink] and [Directory.NewResetLink] make; nil
	// for none.
	Links Links

	// Audit keeps the events of which nothing else is written, such as failed logins; nil to keep
	// none. Those that change something are kept by the Store itself.
	Audit Recorder

	// Rules returns what a new password must be; nil for anything that can be one. It is asked
	// each time, so that rules may change.
	Rules func() PasswordRules

	// Limits decides whether a password may be looked at; nil for always. Devices knows the
	// browsers whose attempts are counted apart from those of strangers; nil for none.
	Limits  *throttle.Limiter
	Devices *throttle.Devices

	// BasicMemory is for how long a pair of email and password that was found right is not
	// hashed again when it comes by [Directory.Basic]. It is forgotten as soon as the
	// user is changed in a way that revokes, or deleted. Zero for not at all.
	BasicMemory time.Duration

	// Notify hears of what is done to users, of logins, and of failures that do not change an
	// answer, such as a password hash that could not be replaced.
	Notify handstamp.Listener

	store    Store
	cache    *cache.Cache[handstamp.ID, User]
	lease    *session.Lease // nil where every change of the store is made in this process
	memory   *memory
	refusals refusals
	pace     pace

	mu       sync.Mutex
	sessions map[*session.Manager]struct{}
}

// A Recorder keeps events: an audit log.
type Recorder interface {
	Record(ctx context.Context, events ...handstamp.Event) error
}

// cacheSize is how many users the cache holds at most. One that finds no place costs a read of
// the store each time.
const cacheSize = 1 << 17

// New returns a Directory of the users in store. A store that others write to at the same time says so by being
// a [session.Feed] and [session.Leased], and tells of users as [session.Change] does.
func New(store Store) *Directory {
	d := &Directory{
		Passwords: &password.Hasher{},
		store:     store,
		cache:     cache.New[handstamp.ID, User](cacheSize, func(id handstamp.ID) uint8 { return id[0] }),
		memory:    newMemory(),
		sessions:  make(map[*session.Manager]struct{}),
	}
	if feed, ok := store.(session.Feed); ok {
		feed.Watch(d.apply)
	}
	if leased, ok := store.(session.Leased); ok {
		d.lease = leased.Lease()
	}
	return d
}

// apply takes a change that was made elsewhere into the cache.
func (d *Directory) apply(c session.Change) {
	switch {
	case c == (session.Change{}):
		d.cache.Clear()
	case !c.UserID.IsZero():
		d.cache.Drop(c.UserID)
	}
}

// User returns the user with this ID, or [ErrNoUser].
func (d *Directory) User(ctx context.Context, id handstamp.ID) (User, error) {
	hold := d.lease.Hold()
	if u, ok := d.cache.Get(id); ok && hold.At(time.Now()) {
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

// HasRole reports whether somebody has role and is not disabled.
func (d *Directory) HasRole(ctx context.Context, role string) (bool, error) {
	for u, err := range d.All(ctx) {
		if err != nil {
			return false, err
		}
		if u.Role == role && !u.Disabled {
			return true, nil
		}
	}
	return false, nil
}

// Count returns the number of users.
func (d *Directory) Count(ctx context.Context) (int, error) { return d.store.Count(ctx) }

// now returns the time as users carry it.
func now() time.Time { return time.Now().UTC().Truncate(time.Microsecond) }
