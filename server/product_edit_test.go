package server_test

import (
	"strings"
	"sync"
	"testing"

	"github.com/handstamp/handstamp"
)

func TestRename(t *testing.T) {
	onEachStore(t, func(t *testing.T, s *site) {
		bob := s.stale(s.bob) // names need no fresh proof
		u := jsonOf[seenUser](t, bob.want(200, "", "PUT", "/users/me", `{"first_name":"Bob","last_name":""}`))
		if *u.FirstName != "Bob" || *u.LastName != "" || !u.UpdatedAt.After(u.CreatedAt) {
			t.Errorf("%+v", u)
		}
		u = jsonOf[seenUser](t, bob.want(200, "", "PUT", "/users/me", `{"first_name":null}`))
		if u.FirstName != nil || *u.LastName != "" {
			t.Errorf("%+v", u)
		}
		s.stale(s.ada).want(200, "", "PUT", "/users/"+s.bob.ID.String(), `{"last_name":"Builder"}`)
		bob.isIn(true)
		for _, body := range []string{
			``, `{}`, `[]`, `null`, `{"first_name":1}`, `{"first_name":"a","first_name":"b"}`, `{"nickname":"x"}`,
			`{"id":"x"}`, `{"created_at":"x"}`, `{"old_password":"battery staple"}`,
			`{"first_name":"a","old_password":"battery staple"}`, `{"email":null,"old_password":"battery staple"}`,
			`{"password":null,"old_password":"battery staple"}`, `{"password":1}`,
		} {
			bob.want(400, "wrong_format", "PUT", "/users/me", body)
		}
		s.asAda().want(400, "wrong_format", "PUT", "/users/me", `{"disabled":"yes"}`)
		s.asAda().want(400, "wrong_format", "PUT", "/users/me", `{"disabled":null}`)
	})
}

// TestOwnPassword: it takes the old one, ends all other sessions, and gives this one a new token.
func TestOwnPassword(t *testing.T) {
	onEachStore(t, func(t *testing.T, s *site) {
		bob, other := s.stale(s.bob), s.asBob()
		bob.want(204, "", "PUT", "/auth_session/data/cart", `[1]`)
		thief := bob.copied()

		bob.want(400, "missing_member", "PUT", "/users/me", `{"password":"new"}`)
		before := bob.cookie
		bob.want(401, "credential_refused", "PUT", "/users/me", `{"password":"new","old_password":"wrong"}`)
		bob.want(401, "credential_refused", "PUT", "/users/me", `{"password":"new","old_password":""}`)
		if bob.cookie != before {
			t.Error("a wrong password changed the session")
		}
		other.isIn(true)

		bob.want(200, "", "PUT", "/users/me", `{"password":"new","old_password":"battery staple","first_name":"B"}`)
		if bob.cookie == before || bob.cookie == "" {
			t.Errorf("cookie %q, want a new one", bob.cookie)
		}
		bob.isIn(true)
		other.isIn(false)
		thief.isIn(false)
		if got := bob.want(200, "", "GET", "/auth_session/data/cart", "").Body.String(); got != "[1]\n" {
			t.Errorf("the session's data: %s", got)
		}
		s.stranger().want(401, "credential_refused", "POST", "/auth_session", `{"email":"bob@example.com","password":"battery staple"}`)
		s.signedIn(bobsEmail, "new")
		bob.want(200, "", "DELETE", "/users/me", "") // fresh, as the password was just proved
	})
}

func TestOwnEmail(t *testing.T) {
	onEachStore(t, func(t *testing.T, s *site) {
		bob, other := s.asBob(), s.asBob()
		bob.want(400, "missing_member", "PUT", "/users/me", `{"email":"rob@example.com"}`)
		bob.want(409, "email_taken", "PUT", "/users/me", `{"email":"ADA@example.com","old_password":"battery staple"}`)
		bob.isIn(true) // whatever the session's token is by now
		bob.want(400, "email_not_acceptable", "PUT", "/users/me", `{"email":"rob","old_password":"battery staple"}`)
		bob.want(400, "password_not_acceptable", "PUT", "/users/me", `{"password":"","old_password":"battery staple"}`)
		bob.isIn(true)
		other.isIn(true)
		bob.want(200, "", "PUT", "/users/me", `{"email":"rob@example.com","old_password":"battery staple"}`)
		bob.isIn(true)
		other.isIn(false)
		s.signedIn("rob@example.com", bobsPassword)
	})
}

// TestRightsAreNotTaken: nobody becomes an administrator by saying so.
func TestRightsAreNotTaken(t *testing.T) {
	onEachStore(t, func(t *testing.T, s *site) {
		bob := s.asBob()
		for _, body := range []string{
			`{"role":"admin"}`, `{"role":"user"}`, `{"disabled":false}`, `{"first_name":"x","role":"admin"}`,
			`{"role":"admin","password":"new","old_password":"battery staple"}`,
		} {
			bob.want(403, "forbidden", "PUT", "/users/me", body)
		}
		if u := jsonOf[seenUser](t, bob.want(200, "", "GET", "/users/me", "")); u.Role != "user" || u.FirstName != nil {
			t.Errorf("%+v", u)
		}
	})
}

func TestAdminEditsOthers(t *testing.T) {
	onEachStore(t, func(t *testing.T, s *site) {
		ada, stale := s.asAda(), s.stale(s.ada)
		path := "/users/" + s.bob.ID.String()
		for _, body := range []string{`{"email":"x@example.com"}`, `{"password":"x"}`, `{"role":"admin"}`, `{"disabled":true}`} {
			stale.want(403, "not_fresh", "PUT", path, body)
		}
		stale.want(403, "not_fresh", "POST", "/users", `{"email":"root@example.com","password":"p","role":"admin"}`)
		ada.want(400, "role_unknown", "PUT", path, `{"role":"emperor"}`)
		ada.want(400, "wrong_format", "PUT", path, `{"password":"new","old_password":"battery staple"}`)

		for _, c := range []struct{ body, password string }{
			{`{"password":"second"}`, "second"},
			{`{"email":"bob@example.org","password":"third"}`, "third"},
			{`{"email":"bob@example.com"}`, "third"},
		} {
			out := s.stale(s.bob)
			got := jsonOf[seenUser](t, ada.want(200, "", "PUT", path, c.body))
			out.isIn(false)
			s.signedIn(*got.Email, c.password).isIn(true)
		}
		bob := s.stale(s.bob)
		if u := jsonOf[seenUser](t, ada.want(200, "", "PUT", path, `{"role":"admin"}`)); u.Role != "admin" {
			t.Errorf("%+v", u)
		}
		bob.isIn(false)
		ada.want(200, "", "PUT", path, `{"role":"user","email":"bob@example.com","password":"battery staple"}`)

		bob = s.asBob()
		if u := jsonOf[seenUser](t, ada.want(200, "", "PUT", path, `{"disabled":true}`)); !*u.Disabled {
			t.Errorf("%+v", u)
		}
		bob.isIn(false)
		s.stranger().want(401, "credential_refused", "POST", "/auth_session", `{"email":"bob@example.com","password":"battery staple"}`)
		ada.want(200, "", "PUT", path, `{"disabled":false}`)
		s.asBob().isIn(true)
		ada.want(404, "not_found", "PUT", "/users/"+handstamp.NewID().String(), `{"role":"admin"}`)
		ada.isIn(true)
	})
}

// TestLastAdmin: there is always somebody who can let others in.
func TestLastAdmin(t *testing.T) {
	onEachStore(t, func(t *testing.T, s *site) {
		ada := s.asAda()
		for _, body := range []string{`{"role":"user"}`, `{"disabled":true}`} {
			ada.want(409, "last_admin", "PUT", "/users/me", body)
		}
		ada.want(409, "last_admin", "DELETE", "/users/"+s.ada.ID.String(), "")
		ada.isIn(true)
		s.stale(s.ada).want(403, "not_fresh", "PUT", "/users/me", `{"role":"user"}`)

		ada.want(200, "", "PUT", "/users/"+s.bob.ID.String(), `{"role":"admin"}`)
		w := ada.want(200, "", "PUT", "/users/me", `{"role":"user","first_name":"Ada"}`)
		if ada.cookie != "" || w.Header().Get("Clear-Site-Data") == "" {
			t.Error("her session has ended, and the browser does not know")
		}
		s.asBob().want(409, "last_admin", "DELETE", "/users/me", "")
	})
}

// TestOneOfTwoAdminsStays: two who take the role from one another at the same time.
func TestOneOfTwoAdminsStays(t *testing.T) {
	onEachStore(t, func(t *testing.T, s *site) {
		root := s.addUser("root@example.com", "p", "admin")
		ada, other := s.asAda(), s.signedIn("root@example.com", "p")
		statuses := make([]int, 2)
		var both sync.WaitGroup
		both.Go(func() { statuses[0] = ada.do("PUT", "/users/"+root.ID.String(), `{"role":"user"}`).Code })
		both.Go(func() { statuses[1] = other.do("PUT", "/users/"+s.ada.ID.String(), `{"role":"user"}`).Code })
		both.Wait()
		if statuses[0] == 200 && statuses[1] == 200 {
			t.Error("nobody is left")
		}
	})
}

// TestTwoPasswordsAtOnce: of two changes with the same old password one wins, and the session of the
// other is out.
func TestTwoPasswordsAtOnce(t *testing.T) {
	onEachStore(t, func(t *testing.T, s *site) {
		clients := []*client{s.asBob(), s.asBob()}
		passwords := []string{"first", "second"}
		statuses := make([]int, 2)
		var both sync.WaitGroup
		for i, c := range clients {
			both.Go(func() {
				body := `{"password":"` + passwords[i] + `","old_password":"battery staple"}`
				statuses[i] = c.do("PUT", "/users/me", body).Code
			})
		}
		both.Wait()
		wins := 0
		for i, status := range statuses {
			if status == 200 {
				wins++
				clients[i].isIn(true)
				s.signedIn(bobsEmail, passwords[i])
			} else {
				clients[i].isIn(false)
			}
		}
		if wins != 1 {
			t.Errorf("statuses %v, want one success", statuses)
		}
	})
}

// TestAnswersKeepSecrets: whatever is asked, no answer has a password or its hash.
func TestAnswersKeepSecrets(t *testing.T) {
	s := newSite(t, "memory")
	ada := s.asAda()
	for _, w := range []string{
		ada.do("GET", "/users", "").Body.String(),
		ada.do("GET", "/audit", "").Body.String(),
		ada.do("PUT", "/users/me", `{"password":"brand new","old_password":"correct horse"}`).Body.String(),
		strings.Join(s.log.lines(""), ""),
	} {
		for _, secret := range []string{plain, "brand new", "argon2id", strings.TrimPrefix(ada.cookie, "session=")} {
			if strings.Contains(w, secret) {
				t.Errorf("%q in %s", secret, w)
			}
		}
	}
}
