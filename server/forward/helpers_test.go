package forward_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/internal/returnurl"
	"github.com/handstamp/handstamp/server/forward"
	"github.com/handstamp/handstamp/session"
	"github.com/handstamp/handstamp/store/memory"
)

const (
	app   = "app.example.com"
	login = "https://id.example.com/login"
)

var (
	public   = &url.URL{Scheme: "https", Host: "id.example.com"}
	testRule = []string{
		app + "/static/* public",
		app + "/admin/* role=admin",
		app + "/pay/* fresh",
		app + "/desk/* role=editor,admin fresh",
		"*/health public",
	}
)

// A desk is a Handler with the sessions of some people, whose emails it knows.
type desk struct {
	testing.TB
	*forward.Handler
	sessions *session.Manager
	config   forward.Config
	emails   map[handstamp.ID]string
	log      strings.Builder
	broken   []error
	trusted  bool
}

var errStore = errors.New("the store is down")

// newDesk returns a desk; change may change what the judge goes by.
func newDesk(t testing.TB, rules []string, change ...func(*forward.Config)) *desk {
	t.Helper()
	d := &desk{TB: t, sessions: session.New(memory.New()), emails: map[handstamp.ID]string{}, trusted: true}
	t.Cleanup(d.sessions.Close)
	parsed, err := forward.ParseRules(rules)
	if err != nil {
		t.Fatal(err)
	}
	d.config = forward.Config{
		Rules:    parsed,
		Identify: handstamp.NewGuard(d.sessions).Identify,
		FreshFor: 5 * time.Minute,
		Email:    func(_ context.Context, user handstamp.ID) (string, error) { return d.emails[user], nil },
		Upstream: func(_ context.Context, who handstamp.Identity, audience string) (string, error) {
			return "jwt/" + who.UserID.String() + "/" + audience, nil
		},
		Login: login, Confirm: "https://id.example.com/confirm",
		Returns: returnurl.Rules{Own: public, Origins: parsed.Origins(public)},
	}
	for _, change := range change {
		change(&d.config)
	}
	judge, err := forward.New(d.config)
	if err != nil {
		t.Fatal(err)
	}
	d.Handler = &forward.Handler{
		Judge: judge, Path: "/verify", Scheme: "https",
		Trusted: func(*http.Request) bool { return d.trusted },
		Refuse: func(w http.ResponseWriter, _ *http.Request, err error) {
			status := handstamp.StatusOf(err)
			if errors.Is(err, forward.ErrAsked) {
				status = http.StatusBadRequest
			} else if errors.Is(err, forward.ErrNotTrusted) {
				status = http.StatusForbidden
			}
			w.WriteHeader(status)
			_ = json.NewEncoder(w).Encode(err.Error())
		},
		Broken: func(_ *http.Request, err error) { d.broken = append(d.broken, err) },
		Log:    slog.New(slog.NewTextHandler(&d.log, nil)),
	}
	if err := d.Check(); err != nil {
		t.Fatal(err)
	}
	return d
}

// enter begins a session, and returns the user with the cookie that proves it.
func (d *desk) enter(role string) (handstamp.Identity, string) {
	d.Helper()
	user := handstamp.NewID()
	s, token, err := d.sessions.Begin(d.Context(), handstamp.Identity{UserID: user, Role: role})
	if err != nil {
		d.Fatal(err)
	}
	d.emails[user] = role + "@example.com"
	return handstamp.Identity{UserID: user, Role: role, SessionID: s.ID}, "__Host-session=" + string(token)
}

// An ask is what a proxy asks about; pairs are further headers.
type ask struct {
	method, scheme, host, uri string
	cookie                    string
	pairs                     []string
}

// browser are the headers of somebody who follows a link.
var browser = []string{"Accept", "text/html,application/xhtml+xml", "Sec-Fetch-Mode", "navigate"}

// nginx returns the request of an nginx, and traefik and envoy those of theirs.
func (a ask) nginx() *http.Request {
	return a.with(httptest.NewRequest("GET", "/verify", nil),
		"X-Original-Method", a.method, "X-Original-Proto", a.scheme, "X-Original-Host", a.host, "X-Original-URI", a.uri)
}

func (a ask) whole() *http.Request {
	return a.with(httptest.NewRequest("GET", "/verify", nil), "X-Original-Method", a.method, "X-Original-URL", a.scheme+"://"+a.host+a.uri)
}

func (a ask) traefik() *http.Request {
	return a.with(httptest.NewRequest("GET", "/verify", nil),
		"X-Forwarded-Method", a.method, "X-Forwarded-Proto", a.scheme, "X-Forwarded-Host", a.host, "X-Forwarded-Uri", a.uri)
}

func (a ask) envoy() *http.Request {
	r := &http.Request{
		Method: a.method, Host: a.host, RequestURI: "/verify/envoy" + a.uri, Header: http.Header{}, Body: http.NoBody,
		URL: &url.URL{Path: "/verify/envoy/somewhere"},
	}
	if a.scheme != "" {
		r.Header.Set("X-Forwarded-Proto", a.scheme)
	}
	return a.with(r)
}

func (a ask) with(r *http.Request, pairs ...string) *http.Request {
	pairs = append(pairs, a.pairs...)
	for i := 0; i < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			r.Header.Add(pairs[i], pairs[i+1])
		}
	}
	if a.cookie != "" {
		r.Header.Set("Cookie", a.cookie)
	}
	return r
}

func (d *desk) send(r *http.Request) *http.Response {
	w := httptest.NewRecorder()
	d.ServeHTTP(w, r)
	return w.Result()
}

// identity is what the app learns, one line for each header, and - where a header is missing.
func identity(header http.Header) string {
	var lines []string
	for _, name := range []string{"X-Auth-User", "X-Auth-Email", "X-Auth-Role", "X-Auth-Session", "Authorization"} {
		switch values := header[name]; len(values) {
		case 0:
			lines = append(lines, "-")
		default:
			lines = append(lines, strings.Join(values, "+"))
		}
	}
	return strings.Join(lines, "\n")
}

const nobody = "\n\n\n\n"

func body(r *http.Response) string {
	text, _ := io.ReadAll(r.Body)
	return string(text)
}

// nobodyIsThere is what identifies strangers.
func nobodyIsThere(*http.Request) (handstamp.Identity, error) {
	return handstamp.Identity{}, handstamp.ErrNoCredential
}
