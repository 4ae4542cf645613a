package gate

import (
	"bufio"
	"errors"
	"net"
	"net/http"
	"sync/atomic"
)

// An answer is what the proxy writes to.
type answer struct {
	http.ResponseWriter
	passage *passage
}

// Unwrap serves [http.ResponseController].
func (a *answer) Unwrap() http.ResponseWriter { return a.ResponseWriter }

// WriteHeader implements [http.ResponseWriter].
func (a *answer) WriteHeader(status int) {
	a.passage.limits.extendWrite()
	if status < http.StatusOK { // such as 103, of which nobody else sees the header
		a.passage.dropCookies(a.Header())
	}
	a.ResponseWriter.WriteHeader(status)
}

// Write implements [http.ResponseWriter].
func (a *answer) Write(b []byte) (int, error) {
	a.passage.limits.extendWrite()
	return a.ResponseWriter.Write(b)
}

// Hijack implements [http.Hijacker] for a WebSocket. Such a connection has no deadlines.
func (a *answer) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, buffered, err := a.passage.limits.control.Hijack()
	if err != nil {
		return nil, nil, err
	}
	a.passage.taken = true
	if err := a.passage.Upstream.hold(a.passage); err != nil {
		return nil, nil, errors.Join(err, conn.Close())
	}
	return &noticed{conn, &a.passage.used}, buffered, nil
}

// noticed is a connection that notes when its client sends something.
type noticed struct {
	net.Conn
	used *atomic.Bool
}

// Read implements [net.Conn].
func (c *noticed) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	if n > 0 {
		c.used.Store(true)
	}
	return n, err
}

// CloseWrite passes on that the app has said everything, while the client may go on.
func (c *noticed) CloseWrite() error {
	if half, ok := c.Conn.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	return errors.ErrUnsupported
}
