package history

import (
	"sync"
	"time"
)

// An Outcome is what the answer to a request says.
type Outcome int

const (
	Lost     Outcome = iota // there was none
	Accepted                // 2xx: done, or a session that is good
	Refused                 // 401: no such session
	Blind                   // 503: the node cannot tell
)

func (o Outcome) String() string { return [...]string{"lost", "accepted", "refused", "blind"}[o] }

// A Span is when a request was sent and when its answer was there, or nobody waited for it any more.
type Span struct{ Start, End time.Duration }

// A Login is a token that a client was given: by a login, or by a renewal.
type Login struct {
	Span
	Token, User string
	Node        int
}

// A Use is a request with a token.
type Use struct {
	Span
	Token   string
	Node    int
	Outcome Outcome
}

// A Revoke ends one token, or all of a user but one.
type Revoke struct {
	Span
	What   string // a word for people
	Token  string // if one
	User   string // if all
	Except string // with User: a token that stays
	Node   int
	Done   bool // the answer said so
}

// A Cut is a time in which a node did not reach the store, and said so in no other way: Start is when that was
// in force, End when it began to end.
type Cut struct {
	Span
	Node int
}

// A History is what clients have seen. Its methods are safe for concurrent use; its fields are read when all of
// them have returned.
type History struct {
	Lease  time.Duration
	Strict bool

	Logins  []Login
	Uses    []Use
	Revokes []Revoke
	Cuts    []Cut
	Writes  []Write

	mu    sync.Mutex
	epoch time.Time
}

// New returns a History that begins now.
func New(lease time.Duration, strict bool) *History {
	return &History{Lease: lease, Strict: strict, epoch: time.Now()}
}

// Now is the time of the History.
func (h *History) Now() time.Duration { return time.Since(h.epoch) }

// Since returns the Span from start to now.
func (h *History) Since(start time.Duration) Span { return Span{start, h.Now()} }

// Login notes a token. Those who did not get one note nothing.
func (h *History) Login(l Login) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.Logins = append(h.Logins, l)
}

// Use notes a request with a token.
func (h *History) Use(u Use) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.Uses = append(h.Uses, u)
}

// Revoke notes a revoke, done or not.
func (h *History) Revoke(r Revoke) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.Revokes = append(h.Revokes, r)
}

// Cut notes that a node was cut off.
func (h *History) Cut(c Cut) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.Cuts = append(h.Cuts, c)
}

// Write notes a request about a data bag.
func (h *History) Write(w Write) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.Writes = append(h.Writes, w)
}
