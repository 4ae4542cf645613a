package badday_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/handstamp/handstamp/internal/blackbox/program"
)

// How long the program may take before a test gives up on it. They are no targets: a machine that
// builds something else at the same time must not fail the suite.
const (
	startDeadline  = 60 * time.Second
	stopDeadline   = 30 * time.Second // the server itself gives requests under way 10 s
	answerDeadline = 60 * time.Second
)

// settings are environment variables of the program under test, without their prefix.
type settings map[string]string

// with returns s and others, which count more.
func (s settings) with(others settings) settings {
	all := settings{}
	for _, some := range []settings{s, others} {
		for name, value := range some {
			all[name] = value
		}
	}
	return all
}

// A server is a running `handstamp serve`. Its clients are behind a trusted proxy on this machine, so
// that each request says which address it comes from and one machine can be very many.
type server struct {
	t        testing.TB
	binary   string
	data     string
	settings settings

	log    *output  // of this and all earlier runs
	stderr *os.File // the end of the pipe at which that is read
	addr   string   // host:port where it listens
	cmd    *exec.Cmd
	exited chan struct{} // closed when the process has ended
	client *http.Client
}

// newServer returns a server that has not been started.
func newServer(t testing.TB, binary, data string, s settings) *server {
	server := &server{t: t, binary: binary, data: data, settings: s, log: newOutput()}
	t.Cleanup(server.cleanup)
	return server
}

// serve starts a server and waits until it listens.
func serve(t testing.TB, binary, data string, s settings) *server {
	t.Helper()
	server := newServer(t, binary, data, s)
	server.start()
	return server
}

func (s *server) start() {
	s.t.Helper()
	s.launch()
	s.await()
}

// launch starts the process and does not wait for it.
func (s *server) launch() {
	s.t.Helper()
	s.exited = make(chan struct{})
	s.log.begin()
	s.cmd = exec.Command(s.binary, "serve")
	s.cmd.Env = environment(s.data, s.settings)
	stderr, theirs, err := os.Pipe()
	if err != nil {
		s.t.Fatal(err)
	}
	s.cmd.Stderr, s.stderr = theirs, stderr
	err = s.cmd.Start()
	theirs.Close()
	if err != nil {
		s.t.Fatalf("start the server: %v", err)
	}
	read := s.readLog()
	go func(cmd *exec.Cmd, exited chan struct{}) {
		_ = cmd.Wait() // the state says it all
		<-read
		close(exited)
	}(s.cmd, s.exited)
	s.client = &http.Client{
		Transport:     &http.Transport{MaxIdleConnsPerHost: 1000},
		Timeout:       answerDeadline,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// readLog reads what the server writes until it ends, or until somebody closes the pipe or sets a deadline.
func (s *server) readLog() (done <-chan struct{}) {
	ended := make(chan struct{})
	go func(from *os.File) {
		defer close(ended)
		_, _ = io.Copy(s.log, from)
	}(s.stderr)
	return ended
}

var listeningLine = regexp.MustCompile(`listening on (\S+:\d+) for`)

func (s *server) await() {
	s.t.Helper()
	select {
	case s.addr = <-s.log.listening:
	case <-s.exited:
		s.t.Fatalf("the server ended before it listened (%v):\n%s", s.cmd.ProcessState, s.log)
	case <-time.After(startDeadline):
		s.t.Fatalf("the server does not listen after %v:\n%s", startDeadline, s.log)
	}
}

// until waits for something that another process does.
func until(t testing.TB, what string, is func() bool) {
	t.Helper()
	ticker := time.NewTicker(10 * time.Millisecond)
	defer ticker.Stop()
	for deadline := time.Now().Add(startDeadline); !is(); <-ticker.C {
		if time.Now().After(deadline) {
			t.Fatalf("not %s after %v", what, startDeadline)
		}
	}
}

// stop asks the server to stop and checks that it says it did so in good order.
func (s *server) stop() {
	s.t.Helper()
	s.client.CloseIdleConnections()
	if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		s.t.Fatalf("SIGTERM: %v", err)
	}
	select {
	case <-s.exited:
	case <-time.After(stopDeadline):
		s.kill()
		s.t.Fatalf("still running %v after SIGTERM:\n%s", stopDeadline, s.log)
	}
	if code := s.cmd.ProcessState.ExitCode(); code != 0 {
		s.t.Errorf("exit status %d after SIGTERM, want 0:\n%s", code, tail(s.log.String()))
	}
}

// kill ends the server as a power cut would: it cannot do anything about it.
func (s *server) kill() {
	s.t.Helper()
	if err := s.cmd.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
		s.t.Fatalf("SIGKILL: %v", err)
	}
	<-s.exited
	s.client.CloseIdleConnections()
}

func (s *server) cleanup() {
	if s.cmd != nil && s.cmd.Process != nil {
		select {
		case <-s.exited:
		default:
			if s.t.Failed() {
				s.kill()
			} else {
				s.stop()
			}
		}
	}
	text := s.log.String()
	for _, sign := range []string{"DATA RACE", "panic", "goroutine 1 ["} {
		if strings.Contains(text, sign) {
			s.t.Errorf("standard error of the server contains %q", sign)
		}
	}
	if s.t.Failed() {
		s.t.Logf("standard error of the server:\n%s", tail(text))
	}
}

// environment returns what the program sees: nothing of the machine's own settings.
func environment(data string, s settings) []string {
	vars := map[string]string{}
	for _, name := range []string{"PATH", "HOME", "TMPDIR"} {
		if value, ok := os.LookupEnv(name); ok {
			vars[name] = value
		}
	}
	if program.Race {
		vars["GORACE"] = program.RaceOptions
	}
	standard := settings{
		"DATA": data, "LISTEN": "127.0.0.1:0", "TRUSTED_PROXIES": "loopback", "CREDENTIALS": "session,basic", "LOG_FORMAT": "json",
		// A slow machine must not make it a flood.
		"HASH_WAIT": "20s", "HASH_QUEUE": "1000",
	}
	for name, value := range standard.with(s) {
		vars["HANDSTAMP_"+name] = value
	}
	var list []string
	for name, value := range vars {
		list = append(list, name+"="+value)
	}
	return list
}

var folders atomic.Int64

// newFolder returns the name of a folder that does not exist yet and is removed when the test ends.
func newFolder(t testing.TB) string {
	dir := filepath.Join(scratch, fmt.Sprint("d", folders.Add(1)))
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}
