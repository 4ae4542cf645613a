package server_test

import (
	"strings"
	"testing"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/account"
	"github.com/handstamp/handstamp/server"
)

// TestPagesWithoutSessions: where no session lets anybody in, links do what they are for, and no page asks for a password
// that would lead nowhere.
func TestPagesWithoutSessions(t *testing.T) {
	onlyBasic := func(c *server.Config) {
		c.Authenticators = []handstamp.Authenticator{c.People.Basic("Handstamp")}
	}
	for name, change := range map[string]func(*server.Config){
		"none":         func(c *server.Config) { onlyBasic(c); c.Sessions = nil },
		"not accepted": onlyBasic,
	} {
		t.Run(name, func(t *testing.T) {
			s := newSite(t, "memory", change)
			b, path := s.browser(), s.link()
			p := b.Open(path).Form(path).Set("email", "root@example.com", "password", chosen).Send()
			isPage(t, p, path, 200, "Your account is ready")
			secret, err := s.people.NewResetLink(t.Context(), s.bob.ID, account.ResetTime)
			if err != nil {
				t.Fatal(err)
			}
			path = "/reset/" + string(secret)
			isPage(t, b.Open(path).Form(path).Set("new_password", chosen).Send(), path, 200, "Your new password is saved")
			if b.Cookies()["session"] != "" {
				t.Error("somebody has a session that lets nobody in")
			}
			for _, pair := range [][2]string{{"root@example.com", chosen}, {bobsEmail, chosen}} {
				if _, err := s.people.Authenticate(t.Context(), pair[0], pair[1]); err != nil {
					t.Errorf("%s: %v", pair[0], err)
				}
			}
			for _, path := range []string{"/", "/login", "/account", "/admin", "/register"} {
				p := b.Fetch("GET", path, nil)
				if challenge := p.Header.Get("WWW-Authenticate"); p.Status != 401 || !strings.HasPrefix(challenge, "Basic ") {
					t.Errorf("%s: %d, asks for %q", path, p.Status, challenge)
				}
			}
		})
	}
}
