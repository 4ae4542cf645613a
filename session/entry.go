package session

import (
	"math"
	"sync"
	"sync/atomic"
	"time"

	"github.com/handstamp/handstamp"
)

// entry is a session as the cache keeps it. It holds no pointer, so that the garbage collector
// never looks at a cache of ten million of them. Times are Unix microseconds, unless it says otherwise.
type entry struct {
	id, user            handstamp.ID
	began, proved, seen int64
	until, rotated      uint32 // Unix seconds, which reach to the year 2106
	generation          uint32
	role                roleNumber
}

func (e entry) session(roles *roleTable) Session {
	return Session{
		ID:       e.id,
		UserID:   e.user,
		Role:     roles.name(e.role),
		BeganAt:  time.UnixMicro(e.began).UTC(),
		ProvedAt: time.UnixMicro(e.proved).UTC(),
		SeenAt:   time.UnixMicro(e.seen).UTC(),

		Until:      timeOfSeconds(e.until),
		Generation: int64(e.generation),
		RotatedAt:  timeOfSeconds(e.rotated),
	}
}

// timeOfSeconds returns the time that an entry has as so many seconds; zero is the zero time.
func timeOfSeconds(seconds uint32) time.Time {
	if seconds == 0 {
		return time.Time{}
	}
	return time.Unix(int64(seconds), 0).UTC()
}

// secondsOf is the way back. It is false for a time that an entry cannot hold.
func secondsOf(t time.Time) (seconds uint32, ok bool) {
	if t.IsZero() {
		return 0, true
	}
	unix := t.Unix()
	return uint32(unix), unix > 0 && unix <= math.MaxUint32
}

// entryOf returns s in the cache's form. It is false when the table of roles is full, or a number does
// not fit.
func entryOf(s Session, roles *roleTable) (entry, bool) {
	role, ok := roles.number(s.Role)
	until, untilFits := secondsOf(s.Until)
	rotated, rotatedFits := secondsOf(s.RotatedAt)
	ok = ok && untilFits && rotatedFits && s.Generation >= 0 && s.Generation <= math.MaxUint32
	return entry{
		id:     s.ID,
		user:   s.UserID,
		began:  s.BeganAt.UnixMicro(),
		proved: s.ProvedAt.UnixMicro(),
		seen:   s.SeenAt.UnixMicro(),
		role:   role,

		until: until, rotated: rotated, generation: uint32(s.Generation),
	}, ok
}

// A roleTable numbers the names of roles, of which there are few, so that an entry needs no
// string. Numbers are never taken back.
type roleTable struct {
	names atomic.Pointer[[]string] // replaced as a whole, never changed

	mu      sync.Mutex // held to add a name
	numbers sync.Map   // string → roleNumber
}

type roleNumber uint16

// maxRoles bounds the table. A session whose role finds no place in it is not cached.
const maxRoles = 1 << 12

func (t *roleTable) name(n roleNumber) string { return (*t.names.Load())[n] }

func (t *roleTable) number(name string) (roleNumber, bool) {
	if n, ok := t.numbers.Load(name); ok {
		return n.(roleNumber), true
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if n, ok := t.numbers.Load(name); ok {
		return n.(roleNumber), true
	}
	var old []string
	if names := t.names.Load(); names != nil {
		old = *names
	}
	if len(old) == maxRoles {
		return 0, false
	}
	names := append(old[:len(old):len(old)], name)
	n := roleNumber(len(old))
	t.names.Store(&names)
	t.numbers.Store(name, n)
	return n, true
}
