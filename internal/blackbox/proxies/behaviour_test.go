package proxies_test

import (
	"bufio"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

const fromBrowser = "Accept: text/html,application/xhtml+xml;q=0.9,*/*;q=0.8"

// must sends a request and returns the answer to it.
func (s *scene) must(t *testing.T, raw string) answer {
	t.Helper()
	a, err := s.ask(raw)
	if err != nil {
		t.Fatalf("%q: %v", raw, err)
	}
	return a
}

// answers are what clients are told.
func answers(t *testing.T, s *scene) {
	for name, c := range map[string]struct {
		raw     string
		status  int
		fromApp bool
		want    func(a answer) bool
	}{
		"a stranger's browser is led to the login, and back": {
			raw: get(s.number(), "/orders?page=2&x=%20", person{}, fromBrowser), status: http.StatusFound,
			want: func(a answer) bool {
				to, err := url.Parse(a.header.Get("Location"))
				back := to.Query().Get("return_to")
				return err == nil && to.Path == "/login" && (to.Host == "" || to.Host == appHost) && strings.TrimPrefix(back, "https://"+appHost) == "/orders?page=2&x=%20"
			},
		},
		"a stranger's program is told what to bring": {
			raw: get(s.number(), "/orders", person{}, "Accept: */*", "User-Agent: curl/8"), status: http.StatusUnauthorized,
			want: func(a answer) bool { return a.header.Get("WWW-Authenticate") != "" && a.header.Get("Location") == "" },
		},
		"a user is not an administrator": {
			raw: get(s.number(), "/staff/", s.user, fromBrowser), status: http.StatusForbidden,
			want: func(a answer) bool { return a.header.Get("Location") == "" },
		},
		"an administrator is":        {raw: get(s.number(), "/staff/", s.admin), status: http.StatusOK, fromApp: true},
		"a user passes":              {raw: get(s.number(), "/orders", s.user), status: http.StatusOK, fromApp: true},
		"everybody sees what may be": {raw: get(s.number(), "/public/", person{}), status: http.StatusOK, fromApp: true},
		"HEAD":                       {raw: plain("HEAD", s.number(), "/orders", s.user), status: http.StatusOK, fromApp: true},
		"DELETE":                     {raw: plain("DELETE", s.number(), "/orders", s.user), status: http.StatusOK, fromApp: true},
		"DELETE of a stranger":       {raw: plain("DELETE", s.number(), "/orders", person{}), status: http.StatusUnauthorized},
		"a body":                     {raw: plain("POST", s.number(), "/orders", s.user, "Content-Length: 4") + "body", status: http.StatusOK, fromApp: true},
		"a body of a stranger":       {raw: plain("POST", s.number(), "/orders", person{}, "Content-Length: 4") + "body", status: http.StatusUnauthorized},
		"the cookies of the app arrive": {
			raw: get(s.number(), "/orders", s.user), status: http.StatusOK, fromApp: true,
			want: func(a answer) bool {
				all := strings.Join(a.header["Set-Cookie"], "\n")
				return strings.Contains(all, "app=1")
			},
		},
		"more cookies than it reads": {
			raw:    "GET /orders HTTP/1.1\r\nHost: " + appHost + "\r\nCookie: n=" + s.number() + strings.Repeat("; a=b", 60) + "\r\n\r\n",
			status: http.StatusRequestHeaderFieldsTooLarge,
		},
		"the login is Handstamp's": {raw: get(s.number(), "/login", person{}, fromBrowser), status: http.StatusOK},
		"another host is nobody's": {raw: "GET /public/ HTTP/1.1\r\nHost: other.example.com\r\n\r\n"},
	} {
		t.Run(name, func(t *testing.T) {
			a := s.must(t, c.raw)
			if a.status != c.status && c.status != 0 || a.fromApp() != c.fromApp || c.want != nil && !c.want(a) {
				t.Errorf("%d %v\n%s", a.status, a.header, a.body)
			}
		})
	}
}

// theAppsCookies are its own. With that of the session it could do whatever its user may do.
func theAppsCookies(t *testing.T, s *scene) {
	for name, line := range map[string]string{
		"in front": "COOKIE; NUMBER; a=b", "in the middle": "a=b; COOKIE; NUMBER", "at the end": "a=b; NUMBER; COOKIE",
	} {
		n := s.number()
		line = strings.NewReplacer("COOKIE", s.user.cookie, "NUMBER", "n="+n+"; who="+s.user.id).Replace(line)
		s.must(t, "GET /orders HTTP/1.1\r\nHost: "+appHost+"\r\nCookie: "+line+"\r\n\r\n")
		got := s.app.requests(n)
		if len(got) != 1 {
			t.Fatalf("%s: %d requests for the app", name, len(got))
		}
		cookies := strings.Join(got[0].header["Cookie"], "; ")
		if strings.Contains(cookies, "session") || !strings.Contains(cookies, "a=b") || !strings.Contains(cookies, "n="+n) {
			t.Errorf("%s: the app has the cookies %q", name, cookies)
		}
	}
}

// whatHandstampHears: each question is about this request, in one family of headers, and says where
// the client is.
func whatHandstampHears(t *testing.T, s *scene) {
	n := s.number()
	s.must(t, plain("DELETE", n, "/orders?a=b", s.user, "X-Forwarded-For: 192.0.2.1", "X-Original-URI: /public/x", "X-Forwarded-Uri: /public/x",
		"X-Forwarded-Method: GET", "X-Original-Method: GET", "X-Forwarded-Host: evil.example", "X-Original-URL: https://evil.example/", "Authorization: Bearer of-the-client"))
	asked := s.tap.decisions(t)[n]
	if len(asked) != 1 {
		t.Fatalf("/verify was asked %d times", len(asked))
	}
	h, families := asked[0].header, 0
	for _, family := range []string{"X-Original-", "X-Forwarded-"} {
		if h.Get(family+"Method") == "" {
			continue
		}
		families++
		for name, want := range map[string]string{"Method": "DELETE", "Host": appHost, "Uri": "/orders?a=b", "Proto": "https"} {
			if got := h[family+name]; len(got) != 1 || got[0] != want {
				t.Errorf("%s%s is %q, want %q", family, name, got, want)
			}
		}
	}
	if families != 1 || h.Get("X-Original-Url") != "" {
		t.Errorf("%d families of headers: %v", families, h)
	}
	if got := h["X-Forwarded-For"]; len(got) != 1 || got[0] != "127.0.0.1" {
		t.Errorf("the client is at %q", got)
	}
	if got := h["Authorization"]; len(got) != 1 || got[0] != "Bearer of-the-client" {
		t.Errorf("the client's credential is %q", got)
	}
}

// sockets: who has signed in gets a websocket to the app, and nobody else.
func sockets(t *testing.T, s *scene) {
	upgrade := []string{"Connection: keep-alive, Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="}
	if a := s.must(t, get(s.number(), "/socket", person{}, upgrade...)); a.status != http.StatusUnauthorized {
		t.Errorf("a stranger: %d", a.status)
	}
	c, err := s.dial()
	if err != nil {
		t.Fatal(err)
	}
	defer c.close()
	raw := get(s.number(), "/socket", s.user, upgrade...)
	if _, err := io.WriteString(c.conn, raw); err != nil {
		t.Fatal(err)
	}
	head, err := http.ReadResponse(c.in, nil)
	if err != nil || head.StatusCode != http.StatusSwitchingProtocols || !strings.EqualFold(head.Header.Get("Upgrade"), "websocket") {
		t.Fatalf("%v %v", head, err)
	}
	for _, said := range []string{"one\n", "two\n"} {
		if _, err := io.WriteString(c.conn, said); err != nil {
			t.Fatal(err)
		}
		if back, err := c.in.ReadString('\n'); err != nil || back != said {
			t.Errorf("%q %v", back, err)
		}
	}
}

// streams: what the app has sent arrives before it sends more, and so does what the client has sent.
func streams(t *testing.T, s *scene) {
	t.Run("down", func(t *testing.T) {
		c, err := s.dial()
		if err != nil {
			t.Fatal(err)
		}
		defer c.close()
		if _, err := io.WriteString(c.conn, get(s.number(), "/stream", s.user)); err != nil {
			t.Fatal(err)
		}
		head, err := http.ReadResponse(c.in, nil)
		if err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewReader(head.Body)
		if line, err := lines.ReadString('\n'); line != "first\n" {
			t.Errorf("%q %v", line, err)
		}
		s.app.more <- struct{}{}
		if line, err := lines.ReadString('\n'); line != "second\n" {
			t.Errorf("%q %v", line, err)
		}
	})
	t.Run("up", func(t *testing.T) { // Apache looks at the first 16 KiB before it asks the app
		c, err := s.dial()
		if err != nil {
			t.Fatal(err)
		}
		defer c.close()
		raw := plain("POST", s.number(), "/upload", s.user, "Transfer-Encoding: chunked")
		if _, err := io.WriteString(c.conn, raw+chunk(strings.Repeat(" ", 32<<10))); err != nil {
			t.Fatal(err)
		}
		select {
		case s.app.more <- struct{}{}:
		case <-time.After(patience):
			t.Error("nothing has come")
		}
		a, err := c.send(chunk("more") + "0\r\n\r\n")
		if err != nil || a.body != "32772 <nil>\n" {
			t.Errorf("%q %v", a.body, err)
		}
	})
}
