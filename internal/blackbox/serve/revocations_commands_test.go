package serve_test

import "strings"

// commands are all ways in which access ends by a command beside a running server.
var commands = []revocation{
	{
		name:   "session end",
		fates:  fatesOf(lives, dies, lives, lives, lives),
		revoke: func(s *scene) { s.binary.command("", "session", "end", s.victim.email, s.otherID) },
	},
	{
		name:   "session end, of a token",
		fates:  onlyToken(dies),
		revoke: func(s *scene) { s.binary.command("", "session", "end", s.victim.email, s.bearerID) },
	},
	{
		name:   "session end --all",
		fates:  fatesOf(dies, dies, dies, lives, lives),
		revoke: func(s *scene) { s.binary.command("", "session", "end", s.victim.id, "--all") },
	},
	{
		name:    "user password",
		fates:   fatesOf(dies, dies, dies, dies, dies),
		revoke:  func(s *scene) { s.binary.command(s.fresh+"\n", "user", "password", s.victim.email, "--password-stdin") },
		becomes: func(s *scene) person { return person{s.victim.id, s.victim.email, s.fresh} },
	},
	{
		name:  "user reset-link, and its use",
		fates: fatesOf(dies, dies, dies, dies, dies),
		revoke: func(s *scene) {
			link := s.binary.command("", "user", "reset-link", s.victim.email)
			s.stranger().want(200, "POST", resetPathOf(s.t, strings.TrimSpace(link)), object("password", s.fresh))
		},
		becomes: func(s *scene) person { return person{s.victim.id, s.victim.email, s.fresh} },
	},
	{
		name:   "user role",
		fates:  fatesOf(dies, dies, dies, lives, dies),
		revoke: func(s *scene) { s.binary.command("", "user", "role", s.victim.email, "user") },
	},
	{
		name:     "user disable",
		fates:    fatesOf(dies, dies, dies, dies, dies),
		revoke:   func(s *scene) { s.binary.command("", "user", "disable", s.victim.id) },
		locksOut: true,
	},
	{
		name:     "user delete",
		fates:    fatesOf(dies, dies, dies, dies, dies),
		revoke:   func(s *scene) { s.binary.command("", "user", "delete", s.victim.email) },
		locksOut: true,
	},
}
