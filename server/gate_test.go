package server_test

import (
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/server"
)

// TestGateComesFirst: strangers do not learn which paths and methods there are. First it is asked
// whether there is a credential, then whether it is good, and only then what was wanted.
func TestGateComesFirst(t *testing.T) {
	config, _ := newConfig(t)
	h := server.New(config)
	good := login(t, h)
	for _, row := range []struct {
		method, path string
		want         int // when the credential is good
	}{
		{"GET", "/", 404},
		{"GET", "/nope", 404},
		{"GET", "/api/v1", 404},
		{"GET", "/api/v1/nope", 404},
		{"GET", "/api/v1/auth_session/nope", 404},
		{"GET", "/api/v1/users/nobody", 404},
		{"POST", "/api/v1/stats", 405},
		{"PATCH", "/api/v1/users", 405},
		{"FOO", "/api/v1/users/me", 405},
		{"GET", "/api/v1/auth_session/logout", 405},
		{"OPTIONS", "/api/v1/users", 200},
		{"HEAD", "/api/v1/users", 200},
		{"GET", "/api/v1/stats", 200},
	} {
		for _, has := range []struct {
			name, header, value string
			want                int
		}{
			{"nothing", "X-Nothing", "", 401},
			{"an empty Authorization", "Authorization", "", 401},
			{"an empty cookie", "Cookie", "_my_session_id=", 401},
			{"another cookie", "Cookie", "_MY_SESSION_ID=x", 401},
			{"a bad cookie", "Cookie", "_my_session_id=x", 403},
			{"a scheme not in force", "Authorization", "Test", 403},
			{"a session", "Cookie", good, row.want},
		} {
			w := do(h, row.method, row.path, nil, has.header, has.value)
			if w.Code != has.want {
				t.Errorf("%s %s with %s: %d, want %d", row.method, row.path, has.name, w.Code, has.want)
			}
			if (w.Code == 401 || w.Code == 403) && w.Header().Get("Allow") != "" {
				t.Errorf("%s %s with %s: Allow %q", row.method, row.path, has.name, w.Header().Get("Allow"))
			}
		}
	}
}

// TestAllow: what a path allows is told to those who may know, and to a HEAD it is what GET is.
func TestAllow(t *testing.T) {
	h := newOpen(t)
	for path, want := range map[string]string{
		"/api/v1/status":              "GET, HEAD, OPTIONS",
		"/api/v1/users":               "GET, HEAD, OPTIONS, POST",
		"/api/v1/users/":              "GET, HEAD, OPTIONS, POST",
		"/api/v1/users/nobody":        "DELETE, GET, HEAD, OPTIONS, PUT",
		"/api/v1/auth_session/login":  "OPTIONS, POST",
		"/api/v1/auth_session/logout": "DELETE, OPTIONS",
		"/api/v1/auth_session":        "DELETE, OPTIONS, POST",
	} {
		for method, status := range map[string]int{"OPTIONS": 200, "FOO": 405} {
			w := do(h, method, path, nil)
			if got := w.Header().Get("Allow"); got != want || w.Code != status {
				t.Errorf("%s %s: %d, Allow %q, want %q", method, path, w.Code, got, want)
			}
		}
	}
	if w := do(h, "HEAD", "/api/v1/auth_session/login", nil); w.Code != http.StatusMethodNotAllowed {
		t.Errorf("HEAD where there is no GET: %d", w.Code)
	}
}

// TestDeletedUserIsOut: a session ends with its user, on every path and not only where the user
// is looked up.
func TestDeletedUserIsOut(t *testing.T) {
	config, _ := newConfig(t)
	h := server.New(config)
	mine, another := login(t, h), login(t, h)
	who, err := config.People.ByEmail(t.Context(), email)
	if err != nil {
		t.Fatal(err)
	}
	if w := do(h, "DELETE", "/api/v1/users/"+who.ID.String(), nil, "Cookie", mine); w.Code != http.StatusOK {
		t.Fatalf("delete: %d %s", w.Code, w.Body)
	}
	for _, cookie := range []string{mine, another} {
		for _, path := range []string{"/api/v1/users/me", "/api/v1/stats"} {
			if w := do(h, "GET", path, nil, "Cookie", cookie); w.Code != http.StatusForbidden {
				t.Errorf("%s: %d, want 403", path, w.Code)
			}
		}
	}
}

// TestNobodyGetsIn: without any authenticator only the public paths are open, and with Open all.
func TestNobodyGetsIn(t *testing.T) {
	config, _ := newConfig(t)
	config.Authenticators, config.Sessions = nil, nil
	closed := server.New(config)
	config.Open = true
	open := server.New(config)
	for _, row := range []struct {
		path         string
		closed, open int
	}{
		{"/api/v1/status", 200, 200},
		{"/api/v1/stats", 401, 200},
		{"/api/v1/users", 401, 200},
		{"/api/v1/users/me", 401, 404}, // nobody is asking
		{"/nope", 401, 404},
	} {
		if w := do(closed, "GET", row.path, nil); w.Code != row.closed {
			t.Errorf("closed: %s: %d, want %d", row.path, w.Code, row.closed)
		}
		if w := do(open, "GET", row.path, nil); w.Code != row.open {
			t.Errorf("open: %s: %d, want %d", row.path, w.Code, row.open)
		}
	}
}

// TestEmbeddedHandler mounts the server inside of somebody's own program, beside a page that is
// guarded with the same sessions, and signs in.
func TestEmbeddedHandler(t *testing.T) {
	config, _ := newConfig(t)
	guard := handstamp.NewGuard(config.Sessions)
	mux := http.NewServeMux()
	mux.Handle("/api/v1/", server.New(config))
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "welcome") })
	mux.Handle("GET /mine", guard.Require()(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		who, _ := handstamp.From(r.Context())
		_, _ = io.WriteString(w, who.UserID.String())
	})))
	s := httptest.NewServer(mux)
	defer s.Close()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	browser := &http.Client{Transport: s.Client().Transport, Jar: jar}
	defer browser.CloseIdleConnections()

	visit := func(method, path, form string) (int, string) {
		t.Helper()
		r, err := http.NewRequestWithContext(t.Context(), method, s.URL+path, strings.NewReader(form))
		if err != nil {
			t.Fatal(err)
		}
		if form != "" {
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		}
		response, err := browser.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		body, err := io.ReadAll(response.Body)
		if err != nil {
			t.Fatal(err)
		}
		if outside := !strings.HasPrefix(path, "/api/"); outside && len(corsOf(response.Header)) > 0 {
			t.Errorf("%s: the server adds to pages that are not its own: %v", path, response.Header)
		}
		return response.StatusCode, string(body)
	}
	step := func(method, path, form string, status int, part string) string {
		t.Helper()
		code, body := visit(method, path, form)
		if code != status || !strings.Contains(body, part) {
			t.Fatalf("%s %s: %d %q, want %d and %q", method, path, code, body, status, part)
		}
		return body
	}

	step("GET", "/", "", 200, "welcome")
	step("GET", "/mine", "", 401, "")
	step("GET", "/api/v1/users/me", "", 401, "Unauthorized")
	form := url.Values{"email": {email}, "password": {plain}}.Encode()
	step("POST", "/api/v1/auth_session/login", form, 200, email)
	step("GET", "/api/v1/users/me", "", 200, email)
	id := step("GET", "/mine", "", 200, "")
	step("GET", "/api/v1/users/"+id, "", 200, email)
	step("DELETE", "/api/v1/auth_session/logout", "", 200, "{}\n")
	step("GET", "/api/v1/users/me", "", 403, "Forbidden")
	step("GET", "/mine", "", 401, "")
	step("GET", "/", "", 200, "welcome")
}
