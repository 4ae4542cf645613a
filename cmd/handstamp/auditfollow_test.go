package main

import (
	"bufio"
	"encoding/json"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/audit"
)

// startServe starts "serve" on folder as a process of its own, and returns when it takes commands.
func startServe(t *testing.T, folder string) {
	t.Helper()
	server := command("--data", folder, "serve", "--listen=127.0.0.1:0")
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _, _ = server.Process.Kill(), server.Wait() })
	again, late := time.NewTicker(10*time.Millisecond), time.After(30*time.Second)
	defer again.Stop()
	for {
		conn, err := net.Dial("unix", dataFolder(folder).socket())
		if err == nil {
			_ = conn.Close()
			return
		}
		select {
		case <-again.C:
		case <-late:
			t.Fatal(err)
		}
	}
}

// TestAuditFollow: what was done is printed, and then what is done, each once, until somebody has
// seen enough.
func TestAuditFollow(t *testing.T) {
	folder := filepath.Join(shortDir(t), "data")
	startServe(t, folder)
	follow := command("--data", folder, "audit", "--json", "--follow")
	out, err := follow.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := follow.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = follow.Process.Kill() })
	lines := bufio.NewScanner(out)
	wantNext := func(number int64, action handstamp.Action) {
		t.Helper()
		if !lines.Scan() {
			t.Fatalf("the command has ended, %v", lines.Err())
		}
		var got audit.Entry
		if err := json.Unmarshal(lines.Bytes(), &got); err != nil || got.Number != number || got.Action != action {
			t.Fatalf("%s, %v; want entry %d, %s", lines.Text(), err, number, action)
		}
	}
	do := func(args ...string) {
		t.Helper()
		c := command(append([]string{"--data", folder}, args...)...)
		c.Stdin = strings.NewReader("violet harbour 81 lantern\n")
		if said, err := c.CombinedOutput(); err != nil {
			t.Fatalf("%v: %v, %s", args, err, said)
		}
	}

	for i, action := range []handstamp.Action{handstamp.ActionKeyCreate, handstamp.ActionKeyCreate, handstamp.ActionSetupLink} {
		wantNext(int64(i+1), action) // at the server's start
	}
	do("user", "setup-link")
	wantNext(4, handstamp.ActionSetupLink)
	do("user", "add", "--email=ada@example.com", "--role=admin", "--password-stdin")
	do("user", "role", "ada@example.com", "admin") // is so already: nothing is done
	do("user", "password", "ada@example.com", "--password-stdin")
	wantNext(5, handstamp.ActionUserCreate)
	wantNext(6, handstamp.ActionPasswordChange)
	if err := follow.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	for lines.Scan() {
		t.Errorf("and also %s", lines.Text())
	}
	if err := follow.Wait(); err != nil {
		t.Errorf("interrupted: %v", err)
	}
}
