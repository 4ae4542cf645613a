package server_test

import (
	"encoding/base64"
	"errors"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/handstamp/handstamp"
	services "github.com/handstamp/handstamp/client"
	"github.com/handstamp/handstamp/server"
)

// A service is a client that asks about tokens.
type service struct {
	*site
	id, secret string
}

func (s *site) service() service {
	s.t.Helper()
	c, secret, err := s.clients.Add(s.t.Context(), "billing", services.ScopeIntrospect)
	if err != nil {
		s.t.Fatal(err)
	}
	return service{s, c.ID.String(), string(secret)}
}

// ask sends a form to where tokens are asked about.
func (s *site) ask(form string, headers ...string) *httptest.ResponseRecorder {
	s.t.Helper()
	return s.askAt("", form, headers...)
}

func (s *site) askAt(query, form string, headers ...string) *httptest.ResponseRecorder {
	s.t.Helper()
	r := httptest.NewRequest("POST", s.config.Prefix+"/api/v1/token/introspect"+query, strings.NewReader(form))
	r.Header.Set("Content-Type", formType)
	for i := 0; i < len(headers); i += 2 {
		if headers[i] == "Content-Type" {
			r.Header.Del(headers[i])
		}
		r.Header.Add(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	s.handler.ServeHTTP(w, r)
	checkAgainstDocument(s.t, r, form, w)
	if got := w.Header().Get("Cache-Control"); got != "no-store" {
		s.t.Errorf("Cache-Control %q", got)
	}
	return w
}

// basic is how a service proves who it is in a header.
func (c service) basic() string { return basic(c.id, c.secret) }

// inForm is how it does so in a form.
func (c service) inForm() string {
	return "&" + url.Values{"client_id": {c.id}, "client_secret": {c.secret}}.Encode()
}

func bare(header string) string { return strings.TrimPrefix(header, "Bearer ") }

const inactive = `{"active":false}` + "\n"

// TestIntrospectTellsOfALiveToken all that is in it, until the session ends.
func TestIntrospectTellsOfALiveToken(t *testing.T) {
	onEachStore(t, func(t *testing.T, s *site) {
		asks := s.service()
		token := s.bearer(s.bob)
		claims, err := s.tokens.Inspect(t.Context(), s.jwt(token))
		if err != nil {
			t.Fatal(err)
		}
		want := map[string]any{
			"active": true, "token_type": "Bearer", "username": bobsEmail, "sub": s.bob.ID.String(), "sid": claims.SessionID.String(),
			"iss": "http://example.com", "aud": "http://example.com", "exp": float64(claims.ExpiresAt.Unix()),
			"iat": float64(claims.IssuedAt.Unix()), "jti": claims.ID, "role": "user",
		}
		form := "token=" + bare(token)
		for name, w := range map[string]*httptest.ResponseRecorder{
			"by Basic":                  s.ask(form, "Authorization", asks.basic()),
			"by the form":               s.ask(form + asks.inForm()),
			"with a hint":               s.ask(form+"&token_type_hint=refresh_token", "Authorization", asks.basic()),
			"with what nobody knows":    s.ask(form+"&colour=red", "Authorization", asks.basic()),
			"with a charset":            s.ask(form, "Authorization", asks.basic(), "Content-Type", formType+"; charset=utf-8"),
			"with everything escaped":   s.ask(form, "Authorization", basic(escaped(asks.id), escaped(asks.secret))),
			"in another letter case":    s.ask(form, "Authorization", "bASIC "+asks.basic()[len("Basic "):]),
			"beside a visitor's cookie": s.ask(form, "Authorization", asks.basic(), "Cookie", s.asAda().cookie),
		} {
			if w.Code != 200 {
				t.Errorf("%s: %d %s", name, w.Code, w.Body)
				continue
			}
			diff(t, name, want, jsonOf[map[string]any](t, w))
		}
		s.stranger().want(200, "", "DELETE", "/auth_session", "", "Authorization", token)
		if w := s.ask(form, "Authorization", asks.basic()); w.Code != 200 || w.Body.String() != inactive {
			t.Errorf("after the end: %d %s", w.Code, w.Body)
		}
		for _, secret := range []string{bare(token), asks.secret} {
			if lines := s.log.lines(secret); len(lines) > 0 {
				t.Errorf("the log shows a secret: %s", lines)
			}
		}
	})
}

// escaped writes every byte of s as an escape.
func escaped(s string) string {
	var b strings.Builder
	for _, c := range []byte(s) {
		b.WriteString("%" + strings.ToUpper(string("0123456789abcdef"[c>>4])+string("0123456789abcdef"[c&15])))
	}
	return b.String()
}

// TestIntrospectTellsNothingElse: of what is not a live token of ours, all answers are the same.
func TestIntrospectTellsNothingElse(t *testing.T) {
	s := newSite(t, "memory")
	asks := s.service()
	token := bare(s.bearer(s.bob))
	cookie := strings.TrimPrefix(s.asBob().cookie, "session=")
	for name, sent := range map[string]string{
		"garbage":             "garbage",
		"a part of one":       token[:len(token)-1],
		"more than one":       token + "A",
		"one with a blank":    token + " ",
		"one with a line end": token + "\n",
		"one with NUL":        token + "\x00",
		"two":                 token + "," + token,
		"a foreign one":       "eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiJhZGEifQ.c2lnbmF0dXJl",
		"without a signature": "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhZGEifQ.",
		"one in JSON":         `{"payload":"eyJ","signature":"x"}`,
		"a huge one":          strings.Repeat("A", 5000),
		"a session's token":   cookie,
		"the client's secret": asks.secret,
		"no UTF-8":            "\xff\xfe",
		"only padding":        "==",
	} {
		w := s.ask(url.Values{"token": {sent}}.Encode(), "Authorization", asks.basic())
		if w.Code != 200 || w.Body.String() != inactive || w.Header().Get("Content-Type") != jsonType {
			t.Errorf("%s: %d %s", name, w.Code, w.Body)
		}
	}
	if w := s.ask("token="+token, "Authorization", asks.basic()); !strings.Contains(w.Body.String(), `"active":true`) {
		t.Errorf("the token itself: %s", w.Body)
	}
}

// TestIntrospectWantsAClient, which proves itself in one way.
func TestIntrospectWantsAClient(t *testing.T) {
	s := newSite(t, "memory")
	asks, deleted := s.service(), s.service()
	id, err := handstamp.ParseID(deleted.id)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.clients.Delete(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	token := s.bearer(s.bob)
	form := "token=" + bare(token)
	in := func(id, secret string) string {
		return form + "&" + url.Values{"client_id": {id}, "client_secret": {secret}}.Encode()
	}
	for name, c := range map[string]struct {
		form          string
		authorization []string
		status        int
		code          string
	}{
		"nobody":                        {form, nil, 401, "invalid_client"},
		"an empty header":               {form, []string{""}, 401, "invalid_client"},
		"a user by Basic":               {form, []string{basic(email, plain)}, 401, "invalid_client"},
		"a user by the form":            {in(email, plain), nil, 401, "invalid_client"},
		"a user by the token":           {form, []string{token}, 401, "invalid_client"},
		"a wrong secret":                {form, []string{basic(asks.id, deleted.secret)}, 401, "invalid_client"},
		"a wrong secret in the form":    {in(asks.id, deleted.secret), nil, 401, "invalid_client"},
		"a deleted client":              {form, []string{deleted.basic()}, 401, "invalid_client"},
		"a deleted client, by form":     {in(deleted.id, deleted.secret), nil, 401, "invalid_client"},
		"an unknown client":             {form, []string{basic(handstamp.NewID().String(), asks.secret)}, 401, "invalid_client"},
		"no secret":                     {form + "&client_id=" + asks.id, nil, 401, "invalid_client"},
		"no id":                         {form + "&client_secret=" + asks.secret, nil, 401, "invalid_client"},
		"a broken escape":               {form, []string{basic(asks.id+"%", asks.secret)}, 401, "invalid_client"},
		"broken base64":                 {form, []string{"Basic !" + base64.StdEncoding.EncodeToString([]byte(asks.id))}, 401, "invalid_client"},
		"both ways":                     {form + asks.inForm(), []string{asks.basic()}, 400, "invalid_request"},
		"the id a second time":          {form + "&client_id=" + asks.id, []string{asks.basic()}, 400, "invalid_request"},
		"both ways, one of them bad":    {form + asks.inForm(), []string{token}, 400, "invalid_request"},
		"no token":                      {"token_type_hint=access_token", []string{asks.basic()}, 400, "invalid_request"},
		"an empty token":                {"token=", []string{asks.basic()}, 400, "invalid_request"},
		"two tokens":                    {form + "&" + form, []string{asks.basic()}, 400, "invalid_request"},
		"two ids":                       {in(asks.id, asks.secret) + "&client_id=" + asks.id, nil, 401, "invalid_client"},
		"a broken form":                 {form + "&x=%zz", []string{asks.basic()}, 400, "invalid_request"},
		"a broken form from a stranger": {form + "&x=%zz", nil, 401, "invalid_client"},
	} {
		var headers []string
		for _, value := range c.authorization {
			headers = append(headers, "Authorization", value)
		}
		w := s.ask(c.form, headers...)
		got := jsonOf[map[string]string](t, w)
		if w.Code != c.status || got["error"] != c.code || got["error_description"] == "" || len(got) != 2 {
			t.Errorf("%s: %d %s, want %d %s", name, w.Code, w.Body, c.status, c.code)
		}
		if challenge := w.Header().Values("WWW-Authenticate"); (len(challenge) == 1 && challenge[0] == `Basic realm="Handstamp clients"`) != (c.status == 401) {
			t.Errorf("%s: WWW-Authenticate %q", name, challenge)
		}
	}
	for name, w := range map[string]*httptest.ResponseRecorder{
		"JSON":             s.ask(`{"token":"`+bare(token)+`"}`, "Authorization", asks.basic(), "Content-Type", jsonType),
		"no type":          s.ask(form, "Authorization", asks.basic(), "Content-Type", ""),
		"a query":          s.askAt("?"+form, "", "Authorization", asks.basic()),
		"a query, besides": s.askAt("?x=1", form, "Authorization", asks.basic()),
	} {
		if got := jsonOf[map[string]string](t, w); w.Code != 400 || got["error"] != "invalid_request" {
			t.Errorf("%s: %d %s", name, w.Code, w.Body)
		}
	}
	for _, method := range []string{"GET", "PUT", "DELETE"} {
		if w := do(s.handler, method, "/api/v1/token/introspect?"+form, nil, "Authorization", asks.basic()); w.Code != 405 {
			t.Errorf("%s: %d", method, w.Code)
		}
	}
}

// TestClientsAreNoUsers: what proves a service opens no other door.
func TestClientsAreNoUsers(t *testing.T) {
	s := newSite(t, "memory")
	asks := s.service()
	for _, path := range []string{"/users/me", "/auth_session", "/users"} {
		s.stranger().want(401, "credential_refused", "GET", path, "", "Authorization", asks.basic())
	}
	if w := s.plone("/@login", `{"login":"`+asks.id+`","password":"`+asks.secret+`"}`); w.Code != 401 {
		t.Errorf("@login: %d %s", w.Code, w.Body)
	}
}

// TestIntrospectWhenBroken: nobody is told that a token is dead because a store is down.
func TestIntrospectWhenBroken(t *testing.T) {
	broken := func(what string, w *httptest.ResponseRecorder) {
		t.Helper()
		got := jsonOf[map[string]string](t, w)
		if w.Code != 503 || got["error"] != "temporarily_unavailable" || w.Header().Get("Retry-After") != "1" {
			t.Errorf("%s: %d %s", what, w.Code, w.Body)
		}
	}
	s := newSite(t, "memory")
	asks := s.service()
	form := "token=" + bare(s.bearer(s.bob))
	s.tokens.breakDown(errors.New("the store is down"))
	broken("the tokens' store", s.ask(form, "Authorization", asks.basic()))

	onDisk := newSite(t, "sqlite")
	elsewhere := service{onDisk, asks.id, asks.secret}
	onDisk.breakIt()
	broken("the clients' store", onDisk.ask(form, "Authorization", elsewhere.basic()))
	broken("the clients' store, by form", onDisk.ask(form+elsewhere.inForm()))
}

// TestIntrospectOfSomebodyElse: a user who is kept elsewhere, or is gone already, has no name here.
func TestIntrospectOfSomebodyElse(t *testing.T) {
	s := newSite(t, "memory", func(c *server.Config) {
		c.Prefix = "/auth"
		c.Web, c.Profile.NeedsWeb, c.Profile.Pages = nil, false, false // which leaves headers to the route
	})
	asks := s.service()
	token := s.bearer(s.bob)
	stranger := s.bob
	stranger.ID = handstamp.NewID()
	w := s.ask("token="+bare(s.bearer(stranger)), "Authorization", asks.basic())
	if got := jsonOf[map[string]any](t, w); got["active"] != true || got["sub"] != stranger.ID.String() || got["username"] != nil {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if w := s.ask("token="+bare(token), "Authorization", asks.basic()); !strings.Contains(w.Body.String(), bobsEmail) {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}
