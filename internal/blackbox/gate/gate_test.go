package gate_test

import (
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/net/websocket"
)

// TestGate is a day of an app behind the gate.
func TestGate(t *testing.T) {
	s := start(t, "")
	stranger := s.client()
	for _, path := range []string{"/", "/orders?a=b", "//orders", "/login/../orders", "/%6cogin/x"} {
		if status, text, _ := stranger.do("GET", path, nil); status != 401 || strings.Contains(text, "Target") {
			t.Errorf("%s: %d %s", path, status, text)
		}
	}
	status, _, header := stranger.do("GET", "/orders?a=b", nil, "Accept", "text/html")
	if status != 303 || header.Get("Location") != "/login?return_to=%2Forders%3Fa%3Db" {
		t.Errorf("a browser: %d %v", status, header)
	}
	if status, _, _ := stranger.do("GET", "/readyz", nil); status != 200 {
		t.Errorf("/readyz: %d", status)
	}

	ada := s.signedIn()
	got := ada.atApp("GET", "/orders?a=b;c", nil, "X-Auth-User", "evil", "X_Auth_User", "evil", "X-Forwarded-For", "evil", "Authorization", "Bearer evil", "X-Other", "theirs")
	for name, want := range map[string]string{
		"X-Auth-Email": email, "X-Auth-Role": "admin", "X-Forwarded-For": "127.0.0.1", "X-Forwarded-Proto": "http", "X-Forwarded-Host": strings.TrimPrefix(s.base, "http://"),
		"X-Other": "theirs", "Cookie": "", "X_auth_user": "",
	} {
		if strings.Join(got.Header[http.CanonicalHeaderKey(name)], "|") != want {
			t.Errorf("%s is %q, want %q", name, got.Header[name], want)
		}
	}
	if bearer := got.Header["Authorization"]; len(bearer) != 1 || !strings.HasPrefix(bearer[0], "Bearer ey") {
		t.Errorf("Authorization is %q, want a token of ours", bearer)
	}
	if user := got.Header.Get("X-Auth-User"); got.Target != "/orders?a=b;c" || len(user) != 36 {
		t.Errorf("%+v", got)
	}
	const size = 50 << 20
	if got := ada.atApp("POST", "/", io.LimitReader(rand.NewChaCha8([32]byte{}), size)); got.Length != size || !got.Whole {
		t.Errorf("of %d bytes came %+v", size, got)
	}
	ada.atApp("GET", "/", nil) // what the app has set did not take the place of the session
}

// TestRevokedOutside: a command ends what is open, and a reload ends nothing.
func TestRevokedOutside(t *testing.T) {
	s := start(t, "")
	ada, other := s.signedIn(), s.signedIn()
	ws := ada.socket()
	if err := os.WriteFile(filepath.Join(s.data, "handstamp.toml"), []byte("app-name = \"Lighthouse\"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := s.cmd.Process.Signal(syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
	s.await(regexp.MustCompile(`(settings read again)`))
	ada.echoes(ws)
	if status, text, _ := s.client().do("GET", "/login", nil); status != 200 || !strings.Contains(text, "Lighthouse") {
		t.Errorf("after the reload: %d", status)
	}
	theirs := other.socket()
	s.command("", "session", "end", email, "--all")
	for _, open := range []*websocket.Conn{ws, theirs} {
		if _, err := io.Copy(io.Discard, open); err != nil && strings.Contains(err.Error(), "timeout") {
			t.Error("the socket is still open")
		}
	}
	if status, _, _ := ada.do("GET", "/", nil); status != 401 {
		t.Errorf("%d", status)
	}
	s.await(regexp.MustCompile(`("url.path":"/socket","http.response.status_code":101)`))
}

// TestStop closes sockets, which nobody waits for.
func TestStop(t *testing.T) {
	s := start(t, "")
	ws := s.signedIn().socket()
	if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(io.Discard, ws); err != nil && strings.Contains(err.Error(), "timeout") {
		t.Error("the socket is still open")
	}
	<-s.exited
}

// TestPrefix: the app has its own login.
func TestPrefix(t *testing.T) {
	s := start(t, "/auth")
	ada := s.signedIn()
	for _, path := range []string{"/login", "/account", "/api/v1/users", "/healthz", "/metrics", "/setup/x", "/auth", "/authx"} {
		status, text, _ := ada.do("GET", path, nil)
		if isApps := strings.Contains(text, "Target"); isApps != (path != "/auth") {
			t.Errorf("%s: %d %s", path, status, text)
		}
	}
	if status, text, _ := ada.do("GET", "/auth/account", nil); status != 200 || !strings.Contains(text, email) {
		t.Errorf("/auth/account: %d", status)
	}
	s.app.Close()
	if status, text, header := ada.do("GET", "/", nil); status != 502 || !strings.Contains(text, "upstream_down") || header.Get("Retry-After") == "" {
		t.Errorf("without the app: %d %s", status, text)
	}
}
