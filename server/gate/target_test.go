package gate_test

import (
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/handstamp/handstamp/server/gate"
)

// targets are spellings of paths that some readers make other paths of.
var targets = []string{
	"/", "/?", "/?a=b;c=%zz&d", "/a?b?c", "/a/../b", "/a/./b", "/a//b", "/a/..;/b", "/a;x=1/b", "/a%2fb", "/a%2Fb", "/%61dmin", "/a%5cb", `/a\b`, `/..\b`,
	"/a%00b", "/a%0ab", "/a%0d%0aX-Auth-User:%20evil", "/a%25b", "/a%252fb", "/%c0%ae%c0%ae/b", "/%e0%80%af", "/%ff", "/a+b", "/a%20b", "/a|b", "/a^b", "/a{b}", "/a`b",
	"/a<b>", `/a"b"`, "/a'b'", "/[a]", "/a:b@c", "/@user", "/a#b", "/a#b?c", "/a?b#c", "/a%23b", "/a%3fb", "/ADMIN", "/a.", "/a%2e", "/.%2e/b", "/%2e%2e/b", "/..", "/...", "/~a", "/a=b&c",
	"//", "///", "//a", "//a/b?c", "//evil.example/x", "//evil.example:80/x?y", "//user@evil.example/", "//a%2fb", "/http://evil.example/", "/*", "/a%", "//a|b",
	"/" + strings.Repeat("a/", 2000),
}

// TestTargetsArriveAsTheyWere: what was decided about is, to the byte, what the app gets, or it gets nothing.
func TestTargetsArriveAsTheyWere(t *testing.T) {
	rec := newRecorder(t)
	var mu sync.Mutex
	var decided string
	s := newSite(t, rec.url, with(func(c *gate.Config) {
		c.Decide = func(r *http.Request, target string) gate.Verdict {
			mu.Lock()
			defer mu.Unlock()
			decided = target
			return asAda(r, target)
		}
	}))
	passed := 0
	for _, target := range targets {
		for _, form := range []struct{ name, sent, want string }{
			{"origin", target, target}, {"absolute", "http://x" + target, target},
		} {
			decided = ""
			status := s.send("GET " + form.sent + " HTTP/1.1\r\nHost: x\r\n\r\n")
			heads := rec.take()
			switch {
			case status == http.StatusOK && len(heads) == 1:
				line, _, _ := strings.Cut(heads[0], "\r\n")
				if want := "GET " + form.want + " HTTP/1.1"; line != want || decided != form.want {
					t.Errorf("%s form of %.99q: decided about %.99q, and the app got %.99q", form.name, target, decided, line)
				}
				passed++
			case status != http.StatusBadRequest || len(heads) != 0:
				t.Errorf("%s form of %.99q: %d, and the app got %.99q", form.name, target, status, heads)
			}
		}
	}
	if least := 2*len(targets) - 12; passed < least {
		t.Errorf("only %d of %d passed, want %d", passed, 2*len(targets), least)
	}
	for _, sent := range []string{"http://x", "http://x?a=b", "HTTP://x/a"} {
		s.send("GET " + sent + " HTTP/1.1\r\nHost: x\r\n\r\n")
	}
	heads := rec.take()
	for i, want := range []string{"GET / ", "GET /?a=b ", "GET /a "} {
		if len(heads) != 3 || !strings.HasPrefix(heads[i], want) {
			t.Fatalf("%q, want %q", heads, want)
		}
	}
}

// TestWhatIsNoRequestForAnApp is refused before anybody decides.
func TestWhatIsNoRequestForAnApp(t *testing.T) {
	rec := newRecorder(t)
	s := newSite(t, rec.url)
	for line, want := range map[string]int{
		"OPTIONS *": 400, "GET *": 400, "CONNECT evil.example:443": 400, "CONNECT /x": 405, "TRACE /": 405, "GET mailto:a@b": 400, "GET x": 400,
	} {
		if status := s.send(line + " HTTP/1.1\r\nHost: x\r\n\r\n"); status != want {
			t.Errorf("%s: %d, want %d", line, status, want)
		}
	}
	for _, method := range []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND", "get", "M-SEARCH"} {
		if status := s.send(method + " /x HTTP/1.1\r\nHost: x\r\n\r\n"); status != 200 {
			t.Errorf("%s: %d", method, status)
		}
		if heads := rec.take(); len(heads) != 1 || !strings.HasPrefix(heads[0], method+" /x HTTP/1.1\r\n") {
			t.Errorf("%s: the app got %q", method, heads)
		}
	}
}
