package server_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/account"
	"github.com/handstamp/handstamp/server"
	"github.com/handstamp/handstamp/session"
	"github.com/handstamp/handstamp/session/oldcookie"
)

// oldID is an id as PHP makes them.
const oldID = "3fl06lbf8aamkq8p0cug1k4uj7"

// takesOld makes a site take the cookies of PHP, and answer proxies.
func takesOld(c *server.Config) {
	c.OldCookie, c.Forward = oldcookie.New(c.Sessions, "PHPSESSID"), &server.Forward{}
}

// newOldSite returns a site with a session of u's that was brought over from PHP.
func newOldSite(t *testing.T, kind string) *site {
	t.Helper()
	kept := stores[kind](t)
	s := newSiteOn(t, kept, takesOld)
	token, err := oldcookie.TokenOf(oldID)
	if err != nil {
		t.Fatal(err)
	}
	at := time.Now().UTC().Truncate(time.Microsecond)
	record, err := session.NewRecord(session.Session{ID: handstamp.NewID(), UserID: s.bob.ID, Role: s.bob.Role, BeganAt: at, SeenAt: at},
		token, session.Data{"cart": json.RawMessage(`["cup"]`)})
	if err != nil {
		t.Fatal(err)
	}
	if err := kept.sessions.Insert(t.Context(), record); err != nil {
		t.Fatal(err)
	}
	return s
}

// withOld sends a request with nothing but the old cookie, as a browser does that wants a page.
func (s *site) withOld(method, path string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, nil)
	r.Header.Set("Cookie", "PHPSESSID="+oldID)
	r.Header.Set("Accept", "text/html")
	w := httptest.NewRecorder()
	s.handler.ServeHTTP(w, r)
	return w
}

// given returns our cookie in an answer.
func given(w *httptest.ResponseRecorder) string {
	for _, cookie := range w.Result().Cookies() {
		if cookie.Name == "session" {
			return "session=" + cookie.Value
		}
	}
	return ""
}

// TestOldCookie: whoever has a cookie of PHP is signed in, wherever they come first, and goes on with a
// cookie of ours.
func TestOldCookie(t *testing.T) {
	for name, path := range map[string]string{"API": "/api/v1/users/me", "page": "/account", "login": "/login?return_to=%2Faccount", "nowhere": "/nowhere"} {
		for kind := range stores {
			t.Run(kind+", "+name, func(t *testing.T) {
				s := newOldSite(t, kind)
				w := s.withOld(http.MethodGet, path)
				if want := map[string]int{"nowhere": 404, "login": 303}[name]; w.Code != max(200, want) {
					t.Errorf("%d %s", w.Code, w.Body)
				}
				bob := &client{site: s, cookie: given(w)}
				if bob.cookie == "" || !strings.Contains(strings.Join(w.Header()["Set-Cookie"], "\n"), "PHPSESSID=; Path=/; Max-Age=0") {
					t.Fatalf("cookies %q", w.Header()["Set-Cookie"])
				}
				diff(t, "the data bag", `{"cart":["cup"]}`, bob.data(""))
				bob.put("/cart", `["spoon"]`)
				diff(t, "who it is", s.bob.ID.String(), jsonOf[seenUser](t, bob.want(200, "", "GET", "/users/me", "")).ID)
				// Nobody has proved a password here.
				bob.want(403, "not_fresh", "DELETE", "/users/"+s.bob.ID.String(), "")
			})
		}
	}
}

// TestOldCookieEnds: with its session.
func TestOldCookieEnds(t *testing.T) {
	for name, end := range map[string]func(t *testing.T, s *site){
		"logout with the old cookie": func(t *testing.T, s *site) {
			r := httptest.NewRequest(http.MethodDelete, "/api/v1/auth_session/logout", nil)
			r.Header.Set("Cookie", "PHPSESSID="+oldID)
			w := httptest.NewRecorder()
			s.handler.ServeHTTP(w, r)
			cookies := w.Result().Cookies()
			if last := cookies[len(cookies)-1]; w.Code >= 300 || last.Name != "session" || last.MaxAge >= 0 {
				t.Errorf("%d, cookies %q", w.Code, w.Header()["Set-Cookie"])
			}
		},
		"before it comes": func(t *testing.T, s *site) {
			if err := s.sessions.EndUser(t.Context(), s.bob.ID); err != nil {
				t.Fatal(err)
			}
		},
		"disabled": func(t *testing.T, s *site) {
			if _, err := s.people.Edit(t.Context(), s.bob.ID, account.Edit{Disabled: new(true)}); err != nil {
				t.Fatal(err)
			}
		},
		"a new password": func(t *testing.T, s *site) {
			if _, err := s.people.SetPassword(t.Context(), s.bob.ID, "another password"); err != nil {
				t.Fatal(err)
			}
		},
		"deleted": func(t *testing.T, s *site) {
			if err := s.people.Delete(t.Context(), s.bob.ID); err != nil {
				t.Fatal(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := newOldSite(t, "sqlite")
			end(t, s)
			if w := s.withOld(http.MethodGet, "/api/v1/users/me"); w.Code != 401 || w.Header().Get("Set-Cookie") != "" {
				t.Errorf("%d, cookies %q", w.Code, w.Header()["Set-Cookie"])
			}
		})
	}
}

// TestOldCookieAtVerify: a proxy would keep the new cookie to itself, so the browser is sent to the
// login, and finds itself signed in there.
func TestOldCookieAtVerify(t *testing.T) {
	s := newOldSite(t, "memory")
	for _, path := range []string{"/verify", "/verify/", "/verify/envoy/app"} {
		if w := s.withOld(http.MethodGet, path); w.Header().Get("Set-Cookie") != "" {
			t.Errorf("%s: cookies %q", path, w.Header()["Set-Cookie"])
		}
	}
	if given(s.withOld(http.MethodGet, "/verifyother")) == "" {
		t.Error("another path")
	}
}

// TestOldCookieFromElsewhere: what another site sends in its visitor's name is refused before anybody looks
// at the cookie.
func TestOldCookieFromElsewhere(t *testing.T) {
	s := newOldSite(t, "memory")
	r := httptest.NewRequest(http.MethodDelete, "/api/v1/auth_session/logout", nil)
	r.Header.Set("Cookie", "PHPSESSID="+oldID)
	r.Header.Set("Sec-Fetch-Site", "cross-site")
	w := httptest.NewRecorder()
	s.handler.ServeHTTP(w, r)
	if w.Code != 403 || w.Header().Get("Set-Cookie") != "" {
		t.Errorf("%d, cookies %q", w.Code, w.Header()["Set-Cookie"])
	}
	if given(s.withOld(http.MethodGet, "/account")) == "" {
		t.Error("the old id is not good any more")
	}
}

// TestOldCookieOnBrokenStore: nobody can tell, so nobody says no.
func TestOldCookieOnBrokenStore(t *testing.T) {
	s := newOldSite(t, "sqlite")
	s.breakIt()
	r := httptest.NewRequest(http.MethodGet, "/api/v1/users/me", nil)
	r.Header.Set("Cookie", "PHPSESSID="+oldID)
	w := httptest.NewRecorder()
	s.handler.ServeHTTP(w, r)
	if got := jsonOf[struct{ Code string }](t, w); w.Code != 503 || got.Code != "unavailable" || w.Header().Get("Set-Cookie") != "" {
		t.Errorf("%d %s, cookies %q", w.Code, w.Body, w.Header()["Set-Cookie"])
	}
	if lines := s.log.lines("cannot take an old session cookie"); len(lines) != 1 || strings.Contains(lines[0], oldID) {
		t.Errorf("log %q", lines)
	}
}
