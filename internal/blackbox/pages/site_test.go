package pages_test

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/handstamp/handstamp/internal/blackbox/program"
)

// patience is how long a server may take for anything. It only ends what would never end.
const patience = time.Minute

// A site is a running "handstamp serve", with a data folder of its own.
type site struct {
	t     testing.TB
	base  string // where it is, as "http://127.0.0.1:1234"
	setup string // path of the link for the first administrator, where there was none at the start

	data    string
	args    []string
	mayFail bool // the log may have errors
	cmd     *exec.Cmd
	log     *program.Log
	exited  chan struct{} // closed when the process has ended
}

var folders atomic.Int64

// serve starts a server that takes as many wrong passwords as tests have for it, unless flags say otherwise.
func serve(t testing.TB, flags ...string) *site {
	t.Helper()
	if testing.Short() {
		t.Skip("needs a server and a browser")
	}
	s := newSite(t, flags...)
	s.start()
	s.setup = s.await(regexp.MustCompile(`(?m)^  \S+(/setup/\S+)$`))
	return s
}

// newSite returns a server that has not been started.
func newSite(t testing.TB, flags ...string) *site {
	const many = "1000000"
	s := &site{t: t, data: filepath.Join(scratch, "d"+strconv.FormatInt(folders.Add(1), 10))}
	s.args = append([]string{
		"serve", "--listen=127.0.0.1:0", "--log-format=json",
		"--hash-wait=25s", "--hash-queue=1000", // a slow machine must not make it a flood
		"--throttle-account-burst=" + many, "--throttle-address-burst=" + many,
		"--throttle-network-burst=" + many, "--throttle-strangers-burst=" + many,
	}, flags...)
	t.Cleanup(func() {
		s.stop()
		_ = os.RemoveAll(s.data) // what is left is in the temporary folder
	})
	return s
}

// start starts the server, also again after stop.
func (s *site) start() {
	s.t.Helper()
	s.log, s.exited = program.NewLog(), make(chan struct{})
	s.cmd = exec.Command(binary, s.args...)
	s.cmd.Env, s.cmd.Stderr = s.environment(), s.log
	if err := s.cmd.Start(); err != nil {
		s.t.Fatalf("start the server: %v", err)
	}
	go func(cmd *exec.Cmd, exited chan struct{}) {
		_ = cmd.Wait() // the state says it all
		close(exited)
	}(s.cmd, s.exited)
	s.base = "http://" + s.await(regexp.MustCompile(`listening on (\S+) for`))
}

// stop stops the server if it runs, and looks for what no run may leave on standard error.
func (s *site) stop() {
	s.t.Helper()
	if s.cmd == nil || s.cmd.Process == nil {
		return
	}
	_ = s.cmd.Process.Signal(syscall.SIGTERM) // one that has ended is noticed below
	select {
	case <-s.exited:
	case <-time.After(patience):
		_ = s.cmd.Process.Kill()
		<-s.exited
	}
	if code := s.cmd.ProcessState.ExitCode(); code != 0 {
		s.t.Errorf("exit status %d after SIGTERM:\n%s", code, s.log)
	}
	s.cmd = nil
	for line := range strings.Lines(s.log.String()) {
		if strings.Contains(line, "DATA RACE") || strings.Contains(line, "panic") || !s.mayFail && strings.Contains(line, `"log.level":"error"`) {
			s.t.Errorf("the server says: %s", line)
		}
		if strings.Contains(line, ada.password) || strings.Contains(line, grace.password) {
			s.t.Errorf("the log shows a password: %s", line)
		}
	}
}

// await returns what the pattern's group finds in a whole line of standard error, now or later.
func (s *site) await(pattern *regexp.Regexp) string {
	s.t.Helper()
	late := time.NewTimer(patience)
	defer late.Stop()
	for {
		text, more := s.log.Lines()
		if found := pattern.FindStringSubmatch(text); found != nil {
			return found[1]
		}
		select {
		case <-more:
		case <-s.exited:
			s.t.Fatalf("the server has ended (%v), and never said %s:\n%s", s.cmd.ProcessState, pattern, s.log)
		case <-late.C:
			s.t.Fatalf("the server does not say %s:\n%s", pattern, s.log)
		}
	}
}

// command runs the program on the server's data folder, and returns what it prints.
func (s *site) command(stdin string, args ...string) string {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, binary, args...)
	cmd.Env, cmd.Stdin = s.environment(), strings.NewReader(stdin)
	said, err := cmd.CombinedOutput()
	if err != nil {
		s.t.Fatalf("handstamp %s: %v\n%s", strings.Join(args, " "), err, said)
	}
	return string(said)
}

// environment is what the program sees: nothing of the machine's own settings.
func (s *site) environment() []string {
	list := []string{"HANDSTAMP_DATA=" + s.data}
	for _, name := range []string{"PATH", "HOME", "TMPDIR"} {
		if value, ok := os.LookupEnv(name); ok {
			list = append(list, name+"="+value)
		}
	}
	return list
}

// A person has an account.
type person struct{ first, last, email, password string }

func (p person) name() string { return p.first + " " + p.last }

// The people of the tests. They choose their words well.
var (
	ada   = person{"Ada", "Lovelace", "ada@example.com", "poetical science of 1843"}
	grace = person{"Grace", "Hopper", "grace@example.com", "nanoseconds on a wire"}
)

// add makes an account, as somebody at the command line does.
func (s *site) add(p person, role string) {
	s.t.Helper()
	s.command(p.password+"\n", "user", "add", "--email", p.email, "--first-name", p.first, "--last-name", p.last, "--role", role, "--password-stdin")
}
