package netns

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"strings"
	"syscall"
)

// stage says to a process that Enter has started how far it has come.
const stage = "NETNS_STAGE"

// Enter goes on in a copy of this process that has a network, a process table and mounts of its own, and returns there; here it never
// returns. Call it first in TestMain. Whoever is not root gets a user namespace for it, with the same user and the right to change networks.
//
// There is no way out of the new network, not even to this machine. Temporary files are in memory; the names under /run are gone. A
// mistake ends the process.
func Enter() {
	switch os.Getenv(stage) {
	case "inside":
		if err := os.Unsetenv(stage); err != nil {
			fail(err)
		}
	case "first":
		if err := furnish(); err != nil {
			fail(err)
		}
		reap()
	default:
		enclose()
	}
}

func fail(err error) {
	fmt.Fprintf(os.Stderr, "netns: %v\n", err)
	os.Exit(2)
}

// enclose runs this program again in new namespaces, and ends as that ends.
func enclose() {
	runtime.LockOSThread() // the child is killed when the thread that has started it ends
	c := exec.Command("/proc/self/exe", os.Args[1:]...)
	c.Args[0] = os.Args[0]
	c.Env = append(os.Environ(), stage+"=first")
	c.Stdin, c.Stdout, c.Stderr = os.Stdin, os.Stdout, os.Stderr
	c.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags: syscall.CLONE_NEWNET | syscall.CLONE_NEWNS | syscall.CLONE_NEWPID,
		Pdeathsig:  syscall.SIGKILL,
	}
	if uid := os.Getuid(); uid != 0 {
		c.SysProcAttr.Cloneflags |= syscall.CLONE_NEWUSER
		c.SysProcAttr.UidMappings = []syscall.SysProcIDMap{{ContainerID: uid, HostID: uid, Size: 1}}
		c.SysProcAttr.GidMappings = []syscall.SysProcIDMap{{ContainerID: os.Getgid(), HostID: os.Getgid(), Size: 1}}
		// CAP_NET_BIND_SERVICE, CAP_NET_ADMIN, CAP_NET_RAW and CAP_SYS_ADMIN; programs that are started inherit them.
		c.SysProcAttr.AmbientCaps = []uintptr{10, 12, 13, 21}
	}
	if err := c.Start(); err != nil {
		fail(fmt.Errorf("make namespaces: %w", err))
	}
	go passSignals(c.Process)
	err := c.Wait()
	if exit := (*exec.ExitError)(nil); err != nil && !errors.As(err, &exit) {
		fail(err)
	}
	if code := c.ProcessState.ExitCode(); code >= 0 {
		os.Exit(code)
	}
	fail(err) // a signal
}

// furnish makes the new namespaces fit to live in.
func furnish() error {
	for _, m := range []struct {
		source, target, kind string
		flags                uintptr
	}{
		{"none", "/", "", syscall.MS_REC | syscall.MS_PRIVATE}, // what is mounted from here on, nobody else sees
		{"proc", "/proc", "proc", 0},
		{"tmpfs", "/run", "tmpfs", 0}, // where ip keeps the names of namespaces
	} {
		if err := syscall.Mount(m.source, m.target, m.kind, m.flags, ""); err != nil {
			return fmt.Errorf("mount %s: %w", m.target, err)
		}
	}
	// os.MkdirAll would leave out the sticky bit.
	if err := errors.Join(os.Mkdir(files, 0o700), os.Chmod(files, 0o777|os.ModeSticky), os.Setenv("TMPDIR", files)); err != nil {
		return err
	}
	return ip("link", "set", "lo", "up")
}

// files is the folder for temporary files.
const files = "/run/tmp"

// reap starts the tests themselves and collects whatever ends, as the first process of a process table has to. It ends as they
// end, which takes all others along.
func reap() {
	if err := os.Setenv(stage, "inside"); err != nil {
		fail(err)
	}
	pid, err := syscall.ForkExec("/proc/self/exe", os.Args, &syscall.ProcAttr{Env: os.Environ(), Files: []uintptr{0, 1, 2}})
	if err != nil {
		fail(err)
	}
	tests, err := os.FindProcess(pid)
	if err != nil {
		fail(err)
	}
	go passSignals(tests)
	for {
		var status syscall.WaitStatus
		ended, err := syscall.Wait4(-1, &status, 0, nil)
		switch {
		case err == syscall.EINTR:
		case err != nil:
			fail(err)
		case ended == pid && status.Exited():
			os.Exit(status.ExitStatus())
		case ended == pid:
			fail(fmt.Errorf("the tests were ended by %v", status.Signal()))
		}
	}
}

// passSignals hands on what go test sends to a test that takes too long, or a terminal to what runs in it.
func passSignals(to *os.Process) {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM, syscall.SIGQUIT)
	for s := range signals {
		_ = to.Signal(s) // it has just ended
	}
}

// ip runs ip(8).
func ip(args ...string) error {
	if said, err := exec.Command("ip", args...).CombinedOutput(); err != nil {
		return fmt.Errorf("ip %s: %w: %s", strings.Join(args, " "), err, strings.TrimSpace(string(said)))
	}
	return nil
}
