package server_test

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/handstamp/handstamp/server"
)

// An accessLine is a line of the access log.
type accessLine struct {
	Level, Msg string
	Method     string `json:"http.request.method"`
	Path       string `json:"url.path"`
	Client     string `json:"source.ip"`
	Status     int    `json:"http.response.status_code"`
	Bytes      int64  `json:"http.response.body.bytes"`
	Took       int64  `json:"event.duration"`
}

// newLogged returns a server that writes its log as JSON, which can be read again.
func newLogged(t *testing.T) (http.Handler, *logbook) {
	t.Helper()
	config, log := newConfig(t)
	config.Log = slog.New(slog.NewJSONHandler(log, nil))
	return server.New(config), log
}

// theLine returns the one line that was logged since, and empties the book.
func theLine(t *testing.T, log *logbook) accessLine {
	t.Helper()
	lines := log.lines("")
	if len(lines) != 1 {
		t.Fatalf("%d lines, want 1: %q", len(lines), lines)
	}
	var line accessLine
	if err := json.Unmarshal([]byte(lines[0]), &line); err != nil {
		t.Fatalf("%v: %s", err, lines[0])
	}
	log.mu.Lock()
	defer log.mu.Unlock()
	log.text.Reset()
	return line
}

func TestAccessLog(t *testing.T) {
	h, log := newLogged(t)
	good := login(t, h)
	if line := theLine(t, log); line.Method != "POST" || line.Status != 200 {
		t.Errorf("login: %+v", line)
	}
	for _, row := range []struct {
		method, path, cookie string
		status, bytes        int
	}{
		{"GET", "/api/v1/status", "", 200, 21},
		{"GET", "/api/v1/users", "", 401, 30},
		{"GET", "/api/v1/users/me", "_my_session_id=unknown", 403, 27},
		{"GET", "/api/v1/stats", good, 200, 17},
		{"PUT", "/api/v1/stats", good, 405, 178},
		{"OPTIONS", "/api/v1/status", "", 200, 0},
		{"FOO", "/api/v1/nope", good, 404, 27},
	} {
		w := do(h, row.method, row.path, nil, "Cookie", row.cookie)
		want := accessLine{"INFO", "request", row.method, row.path, "192.0.2.1", row.status, int64(row.bytes), 0}
		got := theLine(t, log)
		if got.Took <= 0 {
			t.Errorf("took %d", got.Took)
		}
		got.Took = 0
		if got != want || w.Code != row.status {
			t.Errorf("answer %d, logged %+v, want %+v", w.Code, got, want)
		}
	}
}

// TestAccessLogHoldsNoSecret sends a secret in every place in which one travels.
func TestAccessLogHoldsNoSecret(t *testing.T) {
	h, log := newLogged(t)
	const secret = "s3cr3t"
	form := strings.NewReader("email=" + email + "&password=" + secret)
	do(h, "POST", "/api/v1/auth_session/login?token="+secret, form,
		"Content-Type", "application/x-www-form-urlencoded",
		"Cookie", "_my_session_id="+secret, "Authorization", "Basic "+secret,
		"Referer", "https://x.example/?"+secret, "User-Agent", secret, "X-Forwarded-For", secret)
	if lines := log.lines("request"); len(lines) != 1 || strings.Contains(lines[0], secret) {
		t.Errorf("%q", lines)
	}
	good := login(t, h)
	do(h, "GET", "/api/v1/users/me", nil, "Cookie", good)
	_, token, _ := strings.Cut(good, "=")
	if lines := log.lines(token); len(lines) != 0 {
		t.Errorf("the session's token is in the log: %q", lines)
	}
}

// TestAccessLogIsBounded: whoever sends a long path, or one with control characters, writes
// neither a long line nor a second one.
func TestAccessLogIsBounded(t *testing.T) {
	h, log := newLogged(t)
	for _, row := range []struct{ path, want string }{
		{"/" + strings.Repeat("a", 511), "/" + strings.Repeat("a", 511)},
		{"/" + strings.Repeat("a", 512), "/" + strings.Repeat("a", 511) + "…"},
		{"/" + strings.Repeat("a", 16_000), "/" + strings.Repeat("a", 511) + "…"},
		{"/%0d%0a%1b[31m{}%22", "/\r\n\x1b[31m{}\""},
		{"/%C3%A9", "/é"},
	} {
		do(h, "GET", row.path, nil)
		if got := theLine(t, log).Path; got != row.want {
			t.Errorf("%.40s: logged %q, want %q", row.path, got, row.want)
		}
	}
	// However many bytes its characters have, and whether it is UTF-8 or not.
	for _, char := range []string{"%C3%A9", "%F0%9F%98%80", "%FF"} {
		do(h, "GET", "/"+strings.Repeat(char, 2_000), nil)
		if got := theLine(t, log).Path; !utf8.ValidString(got) || len(got) > 3*512+len("…") {
			t.Errorf("%s: logged %d bytes: %.40q", char, len(got), got)
		}
	}
}

// TestLogLinesAreWhole: requests at the same time do not write into each other's lines.
func TestLogLinesAreWhole(t *testing.T) {
	h, log := newLogged(t)
	s := httptest.NewServer(h)
	defer s.Close()
	defer s.Client().CloseIdleConnections()
	const n = 32
	done := make(chan error, n)
	for i := range n {
		go func() {
			response, err := s.Client().Get(fmt.Sprintf("%s/api/v1/nope/%02d", s.URL, i))
			if err == nil {
				err = response.Body.Close()
			}
			done <- err
		}()
	}
	for range n {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
	s.Close() // the line comes after the answer
	for i := range n {
		if lines := log.lines(fmt.Sprintf(`"url.path":"/api/v1/nope/%02d"`, i)); len(lines) != 1 {
			t.Errorf("request %d has %d lines", i, len(lines))
		}
	}
}

// TestAccessLogOfOddPaths: what may be a link that somebody has mistyped is not shown; bytes that are no UTF-8, and letters that are longer in lower case, do not make
// the server lose its place in the path.
func TestAccessLogOfOddPaths(t *testing.T) {
	h, log := newLogged(t)
	for path, want := range map[string]string{
		"/" + strings.Repeat("%ff", 20) + "setup/secret":    "/" + strings.Repeat("\ufffd", 20) + "setup/{secret}",
		"/" + strings.Repeat("%C4%B0", 20) + "SETUP/secret": "/" + strings.Repeat("\u0130", 20) + "setup/{secret}",
		"/set/SeTuP/secret":        "/set/setup/{secret}",
		"/ReSet/secret":            "/reset/{secret}",
		"/resetsecret":             "/reset/{secret}",
		"/reset/setupsecret":       "/reset/{secret}",
		"/setup/resetsecret/reset": "/setup/{secret}",
		"/reset/secret/reset-link": "/reset/{secret}",
		"/reset-link/secret":       "/reset/{secret}",
		"/users/me/reset-link":     "/users/me/reset-link",
		"/users/me/reset-link/":    "/users/me/reset-link/",
		"/reset":                   "/reset",
	} {
		do(h, "GET", path, nil)
		if got := theLine(t, log).Path; got != want {
			t.Errorf("%s is logged as %q, want %q", path, got, want)
		}
	}
}
