package server_test

import (
	"context"
	"database/sql"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	_ "modernc.org/sqlite"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/account"
	"github.com/handstamp/handstamp/audit"
	services "github.com/handstamp/handstamp/client"
	"github.com/handstamp/handstamp/server"
	"github.com/handstamp/handstamp/server/relay"
	"github.com/handstamp/handstamp/session"
	"github.com/handstamp/handstamp/store/memory"
	"github.com/handstamp/handstamp/store/sqlstore"
)

// A site is a server of the product's profile, with two users.
type site struct {
	t        testing.TB
	handler  http.Handler
	config   server.Config
	people   *account.Directory
	sessions *session.Manager
	tokens   *tokens
	clients  *services.Registry
	log      *logbook
	ada, bob account.User // an administrator and a user
	breakIt  func()       // the store, if it is SQLite
}

// kept is where a server keeps its things.
type kept struct {
	users    account.Store
	links    account.Links
	sessions session.Store
	clients  services.Store
	audit    audit.Log
	breakIt  func() // nil for what cannot break
}

// stores are the kinds of stores.
var stores = map[string]func(t testing.TB) kept{
	"memory": func(testing.TB) kept {
		log := memory.NewAudit(audit.NewChain([]byte("key")))
		users, sessions, clients := memory.NewUsers(), memory.New(), memory.NewClients()
		users.Audit, sessions.Audit, clients.Audit = log, log, log
		return kept{users: users, links: users, sessions: sessions, clients: clients, audit: log}
	},
	"sqlite": func(t testing.TB) kept {
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
		log := store.Audit(audit.NewChain([]byte("key")))
		return kept{users: store.Users(), links: store.Users(), sessions: store.Sessions(), clients: store.Clients(), audit: log, breakIt: breakIt}
	},
}

// onEachStore runs test with a new site on each kind of store.
func onEachStore(t *testing.T, test func(t *testing.T, s *site)) {
	for name := range stores {
		t.Run(name, func(t *testing.T) { test(t, newSite(t, name)) })
	}
}

const (
	bobsEmail    = "bob@example.com"
	bobsPassword = "battery staple"
)

// newSite returns a site; change may set its Config before the server is made of it.
func newSite(t testing.TB, store string, change ...func(*server.Config)) *site {
	t.Helper()
	return newSiteOn(t, stores[store](t), change...)
}

// newSiteOn returns a site that keeps its things in kept.
func newSiteOn(t testing.TB, kept kept, change ...func(*server.Config)) *site {
	t.Helper()
	people := cheap(account.New(kept.users))
	people.Roles, people.AdminRole = []string{"user", "admin"}, "admin"
	people.Links, people.Audit = kept.links, kept.audit
	sessions := session.New(kept.sessions)
	sessions.Cookie.Insecure = true
	t.Cleanup(sessions.Close)
	passesOn := relay.Start(kept.sessions, relay.Config{})
	t.Cleanup(passesOn.Close)
	basic := people.Basic("Handstamp")
	basic.UTF8 = true
	log := &logbook{}
	tokens, clients := newTokens(t, sessions), services.New(kept.clients)
	s := &site{t: t, people: people, sessions: sessions, tokens: tokens, clients: clients, log: log, breakIt: kept.breakIt}
	s.ada = s.addUser(email, plain, "admin")
	s.bob = s.addUser(bobsEmail, bobsPassword, "user")
	s.config = server.Config{
		Profile:        server.Product(),
		People:         people,
		Sessions:       sessions,
		Tokens:         tokens,
		Clients:        clients,
		JWKS:           http.HandlerFunc(tokens.keys.ServeJWKS),
		Relay:          passesOn,
		Audit:          kept.audit,
		Authenticators: []handstamp.Authenticator{sessions, basic, tokens},
		Web:            &server.Web{PublicURL: &url.URL{Scheme: "http", Host: "example.com"}},
		Log:            log.logger(),
	}
	for _, change := range change {
		change(&s.config)
	}
	s.handler = server.New(s.config)
	return s
}

func (s *site) addUser(email, password, role string) account.User {
	s.t.Helper()
	u, err := s.people.Create(s.t.Context(), account.Details{Email: email, Password: password, Role: role})
	if err != nil {
		s.t.Fatal(err)
	}
	return u
}

// A client sends requests, and keeps the cookie that it is given.
type client struct {
	*site
	cookie string
}

func (s *site) stranger() *client { return &client{site: s} }

// signedIn returns a client who has just signed in.
func (s *site) signedIn(email, password string) *client {
	s.t.Helper()
	c := s.stranger()
	body, err := json.Marshal(map[string]string{"email": email, "password": password})
	if err != nil {
		s.t.Fatal(err)
	}
	c.want(200, "", "POST", "/auth_session/login", string(body))
	if c.cookie == "" {
		s.t.Fatal("no cookie")
	}
	return c
}

func (s *site) asAda() *client { return s.signedIn(email, plain) }
func (s *site) asBob() *client { return s.signedIn(bobsEmail, bobsPassword) }

// stale returns a client who has signed in an hour ago.
func (s *site) stale(u account.User) *client {
	s.t.Helper()
	who := handstamp.Identity{UserID: u.ID, Role: u.Role, ProvedAt: time.Now().Add(-time.Hour)}
	_, token, err := s.sessions.Begin(context.Background(), who)
	if err != nil {
		s.t.Fatal(err)
	}
	return &client{site: s, cookie: "session=" + string(token)}
}

// copied returns another client with the same cookie: a thief.
func (c *client) copied() *client { return &client{site: c.site, cookie: c.cookie} }

// do sends a request to a path of the API, with a body that is JSON unless the headers, which are
// pairs of name and value, say otherwise.
func (c *client) do(method, path, body string, headers ...string) *httptest.ResponseRecorder {
	c.t.Helper()
	r := httptest.NewRequest(method, c.config.Prefix+"/api/v1"+path, strings.NewReader(body))
	if body != "" {
		r.Header.Set("Content-Type", jsonType)
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	if c.cookie != "" {
		r.Header.Set("Cookie", c.cookie)
	}
	w := httptest.NewRecorder()
	c.handler.ServeHTTP(w, r)
	checkAgainstDocument(c.t, r, body, w)
	for _, cookie := range w.Result().Cookies() {
		if cookie.Name != "session" {
			continue
		}
		c.cookie = cookie.Name + "=" + cookie.Value
		if cookie.MaxAge < 0 {
			c.cookie = ""
		}
	}
	return w
}

// want is do, and checks the status and, of an error, the code.
func (c *client) want(status int, code, method, path, body string, headers ...string) *httptest.ResponseRecorder {
	c.t.Helper()
	w := c.do(method, path, body, headers...)
	if w.Code != status {
		c.t.Errorf("%s %s %s: %d %s, want %d", method, path, body, w.Code, w.Body, status)
		return w
	}
	if status >= 400 {
		problem := jsonOf[struct{ Error, Code string }](c.t, w)
		if problem.Code != code || problem.Error == "" {
			c.t.Errorf("%s %s %s: code %q, error %q, want code %q", method, path, body, problem.Code, problem.Error, code)
		}
		hasChallenge := w.Header().Get("WWW-Authenticate") != ""
		if hasChallenge != (status == 401) {
			c.t.Errorf("%s %s: %d, WWW-Authenticate %q", method, path, status, w.Header().Get("WWW-Authenticate"))
		}
	}
	return w
}

// jsonOf returns the JSON in an answer.
func jsonOf[T any](t testing.TB, w *httptest.ResponseRecorder) T {
	t.Helper()
	var v T
	if got := w.Header().Get("Content-Type"); got != jsonType {
		t.Errorf("Content-Type %q: %s", got, w.Body)
	}
	if err := json.Unmarshal(w.Body.Bytes(), &v); err != nil {
		t.Errorf("%v: %s", err, w.Body)
	}
	return v
}

// A seenUser is a user as a client sees it.
type seenUser struct {
	ID        string    `json:"id"`
	Email     *string   `json:"email"`
	FirstName *string   `json:"first_name"`
	LastName  *string   `json:"last_name"`
	Role      string    `json:"role"`
	Disabled  *bool     `json:"disabled"`
	CreatedAt time.Time `json:"created_at"`
	UpdatedAt time.Time `json:"updated_at"`
}

// isIn checks whether the client's session is good.
func (c *client) isIn(want bool) {
	c.t.Helper()
	status := http.StatusUnauthorized
	if want {
		status = http.StatusOK
	}
	if w := c.do("GET", "/users/me", ""); w.Code != status {
		c.t.Errorf("GET /users/me: %d %s, want %d", w.Code, w.Body, status)
	}
}

func diff(t testing.TB, what string, want, got any) {
	t.Helper()
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("%s (-want +got):\n%s", what, d)
	}
}

func ptr[T any](v T) *T { return &v }
