package main_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

// lease is what both sides take where nobody says otherwise.
const lease = 2 * time.Second

// A stage is a folder with both programs, and where they listen.
type stage struct {
	t               *testing.T
	folder          string
	server, service string // host and port
	cookie          string
}

func (s *stage) program(name string) string {
	if runtime.GOOS == "windows" {
		name += ".exe"
	}
	return filepath.Join(s.folder, name)
}

func newStage(t *testing.T) *stage {
	t.Helper()
	s := &stage{t: t, folder: t.TempDir(), server: freeAddress(t), service: freeAddress(t)}
	for name, path := range map[string]string{"handstamp": "../../cmd/handstamp", "microservice": "."} {
		if out, err := exec.Command("go", "build", "-o", s.program(name), path).CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
	}
	return s
}

func freeAddress(t *testing.T) string {
	t.Helper()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().String()
}

// run runs a command of the server's and returns what it prints.
func (s *stage) run(input string, args ...string) string {
	s.t.Helper()
	c := exec.CommandContext(s.t.Context(), s.program("handstamp"), append(args, "--data", filepath.Join(s.folder, "data"))...)
	c.Stdin = strings.NewReader(input)
	var said bytes.Buffer
	c.Stderr = &said
	out, err := c.Output()
	if err != nil {
		s.t.Fatalf("handstamp %v: %v %s", args, err, said.String())
	}
	return string(out)
}

// start starts a program, and returns what kills it. It returns when somebody listens at address.
func (s *stage) start(name, address string, environment []string, args ...string) (kill func()) {
	s.t.Helper()
	c := exec.Command(s.program(name), args...)
	c.Dir = s.folder
	c.Env = append(os.Environ(), environment...)
	said := &bytes.Buffer{}
	c.Stderr = said
	if err := c.Start(); err != nil {
		s.t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		_ = c.Wait()
		close(ended)
	}()
	kill = func() {
		_ = c.Process.Kill()
		<-ended
	}
	s.t.Cleanup(kill)
	s.until(name+" listens", func() bool {
		select {
		case <-ended:
			s.t.Fatalf("%s has ended: %s", name, said.String())
		default:
		}
		conn, err := new(net.Dialer).DialContext(s.t.Context(), "tcp", address)
		if err == nil {
			_ = conn.Close()
		}
		return err == nil
	})
	return kill
}

func (s *stage) startServer() (kill func()) {
	return s.start("handstamp", s.server, nil, "serve", "--data", filepath.Join(s.folder, "data"), "--listen", s.server)
}

// until asks again and again until is returns true.
func (s *stage) until(what string, is func() bool) {
	s.t.Helper()
	deadline := time.Now().Add(30 * time.Second)
	for !is() {
		if time.Now().After(deadline) {
			s.t.Fatalf("it never came about that %s", what)
		}
		time.Sleep(2 * time.Millisecond)
	}
}

// signIn gets a cookie at the server.
func (s *stage) signIn() {
	s.t.Helper()
	_, port, _ := net.SplitHostPort(s.server)
	r, err := http.NewRequestWithContext(s.t.Context(), http.MethodPost, "http://localhost:"+port+"/api/v1/auth_session/login",
		strings.NewReader(`{"email":"ada@example.com","password":"correct horse battery"}`))
	if err != nil {
		s.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		s.t.Fatal(err)
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK || len(answer.Cookies()) == 0 {
		text, _ := io.ReadAll(answer.Body)
		s.t.Fatalf("login: %d %s", answer.StatusCode, text)
	}
	for _, cookie := range answer.Cookies() {
		if cookie.Name == "session" {
			s.cookie = cookie.Name + "=" + cookie.Value
		}
	}
}

// look asks the service, with the cookie.
func (s *stage) look() (status int, body string) {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.t.Context(), 20*time.Second)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+s.service+"/orders", nil)
	if err != nil {
		s.t.Fatal(err)
	}
	r.Header.Set("Cookie", s.cookie)
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		s.t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return answer.StatusCode, string(text)
}

func (s *stage) want(status int, when string) {
	s.t.Helper()
	if got, body := s.look(); got != status {
		s.t.Errorf("%s: %d %s, want %d", when, got, body, status)
	}
}

// TestMicroservice is the README, with the real programs.
func TestMicroservice(t *testing.T) {
	if testing.Short() {
		t.Skip("builds two programs")
	}
	s := newStage(t)
	s.run("correct horse battery\n", "user", "add", "--email", "ada@example.com", "--role", "admin", "--password-stdin")
	var added struct {
		Secret string `json:"client_secret"`
	}
	if err := json.Unmarshal([]byte(s.run("", "client", "add", "shop", "--scope", "verify", "--json")), &added); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(s.folder, "shop.secret")
	if err := os.WriteFile(file, []byte(added.Secret+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	kill := s.startServer()
	s.start("microservice", s.service, []string{"SERVER=http://" + s.server, "SECRET_FILE=" + file, "LISTEN=" + s.service})

	s.want(http.StatusUnauthorized, "a stranger")
	s.signIn()
	s.want(http.StatusOK, "who has signed in")
	if _, body := s.look(); !strings.Contains(body, `"role":"admin"`) {
		t.Errorf("the service does not know who is asking: %s", body)
	}

	// A session that is ended by a command.
	s.run("", "session", "end", "ada@example.com", "--all")
	ended := time.Now()
	s.until("the service refuses", func() bool {
		status, _ := s.look()
		return status == http.StatusUnauthorized
	})
	took := time.Since(ended)
	t.Logf("refused at most %v after the command", took)
	if took > lease/4 {
		t.Errorf("refused %v after the command: the service was not woken", took)
	}

	// A server that is killed, and comes back.
	s.signIn()
	s.want(http.StatusOK, "who has signed in again")
	kill()
	killed := time.Now()
	s.want(http.StatusOK, "from memory")
	s.until("the lease ends", func() bool {
		status, body := s.look()
		if status != http.StatusOK && status != http.StatusServiceUnavailable {
			t.Fatalf("%v after the server was killed: %d %s", time.Since(killed), status, body)
		}
		return status == http.StatusServiceUnavailable
	})
	if after := time.Since(killed); after > lease+lease/10 {
		t.Errorf("answered from memory until %v after the server was killed", after)
	}
	for range 5 {
		s.want(http.StatusServiceUnavailable, fmt.Sprintf("%v without a server", time.Since(killed)))
	}
	s.startServer()
	s.until("the session is good again", func() bool {
		status, body := s.look()
		if status != http.StatusOK && status != http.StatusServiceUnavailable {
			t.Fatalf("with the server back: %d %s", status, body)
		}
		return status == http.StatusOK
	})
}
