package proxies_test

import (
	"bufio"
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"strings"
	"time"
)

// patience is how long an answer may take before the test has failed.
const patience = 30 * time.Second

// An answer is what a client gets.
type answer struct {
	status int
	header http.Header
	body   string
}

// fromApp reports whether it comes from the app.
func (a answer) fromApp() bool { return a.header.Get("X-App") != "" }

// A client is one connection to a proxy, on which requests are written as bytes.
type client struct {
	scene *scene
	conn  net.Conn
	in    *bufio.Reader
}

// dial connects, as one who speaks HTTP/1.1 only.
func (s *scene) dial() (*client, error) {
	d := &net.Dialer{Timeout: patience}
	c, err := tls.DialWithDialer(d, "tcp", s.front, s.tls)
	if err != nil {
		return nil, err
	}
	return &client{s, c, bufio.NewReader(c)}, c.SetDeadline(time.Now().Add(patience))
}

func (c *client) close() { _ = c.conn.Close() }

// send sends a request as it stands and reads one answer.
func (c *client) send(raw string) (answer, error) {
	if err := c.conn.SetDeadline(time.Now().Add(patience)); err != nil { // of each answer, of which a connection may have many
		return answer{}, err
	}
	if _, err := io.WriteString(c.conn, raw); err != nil {
		return answer{}, err
	}
	return c.read(raw)
}

// read reads the answer to a request.
func (c *client) read(raw string) (answer, error) {
	method, _, _ := strings.Cut(raw, " ")
	head, err := http.ReadResponse(c.in, &http.Request{Method: method})
	if err != nil {
		return answer{}, err
	}
	body, err := io.ReadAll(head.Body)
	return answer{head.StatusCode, head.Header, string(body)}, err
}

// ask sends one request on a connection of its own and reads all that comes back.
func (s *scene) ask(raw string) (answer, error) {
	c, err := s.dial()
	if err != nil {
		return answer{}, err
	}
	defer c.close()
	return c.send(raw)
}

// get is a plain request of somebody: a GET with more lines of the head.
func get(n, target string, who person, lines ...string) string {
	return plain("GET", n, target, who, lines...)
}

// plain is get with another method.
func plain(method, n, target string, who person, lines ...string) string {
	head := method + " " + target + " HTTP/1.1\r\nHost: " + appHost + "\r\nCookie: " + cookies(n, who) + "\r\n"
	for _, line := range lines {
		head += line + "\r\n"
	}
	return head + "\r\n"
}

// cookies are those of a request's number, and of somebody's session and name, which the app gets to see.
func cookies(n string, who person) string {
	if who.cookie == "" {
		return "n=" + n
	}
	return "n=" + n + "; " + who.cookie + "; who=" + who.id
}
