package server_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/handstamp/handstamp/account"
	"github.com/handstamp/handstamp/server"
	"github.com/handstamp/handstamp/store/memory"
	"github.com/handstamp/handstamp/throttle"
)

// withLimits sets limits for attempts, and knows devices.
func withLimits(t *testing.T) func(*server.Config) {
	t.Helper()
	key := []byte(strings.Repeat("k", 32))
	limits, err := throttle.New(memory.NewThrottle(), key, throttle.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(limits.Close)
	devices, err := throttle.NewDevices(key)
	if err != nil {
		t.Fatal(err)
	}
	devices.Insecure = true
	return func(c *server.Config) { c.People.Limits, c.People.Devices = limits, devices }
}

// TestAttemptLimits: whoever guesses is told to wait, by every door alike, whether the account exists
// or not; and the browser of the one who is guessed at is not locked out.
func TestAttemptLimits(t *testing.T) {
	s := newSite(t, "memory", withLimits(t))
	bob := s.stranger()
	w := bob.want(200, "", "POST", "/auth_session/login", `{"email":"bob@example.com","password":"battery staple"}`)
	var device string
	for _, cookie := range w.Result().Cookies() {
		if cookie.Name == "device" {
			device = "device=" + cookie.Value
		}
	}
	if device == "" {
		t.Fatalf("no device cookie: %v", w.Header())
	}
	for _, guessed := range []string{bobsEmail, "nobody@example.com"} {
		refused := false
		for i := 0; i < 10 && !refused; i++ {
			w := s.stranger().do("POST", "/auth_session/login", `{"email":"`+guessed+`","password":"guess"}`)
			if refused = w.Code == 429; !refused && w.Code != 401 {
				t.Fatalf("%d %s", w.Code, w.Body)
			}
		}
		w := s.stranger().want(429, "too_many_attempts", "POST", "/auth_session/login", `{"email":"`+guessed+`","password":"battery staple"}`)
		if n, err := strconv.Atoi(w.Header().Get("Retry-After")); err != nil || n < 1 {
			t.Errorf("Retry-After %q", w.Header().Get("Retry-After"))
		}
		s.stranger().want(429, "too_many_attempts", "GET", "/users/me", "", "Authorization", basic(guessed, "battery staple"))
	}
	for _, c := range []struct{ method, path, body string }{
		{"POST", "/auth_session/renew", `{"password":"battery staple"}`},
		{"PUT", "/users/me", `{"password":"new","old_password":"battery staple"}`},
	} {
		bob.want(429, "too_many_attempts", c.method, c.path, c.body) // without its device cookie
	}
	bob.isIn(true)

	known := &client{site: s, cookie: device}
	known.want(200, "", "POST", "/auth_session/login", `{"email":"bob@example.com","password":"battery staple"}`)
	both := &client{site: s, cookie: known.cookie + "; " + device}
	w = both.want(200, "", "PUT", "/users/me", `{"password":"new","old_password":"battery staple"}`)
	renewed := ""
	for _, cookie := range w.Result().Cookies() {
		if cookie.Name == "device" {
			renewed = "device=" + cookie.Value
		}
	}
	if renewed == "" || renewed == device {
		t.Errorf("after a new password the device is %q", renewed)
	}
}

// TestPasswordRules: what is wrong with a password is said, and the password is not.
func TestPasswordRules(t *testing.T) {
	s := newSite(t, "memory", func(c *server.Config) {
		c.People.Rules = func() account.PasswordRules { return account.PasswordRules{} }
	})
	for password, code := range map[string]string{
		"nine char":                  "password_too_short",
		"123456789012345":            "password_too_common",
		"abcabcabcabcabcabc":         "password_too_common",
		"cy@example.com":             "password_too_short",
		"cy.lovelace@example.com":    "password_too_common",
		strings.Repeat("x y z", 900): "password_too_long",
		"a\u0000b":                   "password_not_acceptable",
	} {
		text := strings.ReplaceAll(password, "\u0000", `\u0000`)
		w := s.asAda().want(400, code, "POST", "/users", `{"email":"cy.lovelace@example.com","password":"`+text+`"}`)
		if strings.Contains(w.Body.String(), text) {
			t.Errorf("the answer repeats the password: %s", w.Body)
		}
	}
	s.asBob().want(400, "password_too_short", "PUT", "/users/me", `{"password":"short","old_password":"battery staple"}`)
	s.asBob().want(200, "", "PUT", "/users/me", `{"password":"a long way to Tipperary","old_password":"battery staple"}`)
}

// TestRegistrationLimits: strangers make so many accounts, and ask so often whether an email is taken; what
// cannot become an account costs nothing, and administrators are not limited.
func TestRegistrationLimits(t *testing.T) {
	s := newSite(t, "memory", withLimits(t), func(c *server.Config) { c.MayRegister = func() bool { return true } })
	register := func(c *client, status int, code, email string) {
		t.Helper()
		c.want(status, code, "POST", "/users", `{"email":"`+email+`","password":"correct horse battery"}`)
	}
	ada := s.asAda()
	for range 40 {
		register(s.stranger(), 400, "email_not_acceptable", "nobody")
	}
	for i := range 15 {
		register(s.stranger(), 201, "", fmt.Sprintf("new%d@example.com", i))
	}
	for i := range 15 {
		register(s.stranger(), 409, "email_taken", fmt.Sprintf("new%d@example.com", i))
	}
	register(s.stranger(), 429, "too_many_attempts", "another@example.com")
	register(ada, 201, "", "another@example.com")
}
