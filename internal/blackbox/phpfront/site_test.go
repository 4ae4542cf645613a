package phpfront_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/handstamp/handstamp/internal/blackbox/program"
)

// patience is how long anything may take. It only ends what would never end.
const patience = 2 * time.Minute

// A site is the running example.
type site struct {
	t    *testing.T
	data string
	log  *program.Log
	over chan struct{} // closed when the script has ended

	base, api, handstamp string // URLs, without a slash at the end
}

// start starts the example, which ends with the test.
func start(t *testing.T) *site {
	t.Helper()
	data, err := os.MkdirTemp(scratch, "d")
	if err != nil {
		t.Fatal(err)
	}
	port, apiPort, loginPort := freePort(t), freePort(t), freePort(t)
	s := &site{
		t: t, data: data, log: program.NewLog(), over: make(chan struct{}),
		base: "http://localhost:" + port, api: "http://127.0.0.1:" + apiPort, handstamp: "http://127.0.0.1:" + loginPort,
	}
	script := exec.Command("../../../examples/php-front/run")
	script.Env = append(s.environment(), "HANDSTAMP="+binary, "PORT="+port, "API_PORT="+apiPort, "LOGIN_PORT="+loginPort)
	script.Stdout, script.Stderr = s.log, s.log
	if err := script.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		_ = script.Wait() // the state says it all
		close(s.over)
	}()
	t.Cleanup(func() {
		_ = script.Process.Signal(syscall.SIGTERM) // one that has ended is noticed below
		<-s.over
		if code := script.ProcessState.ExitCode(); code != 0 {
			t.Errorf("the script ends with %d", code)
		}
		for line := range strings.Lines(s.log.String()) {
			if strings.Contains(line, "panic") || strings.Contains(line, `"log.level":"error"`) || strings.Contains(line, password) {
				t.Errorf("somebody says: %s", line)
			}
		}
		if t.Failed() {
			t.Logf("they say:\n%s", s.log)
		}
	})
	for _, url := range []string{s.base, s.api, s.handstamp} {
		s.awaitListener("tcp", strings.TrimPrefix(url, "http://"))
	}
	s.awaitListener("unix", filepath.Join(data, "handstamp.sock")) // for commands
	s.await("the page is there", func() bool { return s.ask(s.base+"/", nil).status == http.StatusOK })
	return s
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

// environment is that of the tests, without the settings of a server of its user.
func (s *site) environment() []string {
	list := []string{"HANDSTAMP_DATA=" + s.data}
	for _, variable := range os.Environ() {
		if !strings.HasPrefix(variable, "HANDSTAMP") {
			list = append(list, variable)
		}
	}
	return list
}

// command runs the program beside the server.
func (s *site) command(stdin string, args ...string) {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.t.Context(), patience)
	defer cancel()
	c := exec.CommandContext(ctx, binary, args...)
	c.Env, c.Stdin = s.environment(), strings.NewReader(stdin)
	if said, err := c.CombinedOutput(); err != nil {
		s.t.Fatalf("handstamp %s: %v\n%s", strings.Join(args, " "), err, said)
	}
}

// await looks again and again until what is said is so.
func (s *site) await(what string, isSo func() bool) {
	s.t.Helper()
	late, again := time.NewTimer(patience), time.NewTicker(20*time.Millisecond)
	defer late.Stop()
	defer again.Stop()
	for !isSo() {
		select {
		case <-again.C:
		case <-s.over:
			s.t.Fatalf("the script has ended before %s", what)
		case <-late.C:
			s.t.Fatalf("it never came to pass that %s", what)
		}
	}
}

func (s *site) awaitListener(network, address string) {
	s.t.Helper()
	s.await("somebody listens at "+address, func() bool {
		conn, err := net.Dial(network, address)
		if err == nil {
			conn.Close()
		}
		return err == nil
	})
}

// An answer is what a program gets. Its status is 0 where nobody has answered.
type answer struct {
	status int
	header http.Header
	body   string
}

// ask sends a GET as a program does, with these headers in just this spelling.
func (s *site) ask(url string, header http.Header) answer {
	s.t.Helper()
	r, err := http.NewRequestWithContext(s.t.Context(), http.MethodGet, url, nil)
	if err != nil {
		s.t.Fatal(err)
	}
	for name, values := range header {
		r.Header[name] = values
	}
	transport := &http.Transport{DisableKeepAlives: true}
	got, err := transport.RoundTrip(r)
	if err != nil {
		return answer{body: err.Error()}
	}
	defer got.Body.Close()
	body, err := io.ReadAll(got.Body)
	if err != nil {
		return answer{body: err.Error()}
	}
	return answer{got.StatusCode, got.Header, string(body)}
}
