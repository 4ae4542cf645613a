package blackbox_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"sync"
	"time"
)

// A fate is what the server has said about a session.
type fate int

const (
	alive   fate = iota // the login was acknowledged
	unknown             // the answer to its logout was lost: it may be either
	ended               // the logout was acknowledged
)

func (f fate) String() string { return [...]string{"alive", "unknown", "ended"}[f] }

// A ledger holds what the server acknowledged, and so has to know after any crash.
type ledger struct {
	mu       sync.Mutex
	sessions map[string]*entry // by cookie
	total    tally
}

type entry struct {
	user  killUser
	fate  fate
	round int  // in which its fate was last learnt
	taken bool // somebody is logging it out
}

// A tally counts answers.
type tally struct {
	logins, logouts       int // acknowledged
	lostLogins, lostOuts  int // sent, and the server was killed before it answered
	refused               int // the server said that it is busy
	resolvedIn, resolvedO int // lost logouts that turned out not to have, and to have, happened
}

func (a tally) String() string {
	return fmt.Sprintf("%d logins and %d logouts acknowledged; %d and %d answers lost, "+
		"of the lost logouts %d had happened and %d not; %d refused as too many",
		a.logins, a.logouts, a.lostLogins, a.lostOuts, a.resolvedO, a.resolvedIn, a.refused)
}

// means reports whether enough happened in so many rounds: a test that kills an idle server passes
// as well, and means nothing. A few rounds may all be short by chance.
func (a tally) means(rounds int) bool {
	return rounds < 50 || a.logins >= rounds && a.logouts >= rounds &&
		a.lostLogins >= rounds && a.lostOuts >= rounds/20
}

func newLedger() *ledger { return &ledger{sessions: map[string]*entry{}} }

// begun notes an acknowledged login. It returns false if the cookie was given out before.
func (l *ledger) begun(cookie string, user killUser, round int) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.total.logins++
	if l.sessions[cookie] != nil {
		return false
	}
	l.sessions[cookie] = &entry{user: user, round: round}
	return true
}

// take picks live sessions, at random, for the caller alone to log out: at most n, and at most a
// third, so that there always are some that have to outlive the next kill.
func (l *ledger) take(n int, random *rand.Rand) []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	var free []string
	for _, cookie := range slices.Sorted(maps.Keys(l.sessions)) { // the seed decides, not the map
		if e := l.sessions[cookie]; e.fate == alive && !e.taken {
			free = append(free, cookie)
		}
	}
	random.Shuffle(len(free), func(i, j int) { free[i], free[j] = free[j], free[i] })
	free = free[:min(n, random.IntN(len(free)/3+1))]
	for _, cookie := range free {
		l.sessions[cookie].taken = true
	}
	return free
}

// takeThis is take for one session; it returns false if somebody else has it.
func (l *ledger) takeThis(cookie string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	e := l.sessions[cookie]
	if e.taken || e.fate != alive {
		return false
	}
	e.taken = true
	return true
}

// settle notes what became of a session that was taken.
func (l *ledger) settle(cookie string, f fate, round int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	e := l.sessions[cookie]
	e.taken = false
	if f == alive {
		return // nobody asked: what is known is still from the round before
	}
	e.fate, e.round = f, round
	if f == ended {
		l.total.logouts++
	} else {
		l.total.lostOuts++
	}
}

// resolve notes what a session of unknown fate turned out to be. From then on it must stay so.
func (l *ledger) resolve(cookie string, f fate, round int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	e := l.sessions[cookie]
	e.fate, e.round = f, round
	if f == ended {
		l.total.resolvedO++
	} else {
		l.total.resolvedIn++
	}
}

// count adds to the tally.
func (l *ledger) count(add func(*tally)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	add(&l.total)
}

// since returns what has to be looked at again: every session that is not over, and those whose
// end was learnt in this round or later.
func (l *ledger) since(round int) map[string]entry {
	l.mu.Lock()
	defer l.mu.Unlock()
	list := map[string]entry{}
	for cookie, e := range l.sessions {
		if e.fate != ended || e.round >= round {
			list[cookie] = *e
		}
	}
	return list
}

// An event is something that happens once in a round.
type event struct {
	once *sync.Once
	done chan struct{}
}

func (e *event) reset() { e.once, e.done = new(sync.Once), make(chan struct{}) }

func (e *event) happen() { e.once.Do(func() { close(e.done) }) }

// await returns when the event has happened, or nothing like it will any more.
func (e *event) await() {
	select {
	case <-e.done:
	case <-time.After(answerDeadline):
	}
}
