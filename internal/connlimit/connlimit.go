// Package connlimit bounds how many connections a listener holds open, in all and for each client
// address, so that one client that opens connections and sends nothing (slow attacks) cannot take
// the places of all others. Timeouts bound how long such a connection stays; this bounds how many
// there are meanwhile.
package connlimit

import (
	"errors"
	"net"
	"net/netip"
	"sync"
)

// Defaults of a [Listener].
const (
	DefaultTotal      = 8192
	DefaultPerAddress = 256
)

// Why a connection is closed at once.
var (
	ErrTotal      = errors.New("too many connections")
	ErrPerAddress = errors.New("too many connections from one address")
)

// A Listener closes at once what it accepts beyond its limits, rather than letting it wait: those
// who wait would fill the queue of the operating system for everybody. Set the fields before the
// first Accept.
type Listener struct {
	net.Listener

	// Total is how many connections may be open; 0 means DefaultTotal.
	Total int

	// PerAddress is how many of them may come from one IPv4 address, or from one /64 network of
	// IPv6, which is what one customer is given; 0 means DefaultPerAddress. Peers without an
	// address, on a Unix socket, are bounded by Total only.
	PerAddress int

	// Exempt says which addresses have no limit of their own: proxies, behind which many clients are. It
	// is asked for each connection; nil for none.
	Exempt func(netip.Addr) bool

	// Refused, if there is one, hears of each connection that was closed; why is [ErrTotal] or
	// [ErrPerAddress]. Accept waits for it.
	Refused func(from net.Addr, why error)

	mu   sync.Mutex
	open int
	from map[netip.Prefix]int // without those that are exempt
}

// Accept implements [net.Listener].
func (l *Listener) Accept() (net.Conn, error) {
	for {
		c, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		from := l.sourceOf(c.RemoteAddr())
		why := l.enter(from)
		if why == nil {
			return &conn{Conn: c, leave: sync.OnceFunc(func() { l.leave(from) })}, nil
		}
		_ = c.Close() // nothing was said on it
		if l.Refused != nil {
			l.Refused(c.RemoteAddr(), why)
		}
	}
}

// sourceOf returns the network that counts as one client, or the zero Prefix for one that is not
// counted by itself.
func (l *Listener) sourceOf(remote net.Addr) netip.Prefix {
	tcp, ok := remote.(*net.TCPAddr)
	if !ok {
		return netip.Prefix{}
	}
	a := tcp.AddrPort().Addr().Unmap().WithZone("")
	if l.Exempt != nil && l.Exempt(a) {
		return netip.Prefix{}
	}
	bits := 32
	if a.Is6() {
		bits = 64
	}
	from, err := a.Prefix(bits)
	if err != nil {
		return netip.Prefix{}
	}
	return from
}

func (l *Listener) enter(from netip.Prefix) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.open >= orDefault(l.Total, DefaultTotal) {
		return ErrTotal
	}
	if from.IsValid() {
		if l.from[from] >= orDefault(l.PerAddress, DefaultPerAddress) {
			return ErrPerAddress
		}
		if l.from == nil {
			l.from = make(map[netip.Prefix]int)
		}
		l.from[from]++
	}
	l.open++
	return nil
}

func (l *Listener) leave(from netip.Prefix) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.open--
	if !from.IsValid() {
		return
	}
	if l.from[from]--; l.from[from] == 0 {
		delete(l.from, from)
	}
}

func orDefault(n, otherwise int) int {
	if n == 0 {
		return otherwise
	}
	return n
}

// conn gives its place back when it is closed.
type conn struct {
	net.Conn
	leave func()
}

// Close implements [net.Conn].
func (c *conn) Close() error {
	defer c.leave()
	return c.Conn.Close()
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
