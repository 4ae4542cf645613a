package api

import (
	"sync"
	"time"

	"github.com/handstamp/handstamp"
)

// A pace bounds how often one user may do what leaves a line in the audit log: nobody who is signed in
// may fill the disk with them. The zero pace is ready. It is for each process, as what it protects is.
type pace struct {
	mu   sync.Mutex
	next map[handstamp.ID]time.Time // when a user would be on time again (GCRA)
}

const (
	paceBurst = 60
	paceEvery = time.Second
	paceUsers = 1 << 14 // whose times are remembered at once
)

// allow reports whether user may do one more at the time now, and if not, for how long to wait.
func (p *pace) allow(user handstamp.ID, now time.Time) (wait time.Duration, ok bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	next := p.next[user]
	if next.Before(now) {
		next = now
	}
	if wait := next.Sub(now) - (paceBurst-1)*paceEvery; wait > 0 {
		return wait, false
	}
	if p.next == nil || len(p.next) >= paceUsers {
		p.next = make(map[handstamp.ID]time.Time) // rather forget than grow
	}
	p.next[user] = next.Add(paceEvery)
	return 0, true
}

// inPace returns an error if who does too much. Administrators have their reasons.
func (a *API) inPace(who handstamp.Identity) error {
	if a.IsAdmin(who) {
		return nil
	}
	if wait, ok := a.pace.allow(who.UserID, time.Now()); !ok {
		p := tooManyAttempts.because("Too many changes")
		p.RetryAfter = wait
		return p
	}
	return nil
}
