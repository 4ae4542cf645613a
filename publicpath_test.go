package handstamp_test

import (
	"net/http"
	"net/url"
	"testing"

	"github.com/handstamp/handstamp"
)

// isPublic reports whether a Guard that knows nobody lets a request for u pass.
func isPublic(u *url.URL, public ...string) bool {
	guard := handstamp.NewGuard()
	guard.Public = public
	passed := false
	h := guard.Require()(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { passed = true }))
	serve(h, &http.Request{Method: http.MethodGet, URL: u, Header: http.Header{}})
	return passed
}

// TestPublicTable is the founding documents' table of require_auth(path, excluded_paths).
func TestPublicTable(t *testing.T) {
	const (
		status = "/api/v1/status/"
		stats  = "/api/v1/stats"
		star   = "/api/v1/stat*"
	)
	for _, c := range []struct {
		path   string
		public []string
		want   bool
	}{
		{"", nil, false},
		{"", []string{status}, false},
		{"", []string{""}, false},
		{status, nil, false},
		{status, []string{}, false},
		{status, []string{status}, true},
		{"/api/v1/status", []string{status}, true},
		{"/api/v1/users", []string{status}, false},
		{"/api/v1/users", []string{status, stats}, false},
		{"/api/v1/users", []string{star}, false},
		{"/api/v1/status", []string{star}, true},
		{"/api/v1/stats", []string{star}, true},
		{"/api/v1/stat", []string{star}, true},
		{"/api/v1/stat/", []string{star}, true},
		{"/api/v1/status/deep/x", []string{star}, true},
		{"/api/v1/sta", []string{star}, false},
		{"/foo/api/v1/status", []string{star}, false},
		{"/api/v1/users", []string{"*"}, true},
		{"/", []string{"*"}, true},
		{"/x/../y", []string{"*"}, true}, // everything is public, in whatever spelling
		{"/api/v1/statusX", []string{status}, false},
		{"/api/v1/status/x", []string{status}, false},
		{"/API/v1/status", []string{status}, false},
		{"/api/v1/stats", []string{stats}, true},
		{"/api/v1/stats/", []string{stats}, true},
		{"/api/v1/stats//", []string{stats}, false},
		{"/api/v1/users/1", []string{"/api/*/1"}, false}, // a star in the middle is a star
		{"/api/*/1", []string{"/api/*/1"}, true},
		{"/", []string{"/"}, true},
		{"/x", []string{"/"}, false},
		{"/", []string{""}, false},
		{"//", []string{"/"}, false},
		{"/public", []string{"/public/*"}, false},
		{"/public/", []string{"/public/*"}, true},
		{"/publicity", []string{"/public/*"}, false},
		{"/b", []string{"/a", "/b", "/c"}, true},
	} {
		if got := isPublic(&url.URL{Path: c.path}, c.public...); got != c.want {
			t.Errorf("path %q, public %q: %v, want %v", c.path, c.public, got, c.want)
		}
	}
}

// TestPublicSpellings sends every known way of spelling a protected path so that a careless
// reader takes it for a public one, and the spellings of public paths that must work.
func TestPublicSpellings(t *testing.T) {
	for _, target := range []string{
		"/login", "/login/", "/login?next=/admin", "/public/", "/public/a", "/public/a/", "/public/a.css",
		"/public/.well-known/x", "/public/a..b/c", "/public/...a", "/public/a-b_c~d", "/public/a:b@c",
		"/public/a%20b", "/public/Z%C3%BCrich", "http://app.test/public/a", "/public/a?x=/../admin",
		"/public/a?x=%2e%2e%2f", "/public/a$&+,=",
		"/public/a(b)!*'", "/public/%5Ba%5D",
	} {
		r := readRequest(http.MethodGet, target)
		if r == nil {
			t.Errorf("%s: not a request", target)
		} else if !isPublic(r.URL, "/public/*", "/login") {
			t.Errorf("%s is protected, want public", target)
		}
	}
	for _, target := range []string{
		// double slashes
		"//public/a", "/public//admin", "/public//", "//login", "/login//", "///login",
		// dot segments
		"/./public/a", "/public/.", "/public/./admin", "/public/..", "/public/../admin", "/public/a/../../admin",
		"/public/../public/a", "/login/.", "/login/..", "/login/../admin", "/../public/a",
		// encoded dots
		"/public/%2e", "/public/%2e%2e", "/public/%2e%2e/admin", "/public/.%2e/admin", "/public/%2E./admin",
		"/%2e/public/a", "/login/%2e",
		// encoded slashes
		"/public%2fa", "/public%2F..%2Fadmin", "/public/..%2fadmin", "/public/a%2f..%2f..%2fadmin", "/login%2f", "/%2flogin",
		// backslashes
		`/public\a`, `/public/..\admin`, `/public/a\..\..\admin`, "/public%5c..%5cadmin", "/public/..%5cadmin",
		"/public/%5c%2e%2e%5cadmin", "/login%5c", "/public%5C..%5Cadmin", "/public/a%5Cb", "/public/..%5Cadmin",
		// parameters
		"/public;/admin", "/public/;x", "/public/a;jsessionid=1", "/public/..;/admin", "/public/..;x/admin",
		"/public/.;/admin", "/public/%3b/admin", "/public/..%3b/admin", "/login;", "/login;x=1", "/login%3bx",
		// NUL and other control characters
		"/public/%00", "/public/a%00", "/public/..%00/admin", "/login%00", "/login%00/", "/login%0a", "/public/a%0d%0ab",
		"/public/%09../admin", "/login%09", "/login%7f", "/public/a%1fb", "/public/%08", "/public/a%7Fb", "/public/a%1Fb",
		// letter case
		"/LOGIN", "/Login", "/loGin/", "/PUBLIC/a", "/Public/", "/pUblic/../admin",
		// trailing dots and blanks, which some file systems drop
		"/login.", "/login%20", "/login%2e", "/public/a.", "/public/a%20", "/public/..%20/admin", "/public/.%20./admin%20",
		"/public/a./b", "/public/a%20/b", "/public/.../admin", "/public/%20",
		// an encoded "?" or "#" ends the path for whoever decodes too early
		"/login%3f", "/login%3fx", "/public/%3f/../admin", "/public/%3f", "/public/a%3Fb", "/public/a%23", "/login%23", "/public/..%23/admin",
		// overlong UTF-8, and bytes that are not UTF-8
		"/public/%c0%ae%c0%ae/admin", "/public/..%c0%afadmin", "/public/%e0%80%ae%e0%80%ae/admin", "/public/%f0%80%80%ae/",
		"/public/%ff", "/public/%C0%AE", "/public/%ED%A0%80", "/public/%u002e%u002e/admin",
		// what needs no escape, escaped
		"/%6cogin", "/logi%6e", "/%70ublic/a", "/public/%61", "/public/%c3%bc",
		// twice encoded
		"/public/%252e%252e/admin", "/public/%252e%252e%252fadmin", "/public/%25", "/public/%252f", "/login%2500", "/public%252f..%252fadmin",
		// absolute form and other forms
		"http://app.test/admin", "http://app.test/public/../admin", "http://app.test//public/a", "http://app.test", "http:public/a",
		"http://evil.test/%70ublic/a", "*", "http://app.test/login%2f", "http://u:p@app.test/public/%2e%2e/admin",
		// look-alikes
		"/public", "/publicx", "/loginx", "/log", "/", "/admin", "/admin/login", "/admin?/login", "/admin?x=/public/", "/x/public/a",
	} {
		r := readRequest(http.MethodGet, target)
		if r != nil && isPublic(r.URL, "/public/*", "/login") {
			t.Errorf("%s is public, want protected (path %q, raw path %q)", target, r.URL.Path, r.URL.RawPath)
		}
	}
}
