package worker

import (
	"bufio"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/handstamp/handstamp/password"
)

// children returns the processes that this one has started.
func children(t *testing.T) []int {
	t.Helper()
	var pids []int
	files, err := filepath.Glob("/proc/self/task/*/children")
	if err != nil || files == nil {
		t.Fatalf("no children are listed: %v", err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil && !errors.Is(err, os.ErrNotExist) && !errors.Is(err, syscall.ESRCH) { // a thread that has gone
			t.Fatal(err)
		}
		for _, field := range strings.Fields(string(text)) {
			pid, err := strconv.Atoi(field)
			if err != nil {
				t.Fatal(err)
			}
			pids = append(pids, pid)
		}
	}
	return pids
}

// TestWorkerAsksForLittle: it takes what others leave, with all of its threads, and knows nothing.
func TestWorkerAsksForLittle(t *testing.T) {
	t.Setenv("HANDSTAMP_SECRET", "hunter2")
	pool, _ := open(t, 1, self)
	if _, err := pool.Hash(t.Context(), "correct horse", password.Params{MemoryKiB: 256, Passes: 1, Lanes: 4}); err != nil {
		t.Fatal(err)
	}
	pids := children(t)
	if len(pids) != 1 {
		t.Fatalf("children %v, want one", pids)
	}
	folder := filepath.Join("/proc", strconv.Itoa(pids[0]))
	threads, err := filepath.Glob(folder + "/task/*/stat")
	if err != nil || len(threads) < 2 {
		t.Fatalf("threads %v, %v", threads, err)
	}
	for _, thread := range threads {
		text, err := os.ReadFile(thread)
		if err != nil {
			t.Fatal(err)
		}
		_, rest, _ := strings.Cut(string(text), ") ")
		if got := strings.Fields(rest)[19-3]; got != "10" { // proc_pid_stat(5)
			t.Errorf("a thread has nice %s, want 10", got)
		}
	}
	arguments, err := os.ReadFile(folder + "/cmdline")
	if err != nil || string(arguments) != os.Args[0]+"\x00"+argument+"\x00" {
		t.Errorf("arguments %q, %v", arguments, err)
	}
	if command, err := self(); err != nil || strings.Contains(strings.Join(command.Env, "\n"), "hunter2") {
		t.Errorf("the environment has secrets: %v", err)
	}
	limits, err := os.ReadFile(folder + "/limits")
	if err != nil || !strings.Contains(strings.Join(strings.Fields(string(limits)), " "), "Max core file size 0 0") {
		t.Errorf("core dumps are allowed: %v", err)
	}
	// What cannot be dumped belongs to root, and others of the same user cannot look into it.
	info, err := os.Stat(folder + "/environ")
	if err != nil || info.Sys().(*syscall.Stat_t).Uid != 0 {
		t.Errorf("%v of user %d, %v", info.Name(), info.Sys().(*syscall.Stat_t).Uid, err)
	}
}

// TestSignalsAreForTheServer: what a terminal or a service manager sends to everybody ends no worker.
func TestSignalsAreForTheServer(t *testing.T) {
	pool, said := open(t, 1, self)
	if _, err := pool.Hash(t.Context(), "p", small); err != nil {
		t.Fatal(err)
	}
	before := children(t)
	for _, signal := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP} {
		for _, pid := range before {
			if err := syscall.Kill(pid, signal); err != nil {
				t.Fatal(err)
			}
		}
	}
	if _, err := pool.Hash(t.Context(), "p", small); err != nil {
		t.Error(err)
	}
	if after := children(t); len(after) != 1 || after[0] != before[0] {
		t.Errorf("workers %v, and %v before", after, before)
	}
	if group, err := syscall.Getpgid(before[0]); err != nil || group == syscall.Getpgrp() {
		t.Errorf("group %d is the server's: %v", group, err)
	}
	if text := said.String(); text != "" {
		t.Errorf("reported: %s", text)
	}
}

// TestKilledWorker: killed where it stands, in the middle of a hash or without one, it is replaced.
func TestKilledWorker(t *testing.T) {
	pool, said := open(t, 1, self)
	if _, err := pool.Hash(t.Context(), "p", small); err != nil {
		t.Fatal(err)
	}
	pid := children(t)[0]
	// It stands still, so that it is killed with a request on its hands.
	if err := syscall.Kill(pid, syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	j := &job{request: request{kind: kindHash, params: small, plain: "p"}, done: make(chan outcome, 1)}
	pool.jobs <- j
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	if o := <-j.done; !o.died {
		t.Errorf("a dead worker has answered %+v", o)
	}
	if _, err := pool.Hash(t.Context(), "p", small); err != nil {
		t.Errorf("after the first death: %v", err)
	}
	if err := syscall.Kill(children(t)[0], syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	if line := <-said; !strings.Contains(line, "ended") { // the first
		t.Error(line)
	}
	if line := <-said; !strings.Contains(line, "ended") { // noticed with nothing to do
		t.Error(line)
	}
	if _, err := pool.Hash(t.Context(), "p", small); err != nil {
		t.Errorf("after the second death: %v", err)
	}
	if got, want := pool.Stats(), (Stats{Processes: 1, Restarts: 2}); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
}

// TestNoOrphans: the workers of a server that was killed end by themselves, one in the middle of
// a hash, one without.
func TestNoOrphans(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	server := exec.CommandContext(t.Context(), self, "role-server")
	output, err := server.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	// Its standard error is the workers' as well: it ends with the last of them.
	alive, theirs, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer alive.Close()
	server.Stderr = theirs
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	theirs.Close()
	if line, err := bufio.NewReader(output).ReadString('\n'); line != "ready\n" {
		t.Fatalf("server says %q, %v", line, err)
	}
	if err := server.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = server.Wait() // it was killed
	if said, err := io.ReadAll(alive); err != nil || len(said) != 0 {
		t.Errorf("the workers say %q, %v", said, err)
	}
}
