package server_test

import (
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/handstamp/handstamp/internal/textbrowser"
)

var langOf = regexp.MustCompile(`<html lang="([^"]*)"`)

// languageOf returns the language of a page, in which its header and its element agree.
func languageOf(t testing.TB, p *textbrowser.Page) string {
	t.Helper()
	found := langOf.FindStringSubmatch(p.Body)
	if found == nil || found[1] != p.Header.Get("Content-Language") {
		t.Fatalf("%s: Content-Language %q, element %v", p.URL, p.Header.Get("Content-Language"), found)
	}
	return found[1]
}

// switchTo follows the link on a page that leads to it in another language.
func switchTo(t testing.TB, b *textbrowser.Browser, p *textbrowser.Page, tag string) *textbrowser.Page {
	t.Helper()
	for _, target := range p.Links() {
		u, err := p.URL.Parse(target)
		if err != nil {
			t.Fatal(err)
		}
		if u.Query().Get("lang") == tag {
			return b.Open(u.String())
		}
	}
	t.Fatalf("%s: no link to %q among %v", p, tag, p.Links())
	return nil
}

func TestLanguageOfReader(t *testing.T) {
	s := newSite(t, "memory")
	for accept, want := range map[string]string{
		"": "en", "fr": "fr", "de-AT,de;q=0.9,en;q=0.5": "de", "es-MX": "es", "ja": "en", "ja,fr;q=0.1": "fr", "xx;;,,": "en",
		strings.Repeat("ja,", 1000) + "de": "en", "FR-ch": "fr",
	} {
		b := s.browser()
		b.Language = accept
		p := b.Open("/login")
		if got := languageOf(t, p); got != want {
			t.Errorf("%.40q: %s, want %s", accept, got, want)
		}
		if !slices.Contains(p.Header["Vary"], "Accept-Language") {
			t.Errorf("Vary %q", p.Header["Vary"])
		}
	}
	b := s.browser()
	b.SetCookie("language", "<script>")
	if p := b.Open("/login"); languageOf(t, p) != "en" || strings.Contains(p.Body, "<script>") {
		t.Errorf("%s", p.Body)
	}
}

// TestLanguageSwitch: each page leads to itself in the other languages, with all that its address says, and the choice
// lasts.
func TestLanguageSwitch(t *testing.T) {
	for _, prefix := range []string{"", "/auth"} {
		s := newSite(t, "memory", withPrefix(prefix))
		for _, path := range []string{
			"/login?return_to=%2Freports%3Fa%3Db%26lang%3Dxx", "/account", "/account/delete", "/admin/users?after=0&search=a%26b%3Cc", "/admin/audit?action=login",
			"/admin/users/new", userPage(s.bob), "/admin", "/logout", "/nothing/here?x=1", "/admin/users/none", strings.TrimPrefix(s.link(), prefix),
		} {
			b := s.browser()
			if !strings.HasPrefix(path, "/login") {
				b = s.adasBrowser()
			}
			b.Language = "de"
			p := b.Open(path)
			if got := languageOf(t, p); got != "de" {
				t.Fatalf("%s: %s", path, got)
			}
			before := p.URL
			p = switchTo(t, b, p, "fr")
			if p.URL.Path != before.Path || p.URL.Query().Encode() != before.Query().Encode() || languageOf(t, p) != "fr" {
				t.Errorf("%s leads to %s", before, p)
			}
			if got := languageOf(t, b.Open("/logout")); got != "fr" {
				t.Errorf("%s: the choice lasts no longer than a page", path)
			}
			if p = switchTo(t, b, p, "en"); languageOf(t, p) != "en" {
				t.Errorf("%s: no way back from French", path)
			}
		}
	}
}

// TestLanguageUnknown changes nothing, and leads nowhere else.
func TestLanguageUnknown(t *testing.T) {
	s := newSite(t, "memory")
	for _, query := range []string{"lang=xx", "lang=%3Cscript%3E", "lang=../../etc", "lang=en%00", "lang=fr%0d%0aX:y"} {
		b := s.browser()
		p := b.Fetch("GET", "/login?"+query+"&return_to=/x", nil)
		if p.Status != 303 || p.Header.Get("Location") != "/login?return_to=%2Fx" || p.Header["Set-Cookie"] != nil {
			t.Errorf("%s: %d %v", query, p.Status, p.Header)
		}
	}
	for _, path := range []string{"//evil.example/login", "/%2f/evil.example", "/x//evil.example/..//", "//evil.example/%2e%2e", `/\evil.example`} {
		for _, b := range []*textbrowser.Browser{s.browser(), s.adasBrowser()} {
			p := b.Fetch("GET", "http://example.com"+path+"?lang=fr", nil)
			if target := p.Header.Get("Location"); strings.HasPrefix(target, "//") || strings.Contains(target, "://") || strings.Contains(target, `\`) {
				t.Errorf("%s leads to %q", path, target)
			}
		}
	}
}

// TestLanguageSwitchAfterAForm: what answers a form cannot be asked for again, so its links lead to where the form
// stood, whether the browser says where that was or not.
func TestLanguageSwitchAfterAForm(t *testing.T) {
	s := newSite(t, "memory")
	for _, referer := range [][]string{{"usual"}, nil, {"http://evil.example/account?lang=es"}, {"http://example.com"}, {"%zz"}} {
		for from, act := range map[string]string{
			"/login": "/login", "/account": "/account/password", "/account/delete": "/account/delete", userPage(s.bob): userPage(s.bob) + "/role",
			"/admin/users/new": "/admin/users/new", "/logout": "/logout", s.link(): "",
		} {
			b := s.browser()
			if from != "/login" && act != "" {
				b = s.staleBrowser(s.ada)
			}
			if len(referer) == 0 || referer[0] != "usual" {
				b.Header = http.Header{"Referer": referer}
			}
			form := b.Open(from).Form(from + strings.TrimPrefix(act, from))
			if act == "/account/password" {
				form = b.Open(from).Form(act)
			}
			if act == "/logout" {
				form.Fields.Set("form_token", "x")
			}
			p := form.Submit()
			if p.Status < 400 {
				t.Fatalf("%s: %s", act, p)
			}
			p = switchTo(t, b, p, "es")
			if p.Status != 200 || languageOf(t, p) != "es" {
				t.Errorf("%s, Referer %q: %s", act, referer, p)
			}
			if p.URL.Path != from && (referer == nil || !strings.Contains(referer[0], "evil")) {
				t.Errorf("%s leads to %s, want %s", act, p.URL, from)
			}
		}
	}
}
