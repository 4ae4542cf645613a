package serve_test

import (
	"slices"
	"strings"
	"testing"
)

// A fate is what a revocation must do to a credential.
type fate int

const (
	dies    fate = iota + 1 // refused by every request that starts after the answer
	lives                   // accepted all the time
	lingers                 // accepted, but not for long: what comes of it then is for TestReplacedToken
)

// The credentials of a scene.
const (
	actor       = "the session that acts"
	other       = "another session of the same user"
	bearerToken = "the bearer token"
	otherToken  = "another bearer token of the same user"
	pair        = "the Basic pair"
	rights      = "the rights of the Basic pair"
	bystander   = "another user's session"
	admin       = "the administrator's session"
)

// A revocation is a way in which access ends.
type revocation struct {
	name   string
	fates  map[string]fate // for each credential; nothing may be missing
	revoke func(s *scene)

	// renews says that the actor's own client got a new token, which is good.
	renews bool
	// becomes is the pair with which the victim can sign in afterwards; nil where it stays.
	becomes func(s *scene) person
	// after looks at what else is left; nil for nothing.
	after func(s *scene)
	// locksOut says that the victim cannot sign in at all.
	locksOut bool
}

// inApp returns the credential of which an app got a token before: one that dies, if there is one.
func (r revocation) inApp() string {
	for _, credential := range []string{actor, other, bearerToken} {
		if r.fates[credential] == dies {
			return credential
		}
	}
	return actor
}

// fatesOf returns the fates of a victim's credentials. Nothing may happen to those of others.
func fatesOf(ofActor, ofOther, ofTokens, ofPair, ofRights fate) map[string]fate {
	return map[string]fate{
		actor: ofActor, other: ofOther, bearerToken: ofTokens, otherToken: ofTokens, pair: ofPair, rights: ofRights,
		bystander: lives, admin: lives,
	}
}

// onlyToken returns the fates where nothing happens to anything but the bearer token.
func onlyToken(of fate) map[string]fate {
	return but(fatesOf(lives, lives, lives, lives, lives), bearerToken, of)
}

// revocations are all ways in which access ends by a request. The victim is an administrator, and not
// the only one.
var revocations = []revocation{
	{
		name:  "sign out",
		fates: fatesOf(dies, lives, lives, lives, lives),
		revoke: func(s *scene) {
			s.actor.want(200, "DELETE", api+"/auth_session/logout", "")
		},
	},
	{
		name:  "sign out, by the other path",
		fates: fatesOf(dies, lives, lives, lives, lives),
		revoke: func(s *scene) {
			s.actor.want(200, "DELETE", api+"/auth_session", "")
		},
	},
	{
		name:  "sign in again in the same browser",
		fates: fatesOf(dies, lives, lives, lives, lives),
		revoke: func(s *scene) {
			s.actor.want(200, "POST", api+"/auth_session/login", s.victim.json())
		},
		renews: true,
	},
	{
		name:  "renew",
		fates: fatesOf(dies, lives, lives, lives, lives),
		revoke: func(s *scene) {
			s.actor.want(200, "POST", api+"/auth_session/renew", "")
		},
		renews: true,
	},
	{
		name:  "prove the password again",
		fates: fatesOf(dies, lives, lives, lives, lives),
		revoke: func(s *scene) {
			s.actor.want(200, "POST", api+"/auth_session/renew", object("password", s.victim.password))
		},
		renews: true,
	},
	{
		name:  "end one session",
		fates: fatesOf(lives, dies, lives, lives, lives),
		revoke: func(s *scene) {
			s.actor.want(200, "DELETE", api+"/auth_session/"+s.otherID, "")
		},
	},
	{
		name:  "end the own session by its name",
		fates: fatesOf(dies, lives, lives, lives, lives),
		revoke: func(s *scene) {
			s.actor.want(200, "DELETE", api+"/auth_session/"+s.actorID, "")
		},
	},
	{
		name:  "end one session, as administrator",
		fates: fatesOf(lives, dies, lives, lives, lives),
		revoke: func(s *scene) {
			s.admin.want(200, "DELETE", api+"/auth_session/"+s.otherID+"?user="+s.victim.id, "")
		},
	},
	{
		name:  "end the others",
		fates: fatesOf(lives, dies, dies, lives, lives),
		revoke: func(s *scene) {
			s.actor.want(200, "DELETE", api+"/auth_session/all?others=true", "")
		},
	},
	{
		name:  "end all",
		fates: fatesOf(dies, dies, dies, lives, lives),
		revoke: func(s *scene) {
			s.actor.want(200, "DELETE", api+"/auth_session/all", "")
		},
	},
	{
		name:  "end all, as administrator",
		fates: fatesOf(dies, dies, dies, lives, lives),
		revoke: func(s *scene) {
			s.admin.want(200, "DELETE", api+"/auth_session/all?user="+s.victim.id, "")
		},
	},
	{
		name:  "new password",
		fates: fatesOf(dies, dies, dies, dies, dies),
		revoke: func(s *scene) {
			s.actor.want(200, "PUT", api+"/users/me", object("password", s.fresh, "old_password", s.victim.password))
		},
		renews:  true,
		becomes: func(s *scene) person { return person{s.victim.id, s.victim.email, s.fresh} },
	},
	{
		name:  "new password, by administrator",
		fates: fatesOf(dies, dies, dies, dies, dies),
		revoke: func(s *scene) {
			s.admin.want(200, "PUT", api+"/users/"+s.victim.id, object("password", s.fresh))
		},
		becomes: func(s *scene) person { return person{s.victim.id, s.victim.email, s.fresh} },
	},
	{
		name:  "new password, by a reset link",
		fates: fatesOf(dies, dies, dies, dies, dies),
		revoke: func(s *scene) {
			s.stranger().want(200, "POST", s.resetPath, object("password", s.fresh))
		},
		becomes: func(s *scene) person { return person{s.victim.id, s.victim.email, s.fresh} },
	},
	{
		name:  "new email",
		fates: fatesOf(dies, dies, dies, dies, dies),
		revoke: func(s *scene) {
			s.actor.want(200, "PUT", api+"/users/me", object("email", "new."+s.victim.email, "old_password", s.victim.password))
		},
		renews:  true,
		becomes: func(s *scene) person { return person{s.victim.id, "new." + s.victim.email, s.victim.password} },
	},
	{
		name:  "new email, by administrator",
		fates: fatesOf(dies, dies, dies, dies, dies),
		revoke: func(s *scene) {
			s.admin.want(200, "PUT", api+"/users/"+s.victim.id, object("email", "new."+s.victim.email))
		},
		becomes: func(s *scene) person { return person{s.victim.id, "new." + s.victim.email, s.victim.password} },
	},
	{
		name:  "new role",
		fates: fatesOf(dies, dies, dies, lives, dies),
		revoke: func(s *scene) {
			s.admin.want(200, "PUT", api+"/users/"+s.victim.id, object("role", "user"))
		},
	},
	{
		name:  "new role, by oneself",
		fates: fatesOf(dies, dies, dies, lives, dies),
		revoke: func(s *scene) {
			s.actor.want(200, "PUT", api+"/users/me", object("role", "user"))
		},
	},
	{
		name:  "disable",
		fates: fatesOf(dies, dies, dies, dies, dies),
		revoke: func(s *scene) {
			s.admin.want(200, "PUT", api+"/users/"+s.victim.id, object("disabled", true))
		},
		locksOut: true,
	},
	{
		name:  "delete",
		fates: fatesOf(dies, dies, dies, dies, dies),
		revoke: func(s *scene) {
			s.admin.want(200, "DELETE", api+"/users/"+s.victim.id, "")
		},
		locksOut: true,
	},
	{
		name:  "delete oneself",
		fates: fatesOf(dies, dies, dies, dies, dies),
		revoke: func(s *scene) {
			s.actor.want(200, "DELETE", api+"/users/me", "")
		},
		locksOut: true,
	},
}

// TestRevocations: when a revocation has been answered, no request that starts is let in with what it
// has ended, also while many others are under way; and nothing else ends.
func TestRevocations(t *testing.T) {
	onEachTarget(t, options{}, func(t *testing.T, tg *target) {
		all := slices.Concat(revocations, ofTokens, inPages)
		if tg.binary != nil && strings.HasSuffix(t.Name(), "sqlite") {
			all = append(all, commands...)
		}
		shared := newStage(tg)
		for _, r := range all {
			t.Run(strings.NewReplacer(" ", "-", ",", "").Replace(r.name), func(t *testing.T) {
				s := newScene(t, tg, shared)
				s.play(r)
			})
		}
	})
}

// TestEnabledAgain: whoever may sign in again has to do so; what has ended does not come back.
func TestEnabledAgain(t *testing.T) {
	onEachTarget(t, options{}, func(t *testing.T, tg *target) {
		root := tg.signIn(tg.admin)
		user := tg.newPersonBy(root, "user")
		stale, pair := tg.signIn(user), tg.withBasic(user)
		pair.want(200, "GET", api+"/users/me", "")
		root.want(200, "PUT", api+"/users/"+user.id, object("disabled", true))
		pair.want(401, "GET", api+"/users/me", "")
		root.want(200, "PUT", api+"/users/"+user.id, object("disabled", false))
		stale.want(401, "GET", api+"/users/me", "")
		pair.want(200, "GET", api+"/users/me", "")
		tg.signIn(user).want(200, "GET", api+"/users/me", "")
	})
}
