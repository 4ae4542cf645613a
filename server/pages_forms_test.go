package server_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/handstamp/handstamp/server"
)

// TestFormsAreOurs: a form is carried out only with a token that a page of ours has made for who sends it.
func TestFormsAreOurs(t *testing.T) {
	onEachStore(t, func(t *testing.T, s *site) {
		ada, stranger := s.adasBrowser(), s.browser()
		stranger.Open("/login") // gets a cookie for visitors
		ended := s.adasBrowser()
		endedToken := tokenFrom(t, ended.Open("/account"))
		ended.Open("/account").Form("/logout").Send()
		others := map[string]string{
			"none":                      "",
			"made up":                   strings.Repeat("A", 43),
			"another visitor's":         tokenFrom(t, s.browser().Open("/login")),
			"Bob's":                     tokenFrom(t, s.bobsBrowser().Open("/account")),
			"Ada's on another device":   tokenFrom(t, s.adasBrowser().Open("/account")),
			"of a session that is over": endedToken,
			"nearly": func() string {
				token := []byte(tokenFrom(t, ada.Open("/account")))
				token[5] ^= 1
				return string(token)
			}(),
		}
		routes, before, n := s.pages(), s.state(), 0
		for _, route := range routes {
			if !route.takes("POST") {
				continue
			}
			b := ada
			if route.isForStrangers() {
				b = stranger
			}
			for name, token := range others {
				p := b.Fetch("POST", route.path+"?form_token="+tokenFrom(t, ada.Open("/account")), filled(token))
				n++
				if p.Status != 403 || !p.Says("This form was open for too long") && !p.Says("Only administrators create accounts here") {
					t.Errorf("%s with the token %s: %s", route.path, name, p)
				}
				if strings.Contains(p.Body, "another one") || strings.Contains(p.Body, plain) {
					t.Errorf("%s: a password comes back", route.path)
				}
			}
			if route.path == "/login" {
				continue // an app on the same origin may have a form of its own: see TestLoginFormOfAnApp
			}
			fields := filled("")
			fields.Del("form_token")
			if p := b.Fetch("POST", route.path, fields); p.Status != 403 {
				t.Errorf("%s without a token: %s", route.path, p)
			}
		}
		diff(t, "what there is", before, s.state())
		isIn(t, ada, true)
		if n < 100 {
			t.Errorf("only %d forms were sent", n)
		}
	})
}

// TestFormsLoseNothing: who has no good token gets the form back with what was typed, and can send it again.
func TestFormsLoseNothing(t *testing.T) {
	s := newSite(t, "memory", func(c *server.Config) { c.MayRegister = func() bool { return true } })
	for _, c := range []struct{ path, ends string }{
		{"/login", "/account"}, {"/register", "/account"}, {s.link(), "/account"},
	} {
		b := s.browser()
		form := b.Open(c.path).Form(c.path)
		form.Fields.Set("form_token", "old")
		email := fmt.Sprintf("new%d@example.com", len(c.path))
		if c.path == "/login" {
			email = bobsEmail
		}
		again := form.Set("email", email, "password", bobsPassword).Send()
		isPage(t, again, c.path, 403, "This form was open for too long")
		form = again.Form(c.path)
		if form.Fields.Get("email") != email || form.Fields.Get("password") != "" {
			t.Errorf("%s: %v", c.path, form.Fields)
		}
		isPage(t, form.Set("password", bobsPassword).Send(), c.ends, 200, email)
	}
}

// TestFormsFromElsewhere are refused, with a token and all.
func TestFormsFromElsewhere(t *testing.T) {
	s := newSite(t, "memory", withApp, func(c *server.Config) {
		c.Web.Origins = []string{app} // which may use the JSON interface, and no page
		c.MayRegister = func() bool { return true }
	})
	ada, stranger := s.adasBrowser(), s.browser()
	visitors := tokenFrom(t, stranger.Open("/login"))
	routes, adas := s.pages(), tokenFrom(t, ada.Open("/account"))
	before := s.state()
	for _, header := range []http.Header{
		{"Sec-Fetch-Site": {"cross-site"}},
		{"Sec-Fetch-Site": {"same-site"}},
		{"Sec-Fetch-Site": nil, "Origin": {"https://evil.example"}},
		{"Sec-Fetch-Site": nil, "Origin": {app}},
		{"Sec-Fetch-Site": nil, "Origin": {"null"}},
		{"Sec-Fetch-Site": nil, "Origin": {"http://example.com:8080"}},
		{"Sec-Fetch-Site": {"cross-site"}, "Origin": {"https://evil.example"}},
	} {
		ada.Header, stranger.Header = header, header
		for _, route := range routes {
			b, token := ada, adas
			if route.isForStrangers() {
				b, token = stranger, visitors
			}
			p := b.Fetch("POST", route.path, filled(token))
			if p.Status != 403 || !p.Says("This request came from another site") || p.Header.Get("Clear-Site-Data") != "" {
				t.Errorf("%s with %v: %s", route.path, header, p)
			}
		}
	}
	diff(t, "what there is", before, s.state())
	// Another site may link to us.
	ada.Header = http.Header{"Sec-Fetch-Site": {"cross-site"}}
	isPage(t, ada.Open("/account"), "/account", 200)
	ada.Header = http.Header{"Sec-Fetch-Site": nil, "Origin": {"http://example.com"}} // a browser that is a little older
	isPage(t, ada.Open("/account").Form("/profile").Set("first_name", "Ada").Send(), "/account", 200, "Your name is saved")
}
