package blackbox_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/handstamp/handstamp/internal/blackbox/program"
)

// How long the binary may take before a test gives up on it. They are no targets: a machine
// that builds something else at the same time must not fail the suite.
const (
	startDeadline = 30 * time.Second
	stopDeadline  = 20 * time.Second // the server itself gives requests under way 10 s
)

// settings are environment variables of the program under test.
type settings map[string]string

// A server is a running `handstamp classic`.
type server struct {
	data string // its data folder
	addr string // host:port where it listens

	t      testing.TB
	env    settings
	cmd    *exec.Cmd
	log    *errorLog
	exited chan struct{} // closed when the process has ended
}

// startServer starts `handstamp classic` on data and waits until it accepts connections. It is
// stopped, and its exit status checked, when the test ends.
func startServer(t testing.TB, data string, env settings) *server {
	t.Helper()
	s := &server{data: data, t: t, env: env}
	t.Cleanup(s.cleanup)
	s.start()
	return s
}

func (s *server) start() {
	s.t.Helper()
	s.checkLog() // of the run before
	s.log = newErrorLog()
	s.exited = make(chan struct{})
	s.cmd = exec.Command(binary, "classic")
	s.cmd.Env = environment(s.data, s.env)
	s.cmd.Stderr = s.log
	if err := s.cmd.Start(); err != nil {
		s.t.Fatalf("starting the server: %v", err)
	}
	go func(cmd *exec.Cmd, exited chan struct{}) {
		_ = cmd.Wait() // the state says it all
		close(exited)
	}(s.cmd, s.exited)

	select {
	case s.addr = <-s.log.listening:
	case <-s.exited:
		s.t.Fatalf("the server ended before it listened (%v):\n%s", s.cmd.ProcessState, s.log)
	case <-time.After(startDeadline):
		s.t.Fatalf("the server does not listen after %v:\n%s", startDeadline, s.log)
	}
}

// terminate asks the server to stop and does not wait for it.
func (s *server) terminate() {
	s.t.Helper()
	if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		s.t.Fatalf("SIGTERM: %v", err)
	}
}

// stop asks the server to stop and checks that it says it did so in good order.
func (s *server) stop() {
	s.t.Helper()
	s.terminate()
	s.awaitExit(stopDeadline)
	if code := s.cmd.ProcessState.ExitCode(); code != 0 {
		s.t.Errorf("exit status %d after SIGTERM, want 0:\n%s", code, s.log)
	}
}

// awaitExit waits until the process has ended.
func (s *server) awaitExit(deadline time.Duration) {
	s.t.Helper()
	select {
	case <-s.exited:
	case <-time.After(deadline):
		s.kill()
		s.t.Fatalf("still running %v after SIGTERM:\n%s", deadline, s.log)
	}
}

// kill ends the server as a power cut would: it cannot do anything about it.
func (s *server) kill() {
	s.t.Helper()
	if err := s.cmd.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
		s.t.Fatalf("SIGKILL: %v", err)
	}
	<-s.exited
}

// restart stops the server and starts it again on the same data folder, on another port.
func (s *server) restart() {
	s.t.Helper()
	s.stop()
	s.start()
}

func (s *server) running() bool {
	select {
	case <-s.exited:
		return false
	default:
		return s.cmd.Process != nil
	}
}

func (s *server) cleanup() {
	if s.cmd != nil && s.cmd.Process != nil && s.running() {
		if s.t.Failed() {
			s.kill()
		} else {
			s.stop()
		}
	}
	s.checkLog()
	if s.t.Failed() {
		s.t.Logf("standard error of the server:\n%s", tail(s.log.String(), 8<<10))
	}
}

// checkLog looks for what no run may leave on standard error.
func (s *server) checkLog() {
	s.t.Helper()
	text := s.log.String()
	for _, sign := range []string{"DATA RACE", "panic", "goroutine 1 ["} {
		if strings.Contains(text, sign) {
			s.t.Errorf("standard error of the server contains %q:\n%s", sign, tail(text, 8<<10))
		}
	}
}

// environment returns what the program sees: nothing of the machine's own settings, whatever
// the developer who runs the tests has exported.
func environment(data string, env settings) []string {
	vars := settings{"API_HOST": "127.0.0.1", "API_PORT": "0", "HANDSTAMP_DATA": data}
	for _, name := range []string{"PATH", "HOME", "TMPDIR"} {
		if value, ok := os.LookupEnv(name); ok {
			vars[name] = value
		}
	}
	if program.Race {
		vars["GORACE"] = program.RaceOptions
	}
	for name, value := range env {
		vars[name] = value
	}
	if vars["HANDSTAMP_DATA"] == "" {
		delete(vars, "HANDSTAMP_DATA") // the default is what is tested
	}
	var list []string
	for name, value := range vars {
		list = append(list, name+"="+value)
	}
	return list
}

// An errorLog collects the standard error of a server and tells where it listens.
type errorLog struct {
	listening chan string

	mu   sync.Mutex
	text bytes.Buffer
	told bool
}

var listeningLine = regexp.MustCompile(`listening on http://([^\s"]*:\d+)`)

func newErrorLog() *errorLog {
	return &errorLog{listening: make(chan string, 1)}
}

func (l *errorLog) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.text.Write(p)
	if l.told {
		return len(p), nil
	}
	// Only whole lines: a port that is cut in two would be another port.
	text := l.text.Bytes()
	whole := text[:bytes.LastIndexByte(text, '\n')+1]
	if match := listeningLine.FindSubmatch(whole); match != nil {
		l.told = true
		l.listening <- string(match[1])
	}
	return len(p), nil
}

func (l *errorLog) String() string {
	if l == nil {
		return ""
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// tail returns the end of text, at most n bytes and a note of what is missing.
func tail(text string, n int) string {
	if len(text) <= n {
		return text
	}
	return fmt.Sprintf("… (%d bytes before)\n%s", len(text)-n, text[len(text)-n:])
}
