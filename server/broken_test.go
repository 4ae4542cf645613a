package server_test

import (
	"context"
	"database/sql"
	"encoding/base64"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"testing"

	_ "modernc.org/sqlite" // the driver "sqlite"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/account"
	"github.com/handstamp/handstamp/server"
	"github.com/handstamp/handstamp/session"
	"github.com/handstamp/handstamp/store/sqlstore"
)

// A breakable is a server on a database that can be taken away.
type breakable struct {
	handler http.Handler
	people  *account.Directory
	log     *logbook
	cookie  string // of a session that the server has not seen yet
	breakIt func()
}

func newBreakable(t *testing.T) *breakable {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+filepath.Join(t.TempDir(), "test.db"))
	if err != nil {
		t.Fatal(err)
	}
	store, err := sqlstore.OpenSQLite(t.Context(), db)
	if err != nil {
		t.Fatal(err)
	}
	breakIt := func() {
		_ = store.Close()
		_ = db.Close()
	}
	t.Cleanup(breakIt)

	config, log := newConfig(t)
	config.People = cheap(account.New(store.Users()))
	config.Sessions = session.New(store.Sessions())
	config.Sessions.Cookie = cookie
	config.Authenticators = []handstamp.Authenticator{config.Sessions, config.People.Basic("x")}
	t.Cleanup(config.Sessions.Close)
	u := addUser(t, config.People)

	// Begun by another manager, so that the server has to ask the store for it.
	elsewhere := session.New(store.Sessions())
	defer elsewhere.Close()
	_, token, err := elsewhere.Begin(t.Context(), handstamp.Identity{UserID: u.ID})
	if err != nil {
		t.Fatal(err)
	}
	return &breakable{server.New(config), config.People, log, cookie.Name + "=" + string(token), breakIt}
}

var signInForm = url.Values{"email": {email}, "password": {plain}}.Encode()

func basic(email, plain string) string {
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(email+":"+plain))
}

// body returns a new reader of a form, or none.
func body(text string) io.Reader {
	if text == "" {
		return nil
	}
	return strings.NewReader(text)
}

// TestBrokenStore: a server that cannot know says so. 401 would make browsers throw a good session
// away, and 200 would let anybody in.
func TestBrokenStore(t *testing.T) {
	const formType = "application/x-www-form-urlencoded"
	for _, row := range []struct {
		name, method, path, form string
		header                   func(b *breakable) (name, value string)
	}{
		{
			"session", "GET", "/api/v1/users/me", "",
			func(b *breakable) (string, string) { return "Cookie", b.cookie },
		},
		{
			"unknown session", "GET", "/api/v1/users/me", "",
			func(*breakable) (string, string) { return "Cookie", cookie.Name + "=nobody" },
		},
		{
			"session on an unknown path", "GET", "/api/v1/nope", "",
			func(b *breakable) (string, string) { return "Cookie", b.cookie },
		},
		{
			"Basic", "GET", "/api/v1/users/me", "",
			func(*breakable) (string, string) { return "Authorization", basic(email, plain) },
		},
		{
			"Basic, wrong", "GET", "/api/v1/users/me", "",
			func(*breakable) (string, string) { return "Authorization", basic(email, "wrong") },
		},
		{
			"login", "POST", "/api/v1/auth_session/login", signInForm,
			func(*breakable) (string, string) { return "Content-Type", formType },
		},
		{
			"logout", "DELETE", "/api/v1/auth_session/logout", "",
			func(b *breakable) (string, string) { return "Cookie", b.cookie },
		},
		{
			"logout by its other name", "DELETE", "/api/v1/auth_session", "",
			func(b *breakable) (string, string) { return "Cookie", b.cookie },
		},
	} {
		t.Run(row.name, func(t *testing.T) {
			b := newBreakable(t)
			catchDefaultLog(t, b.log)
			b.breakIt()
			name, value := row.header(b)
			for range 2 { // nothing that the first one leaves behind may help the second
				before := len(b.log.lines("level=ERROR"))
				w := do(b.handler, row.method, row.path, body(row.form), name, value)
				checkUnavailable(t, w)
				if lines := b.log.lines("level=ERROR"); len(lines) != before+1 {
					t.Errorf("%d errors are logged for one request: %q", len(lines)-before, lines)
				}
			}
			for _, secret := range []string{plain, strings.TrimPrefix(b.cookie, cookie.Name+"="), email} {
				if lines := b.log.lines(secret); len(lines) != 0 {
					t.Errorf("a secret is in the log: %q", lines)
				}
			}
		})
	}
}

func checkUnavailable(t *testing.T, w *httptest.ResponseRecorder) {
	t.Helper()
	if w.Code != http.StatusServiceUnavailable || w.Body.String() != "{\n  \"error\": \"Service unavailable\"\n}\n" {
		t.Errorf("%d %q", w.Code, w.Body)
	}
	if got := w.Header().Get("Retry-After"); got != "1" {
		t.Errorf("Retry-After %q", got)
	}
	if got, there := w.Header()["Set-Cookie"]; there {
		t.Errorf("Set-Cookie %q", got)
	}
}

// catchDefaultLog sends slog's default to log for as long as the test runs.
func catchDefaultLog(t *testing.T, log *logbook) {
	was := slog.Default()
	slog.SetDefault(log.logger())
	t.Cleanup(func() { slog.SetDefault(was) })
}

// TestHealthyStore makes sure that the requests above are good ones, but for the store.
func TestHealthyStore(t *testing.T) {
	b := newBreakable(t)
	for _, w := range []*httptest.ResponseRecorder{
		do(b.handler, "GET", "/api/v1/users/me", nil, "Cookie", b.cookie),
		do(b.handler, "GET", "/api/v1/users/me", nil, "Authorization", basic(email, plain)),
		do(b.handler, "DELETE", "/api/v1/auth_session/logout", nil, "Cookie", b.cookie),
	} {
		if w.Code != http.StatusOK {
			t.Errorf("%d %s", w.Code, w.Body)
		}
	}
	if lines := b.log.lines("level=ERROR"); len(lines) != 0 {
		t.Errorf("%q", lines)
	}
}

// TestErrorsGoToConfigLog: [server.Config.Log] receives the errors, of routes as of the gate;
// slog's default is somebody else's.
func TestErrorsGoToConfigLog(t *testing.T) {
	others := &logbook{}
	catchDefaultLog(t, others)
	config, log := newConfig(t)
	b := newBreakable(t)
	config.People, config.Open = b.people, true
	b.breakIt()
	for _, path := range []string{"/api/v1/stats", "/api/v1/users"} {
		checkUnavailable(t, do(server.New(config), "GET", path, nil))
	}
	if mine, theirs := log.lines("level=ERROR"), others.lines("level=ERROR"); len(mine) != 2 || len(theirs) != 0 {
		t.Errorf("Config.Log has %d errors, want 2; slog's default has %d, want 0:\n%q", len(mine), len(theirs), theirs)
	}
}

// TestClientThatLeaves is no error of the server's: whoever hangs up on purpose must not be able
// to fill the log with them.
func TestClientThatLeaves(t *testing.T) {
	b := newBreakable(t)
	ctx, leave := context.WithCancel(t.Context())
	leave()
	r := httptest.NewRequestWithContext(ctx, "GET", "/api/v1/users/me", nil)
	r.Header.Set("Authorization", basic(email, plain))
	b.handler.ServeHTTP(httptest.NewRecorder(), r)
	if lines := b.log.lines("level=ERROR"); len(lines) != 0 {
		t.Errorf("%q", lines)
	}
}
