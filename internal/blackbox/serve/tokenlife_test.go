package serve_test

import (
	"testing"
	"time"
)

// own is the URL of a server that has the same one after a restart.
const own = "https://id.example.com"

// TestTokensAndRestart: tokens outlive the process, and so does their end.
func TestTokensAndRestart(t *testing.T) {
	onThoseThatKeep(t, options{publicURL: own}, func(t *testing.T, tg *target) {
		root := tg.signIn(tg.admin)
		user := tg.newPersonBy(root, "user")
		service := tg.newService("an API", "")
		kept, renewed, ended, endedByUser := tg.bearer(user), tg.bearer(user), tg.bearer(user), tg.bearer(user)
		renewed.renewToken()
		ended.want(204, "POST", logoutPath, "")
		kept.want(200, "DELETE", api+"/auth_session/"+endedByUser.tokenSessionID(), "")
		for range 2 {
			tg.restart()
			for _, c := range []*client{kept, renewed} {
				c.want(200, "GET", api+"/users/me", "")
				if got := c.verify("/"); got.status != 200 || got.header.Get("X-Auth-User") != user.id {
					t.Errorf("%d %s", got.status, got.body)
				}
				if !service.isActive(c.jwt()) {
					t.Error("a token that is good is not active")
				}
			}
			for _, c := range []*client{ended, endedByUser} {
				c.want(401, "GET", api+"/users/me", "")
				c.want(401, "POST", renewPath, "")
				c.want(400, "POST", logoutPath, "")
				if c.verify("/").status != 401 || service.isActive(c.jwt()) {
					t.Error("a token that has ended is good")
				}
			}
		}
		kept.renewToken()
		kept.want(200, "GET", api+"/users/me", "")
	})
}

// TestTokensAndKill9: an end that was acknowledged stays, and a login and a renewal that were, too, also
// where the process is killed right after the answer.
func TestTokensAndKill9(t *testing.T) {
	t.Parallel()
	tg := startBinary(t, "sqlite", options{publicURL: own})
	user := tg.newPersonBy(tg.signIn(tg.admin), "user")
	var good, bad []*client
	for round := range 6 {
		fresh, renewed, ended := tg.bearer(user), tg.bearer(user), tg.bearer(user)
		switch round % 3 { // what is acknowledged at last
		case 0:
			renewed.renewToken()
			ended.want(204, "POST", logoutPath, "")
		case 1:
			ended.want(204, "POST", logoutPath, "")
			renewed.renewToken()
		case 2:
			renewed.renewToken()
			ended.want(204, "POST", logoutPath, "")
			fresh = tg.bearer(user)
		}
		tg.crash()
		good, bad = append(good, fresh, renewed), append(bad, ended)
		for _, c := range good {
			c.want(200, "GET", api+"/users/me", "")
		}
		for _, c := range bad {
			c.want(401, "GET", api+"/users/me", "")
			c.want(401, "POST", renewPath, "")
		}
	}
}

// TestReplacedToken: a token that was renewed is good for a few seconds more, in which it leads to the one
// that has taken its place; who comes with it later ends the session, and that is written down.
func TestReplacedToken(t *testing.T) {
	t.Parallel()
	for _, door := range []struct{ method, path string }{{"GET", api + "/users/me"}, {"POST", renewPath}} {
		t.Run(door.method, func(t *testing.T) {
			t.Parallel()
			tg := startBinary(t, "sqlite", options{publicURL: own})
			user := tg.newPersonBy(tg.signIn(tg.admin), "user")
			c, untouched := tg.bearer(user), tg.bearer(user)
			before := c.copied()
			c.renewToken()
			before.copied().want(200, "GET", api+"/users/me", "")
			again := before.copied()
			again.renewToken() // as one does whose answer got lost
			c.want(200, "GET", api+"/users/me", "")
			again.want(200, "GET", api+"/users/me", "")

			tg.binary.stop()
			tg.change(1, `UPDATE sessions SET rotated_at = rotated_at - $1 WHERE rotated_at > 0`, time.Minute.Microseconds())
			tg.binary.start()

			c.want(200, "GET", api+"/users/me", "")
			before.want(401, door.method, door.path, "")
			for _, gone := range []*client{c, again, before} {
				gone.want(401, "GET", api+"/users/me", "")
			}
			untouched.want(200, "GET", api+"/users/me", "")
			root := tg.signIn(tg.admin)
			events := decode[struct{ Entries []map[string]any }](t, root.want(200, "GET", api+"/audit?action=token-reuse&user="+user.id, ""))
			if len(events.Entries) == 0 {
				t.Error("nothing is written down")
			}
		})
	}
}
