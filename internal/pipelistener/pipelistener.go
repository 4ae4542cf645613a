// Package pipelistener is a listener without a network, for tests: in the bubble of package synctest time goes on when
// everybody waits, and nobody may wait for a socket there.
package pipelistener

import (
	"net"
	"net/netip"
)

// A Listener accepts the connections of [Listener.Dial].
type Listener struct {
	conns  chan net.Conn
	closed chan struct{}
}

// New returns a Listener.
func New() *Listener { return &Listener{make(chan net.Conn), make(chan struct{})} }

// Accept implements [net.Listener].
func (l *Listener) Accept() (net.Conn, error) {
	select {
	case conn := <-l.conns:
		return conn, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

// Close implements [net.Listener].
func (l *Listener) Close() error {
	close(l.closed)
	return nil
}

// Addr implements [net.Listener].
func (l *Listener) Addr() net.Addr { return &net.UnixAddr{Name: "pipe", Net: "unix"} }

// Dial returns the client's end of a new connection, once it is accepted.
func (l *Listener) Dial() net.Conn {
	client, served := net.Pipe()
	l.conns <- served
	return client
}

// DialFrom is Dial for a client that seems to be at an address.
func (l *Listener) DialFrom(address netip.AddrPort) net.Conn {
	client, served := net.Pipe()
	l.conns <- from{served, net.TCPAddrFromAddrPort(address)}
	return client
}

// from is a connection with an address.
type from struct {
	net.Conn
	address net.Addr
}

// RemoteAddr implements [net.Conn].
func (f from) RemoteAddr() net.Addr { return f.address }
