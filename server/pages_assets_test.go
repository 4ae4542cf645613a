package server_test

import (
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"github.com/handstamp/handstamp/internal/textbrowser"
	"github.com/handstamp/handstamp/server"
)

// target is what an element of a page leads to or loads.
type target struct{ element, attribute, value string }

// targetsOn returns all that a page leads to, loads or sends to.
func targetsOn(t testing.TB, p *textbrowser.Page) []target {
	t.Helper()
	root, err := html.Parse(strings.NewReader(p.Body))
	if err != nil {
		t.Fatal(err)
	}
	var found []target
	for n := range root.Descendants() {
		for _, a := range n.Attr {
			switch a.Key {
			case "src", "srcset", "href", "action", "formaction", "poster", "data", "background", "cite", "ping", "manifest", "xlink:href":
				found = append(found, target{n.Data, a.Key, a.Val})
			case "style", "http-equiv", "integrity", "srcdoc":
				t.Errorf("%s: <%s> has %s=%q", p.URL, n.Data, a.Key, a.Val)
			}
		}
	}
	return found
}

// TestPagesLoadTheirOwn: whatever a page of whatever state loads, leads to or sends a form to is ours, below the prefix, and is there.
func TestPagesLoadTheirOwn(t *testing.T) {
	for _, prefix := range []string{"", "/auth"} {
		s := newSite(t, "memory", withPrefix(prefix), withLook, func(c *server.Config) { c.MayRegister = func() bool { return true } })
		s.asBob()
		for i := range 60 { // so that lists go on
			s.stale(s.addUser(fmt.Sprintf("user%d@example.com", i), "p", "user"))
		}
		stranger := s.browser()
		var shown []*textbrowser.Page
		for _, route := range s.pages() {
			if strings.HasPrefix(route.path, "/assets/") || route.path == "/" {
				continue
			}
			b := s.adasBrowser()
			if route.isForStrangers() {
				b = stranger
			}
			shown = append(shown, b.Open(route.path+"?return_to=%2Freports&search=user&action=login"))
			if route.takes("POST") {
				stale := s.staleBrowser(s.ada)
				shown = append(shown, stale.Fetch("POST", route.path, url.Values{"form_token": {tokenFrom(t, stale.Open("/account"))}}))
				shown = append(shown, stale.Fetch("POST", route.path, nil))
			}
		}
		ada := s.adasBrowser()
		shown = append(shown, ada.Open("/nothing"), ada.Open("/logout"), signInAs(stranger.Open("/login"), email, "wrong"),
			ada.Open(userPage(s.bob)).Form("/reset-link").Send(), stranger.Fetch("PUT", "/login", nil))
		seen := make(map[target]bool)
		for _, p := range shown {
			if p.Status == 303 {
				continue
			}
			for _, to := range targetsOn(t, p) {
				if id, isHere := strings.CutPrefix(to.value, "#"); isHere && strings.Contains(p.Body, `id="`+id+`"`) {
					continue
				}
				u, err := p.URL.Parse(to.value)
				if err != nil || u.Host != "example.com" || u.Scheme != "http" || !strings.HasPrefix(u.Path, prefix+"/") || strings.Contains(to.value, "//") {
					t.Errorf("%s: <%s %s=%q>", p.URL, to.element, to.attribute, to.value)
					continue
				}
				if to.value = u.RequestURI(); seen[to] || to.attribute == "action" || strings.Contains(to.value, "lang=") {
					continue
				}
				seen[to] = true
				if got := ada.Fetch("GET", u.String(), nil); got.Status != 200 && got.Status != 303 {
					t.Errorf("%s: <%s %s=%q>: %s", p.URL, to.element, to.attribute, to.value, got)
				}
			}
		}
		if len(shown) < 60 || len(seen) < 60 {
			t.Errorf("only %d pages with %d targets", len(shown), len(seen))
		}
	}
}

var hashed = regexp.MustCompile(`^/auth/assets/([a-z]+)\.[0-9a-f]{16}\.(css|js|svg)$`)

// TestAssets: what pages load may be kept for good by everybody, as what changes gets another name.
func TestAssets(t *testing.T) {
	s := newSite(t, "memory", withPrefix("/auth"), withLook)
	types := map[string]string{"css": "text/css; charset=utf-8", "js": "text/javascript; charset=utf-8", "svg": "image/svg+xml"}
	loaded := make(map[string]string)
	for _, to := range targetsOn(t, s.browser().Open("/login")) {
		if to.element == "a" || to.element == "form" {
			continue
		}
		name := hashed.FindStringSubmatch(to.value)
		if name == nil {
			t.Fatalf("<%s %s=%q>", to.element, to.attribute, to.value)
		}
		loaded[name[1]] = to.value
		p := s.browser().Fetch("GET", "http://example.com"+to.value, nil)
		if p.Status != 200 || p.Body == "" && name[1] != "style" || p.Header.Get("Content-Type") != types[name[2]] {
			t.Errorf("%s: %d %v", to.value, p.Status, p.Header)
		}
		if got := p.Header.Get("Cache-Control"); got != "public, max-age=31536000, immutable" {
			t.Errorf("%s: Cache-Control %q", to.value, got)
		}
		for _, never := range []string{"Vary", "Set-Cookie", "Clear-Site-Data"} {
			if p.Header[never] != nil {
				t.Errorf("%s: %s %q", to.value, never, p.Header[never])
			}
		}
		if p.Header.Get("X-Content-Type-Options") != "nosniff" || p.Header.Get("Cross-Origin-Resource-Policy") != "same-origin" {
			t.Errorf("%s: %v", to.value, p.Header)
		}
		policy := p.Header.Get("Content-Security-Policy")
		if name[1] == "logo" {
			if p.Body != svg || !strings.HasPrefix(policy, "default-src 'none'; ") || !strings.Contains(policy, "sandbox") {
				t.Errorf("the logo: %q %s", policy, p.Body)
			}
		} else if !strings.HasPrefix(policy, "default-src 'none'; ") {
			t.Errorf("%s: Content-Security-Policy %q", to.value, policy)
		}
		if got := s.browser().Fetch("HEAD", "http://example.com"+to.value, nil); got.Status != 200 || got.Header.Get("Content-Type") != types[name[2]] {
			t.Errorf("HEAD %s: %s", to.value, got)
		}
	}
	for _, name := range []string{"style", "colours", "handstamp", "logo"} {
		if loaded[name] == "" {
			t.Errorf("nothing is called %s: %v", name, loaded)
		}
	}
	if css := s.browser().Fetch("GET", "http://example.com"+loaded["colours"], nil).Body; !strings.Contains(css, "--accent:#e8590c") && !strings.Contains(css, "--accent: #e8590c") {
		t.Errorf("%s", css)
	}

	name := strings.TrimPrefix(loaded["style"], "/auth/assets/")
	for _, path := range []string{
		"style.css", strings.Replace(name, ".", ".0", 1), strings.ToUpper(name), name + "x", name + "%00", "%2e%2e%2f" + name, "..%2fassets.go", "%2e%2e/assets.go",
		"../assets.go", "..%5c..%5cgo.mod", "assets.go", "", ".", "%2e", "logo.svg", "a/" + name, "?" + name, strings.Repeat("x", 5000),
	} {
		for who, b := range map[string]*textbrowser.Browser{"a stranger": s.browser(), "Ada": s.adasBrowser()} {
			p := b.Fetch("GET", "/assets/"+path, nil)
			if p.Status != 404 && !(p.Status == 303 && who == "a stranger") && p.Status != 301 && p.Status != 307 {
				t.Errorf("%.100s as %s: %s", path, who, p)
			}
			if p.Header.Get("Cache-Control") != "no-store" {
				t.Errorf("%.100s: Cache-Control %q", path, p.Header.Get("Cache-Control"))
			}
		}
	}
	other := newSite(t, "memory", withPrefix("/auth"))
	for _, to := range targetsOn(t, other.browser().Open("/login")) {
		if strings.Contains(to.value, "/colours.") && to.value == loaded["colours"] || strings.Contains(to.value, "/logo.") {
			t.Errorf("without a look: %s", to.value)
		}
	}
}
