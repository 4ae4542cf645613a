//go:build linux

package privateserver

import (
	"net"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
)

// A NATS is a private NATS server with JetStream.
type NATS struct {
	folder  string
	port    int
	process *process
}

// StartNATS starts a NATS server that ends with the test.
func StartNATS(tb TB) *NATS {
	tb.Helper()
	s := &NATS{folder: newFolder(tb), port: newPort(tb)}
	s.Start(tb)
	tb.Cleanup(s.Kill)
	return s
}

// URL returns what clients connect to.
func (s *NATS) URL() string { return "nats://" + local(s.port) }

// Start starts the server again, with the streams that it had.
func (s *NATS) Start(tb TB) {
	tb.Helper()
	command := []string{
		program("nats-server"), "--addr", "127.0.0.1", "--port", strconv.Itoa(s.port), "--jetstream", "--store_dir", s.folder,
	}
	var err error
	if s.process, err = startProcess(s.folder, nil, command, accepts(local(s.port))); err != nil {
		tb.Fatalf("%v", err)
	}
}

// Kill ends the server at once.
func (s *NATS) Kill() { s.process.signal(syscall.SIGKILL) }

// newFolder returns a temporary folder for a server.
func newFolder(tb TB) string {
	tb.Helper()
	folder, err := os.MkdirTemp("", "handstamp-server-")
	if err == nil {
		tb.Cleanup(func() { _ = os.RemoveAll(folder) })
		err = giveAway(folder)
	}
	if err != nil {
		tb.Fatalf("%v", err)
	}
	return folder
}

// local returns an address of this machine.
func local(port int) string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(port)) }

// newPort returns a port of 127.0.0.1 on which nobody listens.
func newPort(tb TB) int {
	tb.Helper()
	port, err := freePort()
	if err != nil {
		tb.Fatalf("%v", err)
	}
	return port
}

// program returns the path of a server's program, which Debian keeps where only root looks.
func program(name string) string {
	if path := filepath.Join("/usr/sbin", name); exists(path) {
		return path
	}
	return name
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
