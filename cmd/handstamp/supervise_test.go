//go:build unix

package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// A manager is the socket of a service manager.
type manager struct {
	t    *testing.T
	conn *net.UnixConn
}

// newManager listens as a service manager does, and tells the program where.
func newManager(t *testing.T, name string) manager {
	t.Helper()
	conn, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: name, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	t.Setenv("NOTIFY_SOCKET", name)
	return manager{t, conn}
}

// hears waits for the next message.
func (m manager) hears(want string) {
	m.t.Helper()
	if err := m.conn.SetReadDeadline(time.Now().Add(10 * time.Second)); err != nil {
		m.t.Fatal(err)
	}
	buffer := make([]byte, 1000)
	n, err := m.conn.Read(buffer)
	if err != nil || !regexp.MustCompile(`\A`+want+`\z`).Match(buffer[:n]) {
		m.t.Fatalf("heard %q, %v; want %s", buffer[:n], err, want)
	}
}

func TestNotify(t *testing.T) {
	names := []string{filepath.Join(shortDir(t), "notify")}
	if runtime.GOOS == "linux" {
		names = append(names, "@handstamp-test-"+strconv.Itoa(syscall.Getpid())) // in no file system
	}
	for _, name := range names {
		m := newManager(t, name)
		if err := notify(isReady); err != nil {
			t.Error(err)
		}
		m.hears("READY=1")
	}
	t.Setenv("NOTIFY_SOCKET", filepath.Join(t.TempDir(), "nobody"))
	if err := notify(isReady); err == nil || !strings.Contains(err.Error(), "notify the service manager") {
		t.Errorf("nobody listens: %v", err)
	}
	t.Setenv("NOTIFY_SOCKET", "")
	if err := notify(isReady); err != nil {
		t.Errorf("nobody wants to know: %v", err)
	}
}

func TestSupervised(t *testing.T) {
	m := newManager(t, filepath.Join(shortDir(t), "notify"))
	reloads := 0
	var log bytes.Buffer
	s := supervised{
		reload: func(context.Context) error {
			if reloads++; reloads == 2 {
				return errors.New("no such setting")
			}
			return nil
		},
		log: slog.New(slog.NewTextHandler(&log, nil)),
	}
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		s.run(ctx)
		close(done)
	}()
	m.hears("READY=1")
	for range 2 {
		if err := syscall.Kill(syscall.Getpid(), syscall.SIGHUP); err != nil {
			t.Fatal(err)
		}
		m.hears(`RELOADING=1\nMONOTONIC_USEC=[1-9]\d*`)
		m.hears("READY=1")
	}
	stop()
	m.hears("STOPPING=1")
	<-done
	if said := log.String(); strings.Count(said, "\n") != 1 || !strings.Contains(said, "no such setting") {
		t.Errorf("the log says %q", said)
	}
}

// TestWatchdog: the service manager hears from a server that answers, and not from one that hangs.
func TestWatchdog(t *testing.T) {
	m := newManager(t, filepath.Join(shortDir(t), "notify"))
	t.Setenv("WATCHDOG_USEC", "2000")
	t.Setenv("WATCHDOG_PID", strconv.Itoa(syscall.Getpid()))
	var asked atomic.Int64
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		supervised{
			isAlive: func(context.Context) bool {
				if asked.Add(1) <= 3 {
					return true
				}
				if asked.Load() == 10 {
					stop()
				}
				return false
			},
			log: slog.New(slog.NewTextHandler(io.Discard, nil)),
		}.run(ctx)
		close(done)
	}()
	for _, want := range []string{"READY=1", "WATCHDOG=1", "WATCHDOG=1", "WATCHDOG=1", "STOPPING=1"} {
		m.hears(want)
	}
	<-done
	for name, value := range map[string]string{"WATCHDOG_PID": "1", "WATCHDOG_USEC": "soon"} {
		t.Setenv(name, value)
		if every := watchdogEvery(); every != 0 {
			t.Errorf("%s=%s: every %v", name, value, every)
		}
	}
}
