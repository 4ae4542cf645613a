package server_test

import (
	"context"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/account"
	"github.com/handstamp/handstamp/audit"
	"github.com/handstamp/handstamp/server"
	"github.com/handstamp/handstamp/server/api"
	"github.com/handstamp/handstamp/session"
	"github.com/handstamp/handstamp/store/memory"
	"github.com/handstamp/handstamp/throttle"
)

// A bug panics wherever a server calls something of somebody else's, at one kind of places at a time.
type bug struct {
	at     atomic.Value // the place, a string; empty for none
	struck atomic.Int64
}

func (b *bug) mayStrike(at string) {
	if b.at.Load() == at {
		b.struck.Add(1)
		panic("a bug at " + at)
	}
}

// The stores with a bug.

type buggyUsers struct {
	account.Store
	bug *bug
}

func (s buggyUsers) Find(ctx context.Context, ref account.Ref) (account.User, error) {
	s.bug.mayStrike("reading users")
	return s.Store.Find(ctx, ref)
}

func (s buggyUsers) Update(ctx context.Context, id handstamp.ID, change func(*account.User) (account.Write, error)) (account.User, error) {
	s.bug.mayStrike("writing users")
	return s.Store.Update(ctx, id, func(u *account.User) (account.Write, error) {
		s.bug.mayStrike("within a write of users")
		return change(u)
	})
}

type buggySessions struct {
	session.Store
	bug *bug
}

func (s buggySessions) Load(ctx context.Context, hash session.Hash) (session.Record, error) {
	s.bug.mayStrike("reading sessions")
	return s.Store.Load(ctx, hash)
}

func (s buggySessions) Insert(ctx context.Context, r session.Record, events ...handstamp.Event) error {
	s.bug.mayStrike("beginning sessions")
	return s.Store.Insert(ctx, r, events...)
}

func (s buggySessions) Swap(ctx context.Context, old session.Hash, r session.Record, events ...handstamp.Event) error {
	s.bug.mayStrike("writing sessions")
	return s.Store.Swap(ctx, old, r, events...)
}

func (s buggySessions) End(ctx context.Context, which session.Selection, events ...handstamp.Event) (int, error) {
	if which.Expired.Limit > 0 { // in the background, where no request can fail of it
		return s.Store.End(ctx, which, events...)
	}
	s.bug.mayStrike("ending sessions")
	n, err := s.Store.End(ctx, which, events...)
	s.bug.mayStrike("after sessions have ended")
	return n, err
}

type buggyAudit struct {
	audit.Log
	bug *bug
}

func (l buggyAudit) Record(ctx context.Context, events ...handstamp.Event) error {
	l.bug.mayStrike("noting events")
	return l.Log.Record(ctx, events...)
}

type buggyThrottle struct {
	throttle.Store
	bug *bug
}

func (s buggyThrottle) Take(ctx context.Context, now time.Time, buckets []throttle.Bucket) ([]throttle.Verdict, error) {
	s.bug.mayStrike("charging attempts")
	return s.Store.Take(ctx, now, buckets)
}

func (s buggyThrottle) Give(ctx context.Context, now time.Time, charges []throttle.Charge, forgive bool) error {
	s.bug.mayStrike("giving attempts back")
	return s.Store.Give(ctx, now, charges, forgive)
}

type buggyAuthenticator struct {
	handstamp.Authenticator
	bug *bug
}

func (a buggyAuthenticator) Authenticate(r *http.Request) (handstamp.Identity, error) {
	a.bug.mayStrike("authenticating")
	who, err := a.Authenticator.Authenticate(r)
	a.bug.mayStrike("having authenticated")
	return who, err
}

// plant puts b wherever c calls something.
func (b *bug) plant(c *server.Config) {
	for i, authenticator := range c.Authenticators {
		c.Authenticators[i] = buggyAuthenticator{authenticator, b}
	}
	hear := func(_ context.Context, e handstamp.Event) { b.mayStrike("hearing of " + string(e.Action)) }
	c.Notify, c.People.Notify, c.Sessions.Notify = hear, hear, hear
	c.MayRegister = func() bool {
		b.mayStrike("whether anybody may register")
		return false
	}
	c.Operations = &server.Operations{Live: http.HandlerFunc(func(http.ResponseWriter, *http.Request) { b.mayStrike("being alive") })}
	refusal, routes := c.Profile.Refusal, c.Profile.Routes
	c.Profile.Origins = func(http.ResponseWriter, *http.Request) { b.mayStrike("headers") }
	c.Profile.Refusal = func(r *http.Request, err error) api.Problem {
		b.mayStrike("refusing")
		return refusal(r, err)
	}
	c.Profile.Routes = func(a *api.API) []api.Route {
		table := routes(a)
		for _, route := range table {
			for name, method := range route.Methods {
				do := method.Do
				method.Do = func(w http.ResponseWriter, r *http.Request) {
					b.mayStrike("handlers")
					do(w, r)
					b.mayStrike("handlers that have answered")
				}
				route.Methods[name] = method
			}
		}
		return table
	}
}

// places are where the bug strikes.
var places = []string{
	"reading users", "writing users", "within a write of users", "reading sessions", "beginning sessions", "writing sessions",
	"ending sessions", "after sessions have ended", "noting events", "charging attempts",
	"giving attempts back", "authenticating", "having authenticated", "hearing of login", "hearing of logout", "hearing of user-update",
	"headers", "refusing", "handlers", "handlers that have answered",
}

// A deed is what somebody does to a server with a bug.
type deed struct {
	method, path, body string
	header             func(d *doers) (name, value string)
	good               int // the status where there is no bug
}

// doers are sessions that deeds need.
type doers struct{ known, unseen, ended, leaving string }

func cookieOf(which func(d *doers) string) func(d *doers) (string, string) {
	return func(d *doers) (string, string) { return "Cookie", which(d) }
}

func basicHeader(email, password string) func(*doers) (string, string) {
	return func(*doers) (string, string) { return "Authorization", basic(email, password) }
}

var deeds = map[string]deed{
	"anonymous":             {"GET", "/status", "", nil, 200},
	"nothing to show":       {"GET", "/users/me", "", nil, 401},
	"session, known":        {"GET", "/users/me", "", cookieOf(func(d *doers) string { return d.known }), 200},
	"session, not seen yet": {"GET", "/users/me", "", cookieOf(func(d *doers) string { return d.unseen }), 200},
	"session that is over":  {"GET", "/users/me", "", cookieOf(func(d *doers) string { return d.ended }), 401},
	"login":                 {"POST", "/auth_session/login", `{"email":"` + bobsEmail + `","password":"` + bobsPassword + `"}`, nil, 200},
	"login, wrong":          {"POST", "/auth_session/login", `{"email":"` + bobsEmail + `","password":"wrong"}`, nil, 401},
	"Basic":                 {"GET", "/users/me", "", basicHeader(bobsEmail, bobsPassword), 200},
	"Basic, wrong":          {"GET", "/users/me", "", basicHeader(bobsEmail, "wrong"), 401},
	"others' things":        {"GET", "/users", "", cookieOf(func(d *doers) string { return d.known }), 403},
	"data":                  {"PUT", "/auth_session/data/key", `"new"`, cookieOf(func(d *doers) string { return d.known }), 204},
	"edit":                  {"PUT", "/users/me", `{"first_name":"New"}`, cookieOf(func(d *doers) string { return d.known }), 200},
	"logout":                {"DELETE", "/auth_session", "", cookieOf(func(d *doers) string { return d.leaving }), 200},
}

// TestProductWithABug: wherever a server panics, the request fails and nothing else does: nobody gets in, no
// answer says that something was done which was not, and the next request is served as ever.
func TestProductWithABug(t *testing.T) {
	struck := make(map[string]bool)
	for kind := range stores {
		for _, place := range places {
			if kind == "sqlite" && place != "within a write of users" {
				continue // a panic beside a store is the same for all of them
			}
			t.Run(kind+", "+place, func(t *testing.T) {
				b := &bug{}
				b.at.Store("")
				kept := stores[kind](t)
				kept.users, kept.sessions = buggyUsers{kept.users, b}, buggySessions{kept.sessions, b}
				kept.audit = buggyAudit{kept.audit, b}
				s := newSiteOn(t, kept, b.plant)
				limiter, err := throttle.New(buggyThrottle{memory.NewThrottle(), b}, make([]byte, 32), throttle.Limits{})
				if err != nil {
					t.Fatal(err)
				}
				t.Cleanup(limiter.Close)
				s.people.Limits = limiter
				for _, name := range slices.Sorted(maps.Keys(deeds)) {
					s.suffer(t, b, kept.sessions, place, name, deeds[name])
				}
				struck[place] = struck[place] || b.struck.Load() > 0
			})
		}
	}
	for _, place := range places {
		if !struck[place] {
			t.Errorf("nothing has called %s", place)
		}
	}
}

// suffer does one deed with the bug, and looks whether all is as it says.
func (s *site) suffer(t *testing.T, b *bug, sessions session.Store, place, name string, d deed) {
	t.Helper()
	who := &doers{known: s.asBob().cookie, ended: s.asBob().cookie, leaving: s.asBob().cookie}
	(&client{site: s, cookie: who.ended}).want(200, "", "DELETE", "/auth_session", "")
	elsewhere := session.New(sessions)
	defer elsewhere.Close()
	_, token, err := elsewhere.Begin(t.Context(), handstamp.Identity{UserID: s.bob.ID, Role: s.bob.Role})
	if err != nil {
		t.Fatal(err)
	}
	who.unseen = "session=" + string(token)
	(&client{site: s, cookie: who.known}).want(204, "", "PUT", "/auth_session/data/key", `"old"`)
	(&client{site: s, cookie: who.known}).want(200, "", "PUT", "/users/me", `{"first_name":"Old"}`)

	b.at.Store(place)
	before := b.struck.Load()
	w, aborted := s.try(d, who)
	hasStruck := b.struck.Load() > before
	b.at.Store("")
	switch {
	case aborted && hasStruck: // half of an answer looks like none
	case w.Code == d.good:
	case hasStruck && (w.Code == 500 || w.Code == 503) && w.Header().Get("Set-Cookie") == "":
	default:
		t.Errorf("%s with %s: %d %v %s", name, place, w.Code, w.Header(), w.Body)
	}
	if aborted {
		return
	}
	me := &client{site: s, cookie: who.known}
	switch isDone := w.Code == d.good; {
	case name == "data" && isDone:
		if got := me.want(200, "", "GET", "/auth_session/data/key", "").Body.String(); strings.TrimSpace(got) != `"new"` {
			t.Errorf("%s: 204, and the data bag has %s", place, got)
		}
	case name == "edit" && isDone:
		if u := jsonOf[seenUser](t, me.want(200, "", "GET", "/users/me", "")); u.FirstName == nil || *u.FirstName != "New" {
			t.Errorf("%s: 200, and the name is %v", place, u.FirstName)
		}
	case name == "logout" && isDone:
		(&client{site: s, cookie: who.leaving}).isIn(false)
	}
	me.isIn(true)
	s.asBob()
}

// try sends a deed, and reports whether the connection would have been cut.
func (s *site) try(d deed, who *doers) (w *httptest.ResponseRecorder, aborted bool) {
	defer func() {
		if cause := recover(); cause != nil {
			if cause != http.ErrAbortHandler {
				s.t.Errorf("panicked with %v", cause)
			}
			aborted = true
		}
	}()
	w = httptest.NewRecorder()
	r := httptest.NewRequest(d.method, "/api/v1"+d.path, strings.NewReader(d.body))
	if d.body != "" {
		r.Header.Set("Content-Type", jsonType)
	}
	if d.header != nil {
		name, value := d.header(who)
		r.Header.Set(name, value)
	}
	s.handler.ServeHTTP(w, r)
	return w, false
}
