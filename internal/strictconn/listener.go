package strictconn

import (
	"io"
	"net"
	"net/http"
	"sync/atomic"
)

// A Listener accepts connections that let only unambiguous requests through. The server that reads
// from them has to have [ConnState] as its hook if any handler hijacks connections.
type Listener struct {
	net.Listener

	// Refused, if there is one, hears of a request that was not let through, at most once for each
	// connection. Connections call it concurrently, and wait for it.
	Refused func(from net.Addr, why error)
}

// Accept implements [net.Listener].
func (l *Listener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &conn{Conn: c, refused: l.Refused}, nil
}

// ConnState returns a hook for [http.Server.ConnState] that lets what is read from a hijacked
// connection pass as it is. next, which may be nil, is called as well.
func ConnState(next func(net.Conn, http.ConnState)) func(net.Conn, http.ConnState) {
	return func(c net.Conn, state http.ConnState) {
		if strict, ok := c.(*conn); ok && state == http.StateHijacked {
			strict.hijacked.Store(true)
		}
		if next != nil {
			next(c, state)
		}
	}
}

// refusal stands in for the rest of a head that is refused. Wherever it follows, it makes a line
// that has no colon or a control character, which net/http answers with 400.
const refusal = "\x00\r\n\r\n"

// conn is a connection on which a request is read only as long as it is unambiguous. Like any
// connection that net/http reads from it has one reader at a time.
type conn struct {
	net.Conn
	refused  func(from net.Addr, why error)
	hijacked atomic.Bool

	scan scanner
	why  error  // why nothing more is read from Conn
	rest string // of the refusal
}

// Read implements [net.Conn].
func (c *conn) Read(p []byte) (int, error) {
	if c.why != nil {
		return c.readRefusal(p)
	}
	n, err := c.Conn.Read(p)
	if n == 0 || c.hijacked.Load() {
		return n, err
	}
	good, why := c.scan.scan(p[:n])
	if why == nil {
		return n, err
	}
	c.why = why
	if c.scan.inHead() {
		c.rest = refusal
	}
	if c.refused != nil {
		c.refused(c.RemoteAddr(), why)
	}
	if good > 0 {
		return good, nil
	}
	return c.readRefusal(p)
}

// readRefusal ends a head so that net/http refuses it, and fails within a body.
func (c *conn) readRefusal(p []byte) (int, error) {
	if c.rest != "" {
		n := copy(p, c.rest)
		c.rest = c.rest[n:]
		return n, nil
	}
	if c.scan.inHead() {
		return 0, io.EOF
	}
	return 0, c.why
}

// CloseWrite lets net/http say that it has answered before it hangs up on a client that is still
// sending. It closes nothing if the connection cannot be closed in one direction.
func (c *conn) CloseWrite() error {
	if half, ok := c.Conn.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	return nil
}

// NetConn returns the connection below.
func (c *conn) NetConn() net.Conn { return c.Conn }
