//go:build linux

package privateserver

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"slices"
	"strconv"
	"sync"
	"syscall"
	"time"
)

// A TB is what a test or a benchmark has, and whoever else starts a server.
type TB interface {
	Helper()
	Fatalf(format string, args ...any)
	Cleanup(func())
	TempDir() string
}

// startTime is how long a server may take until it answers.
const startTime = 60 * time.Second

// A process is one run of a server's program.
type process struct {
	cmd    *exec.Cmd
	log    *output
	exited chan struct{}
}

// startProcess runs a program in dir and returns when ready returns nil. Its output is for the error where it does not get so far.
func startProcess(dir string, env, command []string, ready func(context.Context) error) (*process, error) {
	return startBehind(nil, dir, env, command, ready)
}

// startBehind is startProcess behind a command that puts the program somewhere else, such as in a namespace, and is run
// with the rights to do so.
func startBehind(place []string, dir string, env, command []string, ready func(context.Context) error) (*process, error) {
	who := unprivileged()
	if len(place) > 0 && who != nil {
		drop := []string{"setpriv", fmt.Sprintf("--reuid=%d", who.Uid), fmt.Sprintf("--regid=%d", who.Gid), "--clear-groups"}
		command = slices.Concat(place, drop, command)
		who = nil
	}
	p := &process{cmd: exec.Command(command[0], command[1:]...), log: &output{}, exited: make(chan struct{})}
	p.cmd.Dir, p.cmd.Env = dir, append(os.Environ(), env...)
	p.cmd.Stdout, p.cmd.Stderr = p.log, p.log
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL, Credential: who}
	if err := p.cmd.Start(); err != nil {
		return nil, fmt.Errorf("start %s: %w", command[0], err)
	}
	go func() {
		_ = p.cmd.Wait()
		close(p.exited)
	}()
	ctx, cancel := context.WithTimeout(context.Background(), startTime)
	defer cancel()
	for {
		err := ready(ctx)
		if err == nil {
			return p, nil
		}
		select {
		case <-p.exited:
			return nil, fmt.Errorf("%s has ended: %s", command[0], p.log)
		case <-ctx.Done():
			p.signal(syscall.SIGKILL)
			return nil, fmt.Errorf("%s does not answer (%w): %s", command[0], err, p.log)
		case <-time.After(20 * time.Millisecond): // there is nothing to wait for but the server itself
		}
	}
}

// signal ends the process and its children by a signal and waits until it is gone.
func (p *process) signal(s syscall.Signal) {
	_ = syscall.Kill(-p.cmd.Process.Pid, s)
	select {
	case <-p.exited:
	case <-time.After(startTime):
		_ = syscall.Kill(-p.cmd.Process.Pid, syscall.SIGKILL)
		<-p.exited
	}
}

// unprivileged returns who runs the servers, or nil for whoever runs the tests.
func unprivileged() *syscall.Credential {
	if os.Getuid() != 0 {
		return nil
	}
	nobody, err := user.Lookup("nobody")
	if err != nil {
		return nil
	}
	uid, uidErr := strconv.ParseUint(nobody.Uid, 10, 32)
	gid, gidErr := strconv.ParseUint(nobody.Gid, 10, 32)
	if errors.Join(uidErr, gidErr) != nil {
		return nil
	}
	return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
}

// giveAway makes a folder the property of who runs the servers.
func giveAway(folder string) error {
	if who := unprivileged(); who != nil {
		return os.Chown(folder, int(who.Uid), int(who.Gid))
	}
	return nil
}

// freePort returns a port of 127.0.0.1 on which nobody listens.
func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port, nil
}

// accepts returns a check that somebody listens at a TCP address.
func accepts(address string) func(context.Context) error {
	return func(ctx context.Context) error {
		conn, err := new(net.Dialer).DialContext(ctx, "tcp", address)
		if err != nil {
			return err
		}
		return conn.Close()
	}
}

// output keeps the last of what a process has printed.
type output struct {
	mu   sync.Mutex
	last []byte
}

// Write implements [io.Writer].
func (o *output) Write(b []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.last = append(o.last, b...)
	if over := len(o.last) - 16<<10; over > 0 {
		o.last = bytes.Clone(o.last[over:])
	}
	return len(b), nil
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return string(o.last)
}
