package server_test

import (
	"bytes"
	"io"
	"mime/multipart"
	"net/url"
	"strings"
	"testing"
)

// TestFirstOfTwoFieldsCounts, as everywhere in Handstamp.
func TestFirstOfTwoFieldsCounts(t *testing.T) {
	s := newSite(t, "memory")
	b := s.browser()
	token := tokenFrom(t, b.Open("/login"))
	for _, c := range []struct {
		emails, tokens []string
		status         int
	}{
		{[]string{bobsEmail, email}, []string{token}, 303},
		{[]string{email, bobsEmail}, []string{token}, 401},
		{[]string{bobsEmail}, []string{"x", token}, 403},
	} {
		p := b.Fetch("POST", "/login", url.Values{"form_token": c.tokens, "email": c.emails, "password": {bobsPassword}})
		if p.Status != c.status {
			t.Errorf("%v: %s", c, p)
		}
	}
}

// visitorForm returns the login form's cookie and token.
func (s *site) visitorForm() (cookie, token string) {
	b := s.browser()
	token = tokenFrom(s.t, b.Open("/login"))
	return "visitor=" + b.Cookies()["visitor"], token
}

func TestFormsInOtherTypes(t *testing.T) {
	s := newSite(t, "memory")
	cookie, token := s.visitorForm()
	var body bytes.Buffer
	parts := multipart.NewWriter(&body)
	for name, value := range map[string]string{"email": bobsEmail, "password": bobsPassword, "form_token": token} {
		if err := parts.WriteField(name, value); err != nil {
			t.Fatal(err)
		}
	}
	if err := parts.Close(); err != nil {
		t.Fatal(err)
	}
	plainForm := url.Values{"email": {bobsEmail}, "password": {bobsPassword}, "form_token": {token}}.Encode()
	for _, c := range []struct {
		kind, body string
		status     int
		says       string
	}{
		{parts.FormDataContentType(), body.String(), 303, ""},
		{parts.FormDataContentType(), body.String()[:body.Len()-70], 400, "The form could not be read"},
		{"application/x-www-form-urlencoded", plainForm, 303, ""},
		{"application/x-www-form-urlencoded; charset=utf-8", plainForm, 303, ""},
		{"text/plain", plainForm, 403, "This form was open for too long"},
		{"application/json", `{"email":"bob@example.com","password":"battery staple","form_token":"` + token + `"}`, 403, "This form was open for too long"},
		{"application/x-www-form-urlencoded", plainForm + strings.Repeat("&a=b", 200), 400, "The form could not be read"},
	} {
		w := s.visit("POST", "/login", c.body, "Content-Type", c.kind, "Cookie", cookie, "Accept", "text/html")
		if w.Code != c.status || !strings.Contains(w.Body.String(), c.says) {
			t.Errorf("%s: %d %s", c.kind, w.Code, w.Body)
		}
	}
}

// TestHugeForms are refused with a page, whether their length is told or not.
func TestHugeForms(t *testing.T) {
	s := newSite(t, "memory")
	cookie, token := s.visitorForm()
	huge := "form_token=" + token + "&email=" + strings.Repeat("x", 100<<10)
	send := func(path string, body io.Reader) {
		t.Helper()
		w := do(s.handler, "POST", path, body, "Content-Type", "application/x-www-form-urlencoded", "Cookie", cookie, "Accept", "text/html")
		if w.Code != 413 || !strings.Contains(w.Body.String(), "This is more than can be received") {
			t.Errorf("%s: %d %s", path, w.Code, w.Body)
		}
	}
	for _, path := range []string{"/login", "/logout", "/register"} {
		send(path, strings.NewReader(huge))
		send(path, io.MultiReader(strings.NewReader(huge)))
	}
	for _, path := range []string{"/account/profile", "/nothing", "/assets/x"} {
		send(path, strings.NewReader(huge))
	}
}
