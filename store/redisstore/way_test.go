//go:build linux

package redisstore_test

import (
	"io"
	"net"
	"sync"
	"testing"
)

// A way is a network to a server that a test can break: connections stay open, and nothing arrives.
type way struct {
	listener net.Listener
	all      sync.WaitGroup

	mu     sync.Mutex
	opened *sync.Cond
	to     string
	shut   bool
	closed bool
	conns  map[net.Conn]struct{}
}

func openWay(t *testing.T, to string) *way {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	w := &way{listener: l, to: to, conns: make(map[net.Conn]struct{})}
	w.opened = sync.NewCond(&w.mu)
	w.all.Go(w.accept)
	t.Cleanup(w.close)
	return w
}

func (w *way) address() string { return w.listener.Addr().String() }

func (w *way) accept() {
	for {
		from, err := w.listener.Accept()
		if err != nil {
			return
		}
		w.all.Go(func() { w.lead(from) })
	}
}

func (w *way) lead(from net.Conn) {
	defer w.drop(from)
	if !w.keep(from) {
		return
	}
	w.mu.Lock()
	address := w.to
	w.mu.Unlock()
	to, err := net.Dial("tcp", address)
	if err != nil {
		return
	}
	defer w.drop(to)
	if !w.keep(to) {
		return
	}
	var both sync.WaitGroup
	for _, pair := range [][2]net.Conn{{from, to}, {to, from}} {
		both.Go(func() {
			_, _ = io.Copy(slowWriter{w, pair[1]}, pair[0])
			_ = pair[1].Close()
		})
	}
	both.Wait()
}

// slowWriter waits where the way is shut.
type slowWriter struct {
	way *way
	to  io.Writer
}

func (s slowWriter) Write(b []byte) (int, error) {
	s.way.mu.Lock()
	for s.way.shut && !s.way.closed {
		s.way.opened.Wait()
	}
	s.way.mu.Unlock()
	return s.to.Write(b)
}

func (w *way) keep(c net.Conn) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.conns[c] = struct{}{}
	return !w.closed
}

func (w *way) drop(c net.Conn) {
	_ = c.Close()
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.conns, c)
}

// swallow lets nothing through, in either direction, until let.
func (w *way) swallow() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.shut = true
}

func (w *way) let() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.shut = false
	w.opened.Broadcast()
}

// lead to another server from now on, and cut what leads to the one before.
func (w *way) turn(to string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.to = to
	for c := range w.conns {
		_ = c.Close()
	}
}

func (w *way) close() {
	_ = w.listener.Close()
	w.mu.Lock()
	w.closed = true
	w.opened.Broadcast()
	for c := range w.conns {
		_ = c.Close()
	}
	w.mu.Unlock()
	w.all.Wait()
}
