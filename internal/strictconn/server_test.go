package strictconn_test

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
	"pgregory.net/rapid"

	"github.com/handstamp/handstamp/internal/strictconn"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// A site is a server behind a strict listener, and what it heard.
type site struct {
	listener net.Listener
	mu       sync.Mutex
	heard    []string // requests, with their bodies
	refused  []error
	refusal  chan struct{} // closed by the first
	once     sync.Once
}

// echo answers with what it was sent.
func (s *site) echo(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	s.mu.Lock()
	s.heard = append(s.heard, r.Method+" "+r.URL.Path+" "+string(body))
	s.mu.Unlock()
	if err != nil {
		http.Error(w, "body", http.StatusBadRequest)
		return
	}
	_, _ = w.Write(body)
}

func (s *site) requests() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.heard...)
}

func (s *site) refusals() []error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]error(nil), s.refused...)
}

// newSite starts a server; a nil handler echoes.
func newSite(t testing.TB, handler http.HandlerFunc) *site {
	t.Helper()
	inner, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return serveOn(t, inner, handler)
}

func serveOn(t testing.TB, inner net.Listener, handler http.HandlerFunc) *site {
	t.Helper()
	s := &site{refusal: make(chan struct{})}
	if handler == nil {
		handler = s.echo
	}
	s.listener = &strictconn.Listener{Listener: inner, Refused: func(_ net.Addr, why error) {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.refused = append(s.refused, why)
		s.once.Do(func() { close(s.refusal) })
	}}
	srv := &http.Server{Handler: handler, ConnState: strictconn.ConnState(nil), ErrorLog: log.New(io.Discard, "", 0)}
	done := make(chan error, 1)
	go func() { done <- srv.Serve(s.listener) }()
	t.Cleanup(func() {
		_ = srv.Close()
		<-done
	})
	return s
}

func (s *site) dial(t testing.TB) net.Conn {
	t.Helper()
	address := s.listener.Addr()
	conn, err := net.Dial(address.Network(), address.String())
	if err != nil {
		t.Fatal(err)
	}
	if err := conn.SetDeadline(time.Now().Add(20 * time.Second)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return conn
}

// send sends a stream and returns the status of each answer, until the server hangs up.
func (s *site) send(t testing.TB, stream string) (statuses []int, last *http.Response) {
	t.Helper()
	conn := s.dial(t)
	if _, err := io.WriteString(conn, stream); err != nil {
		t.Fatal(err)
	}
	answers := bufio.NewReader(conn)
	for {
		response, err := http.ReadResponse(answers, nil)
		if err != nil {
			return statuses, last
		}
		_, _ = io.Copy(io.Discard, response.Body)
		statuses, last = append(statuses, response.StatusCode), response
	}
}

// good is a request before the bad one; its answer has to come all the same.
const good = "POST /good HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nhi"

// smuggled is what would be a request of its own if the one before ended where an attacker wants.
const smuggled = "GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n"

// TestRefused: the bad head is answered with 400, nobody hears of it or of what follows, and what
// came before is answered as ever.
func TestRefused(t *testing.T) {
	for _, row := range strictconn.Ambiguous {
		t.Run(row.Name, func(t *testing.T) {
			s := newSite(t, nil)
			statuses, last := s.send(t, good+row.Stream+smuggled)
			if fmt.Sprint(statuses) != "[200 400]" || !last.Close {
				t.Fatalf("answers %v", statuses)
			}
			if heard := s.requests(); fmt.Sprint(heard) != "[POST /good hi]" {
				t.Errorf("the handler heard %q", heard)
			}
			if refused := s.refusals(); len(refused) != 1 || !errors.Is(refused[0], row.Why) {
				t.Errorf("refused %v, want %v", refused, row.Why)
			}
		})
	}
}

// TestMalformedBody: reading it fails, and nothing after it is a request.
func TestMalformedBody(t *testing.T) {
	for _, row := range strictconn.Malformed {
		t.Run(row.Name, func(t *testing.T) {
			s := newSite(t, nil)
			statuses, _ := s.send(t, good+row.Stream+smuggled)
			if fmt.Sprint(statuses) != "[200 400]" {
				t.Errorf("answers %v", statuses)
			}
			if heard := s.requests(); len(heard) != 2 {
				t.Errorf("the handler heard %q", heard)
			}
			if refused := s.refusals(); len(refused) != 1 || !errors.Is(refused[0], row.Why) {
				t.Errorf("refused %v, want %v", refused, row.Why)
			}
		})
	}
}

// TestMalformedBodyThatNobodyReads: the answer is the handler's, but there is no other.
func TestMalformedBodyThatNobodyReads(t *testing.T) {
	for _, row := range strictconn.Malformed {
		t.Run(row.Name, func(t *testing.T) {
			s := newSite(t, func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path == "/smuggled" {
					t.Error("a request was smuggled")
				}
				_, _ = io.WriteString(w, "ok")
			})
			if statuses, _ := s.send(t, row.Stream+smuggled); len(statuses) > 1 {
				t.Errorf("answers %v", statuses)
			}
		})
	}
}

// TestPassed: what is unambiguous gets through, over TCP and over a Unix socket.
func TestPassed(t *testing.T) {
	socket, err := net.Listen("unix", filepath.Join(t.TempDir(), "s"))
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range []*site{newSite(t, nil), serveOn(t, socket, nil)} {
		for _, stream := range strictconn.Unambiguous {
			statuses, _ := s.send(t, stream+"GET /last HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
			if len(statuses) < 2 && !strings.Contains(stream, "HTTP/1.0") || slices.Max(statuses) != http.StatusOK {
				t.Errorf("%q: answers %v", stream, statuses)
			}
		}
		if refused := s.refusals(); len(refused) > 0 {
			t.Errorf("refused %v", refused)
		}
	}
}

// TestPipeline: any requests, sent on one connection in pieces of any size, arrive as they were
// sent.
func TestPipeline(t *testing.T) {
	s := newSite(t, nil)
	rapid.Check(t, func(rt *rapid.T) {
		before := len(s.requests())
		var stream strings.Builder
		var want []string
		for i := range rapid.IntRange(1, 5).Draw(rt, "requests") {
			body := rapid.StringMatching(`[a-z\r\n\x00 :]{0,60}`).Draw(rt, "body")
			fmt.Fprintf(&stream, "POST /%d HTTP/1.1\r\nHost: x\r\n", i)
			if rapid.Bool().Draw(rt, "chunked") {
				stream.WriteString("Transfer-Encoding: chunked\r\n\r\n")
				for rest := body; rest != ""; {
					n := rapid.IntRange(1, len(rest)).Draw(rt, "chunk")
					fmt.Fprintf(&stream, "%x;ext=\"a b\"\r\n%s\r\n", n, rest[:n])
					rest = rest[n:]
				}
				stream.WriteString("0\r\nX-Trailer: y\r\n\r\n")
			} else {
				stream.WriteString("Content-Length: " + strconv.Itoa(len(body)) + "\r\n\r\n" + body)
			}
			want = append(want, fmt.Sprintf("POST /%d %s", i, body))
		}
		conn := s.dial(t)
		defer conn.Close()
		go func() {
			for rest := stream.String(); rest != ""; {
				n := min(len(rest), 17)
				if _, err := io.WriteString(conn, rest[:n]); err != nil {
					return
				}
				rest = rest[n:]
			}
		}()
		answers := bufio.NewReader(conn)
		for i := range want {
			response, err := http.ReadResponse(answers, nil)
			if err != nil {
				rt.Fatalf("answer %d: %v", i, err)
			}
			body, err := io.ReadAll(response.Body)
			if err != nil || response.StatusCode != http.StatusOK || !strings.HasSuffix(want[i], " "+string(body)) {
				rt.Fatalf("answer %d: %s %q, %v", i, response.Status, body, err)
			}
		}
		if got := s.requests()[before:]; fmt.Sprintf("%q", got) != fmt.Sprintf("%q", want) {
			rt.Fatalf("heard %q, want %q", got, want)
		}
	})
}
