package serve_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestCheck: "serve --check" says what is wrong, and touches nothing.
func TestCheck(t *testing.T) {
	t.Parallel()
	p := &process{t: t, data: newFolder(t)}
	if out, code := p.tryCommand("", "serve", "--check"); code != 0 || out != "the settings are good\n" {
		t.Errorf("exit status %d\n%s", code, out)
	}
	out, code := p.tryCommand("", "serve", "--check", "--public-url=http://id.example.com", "--session-idle=25h")
	if code != 2 || !strings.Contains(out, "not encrypted") || !strings.Contains(out, "longer than session-lifetime") {
		t.Errorf("exit status %d\n%s", code, out)
	}
	if _, err := os.Stat(p.data); err == nil {
		t.Error("the data folder was made")
	}
}

// TestReload: SIGHUP changes what may change, and no connection and no request is lost for it.
func TestReload(t *testing.T) {
	t.Parallel()
	tg := startBinary(t, "sqlite", options{})
	file := filepath.Join(tg.binary.data, "handstamp.toml")
	reload := func(text, says string) {
		t.Helper()
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		heard := regexp.MustCompile(`"message":"` + says)
		before := len(heard.FindAllString(tg.binary.log.String(), -1))
		tg.binary.signal(syscall.SIGHUP)
		// That of an earlier reload is no sign of this one.
		tg.binary.await(regexp.MustCompile(fmt.Sprintf(`(?s)((?:"message":"%s.*?){%d})`, says, before+1)))
	}
	register := func() string {
		return object("email", "user"+number(people.Add(1))+"@example.com", "password", newPassword())
	}
	kept := dial(t, tg)
	kept.send("GET /healthz HTTP/1.1\r\n\r\n")
	kept.want(200)
	body := register()
	half := dial(t, tg) // a request that is under way
	half.send(fmt.Sprintf("POST %s/users HTTP/1.1\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s",
		api, len(body), body[:10]))
	tg.stranger().want(403, "POST", api+"/users", register())

	reload("registration = 'open'\nlog-level = 'warn'\nrealm = 'Another'\n", "these settings have changed, and need a restart")
	half.send(body[10:])
	if got := half.want(0); got != 201 && got != 403 { // whichever setting was read first
		t.Errorf("the request that was under way: %d", got)
	}
	kept.send("GET /healthz HTTP/1.1\r\n\r\n")
	kept.want(200)
	tg.stranger().want(201, "POST", api+"/users", register())
	quiet := tg.binary.log.String()
	tg.stranger().want(200, "GET", "/healthz", "")
	if now := tg.binary.log.String(); now != quiet {
		t.Errorf("log-level warn, and the log has %s", strings.TrimPrefix(now, quiet))
	}

	tg.binary.faults = `"message":"reload"`
	reload("registration = 'sometimes'\n", "reload")
	tg.stranger().want(201, "POST", api+"/users", register())

	reload("log-level = 'info'\n", "settings read again")
	tg.stranger().want(403, "POST", api+"/users", register())
	kept.send("GET /healthz HTTP/1.1\r\n\r\n")
	kept.want(200)
}

// A line is a connection, spoken to by hand.
type line struct {
	t      testing.TB
	conn   net.Conn
	reader *bufio.Reader
}

func dial(t testing.TB, tg *target) *line {
	t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(tg.base, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	if err := conn.SetDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	return &line{t, conn, bufio.NewReader(conn)}
}

// send writes text, and the Host that a request must have.
func (l *line) send(text string) {
	l.t.Helper()
	text = strings.Replace(text, "HTTP/1.1\r\n", "HTTP/1.1\r\nHost: localhost\r\n", 1)
	if _, err := l.conn.Write([]byte(text)); err != nil {
		l.t.Errorf("the connection is gone: %v", err)
	}
}

// want reads an answer and checks its status, unless that is 0. It returns the status.
func (l *line) want(status int) int {
	l.t.Helper()
	got, err := http.ReadResponse(l.reader, nil)
	if err != nil {
		l.t.Errorf("the connection is gone: %v", err)
		return 0
	}
	defer got.Body.Close()
	if _, err := io.Copy(io.Discard, got.Body); err != nil {
		l.t.Error(err)
	}
	if status != 0 && got.StatusCode != status {
		l.t.Errorf("status %d, want %d", got.StatusCode, status)
	}
	return got.StatusCode
}
