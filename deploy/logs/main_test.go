//go:build linux

// Package logs_test holds the files of this folder to what the program really writes: its log and its metrics.
package logs_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/handstamp/handstamp/internal/blackbox/program"
)

// binary is the program.
var binary string

func TestMain(m *testing.M) {
	os.Exit(program.Run(m, 0, func(scratch string) error {
		binary = filepath.Join(scratch, "handstamp")
		return program.Variant{}.Build(binary)
	}))
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// readFile returns the text of a file of this folder.
func readFile(t testing.TB, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	must(t, err)
	return string(text)
}

// until waits for what other processes do.
func until(t testing.TB, what string, isSo func() bool) {
	t.Helper()
	deadline := time.Now().Add(30 * time.Second)
	for !isSo() {
		if time.Now().After(deadline) {
			t.Fatalf("after 30 s not yet: %s", what)
		}
		time.Sleep(5 * time.Millisecond) // there is nothing to wait for but the other process itself
	}
}

// start starts a process in the folder, which is killed at the end of the test at the latest. Its output is appended to a file.
func start(t testing.TB, output string, env []string, command ...string) *exec.Cmd {
	t.Helper()
	file, err := os.OpenFile(output, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	must(t, err)
	defer file.Close()
	c := exec.Command(command[0], command[1:]...)
	c.Env, c.Dir, c.Stdout, c.Stderr = env, filepath.Dir(output), file, file
	c.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	must(t, c.Start())
	t.Cleanup(func() {
		_ = c.Process.Kill()
		_ = c.Wait()
	})
	return c
}

// A server is the program, whose standard error goes to a file.
type server struct {
	t       testing.TB
	process *exec.Cmd
	log     string // the name of the file
	base    string
	link    string // that makes the first administrator
	client  http.Client
}

// newServer starts the program and returns when it listens.
func newServer(t testing.TB, log string, env ...string) *server {
	t.Helper()
	env = append(env, "HANDSTAMP_DATA="+filepath.Join(t.TempDir(), "data"), "HANDSTAMP_LISTEN=127.0.0.1:0", "HANDSTAMP_LOG_FORMAT=json")
	s := &server{t: t, log: log, process: start(t, log, env, binary, "serve")}
	listens, link := regexp.MustCompile(`listening on (\S+) for`), regexp.MustCompile(`http://\S+/setup/\S+`)
	until(t, "the server listens", func() bool {
		text := s.written()
		found := listens.FindStringSubmatch(text)
		s.link = link.FindString(text)
		if found != nil {
			s.base = "http://" + found[1]
		}
		return found != nil && s.link != ""
	})
	_, path, _ := strings.Cut(s.link, "/setup/")
	s.link = s.base + "/setup/" + path
	jar, err := cookiejar.New(nil)
	must(t, err)
	s.client = http.Client{
		Jar: jar, Timeout: 20 * time.Second, Transport: &http.Transport{DisableKeepAlives: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return s
}

// written returns what the program has written so far.
func (s *server) written() string {
	text, err := os.ReadFile(s.log)
	must(s.t, err)
	return string(text)
}

// stop lets the program finish, so that all that it has to say is in its file.
func (s *server) stop() {
	s.t.Helper()
	must(s.t, s.process.Process.Signal(syscall.SIGTERM))
	if err := s.process.Wait(); err != nil {
		s.t.Fatalf("the server has ended: %v\n%s", err, s.written())
	}
}

// do sends a request with the fields of a form, if there are any, and more headers, and returns the status and what was answered.
func (s *server) do(method, target string, form url.Values, headers ...string) (int, string) {
	s.t.Helper()
	var body io.Reader
	if form != nil {
		body = strings.NewReader(form.Encode())
	}
	r, err := http.NewRequest(method, strings.Replace(s.base, "127.0.0.1", "localhost", 1)+target, body)
	must(s.t, err)
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	r.Header.Set("Accept", "application/json")
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	answer, err := s.client.Do(r)
	must(s.t, err)
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	must(s.t, err)
	return answer.StatusCode, string(text)
}

// live is a little of a server's life: somebody becomes the administrator, signs in, and signs out.
func (s *server) live() {
	s.t.Helper()
	want := func(status, got int, body string) {
		s.t.Helper()
		if status != got {
			s.t.Fatalf("got %d, want %d: %s", got, status, body)
		}
	}
	ada := url.Values{"email": {"ada@example.com"}, "password": {"correct horse battery"}}
	status, body := s.do("POST", strings.TrimPrefix(s.link, s.base), ada)
	want(http.StatusCreated, status, body)
	status, body = s.do("POST", "/api/v1/auth_session/login", ada)
	want(http.StatusOK, status, body)
	status, body = s.do("DELETE", "/api/v1/auth_session/logout", nil)
	if status/100 != 2 {
		s.t.Fatalf("sign out: %d %s", status, body)
	}
}

// mistype has somebody mistype a password until a limit is reached.
func (s *server) mistype() {
	s.t.Helper()
	wrong := url.Values{"email": {"ada@example.com"}, "password": {"wrong wrong wrong wrong"}}
	for range 200 {
		if status, _ := s.do("POST", "/api/v1/auth_session/login", wrong); status == http.StatusTooManyRequests {
			return
		}
	}
	s.t.Fatal("no limit was reached")
}

// jsonLines returns the lines that are records of the log, and the others.
func jsonLines(text string) (records, others []string) {
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, "{") {
			records = append(records, strings.TrimSuffix(line, "\n"))
		} else {
			others = append(others, strings.TrimSuffix(line, "\n"))
		}
	}
	return records, others
}

// run runs a command and returns what it prints.
func run(t testing.TB, command ...string) string {
	t.Helper()
	var said bytes.Buffer
	c := exec.Command(command[0], command[1:]...)
	c.Stderr = &said
	out, err := c.Output()
	if err != nil {
		t.Fatal(fmt.Sprintf("%q: %v\n", command, err) + string(out) + said.String())
	}
	return string(out)
}
