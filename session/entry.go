package session

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/handstamp/handstamp"
)

// entry is a session as the cache keeps it. It holds no pointer, so that the garbage collector
// never looks at a cache of ten million of them. Times are Unix microseconds.
type entry struct {
	id, user            handstamp.ID
	began, proved, seen int64
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
	}
}

// entryOf returns s in the cache's form. It is false when the table of roles is full.
func entryOf(s Session, roles *roleTable) (entry, bool) {
	role, ok := roles.number(s.Role)
	return entry{
		id:     s.ID,
		user:   s.UserID,
		began:  s.BeganAt.UnixMicro(),
		proved: s.ProvedAt.UnixMicro(),
		seen:   s.SeenAt.UnixMicro(),
		role:   role,
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
