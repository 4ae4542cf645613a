package front_test

import (
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/handstamp/handstamp/server/front"
)

// pairs returns n cookies.
func pairs(n int) string {
	all := make([]string, n)
	for i := range all {
		all[i] = "c" + strconv.Itoa(i) + "=v"
	}
	return strings.Join(all, "; ")
}

// lines returns n header lines.
func lines(n int) []string {
	var all []string
	for i := range n {
		all = append(all, "X-"+strconv.Itoa(i%7), "v")
	}
	return all
}

func TestSize(t *testing.T) {
	h := newFront(t, newConfig())
	for _, row := range []struct {
		name, target string
		headers      []string
		status       int
		code         string
	}{
		{"a long URL that fits", "/" + strings.Repeat("x", 8191), nil, 200, ""},
		{"a byte too long", "/" + strings.Repeat("x", 8192), nil, 414, "uri_too_long"},
		{"a long query", "/?" + strings.Repeat("x", 8192), nil, 414, "uri_too_long"},
		{"many header lines", "/", lines(99), 200, ""},
		{"one too many", "/", lines(100), 431, "header_too_large"},
		{"a large head", "/", []string{"X", strings.Repeat("x", 16_000)}, 200, ""},
		{"a head that is too large", "/", []string{"X", strings.Repeat("x", 16_400)}, 431, "header_too_large"},
		{"too large, through its names", "/", []string{"X" + strings.Repeat("x", 16_400), ""}, 431, "header_too_large"},
		{"too large, through cookies", "/", []string{"Cookie", "a=" + strings.Repeat("x", 16_400)}, 431, "cookies_too_large"},
		{"many cookies", "/", []string{"Cookie", pairs(50)}, 200, ""},
		{"a cookie too many", "/", []string{"Cookie", pairs(51)}, 431, "cookies_too_large"},
		{"on two lines", "/", []string{"Cookie", pairs(30), "Cookie", pairs(30)}, 431, "cookies_too_large"},
		{"cookies without a name", "/", []string{"Cookie", strings.Repeat(";", 60)}, 431, "cookies_too_large"},
		{"one credential", "/", []string{"Authorization", "Basic x"}, 200, ""},
		{"two", "/", []string{"Authorization", "Basic x", "Authorization", "Bearer y"}, 400, "ambiguous_credentials"},
		{"the same twice", "/", []string{"Authorization", "Basic x", "Authorization", "Basic x"}, 400, "ambiguous_credentials"},
	} {
		t.Run(row.name, func(t *testing.T) {
			w := do(h, "GET", row.target, row.headers...)
			if code := codeOf(t, w); w.Code != row.status || code != row.code {
				t.Errorf("%d %q, want %d %q", w.Code, code, row.status, row.code)
			}
		})
	}
}

// TestAmbiguousCookie: somebody hears of it, and only then; the request goes on.
func TestAmbiguousCookie(t *testing.T) {
	heard := 0
	h := newFront(t, with(func(c *front.Config) { c.Ambiguous = func(*http.Request) { heard++ } }))
	for _, row := range []struct {
		name    string
		cookies []string
		want    int
	}{
		{"one", []string{"__Host-session=a"}, 0},
		{"none", nil, 0},
		{"two", []string{"__Host-session=a; __Host-session=b"}, 1},
		{"three, once", []string{"__Host-session=a; x=y; __Host-session=b; __Host-session=c"}, 1},
		{"the same twice", []string{"__Host-session=a;__Host-session=a"}, 1},
		{"on two lines", []string{"__Host-session=a", "__Host-session=b"}, 1},
		{"spaces", []string{"__Host-session =a; \t__Host-session=b"}, 1},
		{"an empty one", []string{"__Host-session=a; __Host-session="}, 1},
		{"other letters", []string{"__Host-session=a; __host-session=b"}, 0},
		{"quotes", []string{`__Host-session=a; "__Host-session"=b`}, 0},
		{"a space that is none in ASCII", []string{"__Host-session=a; \u2000__Host-session=b"}, 0},
		{"no value", []string{"__Host-session=a; __Host-session"}, 0},
		{"a value of that name", []string{"__Host-session=a; x=__Host-session=b"}, 0},
	} {
		heard = 0
		var headers []string
		for _, line := range row.cookies {
			headers = append(headers, "Cookie", line)
		}
		if w := do(h, "GET", "/", headers...); w.Code != 200 || heard != row.want {
			t.Errorf("%s: %d, heard %d times, want %d", row.name, w.Code, heard, row.want)
		}
	}
}
