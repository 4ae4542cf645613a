package serve_test

import (
	"encoding/base64"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"
)

const jsonType = "application/json"

// A client sends requests, and keeps the cookies that it is given, as a browser does. It is not
// safe for concurrent use; copies of it are.
type client struct {
	*target
	cookies       map[string]string
	authorization string
}

// An answer is a response that was read to its end.
type answer struct {
	status int
	header http.Header
	body   string
}

func (tg *target) stranger() *client { return &client{target: tg, cookies: map[string]string{}} }

// signIn returns a client who has just signed in.
func (tg *target) signIn(p person) *client {
	tg.t.Helper()
	c := tg.stranger()
	c.want(200, "POST", api+"/auth_session/login", object("email", p.email, "password", p.password))
	if c.session() == "" {
		tg.t.Fatal("a sign-in without a session cookie")
	}
	return c
}

// withBasic returns a client that sends email and password with each request.
func (tg *target) withBasic(p person) *client {
	c := tg.stranger()
	c.authorization = basic(p.email, p.password)
	return c
}

func basic(email, password string) string {
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(email+":"+password))
}

// sessionName is the cookie's name: one that only this host can set where there is TLS.
func (tg *target) sessionName() string {
	if tg.host != "" {
		return "__Host-session"
	}
	return "session"
}

func (c *client) session() string { return c.cookies[c.sessionName()] }

// copied returns another client with the same credentials: a thief, or the same one a moment ago.
func (c *client) copied() *client {
	return &client{target: c.target, cookies: maps.Clone(c.cookies), authorization: c.authorization}
}

// within returns the same client for a test within the one that made it.
func (c *client) within(tg *target) *client {
	inner := c.copied()
	inner.target = tg
	return inner
}

// newRequest returns a request to a path, with a body that is JSON unless the headers, which are pairs
// of name and value, say otherwise. A value that begins with "+" is added to those that are there.
func (c *client) newRequest(method, path, body string, headers ...string) *http.Request {
	c.t.Helper()
	r, err := http.NewRequestWithContext(c.t.Context(), method, c.base+path, strings.NewReader(body))
	if err != nil {
		c.t.Fatal(err)
	}
	if body == "" {
		r.Body, r.ContentLength = http.NoBody, 0
	} else {
		r.Header.Set("Content-Type", jsonType)
	}
	r.Host = c.host
	for name, value := range c.cookies {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	if c.authorization != "" {
		r.Header.Set("Authorization", c.authorization)
	}
	for i := 0; i < len(headers); i += 2 {
		switch name, value := headers[i], headers[i+1]; {
		case name == "Host":
			r.Host = value
		case strings.HasPrefix(value, "+"):
			r.Header.Add(name, value[1:])
		default:
			r.Header.Set(name, value)
		}
	}
	return r
}

// do sends a request and takes the cookies of the answer.
func (c *client) do(method, path, body string, headers ...string) answer {
	c.t.Helper()
	return c.send(c.newRequest(method, path, body, headers...))
}

func (c *client) send(r *http.Request) answer {
	c.t.Helper()
	response, err := c.http.Do(r)
	if err != nil {
		c.t.Errorf("%s %s: %v", r.Method, r.URL, err)
		return answer{header: http.Header{}}
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		c.t.Errorf("%s %s: %v", r.Method, r.URL, err)
	}
	for _, cookie := range response.Cookies() {
		if cookie.MaxAge < 0 {
			delete(c.cookies, cookie.Name)
			continue
		}
		c.cookies[cookie.Name] = cookie.Value
	}
	return answer{response.StatusCode, response.Header, string(body)}
}

// want is do, and checks the status.
func (c *client) want(status int, method, path, body string, headers ...string) answer {
	c.t.Helper()
	got := c.do(method, path, body, headers...)
	if got.status != status {
		c.t.Errorf("%s %s: %d %s, want %d", method, path, got.status, got.body, status)
	}
	return got
}

// code returns the code of an error.
func (a answer) code() string {
	var problem struct{ Code string }
	_ = json.Unmarshal([]byte(a.body), &problem) // a page has none
	return problem.Code
}

// A userView is a user as clients see it.
type userView struct {
	ID, Email, Role string
	FirstName       *string `json:"first_name"`
	Disabled        bool
}

// A sessionView is a session as its user sees it.
type sessionView struct {
	ID      string
	Current bool
}

// sessionID returns the public name of the client's own session.
func (c *client) sessionID() string {
	c.t.Helper()
	got := c.want(200, "GET", api+"/auth_session", "")
	for _, s := range decode[struct{ Sessions []sessionView }](c.t, got).Sessions {
		if s.Current {
			return s.ID
		}
	}
	c.t.Error("the own session is not in the list")
	return ""
}

// decode returns the JSON in an answer.
func decode[T any](t testing.TB, a answer) T {
	t.Helper()
	var v T
	if err := json.Unmarshal([]byte(a.body), &v); err != nil {
		t.Errorf("%v: %s", err, a.body)
	}
	return v
}

// object returns a JSON object of pairs of name and value.
func object(pairs ...any) string {
	members := make(map[string]any)
	for i := 0; i < len(pairs); i += 2 {
		members[pairs[i].(string)] = pairs[i+1]
	}
	text, err := json.Marshal(members)
	if err != nil {
		panic(err)
	}
	return string(text)
}

func number(n int64) string { return strconv.FormatInt(n, 10) }

// patience is how long something may take before a test gives up on it. It is no target: a machine
// that builds something else at the same time must not fail the suite.
const patience = 60 * time.Second
