//go:build unix

package main_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/handstamp/handstamp/internal/textbrowser"
)

// A demo is a running "handstamp demo", in a folder that everything leads to where a program may write.
type demo struct {
	t         *testing.T
	command   *exec.Cmd
	out       *bufio.Reader
	errs      bytes.Buffer
	folder    string
	address   string
	passwords map[string]string // by email
}

var (
	demoAddress = regexp.MustCompile(`^Open (http://\S+)/ and sign in:$`)
	demoPerson  = regexp.MustCompile(`^  (\S+@example\.com) +([a-z0-9-]{23})  \w`)
)

func startDemo(t *testing.T, flags ...string) *demo {
	t.Helper()
	d := &demo{t: t, folder: t.TempDir(), passwords: make(map[string]string)}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute) // also for one that does not end
	t.Cleanup(cancel)
	d.command = exec.CommandContext(ctx, "handstamp", append([]string{"demo"}, flags...)...)
	d.command.Dir, d.command.Stderr = d.folder, &d.errs
	d.command.Env = append(os.Environ(), "GORACE=atexit_sleep_ms=10",
		"HOME="+d.folder, "TMPDIR="+d.folder, "XDG_CACHE_HOME="+d.folder, "HANDSTAMP_DATA="+filepath.Join(d.folder, "data"),
		// What would redirect a demo, or make it weaker, or is no setting at all.
		"HANDSTAMP_STORE=sqlite", "HANDSTAMP_PUBLIC_URL=https://evil.example", "HANDSTAMP_LISTEN=0.0.0.0:0", "HANDSTAMP_OPS_LISTEN=0.0.0.0:0",
		"HANDSTAMP_MASTER_KEY=x", "HANDSTAMP_CREDENTIALS=basic", "HANDSTAMP_REGISTRATION=open", "HANDSTAMP_TRUSTED_PROXIES=0.0.0.0/0",
		"HANDSTAMP_LOG_LEVEL=debug", "HANDSTAMP_CONFIG=/nowhere.toml", "HANDSTAMP_NONSENSE=1",
	)
	d.start()
	return d
}

// start returns when everything has been said.
func (d *demo) start() {
	d.t.Helper()
	out, err := d.command.StdoutPipe()
	if err != nil {
		d.t.Fatal(err)
	}
	began := time.Now()
	if err := d.command.Start(); err != nil {
		d.t.Fatal(err)
	}
	d.t.Cleanup(func() {
		_ = d.command.Process.Kill()
		_ = d.command.Wait()
	})
	d.out = bufio.NewReader(out)
	for {
		line, err := d.out.ReadString('\n')
		if err != nil {
			d.t.Fatalf("%v\n%s", err, &d.errs)
		}
		line = strings.TrimSuffix(line, "\n")
		if m := demoAddress.FindStringSubmatch(line); m != nil {
			d.address = m[1]
		}
		if m := demoPerson.FindStringSubmatch(line); m != nil {
			d.passwords[m[1]] = m[2]
		}
		if strings.Contains(line, "Ctrl-C") {
			d.t.Logf("%d people after %v", len(d.passwords), time.Since(began).Round(time.Millisecond))
			return
		}
	}
}

// signIn returns the status of a login, and the user.
func (d *demo) signIn(email, plain string) (status int, user struct{ Role, LastName string }) {
	d.t.Helper()
	body, err := json.Marshal(map[string]string{"email": email, "password": plain})
	if err != nil {
		d.t.Fatal(err)
	}
	r, err := http.NewRequestWithContext(d.t.Context(), http.MethodPost, d.address+"/api/v1/auth_session/login", bytes.NewReader(body))
	if err != nil {
		d.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	answer, err := (&http.Client{Timeout: 30 * time.Second}).Do(r)
	if err != nil {
		d.t.Fatal(err)
	}
	defer answer.Body.Close()
	_ = json.NewDecoder(answer.Body).Decode(&user)
	return answer.StatusCode, user
}

// end sends a signal, waits for the end, and returns what else was printed.
func (d *demo) end(signal os.Signal) string {
	d.t.Helper()
	if err := d.command.Process.Signal(signal); err != nil {
		d.t.Fatal(err)
	}
	rest, err := io.ReadAll(d.out)
	if err != nil {
		d.t.Fatal(err)
	}
	if err := d.command.Wait(); err != nil {
		d.t.Errorf("after %v: %v\n%s", signal, err, &d.errs)
	}
	return string(rest)
}

// typeDemo types what starts a demo, in a copy of the project, signs in as each of those that it names, and presses
// Ctrl-C, which goes to all that the terminal has started. Afterwards nothing is left.
func typeDemo(t *testing.T, folder, typed string) {
	t.Helper()
	d := &demo{t: t, folder: folder, passwords: make(map[string]string)}
	d.command = command(t, folder, "exec "+typed)
	d.command.SysProcAttr, d.command.Stderr = &syscall.SysProcAttr{Setpgid: true}, &d.errs
	d.start()
	group := -d.command.Process.Pid
	t.Cleanup(func() { _ = syscall.Kill(group, syscall.SIGKILL) })
	if len(d.passwords) != 3 {
		t.Errorf("%s: %v", typed, d.passwords)
	}
	for email, plain := range d.passwords {
		page := textbrowser.New(t, d.address, nil).Open("/").Form("/login").Set("email", email, "password", plain).Send()
		if page.Status != http.StatusOK || page.URL.Path != "/account" {
			t.Errorf("%s: %s", email, page)
		}
	}
	if err := syscall.Kill(group, syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadAll(d.out); err != nil { // until the last of them has ended
		t.Fatal(err)
	}
	_ = d.command.Wait() // make says that it was interrupted, or not
	if _, err := os.Stat(filepath.Join(folder, "data")); !os.IsNotExist(err) {
		t.Errorf("%s left a data folder: %v", typed, err)
	}
}

// TestDemo: with a printed password one can sign in, nothing outside has a say in it, and afterwards nothing
// is left.
func TestDemo(t *testing.T) {
	d := startDemo(t, "--listen=127.0.0.1:0")
	if !strings.HasPrefix(d.address, "http://localhost:") || len(d.passwords) != 3 {
		t.Fatalf("at %s, with %v", d.address, d.passwords)
	}
	roles := map[string]int{}
	for email, plain := range d.passwords {
		status, user := d.signIn(email, plain)
		if status != http.StatusOK {
			t.Errorf("%s: %d", email, status)
		}
		roles[user.Role]++
	}
	if roles["admin"] != 1 || roles["user"] != 2 {
		t.Errorf("%v, want an administrator and two users", roles)
	}
	if status, _ := d.signIn("ada@example.com", d.passwords["grace@example.com"]); status != http.StatusUnauthorized {
		t.Errorf("with the password of another: %d", status)
	}
	if rest := d.end(os.Interrupt); strings.TrimSpace(rest) != "" {
		t.Errorf("printed later: %q", rest)
	}

	log := d.errs.String()
	for _, plain := range d.passwords {
		if strings.Contains(log, plain) {
			t.Error("a password is in the log")
		}
	}
	if strings.Count(log, "\n") != 1 || !strings.Contains(log, "wrong password") {
		t.Errorf("want a line about the wrong password, and quiet otherwise:\n%s", log)
	}
	left, err := os.ReadDir(d.folder)
	if err != nil || len(left) != 0 {
		t.Errorf("left on the disk: %v, %v", left, err)
	}
}

// TestDemoWithATerminalThatIsClosed ends, and does not go on somewhere where nobody sees it. The next one has
// other passwords.
func TestDemoWithATerminalThatIsClosed(t *testing.T) {
	one := startDemo(t, "--listen=[::1]:0")
	two := startDemo(t, "--listen=localhost:0")
	if !strings.HasPrefix(one.address, "http://[::1]:") {
		t.Errorf("at %s", one.address)
	}
	for email, plain := range one.passwords {
		if plain == two.passwords[email] {
			t.Errorf("%s has %s twice", email, plain)
		}
	}
	one.end(syscall.SIGHUP)
	two.end(syscall.SIGTERM)
	if one.errs.Len()+two.errs.Len() > 0 {
		t.Errorf("%s%s", &one.errs, &two.errs)
	}
}

// TestDemoBesideAnother: where the usual port is taken there is another one.
func TestDemoBesideAnother(t *testing.T) {
	if listener, err := net.Listen("tcp4", "127.0.0.1:5000"); err == nil { // else somebody else has it
		defer listener.Close()
	}
	d := startDemo(t)
	if strings.HasSuffix(d.address, ":5000") {
		t.Errorf("at %s", d.address)
	}
	if status, _ := d.signIn("ada@example.com", d.passwords["ada@example.com"]); status != http.StatusOK {
		t.Errorf("sign in: %d", status)
	}
	d.end(os.Interrupt)
	if want := "handstamp: 127.0.0.1:5000 is taken, so here is a free port instead\n"; d.errs.String() != want {
		t.Errorf("%q", d.errs.String())
	}
}
