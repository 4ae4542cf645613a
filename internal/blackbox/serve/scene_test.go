package serve_test

import (
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/handstamp/handstamp/token"
)

// A scene is what a revocation happens to: a user who is signed in in two browsers and in two programs
// with bearer tokens, and sends Basic pairs, and two others. All of them also ask for an app behind a proxy.
type scene struct {
	*target
	t testing.TB

	victim              person
	actor, other, basic *client
	actorID, otherID    string // public names of sessions
	bearer, otherBearer *client
	bearerID            string
	upstream            string // the token that an app behind a proxy got for the session that acts
	admin               *client
	service             *client // which asks about tokens; nil where there can be none
	fresh               string  // a password for whoever needs a new one
	resetPath           string  // a link with which the victim may choose another one
	credentials         map[string]*client
	forms               map[string]string // what the sessions among them send as an empty form
	began               time.Time         // when access was about to be revoked
}

// A stage is what the scenes of a server share: somebody to whom nothing may happen.
type stage struct{ bystander, service *client }

func newStage(tg *target) stage {
	shared := stage{bystander: tg.signIn(tg.newPersonBy(tg.signIn(tg.admin), "user"))}
	if tg.newService != nil {
		shared.service = tg.newService("an API", "")
	}
	return shared
}

func newScene(t testing.TB, tg *target, shared stage) *scene {
	t.Helper()
	s := &scene{target: tg.within(t), t: t, fresh: newPassword()}
	s.admin = s.signIn(tg.admin) // in each scene, so that the password was proved a short while ago
	s.victim = s.newPersonBy(s.admin, "admin")
	s.actor, s.other, s.basic = s.signIn(s.victim), s.signIn(s.victim), s.withBasic(s.victim)
	s.actorID, s.otherID = s.actor.sessionID(), s.other.sessionID()
	s.bearer, s.otherBearer = s.target.bearer(s.victim), s.target.bearer(s.victim)
	s.bearerID = s.bearer.tokenSessionID()
	s.resetPath = s.admin.newResetPath(s.victim.id)
	// What they had before, whatever they are given meanwhile.
	s.credentials = map[string]*client{
		actor: s.actor.copied(), other: s.other.copied(), pair: s.basic, rights: s.basic,
		bearerToken: s.bearer.copied(), otherToken: s.otherBearer.copied(),
		bystander: {target: s.target, cookies: shared.bystander.cookies}, admin: s.admin.copied(),
	}
	if shared.service != nil {
		s.service = shared.service.within(s.target)
	}
	s.forms = make(map[string]string)
	for _, credential := range []string{actor, other, bystander, admin} {
		s.forms[credential] = withToken(nil, s.credentials[credential].formToken()).Encode()
	}
	return s
}

// judge sends the probe when the revocation has been answered.
func (s *scene) judge(r revocation, p probe) {
	s.t.Helper()
	if r.fates[p.credential] == lingers && time.Since(s.began) > token.Grace/2 {
		return // a machine that slow would have it refused, and its session ended
	}
	if want := r.fates[p.credential] != dies; s.isIn(p, true) != want {
		s.t.Errorf("%s: let in is %v after the answer", p, !want)
	}
}

// readers is how many clients hammer the server while access is revoked.
const readers = 8

// play warms everything that remembers, revokes while others are reading, and looks at what is left.
func (s *scene) play(r revocation) {
	s.t.Helper()
	probes := s.probes()
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
	s.upstream = strings.TrimPrefix(s.credentials[r.inApp()].verify("/").header.Get("Authorization"), "Bearer ")
	s.began = time.Now()
	r.revoke(s)
	answered.Store(true)
	if s.service != nil && r.fates[r.inApp()] == dies && !r.renews && s.service.isActive(s.upstream) {
		s.t.Errorf("the token that an app got for %s is good after the answer", r.inApp())
	}
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
		if !s.isIn(p, false) && r.fates[p.credential] != dies {
			s.t.Errorf("%s: refused", p)
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
	for _, credential := range []string{actor, other, bearerToken, otherToken} {
		if r.fates[credential] != dies {
			want++
		}
	}
	if r.renews {
		want++
		s.actor.want(200, "GET", api+"/users/me", "")
		s.actor.want(200, "GET", api+"/auth_session/data", "")
		s.actor.want(200, "GET", "/account", "")
	}
	if r.after != nil {
		r.after(s)
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
