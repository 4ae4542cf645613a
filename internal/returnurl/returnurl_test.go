package returnurl_test

import (
	_ "embed"
	"encoding/json"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/handstamp/handstamp/internal/returnurl"
)

// own is the origin of the server, and others those of apps.
const own = "https://id.example.com"

var others = []string{
	"https://app.example.com", "https://shop.example.com:8443", "http://localhost:3000", "https://xn--bcher-kva.example",
	"http://192.0.2.1:8080", "http://[2001:db8::1]",
}

func newRules(t testing.TB) returnurl.Rules {
	t.Helper()
	r := returnurl.Rules{Own: &url.URL{Scheme: "https", Host: "id.example.com"}, Origins: others}
	if err := r.Check(); err != nil {
		t.Fatal(err)
	}
	return r
}

// cases are return URLs, each with where a browser goes; testdata/record.mjs has written that down.
//
//go:embed testdata/cases.json
var cases []byte

// A testCase is one of cases.
type testCase struct {
	Raw     string
	Browser *string // the URL as a browser writes it; nil if it goes nowhere
	Target  string  // what Resolve makes of it; empty if it refuses
}

func readCases(t testing.TB) []testCase {
	t.Helper()
	var rows []testCase
	if err := json.Unmarshal(cases, &rows); err != nil {
		t.Fatal(err)
	}
	return rows
}

// TestResolve: what is accepted leads where a browser would have gone, and that is one of ours.
func TestResolve(t *testing.T) {
	r := newRules(t)
	elsewhere := 0
	for _, row := range readCases(t) {
		got, ok := r.Resolve(row.Raw)
		if got != row.Target || ok != (row.Target != "") {
			t.Errorf("%q: %q, %v; want %q", row.Raw, got, ok, row.Target)
			continue
		}
		if row.Browser == nil {
			if ok {
				t.Errorf("%q leads a browser nowhere", row.Raw)
			}
			continue
		}
		if isOurs := isOurs(*row.Browser); !isOurs {
			elsewhere++
			if ok {
				t.Errorf("%q leads a browser to %s", row.Raw, *row.Browser)
			}
		}
		if ok && *row.Browser != absolute(got) {
			t.Errorf("%q leads a browser to %s, but %q was made of it", row.Raw, *row.Browser, got)
		}
	}
	if elsewhere < 50 {
		t.Errorf("only %d cases lead elsewhere", elsewhere)
	}
}

// absolute returns the URL of a target.
func absolute(target string) string {
	if strings.HasPrefix(target, "/") {
		return own + target
	}
	return target
}

// isOurs reports whether a URL, as a browser writes it, has an origin that is ours or listed.
func isOurs(href string) bool {
	return slices.ContainsFunc(append([]string{own}, others...), func(origin string) bool {
		return strings.HasPrefix(href, origin+"/")
	})
}

// TestResolveBytes: cases that JSON cannot hold, and lengths.
func TestResolveBytes(t *testing.T) {
	r := newRules(t)
	for raw, want := range map[string]string{
		"/\xff":      "",
		"/a\xc0\xaf": "", // overlong
		"/" + strings.Repeat("a", returnurl.MaxLength-1): "/" + strings.Repeat("a", returnurl.MaxLength-1),
		"/" + strings.Repeat("a", returnurl.MaxLength):   "",
		`/a"<b>`: `/a"<b>`,
	} {
		if got, ok := r.Resolve(raw); got != want || ok != (want != "") {
			t.Errorf("%q: %q, %v", raw, got, ok)
		}
	}
}

// TestResolveEachByte: of all bytes, few may stand behind the first slash, and none of them begins a host.
func TestResolveEachByte(t *testing.T) {
	r := newRules(t)
	for c := range 256 {
		raw := "/" + string([]byte{byte(c)}) + "/evil.test"
		want := c > 0x20 && c < 0x7f && !strings.ContainsRune(`\/.%`, rune(c))
		if _, ok := r.Resolve(raw); ok != want {
			t.Errorf("%q: %v", raw, ok)
		}
	}
}

// TestResolveOnThisMachine: the port belongs to the origin.
func TestResolveOnThisMachine(t *testing.T) {
	r := returnurl.Rules{Own: &url.URL{Scheme: "http", Host: "LOCALHOST:5000", Path: "/"}}
	if err := r.Check(); err != nil {
		t.Fatal(err)
	}
	for raw, want := range map[string]string{
		"/account":                "/account",
		"http://localhost:5000/a": "http://localhost:5000/a",
		"http://localhost/a":      "",
		"http://localhost:80/a":   "",
		"http://localhost:5001/a": "",
		"https://localhost:5000/": "",
	} {
		if got, _ := r.Resolve(raw); got != want {
			t.Errorf("%q: %q, want %q", raw, got, want)
		}
	}
}

// TestCheck refuses origins that no browser would send, and says how they are written.
func TestCheck(t *testing.T) {
	for origin, want := range map[string]string{
		"https://App.example.com":       "browsers write https://app.example.com",
		"https://app.example.com/":      "browsers write https://app.example.com",
		"https://app.example.com/a?b#c": "browsers write https://app.example.com",
		"https://app.example.com:443":   "browsers write https://app.example.com",
		"http://app.example.com:80":     "browsers write http://app.example.com",
		"app.example.com":               "want http",
		"//app.example.com":             "want http",
		"ftp://app.example.com":         "want http",
		"null":                          "want http",
		"*":                             "want http",
		"":                              "want http",
		"https://":                      "want a host",
		"https://*.example.com":         "want a host",
		"https://me@app.example.com":    "want a host",
		"https://bücher.example":        "want a host",
		"https://app.example.com.":      "want a host",
		"https://a..example.com":        "want a host",
		"https://192.168.1":             "want a host",
		"https://0x7f.1":                "want a host",
		"https://[::1":                  "want a host",
		"https://[::FFFF:127.0.0.1]":    "want a host",
		"https://[fe80::1%25eth0]":      "want a host",
		"https://[127.0.0.1]":           "want a host",
		"https://[2001:db8:0::1]":       "want a host",
		"https://app.example.com:":      "want a port",
		"https://app.example.com:0":     "want a port",
		"https://app.example.com:+1":    "want a port",
		"https://app.example.com:65536": "want a port",
		"https://app.example.com:08443": "want a port",
	} {
		r := newRules(t)
		r.Origins = []string{"https://good.example", origin}
		if err := r.Check(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("origin %q: %v; want %q", origin, err, want)
		}
	}
	for name, u := range map[string]*url.URL{
		"none":     nil,
		"empty":    {},
		"a user":   {Scheme: "https", Host: "id.example.com", User: url.User("me")},
		"a path":   {Scheme: "https", Host: "id.example.com", Path: "/login"},
		"a query":  {Scheme: "https", Host: "id.example.com", RawQuery: "a"},
		"no host":  {Scheme: "https"},
		"not http": {Scheme: "ftp", Host: "id.example.com"},
	} {
		if err := (returnurl.Rules{Own: u}).Check(); err == nil {
			t.Errorf("own URL: %s: accepted", name)
		}
	}
}

// TestWrongRulesAcceptNothingMore: a server that was started with them leads nobody elsewhere.
func TestWrongRulesAcceptNothingMore(t *testing.T) {
	wrong := []string{"", "*", "null", "https:", "https://", "//", "/", "https://*.test", "https://user@evil.test", "https://Evil.test"}
	for _, r := range []returnurl.Rules{
		{Own: &url.URL{Scheme: "https", Host: "id.example.com"}, Origins: wrong},
		{Origins: wrong},
		{Own: &url.URL{}, Origins: wrong},
	} {
		for _, raw := range []string{"//evil.test", "https://evil.test", "https://user@evil.test/", "https:///evil.test", "https://Evil.test/"} {
			if got, ok := r.Resolve(raw); ok {
				t.Errorf("%q with %v: %q", raw, r, got)
			}
		}
	}
	if got, ok := (returnurl.Rules{}).Resolve("/account"); ok {
		t.Errorf("no URL of this server: %q", got)
	}
}

// FuzzResolve: whatever it is given, the result is plain ASCII, one of ours, and its own result.
func FuzzResolve(f *testing.F) {
	for _, row := range readCases(f) {
		f.Add(row.Raw)
	}
	r := newRules(f)
	f.Fuzz(func(t *testing.T, raw string) {
		target, ok := r.Resolve(raw)
		if !ok {
			if target != "" {
				t.Errorf("%q refused, with %q", raw, target)
			}
			return
		}
		if strings.ContainsFunc(target, func(c rune) bool { return c <= ' ' || c > '~' || c == '\\' }) {
			t.Errorf("%q: %q is not plain", raw, target)
		}
		if !isOurs(absolute(target)) || strings.HasPrefix(target, "//") {
			t.Errorf("%q leads to %q", raw, target)
		}
		if u, err := url.Parse(absolute(target)); err != nil || !isOurs(u.Scheme+"://"+u.Host+"/") {
			t.Errorf("%q: net/url reads %q as %v, %v", raw, target, u, err)
		}
		if again, ok := r.Resolve(target); len(target) <= returnurl.MaxLength && (again != target || !ok) {
			t.Errorf("%q: %q, and of that %q", raw, target, again)
		}
	})
}
