package gate_test

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/server/gate"
)

// smuggled are headers by which a client could say who it is, or where it comes from, in spellings that
// one reader or another takes for the same.
var smuggled = []string{
	"X-Auth-User: evil", "x-auth-user: evil", "X-AUTH-USER: evil", "X_Auth_User: evil", "X-Auth_User: evil", "X.Auth.User: evil", "X!Auth!User: evil",
	"X~Auth~User: evil", "X+auth+user: evil", "X*Auth*User: evil", "X'Auth'User: evil", "X|Auth|User: evil", "X`Auth`User: evil", "X^Auth^User: evil",
	"X%Auth%User: evil", "X$Auth$User: evil", "X&Auth&User: evil", "X#Auth#User: evil",
	"X-Auth-User: evil\r\nX-Auth-User: evil", "X-Auth-Email: evil", "X_Auth-Email: evil", "X-Auth-Role: evil", "x_auth_role: evil",
	"X-Auth-Session: evil", "X.Auth-Session: evil", "Authorization: Bearer evil", "authorization: Basic ZXZpbDpldmls evil", "Authorization_: evil",
	"Proxy-Authorization: evil", "X-Auth-User: evil\r\nConnection: X-Auth-User", "Connection: close, X-Auth-User, Authorization, X-Forwarded-For",
	"Connection: X-Auth-Role\r\nConnection: X-Auth-Email", "Connection: Keep-Alive, X-Forwarded-Proto\r\nX-Forwarded-Proto: evil",
	"X-Forwarded-For: evil", "X_Forwarded_For: evil", "X-Forwarded-Host: evil", "X-Forwarded-Proto: evil", "X-Forwarded-User: evil", "X-Forwarded-Port: evil",
	"X-Forwarded-Prefix: evil", "Forwarded: for=evil", "X-Real-IP: evil", "X_Real_IP: evil", "X-Original-URL: /evil", "X-Rewrite-URL: /evil", "X_Original_URL: /evil",
	"Cookie: __Host-session=evil", "cookie: a=b; __Host-session=evil; c=d", "Cookie: __Host-session=evil\r\nCookie: __Host-device=evil",
	"Cookie:  __Host-session =evil", "Cookie: a=b;__Host-session=\"evil\"", "HTTP2-Settings: evil", "Trailer: X-Auth-User",
}

// TestNobodySaysWhoTheyAre sends every spelling to an app that keeps the bytes.
func TestNobodySaysWhoTheyAre(t *testing.T) {
	rec := newRecorder(t)
	known := newSite(t, rec.url)
	public := newSite(t, rec.url, with(func(c *gate.Config) { c.Decide = asAnybody }))
	for _, lines := range smuggled {
		for name, s := range map[string]*site{"signed in": known, "public": public} {
			if status := s.send("GET /page HTTP/1.1\r\nHost: app.example.com\r\n" + lines + "\r\n\r\n"); status != 200 {
				t.Errorf("%s, %q: %d", name, lines, status)
			}
			heads := rec.take()
			if len(heads) != 1 || strings.Contains(heads[0], evil) {
				t.Fatalf("%s, %q: the app has got %q", name, lines, heads)
			}
			got := headerOf(t, heads[0])
			want := map[string]string{"X-Forwarded-For": "127.0.0.1", "X-Forwarded-Host": "app.example.com", "X-Forwarded-Proto": "https"}
			for header, value := range asAda(nil, "").Header {
				want[header] = value[0]
				if s == public {
					want[header] = ""
				}
			}
			for header, value := range want {
				if strings.Join(got.Header[header], "|") != value {
					t.Errorf("%s, %q: %s is %q, want %q", name, lines, header, got.Header[header], value)
				}
			}
			if got.Host != "app.example.com" {
				t.Errorf("%s, %q: Host %q", name, lines, got.Host)
			}
		}
	}
}

func headerOf(t *testing.T, head string) *http.Request {
	t.Helper()
	r, err := http.ReadRequest(bufio.NewReader(strings.NewReader(head)))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// TestOtherHeadersStay, cookies among them, as they came.
func TestOtherHeadersStay(t *testing.T) {
	rec := newRecorder(t)
	s := newSite(t, rec.url)
	s.send("GET / HTTP/1.1\r\nHost: x\r\nCookie: session=flask; theme=\"dark\";lang=de; __Host-session=evil; flag\r\nAccept-Language: de\r\n" +
		"X-Auth-Token: theirs\r\nX-Requested-With: fetch\r\nUser-Agent: \r\n\r\n")
	head := rec.take()[0]
	for _, line := range []string{
		"\r\nCookie: session=flask; theme=\"dark\";lang=de; flag\r\n", "\r\nAccept-Language: de\r\n", "\r\nX-Auth-Token: theirs\r\n", "\r\nX-Requested-With: fetch\r\n",
	} {
		if !strings.Contains(head, line) {
			t.Errorf("no %q in %q", line, head)
		}
	}
	for _, name := range []string{"Accept-Encoding", "User-Agent: Go", "Te:", "Connection"} {
		if strings.Contains(head, name) {
			t.Errorf("%s, which nobody has sent, in %q", name, head)
		}
	}
}

// TestClientBehindProxies: the app has one address to read, and it is the client's.
func TestClientBehindProxies(t *testing.T) {
	rec := newRecorder(t)
	s := newSite(t, rec.url, func(s *site) { s.proxies.Trusted = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")} })
	s.send("GET / HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: 203.0.113.9, 192.0.2.1\r\nX-Forwarded-Proto: gopher\r\n\r\n")
	if got := headerOf(t, rec.take()[0]).Header; got.Get("X-Forwarded-For") != "192.0.2.1" || len(got["X-Forwarded-For"]) != 1 || got.Get("X-Forwarded-Proto") != "https" {
		t.Errorf("%v", got)
	}
}

// TestIdentitiesDoNotMix: a thousand requests of many people through the same connections each arrive as whose
// they are.
func TestIdentitiesDoNotMix(t *testing.T) {
	echo := app(t, func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, r.Header.Get("X-Auth-User")) })
	s := newSite(t, echo, with(func(c *gate.Config) {
		c.Recheck = time.Minute
		c.Decide = func(r *http.Request, _ string) gate.Verdict {
			return gate.Verdict{Status: 200, Header: http.Header{"X-Auth-User": {r.Header.Get("Who")}}}
		}
	}))
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			for range 50 {
				who := handstamp.NewID().String()
				response := s.do("GET", "/", nil, "Who", who)
				if body, err := io.ReadAll(response.Body); err != nil || string(body) != who {
					t.Errorf("%s arrived as %q, %v", who, body, err)
				}
			}
		})
	}
	all.Wait()
}

// TestCookiesOfTheServer cannot be set by the app, however it spells them; its own can.
func TestCookiesOfTheServer(t *testing.T) {
	theirs := []string{
		"theirs=1; Path=/", "session=flask", "x__Host-session=1", "__host-session=1", "theirs=__Host-session", "theirs=1; __Host-session=2",
	}
	ours := []string{
		"__Host-session=evil; Path=/; Secure", " __Host-session =evil", "\t__Host-session=evil", "=__Host-session=evil", "__Host-device=evil", "__Host-session", "__Host-session;",
	}
	s := newSite(t, app(t, func(w http.ResponseWriter, _ *http.Request) {
		for i := range max(len(ours), len(theirs)) {
			for _, list := range [][]string{ours, theirs} {
				if i < len(list) {
					w.Header().Add("Set-Cookie", list[i])
				}
			}
		}
		w.WriteHeader(http.StatusEarlyHints)
		w.WriteHeader(http.StatusNoContent)
	}))
	got := s.do("GET", "/", nil).Header["Set-Cookie"]
	if fmt.Sprint(got) != fmt.Sprint(theirs) {
		t.Errorf("%q, want %q", got, theirs)
	}
}
