package serve_test

import "maps"

// inPages are all ways in which access ends by a page.
var inPages = []revocation{
	{
		name:   "page, sign out",
		fates:  fatesOf(dies, lives, lives, lives, lives),
		revoke: func(s *scene) { s.actor.click("/logout", "/logout", "/login?done=signed-out") },
	},
	{
		name:  "page, sign in again in the same browser",
		fates: fatesOf(dies, lives, lives, lives, lives),
		revoke: func(s *scene) {
			opened := s.browser() // before the session began
			form := opened.Open("/login").Form("/login").Set("email", s.victim.email, "password", s.victim.password)
			maps.Copy(s.actor.cookies, opened.Cookies())
			if got := s.actor.post("/login", form.Fields); got.header.Get("Location") != s.path("/account") {
				s.t.Errorf("%d %s", got.status, got.body)
			}
		},
		renews: true,
	},
	{
		name:  "page, end one session",
		fates: fatesOf(lives, dies, lives, lives, lives),
		revoke: func(s *scene) {
			s.actor.click("/account", "/account/sessions/"+s.otherID+"/end", "/account?done=session-ended")
		},
	},
	{
		name:  "page, end the own session by its name",
		fates: fatesOf(dies, lives, lives, lives, lives),
		revoke: func(s *scene) { // for which there is no button: that is to sign out
			got := s.actor.post("/account/sessions/"+s.actorID+"/end", withToken(nil, s.actor.formToken()))
			if got.header.Get("Location") != s.path("/login?done=signed-out") {
				s.t.Errorf("%d %s", got.status, got.body)
			}
		},
	},
	{
		name:  "page, end the others",
		fates: fatesOf(lives, dies, dies, lives, lives),
		revoke: func(s *scene) {
			s.actor.click("/account", "/account/sessions/end-others", "/account?done=others-ended")
		},
	},
	{
		name:  "page, new password",
		fates: fatesOf(dies, dies, dies, dies, dies),
		revoke: func(s *scene) {
			s.actor.click("/account", "/account/password", "/account?done=password", "old_password", s.victim.password, "new_password", s.fresh)
		},
		renews:  true,
		becomes: func(s *scene) person { return person{s.victim.id, s.victim.email, s.fresh} },
	},
	{
		name:  "page, new email",
		fates: fatesOf(dies, dies, dies, dies, dies),
		revoke: func(s *scene) {
			s.actor.click("/account", "/account/email", "/account?done=email", "old_password", s.victim.password, "email", "new."+s.victim.email)
		},
		renews:  true,
		becomes: func(s *scene) person { return person{s.victim.id, "new." + s.victim.email, s.victim.password} },
	},
	{
		name:  "page, new password, by a link",
		fates: fatesOf(dies, dies, dies, dies, dies),
		revoke: func(s *scene) {
			s.actor.click(s.resetPath, s.resetPath, "/account?done=new-password", "new_password", s.fresh)
		},
		renews:  true,
		becomes: func(s *scene) person { return person{s.victim.id, s.victim.email, s.fresh} },
	},
	{
		name:     "page, delete oneself",
		fates:    fatesOf(dies, dies, dies, dies, dies),
		revoke:   func(s *scene) { s.actor.click("/account/delete", "/account/delete", "/login?done=account-deleted") },
		locksOut: true,
	},
	{
		name:   "page, new role, by oneself",
		fates:  fatesOf(dies, dies, dies, lives, dies),
		revoke: func(s *scene) { s.onUser(s.actor, "role", "role", "role", "user") },
	},
	{
		name:  "page, end one session, as administrator",
		fates: fatesOf(lives, dies, lives, lives, lives),
		revoke: func(s *scene) {
			s.admin.click(s.userPage(), "/admin/sessions/"+s.otherID+"/end", "/admin/users/"+s.victim.id+"?done=session-ended")
		},
	},
	{
		name:  "page, end one session, in the list of all",
		fates: fatesOf(lives, dies, lives, lives, lives),
		revoke: func(s *scene) {
			s.admin.click("/admin/sessions", "/admin/sessions/"+s.otherID+"/end", "/admin/sessions?done=session-ended")
		},
	},
	{
		name:   "page, end all, as administrator",
		fates:  fatesOf(dies, dies, dies, lives, lives),
		revoke: func(s *scene) { s.onUser(s.admin, "end-sessions", "sessions-ended") },
	},
	{
		name:    "page, new email, by administrator",
		fates:   fatesOf(dies, dies, dies, dies, dies),
		revoke:  func(s *scene) { s.onUser(s.admin, "profile", "user-saved", "email", "new."+s.victim.email) },
		becomes: func(s *scene) person { return person{s.victim.id, "new." + s.victim.email, s.victim.password} },
	},
	{
		name:   "page, new role",
		fates:  fatesOf(dies, dies, dies, lives, dies),
		revoke: func(s *scene) { s.onUser(s.admin, "role", "role", "role", "user") },
	},
	{
		name:     "page, disable",
		fates:    fatesOf(dies, dies, dies, dies, dies),
		revoke:   func(s *scene) { s.onUser(s.admin, "disable", "user-disabled") },
		locksOut: true,
	},
	{
		name:  "page, delete",
		fates: fatesOf(dies, dies, dies, dies, dies),
		revoke: func(s *scene) {
			s.admin.click(s.userPage(), s.userPage()+"/delete", "/admin/users?done=user-deleted")
		},
		locksOut: true,
	},
}

// userPage is the page of administrators about the victim.
func (s *scene) userPage() string { return "/admin/users/" + s.victim.id }

// onUser sends a form of the page about the victim, after which that says done.
func (s *scene) onUser(as *client, form, done string, fields ...string) {
	s.t.Helper()
	as.click(s.userPage(), s.userPage()+"/"+form, s.userPage()+"?done="+done, fields...)
}
