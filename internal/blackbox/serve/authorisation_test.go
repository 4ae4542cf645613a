package serve_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
)

// An estate is what belongs to one user, with marks by which it is recognised wherever it turns up.
type estate struct {
	person
	browser   *client
	sessionID string
	jwt       string // of another session
	marks     []string
	before    string
}

// newEstate makes a user with a session and something in its bag.
func newEstate(root *client, role string) *estate {
	root.t.Helper()
	return newEstateOf(root, role, root.signIn)
}

// newEstateOf is newEstate where the session begins in another way.
func newEstateOf(root *client, role string, signIn func(person) *client) *estate {
	root.t.Helper()
	e := &estate{person: root.newPersonBy(root, role)}
	e.browser = signIn(e.person)
	e.sessionID = e.browser.sessionID()
	name, value := "name "+e.id, "value "+e.id
	e.browser.want(200, "PUT", api+"/users/me", object("first_name", name))
	e.browser.want(204, "PUT", api+"/auth_session/data", object("k", value))
	e.marks = []string{e.email, e.id, e.sessionID, value}
	e.jwt = root.bearer(e.person).jwt()
	e.before = e.state()
	return e
}

// state is all that is kept of it.
func (e *estate) state() string {
	e.browser.t.Helper()
	text := e.browser.want(200, "GET", api+"/users/me", "").body + e.browser.want(200, "GET", api+"/auth_session/data", "").body
	for _, s := range decode[struct{ Sessions []sessionView }](e.browser.t, e.browser.want(200, "GET", api+"/auth_session", "")).Sessions {
		text += s.ID
	}
	return text
}

// An intruder sends requests about what is somebody else's.
type intruder struct {
	name string
	as   func() *client
	// known says that it is known who it is, a user with no rights.
	known     bool
	isSession bool
	isProgram bool // of which the session has no cookie
	isHeavy   bool // each request costs a hash, so there are fewer
}

// TestObjectsOfOthers goes through all that openapi.yaml describes, as everybody whom it is no business
// of: no answer has anything of somebody else's in it, and nothing changes.
func TestObjectsOfOthers(t *testing.T) {
	onEachTarget(t, options{}, func(t *testing.T, tg *target) {
		root := tg.signIn(tg.admin)
		owners := []*estate{newEstate(root, "user"), newEstate(root, "admin"), newEstateOf(root, "user", tg.bearer)}
		n := 0
		for _, in := range intruders(root) {
			for _, o := range operations(t) {
				for i, owner := range owners {
					if i == 0 || !in.isHeavy && !o.isPublic() {
						n += in.try(o, owner)
					}
				}
			}
		}
		if n < 250 {
			t.Errorf("only %d requests", n)
		}
		for _, owner := range owners {
			if after := owner.state(); after != owner.before {
				t.Errorf("what was %s is now %s", owner.before, after)
			}
		}
	})
}

func intruders(root *client) []intruder {
	tg := root.target
	nosy := tg.newPersonBy(root, "user")
	browser := tg.signIn(nosy)
	program := tg.bearer(nosy)
	disabled, deleted := tg.newPersonBy(root, "user"), tg.newPersonBy(root, "admin")
	ofDisabled, ofDeleted, ended := tg.signIn(disabled), tg.signIn(deleted), tg.signIn(nosy)
	stale := ended.copied()
	disabledToken, deletedToken, endedToken := tg.bearer(disabled), tg.bearer(deleted), tg.bearer(nosy)
	// What an app is told is for that app: whoever runs it is nobody here.
	ofApp := tg.stranger()
	ofApp.authorization = browser.verify("/").header.Get("Authorization")
	root.want(200, "PUT", api+"/users/"+disabled.id, object("disabled", true))
	root.want(200, "DELETE", api+"/users/"+deleted.id, "")
	ended.want(200, "DELETE", api+"/auth_session", "")
	endedToken.want(204, "POST", logoutPath, "")
	all := []intruder{
		{name: "stranger", as: tg.stranger},
		{name: "user", known: true, isSession: true, as: func() *client {
			if browser.session() == "" { // signed out by one of the requests
				browser = tg.signIn(nosy)
			}
			return browser
		}},
		{name: "user, by token", known: true, isSession: true, isProgram: true, as: func() *client {
			if tg.withJWT(program.jwt()).do("GET", api+"/users/me", "").status != 200 {
				program = tg.bearer(nosy)
			}
			return program
		}},
		{name: "user, by Basic", known: true, as: func() *client { return tg.withBasic(nosy) }},
		{name: "disabled user's cookie", as: ofDisabled.copied},
		{name: "disabled user, by Basic", isHeavy: true, as: func() *client { return tg.withBasic(disabled) }},
		{name: "deleted administrator's cookie", as: ofDeleted.copied},
		{name: "ended session's cookie", as: stale.copied},
		{name: "disabled user's token", as: disabledToken.copied},
		{name: "deleted administrator's token", as: deletedToken.copied},
		{name: "ended session's token", as: endedToken.copied},
		{name: "app's token", as: ofApp.copied},
	}
	if tg.newService != nil {
		service := tg.newService("a service", "")
		_, secret, _ := readBasic(service.authorization)
		all = append(all,
			intruder{name: "service", isHeavy: true, as: service.copied},
			intruder{name: "service, its secret as a token", as: tg.withJWT(secret).copied},
		)
	}
	return all
}

// readBasic is what [basic] has written.
func readBasic(authorization string) (user, password string, ok bool) {
	r := http.Request{Header: http.Header{"Authorization": {authorization}}}
	return r.BasicAuth()
}

// try sends a request of the operation about owner, and another one that names the owner in the query,
// where there is a place for that. It returns how many.
func (in intruder) try(o operation, owner *estate) (n int) {
	if o.isPublic() && in.name != "stranger" && in.name != "user" {
		return 0 // nobody is asked who it is
	}
	queries := []string{""}
	if o.takesUser() {
		queries = append(queries, "?user="+owner.id)
	}
	for _, query := range queries {
		c := in.as()
		c.t.Helper()
		got := c.do(o.method, o.at(owner.id, owner.sessionID)+query, o.exampleBody())
		want := in.answers(o, query != "")
		if !slices.Contains(want, got.status) {
			c.t.Errorf("%s as %s%s: %d %.200s, want %v", o, in.name, query, got.status, got.body, want)
		}
		for _, mark := range owner.marks {
			if strings.Contains(got.body+fmt.Sprint(got.header), mark) {
				c.t.Errorf("%s as %s%s shows %q: %s", o, in.name, query, mark, got.body)
			}
		}
		n++
	}
	return n
}

// answers returns the statuses that there may be.
func (in intruder) answers(o operation, namesOwner bool) []int {
	switch {
	case o.isForServices() && in.name == "service": // which may only introspect
		return []int{403}
	case o.isForServices():
		return []int{401}
	case o.isPublic():
		return []int{200, 401, 403, 404} // which are the same for everybody
	case o.isOptional() && (in.known || in.name == "stranger"):
		return []int{403}
	case !in.known, o.wantsSession() && !in.isSession:
		return []int{401}
	case o.wantsCookie() && in.isProgram:
		return []int{400}
	case o.isForAdmins():
		return []int{403}
	case o.object() != "", namesOwner:
		return []int{404}
	default:
		return []int{200, 204, 404} // about oneself
	}
}
