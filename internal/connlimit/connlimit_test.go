package connlimit_test

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"path/filepath"
	"slices"
	"sync"
	"testing"

	"go.uber.org/goleak"

	"github.com/handstamp/handstamp/internal/connlimit"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// queue is a listener whose connections come from any address.
type queue struct{ conns chan net.Conn }

func (q queue) Accept() (net.Conn, error) {
	c, ok := <-q.conns
	if !ok {
		return nil, net.ErrClosed
	}
	return c, nil
}
func (queue) Close() error   { return nil }
func (queue) Addr() net.Addr { return &net.TCPAddr{} }

// fake is a connection from an address.
type fake struct {
	net.Conn
	from   net.Addr
	closed bool
}

func (f *fake) RemoteAddr() net.Addr { return f.from }
func (f *fake) Close() error {
	f.closed = true
	return nil
}

func tcp(address string) net.Addr {
	return net.TCPAddrFromAddrPort(netip.AddrPortFrom(netip.MustParseAddr(address), 1234))
}

// A door is a listener that is asked for one connection after the other.
type door struct {
	*connlimit.Listener
	queue   queue
	refused []error
}

func newDoor(total, perAddress int, exempt ...netip.Prefix) *door {
	d := &door{queue: queue{make(chan net.Conn, 100)}}
	d.Listener = &connlimit.Listener{
		Listener: d.queue, Total: total, PerAddress: perAddress,
		Exempt: func(a netip.Addr) bool {
			return slices.ContainsFunc(exempt, func(p netip.Prefix) bool { return p.Contains(a) })
		},
		Refused: func(_ net.Addr, why error) { d.refused = append(d.refused, why) },
	}
	return d
}

// open returns the connection from an address, or why there is none.
func (d *door) open(t *testing.T, from net.Addr) (net.Conn, error) {
	t.Helper()
	// Behind it stands one that nobody refuses as long as there is room, so that Accept returns.
	c, last := &fake{from: from}, &fake{from: &net.UnixAddr{Name: "@", Net: "unix"}}
	d.queue.conns <- c
	before := len(d.refused)
	d.queue.conns <- last
	got, err := d.Accept()
	if err != nil {
		t.Fatal(err)
	}
	if len(d.refused) == before {
		<-d.queue.conns // the last one was not needed
		return got, nil
	}
	if !c.closed {
		t.Error("a connection was refused and not closed")
	}
	got.Close()
	return nil, d.refused[len(d.refused)-1]
}

func TestPerAddress(t *testing.T) {
	for _, row := range []struct{ name, first, second, other string }{
		{"IPv4", "203.0.113.7", "203.0.113.7", "203.0.113.8"},
		{"IPv4 inside of IPv6", "203.0.113.7", "::ffff:203.0.113.7", "::ffff:203.0.113.8"},
		{"a network of IPv6", "2001:db8:1:1::1", "2001:db8:1:1:ffff::2", "2001:db8:1:2::1"},
	} {
		t.Run(row.name, func(t *testing.T) {
			d := newDoor(10, 2)
			var held net.Conn
			for _, from := range []string{row.first, row.second} {
				c, err := d.open(t, tcp(from))
				if err != nil {
					t.Fatalf("%s: %v", from, err)
				}
				held = c
			}
			if _, err := d.open(t, tcp(row.second)); !errors.Is(err, connlimit.ErrPerAddress) {
				t.Errorf("the third: %v", err)
			}
			if _, err := d.open(t, tcp(row.other)); err != nil {
				t.Errorf("somebody else: %v", err)
			}
			held.Close()
			held.Close() // the second time gives no second place
			if _, err := d.open(t, tcp(row.first)); err != nil {
				t.Errorf("after one was closed: %v", err)
			}
			if _, err := d.open(t, tcp(row.first)); !errors.Is(err, connlimit.ErrPerAddress) {
				t.Errorf("one too many after that: %v", err)
			}
		})
	}
}

func TestTotal(t *testing.T) {
	d := newDoor(3, 0)
	var held []net.Conn
	for i := range 3 {
		c, err := d.accepted(tcp(fmt.Sprintf("203.0.113.%d", i)))
		if err != nil {
			t.Fatal(err)
		}
		held = append(held, c)
	}
	over := &fake{from: tcp("203.0.113.99")}
	d.queue.conns <- over
	close(d.queue.conns)
	if _, err := d.Accept(); !errors.Is(err, net.ErrClosed) || !over.closed {
		t.Errorf("%v, closed: %v", err, over.closed)
	}
	if len(d.refused) != 1 || !errors.Is(d.refused[0], connlimit.ErrTotal) {
		t.Errorf("refused %v", d.refused)
	}
	for _, c := range held {
		c.Close()
	}
}

// accepted returns the connection from an address for which there is room.
func (d *door) accepted(from net.Addr) (net.Conn, error) {
	d.queue.conns <- &fake{from: from}
	return d.Accept()
}

func TestExempt(t *testing.T) {
	d := newDoor(10, 1, netip.MustParsePrefix("10.0.0.0/8"))
	for range 3 {
		for _, from := range []net.Addr{tcp("10.0.0.1"), &net.UnixAddr{Name: "@", Net: "unix"}} {
			if _, err := d.open(t, from); err != nil {
				t.Errorf("%v: %v", from, err)
			}
		}
	}
}

// TestDefaults: a Listener of which nothing is set has limits.
func TestDefaults(t *testing.T) {
	d := newDoor(0, 0)
	for range connlimit.DefaultPerAddress {
		if _, err := d.accepted(tcp("203.0.113.7")); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := d.open(t, tcp("203.0.113.7")); !errors.Is(err, connlimit.ErrPerAddress) {
		t.Errorf("%v", err)
	}
}

// TestOverANetwork: many at once, over TCP and over a Unix socket; every place is given back.
func TestOverANetwork(t *testing.T) {
	for _, network := range []string{"tcp", "unix"} {
		t.Run(network, func(t *testing.T) {
			address := "127.0.0.1:0"
			if network == "unix" {
				address = filepath.Join(t.TempDir(), "s")
			}
			inner, err := net.Listen(network, address)
			if err != nil {
				t.Fatal(err)
			}
			l := &connlimit.Listener{Listener: inner, Total: 4, PerAddress: 4}
			served := make(chan struct{})
			go func() {
				defer close(served)
				for {
					c, err := l.Accept()
					if err != nil {
						return
					}
					_, _ = io.WriteString(c, "x") // and it stays open until the client hangs up
					go func() {
						_, _ = io.Copy(io.Discard, c)
						c.Close()
					}()
				}
			}()
			var clients sync.WaitGroup
			for range 20 {
				clients.Go(func() {
					for { // until there is a place
						c, err := net.Dial(network, inner.Addr().String())
						if err != nil {
							t.Error(err)
							return
						}
						n, _ := c.Read(make([]byte, 1))
						c.Close()
						if n == 1 {
							return
						}
					}
				})
			}
			clients.Wait()
			inner.Close()
			<-served
		})
	}
}

// TestCloseWrite: the connection still can be closed in one direction.
func TestCloseWrite(t *testing.T) {
	inner, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer inner.Close()
	client, err := net.Dial("tcp", inner.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	c, err := (&connlimit.Listener{Listener: inner}).Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := c.(interface{ CloseWrite() error }).CloseWrite(); err != nil {
		t.Fatal(err)
	}
	if _, err := client.Read(make([]byte, 1)); !errors.Is(err, io.EOF) {
		t.Errorf("the client reads %v", err)
	}
}
