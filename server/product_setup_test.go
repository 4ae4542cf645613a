package server_test

import (
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/handstamp/handstamp/server"
)

const formType = "application/x-www-form-urlencoded"

// link returns the path of a new setup link.
func (s *site) link() string {
	s.t.Helper()
	secret, err := s.people.NewSetupLink(s.t.Context(), time.Hour)
	if err != nil {
		s.t.Fatal(err)
	}
	return s.config.Prefix + "/setup/" + string(secret)
}

// visit sends a request to a path that is not below that of the API.
func (s *site) visit(method, path, body string, headers ...string) *httptest.ResponseRecorder {
	return do(s.handler, method, path, strings.NewReader(body), headers...)
}

func TestSetupForPrograms(t *testing.T) {
	onEachStore(t, func(t *testing.T, s *site) {
		path := s.link()
		for body, status := range map[string]int{
			`{"email":"root@example.com"}`:                                   400,
			`{"email":"root@example.com","password":"p","role":"user"}`:      400,
			`{"email":"root@example.com","password":"p","email":"x@y.z"}`:    400,
			`{"email":"bob@example.com","password":"p","first_name":"Root"}`: 409,
			`{"email":"root@example.com","password":"","first_name":"Root"}`: 400,
			`{"email":"root@example.com","password":"p","first_name":["x"]}`: 400,
		} {
			if w := s.visit("POST", path, body, "Content-Type", jsonType); w.Code != status {
				t.Errorf("%s: %d %s, want %d", body, w.Code, w.Body, status)
			}
		}
		w := s.visit("POST", path, `{"email":"root@example.com","password":"p"}`, "Content-Type", jsonType)
		if u := jsonOf[seenUser](t, w); w.Code != 201 || u.Role != "admin" || w.Header().Get("Location") != "/api/v1/users/"+u.ID {
			t.Errorf("%d %+v", w.Code, u)
		}
		w = s.visit("POST", path, `{"email":"second@example.com","password":"p"}`, "Content-Type", jsonType)
		if got := jsonOf[struct{ Code string }](t, w); w.Code != 404 || got.Code != "link_not_good" {
			t.Errorf("%d %s", w.Code, w.Body)
		}
		form := url.Values{"email": {"third@example.com"}, "password": {"p"}}.Encode()
		w = s.visit("POST", s.link(), form, "Content-Type", formType, "Accept", "application/json")
		if u := jsonOf[seenUser](t, w); w.Code != 201 || *u.Email != "third@example.com" {
			t.Errorf("%d %+v", w.Code, u)
		}
	})
}

// TestSetupLinkWorksOnce, also for two at the same time.
func TestSetupLinkWorksOnce(t *testing.T) {
	onEachStore(t, func(t *testing.T, s *site) {
		path := s.link()
		codes := make([]int, 4)
		var all sync.WaitGroup
		for i := range codes {
			all.Go(func() {
				body := `{"email":"root` + string(rune('0'+i)) + `@example.com","password":"p"}`
				codes[i] = s.visit("POST", path, body, "Content-Type", jsonType).Code
			})
		}
		all.Wait()
		made := 0
		for _, code := range codes {
			if code == 201 {
				made++
			}
		}
		if made != 1 {
			t.Errorf("%v: %d were made", codes, made)
		}
	})
}

// TestSecretsOfLinksAreNotLogged: whoever reads logs must not become administrator, or somebody else. What
// logs get instead is the route, also for what is mistyped, refused or broken.
func TestSecretsOfLinksAreNotLogged(t *testing.T) {
	for page, linkOf := range map[string]func(s *site) string{
		"/setup/": (*site).link,
		"/reset/": func(s *site) string { return s.asAda().resetLink(s.bob) },
	} {
		s := newSite(t, "memory")
		path := linkOf(s)
		secret := strings.TrimPrefix(path, page)
		var routes []string
		s.config.People.Links = nil
		s.handler = server.New(s.config)
		for _, p := range []string{path, path + "/", path + ".", path + ";x", page + "/" + secret, path + "%2F"} {
			for _, method := range []string{"GET", "POST"} {
				r := httptest.NewRequest(method, p, nil)
				s.handler.ServeHTTP(httptest.NewRecorder(), r)
				routes = append(routes, r.Pattern)
			}
		}
		for i, route := range routes {
			if route != page+"{secret}" {
				t.Errorf("%d: route %q", i, route)
			}
		}
		for _, line := range s.log.lines(secret[len(secret)-20:]) {
			t.Errorf("%s", line)
		}
	}
}

// TestMistypedLinkIsNotLogged: what is no route holds the secret all the same, and has its line in
// the log like every request.
func TestMistypedLinkIsNotLogged(t *testing.T) {
	s := newSite(t, "memory")
	const secret = "Ab3dEf6hIj9lMn2pQr5tUv8xYz1bCd4fGh7jKl0nOp3"
	for i, path := range []string{
		"/RESET/" + secret, "/reset" + secret, "/reset%252F" + secret, "/x/../Reset/" + secret, "/reset-link/" + secret,
		"/SETUP/" + secret, "/setup" + secret, "/setup%252F" + secret, "/setup%5C" + secret, "/x/../Setup/" + secret,
		"/" + strings.Repeat("%C8%BA", 50) + "/setup/" + secret,    // a letter that is longer in lower case
		"/" + strings.Repeat("%E2%84%AA", 50) + "/setup/" + secret, // and one that is shorter
	} {
		s.handler.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", path, nil))
		if n := len(s.log.lines("msg=request")); n != i+1 {
			t.Errorf("%s: %d requests in the log, want %d", path, n, i+1)
		}
	}
	for _, line := range s.log.lines(secret[10:20]) {
		t.Errorf("%s", line)
	}
}
