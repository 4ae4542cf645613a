//go:build linux

package ha_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"
)

const (
	lease = 2 * time.Second // of node.env

	checkers    = 8 // look at their sessions, over connections that stay open
	newcomers   = 2 // look at theirs, each time over a new connection
	signers     = 2 // sign in, and out again
	checkEvery  = 20 * time.Millisecond
	comeEvery   = 50 * time.Millisecond
	signInEvery = 250 * time.Millisecond
	watchEvery  = 50 * time.Millisecond
)

// A failure is a request that did not get its answer.
type failure struct {
	what       string
	begin, end time.Time
	err        error
}

// A fault is something that takes requests along which are under way in that moment.
type fault struct {
	what       string
	begin, end time.Time
}

// A load are clients that work until they are told to stop, and what has happened to them.
type load struct {
	site  *site
	begin time.Time
	end   context.CancelFunc
	done  sync.WaitGroup

	mu       sync.Mutex
	requests int
	failures []failure
	faults   []fault
	slowest  time.Duration   // of the answers since [load.phase] was last called
	refusals []time.Duration // from the answer to a revoke until no node accepted the session any more
	stale    []time.Duration // as refusals, for those that came too late
	kept     []session       // which nobody ends
}

// newLoad signs people in and sets them to work at the virtual address.
func newLoad(t testing.TB, s *site) *load {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	l := &load{site: s, begin: time.Now(), end: cancel}
	t.Cleanup(l.stop)
	for number := range checkers + newcomers {
		c := s.newClient(s.address(virtual), number < checkers)
		who, err := c.signIn(email(number))
		must(t, err)
		l.kept = append(l.kept, who)
		every := checkEvery
		if number >= checkers {
			every = comeEvery
		}
		l.done.Go(func() {
			defer c.close()
			for l.wait(ctx, every) {
				l.mustAccept(c, who)
			}
		})
	}
	for number := range signers {
		l.done.Go(func() { l.signInAndOut(ctx, number) })
	}
	return l
}

// wait reports, after a while, whether there is more to do.
func (l *load) wait(ctx context.Context, d time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(d):
		return true
	}
}

// stop ends the load and waits for it.
func (l *load) stop() {
	l.end()
	l.done.Wait()
}

// measure counts a request, and notes when it fails.
func (l *load) measure(what string, request func() error) error {
	begin := time.Now()
	err := request()
	end := time.Now()
	l.mu.Lock()
	defer l.mu.Unlock()
	l.requests++
	if err != nil {
		l.failures = append(l.failures, failure{what, begin, end, err})
	}
	l.slowest = max(l.slowest, end.Sub(begin))
	return err
}

var errLost = errors.New("the session is not accepted any more")

// mustAccept checks a session that nobody has ended.
func (l *load) mustAccept(c client, who session) {
	_ = l.measure("check", func() error {
		isAccepted, err := c.check(who)
		if err == nil && !isAccepted {
			err = errLost
		}
		return err
	})
}

// signInAndOut begins sessions of its own people, keeps some and revokes the others.
func (l *load) signInAndOut(ctx context.Context, number int) {
	first := checkers + newcomers
	for n := number; l.wait(ctx, signInEvery); n += signers {
		// What changes something is not sent twice over a connection that may be gone, so each has one of its own.
		c := l.site.newClient(l.site.address(virtual), false)
		var who session
		err := l.measure("sign in", func() (err error) {
			who, err = c.signIn(email(first + n%(people-first)))
			return err
		})
		if err != nil {
			continue
		}
		l.mustAccept(c, who)
		if n%8 < signers {
			l.mu.Lock()
			l.kept = append(l.kept, who)
			l.mu.Unlock()
		} else if l.measure("sign out", func() error { return c.signOut(who) }) == nil {
			revoked := time.Now()
			l.done.Go(func() { l.watch(who, revoked) })
		}
	}
}

// watch looks at a revoked session for longer than it may still be accepted anywhere.
func (l *load) watch(who session, revoked time.Time) {
	c := l.site.newClient(l.site.address(virtual), true)
	defer c.close()
	var last time.Duration // when the last request began that was accepted, after the revoke
	for time.Since(revoked) < lease+500*time.Millisecond {
		begin := time.Since(revoked)
		_ = l.measure("check a revoked session", func() error {
			isAccepted, err := c.check(who)
			if isAccepted {
				last = begin
			}
			return err
		})
		time.Sleep(watchEvery)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.refusals = append(l.refusals, last)
	if last > lease {
		l.stale = append(l.stale, last)
	}
}

// fault does something that may take along what is under way.
func (l *load) fault(what string, do func()) {
	f := fault{what: what, begin: time.Now()}
	do()
	f.end = time.Now()
	l.mu.Lock()
	defer l.mu.Unlock()
	l.faults = append(l.faults, f)
}

// phase says how requests fared since the last one.
func (l *load) phase(t testing.TB, what string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	t.Logf("%5.1f s: %-40s %5d requests so far, %d failed; slowest since: %v",
		time.Since(l.begin).Seconds(), what, l.requests, len(l.failures), l.slowest.Round(time.Millisecond))
	l.slowest = 0
}

// judge says what must not have happened. The load has been stopped.
func (l *load) judge(t testing.TB) {
	t.Helper()
	for _, f := range l.failures {
		took := slices.IndexFunc(l.faults, func(a fault) bool { return f.begin.Before(a.end) && f.end.After(a.begin) })
		if took < 0 {
			t.Errorf("%s failed, %v: %v", f.what, f.end.Sub(f.begin).Round(time.Millisecond), f.err)
		} else {
			t.Logf("%s was under way when %s: %v", f.what, l.faults[took].what, f.err)
		}
	}
	for _, d := range l.stale {
		t.Errorf("a revoked session was accepted after %v", d)
	}
	slices.Sort(l.refusals)
	if len(l.refusals) == 0 {
		t.Fatal("nobody has signed out")
	}
	t.Logf("%d sessions revoked; last accepted after: median %v, worst %v", len(l.refusals), l.refusals[len(l.refusals)/2], l.refusals[len(l.refusals)-1])
	c := l.site.newClient(l.site.address(virtual), true)
	defer c.close()
	for _, who := range l.kept {
		if isAccepted, err := c.check(who); err != nil || !isAccepted {
			t.Errorf("a session of %s is lost: %v", who.email, err)
		}
	}
	t.Logf("%d requests; %d sessions are still there", l.requests, len(l.kept))
}
