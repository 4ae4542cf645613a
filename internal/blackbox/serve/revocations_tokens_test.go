package serve_test

// ofTokens are all ways in which access ends that are about bearer tokens, or begin with one.
var ofTokens = []revocation{
	{
		name:   "token, log out",
		fates:  onlyToken(dies),
		revoke: func(s *scene) { s.bearer.want(204, "POST", logoutPath, "") },
		after: func(s *scene) {
			s.bearer.want(400, "POST", logoutPath, "")
			s.bearer.want(401, "POST", renewPath, "")
		},
	},
	{
		name:   "token, log out, by the other path",
		fates:  onlyToken(dies),
		revoke: func(s *scene) { s.bearer.want(204, "POST", api+logoutPath, "") },
	},
	{
		name:   "token, sign out",
		fates:  onlyToken(dies),
		revoke: func(s *scene) { s.bearer.want(200, "DELETE", api+"/auth_session/logout", "") },
	},
	{
		name:   "token, renew",
		fates:  onlyToken(lingers),
		revoke: func(s *scene) { s.bearer.renewToken() },
		after: func(s *scene) {
			s.bearer.want(200, "GET", api+"/users/me", "")
			if id := s.bearer.tokenSessionID(); id != s.bearerID {
				s.t.Errorf("the session was %s, and is %s", s.bearerID, id)
			}
		},
	},
	{
		name:   "end the session of a token",
		fates:  onlyToken(dies),
		revoke: func(s *scene) { s.actor.want(200, "DELETE", api+"/auth_session/"+s.bearerID, "") },
	},
	{
		name:   "end the session of a token, as administrator",
		fates:  onlyToken(dies),
		revoke: func(s *scene) { s.admin.want(200, "DELETE", api+"/auth_session/"+s.bearerID+"?user="+s.victim.id, "") },
	},
	{
		name:   "token, end its session by its name",
		fates:  onlyToken(dies),
		revoke: func(s *scene) { s.bearer.want(200, "DELETE", api+"/auth_session/"+s.bearerID, "") },
	},
	{
		name:   "token, end another session",
		fates:  fatesOf(lives, dies, lives, lives, lives),
		revoke: func(s *scene) { s.bearer.want(200, "DELETE", api+"/auth_session/"+s.otherID, "") },
	},
	{
		name:   "token, end the others",
		fates:  but(fatesOf(dies, dies, dies, lives, lives), bearerToken, lives),
		revoke: func(s *scene) { s.bearer.want(200, "DELETE", api+"/auth_session/all?others=true", "") },
	},
	{
		name:   "token, end all",
		fates:  fatesOf(dies, dies, dies, lives, lives),
		revoke: func(s *scene) { s.bearer.want(200, "DELETE", api+"/auth_session/all", "") },
	},
	{
		name:  "token, new password",
		fates: fatesOf(dies, dies, dies, dies, dies),
		revoke: func(s *scene) {
			s.bearer.want(200, "PUT", api+"/users/me", object("password", s.fresh, "old_password", s.victim.password))
		},
		becomes: func(s *scene) person { return person{s.victim.id, s.victim.email, s.fresh} },
	},
	{
		name:  "token, new role, by oneself",
		fates: fatesOf(dies, dies, dies, lives, dies),
		revoke: func(s *scene) {
			s.bearer.want(200, "PUT", api+"/users/me", object("role", "user"))
		},
	},
	{
		name:     "token, delete oneself",
		fates:    fatesOf(dies, dies, dies, dies, dies),
		revoke:   func(s *scene) { s.bearer.want(200, "DELETE", api+"/users/me", "") },
		locksOut: true,
	},
	{
		name:  "page, end the session of a token",
		fates: onlyToken(dies),
		revoke: func(s *scene) {
			s.actor.click("/account", "/account/sessions/"+s.bearerID+"/end", "/account?done=session-ended")
		},
	},
	{
		name:  "page, end the session of a token, as administrator",
		fates: onlyToken(dies),
		revoke: func(s *scene) {
			s.admin.click(s.userPage(), "/admin/sessions/"+s.bearerID+"/end", "/admin/users/"+s.victim.id+"?done=session-ended")
		},
	},
}

// but returns the fates with another one for a credential.
func but(fates map[string]fate, credential string, of fate) map[string]fate {
	fates[credential] = of
	return fates
}
