package badday_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// A site is a server with somebody in each state, and what it has acknowledged.
type site struct {
	*server

	cached  string   // ada's session, which the server has just seen
	writer  string   // bob's, with the data bag
	ended   string   // of somebody who has signed out
	waiting []string // bob's, which this run of the server has not seen yet
	leaving []string // bob's, to be signed out

	mu     sync.Mutex
	number int // makes every value one of its kind

	// What was acknowledged last, and what was tried since and may or may not have happened.
	value, name            string
	maybeValue, maybeName  []string
	signedOut, maybeInside []string
	begun                  []string // sessions that were given out
}

// newSite returns a site on a server that has not been started yet.
func newSite(s *server) *site {
	s.t.Helper()
	s.start()
	site := &site{server: s}
	for range 6 {
		session, _ := s.login(bob)
		site.waiting = append(site.waiting, session)
		session, _ = s.login(bob)
		site.leaving = append(site.leaving, session)
	}
	site.cached, _ = s.login(ada)
	site.writer, _ = s.login(bob)
	site.ended, _ = s.login(bob)
	s.ask(call{method: "DELETE", path: api + "/auth_session", cookie: site.ended}, http.StatusOK)
	// The cache is empty after a start, and everything is as durable as it was said to be.
	s.kill()
	s.start()
	site.round(nil)
	return site
}

// An action is something that somebody does on a bad day.
type action struct {
	// good is what it answers on a good day; otherwise it is 503.
	good int
	do   func(s *site) answer
	// writes says that it cannot be done without a write.
	writes bool
}

func asking(good int, c func(s *site) call) action {
	return action{good: good, do: func(s *site) answer { return s.do(c(s)) }}
}

var actions = map[string]action{
	"read without a credential": asking(200, func(*site) call { return anonymous }),
	"session that is cached":    asking(200, func(s *site) call { return call{path: pathMe, cookie: s.cached} }),
	"session that is not cached": asking(200, func(s *site) call {
		return call{path: pathMe, cookie: s.next(&s.waiting)}
	}),
	"session that has ended": asking(401, func(s *site) call { return call{path: pathMe, cookie: s.ended} }),
	"session that never was": asking(401, func(s *site) call {
		return call{path: pathMe, cookie: "session=" + strings.Repeat("A", 43)}
	}),
	"login with a right password": {200, (*site).signIn, true},
	"login with a wrong password": asking(401, func(*site) call { return loginCall(eve.email, "not eve's pass phrase") }),
	"login of nobody": asking(401, func(s *site) call {
		return loginCall(fmt.Sprintf("nobody%d@example.com", s.count()), "any pass phrase")
	}),
	"Basic":                       asking(200, func(*site) call { return basicCall(eve.email, eve.password) }),
	"Basic with a wrong password": asking(401, func(*site) call { return basicCall(ada.email, "not the engine") }),
	"write to the data bag":       {204, (*site).writeData, true},
	"edit of a user":              {200, (*site).rename, true},
	"logout":                      {200, (*site).signOut, true},
}

func (s *site) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.number++
	return s.number
}

// next takes the first element of a list, and leaves the last one.
func (s *site) next(list *[]string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	first := (*list)[0]
	if len(*list) > 1 {
		*list = (*list)[1:]
	}
	return first
}

func (s *site) signIn() answer {
	a := s.do(loginCall(bob.email, bob.password))
	if a.status == http.StatusOK {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.begun = append(s.begun, a.cookie("session"))
	}
	return a
}

func (s *site) writeData() answer {
	value := fmt.Sprintf(`"value %d"`, s.count())
	a := s.do(call{method: "PUT", path: pathData + "/key", body: value, cookie: s.writer})
	s.mu.Lock()
	defer s.mu.Unlock()
	if a.status == http.StatusNoContent {
		s.value, s.maybeValue = value, nil
	} else {
		s.maybeValue = append(s.maybeValue, value)
	}
	return a
}

func (s *site) rename() answer {
	name := fmt.Sprintf("Bob %d", s.count())
	a := s.do(call{method: "PUT", path: pathMe, body: `{"first_name":"` + name + `"}`, cookie: s.writer})
	s.mu.Lock()
	defer s.mu.Unlock()
	if a.status == http.StatusOK {
		s.name, s.maybeName = name, nil
	} else {
		s.maybeName = append(s.maybeName, name)
	}
	return a
}

func (s *site) signOut() answer {
	session := s.next(&s.leaving)
	a := s.do(call{method: "DELETE", path: api + "/auth_session", cookie: session})
	s.mu.Lock()
	defer s.mu.Unlock()
	if a.status == http.StatusOK {
		s.signedOut = append(s.signedOut, session)
	} else {
		s.maybeInside = append(s.maybeInside, session)
	}
	return a
}

// round does everything once, all at the same time. With a fault, whatever may fail may be 503 as well;
// what must fail because of it, must.
func (s *site) round(of *fault) {
	s.t.Helper()
	var all sync.WaitGroup
	for _, name := range slices.Sorted(maps.Keys(actions)) {
		all.Go(func() {
			action := actions[name]
			began := time.Now()
			a := action.do(s)
			isRefused := of != nil && a.status == http.StatusServiceUnavailable && a.header.Get("Retry-After") != "" &&
				(strings.Contains(a.body, `"unavailable"`) || strings.Contains(a.body, `"busy"`)) && a.header.Get("Set-Cookie") == ""
			if a.status != action.good && !isRefused {
				s.t.Errorf("%s: %d %v %s %v, want %d, or 503 in a fault", name, a.status, a.header, a.body, a.err, action.good)
			}
			if of != nil && of.noWrites && action.writes && !isRefused {
				s.t.Errorf("%s: %d %s, and nothing can be written", name, a.status, a.body)
			}
			if isRefused && (name == "read without a credential" || name == "session that is cached") {
				s.t.Errorf("%s needs nothing that is broken: %s", name, a.body)
			}
			if took := time.Since(began); took > 25*time.Second {
				s.t.Errorf("%s took %v", name, took)
			}
		})
	}
	all.Wait()
}

// verify looks whether all that was acknowledged is so.
func (s *site) verify() {
	s.t.Helper()
	got := s.ask(call{path: pathData + "/key", cookie: s.writer}, http.StatusOK).body
	if got = strings.TrimSpace(got); got != s.value && !slices.Contains(s.maybeValue, got) {
		s.t.Errorf("the data bag has %s, want %s, which was acknowledged, or one of %q", got, s.value, s.maybeValue)
	}
	var me struct {
		Name string `json:"first_name"`
	}
	if err := json.Unmarshal([]byte(s.ask(call{path: pathMe, cookie: s.writer}, http.StatusOK).body), &me); err != nil {
		s.t.Error(err)
	}
	if me.Name != s.name && !slices.Contains(s.maybeName, me.Name) {
		s.t.Errorf("the name is %q, want %q, which was acknowledged, or one of %q", me.Name, s.name, s.maybeName)
	}
	for _, session := range s.signedOut {
		s.ask(call{path: pathMe, cookie: session}, http.StatusUnauthorized)
	}
	for _, session := range s.begun {
		s.ask(call{path: pathMe, cookie: session}, http.StatusOK)
	}
	for _, session := range s.maybeInside {
		s.ask(call{path: pathMe, cookie: session}, http.StatusOK, http.StatusUnauthorized)
	}
}

// A fault is what makes a day bad.
type fault struct {
	// noWrites says that nothing at all can be written meanwhile.
	noWrites bool
	// rounds is how often everything is done meanwhile.
	rounds int
	// begin breaks something, and returns what repairs it.
	begin func(t *testing.T, s *site) (end func())
}

// endure lives through a fault and looks at what is left.
func (s *site) endure(t *testing.T, f fault) {
	end := f.begin(t, s)
	for range f.rounds {
		s.round(&f)
	}
	if f.noWrites {
		s.ask(call{path: "/readyz"}, http.StatusServiceUnavailable)
	}
	end()
	s.untilReady()
	s.verify()
	s.round(nil)
	s.verify()
	s.kill()
	s.start()
	s.verify()
	s.stop()
	if code, said := command(t, s.binary, s.data, nil, nil, "audit", "verify"); code != 0 {
		t.Errorf("audit verify: %d %s", code, said)
	}
}

// untilReady waits until the server says that it can serve again.
func (s *site) untilReady() {
	s.t.Helper()
	until(s.t, "ready again", func() bool { return s.do(call{path: "/readyz"}).status == http.StatusOK })
}
