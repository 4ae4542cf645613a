package gate_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"golang.org/x/net/websocket"

	"github.com/handstamp/handstamp/internal/blackbox/program"
)

// patience is how long anything may take. It only ends what would never end.
const patience = time.Minute

// Who has an account.
const (
	email    = "ada@example.com"
	password = "poetical science of 1843"
)

// A site is a running gate, in front of an app that says what it gets.
type site struct {
	t      testing.TB
	base   string // where it is, as "http://localhost:1234"
	prefix string // of its own paths
	data   string
	app    *httptest.Server
	cmd    *exec.Cmd
	log    *program.Log
	exited chan struct{}
}

var folders atomic.Int64

// start starts a gate, whose own paths begin with prefix, with one user.
func start(t testing.TB, prefix string) *site {
	t.Helper()
	if testing.Short() {
		t.Skip("needs the program")
	}
	s := &site{t: t, prefix: prefix, data: filepath.Join(scratch, strconv.FormatInt(folders.Add(1), 10)), log: program.NewLog(), exited: make(chan struct{})}
	mux := http.NewServeMux()
	mux.Handle("/socket", websocket.Handler(func(ws *websocket.Conn) { _, _ = io.Copy(ws, ws) }))
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		n, err := io.Copy(io.Discard, r.Body)
		w.Header().Set("Set-Cookie", "handstamp-session=of-the-app")
		_ = json.NewEncoder(w).Encode(seen{r.RequestURI, r.Header, n, err == nil})
	})
	s.app = httptest.NewServer(mux)
	s.cmd = exec.Command(binary, "gate", "--listen=127.0.0.1:0", "--log-format=json", "--upstream="+s.app.URL, "--path-prefix="+prefix)
	s.cmd.Env, s.cmd.Stderr = s.environment(), s.log
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		_ = s.cmd.Wait() // the state says it all
		close(s.exited)
	}()
	t.Cleanup(s.stop)
	s.base = s.await(regexp.MustCompile(`listening on \S+ for (\S+)`))
	if link := s.await(regexp.MustCompile(`(?m)^  (\S+/setup/)\S+$`)); link != s.base+prefix+"/setup/" {
		t.Errorf("the link for the first administrator is below %s", link)
	}
	s.command(password+"\n", "user", "add", "--email", email, "--role", "admin", "--password-stdin")
	return s
}

// seen is what the app has got.
type seen struct {
	Target string
	Header http.Header
	Length int64
	Whole  bool
}

// stop ends the gate, which must go in good order.
func (s *site) stop() {
	_ = s.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-s.exited:
	case <-time.After(patience):
		_ = s.cmd.Process.Kill()
		<-s.exited
		s.t.Errorf("it does not end after SIGTERM")
	}
	s.app.Close()
	if code := s.cmd.ProcessState.ExitCode(); code != 0 {
		s.t.Errorf("exit status %d:\n%s", code, s.log)
	}
	for line := range strings.Lines(s.log.String()) {
		if strings.Contains(line, "DATA RACE") || strings.Contains(line, "panic") || strings.Contains(line, password) {
			s.t.Errorf("the log says %s", line)
		}
	}
}

// await returns what the pattern's group finds in a whole line of standard error, now or later.
func (s *site) await(pattern *regexp.Regexp) string {
	s.t.Helper()
	late := time.After(patience)
	for {
		text, more := s.log.Lines()
		if found := pattern.FindStringSubmatch(text); found != nil {
			return found[1]
		}
		select {
		case <-more:
		case <-s.exited:
			s.t.Fatalf("it has ended:\n%s", s.log)
		case <-late:
			s.t.Fatalf("it does not say %s:\n%s", pattern, s.log)
		}
	}
}

// command runs the program beside the gate.
func (s *site) command(stdin string, args ...string) {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, binary, args...)
	cmd.Env, cmd.Stdin = s.environment(), strings.NewReader(stdin)
	if said, err := cmd.CombinedOutput(); err != nil {
		s.t.Fatalf("handstamp %s: %v\n%s", strings.Join(args, " "), err, said)
	}
}

// environment has nothing of the machine's own settings.
func (s *site) environment() []string {
	list := []string{"HANDSTAMP_DATA=" + s.data}
	if program.Race {
		list = append(list, "GORACE="+program.RaceOptions)
	}
	for _, name := range []string{"PATH", "HOME", "TMPDIR"} {
		if value, ok := os.LookupEnv(name); ok {
			list = append(list, name+"="+value)
		}
	}
	return list
}

// A client keeps cookies.
type client struct {
	*site
	http *http.Client
}

func (s *site) client() *client {
	jar, err := cookiejar.New(nil)
	if err != nil {
		s.t.Fatal(err)
	}
	transport := &http.Transport{}
	s.t.Cleanup(transport.CloseIdleConnections)
	return &client{s, &http.Client{Transport: transport, Jar: jar, Timeout: patience, CheckRedirect: func(*http.Request, []*http.Request) error {
		return http.ErrUseLastResponse
	}}}
}

// signedIn returns a client who has just signed in.
func (s *site) signedIn() *client {
	s.t.Helper()
	c := s.client()
	body, err := json.Marshal(map[string]string{"email": email, "password": password})
	if err != nil {
		s.t.Fatal(err)
	}
	if status, text, _ := c.do("POST", s.prefix+"/api/v1/auth_session/login", strings.NewReader(string(body)), "Content-Type", "application/json"); status != 200 {
		s.t.Fatalf("%d %s", status, text)
	}
	return c
}

// do sends a request with these headers, which are pairs of name and value.
func (c *client) do(method, path string, body io.Reader, headers ...string) (status int, text string, header http.Header) {
	c.t.Helper()
	r, err := http.NewRequestWithContext(c.t.Context(), method, c.base+path, body)
	if err != nil {
		c.t.Fatal(err)
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Add(headers[i], headers[i+1])
	}
	response, err := c.http.Do(r)
	if err != nil {
		c.t.Fatal(err)
	}
	defer response.Body.Close()
	all, err := io.ReadAll(response.Body)
	if err != nil {
		c.t.Fatal(err)
	}
	return response.StatusCode, string(all), response.Header
}

// atApp is do for a request that must get to the app, and returns what the app has got.
func (c *client) atApp(method, path string, body io.Reader, headers ...string) seen {
	c.t.Helper()
	status, text, _ := c.do(method, path, body, headers...)
	var got seen
	if err := json.Unmarshal([]byte(text), &got); status != 200 || err != nil {
		c.t.Fatalf("%s %s: %d %s", method, path, status, text)
	}
	return got
}

// socket opens a WebSocket to the app, and says something there.
func (c *client) socket() *websocket.Conn {
	c.t.Helper()
	config, err := websocket.NewConfig(strings.Replace(c.base, "http", "ws", 1)+"/socket", c.base)
	if err != nil {
		c.t.Fatal(err)
	}
	for _, cookie := range c.http.Jar.Cookies(config.Origin) {
		config.Header.Add("Cookie", cookie.String())
	}
	ws, err := config.DialContext(c.t.Context())
	if err != nil {
		c.t.Fatal(err)
	}
	c.t.Cleanup(func() { ws.Close() })
	if err := ws.SetDeadline(time.Now().Add(patience)); err != nil {
		c.t.Fatal(err)
	}
	c.echoes(ws)
	return ws
}

// echoes says something on a WebSocket, and wants it back.
func (c *client) echoes(ws *websocket.Conn) {
	c.t.Helper()
	if _, err := io.WriteString(ws, "hello"); err != nil {
		c.t.Fatal(err)
	}
	back := make([]byte, 5)
	if _, err := io.ReadFull(ws, back); err != nil || string(back) != "hello" {
		c.t.Fatalf("%q, %v", back, err)
	}
}
