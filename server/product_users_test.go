package server_test

import (
	"fmt"
	"regexp"
	"testing"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/server"
)

func TestShowUser(t *testing.T) {
	onEachStore(t, func(t *testing.T, s *site) {
		ada, bob := s.asAda(), s.asBob()
		w := bob.want(200, "", "GET", "/users/me", "")
		got := jsonOf[seenUser](t, w)
		diff(t, "Bob", seenUser{
			ID: s.bob.ID.String(), Email: ptr(bobsEmail), Role: "user", Disabled: ptr(false),
			CreatedAt: s.bob.CreatedAt, UpdatedAt: s.bob.UpdatedAt,
		}, got)
		shape := regexp.MustCompile(`^\{"id":"[0-9a-f-]{36}","email":"bob@example.com","first_name":null,"last_name":null,` +
			`"role":"user","disabled":false,"created_at":"[0-9T:.-]+Z","updated_at":"[0-9T:.-]+Z"\}\n$`)
		if !shape.MatchString(w.Body.String()) {
			t.Errorf("%s", w.Body)
		}
		for _, path := range []string{"/users/me", "/users/me/", "/users/" + s.bob.ID.String()} {
			diff(t, path, got, jsonOf[seenUser](t, bob.want(200, "", "GET", path, "")))
		}
		diff(t, "Bob, to Ada", got, jsonOf[seenUser](t, ada.want(200, "", "GET", "/users/"+s.bob.ID.String(), "")))
	})
}

// TestOthersAreNotThere: nobody learns which ids exist, by any method, but administrators.
func TestOthersAreNotThere(t *testing.T) {
	onEachStore(t, func(t *testing.T, s *site) {
		ada, bob := s.asAda(), s.asBob()
		answers := map[string]bool{}
		for _, id := range []string{s.ada.ID.String(), handstamp.NewID().String(), "nonsense", "ME"} {
			for _, method := range []string{"GET", "PUT", "DELETE"} {
				answers[bob.want(404, "not_found", method, "/users/"+id, `{"role":"admin"}`).Body.String()] = true
			}
		}
		if len(answers) != 1 {
			t.Errorf("answers differ: %v", answers)
		}
		ada.want(404, "not_found", "GET", "/users/"+handstamp.NewID().String(), "")
		ada.want(200, "", "GET", "/users/me", "")
	})
}

func TestCreateUser(t *testing.T) {
	onEachStore(t, func(t *testing.T, s *site) {
		ada := s.asAda()
		w := ada.want(201, "", "POST", "/users", `{"email":"Cy@example.com","password":"p w","first_name":"Cy","last_name":null}`)
		cy := jsonOf[seenUser](t, w)
		if *cy.Email != "Cy@example.com" || *cy.FirstName != "Cy" || cy.LastName != nil || cy.Role != "user" {
			t.Errorf("%s", w.Body)
		}
		if got := w.Header().Get("Location"); got != "/api/v1/users/"+cy.ID {
			t.Errorf("Location %q", got)
		}
		s.signedIn("cy@example.com", "p w").isIn(true)
		ada.want(201, "", "POST", "/users", `{"email":"root@example.com","password":"p","role":"admin"}`)

		for body, code := range map[string]string{
			``:                                 "wrong_format",
			`[]`:                               "wrong_format",
			`{"email":"a@b","password":"p"`:    "wrong_format",
			`{"email":"a@b","password":"p"}{}`: "wrong_format",
			`{"email":1,"password":"p"}`:       "wrong_format",
			`{"email":null,"password":"p"}`:    "wrong_format",
			`{"email":"a@b","password":null}`:  "wrong_format",
			`{"email":"a@b","password":"p","password":"q"}`:       "wrong_format",
			`{"email":"a@b","password":"p","id":"x"}`:             "wrong_format",
			`{"email":"a@b","password":"p","disabled":true}`:      "wrong_format",
			`{"email":"a@b","password":"p","password_hash":"x"}`:  "wrong_format",
			`{"email":"a@b","password":"p","role":1}`:             "wrong_format",
			`{"email":"a@b","password":"p","first_name":["x"]}`:   "wrong_format",
			`{"email":"a@b","password":"p","last_name":"\ud800"}`: "wrong_format",
			`{}`:                                              "missing_member",
			`{"password":"p"}`:                                "missing_member",
			`{"email":"","password":"p"}`:                     "email_not_acceptable",
			`{"email":"a","password":"p"}`:                    "email_not_acceptable",
			`{"email":"a@b","password":""}`:                   "password_not_acceptable",
			`{"email":"a@b","password":"a\u0000b"}`:           "password_not_acceptable",
			`{"email":"a@b","password":"p","role":"emperor"}`: "role_unknown",
			`{"email":"a@b","password":"p","role":""}`:        "role_unknown",
		} {
			ada.want(400, code, "POST", "/users", body)
		}
		ada.want(400, "wrong_format", "POST", "/users", `{"email":"a@b","password":"p"}`, "Content-Type", "text/plain")
		ada.want(409, "email_taken", "POST", "/users", `{"email":"BOB@example.com","password":"p"}`)
		long := fmt.Sprintf(`{"email":"a@b","password":"%05000d"}`, 1)
		ada.want(400, "password_too_long", "POST", "/users", long)
		huge := fmt.Sprintf(`{"email":"a@b","password":"%070000d"}`, 1)
		ada.want(413, "request_too_large", "POST", "/users", huge)
		if n, err := s.people.Count(t.Context()); n != 4 || err != nil {
			t.Errorf("%d users, %v; want 4", n, err)
		}
	})
}

// TestUnknownMemberIsNamed: a client must see what it has misspelt.
func TestUnknownMemberIsNamed(t *testing.T) {
	s := newSite(t, "memory")
	for body, want := range map[string]string{
		`{"email":"a@b","password":"p","rolle":"admin"}`: `There is no member "rolle" here`,
		`{"password":"p"}`:            `The member "email" is missing`,
		`{"email":[],"password":"p"}`: `The member "email" is not a text`,
	} {
		w := s.asAda().do("POST", "/users", body)
		if got := jsonOf[struct{ Error string }](t, w).Error; got != want {
			t.Errorf("%s: %q, want %q", body, got, want)
		}
	}
}

func TestRegistration(t *testing.T) {
	onEachStore(t, func(t *testing.T, s *site) {
		const cy = `{"email":"cy@example.com","password":"p"}`
		s.stranger().want(403, "registration_closed", "POST", "/users", cy)
		s.asBob().want(403, "registration_closed", "POST", "/users", cy)
		// It may have been an administrator.
		(&client{site: s, cookie: "session=ended"}).want(401, "credential_refused", "POST", "/users", cy)

		open := true
		s.config.MayRegister = func() bool { return open }
		s.handler = server.New(s.config)
		for _, c := range []*client{s.stranger(), s.asBob(), {site: s, cookie: "session=ended"}} {
			c.want(403, "forbidden", "POST", "/users", `{"email":"evil@example.com","password":"p","role":"admin"}`)
			c.want(403, "forbidden", "POST", "/users", `{"email":"evil@example.com","password":"p","role":"user"}`)
		}
		for i, c := range []*client{s.stranger(), s.asBob(), {site: s, cookie: "session=ended"}} {
			w := c.want(201, "", "POST", "/users", fmt.Sprintf(`{"email":"new%d@example.com","password":"p"}`, i))
			if u := jsonOf[seenUser](t, w); u.Role != "user" {
				t.Errorf("%+v", u)
			}
		}
		open = false
		s.stranger().want(403, "registration_closed", "POST", "/users", cy)
		s.asAda().want(201, "", "POST", "/users", cy)
	})
}

func TestDeleteUser(t *testing.T) {
	onEachStore(t, func(t *testing.T, s *site) {
		ada := s.asAda()
		ada.want(409, "last_admin", "DELETE", "/users/me", "")
		ada.isIn(true)
		s.stale(s.bob).want(403, "not_fresh", "DELETE", "/users/me", "")
		s.stale(s.ada).want(403, "not_fresh", "DELETE", "/users/"+s.bob.ID.String(), "")

		bob, second := s.asBob(), s.asBob()
		thief := bob.copied()
		w := bob.want(200, "", "DELETE", "/users/me", "")
		if w.Body.String() != "{}\n" || bob.cookie != "" || w.Header().Get("Clear-Site-Data") == "" {
			t.Errorf("%s, cookie %q, %v", w.Body, bob.cookie, w.Header())
		}
		second.isIn(false)
		thief.isIn(false)
		s.stranger().want(401, "credential_refused", "POST", "/auth_session/login", `{"email":"bob@example.com","password":"battery staple"}`)
		ada.want(404, "not_found", "DELETE", "/users/"+s.bob.ID.String(), "")

		root := s.addUser("root@example.com", "p", "admin")
		out := s.signedIn("root@example.com", "p")
		w = ada.want(200, "", "DELETE", "/users/"+root.ID.String(), "")
		if w.Header().Get("Set-Cookie") != "" {
			t.Error("the administrator's cookie was cleared")
		}
		out.isIn(false)
		ada.isIn(true)
	})
}

// TestBasicCredential: whoever sends the password with each request is fresh, and has no session.
func TestBasicCredential(t *testing.T) {
	onEachStore(t, func(t *testing.T, s *site) {
		c := s.stranger()
		as := func(email, password string) []string { return []string{"Authorization", basic(email, password)} }
		c.want(200, "", "GET", "/users/me", "", as(bobsEmail, bobsPassword)...)
		c.want(200, "", "GET", "/auth_session", "", as(bobsEmail, bobsPassword)...)
		w := c.want(401, "credential_refused", "GET", "/users/me", "", as(bobsEmail, "wrong")...)
		if got := w.Header().Get("WWW-Authenticate"); got != `Basic realm="Handstamp", charset="UTF-8"` {
			t.Errorf("WWW-Authenticate %q", got)
		}
		for _, route := range []string{"GET /auth_session/data", "DELETE /auth_session/logout", "POST /auth_session/renew"} {
			var method, path string
			fmt.Sscan(route, &method, &path)
			c.want(401, "unauthorized", method, path, "", as(bobsEmail, bobsPassword)...)
		}
		session := s.asBob()
		w = c.want(200, "", "PUT", "/users/me", `{"password":"new","old_password":"battery staple"}`, as(bobsEmail, bobsPassword)...)
		if w.Header().Get("Set-Cookie") != "" {
			t.Errorf("a cookie without a session: %v", w.Header())
		}
		session.isIn(false)
		c.want(401, "credential_refused", "GET", "/users/me", "", as(bobsEmail, bobsPassword)...)
		c.want(200, "", "DELETE", "/users/me", "", as(bobsEmail, "new")...)
	})
}

func TestChallengeWithoutBasic(t *testing.T) {
	s := newSite(t, "memory", func(c *server.Config) { c.Authenticators = c.Authenticators[:1] })
	w := s.stranger().want(401, "unauthorized", "GET", "/users/me", "", "Authorization", basic(email, plain))
	if got := w.Header().Values("WWW-Authenticate"); len(got) != 1 || got[0] != `Session realm="Handstamp"` {
		t.Errorf("WWW-Authenticate %q", got)
	}
}
