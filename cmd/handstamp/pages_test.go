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

// typePage types the commands of a page, in their order and as they stand there, in an empty folder, or in a copy
// of the project where they need one, and compares what they print. In what is printed, "…" stands for anything.
// There must be at least so many.
func typePage(t *testing.T, name string, least int) {
	t.Helper()
	if testing.Short() {
		t.Skip("builds the project anew")
	}
	text, err := os.ReadFile("../../" + name)
	if err != nil {
		t.Fatal(err)
	}
	// On this machine the ports of the page may be taken.
	port, other := freePort(t), freePort(t)
	p := page{t: t, name: name, folder: t.TempDir(), listens: "localhost:" + other}
	if strings.Contains(string(text), "\nmake ") || example.Match(text) {
		copyProject(t, p.folder)
	}
	// The race detector waits for a second at the end of each process, unless told.
	p.environment = []string{"HANDSTAMP_LISTEN=127.0.0.1:" + port, "API_PORT=" + port, "GORACE=atexit_sleep_ms=10"}
	p.adapt = strings.NewReplacer("127.0.0.1:5000", "127.0.0.1:"+port, "localhost:5000", "localhost:"+port, "localhost:8080", p.listens)
	p.shell = newShell(p)
	for _, b := range codeBlocks(string(text)) {
		p.do(b)
	}
	if p.typed < least {
		t.Errorf("only %d commands were typed, want %d or more", p.typed, least)
	}
}

// A page is a text whose commands are being typed.
type page struct {
	t           *testing.T
	name        string
	folder      string // where it is typed
	environment []string
	adapt       *strings.Replacer // from the page's ports to those of the test
	listens     string            // where its examples in Go listen
	shell       *shell
	typed       int // commands
}

// servers are blocks of a command that goes on until the test ends: what it prints, and the socket that it
// opens when it is ready.
var servers = map[string]struct{ prints, socket string }{
	"make run":         {"/setup/", "data/handstamp.sock"},
	"make run-classic": {"listening on", "data/classic/handstamp.sock"},
	"handstamp serve":  {"/setup/", "data/handstamp.sock"},
	"handstamp gate":   {"/setup/", "data/handstamp.sock"},
}

// example is the command that runs one.
var example = regexp.MustCompile(`go run (\./examples/\w+)`)

// inFile is the comment with which a block begins that is a file.
var inFile = regexp.MustCompile(`^(?:#|<!--) (data/\S+)(?: -->)?\n`)

func (p *page) do(b block) {
	p.t.Helper()
	text := strings.TrimSpace(b.text)
	server, isServer := servers[text]
	switch {
	case isServer:
		background(p.t, p.folder, "exec "+text, server.prints, p.environment...)
		waitForListener(p.t, "unix", filepath.Join(p.folder, server.socket))
		p.typed++
	case text == "make demo":
		typeDemo(p.t, p.folder, text)
		p.typed++
	case text == "make test":
		// This is a part of it. That the target is there is all that can be asked here.
		if out, err := command(p.t, p.folder, "make -n test").CombinedOutput(); err != nil {
			p.t.Errorf("make test: %v\n%s", err, out)
		}
		p.typed++
	case b.language == "go":
		p.wantInExample(b.text)
	case b.language == "sh" && example.MatchString(text):
		folder := example.FindStringSubmatch(text)[1]
		replaceInFile(p.t, filepath.Join(p.folder, folder, "main.go"), p.adapt)
		background(p.t, p.folder, "exec "+text, "", "LISTENS="+p.listens)
		p.typed++
	case b.language == "console":
		for _, step := range steps(p.adapt.Replace(b.text)) {
			out, status := p.shell.run(step.typed)
			if status != "0" {
				p.t.Fatalf("%s: status %s\n%s", step.typed, status, out)
			}
			wantOutput(p.t, step, out)
			p.typed++
		}
	case inFile.MatchString(b.text):
		writeFile(p.t, filepath.Join(p.folder, inFile.FindStringSubmatch(b.text)[1]), p.adapt.Replace(b.text))
	case b.language == "sh" && !strings.Contains(text, "curl") && p.name != readme:
		// What needs another machine, or takes away what is on this one.
	case b.language == "toml", b.language == "nginx", b.language == "haproxy", b.language == "html", b.language == "php", b.language == "json": // tests of their own
	default:
		p.t.Errorf("nobody runs this block:\n%s", b.text)
	}
}

// A shell is one into which commands are typed one after the other.
type shell struct {
	t    *testing.T
	in   io.Writer
	out  *bufio.Reader
	errs *strings.Builder
}

func newShell(p page) *shell {
	c := command(p.t, p.folder, "exec sh", p.environment...)
	in, err := c.StdinPipe()
	if err != nil {
		p.t.Fatal(err)
	}
	out, err := c.StdoutPipe()
	if err != nil {
		p.t.Fatal(err)
	}
	errs := &strings.Builder{}
	c.Stderr = errs
	if err := c.Start(); err != nil {
		p.t.Fatal(err)
	}
	p.t.Cleanup(func() {
		_ = in.Close()
		if err := c.Wait(); p.t.Failed() {
			p.t.Logf("the shell: %v\n%s", err, errs)
		}
	})
	return &shell{t: p.t, in: in, out: bufio.NewReader(out), errs: errs}
}

// endMark ends what a command has printed. No command prints it.
const endMark = '\x1e'

// run types a command, and returns what it has printed and its exit status.
func (s *shell) run(typed string) (printed, status string) {
	s.t.Helper()
	if _, err := fmt.Fprintf(s.in, "{ %s\n} </dev/null\nprintf '\\036%%d\\n' $?\n", typed); err != nil {
		s.t.Fatalf("%s: %v", typed, err)
	}
	printed, err := s.out.ReadString(endMark)
	if err == nil {
		status, err = s.out.ReadString('\n')
	}
	if err != nil {
		s.t.Fatalf("%s: %v\n%s", typed, err, printed)
	}
	return strings.TrimSuffix(printed, string(endMark)), strings.TrimSpace(status)
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
		t.Errorf("$ %s\nprinted:\n%s\nand the page shows:\n%s", s.typed, got, s.printed)
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
		waitForListener(t, "tcp", address)
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

func waitForListener(t *testing.T, network, address string) {
	t.Helper()
	deadline, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	ticker := time.NewTicker(20 * time.Millisecond)
	defer ticker.Stop()
	for {
		conn, err := new(net.Dialer).DialContext(deadline, network, address)
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

// copyProject copies what a clone would hold, and what was added since, into a folder.
func copyProject(t *testing.T, folder string) {
	t.Helper()
	copying := command(t, "../..", `git ls-files -z --cached --others --exclude-standard | xargs -0 tar -cf - | tar -xf - -C "$0"`)
	copying.Args = append(copying.Args, folder)
	if out, err := copying.CombinedOutput(); err != nil {
		t.Fatalf("copy project: %v\n%s", err, out)
	}
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
