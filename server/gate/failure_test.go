package gate_test

import (
	"compress/gzip"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/server/gate"
)

// TestWhoMayNotPass gets an answer of the server, and the app hears nothing.
func TestWhoMayNotPass(t *testing.T) {
	rec := newRecorder(t)
	verdicts := map[string]gate.Verdict{
		"/login":     {Status: 401, Login: "/login?return_to=%2Flogin", Err: handstamp.ErrNoCredential},
		"/stranger":  {Status: 401, Err: handstamp.ErrBadCredential},
		"/forbidden": {Status: 403, Err: handstamp.ErrForbidden},
		"/broken":    {Status: 503, Err: errors.New("disk on fire")},
		"/malformed": {Status: 400, Err: errors.New("two readings")},
		"/nothing":   {},
	}
	s := newSite(t, rec.url, with(func(c *gate.Config) {
		c.Decide = func(_ *http.Request, target string) gate.Verdict { return verdicts[target] }
		c.Refuse = func(w http.ResponseWriter, r *http.Request, v gate.Verdict) {
			if want := verdicts[r.URL.Path]; v.Status != want.Status || v.Login != want.Login || !errors.Is(v.Err, want.Err) {
				t.Errorf("%s is refused for %+v, want %+v", r.URL.Path, v, want)
			}
			w.WriteHeader(http.StatusTeapot)
		}
	}))
	for path := range verdicts {
		response := s.do("POST", path, strings.NewReader("body"))
		if response.StatusCode != http.StatusTeapot || response.Header.Get("Content-Security-Policy") == "" {
			t.Errorf("%s: %d %v", path, response.StatusCode, response.Header)
		}
	}
	if heads := rec.take(); len(heads) > 0 {
		t.Errorf("the app has got %q", heads)
	}
}

// TestAppsThatFail: what the client is told, as a page of the server, and what what the log hears.
func TestAppsThatFail(t *testing.T) {
	serve := func(answer func(conn net.Conn)) string {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { listener.Close() })
		go func() {
			for {
				conn, err := listener.Accept()
				if err != nil {
					return
				}
				answer(conn)
			}
		}()
		return "http://" + listener.Addr().String()
	}
	silent := serve(func(net.Conn) {})
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	nobody := "http://" + listener.Addr().String()
	listener.Close()
	release := make(chan struct{})
	defer close(release)
	for name, row := range map[string]struct {
		app    string
		status int
		err    error
	}{
		"nobody listens": {nobody, 502, gate.ErrDown},
		"no socket":      {"unix:///nowhere/app.sock", 502, gate.ErrDown},
		"hangs up":       {serve(func(c net.Conn) { c.Close() }), 502, gate.ErrDown},
		"half an answer": {serve(func(c net.Conn) { _, _ = io.WriteString(c, "HTTP/1.1 200 O"); c.Close() }), 502, gate.ErrDown},
		"no HTTP":        {serve(func(c net.Conn) { _, _ = io.WriteString(c, "SSH-2.0-x\r\n\r\n"); c.Close() }), 502, gate.ErrDown},
		"endless header": {serve(func(c net.Conn) {
			_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nX: "+strings.Repeat("x", 1<<20))
			c.Close()
		}), 502, gate.ErrDown},
		"slow":   {app(t, func(http.ResponseWriter, *http.Request) { <-release }), 504, gate.ErrSlow},
		"no TLS": {strings.Replace(app(t, func(http.ResponseWriter, *http.Request) {}), "http:", "https:", 1), 502, gate.ErrDown},
		"silent": {silent, 504, gate.ErrSlow},
	} {
		t.Run(name, func(t *testing.T) {
			s := newSite(t, row.app, func(s *site) { s.limits.Answer = 100 * time.Millisecond })
			response := s.do("GET", "/", nil)
			v := <-s.refused
			if response.StatusCode != row.status || v.Status != row.status || !errors.Is(v.Err, row.err) {
				t.Errorf("%d, %+v, want %d", response.StatusCode, v, row.status)
			}
			if response.Header.Get("Content-Security-Policy") == "" {
				t.Errorf("header %v", response.Header)
			}
		})
	}
}

// TestBrokenBody: what is wrong with the client's body is the client's.
func TestBrokenBody(t *testing.T) {
	s := newSite(t, app(t, func(_ http.ResponseWriter, r *http.Request) { _, _ = io.Copy(io.Discard, r.Body) }))
	if status := s.send("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nbody\r\nnonsense\r\n"); status != 400 {
		t.Errorf("%d", status)
	}
	if v := <-s.refused; !errors.Is(v.Err, gate.ErrBody) {
		t.Errorf("%+v", v)
	}
}

// TestBusy: no more than so many requests are under way, and one more is told at once.
func TestBusy(t *testing.T) {
	came, release := make(chan struct{}), make(chan struct{})
	s := newSite(t, app(t, func(_ http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/wait" {
			came <- struct{}{}
			<-release
		}
	}), func(s *site) { s.limits.Requests = 2 })
	answers := make(chan int)
	for range 2 {
		go func() { answers <- s.send("GET /wait HTTP/1.1\r\nHost: x\r\n\r\n") }()
		<-came
	}
	if response := s.do("GET", "/", nil); response.StatusCode != 503 {
		t.Errorf("%d", response.StatusCode)
	}
	if v := <-s.refused; !errors.Is(v.Err, gate.ErrBusy) {
		t.Errorf("%+v", v)
	}
	close(release)
	for range 2 {
		if status := <-answers; status != 200 {
			t.Errorf("%d", status)
		}
	}
	if response := s.do("GET", "/", nil); response.StatusCode != 200 {
		t.Errorf("afterwards: %d", response.StatusCode)
	}
}

// TestAnswersAreTheApps: its header, its compression and its caching; only where it does not say who may keep an answer
// that only some may see, that is said.
func TestAnswersAreTheApps(t *testing.T) {
	handler := func(w http.ResponseWriter, r *http.Request) {
		header := w.Header()
		header.Set("Content-Security-Policy", "default-src *")
		header.Set("Content-Encoding", "gzip")
		if r.URL.Path != "/" {
			header.Set(r.URL.Path[1:], "max-age=60")
		}
		compressed := gzip.NewWriter(w)
		_, _ = io.WriteString(compressed, r.Header.Get("Accept-Encoding"))
		compressed.Close()
	}
	known := newSite(t, app(t, handler))
	public := newSite(t, app(t, handler), with(func(c *gate.Config) { c.Decide = asAnybody }))
	for _, row := range []struct {
		s          *site
		path, want string
	}{
		{known, "/", "private"}, {known, "/Cache-Control", "max-age=60"}, {known, "/Expires", ""}, {public, "/", ""}, {public, "/Cache-Control", "max-age=60"},
	} {
		response := row.s.do("GET", row.path, nil, "Accept-Encoding", "gzip")
		plain, err := gzip.NewReader(response.Body)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(plain)
		if string(body) != "gzip" || err != nil || response.Header.Get("Cache-Control") != row.want {
			t.Errorf("%s: %q, %v, Cache-Control %q, want %q", row.path, body, err, response.Header["Cache-Control"], row.want)
		}
		if got := response.Header["Content-Security-Policy"]; len(got) != 1 || got[0] != "default-src *" {
			t.Errorf("%s: %q", row.path, got)
		}
	}
}

// TestEarlyHints come before the answer, without what is on pages of the server.
func TestEarlyHints(t *testing.T) {
	s := newSite(t, app(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Link", "</style.css>; rel=preload")
		w.Header().Set("Set-Cookie", "__Host-session=evil")
		w.WriteHeader(http.StatusEarlyHints)
		w.WriteHeader(http.StatusNoContent)
	}))
	conn := s.dial()
	if _, err := io.WriteString(conn, "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	said, err := io.ReadAll(conn)
	if text := string(said); err != nil || !strings.HasPrefix(text, "HTTP/1.1 103 Early Hints\r\nLink: ") ||
		!strings.Contains(text, "\r\n\r\nHTTP/1.1 204 No Content\r\n") || strings.Contains(text, evil) || strings.Contains(text, "Content-Security") {
		t.Errorf("%q, %v", said, err)
	}
}

// TestSocketApp: an app may listen on a Unix socket.
func TestSocketApp(t *testing.T) {
	path := filepath.Join(t.TempDir(), "app.sock")
	listener, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	srv := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, r.Host) })}
	go func() { _ = srv.Serve(listener) }()
	defer srv.Close()
	s := newSite(t, "unix://"+path)
	if body, err := io.ReadAll(s.do("GET", "/", nil).Body); string(body) != s.address || err != nil {
		t.Errorf("%q, %v", body, err)
	}
}

func TestUpstreamsThatCannotBe(t *testing.T) {
	for _, text := range []string{
		"", "localhost:8080", "ftp://x", "http://", "http://x/path", "http://x?a", "http://x/?", "http://x#a", "http://me:secret@x", "unix:", "unix://", "unix:app.sock", "unix:///", "unix://host/x",
	} {
		u, err := url.Parse(text)
		if err != nil {
			continue
		}
		if _, err := gate.NewUpstream(u, gate.Limits{}); err == nil || strings.Contains(err.Error(), "secret") {
			t.Errorf("%q: %v", text, err)
		}
	}
	if _, err := gate.NewUpstream(nil, gate.Limits{}); err == nil {
		t.Error("no URL is one")
	}
}

// TestWritesOfOtherSites: what weighs by somebody's session, pages of other sites cannot send; what no browser sends,
// and what is public, is the app's to judge.
func TestWritesOfOtherSites(t *testing.T) {
	rec := newRecorder(t)
	protected := func(decide func(*http.Request, string) gate.Verdict) *site {
		return newSite(t, rec.url, with(func(c *gate.Config) {
			c.Decide, c.SameSite = decide, http.NewCrossOriginProtection()
			if err := c.SameSite.AddTrustedOrigin("https://friend.example"); err != nil {
				t.Fatal(err)
			}
		}))
	}
	known, public := protected(asAda), protected(asAnybody)
	for _, row := range []struct {
		s            *site
		method, site string
		origin       string
		want         int
	}{
		{known, "POST", "", "", 200},
		{known, "POST", "same-origin", "", 200},
		{known, "POST", "none", "", 200},
		{known, "POST", "same-site", "", 403},
		{known, "POST", "cross-site", "", 403},
		{known, "DELETE", "", "https://evil.example", 403},
		{known, "POST", "cross-site", "https://friend.example", 200},
		{known, "GET", "cross-site", "", 200},
		{known, "HEAD", "cross-site", "", 200},
		{public, "POST", "cross-site", "", 200},
		{public, "POST", "", "https://evil.example", 200},
	} {
		request := row.method + " / HTTP/1.1\r\nHost: x\r\n"
		if row.site != "" {
			request += "Sec-Fetch-Site: " + row.site + "\r\n"
		}
		if row.origin != "" {
			request += "Origin: " + row.origin + "\r\n"
		}
		if status := row.s.send(request + "\r\n"); status != row.want {
			t.Errorf("%q: %d, want %d", request, status, row.want)
		}
	}
}
