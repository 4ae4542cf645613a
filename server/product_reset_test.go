package server_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/account"
	"github.com/handstamp/handstamp/server"
	"github.com/handstamp/handstamp/server/api"
)

const chosen = "the one that bob has chosen"

// resetLink returns the path of a new reset link, as c gets it.
func (c *client) resetLink(of account.User) string {
	c.t.Helper()
	link := jsonOf[api.ResetLink](c.t, c.want(201, "", "POST", "/users/"+of.ID.String()+"/reset-link", ""))
	path, ok := strings.CutPrefix(link.URL, "http://example.com")
	if !ok || !strings.HasPrefix(path, c.config.Prefix+"/reset/") {
		c.t.Fatalf("URL %q", link.URL)
	}
	return path
}

// TestMakeResetLink: who may have one, and of what it is made.
func TestMakeResetLink(t *testing.T) {
	onEachStore(t, func(t *testing.T, s *site) {
		path := "/users/" + s.bob.ID.String() + "/reset-link"
		s.stranger().want(401, "unauthorized", "POST", path, "")
		s.asBob().want(403, "forbidden", "POST", path, "")
		s.asBob().want(403, "forbidden", "POST", "/users/me/reset-link", "")
		s.stale(s.ada).want(403, "not_fresh", "POST", path, "")
		ada := s.asAda()
		ada.want(403, "forbidden", "POST", "/users/me/reset-link", "")
		ada.want(403, "forbidden", "POST", "/users/"+s.ada.ID.String()+"/reset-link", "")
		for _, nobody := range []string{handstamp.NewID().String(), "nobody"} {
			ada.want(404, "not_found", "POST", "/users/"+nobody+"/reset-link", "")
		}
		before := time.Now()
		link := jsonOf[api.ResetLink](t, ada.want(201, "", "POST", path, ""))
		if left := link.ExpiresAt.Sub(before); left < 24*time.Hour-time.Second || left > 24*time.Hour+time.Minute {
			t.Errorf("good for %v", left)
		}
		s.stranger().want(201, "", "POST", path, "", "Authorization", basic(email, plain)) // who has just proved the password

		s.config.Part = server.ForPublic
		s.handler = server.New(s.config)
		ada.want(403, "forbidden", "POST", path, "") // like everybody else there
	})
}

// TestResetLinkIsOfThePublicURL, whatever host the request has named, and of the place where the server
// is mounted.
func TestResetLinkIsOfThePublicURL(t *testing.T) {
	s := newSite(t, "memory", func(c *server.Config) {
		c.Prefix = "/auth"
		c.Web = &server.Web{PublicURL: &url.URL{Scheme: "https", Host: "id.example.com:8443"}, Hosts: []string{"inside.example.com"}}
	})
	r := httptest.NewRequest("POST", "http://inside.example.com/auth/api/v1/users/"+s.bob.ID.String()+"/reset-link", nil)
	r.Header.Set("Authorization", basic(email, plain))
	r.Header.Set("X-Forwarded-Host", "evil.example")
	w := httptest.NewRecorder()
	s.handler.ServeHTTP(w, r)
	link := jsonOf[api.ResetLink](t, w)
	if secret, ok := strings.CutPrefix(link.URL, "https://id.example.com:8443/auth/reset/"); !ok || len(secret) != 65 {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

// TestResetForPrograms: what a body may be, and what the link does, once.
func TestResetForPrograms(t *testing.T) {
	onEachStore(t, func(t *testing.T, s *site) {
		withLimits(t)(&s.config)
		ada, bob := s.asAda(), s.asBob()
		replaced, path := ada.resetLink(s.bob), ada.resetLink(s.bob)
		const good = `{"password":"` + chosen + `"}`
		for _, c := range []struct {
			path, body, contentType string
			status                  int
			code                    string
		}{
			{path, ``, jsonType, 400, "wrong_format"},
			{path, `{}`, jsonType, 400, "missing_member"},
			{path, `{"password":1}`, jsonType, 400, "wrong_format"},
			{path, `{"password":null}`, jsonType, 400, "wrong_format"},
			{path, `{"password":"p","email":"bob@example.com"}`, jsonType, 400, "wrong_format"},
			{path, `{"password":"p","role":"admin"}`, jsonType, 400, "wrong_format"},
			{path, `{"password":""}`, jsonType, 400, "password_not_acceptable"},
			{path, `password=`, formType, 400, "missing_member"},
			{path, `password=x`, "text/plain", 400, "missing_member"},
			{replaced, good, jsonType, 404, "link_not_good"},
			{"/reset/" + strings.Repeat("x", 65), good, jsonType, 404, "link_not_good"},
			{"/reset/x", good, jsonType, 404, "link_not_good"},
		} {
			w := s.visit("POST", c.path, c.body, "Content-Type", c.contentType, "Accept", jsonType)
			if got := jsonOf[struct{ Code string }](t, w); w.Code != c.status || got.Code != c.code {
				t.Errorf("%s as %s: %d %s, want %d %s", c.body, c.contentType, w.Code, w.Body, c.status, c.code)
			}
		}
		if w := s.visit("POST", path, good, "Content-Type", jsonType, "Sec-Fetch-Site", "cross-site"); w.Code != 403 {
			t.Errorf("from another site: %d", w.Code)
		}
		bob.isIn(true)

		w := s.visit("POST", path, good, "Content-Type", jsonType)
		if u := jsonOf[seenUser](t, w); w.Code != 200 || u.ID != s.bob.ID.String() || u.Role != "user" {
			t.Fatalf("%d %s", w.Code, w.Body)
		}
		if cookies := w.Result().Cookies(); len(cookies) != 1 || cookies[0].Name != "device" {
			t.Errorf("cookies %v: it signs nobody in, and knows the browser", cookies)
		}
		bob.isIn(false)
		ada.isIn(true)
		s.stranger().want(401, "credential_refused", "POST", "/auth_session/login", `{"email":"bob@example.com","password":"battery staple"}`)
		s.signedIn(bobsEmail, chosen).isIn(true)
		if w := s.visit("POST", path, good, "Content-Type", jsonType); w.Code != 404 {
			t.Errorf("a second time: %d %s", w.Code, w.Body)
		}

		type entry struct {
			ActorID, UserID *string
			Reason          string
		}
		entries := jsonOf[struct {
			Entries []struct {
				Action, Reason string
				ActorID        *string `json:"actor_id"`
				UserID         *string `json:"user_id"`
			}
		}](t, ada.want(200, "", "GET", "/audit?user="+s.bob.ID.String(), "")).Entries
		got := make(map[string][]entry)
		for _, e := range entries {
			got[e.Action] = append(got[e.Action], entry{e.ActorID, e.UserID, e.Reason})
		}
		ofAda, ofBob := ptr(s.ada.ID.String()), ptr(s.bob.ID.String())
		diff(t, "made", []entry{{ofAda, ofBob, ""}, {ofAda, ofBob, ""}}, got["reset-link"])
		diff(t, "used", []entry{{nil, ofBob, "reset link"}}, got["password-change"])
	})
}

// TestResetOnce: one of all who use a link at once has chosen the password.
func TestResetOnce(t *testing.T) {
	onEachStore(t, func(t *testing.T, s *site) {
		path := s.asAda().resetLink(s.bob)
		codes := make([]int, 4)
		var all sync.WaitGroup
		for i := range codes {
			all.Go(func() {
				body := `{"password":"` + chosen + string(rune('0'+i)) + `"}`
				codes[i] = s.visit("POST", path, body, "Content-Type", jsonType).Code
			})
		}
		all.Wait()
		winners := 0
		for i, code := range codes {
			if code == 200 {
				winners++
				s.signedIn(bobsEmail, chosen+string(rune('0'+i)))
			} else if code != 404 {
				t.Errorf("%d: %d", i, code)
			}
		}
		if winners != 1 {
			t.Errorf("%v: %d have chosen", codes, winners)
		}
	})
}

// TestUserWithoutPassword: an administrator makes one, and a link lets them in.
func TestUserWithoutPassword(t *testing.T) {
	onEachStore(t, func(t *testing.T, s *site) {
		s.config.MayRegister = func() bool { return true }
		s.handler = server.New(s.config)
		for _, c := range []*client{s.stranger(), s.asBob()} {
			c.want(400, "missing_member", "POST", "/users", `{"email":"cy@example.com"}`)
		}
		ada := s.asAda()
		ada.want(400, "password_not_acceptable", "POST", "/users", `{"email":"cy@example.com","password":""}`)
		s.stale(s.ada).want(403, "not_fresh", "POST", "/users", `{"email":"cy@example.com","role":"admin"}`)
		made := jsonOf[seenUser](t, ada.want(201, "", "POST", "/users", `{"email":"cy@example.com"}`))
		for _, body := range []string{`{"email":"cy@example.com","password":""}`, `{"email":"cy@example.com","password":"p"}`} {
			s.stranger().want(401, "credential_refused", "POST", "/auth_session/login", body)
		}
		id, err := handstamp.ParseID(made.ID)
		if err != nil {
			t.Fatal(err)
		}
		w := s.visit("POST", ada.resetLink(account.User{ID: id}), `{"password":"`+chosen+`"}`, "Content-Type", jsonType)
		if w.Code != http.StatusOK {
			t.Errorf("%d %s", w.Code, w.Body)
		}
		s.signedIn("cy@example.com", chosen).isIn(true)
	})
}
