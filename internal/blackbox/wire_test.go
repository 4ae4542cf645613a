package blackbox_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// answerDeadline bounds one exchange; a server that does not answer is a finding, not a hang.
const answerDeadline = 30 * time.Second

// Paths of the API that many tests ask for.
const (
	pathStatus  = "/api/v1/status"
	pathStats   = "/api/v1/stats"
	pathUsers   = "/api/v1/users"
	pathMe      = "/api/v1/users/me"
	pathLogin   = "/api/v1/auth_session/login"
	pathLogout  = "/api/v1/auth_session/logout"
	pathSession = "/api/v1/auth_session"
)

const formType = "application/x-www-form-urlencoded"

// A request is written to the socket as it stands: net/http's client would tidy up header
// names, escape paths and refuse bytes that are here to be sent.
type request struct {
	method, path string
	headers      [][2]string
	body         *string // nil for none, which is not the same as empty
}

// get, with a cookie header when cookie is not empty.
func get(path, cookie string) request { return withCookie(request{method: "GET", path: path}, cookie) }

// del is DELETE, with a cookie header when cookie is not empty.
func del(path, cookie string) request {
	return withCookie(request{method: "DELETE", path: path}, cookie)
}

// form is a POST of an HTML form to path.
func form(path, body string) request {
	return request{"POST", path, [][2]string{{"Content-Type", formType}}, &body}
}

// withJSON returns a request with a JSON body.
func withJSON(method, path, cookie, body string) request {
	r := request{method, path, [][2]string{{"Content-Type", "application/json"}}, &body}
	return withCookie(r, cookie)
}

func withCookie(r request, cookie string) request {
	if cookie != "" {
		r.headers = append(r.headers, [2]string{"Cookie", cookie})
	}
	return r
}

// withHeader returns r with one more header line.
func (r request) withHeader(name, value string) request {
	r.headers = append(r.headers[:len(r.headers):len(r.headers)], [2]string{name, value})
	return r
}

// withBody returns r with a body and the length that goes with it.
func (r request) withBody(body string) request {
	r.body = &body
	return r
}

func (r request) String() string {
	return fmt.Sprintf("%s %s %.200q", r.method, r.path, r.headers)
}

// head returns the request line and the header lines as they go over the wire, without the
// length of the body and without the empty line.
func (r request) head(host string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n", r.method, r.path, host)
	for _, h := range r.headers {
		fmt.Fprintf(&b, "%s: %s\r\n", h[0], h[1])
	}
	return b.String()
}

// bytes returns the request as it goes over the wire.
func (r request) bytes(host string) []byte {
	length, body := "", ""
	if r.body != nil {
		body = *r.body
	}
	// Every client in use announces an empty body with the methods that usually have one.
	if r.body != nil || r.method == "POST" || r.method == "PUT" || r.method == "PATCH" {
		length = fmt.Sprintf("Content-Length: %d\r\n", len(body))
	}
	return []byte(r.head(host) + length + "\r\n" + body)
}

// An answer is what came back, with its body to the last byte.
type answer struct {
	status int
	header http.Header
	body   string
}

func (a answer) String() string {
	return fmt.Sprintf("%d %v\n%s", a.status, a.header, tail(a.body, 2<<10))
}

// do sends r to the server and fails the test if no whole answer comes back.
func (s *server) do(t testing.TB, r request) answer {
	t.Helper()
	a, err := exchange(s.addr, r.method, r.bytes(s.addr), false)
	if err != nil {
		t.Fatalf("%v: %v", r, err)
	}
	return a
}

// exchange writes raw to a new connection and reads one answer. With halfClose it then closes
// its side: the server reads the end of the stream, and can still answer.
func exchange(addr, method string, raw []byte, halfClose bool) (answer, error) {
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		return answer{}, err
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(answerDeadline)); err != nil {
		return answer{}, err
	}
	// A server may answer before it has read everything and then stop reading, so writing goes
	// on beside reading and its errors tell nothing.
	go func() {
		_, _ = conn.Write(raw)
		if tcp, ok := conn.(*net.TCPConn); ok && halfClose {
			_ = tcp.CloseWrite()
		}
	}()
	return readAnswer(bufio.NewReader(conn), method)
}

// readAnswer reads one answer to a request with this method.
func readAnswer(r *bufio.Reader, method string) (answer, error) {
	response, err := http.ReadResponse(r, &http.Request{Method: method})
	if err != nil {
		return answer{}, fmt.Errorf("reading the answer: %w", err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return answer{}, fmt.Errorf("reading the body of %s: %w", response.Status, err)
	}
	a := answer{response.StatusCode, response.Header, string(body)}
	if length := a.header.Get("Content-Length"); length != "" && method != "HEAD" &&
		length != strconv.Itoa(len(body)) {
		return a, fmt.Errorf("Content-Length is %s and the body has %d bytes", length, len(body))
	}
	return a, nil
}

// expect sends r and checks that the answer has one of these statuses.
func (s *server) expect(t testing.TB, r request, status ...int) answer {
	t.Helper()
	a := s.do(t, r)
	if !slices.Contains(status, a.status) {
		t.Errorf("%v: status %d, want %d; answer: %v", r, a.status, status, a)
	}
	return a
}

// expectBody sends r and checks status and body, byte for byte.
func (s *server) expectBody(t testing.TB, r request, status int, body string) answer {
	t.Helper()
	a := s.do(t, r)
	if a.status != status || a.body != body {
		t.Errorf("%v: got %d %q, want %d %q", r, a.status, a.body, status, body)
	}
	return a
}

// loginForm returns the login request of a user.
func loginForm(email, password string) request {
	return form(pathLogin, url.Values{"email": {email}, "password": {password}}.Encode())
}

// login logs in and returns the cookie as it is sent back, "name=value".
func (s *server) login(t testing.TB, email, password string) string {
	t.Helper()
	a := s.do(t, loginForm(email, password))
	if a.status != http.StatusOK {
		t.Fatalf("login of %s: %v", email, a)
	}
	return cookieOf(t, a)
}

// cookieOf returns the cookie that an answer sets, "name=value".
func cookieOf(t testing.TB, a answer) string {
	t.Helper()
	lines := a.header.Values("Set-Cookie")
	if len(lines) != 1 {
		t.Fatalf("%d Set-Cookie lines, want 1: %v", len(lines), a)
	}
	pair, _, _ := strings.Cut(lines[0], ";")
	return pair
}

// Users of the founding data, and what they log in with.
const (
	bobSession, bobSessionPassword = "bobsession@hbtn.io", "fake pwd"
	bob, bobPassword               = "bob@hbtn.io", "H0lbertonSchool98!"
	bob100, bob100Password         = "bob100@hbtn.io", "H0lberton:School:98!"

	bobSessionID = "cf3ddee1-ff24-49e4-a40b-2540333fe992"
	bobID        = "9375973a-68c7-46aa-b135-29f79e837495"
	bob100ID     = "5891469b-d2d5-4d33-b05d-02617d665368"

	bobBasic = "Basic Ym9iQGhidG4uaW86SDBsYmVydG9uU2Nob29sOTgh"
)
