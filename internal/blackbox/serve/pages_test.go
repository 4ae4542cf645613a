package serve_test

import (
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/account"
	"github.com/handstamp/handstamp/audit"
	"github.com/handstamp/handstamp/internal/textbrowser"
	"github.com/handstamp/handstamp/server"
	"github.com/handstamp/handstamp/session"
	"github.com/handstamp/handstamp/store/memory"
)

// An access is who may have a page.
type access int

const (
	everybody access = iota + 1
	users            // about themselves
	admins
)

// A pageRoute is what a page does for a method, and for whom. Paths of users and sessions have an {id} in
// them, those of links a {secret}.
type pageRoute struct {
	method, path string
	access       access
	isDangerous  bool // it wants a password that was proved a short while ago
	status       int  // of the answer to who may have it

	// Of a form: what is typed, with what stands in braces filled in, and what of its user it may change.
	fields  url.Values
	changes []string
}

func (p pageRoute) String() string { return p.method + " " + p.path }

// pageRoutes are all pages. TestEveryPageIsHere compares them with those of the program.
var pageRoutes = withFormPaths([]pageRoute{
	{method: "GET", path: "/{$}", access: everybody, status: 303},
	{method: "GET", path: "/assets/{file}", access: everybody, status: 404},
	{method: "GET", path: "/login", access: everybody, status: 200},
	{
		method: "POST", path: "/login", access: everybody, status: 303,
		fields: url.Values{"email": {"{email}"}, "password": {"{password}"}}, changes: []string{"sessions"},
	},
	{method: "GET", path: "/logout", access: everybody, status: 303},
	{method: "POST", path: "/logout", access: everybody, status: 303, changes: []string{"sessions"}},
	{method: "GET", path: "/confirm", access: everybody, status: 303},
	{method: "POST", path: "/confirm", access: everybody, status: 303},
	{method: "GET", path: "/register", access: everybody, status: 200},
	{
		method: "POST", path: "/register", access: everybody, status: 303,
		fields: url.Values{"email": {"{new}"}, "password": {"{fresh}"}, "first_name": {"New"}, "last_name": {""}},
	},
	{method: "GET", path: "/setup/{secret}", access: everybody, status: 404}, // there is an administrator: see firstrun_test.go
	{
		method: "POST", path: "/setup/{secret}", access: everybody, status: 404,
		fields: url.Values{"email": {"{new}"}, "password": {"{fresh}"}, "first_name": {""}, "last_name": {""}},
	},
	{method: "GET", path: "/reset/{secret}", access: everybody, status: 200},
	{
		method: "POST", path: "/reset/{secret}", access: everybody, status: 303,
		fields: url.Values{"new_password": {"{fresh}"}}, changes: []string{"password", "sessions"},
	},

	{method: "GET", path: "/account", access: users, status: 200},
	{
		method: "POST", path: "/account/profile", access: users, status: 303,
		fields: url.Values{"first_name": {"New"}, "last_name": {""}}, changes: []string{"first_name"},
	},
	{
		method: "POST", path: "/account/email", access: users, status: 303,
		fields: url.Values{"email": {"{new}"}, "old_password": {"{password}"}}, changes: []string{"email", "sessions"},
	},
	{
		method: "POST", path: "/account/password", access: users, status: 303,
		fields: url.Values{"old_password": {"{password}"}, "new_password": {"{fresh}"}}, changes: []string{"password", "sessions"},
	},
	{method: "POST", path: "/account/sessions/end-others", access: users, status: 303, changes: []string{"sessions"}},
	{method: "POST", path: "/account/sessions/{id}/end", access: users, status: 303, changes: []string{"sessions"}},
	{method: "GET", path: "/account/delete", access: users, status: 200},
	{method: "POST", path: "/account/delete", access: users, isDangerous: true, status: 303, changes: []string{"all"}},

	{method: "GET", path: "/admin", access: admins, status: 200},
	{method: "GET", path: "/admin/users", access: admins, status: 200},
	{method: "GET", path: "/admin/users/new", access: admins, status: 200},
	{
		method: "POST", path: "/admin/users/new", access: admins, isDangerous: true, status: 303,
		fields: url.Values{"email": {"{new}"}, "first_name": {"New"}, "last_name": {""}, "role": {"user"}},
	},
	{method: "GET", path: "/admin/users/{id}", access: admins, status: 200},
	{
		method: "POST", path: "/admin/users/{id}/profile", access: admins, isDangerous: true, status: 303,
		fields:  url.Values{"email": {"{new}"}, "first_name": {"New"}, "last_name": {""}},
		changes: []string{"first_name", "email", "sessions"},
	},
	{
		method: "POST", path: "/admin/users/{id}/role", access: admins, isDangerous: true, status: 303,
		fields: url.Values{"role": {"admin"}}, changes: []string{"role", "sessions"},
	},
	{
		method: "POST", path: "/admin/users/{id}/disable", access: admins, isDangerous: true, status: 303,
		changes: []string{"disabled", "sessions"},
	},
	{method: "POST", path: "/admin/users/{id}/enable", access: admins, isDangerous: true, status: 303},
	{method: "POST", path: "/admin/users/{id}/reset-link", access: admins, isDangerous: true, status: 200},
	{method: "POST", path: "/admin/users/{id}/end-sessions", access: admins, status: 303, changes: []string{"sessions"}},
	{method: "POST", path: "/admin/users/{id}/delete", access: admins, isDangerous: true, status: 303, changes: []string{"all"}},
	{method: "GET", path: "/admin/sessions", access: admins, status: 200},
	{method: "POST", path: "/admin/sessions/{id}/end", access: admins, status: 303, changes: []string{"sessions"}},
	{method: "GET", path: "/admin/audit", access: admins, status: 200},
})

// withFormPaths adds that the path of a form that is no page leads to the one on which the form stands.
func withFormPaths(pages []pageRoute) []pageRoute {
	all := pages
	for _, form := range pages {
		isThere := slices.ContainsFunc(pages, func(p pageRoute) bool { return p.method == "GET" && p.path == form.path })
		if form.method == "POST" && !isThere {
			all = append(all, pageRoute{method: "GET", path: form.path, access: form.access, status: 303})
		}
	}
	return all
}

// isAboutSession reports whether the path names a session, and not a user.
func (p pageRoute) isAboutSession() bool { return strings.Contains(p.path, "/sessions/{id}") }

// at returns a path of the page with these values in it.
func (p pageRoute) at(user, sessionID, secret string) string {
	id := user
	if p.isAboutSession() {
		id = sessionID
	}
	return strings.NewReplacer("{id}", id, "{secret}", secret, "{$}", "", "{file}", "nothing.css").Replace(p.path)
}

// patterns are the paths of pages as the program has them.
var patterns = sync.OnceValue(func() (found []string) {
	sessions := session.New(memory.New())
	defer sessions.Close()
	all := server.Patterns(server.Config{
		Profile: server.Product(), People: account.New(memory.NewUsers()), Sessions: sessions,
		Authenticators: []handstamp.Authenticator{sessions}, Audit: memory.NewAudit(audit.NewChain(make([]byte, 32))),
		Web: &server.Web{PublicURL: &url.URL{Scheme: "http", Host: "localhost"}},
	})
	for _, pattern := range all {
		if !strings.HasPrefix(pattern, api+"/") && pattern != "/openapi.yaml" {
			found = append(found, pattern)
		}
	}
	return found
})

// pagePaths leads from the path of a request to the pattern of its page.
var pagePaths = sync.OnceValue(func() *http.ServeMux {
	mux := http.NewServeMux()
	for _, pattern := range patterns() {
		mux.Handle(pattern, http.NotFoundHandler())
		if !strings.HasSuffix(pattern, "{$}") {
			mux.Handle(pattern+"/{$}", http.NotFoundHandler())
		}
	}
	return mux
})

// patternOf returns the pattern of the page at a path, or "".
func patternOf(path string) string {
	_, pattern := pagePaths().Handler(&http.Request{Method: "GET", URL: &url.URL{Path: path}})
	if pattern != "/{$}" {
		pattern = strings.TrimSuffix(pattern, "/{$}")
	}
	return pattern
}

// TestEveryPageIsHere: a page that the program has, and of which nobody has said for whom it is, fails.
func TestEveryPageIsHere(t *testing.T) {
	onEachTarget(t, options{}, func(t *testing.T, tg *target) {
		root := tg.signIn(tg.admin)
		rows := make(map[string][]string)
		for _, p := range pageRoutes {
			rows[p.path] = append(rows[p.path], p.method)
			if p.method == "GET" {
				rows[p.path] = append(rows[p.path], "HEAD")
			}
		}
		for _, pattern := range patterns() {
			path := pageRoute{path: pattern}.at(tg.admin.id, tg.admin.id, "x")
			want := append(slices.Clone(rows[pattern]), "OPTIONS")
			slices.Sort(want)
			if got := root.want(204, "OPTIONS", path, "").header.Get("Allow"); got != strings.Join(want, ", ") {
				t.Errorf("%s: the program has %s, and the table %s", pattern, got, want)
			}
			delete(rows, pattern)
		}
		for path := range rows {
			t.Errorf("there is no page %s", path)
		}
	})
}

// A browsing is how a browser reaches a target: where that is known under a name, by way of something that
// has its certificate.
type browsing struct{ target *target }

// RoundTrip implements [http.RoundTripper].
func (b browsing) RoundTrip(r *http.Request) (*http.Response, error) {
	base, err := url.Parse(b.target.base)
	if err != nil {
		return nil, err
	}
	inside := r.Clone(r.Context())
	inside.URL.Scheme, inside.URL.Host = "http", base.Host
	return b.target.http.Transport.RoundTrip(inside)
}

// browser returns a browser that has never been here.
func (tg *target) browser() *textbrowser.Browser {
	tg.t.Helper()
	base, err := url.Parse(tg.base)
	if err != nil {
		tg.t.Fatal(err)
	}
	if tg.host != "" {
		base.Scheme, base.Host = "https", tg.host
	}
	return textbrowser.New(tg.t, base.String(), browsing{tg})
}

// inBrowser returns a browser with the cookies of c.
func (c *client) inBrowser() *textbrowser.Browser {
	c.t.Helper()
	b := c.browser()
	for name, value := range c.cookies {
		b.SetCookie(name, value)
	}
	return b
}

// click opens a page, fills in the form that goes to action, and sends it. The answer must lead to where
// leadsTo says, under the path of the site.
func (c *client) click(page, action, leadsTo string, fields ...string) {
	c.t.Helper()
	b := c.inBrowser()
	got := b.Open(page).Form(action).Set(fields...).Submit()
	if location := got.Header.Get("Location"); got.Status != 303 || location != c.path(leadsTo) {
		c.t.Errorf("%s; Location %q, want %q", got, location, leadsTo)
	}
	c.cookies = b.Cookies()
}

// path returns a path as links have it: with the one under which the target is mounted.
func (tg *target) path(path string) string {
	base, err := url.Parse(tg.base)
	if err != nil {
		tg.t.Fatal(err)
	}
	return base.Path + path
}

const formType = "application/x-www-form-urlencoded"

// post sends a form as a page of this site would.
func (c *client) post(path string, fields url.Values) answer {
	c.t.Helper()
	return c.do("POST", path, fields.Encode(), "Content-Type", formType, "Sec-Fetch-Site", "same-origin")
}

var tokenShape = regexp.MustCompile(`name="form_token" value="([^"]+)"`)

// formToken returns what the forms for c are known by.
func (c *client) formToken() string {
	c.t.Helper()
	got := c.do("GET", "/account", "")
	if got.status == 303 {
		got = c.do("GET", "/login", "")
	}
	found := tokenShape.FindStringSubmatch(got.body)
	if found == nil {
		c.t.Fatalf("a page without a form: %d %.500s", got.status, got.body)
	}
	return found[1]
}

// isLogin reports whether an answer sends a browser to the login, and has nothing else in it.
func (a answer) isLogin(tg *target) bool {
	path, _, _ := strings.Cut(a.header.Get("Location"), "?")
	return a.status == 303 && path == tg.path("/login") && a.body == ""
}

// withToken returns a copy of fields with a token.
func withToken(fields url.Values, token string) url.Values {
	all := url.Values{"form_token": {token}}
	for name, values := range fields {
		all[name] = values
	}
	return all
}
