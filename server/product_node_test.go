package server_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/handstamp/handstamp"
	services "github.com/handstamp/handstamp/client"
	"github.com/handstamp/handstamp/server"
	"github.com/handstamp/handstamp/server/relay"
	"github.com/handstamp/handstamp/session"
)

// withScope returns the Authorization header of a new client.
func (s *site) withScope(scope services.Scope) string {
	s.t.Helper()
	c, secret, err := s.clients.Add(s.t.Context(), "shop", scope)
	if err != nil {
		s.t.Fatal(err)
	}
	return basic(c.ID.String(), string(secret))
}

// hashOf returns the hash of a client's session, as it is sent.
func (c *client) hash() string {
	h := session.Token(strings.TrimPrefix(c.cookie, "session=")).Hash()
	return fmt.Sprintf("%x", h[:])
}

func TestNodeRoutesByScope(t *testing.T) {
	s := newSite(t, "memory")
	asks, verifies, all := s.withScope(services.ScopeIntrospect), s.withScope(services.ScopeVerify), s.withScope(services.ScopeSessions)
	hash := s.asBob().hash()
	record := fmt.Sprintf(`{"hash":%q,"id":"%s","user_id":"%s","role":"","began_at":"2026-01-01T00:00:00Z","proved_at":"2026-01-01T00:00:00Z","seen_at":"2026-01-01T00:00:00Z","revision":1}`,
		strings.Repeat("ab", 32), handstamp.NewID(), s.bob.ID)
	for _, row := range []struct {
		path, body  string
		verify, all int
	}{
		{"/node/renew", `{"node":"a","lease_ms":1000}`, 200, 200},
		{"/node/release", `{"node":"a"}`, 200, 200},
		{"/node/sessions/load", `{"hash":"` + hash + `"}`, 200, 200},
		{"/node/sessions/touch", `{"hash":"` + hash + `","at":"2026-01-01T00:00:00Z"}`, 200, 200},
		{"/node/sessions/insert", `{"record":` + record + `}`, 403, 200},
		{"/node/sessions/swap", `{"old":"` + strings.Repeat("ab", 32) + `","record":` + record + `}`, 403, 200},
		{"/node/sessions/list", `{"user_id":"` + s.bob.ID.String() + `"}`, 403, 200},
		{"/node/sessions/end", `{"user_id":"` + s.bob.ID.String() + `"}`, 403, 200},
		{"/node/sessions/end", `{"hash":"` + hash + `"}`, 200, 200},
	} {
		for auth, want := range map[string]int{verifies: row.verify, all: row.all, asks: 403} {
			code := ""
			if want == 403 {
				code = "insufficient_scope"
			}
			s.stranger().want(want, code, "POST", row.path, row.body, "Authorization", auth)
		}
		w := s.stranger().want(401, "unauthorized", "POST", row.path, row.body)
		if got := w.Header().Get("WWW-Authenticate"); got != `Basic realm="Handstamp clients"` {
			t.Errorf("%s: WWW-Authenticate %q", row.path, got)
		}
		s.stranger().want(401, "credential_refused", "POST", row.path, row.body, "Authorization", basic(email, plain))
		s.asAda().want(401, "unauthorized", "POST", row.path, row.body)
	}
	if lines := s.log.lines(hash); len(lines) > 0 {
		t.Errorf("the log shows the hash of a token: %s", lines)
	}
}

// TestNodeProblems: what means something to a store has a code of its own.
func TestNodeProblems(t *testing.T) {
	s := newSite(t, "memory")
	all := []string{"Authorization", s.withScope(services.ScopeSessions)}
	bob := s.asBob()
	w := s.stranger().want(200, "", "POST", "/node/sessions/load", `{"hash":"`+bob.hash()+`"}`, all...)
	loaded := jsonOf[struct {
		Incarnation string
		Record      map[string]any
	}](t, w)
	text, err := json.Marshal(loaded.Record)
	if err != nil {
		t.Fatal(err)
	}
	record := string(text)
	if loaded.Incarnation == "" || loaded.Record["user_id"] != s.bob.ID.String() || loaded.Record["hash"] != bob.hash() {
		t.Errorf("%s", w.Body)
	}
	none := strings.Repeat("00", 31) + "01"
	for _, row := range []struct {
		status           int
		code, path, body string
	}{
		{404, "session_gone", "load", `{"hash":"` + none + `"}`},
		{404, "session_gone", "touch", `{"hash":"` + none + `","at":"2026-01-01T00:00:00Z"}`},
		{404, "session_gone", "swap", `{"old":"` + none + `","record":` + record + `}`},
		{409, "session_exists", "insert", `{"record":` + record + `}`},
		{409, "session_changed", "swap", `{"old":"` + bob.hash() + `","record":` + strings.Replace(record, `"revision":1`, `"revision":7`, 1) + `}`},
		{400, "wrong_format", "load", `{"hash":"` + strings.ToUpper(bob.hash()) + `"}`},
		{400, "wrong_format", "load", `{"hash":"00"}`},
		{400, "wrong_format", "load", `{"hash":"` + none + `","more":1}`},
		{400, "wrong_format", "load", `{"hash":"` + none + `","hash":"` + none + `"}`},
		{400, "wrong_format", "load", `[]`},
		{400, "wrong_format", "load", ``},
		{400, "missing_member", "touch", `{"hash":"` + none + `"}`},
		{400, "missing_member", "insert", `{"record":{}}`},
		{400, "wrong_format", "list", `{"limit":100000}`},
		{400, "wrong_format", "end", `{"hash":"` + none + `","hashes":["` + none + `"]}`},
		{400, "wrong_format", "end", `{"hashes":[` + strings.Repeat(`"`+none+`",`, 1000) + `"` + none + `"]}`},
		{400, "wrong_format", "end", `{"hash":"` + none + `","events":[{"at":"2026-01-01T00:00:00Z","action":"logout","outcome":"maybe"}]}`},
		{413, "request_too_large", "insert", `{"record":{"data":"` + strings.Repeat("A", 256<<10) + `"}}`},
	} {
		s.stranger().want(row.status, row.code, "POST", "/node/sessions/"+row.path, row.body, all...)
	}
	for _, body := range []string{`{"lease_ms":1}`, `{"node":"","lease_ms":1}`, `{"node":"a","lease_ms":-1}`, `{"node":"` + strings.Repeat("a", 300) + `"}`, `{"node":"a","lease_ms":4000000}`} {
		s.stranger().want(400, "wrong_format", "POST", "/node/renew", body, all...)
	}
	// Only here may a body be as large as a session's data.
	s.stranger().want(413, "request_too_large", "POST", "/auth_session/login", strings.Repeat(" ", 65<<10))
	bob.isIn(true)
}

// TestNodeEndIsWrittenDown: the audit log says which client has ended a session.
func TestNodeEndIsWrittenDown(t *testing.T) {
	s := newSite(t, "sqlite")
	bob := s.asBob()
	s.stranger().want(200, "", "POST", "/node/sessions/end", `{"hash":"`+bob.hash()+`"}`, "Authorization", s.withScope(services.ScopeVerify))
	bob.isIn(false)
	w := s.asAda().want(200, "", "GET", "/audit?action=logout", "")
	if !strings.Contains(w.Body.String(), `"client shop"`) || !strings.Contains(w.Body.String(), s.bob.ID.String()) {
		t.Errorf("%s", w.Body)
	}
}

func TestNodeRoutesOfABrokenStore(t *testing.T) {
	s := newSite(t, "sqlite")
	auth := s.withScope(services.ScopeSessions)
	s.breakIt()
	for _, path := range []string{"/node/renew", "/node/sessions/load"} {
		s.stranger().want(503, "unavailable", "POST", path, `{}`, "Authorization", auth)
	}
}

// streamed opens the stream of changes on a server, and returns its events as they come.
func streamed(t *testing.T, url, auth, from string) (events func() (name, id, data string), status int) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url+"/api/v1/node/changes", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Host = "example.com"
	r.Header.Set("Authorization", auth)
	if from != "" {
		r.Header.Set("Last-Event-ID", from)
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = answer.Body.Close() })
	lines := bufio.NewScanner(answer.Body)
	if got := answer.Header.Get("Content-Type"); answer.StatusCode == 200 && got != "text/event-stream" {
		t.Errorf("Content-Type %q", got)
	}
	return func() (name, id, data string) {
		for lines.Scan() {
			key, value, _ := strings.Cut(lines.Text(), ": ")
			switch key {
			case "event":
				name = value
			case "id":
				id = value
			case "data":
				data = value
			case "":
				return name, id, data
			}
		}
		return "end", "", ""
	}, answer.StatusCode
}

// wantChange passes over heartbeats.
func wantChange(t *testing.T, events func() (name, id, data string), want string) (id string) {
	t.Helper()
	for {
		name, id, data := events()
		switch {
		case name == "heartbeat":
		case name != "change" || data != want:
			t.Fatalf("%s %s, want change %s", name, data, want)
		default:
			return id
		}
	}
}

func TestNodeStream(t *testing.T) {
	var passesOn *relay.Relay
	s := newSite(t, "memory", func(c *server.Config) { passesOn = c.Relay })
	site := httptest.NewUnstartedServer(s.handler)
	site.Config.WriteTimeout, site.Config.ReadTimeout = 700*time.Millisecond, 700*time.Millisecond // a stream outlives them
	site.Start()
	t.Cleanup(site.Close) // after the streams are closed

	auth := s.withScope(services.ScopeVerify)
	events, status := streamed(t, site.URL, auth, "")
	if status != 200 {
		t.Fatal(status)
	}
	name, id, data := events()
	if name != "heartbeat" || id == "" || !strings.HasPrefix(data, `{"feed":"`) {
		t.Errorf("%s %s %s", name, id, data)
	}
	bob := s.asBob()
	for range 2 {
		if name, _, _ := events(); name != "heartbeat" {
			t.Errorf("event %q while nothing changes", name)
		}
	}
	hash := bob.hash()
	s.stranger().want(200, "", "DELETE", "/auth_session", "", "Cookie", bob.cookie)
	last := wantChange(t, events, `{"hash":"`+hash+`"}`)
	if err := s.sessions.EndUser(t.Context(), s.bob.ID); err != nil {
		t.Fatal(err)
	}
	wantChange(t, events, `{"user_id":"`+s.bob.ID.String()+`"}`)

	// Who was cut off goes on where it was; who cannot is told to forget everything.
	again, _ := streamed(t, site.URL, auth, last)
	wantChange(t, again, `{"user_id":"`+s.bob.ID.String()+`"}`)
	lost, _ := streamed(t, site.URL, auth, "another.1")
	wantChange(t, lost, `{}`)

	for header, want := range map[string]int{s.withScope(services.ScopeIntrospect): 403, "": 401, basic(email, plain): 401} {
		if _, status := streamed(t, site.URL, header, ""); status != want {
			t.Errorf("%q: %d, want %d", header, status, want)
		}
	}
	passesOn.Drain()
	for {
		if name, _, _ := events(); name == "end" {
			break
		}
	}
}
