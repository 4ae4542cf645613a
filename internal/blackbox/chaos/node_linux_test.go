package chaos_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/handstamp/handstamp/internal/blackbox/program"
	"github.com/handstamp/handstamp/internal/netns"
)

// How long a machine that does other things as well may take. They are no targets.
const (
	startDeadline = 60 * time.Second
	stopDeadline  = 30 * time.Second
)

const (
	port = "5000"
	// publicHost is the name by which clients know the cluster.
	publicHost = "chaos.example:" + port
)

// settings are environment variables of the program under test, without their prefix.
type settings map[string]string

// A node is a `handstamp serve` on a host of its own.
type node struct {
	t        testing.TB
	index    int
	host     *netns.Host
	settings settings
	clock    string // the file that says how far off its clock is; "" if it goes by the machine's
	log      *program.Log

	cmd    *exec.Cmd
	exited chan struct{}
}

func newNode(t testing.TB, n *netns.Network, index int, s settings) *node {
	t.Helper()
	host, err := n.Host(fmt.Sprint("node", index))
	if err != nil {
		t.Fatal(err)
	}
	own := settings{
		"DATA":                filepath.Join(t.TempDir(), host.Name),
		"LISTEN":              host.Addr + ":" + port,
		"PUBLIC_URL":          "http://" + publicHost,
		"INSECURE_PUBLIC_URL": "true",
		"MASTER_KEY":          strings.Repeat("k", 42) + "A",
		"NODE_NAME":           host.Name,
		"LEASE":               lease.String(),
		"SESSION_LIMIT":       "0",
		"THROTTLE":            "false",
		"LOG_FORMAT":          "json",
		"LOG_LEVEL":           "debug", // has the renewals of the lease
		// A slow machine must not make it a flood.
		"HASH_WAIT": "20s",
	}
	for name, value := range s {
		own[name] = value
	}
	made := &node{t: t, index: index, host: host, settings: own, log: program.NewLog()}
	if *clocks {
		made.clock = filepath.Join(t.TempDir(), "clock")
		if err := program.SetClock(made.clock, 0); err != nil {
			t.Fatal(err)
		}
	}
	return made
}

func (n *node) url() string { return "http://" + n.host.Addr + ":" + port }

// environment returns what the program sees: nothing of the machine's own settings.
func (n *node) environment() []string {
	list := []string{"PATH=" + os.Getenv("PATH"), "HOME=" + os.Getenv("HOME"), "TMPDIR=" + os.TempDir(), "GORACE=" + program.RaceOptions}
	if n.clock != "" {
		list = append(list, program.ClockVariable+"="+n.clock)
	}
	for name, value := range n.settings {
		list = append(list, "HANDSTAMP_"+name+"="+value)
	}
	return list
}

// launch starts the process and does not wait for it.
func (n *node) launch() {
	n.t.Helper()
	n.cmd = n.host.Command(binary, "serve")
	n.cmd.Env = n.environment()
	n.cmd.Stderr = n.log
	if err := n.cmd.Start(); err != nil {
		n.t.Fatalf("start %s: %v", n.host.Name, err)
	}
	n.exited = make(chan struct{})
	go func(cmd *exec.Cmd, exited chan struct{}) {
		_ = cmd.Wait() // the state says it all
		close(exited)
	}(n.cmd, n.exited)
}

// await returns when the node answers.
func (n *node) await() {
	n.t.Helper()
	late := time.After(startDeadline)
	at := newCaller(n)
	defer at.close()
	for {
		if at.call(n.t.Context(), "GET", api+"/status", "", nil).status == 200 {
			return
		}
		select {
		case <-n.exited:
			n.t.Fatalf("%s has ended (%v):\n%s", n.host.Name, n.cmd.ProcessState, n.log)
		case <-late:
			n.t.Fatalf("%s does not answer:\n%s", n.host.Name, n.log)
		case <-time.After(20 * time.Millisecond): // there is nothing to wait for but the node itself
		}
	}
}

func (n *node) signal(s syscall.Signal) error {
	if err := n.cmd.Process.Signal(s); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("%v to %s: %w", s, n.host.Name, err)
	}
	return nil
}

// kill ends the process as a power cut would.
func (n *node) kill() error {
	err := n.signal(syscall.SIGKILL)
	<-n.exited
	return err
}

// stop ends the node in good order.
func (n *node) stop() {
	n.t.Helper()
	if err := n.signal(syscall.SIGTERM); err != nil {
		n.t.Error(err)
	}
	select {
	case <-n.exited:
		if code := n.cmd.ProcessState.ExitCode(); code != 0 {
			n.t.Errorf("%s: exit status %d after SIGTERM:\n%s", n.host.Name, code, n.said())
		}
	case <-time.After(stopDeadline):
		n.t.Errorf("%s still runs %v after SIGTERM:\n%s", n.host.Name, stopDeadline, n.said())
		_ = n.kill()
	}
}

// isFine looks for what no log must have.
func (n *node) isFine() {
	n.t.Helper()
	for _, sign := range []string{"DATA RACE", "panic", "goroutine 1 ["} {
		if text := n.log.String(); strings.Contains(text, sign) {
			n.t.Errorf("standard error of %s has %q:\n%s", n.host.Name, sign, text[strings.Index(text, sign):])
		}
	}
}

// command runs another command of the program on the node's host.
func (n *node) command(stdin io.Reader, args ...string) {
	n.t.Helper()
	cmd := n.host.Command(binary, args...)
	cmd.Env, cmd.Stdin = n.environment(), stdin
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	if err := cmd.Run(); err != nil {
		n.t.Fatalf("handstamp %s: %v\n%s", args, err, said.String())
	}
}

// said is the end of the node's log, without the requests.
func (n *node) said() string {
	var lines strings.Builder
	for line := range strings.Lines(n.log.String()) {
		if !strings.Contains(line, `"message":"request"`) && !strings.Contains(line, `"log.level":"debug"`) {
			lines.WriteString(line)
		}
	}
	const most = 16 << 10
	text := lines.String()
	return text[max(0, len(text)-most):]
}
