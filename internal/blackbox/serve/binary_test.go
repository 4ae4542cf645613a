package serve_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/internal/blackbox/program"
)

// A process is a running "handstamp serve".
type process struct {
	t    testing.TB
	tg   *target
	data string
	env  []string // where things are kept
	args []string

	faults string // what a line of the log has that may be an error; "" for none

	cmd    *exec.Cmd
	log    *program.Log
	exited chan struct{} // closed when the process has ended
}

// startBinary starts the program with everything that a request may prove with who asks.
func startBinary(t testing.TB, store string, o options) *target {
	t.Helper()
	p := &process{t: t, data: newFolder(t), tg: &target{}}
	p.tg.binary = p
	p.env, p.tg.database = place(t, store)
	p.args = append([]string{
		"serve", "--listen=127.0.0.1:0", "--credentials=session,bearer,basic", "--log-format=json",
		"--hash-wait=20s", "--hash-queue=1000", // a slow machine must not make it a flood
		fmt.Sprint("--throttle-account-burst=", o.attempts()), fmt.Sprint("--throttle-address-burst=", manyAttempts),
		fmt.Sprint("--throttle-network-burst=", manyAttempts), fmt.Sprint("--throttle-strangers-burst=", manyAttempts),
		"--trusted-proxies=" + proxy,
	}, o.extra...)
	for _, rule := range rules {
		p.args = append(p.args, "--rules="+rule)
	}
	if o.algorithm != "" {
		p.args = append(p.args, "--token-algorithm="+o.algorithm)
	}
	if o.registration {
		p.args = append(p.args, "--registration=open")
	}
	if o.opsListen {
		p.args = append(p.args, "--ops-listen=127.0.0.1:0")
	}
	if o.publicURL != "" {
		public, err := url.Parse(o.publicURL)
		if err != nil {
			t.Fatal(err)
		}
		p.args = append(p.args, "--public-url="+o.publicURL)
		p.tg.host = public.Host
	}
	t.Cleanup(p.cleanup)
	p.start()
	if store == "sqlite" {
		p.tg.database = filepath.Join(p.data, "handstamp.db")
	}
	if store != "memory" {
		p.tg.crash, p.tg.newService = p.crash, p.newService
		if store != "redis" { // where a session has no row
			p.tg.stale = p.stale
		}
		p.tg.restart = func() {
			p.stop()
			p.start()
		}
	}
	return p.tg.ready(t, o, p.setupPath())
}

func (p *process) start() {
	p.t.Helper()
	p.checkLog() // of the run before
	p.log = program.NewLog()
	p.exited = make(chan struct{})
	p.cmd = exec.Command(binary, p.args...)
	p.cmd.Env = append(environment(p.data), p.env...)
	p.cmd.Stderr = p.log
	if err := p.cmd.Start(); err != nil {
		p.t.Fatalf("starting the server: %v", err)
	}
	go func(cmd *exec.Cmd, exited chan struct{}) {
		_ = cmd.Wait() // the state says it all
		close(exited)
	}(p.cmd, p.exited)
	p.tg.base = "http://" + p.await(regexp.MustCompile(`listening on (\S+) for`))
}

// stale returns a client who has signed in an hour ago, as far as the server knows when it starts again.
func (p *process) stale(who person, _ string) *client {
	p.t.Helper()
	c := p.tg.signIn(who)
	id, err := handstamp.ParseID(c.sessionID())
	if err != nil {
		p.t.Fatal(err)
	}
	p.stop()
	p.tg.change(1, `UPDATE sessions SET proved_at = proved_at - $1 WHERE id = $2`, time.Hour.Microseconds(), id[:])
	p.start()
	return c
}

// newService returns a client with a service's own credential.
func (p *process) newService(name, scope string) *client {
	p.t.Helper()
	added := decode[struct {
		ID     string `json:"client_id"`
		Secret string `json:"client_secret"`
	}](p.t, answer{body: p.command("", "client", "add", name, "--scope="+scope, "--json")})
	return p.tg.withBasic(person{email: added.ID, password: keepSecret(added.Secret)})
}

// await returns what the pattern's group finds in a whole line of standard error, now or later.
func (p *process) await(pattern *regexp.Regexp) string {
	p.t.Helper()
	late := time.NewTimer(patience)
	defer late.Stop()
	for {
		text, more := p.log.Lines()
		if found := pattern.FindStringSubmatch(text); found != nil {
			return found[1]
		}
		select {
		case <-more:
		case <-p.exited:
			p.t.Fatalf("the server has ended (%v), and never said %s:\n%s", p.cmd.ProcessState, pattern, p.log)
		case <-late.C:
			p.t.Fatalf("the server does not say %s:\n%s", pattern, p.log)
		}
	}
}

var setupLine = regexp.MustCompile(`(?m)^  \S+(/setup/\S+)$`)

// setupPath returns the link that the server shows when it has no administrator.
func (p *process) setupPath() string {
	path := p.await(setupLine)
	keepSecret(strings.TrimPrefix(path, "/setup/"))
	return path
}

// command runs the program on the server's data folder and returns what it prints.
func (p *process) command(stdin string, args ...string) string {
	p.t.Helper()
	out, code := p.tryCommand(stdin, args...)
	if code != 0 {
		p.t.Errorf("handstamp %s: exit status %d\n%s", strings.Join(args, " "), code, out)
	}
	return out
}

func (p *process) tryCommand(stdin string, args ...string) (out string, code int) {
	p.t.Helper()
	var text bytes.Buffer
	// A command that should have refused to start and serves instead must not hang the suite.
	ctx, cancel := context.WithTimeout(p.t.Context(), patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, binary, args...)
	cmd.Env = append(environment(p.data), p.env...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(stdin), &text, &text
	err := cmd.Run()
	if exit := (*exec.ExitError)(nil); err != nil && !errors.As(err, &exit) {
		p.t.Errorf("handstamp %s: %v", strings.Join(args, " "), err)
	}
	return text.String(), cmd.ProcessState.ExitCode()
}

func (p *process) signal(s os.Signal) {
	p.t.Helper()
	if err := p.cmd.Process.Signal(s); err != nil {
		p.t.Errorf("%v: %v", s, err)
	}
}

// stop asks the server to stop, and wants it to do so in good order.
func (p *process) stop() {
	p.t.Helper()
	p.signal(syscall.SIGTERM)
	select {
	case <-p.exited:
	case <-time.After(patience):
		_ = p.cmd.Process.Kill()
		<-p.exited
		p.t.Fatalf("still running after SIGTERM:\n%s", p.log)
	}
	if code := p.cmd.ProcessState.ExitCode(); code != 0 {
		p.t.Errorf("exit status %d after SIGTERM:\n%s", code, p.log)
	}
}

func (p *process) cleanup() {
	if p.cmd != nil && p.cmd.ProcessState == nil {
		select {
		case <-p.exited:
		default:
			p.stop()
		}
	}
	p.checkLog()
}

// checkLog looks for what no run may leave on standard error.
func (p *process) checkLog() {
	p.t.Helper()
	text := p.log.String()
	for _, sign := range []string{"DATA RACE", "panic", "goroutine 1 ["} {
		if strings.Contains(text, sign) {
			p.t.Errorf("standard error has %q:\n%s", sign, tail(text))
		}
	}
	errors := 0
	for line := range strings.Lines(text) {
		if !strings.HasPrefix(line, "{") {
			continue // what is said to whoever started it, the setup link among it
		}
		if strings.Contains(line, `"log.level":"error"`) && (p.faults == "" || !strings.Contains(line, p.faults)) && errors < 5 {
			p.t.Errorf("the server could not do something: %s", line)
			errors++
		}
		if secret := findSecret(line); secret != "" {
			p.t.Errorf("the log shows a secret: %s\n%s", secret, line)
		}
	}
	if p.t.Failed() {
		p.t.Logf("the end of standard error:\n%s", tail(text))
	}
}

// tail returns the end of a text.
func tail(text string) string { return text[max(0, len(text)-8<<10):] }

// environment is what the program sees: nothing of the machine's own settings.
func environment(data string) []string {
	list := []string{"HANDSTAMP_DATA=" + data}
	for _, name := range []string{"PATH", "HOME", "TMPDIR"} {
		if value, ok := os.LookupEnv(name); ok {
			list = append(list, name+"="+value)
		}
	}
	if program.Race {
		list = append(list, "GORACE="+program.RaceOptions)
	}
	return list
}

var folders atomic.Int64

// newFolder returns the name of a folder that does not exist yet, and is removed when the test ends.
func newFolder(t testing.TB) string {
	dir := filepath.Join(scratch, "d"+number(folders.Add(1)))
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}
