package session

import (
	"crypto/sha256"
	"time"

	"github.com/handstamp/handstamp"
)

// A Hash is the SHA-256 of a session token: what a store and the cache know a session by. The
// token itself is nowhere but in the cookie, so that a stolen database opens no session.
type Hash [sha256.Size]byte

// A Session is what may be shown of a session. Times are UTC in whole microseconds.
type Session struct {
	ID       handstamp.ID // the public name; never changes
	UserID   handstamp.ID // whose session it is; never changes
	Role     string       // the user's role when the session began; never changes
	BeganAt  time.Time    // the absolute limit counts from here
	ProvedAt time.Time    // when the password was last checked
	SeenAt   time.Time    // the idle limit counts from here; may lag, see [Manager.Idle]

	// What a session of bearer tokens has, and one of a cookie has not; see [Terms]. Whole seconds.
	Until      time.Time // it lasts until then, and no other limit applies to it
	Generation int64     // counts the tokens that took each other's place; the first is 1
	RotatedAt  time.Time // when the last one did; zero as long as none did

	// Where the session began, as [handstamp.OriginOf] said then; for those who look at their
	// sessions. A check leaves both out, as they have no part in it.
	Device  string
	Address string
}

// Identity returns who asks by s, with a credential of this kind.
func (s Session) Identity(method handstamp.Method) handstamp.Identity {
	return handstamp.Identity{UserID: s.UserID, Role: s.Role, Method: method, SessionID: s.ID, ProvedAt: s.ProvedAt}
}

// now returns the time as sessions carry it.
func now() time.Time { return time.Now().UTC().Truncate(time.Microsecond) }

// A Record is a session as a store keeps it.
type Record struct {
	Session
	Hash     Hash   // of the session token; changes when the session is renewed
	Revision int64  // counts the changes by Swap; a new session has 1
	Data     []byte // the data bag, sealed; nil when it is empty
}

// ChangeFrom returns what a store tells its watchers when r took the place of what it had under the
// hash old, and whether there is anything to tell. A cache has nothing of the data bag.
func (r Record) ChangeFrom(old Hash) (c Change, there bool) {
	if old == r.Hash && r.Until.IsZero() {
		return Change{}, false
	}
	return Change{Hash: old, Lives: old == r.Hash}, true
}
