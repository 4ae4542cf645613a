package serve_test

import (
	"flag"
	"net/http"
	"sync/atomic"
	"testing"
)

// api is where the paths of the JSON interface begin.
const api = "/api/v1"

// A target is a server under test, in whatever shape.
type target struct {
	t    testing.TB
	base string // its URL, with the path under which it is mounted
	http *http.Client

	admin person // the first administrator, made with the setup link
	host  string // what requests say as their Host, if not that of base

	met *encounters

	setupPath string // the link with which the first administrator is made
	database  string // the file of the database; "" where there is none

	restart func() // stops it and starts it again on what it has kept; nil where nothing is kept
	crash   func() // the same without a warning; nil where that cannot be done
	breakIt func() // takes the store away; nil where that cannot be done from here

	// newService returns a service with a scope, which is empty for one that may only ask about tokens; nil where none can be made.
	newService func(name, scope string) *client

	// sign returns a token with claims of any kind, signed by the server's own key; nil where nobody can
	// do that from outside.
	sign func(claims string) string

	// stale returns a client whose password was proved an hour ago; nil where that cannot be done.
	stale func(p person, role string) *client

	binary *process
}

// options are what differs between the servers of different tests.
type options struct {
	noAdmin      bool   // leave the setup link to the test
	publicURL    string // what browsers use; the address where it listens if empty
	registration bool   // open to everybody
	burst        int    // wrong passwords that an account takes; 0 for as many as anybody likes
	opsListen    bool   // a listener of its own for those who run it; the binary only
	algorithm    string // of the tokens' signatures; that of the product if empty
	extra        []string
}

// rules are those for apps behind a proxy, and proxy is where it connects from: the suite itself.
var rules = []string{"*/static/* public", "*/admin/* role=admin", "*/ signed-in"}

const proxy = "127.0.0.1"

// manyAttempts leaves the limits in the way, and lets everybody pass them.
const manyAttempts = 1_000_000

func (o options) attempts() int {
	if o.burst > 0 {
		return o.burst
	}
	return manyAttempts
}

// A shape is one of the shapes of the product, on one of its stores.
type shape struct {
	start   func(t testing.TB, o options) *target
	keeps   bool // what it is told
	isExtra bool // only with -every-shape: shape and store are both met in others
}

// shapes has both shapes of the product, and all stores. Usually each test is run on some of them that have, taken together, all
// of that.
var shapes = map[string]shape{
	"handler/memory":  {start: startHandlerInMemory},
	"handler/sqlite":  {start: startHandlerOnSQLite, keeps: true, isExtra: true},
	"handler/remote":  {start: startHandlerOnRemote},
	"binary/memory":   {start: binaryOn("memory"), isExtra: true},
	"binary/sqlite":   {start: binaryOn("sqlite"), keeps: true},
	"binary/postgres": {start: binaryOn("postgres"), keeps: true, isExtra: true},
	"binary/redis":    {start: binaryOn("redis"), keeps: true}, // users in PostgreSQL
}

var everyShape = flag.Bool("every-shape", false, "run each test on every shape of the product and every store")

func binaryOn(store string) func(t testing.TB, o options) *target {
	return func(t testing.TB, o options) *target { return startBinary(t, store, o) }
}

// onEachTarget runs test on a new server of each shape, all at the same time.
func onEachTarget(t *testing.T, o options, test func(t *testing.T, tg *target)) {
	onShapes(t, o, func(shape) bool { return true }, test)
}

// onThoseThatKeep is onEachTarget for what is about a restart, or about what is kept.
func onThoseThatKeep(t *testing.T, o options, test func(t *testing.T, tg *target)) {
	onShapes(t, o, func(s shape) bool { return s.keeps }, test)
}

func onShapes(t *testing.T, o options, wanted func(shape) bool, test func(t *testing.T, tg *target)) {
	t.Parallel()
	for name, one := range shapes {
		if wanted(one) && (*everyShape || !one.isExtra) {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				test(t, one.start(t, o))
			})
		}
	}
}

// ready sends requests through the contract and makes the first administrator, unless the test is
// going to.
func (tg *target) ready(t testing.TB, o options, setupPath string) *target {
	t.Helper()
	tg.t, tg.setupPath = t, setupPath
	transport := &http.Transport{MaxIdleConnsPerHost: 64, DisableCompression: true}
	t.Cleanup(transport.CloseIdleConnections)
	tg.met = &encounters{}
	tg.http = &http.Client{
		Transport:     &contract{t: t, next: transport, target: tg, met: tg.met},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	if o.noAdmin {
		return tg
	}
	tg.admin = person{email: "ada@example.com", password: newPassword()}
	made := tg.stranger().want(201, "POST", setupPath, tg.admin.json(), "Content-Type", jsonType)
	tg.admin.id = decode[userView](t, made).ID
	return tg
}

// within returns the target for a test within the one that started it: what fails, fails there.
func (tg *target) within(t testing.TB) *target {
	inner := *tg
	inner.t = t
	return &inner
}

// A person has an account.
type person struct{ id, email, password string }

func (p person) json() string { return object("email", p.email, "password", p.password) }

var people atomic.Int64

// newPersonBy makes an account, as an administrator.
func (tg *target) newPersonBy(admin *client, role string) person {
	tg.t.Helper()
	p := person{email: "user" + number(people.Add(1)) + "@example.com", password: newPassword()}
	made := admin.want(201, "POST", api+"/users", object("email", p.email, "password", p.password, "role", role))
	p.id = decode[userView](tg.t, made).ID
	return p
}

// newPassword returns one that no rule is against.
func newPassword() string {
	plain := "correct horse " + number(people.Add(1)) + " battery staple"
	passwords.keep(plain)
	return plain
}
