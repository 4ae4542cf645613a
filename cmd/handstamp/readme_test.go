//go:build unix

package main_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestREADME types the README's commands, as they stand there, in a copy of the project, and
// compares what they print. In what is printed, "…" stands for anything.
func TestREADME(t *testing.T) {
	if testing.Short() {
		t.Skip("builds the project anew")
	}
	text, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	folder := copyProject(t)
	port := map[string]string{"5000": freePort(t), "8080": freePort(t)}
	// Elsewhere on this machine the README's own ports may be taken.
	adapt := strings.NewReplacer("127.0.0.1:5000", "127.0.0.1:"+port["5000"], "localhost:8080", "localhost:"+port["8080"])
	replaceInFile(t, filepath.Join(folder, "examples/library/main.go"), adapt)

	var ran []string
	for _, block := range codeBlocks(string(text)) {
		switch {
		case block.language == "sh" && strings.TrimSpace(block.text) == "make run":
			background(t, folder, "make run", "handstamp: listening on", "API_PORT="+port["5000"])
			ran = append(ran, "make run")
		case block.language == "sh" && strings.TrimSpace(block.text) == "make test":
			// This is a part of it. That the target is there is all that can be asked here.
			if out, err := command(t, folder, "make -n test").CombinedOutput(); err != nil {
				t.Errorf("make test: %v\n%s", err, out)
			}
			ran = append(ran, "make test")
		case block.language == "go":
			wantInExample(t, folder, adapt.Replace(block.text))
			background(t, folder, "exec go run ./examples/library", "", "LISTENS=localhost:"+port["8080"])
			ran = append(ran, "library")
		case block.language == "console":
			for _, step := range steps(adapt.Replace(block.text)) {
				out, err := command(t, folder, step.typed).Output()
				if err != nil {
					t.Fatalf("%s: %v\n%s", step.typed, err, out)
				}
				wantOutput(t, step, string(out))
				ran = append(ran, "step")
			}
		default:
			t.Errorf("nobody runs this block of the README:\n%s", block.text)
		}
	}
	if len(ran) < 10 {
		t.Errorf("only %q were run", ran)
	}
}

type block struct{ language, text string }

func codeBlocks(markdown string) []block {
	var blocks []block
	for _, m := range regexp.MustCompile("(?ms)^```(\\w+)\n(.*?)^```$").FindAllStringSubmatch(markdown, -1) {
		blocks = append(blocks, block{m[1], m[2]})
	}
	return blocks
}

type step struct{ typed, printed string }

func steps(session string) []step {
	var all []step
	for line := range strings.Lines(session) {
		if typed, ok := strings.CutPrefix(line, "$ "); ok {
			all = append(all, step{typed: strings.TrimSuffix(typed, "\n")})
		} else {
			all[len(all)-1].printed += line
		}
	}
	return all
}

func wantOutput(t *testing.T, s step, got string) {
	t.Helper()
	// curl prints headers with carriage returns, and some answers have no newline at their end.
	got = strings.TrimSuffix(strings.ReplaceAll(got, "\r\n", "\n"), "\n")
	want := regexp.QuoteMeta(strings.TrimSuffix(s.printed, "\n"))
	pattern := "^" + strings.ReplaceAll(want, "…", ".*") + "$"
	if !regexp.MustCompile(pattern).MatchString(got) {
		t.Errorf("$ %s\nprinted:\n%s\nand the README shows:\n%s", s.typed, got, s.printed)
	}
}

// wantInExample fails if the README shows other code than the example holds.
func wantInExample(t *testing.T, folder, code string) {
	t.Helper()
	file, err := os.ReadFile(filepath.Join(folder, "examples/library/main.go"))
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(file), code) {
		t.Errorf("the README shows other code than the example:\n%s", code)
	}
	// Whoever copies it must not end up with a server that lets everybody in.
	if !strings.Contains(code, "guard.Require()(mux)") {
		t.Error("the README's code leaves out the guard")
	}
	lines := 0
	for line := range strings.Lines(code) {
		if strings.TrimSpace(line) != "" {
			lines++
		}
	}
	if lines > 10 {
		t.Errorf("the README's code has %d lines, and promises ten", lines)
	}
}

func command(t *testing.T, folder, typed string, settings ...string) *exec.Cmd {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	t.Cleanup(cancel)
	c := exec.CommandContext(ctx, "sh", "-c", typed)
	c.Dir = folder
	c.Env = append(os.Environ(), settings...)
	return c
}

// background runs a command until the test ends, and waits until it has printed line or, where
// that is empty, until it listens at the address in settings.
func background(t *testing.T, folder, typed, line string, settings ...string) {
	t.Helper()
	c := command(t, folder, typed, settings...)
	c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // make and what it runs
	output, err := c.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = syscall.Kill(-c.Process.Pid, syscall.SIGKILL)
		_ = c.Wait()
	})
	if address, ok := strings.CutPrefix(settings[0], "LISTENS="); ok && line == "" {
		waitForListener(t, address)
		return
	}
	var seen strings.Builder
	for scanner := bufio.NewScanner(output); scanner.Scan(); {
		fmt.Fprintln(&seen, scanner.Text())
		if strings.Contains(scanner.Text(), line) {
			go func() { _, _ = io.Copy(io.Discard, output) }()
			return
		}
	}
	t.Fatalf("%s ended and did not print %q:\n%s", typed, line, &seen)
}

func waitForListener(t *testing.T, address string) {
	t.Helper()
	deadline, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	ticker := time.NewTicker(20 * time.Millisecond)
	defer ticker.Stop()
	for {
		conn, err := new(net.Dialer).DialContext(deadline, "tcp", address)
		if err == nil {
			conn.Close()
			return
		}
		select {
		case <-ticker.C:
		case <-deadline.Done():
			t.Fatalf("nobody listens on %s: %v", address, err)
		}
	}
}

// copyProject copies what a clone would hold, and what was added since.
func copyProject(t *testing.T) string {
	t.Helper()
	folder := t.TempDir()
	copying := command(t, "../..", `git ls-files -z --cached --others --exclude-standard | xargs -0 tar -cf - | tar -xf - -C "$0"`)
	copying.Args = append(copying.Args, folder)
	if out, err := copying.CombinedOutput(); err != nil {
		t.Fatalf("copy project: %v\n%s", err, out)
	}
	return folder
}

func replaceInFile(t *testing.T, file string, r *strings.Replacer) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(r.Replace(string(text))), 0o600); err != nil {
		t.Fatal(err)
	}
}

func freePort(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	_, port, _ := net.SplitHostPort(listener.Addr().String())
	return port
}
