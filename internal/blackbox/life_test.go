package blackbox_test

import (
	"bufio"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// underWay sends a login up to its body and returns once the server is reading the body: the
// 100 tells so, without guessing how long that takes.
func underWay(t *testing.T, s *server, r request) (net.Conn, *bufio.Reader) {
	t.Helper()
	conn, err := net.Dial("tcp", s.addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	if err := conn.SetDeadline(time.Now().Add(answerDeadline)); err != nil {
		t.Fatal(err)
	}
	fmt.Fprintf(conn, "%sExpect: 100-continue\r\nContent-Length: %d\r\n\r\n",
		r.head(s.addr), len(*r.body))
	reader := bufio.NewReader(conn)
	if line, err := reader.ReadString('\n'); err != nil || !strings.HasPrefix(line, "HTTP/1.1 100") {
		t.Fatalf("the server does not ask for the body: %q, %v", line, err)
	}
	if line, err := reader.ReadString('\n'); err != nil || line != "\r\n" {
		t.Fatalf("after the 100: %q, %v", line, err)
	}
	return conn, reader
}

// awaitDeaf waits until the server takes no new connections: it is stopping.
func awaitDeaf(t *testing.T, s *server) {
	t.Helper()
	deadline := time.After(answerDeadline)
	for {
		conn, err := net.Dial("tcp", s.addr)
		if err != nil {
			return
		}
		conn.Close()
		select {
		case <-deadline:
			t.Fatal("the server still takes connections after SIGTERM")
		case <-time.After(10 * time.Millisecond):
		}
	}
}

func TestStopFinishesWhatIsUnderWay(t *testing.T) {
	t.Parallel()
	s := startServer(t, importedData(t), settings{"AUTH_TYPE": "session_db_auth"})
	r := loginForm(bobSession, bobSessionPassword)
	conn, reader := underWay(t, s, r)
	s.terminate()
	awaitDeaf(t, s)
	if !s.running() {
		t.Fatal("the server has ended with a request under way")
	}
	fmt.Fprint(conn, *r.body)
	a, err := readAnswer(reader, r.method)
	if err != nil || a.status != 200 || a.body != sampleUser(t) {
		t.Fatalf("a login under way when the server was told to stop: %v, %v", a, err)
	}
	s.awaitExit(stopDeadline)
	if code := s.cmd.ProcessState.ExitCode(); code != 0 {
		t.Errorf("exit status %d, want 0", code)
	}
	// It was acknowledged, so it has to be there.
	s.start()
	s.expectBody(t, get(pathMe, cookieOf(t, a)), 200, sampleUser(t))
}

func TestStopDoesNotWaitForEver(t *testing.T) {
	if testing.Short() {
		t.Skip("takes the ten seconds that a request under way is given")
	}
	t.Parallel()
	s := startServer(t, importedData(t), settings{"AUTH_TYPE": "session_auth"})
	underWay(t, s, loginForm(bobSession, bobSessionPassword))
	s.terminate()
	s.awaitExit(stopDeadline)
}

func TestOneProcessOwnsTheFolder(t *testing.T) {
	t.Parallel()
	s := startServer(t, importedData(t), nil)
	r := runCommand(t, s.data, nil, "", "classic")
	if r.code != 1 {
		t.Errorf("exit status %d of a second server, want 1", r.code)
	}
	if !strings.Contains(r.stderr, s.data) {
		t.Errorf("the message does not name the folder %s:\n%s", s.data, r.stderr)
	}
	checkReadable(t, r)
	s.expectBody(t, get(pathStatus, ""), 200, bodyOK)
	s.kill()
	s.start() // a dead owner owns nothing
}

// checkReadable checks that a refusal is for people: something is said, and no stack of it.
func checkReadable(t *testing.T, r result) {
	t.Helper()
	if strings.TrimSpace(r.stderr) == "" {
		t.Error("nothing on standard error")
	}
	for _, noise := range []string{"goroutine ", "panic:", ".go:"} {
		if strings.Contains(r.stderr, noise) {
			t.Errorf("%q on standard error:\n%s", noise, r.stderr)
		}
	}
}

func TestAuthType(t *testing.T) {
	t.Parallel()
	values := []string{"auth", "basic_auth", "session_auth", "session_exp_auth", "session_db_auth"}
	for _, bad := range []string{"", " ", "nope", "Basic_Auth", "session"} {
		data := newFolder(t)
		r := runCommand(t, data, settings{"AUTH_TYPE": bad}, "", "classic")
		if r.code != 2 {
			t.Errorf("AUTH_TYPE=%q: exit status %d, want 2", bad, r.code)
		}
		words := strings.FieldsFunc(r.stderr, func(c rune) bool { return c != '_' && (c < 'a' || c > 'z') })
		for _, value := range values {
			if !slices.Contains(words, value) {
				t.Errorf("AUTH_TYPE=%q: the message does not name %s:\n%s", bad, value, r.stderr)
			}
		}
		checkReadable(t, r)
	}
	for _, good := range values {
		s := startServer(t, newFolder(t), settings{"AUTH_TYPE": good})
		s.expectBody(t, get(pathStatus, ""), 200, bodyOK)
		s.expectBody(t, get(pathUsers, ""), 401, bodyUnauthorized)
		checkFirstLine(t, s)
		s.stop()
	}
}

// checkFirstLine checks the first thing that a newcomer reads: that there is something better.
func checkFirstLine(t *testing.T, s *server) {
	t.Helper()
	line, _, _ := strings.Cut(s.log.String(), "\n")
	if !strings.Contains(line, "handstamp serve") {
		t.Errorf("the first line does not name handstamp serve: %q", line)
	}
}

// TestUnsetIsOpenAndSaysSo: without AUTH_TYPE nothing is checked, which nobody may overlook.
func TestUnsetIsOpenAndSaysSo(t *testing.T) {
	t.Parallel()
	s := startServer(t, importedData(t), nil)
	checkFirstLine(t, s)
	s.expect(t, get(pathUsers, ""), 200)
	for line := range strings.Lines(s.log.String()) {
		if strings.Contains(line, "AUTH_TYPE") && strings.Contains(strings.ToUpper(line), "WARN") {
			return
		}
	}
	t.Errorf("no line warns that AUTH_TYPE is not set:\n%s", s.log)
}

func TestDataFolder(t *testing.T) {
	t.Parallel()
	t.Run("named", func(t *testing.T) {
		data := newFolder(t)
		startServer(t, data, nil)
		checkPrivate(t, data)
	})
	t.Run("default", func(t *testing.T) {
		dir := newFolder(t)
		if err := os.Mkdir(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		add := []string{"user", "add", "--email", "here@x.y", "--password-stdin"}
		if r := runCommandIn(t, dir, "", nil, "pw\n", add...); r.code != 0 {
			t.Fatalf("user add: %+v", r)
		}
		checkPrivate(t, filepath.Join(dir, "data"))
	})
}

func checkPrivate(t *testing.T, dir string) {
	t.Helper()
	info, err := os.Stat(dir)
	if err != nil {
		t.Fatal(err)
	}
	if !info.IsDir() || info.Mode().Perm() != 0o700 {
		t.Errorf("%s is %v, want drwx------", dir, info.Mode())
	}
}

// TestSessionName: a name that no browser would send back is refused before anybody logs in.
func TestSessionName(t *testing.T) {
	t.Parallel()
	for _, bad := range []string{
		"a b", "a;b", "a=b", "a,b", `a"b`, "a\tb", "a\nb", "a\r\nSet-Cookie: x", "sé", "a/b", "a\x7fb", "(a)",
	} {
		r := runCommand(t, newFolder(t), settings{"AUTH_TYPE": "session_auth", "SESSION_NAME": bad}, "", "classic")
		if r.code != 1 && r.code != 2 {
			t.Errorf("SESSION_NAME=%q: exit status %d, want 1 or 2", bad, r.code)
		}
		if !strings.Contains(r.stderr, "SESSION_NAME") {
			t.Errorf("SESSION_NAME=%q: the message does not name it:\n%s", bad, r.stderr)
		}
		checkReadable(t, r)
	}
	for given, want := range map[string]string{"": "_my_session_id", "my.id-2": "my.id-2"} {
		s := startServer(t, importedData(t), settings{"AUTH_TYPE": "session_auth", "SESSION_NAME": given})
		cookie := s.login(t, bob, bobPassword)
		if name, _, _ := strings.Cut(cookie, "="); name != want {
			t.Errorf("SESSION_NAME=%q: the cookie is %q, want %q", given, name, want)
		}
		s.expectBody(t, get(pathMe, cookie), 200, bodyBob)
	}
}
