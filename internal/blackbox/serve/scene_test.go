package serve_test

import (
	"sync"
	"sync/atomic"
	"testing"
)

// A scene is what a revocation happens to: a user who is signed in in two browsers and sends Basic
// pairs, and two others.
type scene struct {
	*target
	t testing.TB

	victim              person
	actor, other, basic *client
	actorID, otherID    string // public names of sessions
	admin               *client
	fresh               string // a password for whoever needs a new one
	resetPath           string // a link with which the victim may choose another one
	credentials         map[string]*client
	forms               map[string]string // what the sessions among them send as an empty form
}

// A stage is what the scenes of a server share: somebody to whom nothing may happen.
type stage struct{ bystander *client }

func newStage(tg *target) stage {
	return stage{bystander: tg.signIn(tg.newPersonBy(tg.signIn(tg.admin), "user"))}
}

func newScene(t testing.TB, tg *target, shared stage) *scene {
	t.Helper()
	s := &scene{target: tg.within(t), t: t, fresh: newPassword()}
	s.admin = s.signIn(tg.admin) // in each scene, so that the password was proved a short while ago
	s.victim = s.newPersonBy(s.admin, "admin")
	s.actor, s.other, s.basic = s.signIn(s.victim), s.signIn(s.victim), s.withBasic(s.victim)
	s.actorID, s.otherID = s.actor.sessionID(), s.other.sessionID()
	s.resetPath = s.admin.newResetPath(s.victim.id)
	// What they had before, whatever they are given meanwhile.
	s.credentials = map[string]*client{
		actor: s.actor.copied(), other: s.other.copied(), pair: s.basic, rights: s.basic,
		bystander: {target: s.target, cookies: shared.bystander.cookies}, admin: s.admin.copied(),
	}
	s.forms = make(map[string]string)
	for _, credential := range []string{actor, other, bystander, admin} {
		s.forms[credential] = withToken(nil, s.credentials[credential].formToken()).Encode()
	}
	return s
}

// A probe is a request by which it shows whether a credential is good.
type probe struct {
	credential         string
	method, path, body string
	isHeavy            bool // the server may have to hash a password for it
	isPage             bool
}

// A form that ends a session that is nobody's: whoever may send it learns that there is none.
const endNobodys = "/account/sessions/00000000-0000-4000-8000-000000000000/end"

// probesOf returns the probes of all credentials.
func probesOf() (all []probe) {
	for _, credential := range []string{actor, other, bystander, admin} {
		all = append(all,
			probe{credential: credential, method: "GET", path: api + "/users/me"},                       // the cache
			probe{credential: credential, method: "GET", path: api + "/auth_session"},                   // the cache, then the store
			probe{credential: credential, method: "GET", path: api + "/auth_session/data"},              // the bag
			probe{credential: credential, method: "PUT", path: api + "/auth_session/data/k", body: "1"}, // a write, which must bring nothing back
			probe{credential: credential, method: "GET", path: "/account", isPage: true},
			probe{credential: credential, method: "POST", path: endNobodys, isPage: true},
		)
	}
	return append(all,
		probe{credential: pair, method: "GET", path: api + "/users/me", isHeavy: true},
		probe{credential: rights, method: "GET", path: api + "/stats", isHeavy: true},
	)
}

// isIn sends the probe and says whether it was let in. Any answer but those that there may be is an
// error.
func (s *scene) isIn(p probe, answered bool) bool {
	s.t.Helper()
	if p.isPage {
		return s.isInPage(p, answered)
	}
	got := s.credentials[p.credential].copied().do(p.method, p.path, p.body)
	switch {
	case got.status == 200 || got.status == 204:
		return true
	case got.status == 401, got.status == 403 && p.credential == rights:
		return false
	case got.status == 404 && !answered: // the user is gone, and the session is about to be
		return false
	}
	s.t.Errorf("%s, %s %s: %d %s", p.credential, p.method, p.path, got.status, got.body)
	return false
}

// isInPage is isIn for pages: who is not let in gets the login, and nothing to see.
func (s *scene) isInPage(p probe, answered bool) bool {
	s.t.Helper()
	headers := []string{"Accept", "text/html"}
	if p.method == "POST" {
		headers = append(headers, "Content-Type", formType)
		p.body = s.forms[p.credential]
	}
	got := s.credentials[p.credential].copied().do(p.method, p.path, p.body, headers...)
	switch {
	case got.status == 200 && p.method == "GET", got.status == 404 && p.method == "POST":
		return true
	case got.isLogin(s.target):
		return false
	case got.status == 404 && !answered: // the user is gone, and the session is about to be
		return false
	}
	s.t.Errorf("%s, %s %s: %d %s %s", p.credential, p.method, p.path, got.status, got.header.Get("Location"), got.body)
	return false
}

// judge sends the probe when the revocation has been answered.
func (s *scene) judge(r revocation, p probe) {
	s.t.Helper()
	if want := r.fates[p.credential] == lives; s.isIn(p, true) != want {
		s.t.Errorf("%s, %s %s: let in is %v after the answer", p.credential, p.method, p.path, !want)
	}
}

// readers is how many clients hammer the server while access is revoked.
const readers = 8

// play warms everything that remembers, revokes while others are reading, and looks at what is left.
func (s *scene) play(r revocation) {
	s.t.Helper()
	probes := probesOf()
	for _, p := range probes {
		if r.fates[p.credential] == 0 {
			s.t.Fatalf("nobody has said what becomes of %s", p.credential)
		}
		if !s.isIn(p, true) {
			s.t.Fatalf("%s is no good to begin with", p.credential)
		}
	}
	var answered atomic.Bool
	var warm, done sync.WaitGroup
	for reader := range readers {
		warm.Add(1)
		done.Go(func() { s.hammer(r, reader, probes, &answered, sync.OnceFunc(warm.Done)) })
	}
	warm.Wait()
	r.revoke(s)
	answered.Store(true)
	for _, p := range probes {
		s.judge(r, p)
	}
	done.Wait()
	s.lookAfter(r)
}

// hammer sends probes round and round until each was sent once after the answer.
func (s *scene) hammer(r revocation, reader int, probes []probe, answered *atomic.Bool, isWarm func()) {
	defer isWarm()
	mine := sharedOut(probes, reader, r.fates[pair] == dies)
	late := 0
	for i := reader; late < len(mine); i++ {
		p := mine[i%len(mine)]
		if i-reader == 3 {
			isWarm()
		}
		if answered.Load() {
			s.judge(r, p)
			late++
			continue
		}
		// The answer may come while this is under way; what must live is let in all the same.
		if !s.isIn(p, false) && r.fates[p.credential] == lives {
			s.t.Errorf("%s, %s %s: refused", p.credential, p.method, p.path)
		}
	}
}

// sharedOut returns the probes of one reader: heavy ones are for the first, those that write for the
// second. Where the pair dies, its rights need not cost another hash.
func sharedOut(probes []probe, reader int, pairDies bool) (mine []probe) {
	for _, p := range probes {
		of := 2
		switch {
		case p.isHeavy:
			of = 0
		case p.method == "PUT":
			of = 1
		}
		if of == min(reader, 2) && !(p.credential == rights && pairDies) {
			mine = append(mine, p)
		}
	}
	return mine
}

// lookAfter looks at what is left.
func (s *scene) lookAfter(r revocation) {
	s.t.Helper()
	now := s.victim
	if r.becomes != nil {
		now = r.becomes(s)
	}
	want := 0
	for _, credential := range []string{actor, other} {
		if r.fates[credential] == lives {
			want++
		}
	}
	if r.renews {
		want++
		s.actor.want(200, "GET", api+"/users/me", "")
		s.actor.want(200, "GET", api+"/auth_session/data", "")
		s.actor.want(200, "GET", "/account", "")
	}
	// A link of before must not undo what has changed the rights of its user.
	link := 200
	if r.fates[rights] == dies {
		link = 404
		s.stranger().want(link, "POST", s.resetPath, object("password", s.fresh+" again"))
	}
	s.stranger().want(link, "GET", s.resetPath, "")
	if r.locksOut {
		s.stranger().want(401, "POST", api+"/auth_session/login", object("email", now.email, "password", now.password))
	}
	if got := s.admin.do("GET", api+"/auth_session?user="+s.victim.id, ""); got.status == 200 {
		if n := len(decode[struct{ Sessions []sessionView }](s.t, got).Sessions); n != want {
			s.t.Errorf("%d sessions are left, want %d", n, want)
		}
	}
	if r.becomes != nil {
		s.withBasic(now).want(200, "GET", api+"/users/me", "")
	}
}
