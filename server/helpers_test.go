package server_test

import (
	"bytes"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/account"
	"github.com/handstamp/handstamp/password"
	"github.com/handstamp/handstamp/server"
	"github.com/handstamp/handstamp/session"
	"github.com/handstamp/handstamp/store/memory"
)

// The one user of most tests.
const (
	email    = "ada@example.com"
	plain    = "correct horse"
	jsonType = "application/json"
)

var cookie = session.Cookie{Name: "_my_session_id", Classic: true}

// A logbook is where a server under test logs.
type logbook struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *logbook) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *logbook) logger() *slog.Logger { return slog.New(slog.NewTextHandler(l, nil)) }

// lines returns the lines that hold part.
func (l *logbook) lines(part string) []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	var found []string
	for line := range strings.Lines(l.text.String()) {
		if strings.Contains(line, part) {
			found = append(found, line)
		}
	}
	return found
}

// cheap makes password hashes cost next to nothing: no test here is about them.
func cheap(people *account.Directory) *account.Directory {
	people.Passwords = &password.Hasher{Params: password.Params{MemoryKiB: 8, Passes: 1, Lanes: 1}}
	return people
}

// addUser adds the user of the constants above.
func addUser(t testing.TB, people *account.Directory) account.User {
	t.Helper()
	u, err := people.Create(t.Context(), account.Details{Email: email, Password: plain})
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// newConfig returns a server with sessions and one user, everything in memory.
func newConfig(t testing.TB) (server.Config, *logbook) {
	t.Helper()
	sessions := session.New(memory.New())
	sessions.Cookie, sessions.NewToken = cookie, session.UUIDToken
	t.Cleanup(sessions.Close)
	people := cheap(account.New(memory.NewUsers()))
	addUser(t, people)
	log := &logbook{}
	return server.Config{
		Profile:        server.Classic(cookie),
		People:         people,
		Sessions:       sessions,
		Authenticators: []handstamp.Authenticator{sessions},
		Log:            log.logger(),
	}, log
}

// newOpen returns a server that asks nobody who it is.
func newOpen(t testing.TB) http.Handler {
	t.Helper()
	config, _ := newConfig(t)
	config.Open = true
	return server.New(config)
}

// do sends a request with these headers, which are pairs of name and value.
func do(h http.Handler, method, target string, body io.Reader, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, target, body)
	for i := 0; i < len(headers); i += 2 {
		r.Header.Add(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

// login signs the user in and returns the cookie as a browser sends it.
func login(t testing.TB, h http.Handler) string {
	t.Helper()
	form := url.Values{"email": {email}, "password": {plain}}.Encode()
	w := do(h, "POST", "/api/v1/auth_session/login", strings.NewReader(form),
		"Content-Type", "application/x-www-form-urlencoded")
	if w.Code != http.StatusOK {
		t.Fatalf("login: %d %s", w.Code, w.Body)
	}
	pair, _, _ := strings.Cut(w.Header().Get("Set-Cookie"), ";")
	return pair
}

// founding returns a file of the founding API's reference data.
func founding(t testing.TB, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "testdata", "founding", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
