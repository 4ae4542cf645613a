//go:build linux

package ha_test

import (
	"os/exec"
	"syscall"
	"testing"
	"time"

	"github.com/handstamp/handstamp/internal/blackbox/program"
)

// patience is how long anything may take before the test gives up. It is no target.
const patience = 30 * time.Second

// A process is a program that runs on a host until the test ends it.
type process struct {
	name   string
	cmd    *exec.Cmd
	log    *program.Log
	exited chan struct{} // closed when it has
}

// start starts a program. What it says is shown where the test fails.
func start(t testing.TB, name string, c *exec.Cmd) *process {
	t.Helper()
	p := &process{name: name, cmd: c, log: program.NewLog(), exited: make(chan struct{})}
	c.Stdout, c.Stderr = p.log, p.log
	// A group of its own, so that all of it can be killed: HAProxy and keepalived have children.
	c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := c.Start(); err != nil {
		t.Fatalf("%v; \"make deps\" installs what the tests need", err)
	}
	go func() {
		_ = c.Wait()
		close(p.exited)
	}()
	t.Cleanup(func() {
		p.kill()
		if t.Failed() {
			text := p.log.String()
			t.Logf("%s said:\n%s", name, text[max(0, len(text)-4000):])
		}
	})
	return p
}

// kill ends the process and its children as a power cut would.
func (p *process) kill() {
	_ = syscall.Kill(-p.cmd.Process.Pid, syscall.SIGKILL) // it may have ended
	<-p.exited
}

// terminate asks the process to end, and waits until it has.
func (p *process) terminate(t testing.TB) {
	t.Helper()
	must(t, p.cmd.Process.Signal(syscall.SIGTERM))
	select {
	case <-p.exited:
	case <-time.After(patience):
		t.Fatalf("%s still runs %v after SIGTERM", p.name, patience)
	}
}

// until waits for something that another process does and that nobody is told of.
func until(t testing.TB, what string, is func() bool) {
	t.Helper()
	ticker := time.NewTicker(5 * time.Millisecond)
	defer ticker.Stop()
	for deadline := time.Now().Add(patience); !is(); <-ticker.C {
		if time.Now().After(deadline) {
			t.Fatalf("not %s after %v", what, patience)
		}
	}
}
