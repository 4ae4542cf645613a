package forward_test

import (
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/handstamp/handstamp/server/forward"
)

// FuzzAsked: whatever a proxy passes on, the answer is one of few, it names nobody to a stranger, and nothing leaves the
// origins of our apps.
func FuzzAsked(f *testing.F) {
	for _, seed := range []struct{ method, scheme, host, uri string }{
		{"GET", "https", app, "/static/x"},
		{"POST", "http", "APP.example.com.:8443", "/admin/..;/x?y#z"},
		{"PROPFIND", "wss", "[::1]:443", "/%2e%2e/%c0%ae"},
		{"", "", "", ""},
		{"GET", "https", "app.example.com/x", "//evil.example/\\"},
		{"GET", "https", "x@" + app, "/\x00\xff"},
		{"GET", "https", strings.Repeat("a.", 130), "/" + strings.Repeat("%25", 3000)},
		{"G\r\nT", "https", "xn--bcher-kva.example", "/adm%C4%B1n"},
	} {
		f.Add(seed.method, seed.scheme, seed.host, seed.uri)
	}
	d := newDesk(f, testRule)
	_, cookie := d.enter("user")
	f.Fuzz(func(t *testing.T, method, scheme, host, uri string) {
		for name, by := range ways {
			r := by(ask{method: "GET", scheme: "https", host: app, uri: "/", pairs: browser})
			for key, value := range map[string]string{"Method": method, "Proto": scheme, "Host": host, "Uri": uri, "Url": scheme + "://" + host + uri} {
				for _, prefix := range []string{"X-Original-", "X-Forwarded-"} {
					if r.Header[prefix+key] != nil {
						r.Header[prefix+key] = []string{value}
					}
				}
			}
			if name == "envoy" {
				r.Method, r.Host, r.RequestURI = method, host, "/verify/envoy"+uri
			}
			stranger := d.send(r)
			if identity(stranger.Header) != nobody {
				t.Errorf("%s: a stranger is somebody:\n%s", name, identity(stranger.Header))
			}
			page := stranger.Header.Get("Location") + stranger.Header.Get("X-Auth-Redirect")
			if back, ok := strings.CutPrefix(page, login+"?return_to="); ok {
				back, err := url.QueryUnescape(back)
				if err != nil || !strings.HasPrefix(back, "https://"+app+"/") && !strings.HasPrefix(back, "https://id.example.com/") {
					t.Errorf("%s: a login leads back to %q", name, back)
				}
			} else if page != "" && page != login {
				t.Errorf("%s: a browser is sent to %q", name, page)
			}
			r.Header.Set("Cookie", cookie)
			user := d.send(r)
			switch stranger.StatusCode {
			case 400:
				if user.StatusCode != 400 {
					t.Errorf("%s: a stranger gets %d, a user %d", name, stranger.StatusCode, user.StatusCode)
				}
			case 200, 302, 401:
				if user.StatusCode != 200 && user.StatusCode != 403 && user.StatusCode != 302 && user.StatusCode != 401 {
					t.Errorf("%s: %d", name, user.StatusCode)
				}
			default:
				t.Errorf("%s: %d", name, stranger.StatusCode)
			}
		}
		d.log.Reset()
		if len(d.broken) > 0 {
			t.Errorf("%v", d.broken)
		}
	})
}

// FuzzParseRules: what is a rule is about paths that a request can have, and makes nothing public but those.
func FuzzParseRules(f *testing.F) {
	for _, seed := range []string{
		"app.example.com/static/* public", "*/admin role=a,b fresh", "[::1]:80/{$} signed-in", "a.test:443/x%20y* role=a|b", "/ public",
		"a.test./%C3%BC/ public", "a/..%2f public", "*/* public", "a.test/\u212a public", "a.test/* \u2003public",
	} {
		f.Add(seed, "/admin/x")
	}
	f.Fuzz(func(t *testing.T, text, uri string) {
		rules, err := forward.ParseRules([]string{text})
		if err != nil {
			if rules != nil || !strings.HasPrefix(err.Error(), "rule 1, ") {
				t.Errorf("%q: %v", text, err)
			}
			return
		}
		// What it says of itself can be read again.
		if _, err := forward.ParseRules([]string{strings.Join(strings.Fields(text), " ")}); err != nil {
			t.Errorf("%q: %v", text, err)
		}
		for _, origin := range rules.Origins(public) {
			if u, err := url.Parse(origin); err != nil || u.Scheme != "https" || u.Host == "" || u.Path != "" {
				t.Errorf("%q: origin %q", text, origin)
			}
		}
		judge, err := forward.New(forward.Config{Rules: rules, Identify: nobodyIsThere})
		if err != nil {
			t.Fatal(err)
		}
		verdict := judge.Decide(httptest.NewRequest("GET", "/", nil), forward.Asked{Method: "GET", Scheme: "https", Host: "a.test", URI: uri})
		words := strings.Fields(text)
		if verdict.Status == 200 && (len(words) != 2 || words[1] != "public") {
			t.Errorf("%q makes %q public", text, uri)
		}
	})
}
