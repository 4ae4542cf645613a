package proxies_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/handstamp/handstamp/internal/blackbox/program"
)

// build builds the program, once. It is without the race detector: what is looked for here is in the
// proxies and between them and the program.
var build = sync.OnceValues(func() (string, error) {
	file := filepath.Join(scratch, "handstamp")
	return file, program.Variant{CheapPasswords: true}.Build(file)
})

// A binary is a running "handstamp serve".
type binary struct {
	file, data, listen string
	last               atomic.Int64
}

var listening = regexp.MustCompile(`listening on (?:http://)?([0-9.:]+)`)

// startBinary starts the program on a folder of its own, with the settings that the files in deploy/
// ask for.
func startBinary(t *testing.T) target {
	t.Helper()
	file, err := build()
	if err != nil {
		t.Fatal(err)
	}
	b := &binary{file: file, data: t.TempDir()}
	args := []string{
		"serve", "--data", b.data, "--listen=127.0.0.1:0", "--public-url=https://" + appHost, "--trusted-proxies=loopback",
		"--throttle-address-burst=100000", "--throttle-network-burst=100000", "--throttle-strangers-burst=100000",
	}
	for _, rule := range rules {
		args = append(args, "--rules="+rule)
	}
	c := exec.Command(b.file, args...)
	log := program.NewLog()
	c.Stderr = log
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		_ = c.Wait()
		close(ended)
	}()
	t.Cleanup(func() {
		_ = c.Process.Signal(syscall.SIGTERM)
		<-ended
		if t.Failed() {
			t.Logf("handstamp said:\n%.4000s", log)
		}
	})
	for {
		text, more := log.Lines()
		if found := listening.FindStringSubmatch(text); found != nil {
			b.listen = found[1]
			return b
		}
		select {
		case <-more:
		case <-ended:
			t.Fatalf("handstamp has ended:\n%s", log)
		case <-time.After(patience):
			t.Fatalf("handstamp does not listen:\n%s", log)
		}
	}
}

func (b *binary) address() string { return b.listen }

func (b *binary) signIn(t *testing.T, role string) person {
	t.Helper()
	const password = "correct horse battery staple"
	email := fmt.Sprintf("person%d@example.com", b.last.Add(1))
	b.run(t, "user", "add", "--data", b.data, "--email", email, "--role", role, "--password-stdin").with(password)

	form := url.Values{"email": {email}, "password": {password}}.Encode()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+b.listen+"/api/v1/auth_session/login", strings.NewReader(form))
	if err != nil {
		t.Fatal(err)
	}
	r.Host = appHost
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	transport := &http.Transport{DisableKeepAlives: true}
	a, err := transport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	defer a.Body.Close()
	var user struct{ ID, Role string }
	if err := json.NewDecoder(a.Body).Decode(&user); err != nil || a.StatusCode != http.StatusOK {
		t.Fatalf("login of %s: %s %v", email, a.Status, err)
	}
	p := person{id: user.ID, role: user.Role}
	for _, c := range a.Cookies() {
		if strings.HasSuffix(c.Name, "session") {
			p.cookie = c.Name + "=" + c.Value
		}
	}
	if p.id == "" || p.role != role || p.cookie == "" {
		t.Fatalf("login of %s: %+v", email, p)
	}
	return p
}

// run runs another command of the program.
func (b *binary) run(t *testing.T, args ...string) ran {
	return ran{t, exec.Command(b.file, args...)}
}

// ran is a command that waits for its standard input.
type ran struct {
	t *testing.T
	*exec.Cmd
}

func (r ran) with(input string) {
	r.t.Helper()
	r.Stdin = strings.NewReader(input + "\n")
	if said, err := r.CombinedOutput(); err != nil {
		r.t.Fatalf("%q: %v\n%s", r.Args, err, said)
	}
}
