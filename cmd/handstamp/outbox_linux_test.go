package main

import (
	"bufio"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/handstamp/handstamp/internal/privateserver"
)

const (
	webhookKey   = "0123456789abcdef0123456789abcdef"
	testPassword = "correct horse battery staple"
)

// A told is an event as a webhook gets it.
type told struct {
	ID, Type, Subject, Sequence string
	Data                        struct {
		Device    string
		SessionID string `json:"session_id"`
	}
}

// A hook is a webhook that checks signatures as the documentation says.
type hook struct {
	t      *testing.T
	server *httptest.Server

	mu    sync.Mutex
	judge func(nth int) (status int) // of the requests since it was set
	nth   int
	got   []told // those that were taken
	more  chan struct{}
}

func newHook(t *testing.T) *hook {
	h := &hook{t: t, more: make(chan struct{}, 1)}
	h.set(func(int) int { return http.StatusNoContent })
	h.server = httptest.NewServer(h)
	t.Cleanup(h.server.Close)
	return h
}

func (h *hook) set(judge func(nth int) int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.judge, h.nth = judge, 0
}

func (h *hook) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return // whoever has sent it was killed
	}
	mac := hmac.New(sha256.New, []byte(webhookKey))
	fmt.Fprintf(mac, "%s.%s.%s", r.Header.Get("webhook-id"), r.Header.Get("webhook-timestamp"), body)
	if want := "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil)); r.Header.Get("webhook-signature") != want {
		h.t.Errorf("signed with %q, want %q", r.Header.Get("webhook-signature"), want)
	}
	var event told
	if err := json.Unmarshal(body, &event); err != nil || event.ID != r.Header.Get("webhook-id") {
		h.t.Errorf("%s: %v", body, err)
	}
	h.mu.Lock()
	h.nth++
	judge, nth := h.judge, h.nth
	h.mu.Unlock()
	status := judge(nth)
	if status == http.StatusNoContent {
		h.mu.Lock()
		h.got = append(h.got, event)
		h.mu.Unlock()
	}
	w.WriteHeader(status)
	select {
	case h.more <- struct{}{}:
	default:
	}
}

func (h *hook) events() []told {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Clone(h.got)
}

// await waits until the hook has what is wanted.
func (h *hook) await(what string, isThere func([]told) bool) {
	h.t.Helper()
	late := time.After(time.Minute)
	for !isThere(h.events()) {
		select {
		case <-h.more:
		case <-late:
			h.t.Fatalf("%s: not among %+v", what, h.events())
		}
	}
}

// A served is a running "handstamp serve".
type served struct {
	cmd *exec.Cmd
	url string
}

var listensAt = regexp.MustCompile(`listening on (\S+) for`)

func serveEvents(t *testing.T, folder string, settings ...string) *served {
	t.Helper()
	c := command("--data", folder, "serve", "--listen", "127.0.0.1:0", "--log-format", "text")
	c.Env = append(c.Environ(), settings...)
	said, err := c.StderrPipe()
	if err == nil {
		err = c.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	s := &served{cmd: c}
	t.Cleanup(s.kill)
	lines := bufio.NewScanner(said)
	for lines.Scan() {
		if at := listensAt.FindStringSubmatch(lines.Text()); at != nil {
			s.url = "http://" + at[1]
			break
		}
	}
	if s.url == "" {
		t.Fatal("the server does not start")
	}
	go func() { _, _ = io.Copy(io.Discard, said) }()
	return s
}

func (s *served) kill() {
	_ = s.cmd.Process.Kill()
	_, _ = s.cmd.Process.Wait()
}

// signIn signs in from a device and returns the session's cookie.
func (s *served) signIn(t *testing.T, email, device string) *http.Cookie {
	t.Helper()
	form := url.Values{"email": {email}, "password": {testPassword}}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.url+"/api/v1/auth_session/login", strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("User-Agent", device)
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	if answer.StatusCode >= 300 || len(answer.Cookies()) == 0 {
		t.Fatalf("sign in: %s", answer.Status)
	}
	return answer.Cookies()[0]
}

// newPeople makes a data folder with users.
func newPeople(t *testing.T, emails ...string) (folder string) {
	t.Helper()
	folder = filepath.Join(shortDir(t), "data")
	for _, email := range emails {
		c := command("--data", folder, "user", "add", "--email", email, "--password-stdin")
		c.Stdin = strings.NewReader(testPassword)
		if said, err := c.CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, said)
		}
	}
	return folder
}

func (h *hook) settings() []string {
	return []string{
		"HANDSTAMP_WEBHOOK_URL=" + h.server.URL,
		"HANDSTAMP_WEBHOOK_SECRET=whsec_" + base64.StdEncoding.EncodeToString([]byte(webhookKey)),
	}
}

// TestKilledBeforeDelivery: what was answered is told, though the server is killed before it could tell, or while it does; and of each
// user in order.
func TestKilledBeforeDelivery(t *testing.T) {
	hook := newHook(t)
	folder := newPeople(t, "ann@example.com", "bob@example.com")
	hook.set(func(int) int { return http.StatusServiceUnavailable })
	server := serveEvents(t, folder, hook.settings()...)
	var devices []string
	for i := range 8 {
		device := fmt.Sprint("device ", i)
		server.signIn(t, []string{"ann@example.com", "bob@example.com"}[i%2], device)
		devices = append(devices, device)
	}
	server.kill()
	for range 2 {
		third, release := make(chan struct{}), make(chan struct{})
		hook.set(func(nth int) int {
			if nth == 3 { // it is taken, and the server does not hear of it
				close(third)
				<-release
			}
			return http.StatusNoContent
		})
		server = serveEvents(t, folder, hook.settings()...)
		select {
		case <-third:
		case <-time.After(time.Minute):
			t.Error("nothing is delivered")
		}
		server.kill()
		close(release)
	}
	hook.set(func(int) int { return http.StatusNoContent })
	serveEvents(t, folder, hook.settings()...)
	hook.await("every sign-in", func(got []told) bool {
		return !slices.ContainsFunc(devices, func(device string) bool {
			return !slices.ContainsFunc(got, func(e told) bool { return e.Type == "com.handstamp.login" && e.Data.Device == device })
		})
	})
	first := make(map[string]bool)
	last := make(map[string]string)
	for _, e := range hook.events() {
		if !first[e.ID] && e.Sequence < last[e.Subject] {
			t.Errorf("event %s of user %s comes behind %s", e.Sequence, e.Subject, last[e.Subject])
		}
		if !first[e.ID] {
			last[e.Subject] = e.Sequence
		}
		first[e.ID] = true
	}
	if len(first) != len(devices) {
		t.Errorf("%d events for %d sign-ins", len(first), len(devices))
	}
}

// TestEventsOut: a sign-in and a logout come to everybody who is in the settings, and the figures say so.
func TestEventsOut(t *testing.T) {
	hook, queue := newHook(t), privateserver.StartNATS(t)
	conn, err := nats.Connect(queue.URL())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	js, err := jetstream.New(conn)
	if err != nil {
		t.Fatal(err)
	}
	stream, err := js.CreateStream(t.Context(), jetstream.StreamConfig{Name: "EVENTS", Subjects: []string{"id.>"}})
	if err != nil {
		t.Fatal(err)
	}
	pushed := make(chan string, 10)
	receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		text, _ := io.ReadAll(r.Body)
		pushed <- r.Header.Get("Authorization") + " " + string(text)
		w.WriteHeader(http.StatusAccepted)
	}))
	defer receiver.Close()
	// Of RabbitMQ it is enough here that somebody comes who speaks its language: package amqp is tested with the real one.
	broker, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer broker.Close()
	greeted := make(chan string, 1)
	go func() {
		conn, err := broker.Accept()
		if err != nil {
			return
		}
		defer conn.Close()
		greeting := make([]byte, 8)
		_, _ = io.ReadFull(conn, greeting)
		greeted <- string(greeting)
	}()

	folder := newPeople(t, "ann@example.com")
	server := serveEvents(t, folder, append(hook.settings(),
		"HANDSTAMP_NATS_URL="+queue.URL(), "HANDSTAMP_NATS_SUBJECT=id.example",
		"HANDSTAMP_AMQP_URL=amqp://guest:guest@"+broker.Addr().String(),
		"HANDSTAMP_CAEP_URL="+receiver.URL, "HANDSTAMP_CAEP_AUDIENCE=https://receiver.example.com", "HANDSTAMP_CAEP_TOKEN=s3cret")...)
	cookie := server.signIn(t, "ann@example.com", "laptop")
	r, err := http.NewRequestWithContext(t.Context(), http.MethodDelete, server.url+"/api/v1/auth_session/logout", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.AddCookie(cookie)
	answer, err := http.DefaultClient.Do(r)
	if err != nil || answer.StatusCode >= 300 {
		t.Fatalf("log out: %v, %v", answer, err)
	}
	answer.Body.Close()

	hook.await("login and logout", func(got []told) bool {
		return len(got) >= 2 && got[len(got)-2].Type == "com.handstamp.login" && got[len(got)-1].Type == "com.handstamp.logout"
	})
	got := hook.events()
	logout := got[len(got)-1]
	consumer, err := stream.OrderedConsumer(t.Context(), jetstream.OrderedConsumerConfig{FilterSubjects: []string{"id.example.logout"}})
	if err != nil {
		t.Fatal(err)
	}
	message, err := consumer.Next(jetstream.FetchMaxWait(time.Minute))
	if err != nil {
		t.Fatal(err)
	}
	if id := message.Headers().Get("Nats-Msg-Id"); id != logout.ID || !strings.Contains(string(message.Data()), `"type":"com.handstamp.logout"`) {
		t.Errorf("NATS has %s %s, and the webhook %s", id, message.Data(), logout.ID)
	}
	select {
	case greeting := <-greeted:
		if greeting != "AMQP\x00\x00\x09\x01" {
			t.Errorf("the broker is greeted with %q", greeting)
		}
	case <-time.After(time.Minute):
		t.Error("nobody comes to the broker")
	}
	select {
	case text := <-pushed:
		checkEvent(t, server, strings.TrimPrefix(text, "Bearer s3cret "), logout)
	case <-time.After(time.Minute):
		t.Error("nothing is pushed to the receiver")
	}
	answer, err = http.Get(server.url + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	figures, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{`handstamp_outbox_delivered_total{destination="caep"} 1`, `handstamp_outbox_dead{destination="amqp"} 0`, `handstamp_outbox_pending{destination="amqp"} `} {
		if !strings.Contains(string(figures), "\n"+line) {
			t.Errorf("the metrics have no %s", line)
		}
	}
}

// checkEvent verifies a security event with the keys that the server publishes.
func checkEvent(t *testing.T, server *served, token string, logout told) {
	t.Helper()
	answer, err := http.Get(server.url + "/.well-known/jwks.json")
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	var keys jose.JSONWebKeySet
	if err := json.NewDecoder(answer.Body).Decode(&keys); err != nil {
		t.Fatal(err)
	}
	signed, err := jose.ParseSignedCompact(token, []jose.SignatureAlgorithm{jose.EdDSA})
	if err != nil {
		t.Fatal(err)
	}
	text, err := signed.Verify(keys)
	if err != nil {
		t.Fatal(err)
	}
	var claims struct {
		Audience string `json:"aud"`
		Subject  struct {
			User    struct{ Sub string }
			Session struct{ ID string }
		} `json:"sub_id"`
		Events map[string]any
	}
	if err := json.Unmarshal(text, &claims); err != nil {
		t.Fatal(err)
	}
	if claims.Audience != "https://receiver.example.com" || claims.Subject.User.Sub != logout.Subject || claims.Subject.Session.ID != logout.Data.SessionID ||
		claims.Events["https://schemas.openid.net/secevent/caep/event-type/session-revoked"] == nil {
		t.Errorf("the event says %s", text)
	}
}
