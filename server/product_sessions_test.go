package server_test

import (
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/server"
	"github.com/handstamp/handstamp/session"
)

type seenSession struct {
	ID        string     `json:"id"`
	Device    string     `json:"device"`
	Address   string     `json:"address"`
	BeganAt   time.Time  `json:"began_at"`
	SeenAt    time.Time  `json:"seen_at"`
	ExpiresAt *time.Time `json:"expires_at"`
	Current   bool       `json:"current"`
}

func (c *client) sessionsOf(query string) []seenSession {
	c.t.Helper()
	w := c.want(200, "", "GET", "/auth_session"+query, "")
	return jsonOf[map[string][]seenSession](c.t, w)["sessions"]
}

func TestSignIn(t *testing.T) {
	onEachStore(t, func(t *testing.T, s *site) {
		form := url.Values{"email": {"BOB@example.com"}, "password": {bobsPassword}, "submit": {"Sign in"}}.Encode()
		for _, path := range []string{"/auth_session/login", "/auth_session", "/auth_session/", "/auth_session/login/"} {
			for body, kind := range map[string]string{
				form: "application/x-www-form-urlencoded",
				`{"email":"bob@example.com","password":"battery staple"}`: jsonType,
			} {
				c := s.stranger()
				w := c.want(200, "", "POST", path, body, "Content-Type", kind)
				if u := jsonOf[seenUser](t, w); u.ID != s.bob.ID.String() {
					t.Errorf("%+v", u)
				}
				cookies := w.Result().Cookies()
				if len(cookies) != 1 || !cookies[0].HttpOnly || cookies[0].SameSite != http.SameSiteLaxMode || len(cookies[0].Value) != 43 {
					t.Errorf("cookies %v", cookies)
				}
				c.isIn(true)
			}
		}
		c := s.stranger()
		answers := map[string]bool{}
		disabled := s.addUser("disabled@example.com", "p", "user")
		s.asAda().want(200, "", "PUT", "/users/"+disabled.ID.String(), `{"disabled":true}`)
		for _, body := range []string{
			`{"email":"bob@example.com","password":"wrong"}`, `{"email":"nobody@example.com","password":"wrong"}`,
			`{"email":"not an email","password":"wrong"}`, `{"email":"disabled@example.com","password":"p"}`,
		} {
			w := c.want(401, "credential_refused", "POST", "/auth_session/login", body)
			// A browser must not open its window for Basic because of a form.
			if got := w.Header().Get("WWW-Authenticate"); got != `Session realm="Handstamp"` {
				t.Errorf("WWW-Authenticate %q", got)
			}
			answers[w.Body.String()+w.Header().Get("WWW-Authenticate")+w.Header().Get("Set-Cookie")] = true
		}
		if len(answers) != 1 {
			t.Errorf("answers differ: %v", answers)
		}
		for body, code := range map[string]string{
			``: "missing_member", `{}`: "missing_member", `{"email":"bob@example.com"}`: "missing_member",
			`{"email":1,"password":"x"}`: "wrong_format", `{"email":"a","password":"b","remember":true}`: "wrong_format",
			`{"email":"a","email":"b","password":"c"}`: "wrong_format", `[]`: "wrong_format",
		} {
			c.want(400, code, "POST", "/auth_session/login", body)
		}
		c.want(400, "missing_member", "POST", "/auth_session/login", "email=bob%40example.com&password=", "Content-Type", "application/x-www-form-urlencoded")
		long := `{"email":"bob@example.com","password":"` + strings.Repeat("x", 5000) + `"}`
		c.want(400, "password_too_long", "POST", "/auth_session/login", long)
		c.want(405, "method_not_allowed", "GET", "/auth_session/login", "")
	})
}

// TestSignInEndsWhatWasCarried: nothing of the session before goes on, be it one's own or planted.
func TestSignInEndsWhatWasCarried(t *testing.T) {
	onEachStore(t, func(t *testing.T, s *site) {
		c := s.asBob()
		c.want(204, "", "PUT", "/auth_session/data/planted", `true`)
		before := c.copied()
		c.want(200, "", "POST", "/auth_session/login", `{"email":"ada@example.com","password":"correct horse"}`)
		before.isIn(false)
		if got := c.want(200, "", "GET", "/auth_session/data", "").Body.String(); got != "{}\n" {
			t.Errorf("data %s", got)
		}
		still := c.copied()
		c.do("POST", "/auth_session/login", `{"email":"ada@example.com","password":"wrong"}`)
		still.isIn(true) // whoever mistypes does not sign out
	})
}

func TestSignOut(t *testing.T) {
	onEachStore(t, func(t *testing.T, s *site) {
		for _, path := range []string{"/auth_session/logout", "/auth_session"} {
			c, other := s.asBob(), s.asBob()
			thief := c.copied()
			w := c.want(200, "", "DELETE", path, "")
			if w.Body.String() != "{}\n" || w.Header().Get("Clear-Site-Data") != `"cache", "storage"` || c.cookie != "" {
				t.Errorf("%s %v", w.Body, w.Header())
			}
			thief.isIn(false)
			other.isIn(true)
			thief.want(401, "credential_refused", "DELETE", path, "")
			c.want(401, "unauthorized", "DELETE", path, "")
		}
	})
}

// A quickThief is an Authenticator of sessions that gives each session a new token, right after it was found
// good.
type quickThief struct {
	*session.Manager
	stolen session.Token
}

func (q *quickThief) Authenticate(r *http.Request) (handstamp.Identity, error) {
	who, err := q.Manager.Authenticate(r)
	if token, ok := q.TokenOf(r); ok && err == nil && r.Method == http.MethodDelete {
		if q.stolen, err = q.Renew(r.Context(), token); err != nil {
			return handstamp.Identity{}, err
		}
	}
	return who, err
}

// TestSignOutOfARenewedSession: when signing out has said yes, the session has ended, also under the token
// that somebody else has just given it.
func TestSignOutOfARenewedSession(t *testing.T) {
	thief := &quickThief{}
	s := newSite(t, "memory", func(c *server.Config) {
		thief.Manager = c.Sessions
		c.Authenticators[0] = thief
	})
	s.asBob().want(200, "", "DELETE", "/auth_session/logout", "")
	(&client{site: s, cookie: "session=" + string(thief.stolen)}).isIn(false)
}

func TestListSessions(t *testing.T) {
	onEachStore(t, func(t *testing.T, s *site) {
		origin := handstamp.Origin{Address: netip.MustParseAddr("192.0.2.7"), Device: "Test/1"}
		_, _, err := s.sessions.Begin(handstamp.WithOrigin(t.Context(), origin), handstamp.Identity{UserID: s.bob.ID, Role: "user"})
		if err != nil {
			t.Fatal(err)
		}
		bob := s.asBob()
		s.asAda()
		found := bob.sessionsOf("")
		if len(found) != 2 || found[0].Current || !found[1].Current || found[0].Device != "Test/1" || found[0].Address != "192.0.2.7" {
			t.Fatalf("%+v", found)
		}
		if at := found[1].ExpiresAt; at == nil || !at.Equal(found[1].SeenAt.Add(s.sessions.Idle)) {
			t.Errorf("expires at %v", at)
		}
		ada := s.asAda()
		for _, seen := range ada.sessionsOf("?user=" + s.bob.ID.String()) {
			if seen.Current {
				t.Errorf("%+v", seen)
			}
		}
		if mine := bob.sessionsOf("?user=" + s.bob.ID.String()); len(mine) != 2 {
			t.Errorf("%+v", mine)
		}
		for _, id := range []string{s.ada.ID.String(), handstamp.NewID().String()} {
			bob.want(404, "not_found", "GET", "/auth_session?user="+id, "")
		}
		ada.want(404, "not_found", "GET", "/auth_session?user="+handstamp.NewID().String(), "")
		ada.want(400, "wrong_format", "GET", "/auth_session?user=bob", "")
		ada.want(400, "wrong_format", "GET", "/auth_session?usr="+s.bob.ID.String(), "")
	})
}

func TestEndSession(t *testing.T) {
	onEachStore(t, func(t *testing.T, s *site) {
		bob, other, ada := s.asBob(), s.asBob(), s.asAda()
		ids := bob.sessionsOf("")
		adas := ada.sessionsOf("")[0].ID
		for _, path := range []string{adas, handstamp.NewID().String(), "nonsense"} {
			bob.want(404, "not_found", "DELETE", "/auth_session/"+path, "")
		}
		bob.want(404, "not_found", "DELETE", "/auth_session/"+adas+"?user="+s.ada.ID.String(), "")
		ada.isIn(true)
		ada.want(404, "not_found", "DELETE", "/auth_session/"+ids[1].ID, "") // it is none of hers

		bob.want(200, "", "DELETE", "/auth_session/"+ids[1].ID, "")
		other.isIn(false)
		bob.isIn(true)
		bob.want(404, "not_found", "DELETE", "/auth_session/"+ids[1].ID, "")
		bob.want(200, "", "DELETE", "/auth_session/"+ids[0].ID, "")
		if bob.cookie != "" {
			t.Error("the browser keeps the cookie of a session that has ended")
		}

		again := s.asBob()
		ada.want(200, "", "DELETE", "/auth_session/"+again.sessionsOf("")[0].ID+"?user="+s.bob.ID.String(), "")
		again.isIn(false)
		ada.isIn(true)
	})
}

func TestEndSessions(t *testing.T) {
	onEachStore(t, func(t *testing.T, s *site) {
		bob, other, ada := s.asBob(), s.asBob(), s.asAda()
		bob.want(400, "wrong_format", "DELETE", "/auth_session/all?others=yes", "")
		bob.want(404, "not_found", "DELETE", "/auth_session/all?user="+s.ada.ID.String(), "")
		bob.want(200, "", "DELETE", "/auth_session/all?others=true", "")
		bob.isIn(true)
		other.isIn(false)

		other = s.asBob()
		thief := bob.copied()
		bob.want(200, "", "DELETE", "/auth_session/all", "")
		for _, c := range []*client{other, thief} {
			c.isIn(false)
		}
		if bob.cookie != "" {
			t.Error("the cookie stays")
		}

		bob = s.asBob()
		ada.want(400, "wrong_format", "DELETE", "/auth_session/all?others=true&user="+s.bob.ID.String(), "")
		bob.isIn(true)
		ada.want(200, "", "DELETE", "/auth_session/all?user="+s.bob.ID.String(), "")
		bob.isIn(false)
		ada.isIn(true)
	})
}

func TestRenew(t *testing.T) {
	onEachStore(t, func(t *testing.T, s *site) {
		bob := s.stale(s.bob)
		bob.want(204, "", "PUT", "/auth_session/data/a", `1`)
		id := bob.sessionsOf("")[0].ID
		for _, body := range []string{``, `{}`} {
			thief := bob.copied()
			got := jsonOf[seenSession](t, bob.want(200, "", "POST", "/auth_session/renew", body))
			if got.ID != id || !got.Current || bob.cookie == thief.cookie {
				t.Errorf("%+v", got)
			}
			thief.isIn(false)
			bob.isIn(true)
		}
		bob.want(403, "not_fresh", "DELETE", "/users/me", "") // a new token proves nothing
		before := bob.cookie
		bob.want(401, "credential_refused", "POST", "/auth_session/renew", `{"password":"wrong"}`)
		for _, body := range []string{`{"password":null}`, `{"password":1}`, `{"pasword":"x"}`, `x`} {
			bob.want(400, "wrong_format", "POST", "/auth_session/renew", body)
		}
		if bob.cookie != before {
			t.Error("a wrong password changed the session")
		}
		bob.want(200, "", "POST", "/auth_session/renew", `{"password":"battery staple"}`)
		if got := bob.want(200, "", "GET", "/auth_session/data/a", "").Body.String(); got != "1\n" {
			t.Errorf("data %s", got)
		}
		bob.want(200, "", "DELETE", "/users/me", "")
	})
}

// TestRenewAndSignOut at the same time: whoever wins, a session that was signed out stays out.
func TestRenewAndSignOut(t *testing.T) {
	onEachStore(t, func(t *testing.T, s *site) {
		for range 20 {
			renewing := s.asBob()
			leaving := renewing.copied()
			var both sync.WaitGroup
			both.Go(func() { renewing.do("POST", "/auth_session/renew", "") })
			both.Go(func() { leaving.do("DELETE", "/auth_session/all", "") })
			both.Wait()
			if leaving.cookie == "" { // its answer was a success
				renewing.isIn(false)
			}
		}
	})
}
