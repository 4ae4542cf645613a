package phpfront_test

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/handstamp/handstamp/internal/browser"
)

const (
	email    = "ada@example.com"
	password = "poetical science of 1843"

	// lease is how long what was revoked may be good, as the server's settings are.
	lease = 2 * time.Second

	stranger = "Who goes there?" // what the page says to one
)

// TestPHPFront is one evening: somebody comes, mistypes the password, is in, and is thrown out by the operator.
func TestPHPFront(t *testing.T) {
	if testing.Short() {
		t.Skip("needs nginx, php-fpm and a browser")
	}
	s := start(t)
	s.command(password+"\n", "user", "add", "--email", email, "--password-stdin")
	v := browser.Start(t).Visitor(t, browser.Device{})

	v.Open(s.base + "/")
	s.sees(v, 200, s.base+"/", stranger)
	v.Accessible()
	s.forge(t)

	// By the form of the app, and then by Handstamp's own, which leads back.
	v.Fill("Email", email)
	v.Fill("Password", "prosaic science of 1843")
	v.Click("Come in")
	s.sees(v, 401, s.base+"/login", "Sign in")
	v.Fill("Password", password)
	v.Click("Sign in")
	s.isBack(v)
	s.isKnown(v, "Good evening")
	v.Accessible()

	v.Click("Leave")
	s.sees(v, 200, s.base+"/logout?", "Sign out?")
	v.Eval(`document.querySelector("main form button").focus()`, nil)
	v.Press(browser.Enter)
	v.Open(s.base + "/")
	s.sees(v, 200, s.base+"/", stranger)

	// By the form of the app alone, and on to a page that is not for everybody.
	v.Fill("Email", email)
	v.Fill("Password", password)
	v.Click("Come in")
	s.isBack(v)
	v.Click("Lamp room")
	s.isKnown(v, "The lamp room")

	token := s.tokenOf(v)
	until := expiryOf(t, token)
	bearer := http.Header{"Authorization": {"Bearer " + token}}
	if got := s.ask(s.api+"/me", bearer); got.status != 200 {
		t.Errorf("the API says %d %s to a token of now", got.status, got.body)
	}
	s.command("", "session", "end", email, "--all")
	ended := time.Now()
	if latest := ended.Add(lease); until.After(latest) {
		t.Errorf("the token is good until %v, later than %v", until, latest)
	}
	v.Click("Home")
	s.sees(v, 200, s.base+"/", stranger)
	s.await("the API refuses the token of the session that has ended", func() bool {
		asked := time.Now()
		got := s.ask(s.api+"/me", bearer)
		if got.status == 200 && !asked.Before(until) {
			t.Fatalf("the API takes it %v after it has expired", asked.Sub(until))
		}
		return got.status == 401 && strings.Contains(got.header.Get("WWW-Authenticate"), `error="invalid_token"`)
	})
	v.Click("Lamp room")
	s.sees(v, 200, s.base+"/login?return_to="+url.QueryEscape(s.base+"/lamp-room"), "Sign in")

	if got := v.Violations(); len(got) > 0 {
		t.Errorf("forbidden by the policy of the pages: %q", got)
	}
	if got := v.Foreign(); len(got) > 0 {
		t.Errorf("loaded from elsewhere: %q", got)
	}
	if got := v.ConsoleErrors(); len(got) > 0 {
		t.Errorf("in the console: %q", got)
	}
}

// forge says who it is itself, in the headers that the page and the API go by.
func (s *site) forge(t *testing.T) {
	t.Helper()
	forged := http.Header{
		"Authorization": {"Bearer evil"}, "X-Auth-Email": {"evil@example.com"}, "x-auth-user": {"evil"}, "X_Auth_Email": {"evil@example.com"},
		"Http-X-Auth-Email": {"evil@example.com"}, "Connection": {"X-Auth-Email"}, "X-Original-Uri": {"/"}, "X-Forwarded-Uri": {"/"},
	}
	if got := s.ask(s.base+"/", forged); got.status != 200 || !strings.Contains(got.body, stranger) || strings.Contains(got.body, "evil") {
		t.Errorf("who forges headers gets %d %s", got.status, got.body)
	}
	for _, path := range []string{"/lamp-room", "/index.php", "/%2e/", "//", "/x/../", "/?/../lamp-room/..", "/;x"} {
		got := s.ask(s.base+path, forged)
		if isPublic := strings.HasPrefix(path, "/?"); isPublic != (got.status == 200) || strings.Contains(got.body, "evil") {
			t.Errorf("%s with forged headers: %d %s", path, got.status, got.body)
		}
	}
	for name, header := range map[string]http.Header{"nothing": nil, "a forged token": forged} {
		if got := s.ask(s.api+"/me", header); got.status != 401 || !strings.HasPrefix(got.header.Get("WWW-Authenticate"), "Bearer ") {
			t.Errorf("the API says %d %s to %s", got.status, got.body, name)
		}
	}
	if got := s.ask(s.base+"/lamp-room", http.Header{"Accept": {"text/html"}}); got.status != 302 {
		t.Errorf("a browser without a session gets %d", got.status)
	}
}

// sees checks where the visitor is.
func (s *site) sees(v *browser.Visitor, status int, address, heading string) {
	s.t.Helper()
	if got := v.Text("h1"); v.Status() != status || v.URL() != address || got != heading {
		s.t.Fatalf("%d at %s, headed %q; want %d at %s and %q", v.Status(), v.URL(), got, status, address, heading)
	}
}

// isBack waits until the login has led back to the app.
func (s *site) isBack(v *browser.Visitor) {
	s.t.Helper()
	v.Led(s.base + "/")
	s.sees(v, 200, s.base+"/", "Good evening")
}

// isKnown checks that the page and the API know who is there.
func (s *site) isKnown(v *browser.Visitor, heading string) {
	s.t.Helper()
	if got := v.Text("main strong"); v.Text("h1") != heading || got != email {
		s.t.Fatalf("%s says %q", v.URL(), v.Text("main"))
	}
	var who map[string]string
	if err := json.Unmarshal([]byte(v.Text("pre")), &who); err != nil || len(who["user"]) != 36 || len(who["session"]) != 36 || who["role"] != "user" {
		s.t.Errorf("the API says %s", v.Text("pre"))
	}
}

// tokenOf returns the token that the page gets for the visitor now.
func (s *site) tokenOf(v *browser.Visitor) string {
	s.t.Helper()
	asks := http.Header{
		"X-Original-Method": {"GET"}, "X-Original-Proto": {"http"}, "X-Original-Host": {strings.TrimPrefix(s.base, "http://")}, "X-Original-Uri": {"/"},
	}
	for _, cookie := range v.Cookies() {
		asks["Cookie"] = append(asks["Cookie"], cookie.Name+"="+cookie.Value)
	}
	asks["Cookie"] = []string{strings.Join(asks["Cookie"], "; ")}
	got := s.ask(s.handstamp+"/verify", asks)
	token, ok := strings.CutPrefix(got.header.Get("Authorization"), "Bearer ")
	if got.status != 200 || !ok {
		s.t.Fatalf("/verify says %d %s", got.status, got.body)
	}
	return token
}

// expiryOf returns until when a token is good, which everybody can read.
func expiryOf(t *testing.T, token string) time.Time {
	t.Helper()
	var claims struct {
		Exp int64 `json:"exp"`
	}
	text, err := base64.RawURLEncoding.DecodeString(strings.Split(token, ".")[1])
	if err == nil {
		err = json.Unmarshal(text, &claims)
	}
	if err != nil || claims.Exp == 0 {
		t.Fatalf("%s: %v", text, err)
	}
	return time.Unix(claims.Exp, 0)
}
