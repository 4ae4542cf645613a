package session

import (
	"errors"
	"net/http"
	"time"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/internal/cache"
)

// A Manager begins, checks, renews and ends the sessions of a [Store], and is the Authenticator
// for them. Set the fields before its first use; after that it is safe for concurrent use.
type Manager struct {
	// Cookie says how a token travels.
	Cookie Cookie

	// Lifetime is how long a session lasts from its beginning. Zero or less: without end.
	Lifetime time.Duration

	// Idle is how long a session lasts without use. Zero or less: without end. To keep writes
	// out of most requests, a use is noted at most once per tenth of Idle, and written down in
	// the background; so a session may end by as much too early.
	Idle time.Duration

	// NewToken makes the tokens; it is [RandomToken] unless replaced.
	NewToken func() Token

	// PerUser is how many sessions a user may have; the oldest end when there are more. Zero or
	// less: any number.
	PerUser int

	// Notify hears of sessions that begin, are renewed and end, and of failures in the
	// background, which no caller can be told of.
	Notify handstamp.Listener

	store      Store
	cache      *cache.Cache[Hash, entry]
	lease      *Lease // nil where every change of the store is made in this process
	roles      roleTable
	unwatch    func()
	background background
	uses       uses
	sweep      sweepTimer
}

// cacheSize is how many sessions the cache holds at most, about 150 MB of them. A session that
// finds no place costs a read of the store at each check.
const cacheSize = 1 << 20

// storeTimeout bounds what a check waits for the store, whatever the request's own context says.
const storeTimeout = 5 * time.Second

// New returns a Manager for the sessions in store: a day long at most, an hour without use.
func New(store Store) *Manager {
	m := &Manager{
		Lifetime: 24 * time.Hour,
		Idle:     time.Hour,
		NewToken: RandomToken,
		store:    store,
		cache:    cache.New[Hash, entry](cacheSize, func(h Hash) uint8 { return h[0] }),
	}
	m.unwatch = store.Watch(m.apply)
	if leased, ok := store.(Leased); ok {
		m.lease = leased.Lease()
	}
	return m
}

// Close waits for what is under way in the background and lets go of the store. The Manager must
// not be used afterwards.
func (m *Manager) Close() {
	m.unwatch()
	m.background.close()
}

// apply takes a change of the store into the cache.
func (m *Manager) apply(c Change) {
	if c == (Change{}) {
		m.cache.Clear()
		return
	}
	if c.Hash != (Hash{}) {
		m.cache.Drop(c.Hash)
	}
	if !c.UserID.IsZero() {
		m.cache.VoidTickets()
	}
}

// Authenticate implements [handstamp.Authenticator] for session cookies. A request with a live
// session that is in the cache costs no allocation and does not leave the process.
func (m *Manager) Authenticate(r *http.Request) (handstamp.Identity, error) {
	token, ok := m.Cookie.Read(r.Header)
	if !ok {
		return handstamp.Identity{}, handstamp.ErrNoCredential
	}
	s, err := m.check(r.Context(), token.Hash())
	if errors.Is(err, ErrGone) {
		return handstamp.Identity{}, handstamp.ErrBadCredential
	}
	if err != nil {
		return handstamp.Identity{}, err
	}
	if !s.Until.IsZero() { // nobody has the opaque token of such a session
		return handstamp.Identity{}, handstamp.ErrBadCredential
	}
	return s.Identity(handstamp.MethodSession), nil
}

// Challenge implements [handstamp.Authenticator]. There is no challenge for cookies.
func (m *Manager) Challenge(error) string { return "" }

// TokenOf returns the session token in r, as it came, and whether there is one.
func (m *Manager) TokenOf(r *http.Request) (Token, bool) { return m.Cookie.Read(r.Header) }

// SetCookie gives the browser its token.
func (m *Manager) SetCookie(w http.ResponseWriter, token Token) { m.Cookie.Set(w.Header(), token) }

// ClearCookie makes the browser forget its token. It does not end the session.
func (m *Manager) ClearCookie(w http.ResponseWriter) { m.Cookie.Clear(w.Header()) }
