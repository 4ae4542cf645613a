package server_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/account"
	"github.com/handstamp/handstamp/audit"
	"github.com/handstamp/handstamp/server"
	"github.com/handstamp/handstamp/session"
	"github.com/handstamp/handstamp/store/memory"
	"github.com/handstamp/handstamp/throttle"
)

// plone sends a POST as a client of Plone does, with a body where there is one.
func (s *site) plone(path, body string, headers ...string) *httptest.ResponseRecorder {
	s.t.Helper()
	r := httptest.NewRequest("POST", s.config.Prefix+path, strings.NewReader(body))
	r.Header.Set("Accept", jsonType)
	if body != "" {
		r.Header.Set("Content-Type", jsonType)
	}
	for i := 0; i < len(headers); i += 2 {
		if headers[i] == "Content-Type" {
			r.Header.Del(headers[i])
		}
		r.Header.Add(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	s.handler.ServeHTTP(w, r)
	checkAgainstDocument(s.t, r, body, w)
	if cookies := w.Header()["Set-Cookie"]; cookies != nil {
		s.t.Errorf("%s sets cookies: %q", path, cookies)
	}
	if got := w.Header().Get("Cache-Control"); got != "no-store" {
		s.t.Errorf("%s: Cache-Control %q", path, got)
	}
	return w
}

// tokenIn returns the token in an answer as a header says it, and checks how it is written.
func (s *site) tokenIn(w *httptest.ResponseRecorder) string {
	s.t.Helper()
	token := jsonOf[struct{ Token string }](s.t, w).Token
	if want := "{\n  \"token\": \"" + token + "\"\n}"; w.Code != 200 || token == "" || w.Body.String() != want {
		s.t.Fatalf("%d %q, want %q", w.Code, w.Body, want)
	}
	return "Bearer " + token
}

const ploneLogin = `{"login":"bob@example.com","password":"battery staple"}`

// What plone.restapi writes, to the letter.
const (
	missingCredentials = "{\n  \"error\": {\n    \"message\": \"Login and password must be provided in body.\", \n    \"type\": \"Missing credentials\"\n  }\n}"
	invalidCredentials = "{\n  \"error\": {\n    \"message\": \"Wrong login and/or password.\", \n    \"type\": \"Invalid credentials\"\n  }\n}"
	invalidToken       = "{\n  \"error\": {\n    \"message\": \"The authentication token is invalid or expired.\", \n    \"type\": \"Invalid or expired authentication token\"\n  }\n}"
	unknownToken       = "{\n  \"error\": {\n    \"message\": \"Unknown token\", \n    \"type\": \"Logout failed\"\n  }\n}"
	notJSON            = "{\n  \"message\": \"No JSON object could be decoded\", \n  \"type\": \"DeserializationError\"\n}"
	malformedBody      = "{\n  \"message\": \"Malformed body\", \n  \"type\": \"DeserializationError\"\n}"
)

// TestPloneLife: a program signs in, asks, renews its token, and signs out, at each of the places.
func TestPloneLife(t *testing.T) {
	onEachStore(t, func(t *testing.T, s *site) {
		for _, base := range []string{"", "/api/v1"} {
			for _, slash := range []string{"", "/"} {
				token := s.tokenIn(s.plone(base+"/@login"+slash, ploneLogin))
				s.stranger().want(200, "", "GET", "/users/me", "", "Authorization", token)

				renewed := s.tokenIn(s.plone(base+"/@login-renew"+slash, "", "Authorization", token))
				if renewed == token {
					t.Error("renewing gives the same token")
				}
				s.stranger().want(200, "", "GET", "/users/me", "", "Authorization", renewed)

				w := s.plone(base+"/@logout"+slash, "", "Authorization", renewed)
				if _, has := w.Header()["Content-Type"]; w.Code != 204 || w.Body.Len() > 0 || has {
					t.Errorf("@logout: %d %q %v", w.Code, w.Body, w.Header())
				}
				s.stranger().want(401, "credential_refused", "GET", "/users/me", "", "Authorization", renewed)
				if w := s.plone(base+"/@login-renew"+slash, "", "Authorization", renewed); w.Code != 401 || w.Body.String() != invalidToken {
					t.Errorf("renewing after the end: %d %s", w.Code, w.Body)
				}
				if w := s.plone(base+"/@logout"+slash, "", "Authorization", renewed); w.Code != 400 || w.Body.String() != unknownToken {
					t.Errorf("@logout a second time: %d %s", w.Code, w.Body)
				}
			}
		}
		for _, secret := range []string{"eyJ", bobsPassword} {
			if lines := s.log.lines(secret); len(lines) > 0 {
				t.Errorf("the log shows %q: %s", secret, lines)
			}
		}
	})
}

func TestPloneLoginRefuses(t *testing.T) {
	s := newSite(t, "memory")
	if _, err := s.people.Edit(t.Context(), s.addUser("disabled@example.com", "battery staple", "user").ID, account.Edit{Disabled: ptr(true)}); err != nil {
		t.Fatal(err)
	}
	ada := s.bearer(s.ada)
	for name, c := range map[string]struct {
		body, kind string
		status     int
		want       string
	}{
		"no body":               {"", jsonType, 400, missingCredentials},
		"no body, and no type":  {"", "", 400, missingCredentials},
		"an empty object":       {"{}", jsonType, 400, missingCredentials},
		"no password":           {`{"login":"bob@example.com"}`, jsonType, 400, missingCredentials},
		"no login":              {`{"password":"battery staple"}`, jsonType, 400, missingCredentials},
		"our own names":         {`{"email":"bob@example.com","password":"battery staple"}`, jsonType, 400, missingCredentials},
		"a wrong password":      {`{"login":"bob@example.com","password":"wrong"}`, jsonType, 401, invalidCredentials},
		"an empty password":     {`{"login":"bob@example.com","password":""}`, jsonType, 401, invalidCredentials},
		"nobody":                {`{"login":"","password":""}`, jsonType, 401, invalidCredentials},
		"an unknown user":       {`{"login":"eve@example.com","password":"battery staple"}`, jsonType, 401, invalidCredentials},
		"no email":              {`{"login":"bob","password":"battery staple"}`, jsonType, 401, invalidCredentials},
		"a disabled user":       {`{"login":"disabled@example.com","password":"battery staple"}`, jsonType, 401, invalidCredentials},
		"a long password":       {`{"login":"bob@example.com","password":"` + strings.Repeat("x", 5000) + `"}`, jsonType, 401, invalidCredentials},
		"a password with NUL":   {`{"login":"bob@example.com","password":"a\u0000b"}`, jsonType, 401, invalidCredentials},
		"half of JSON":          {`{"login":`, jsonType, 400, notJSON},
		"two objects":           {ploneLogin + ploneLogin, jsonType, 400, notJSON},
		"a form":                {"login=bob@example.com&password=battery+staple", "application/x-www-form-urlencoded", 400, notJSON},
		"JSON as text":          {ploneLogin, "text/plain", 400, notJSON},
		"a list":                {"[]", jsonType, 400, malformedBody},
		"null":                  {"null", jsonType, 400, malformedBody},
		"a number for a login":  {`{"login":1,"password":"battery staple"}`, jsonType, 400, malformedBody},
		"null for a password":   {`{"login":"bob@example.com","password":null}`, jsonType, 400, malformedBody},
		"half a surrogate pair": {`{"login":"bob@example.com","password":"\ud800"}`, jsonType, 400, malformedBody},
		"a member twice":        {`{"login":"eve@example.com","login":"bob@example.com","password":"battery staple"}`, jsonType, 400, malformedBody},
		"no UTF-8":              {"{\"login\":\"bob@example.com\",\"password\":\"\xff\"}", jsonType, 400, malformedBody},
	} {
		// A bearer token beside it makes no difference.
		for _, headers := range [][]string{{"Content-Type", c.kind}, {"Content-Type", c.kind, "Authorization", ada}} {
			w := s.plone("/api/v1/@login", c.body, headers...)
			if w.Code != c.status || w.Body.String() != c.want || w.Header().Get("Content-Type") != jsonType {
				t.Errorf("%s: %d %s, want %d %s", name, w.Code, w.Body, c.status, c.want)
			}
			if got := w.Header().Get("WWW-Authenticate"); (got == `Bearer realm="Handstamp"`) != (c.status == 401) {
				t.Errorf("%s: WWW-Authenticate %q", name, got)
			}
		}
	}
	// Credentials in the body win over a token, and what else Plone's clients send is left alone.
	token := s.tokenIn(s.plone("/@login", `{"login":"bob@example.com","password":"battery staple","__ac_persistent":true}`, "Authorization", ada))
	if got := jsonOf[seenUser](t, s.stranger().want(200, "", "GET", "/users/me", "", "Authorization", token)); got.ID != s.bob.ID.String() {
		t.Errorf("signed in as %s", got.ID)
	}
	w := s.plone("/api/v1/@login", `{"login":"`+strings.Repeat("x", 70<<10))
	if w.Code != 413 {
		t.Errorf("a huge body: %d %s", w.Code, w.Body)
	}
}

// TestPloneLoginIsAudited, as every login is.
func TestPloneLoginIsAudited(t *testing.T) {
	s := newSite(t, "memory")
	s.plone("/@login", ploneLogin)
	s.plone("/@login", `{"login":"bob@example.com","password":"wrong"}`)
	entries, err := s.config.Audit.Entries(t.Context(), audit.Filter{UserID: s.bob.ID, Action: "login", Limit: 9})
	if err != nil || len(entries) != 2 || entries[0].Outcome != "success" || entries[0].SessionID.IsZero() || entries[1].Outcome != "failure" {
		t.Errorf("%+v, %v", entries, err)
	}
}

// TestPloneTokens: what a header must be like. Of what cannot be a token, nobody is asked.
func TestPloneTokens(t *testing.T) {
	s := newSite(t, "memory")
	jwt := strings.TrimPrefix(s.bearer(s.bob), "Bearer ")
	for name, sent := range map[string][]string{
		"nothing":             nil,
		"an empty header":     {""},
		"the scheme alone":    {"Bearer"},
		"no token":            {"Bearer "},
		"the token alone":     {jwt},
		"another scheme":      {"Basic " + jwt},
		"a longer scheme":     {"Bearers " + jwt},
		"a tab":               {"Bearer\t" + jwt},
		"two tokens":          {"Bearer " + jwt + " " + jwt},
		"two, with a comma":   {"Bearer " + jwt + ", Bearer " + jwt},
		"a control character": {"Bearer " + jwt + "\x00"},
		"a line end":          {"Bearer " + jwt + "\n"},
		"a quoted token":      {`Bearer "` + jwt + `"`},
		"a letter beyond":     {"Bearer " + jwt + "é"},
		"a part of it":        {"Bearer " + jwt[:len(jwt)-1]},
		"more than it":        {"Bearer " + jwt + "A"},
		"huge":                {"Bearer " + strings.Repeat("A", 4097)},
		"garbage":             {"Bearer garbage"},
		"somebody's password": {basic(bobsEmail, bobsPassword)},
	} {
		var headers []string
		for _, value := range sent {
			headers = append(headers, "Authorization", value)
		}
		if w := s.plone("/api/v1/@login-renew", "", headers...); w.Code != 401 || w.Body.String() != invalidToken || w.Header().Get("WWW-Authenticate") == "" {
			t.Errorf("%s, @login-renew: %d %s %v", name, w.Code, w.Body, w.Header())
		}
		if w := s.plone("/api/v1/@logout", "", headers...); w.Code != 400 || w.Body.String() != unknownToken {
			t.Errorf("%s, @logout: %d %s", name, w.Code, w.Body)
		}
	}
	s.stranger().want(200, "", "GET", "/users/me", "", "Authorization", "Bearer "+jwt) // nothing of all that has ended it
	next := s.tokenIn(s.plone("/@login-renew", "", "Authorization", "bEaReR   "+jwt))
	if w := s.plone("/@logout", "", "Authorization", strings.Replace(next, "Bearer", "BEARER", 1)); w.Code != 204 {
		t.Errorf("in capitals: %d %s", w.Code, w.Body)
	}
}

// TestPloneWithTwoHeaders, on a server without anything in front of it that would refuse them.
func TestPloneWithTwoHeaders(t *testing.T) {
	s := newSite(t, "memory", func(c *server.Config) {
		c.Web, c.Profile.NeedsWeb, c.Profile.Pages = nil, false, false
	})
	token := s.bearer(s.bob)
	for _, other := range []string{token, "Bearer x", "Basic x", ""} {
		for _, both := range [][]string{{token, other}, {other, token}} {
			for path, want := range map[string]string{"/@login-renew": invalidToken, "/@logout": unknownToken} {
				w := s.plone(path, "", "Authorization", both[0], "Authorization", both[1])
				if w.Body.String() != want {
					t.Errorf("%s with %q: %d %s", path, other, w.Code, w.Body)
				}
			}
		}
	}
	s.tokenIn(s.plone("/@login-renew", "", "Authorization", token))
}

// TestPloneMethods: there is nothing but POST.
func TestPloneMethods(t *testing.T) {
	s := newSite(t, "memory")
	for _, path := range []string{"/@login", "/@login-renew", "/@logout"} {
		for _, base := range []string{"", "/api/v1"} {
			for _, method := range []string{"GET", "HEAD", "PUT", "PATCH", "DELETE"} {
				w := do(s.handler, method, base+path, nil, "Authorization", s.bearer(s.bob))
				if w.Code != 405 || w.Header().Get("Allow") != "OPTIONS, POST" {
					t.Errorf("%s %s: %d %v", method, base+path, w.Code, w.Header())
				}
			}
		}
	}
}

// TestPloneLater: too many, too busy, and broken, in Plone's form.
func TestPloneLater(t *testing.T) {
	s := newSite(t, "memory")
	limits := throttle.Standard()
	limits.Account.Burst = 1
	limiter, err := throttle.New(memory.NewThrottle(), []byte(strings.Repeat("k", 32)), limits)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(limiter.Close)
	s.people.Limits = limiter
	later := func(w *httptest.ResponseRecorder, status int) {
		t.Helper()
		got := jsonOf[struct {
			Error struct{ Type, Message string }
		}](t, w).Error
		if w.Code != status || w.Header().Get("Retry-After") == "" || got.Type != http.StatusText(status) || got.Message == "" {
			t.Errorf("%d %s %v, want %d", w.Code, w.Body, w.Header(), status)
		}
		if !strings.HasPrefix(w.Body.String(), "{\n  \"error\": {\n    \"message\": ") || strings.HasSuffix(w.Body.String(), "\n") {
			t.Errorf("written as %q", w.Body)
		}
	}
	s.plone("/@login", `{"login":"bob@example.com","password":"wrong"}`)
	later(s.plone("/api/v1/@login", ploneLogin), 429)
	s.people.Limits = nil

	token, adas := s.bearer(s.bob), s.bearer(s.ada)
	for range 60 {
		token = s.tokenIn(s.plone("/@login-renew", "", "Authorization", token))
	}
	later(s.plone("/api/v1/@login-renew", "", "Authorization", token), 429)
	for range 61 { // administrators have their reasons
		adas = s.tokenIn(s.plone("/@login-renew", "", "Authorization", adas))
	}

	s.tokens.breakDown(errors.New("the store is down"))
	later(s.plone("/api/v1/@login-renew", "", "Authorization", adas), 503)
	later(s.plone("/api/v1/@logout", "", "Authorization", adas), 503)
	s.tokens.breakDown(nil)
	s.tokenIn(s.plone("/@login-renew", "", "Authorization", adas))
}

func TestPloneOnBrokenStore(t *testing.T) {
	s := newSite(t, "sqlite")
	s.breakIt()
	w := s.plone("/api/v1/@login", ploneLogin)
	if w.Code != 503 || w.Header().Get("Retry-After") != "1" {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

// TestPloneLoginLosesAgainstRevoking: what is revoked while the password is being looked at ends the token, too.
func TestPloneLoginLosesAgainstRevoking(t *testing.T) {
	s := newSite(t, "memory")
	s.people.Notify = func(_ context.Context, e handstamp.Event) {
		if e.Action == handstamp.ActionFault {
			t.Errorf("that the session had ended already is no fault: %v", e)
		}
	}
	began := make(chan session.Token, 1)
	s.tokens.onBegin = func(jwt session.Token) {
		if _, err := s.people.Edit(t.Context(), s.bob.ID, account.Edit{Disabled: ptr(true)}); err != nil {
			t.Error(err)
		}
		began <- jwt
	}
	if w := s.plone("/@login", ploneLogin); w.Code != 401 || w.Body.String() != invalidCredentials {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	select {
	case jwt := <-began:
		if _, err := s.tokens.Inspect(t.Context(), jwt); err == nil {
			t.Error("the token is good")
		}
	case <-time.After(time.Minute):
		t.Error("no session has begun")
	}
}

// TestWithoutTokens: classic and embedded servers that have none answer as before.
func TestWithoutTokens(t *testing.T) {
	s := newSite(t, "memory", func(c *server.Config) { c.Tokens, c.Clients, c.JWKS = nil, nil, nil })
	ada := s.asAda().cookie
	for method, paths := range map[string][]string{
		"POST": {"/@login", "/@login-renew", "/@logout", "/api/v1/@login", "/api/v1/token/introspect"},
		"GET":  {"/.well-known/jwks.json"},
	} {
		for _, path := range paths {
			if w := do(s.handler, method, path, nil); w.Code != 401 {
				t.Errorf("%s as a stranger: %d %s", path, w.Code, w.Body)
			}
			if w := do(s.handler, method, path, nil, "Cookie", ada); w.Code != 404 {
				t.Errorf("%s: %d %s", path, w.Code, w.Body)
			}
		}
	}
	config, _ := newConfig(t)
	classic := server.New(config)
	if w := do(classic, "POST", "/@login", nil, "Cookie", login(t, classic)); w.Code != 404 {
		t.Errorf("classic: %d %s", w.Code, w.Body)
	}
}

// TestJWKS is whatever the handler answers, to everybody.
func TestJWKS(t *testing.T) {
	s := newSite(t, "memory")
	for _, path := range []string{"/.well-known/jwks.json", "/.well-known/jwks.json/"} {
		w := do(s.handler, "GET", path, nil)
		if w.Code != 200 || !strings.Contains(w.Body.String(), `"crv":"Ed25519"`) || !strings.Contains(w.Header().Get("Cache-Control"), "max-age=") || !json.Valid(w.Body.Bytes()) {
			t.Errorf("%s: %d %s %v", path, w.Code, w.Body, w.Header())
		}
	}
	if w := do(s.handler, "POST", "/.well-known/jwks.json", nil); w.Code != 405 {
		t.Errorf("POST: %d", w.Code)
	}
}
