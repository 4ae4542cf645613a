package handstamp_test

import (
	"net/http"
	"net/url"
	"path"
	"strings"
	"testing"

	"github.com/handstamp/handstamp"
)

// A hit is a handler that a request has reached.
type hit struct{ pattern, path string }

// guardedMux returns a mux with public and protected handlers behind a Guard that knows nobody,
// and where it notes what was reached.
func guardedMux() (http.Handler, *[]hit) {
	hits := new([]hit)
	mux := http.NewServeMux()
	for _, pattern := range []string{
		"/public/", "/login", "/admin/", "/admin/{id}", "/Public/", "/publicx", "GET /{$}", "/",
	} {
		mux.HandleFunc(pattern, func(_ http.ResponseWriter, r *http.Request) {
			*hits = append(*hits, hit{pattern, r.URL.Path})
		})
	}
	guard := handstamp.NewGuard()
	guard.Public = []string{"/public/*", "/login"}
	return guard.Require()(mux), hits
}

// readings returns what a path means to the readers behind a Guard: those that take it as it is,
// decode it once more, take backslashes for slashes, cut parameters off, stop at NUL, or drop
// final dots and blanks of a segment; and any of them together.
func readings(decoded string) []string {
	found := []string{decoded}
	for _, reading := range []func(string) string{
		func(s string) string {
			if again, err := url.PathUnescape(s); err == nil {
				return again
			}
			return s
		},
		func(s string) string { return strings.ReplaceAll(s, `\`, "/") },
		func(s string) string { return eachSegment(s, func(part string) string { return before(part, ";") }) },
		func(s string) string { return before(s, "\x00") },
		func(s string) string { return before(before(s, "?"), "#") },
		func(s string) string {
			return eachSegment(s, func(part string) string {
				if part == "." || part == ".." {
					return part
				}
				return strings.TrimRight(part, ". ")
			})
		},
	} {
		for _, s := range found {
			found = append(found, reading(s))
		}
	}
	return found
}

func eachSegment(s string, change func(string) string) string {
	parts := strings.Split(s, "/")
	for i := range parts {
		parts[i] = change(parts[i])
	}
	return strings.Join(parts, "/")
}

func before(s, mark string) string {
	s, _, _ = strings.Cut(s, mark)
	return s
}

// liesOpen reports whether a path, cleaned, is one that the Guard of guardedMux leaves open.
func liesOpen(p string) bool {
	p = path.Clean(p)
	return p == "/login" || p == "/public" || strings.HasPrefix(p, "/public/")
}

// FuzzPublicPath compares the Guard's judgement with where the mux then sends the request: without
// a credential nothing but the public handlers may be reached, by whatever spelling, and only with
// a path that means a public place to every reader.
func FuzzPublicPath(f *testing.F) {
	for _, target := range []string{
		"/public/a", "/login", "/login/", "/admin/", "/", "*", "http://app.test/public/a", "//public/x", "/public/../admin/",
		"/public/%2e%2e/admin/", "/public/..%2fadmin/", "/public%2f..%2fadmin", `/public/..\admin`, "/public/..%5cadmin",
		"/public/..;/admin/", "/public;/../admin", "/login;x", "/login%00", "/login%20", "/login.", "/LOGIN", "/public/%c0%ae%c0%ae/admin",
		"/public/%252e%252e/admin", "/public/%3f/../admin", "/public/a%23/../admin", "http:public", "http://app.test", "/public/a?b#c",
		"/public/Z%C3%BCrich", "/public/. ./admin", "/public/...", "/%70ublic/x", "/public/%EF%BC%8E%EF%BC%8E/admin", "app.test:443",
	} {
		f.Add(target)
	}
	h, hits := guardedMux()
	f.Fuzz(func(t *testing.T, target string) {
		for _, method := range []string{http.MethodGet, http.MethodPost, http.MethodConnect, http.MethodOptions} {
			r := readRequest(method, target)
			if r == nil {
				continue
			}
			*hits = (*hits)[:0]
			serve(h, r)
			for _, hit := range *hits {
				if hit.pattern != "/public/" && hit.pattern != "/login" && hit.pattern != "/" {
					t.Errorf("%s %q reached the protected handler %s with path %q", method, target, hit.pattern, hit.path)
				}
				for _, reading := range readings(hit.path) {
					if !liesOpen(reading) {
						t.Errorf("%s %q reached %s, and its path %q can be read as %q", method, target, hit.pattern, hit.path, path.Clean(reading))
						break
					}
				}
			}
		}
	})
}

// TestReadings makes sure that what the fuzz target compares with sees a way through where there
// is one.
func TestReadings(t *testing.T) {
	for _, p := range []string{
		"/admin", "/public/../admin", "/public/%2e%2e/admin", `/public\..\admin`, "/public/..;/admin", "/public/..;x/../admin",
		"/public/..%5cadmin", "/public/%2e%2e%3b%5cadmin", "/public/..\x00/a", "/public/..?/a", "/login\x00/../admin", "/login/..#/a",
	} {
		open := true
		for _, reading := range readings(p) {
			open = open && liesOpen(reading)
		}
		if open {
			t.Errorf("%q lies open by every reading", p)
		}
	}
	for _, p := range []string{"/login", "/public/", "/public/a.b/c d"} {
		for _, reading := range readings(p) {
			if !liesOpen(reading) {
				t.Errorf("%q can be read as %q", p, reading)
			}
		}
	}
}
