package netns_test

import (
	"errors"
	"flag"
	"io"
	"net"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/handstamp/handstamp/internal/netns"
)

// echo is the address at which this program, started again on another host, sends back what it is sent.
const echo = "NETNS_TEST_ECHO"

func TestMain(m *testing.M) {
	if addr := os.Getenv(echo); addr != "" {
		serveEcho(addr)
	}
	flag.Parse()
	if testing.Short() { // which has to need nothing, and this needs iproute2
		os.Exit(0)
	}
	netns.Enter()
	os.Exit(m.Run())
}

func serveEcho(addr string) {
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		panic(err)
	}
	_, _ = os.Stdout.WriteString("listening\n")
	for {
		c, err := listener.Accept()
		if err != nil {
			panic(err)
		}
		go func() { _, _ = io.Copy(c, c) }()
	}
}

// lan returns a network with a host, and a connection from the test to an echo on it.
func lan(t *testing.T) (*netns.Network, *netns.Host, net.Conn) {
	t.Helper()
	n, err := netns.New()
	if err != nil {
		t.Fatal(err)
	}
	h, err := n.Host("far")
	if err != nil {
		t.Fatal(err)
	}
	server := h.Command(os.Args[0])
	server.Env = append(os.Environ(), echo+"="+h.Addr+":7")
	said, err := server.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = server.Process.Kill()
		_ = server.Wait()
	})
	if _, err := said.Read(make([]byte, 16)); err != nil {
		t.Fatalf("the echo does not start: %v", err)
	}
	c, err := net.DialTimeout("tcp", h.Addr+":7", 5*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return n, h, c
}

// say sends a byte and returns how long its echo took.
func say(t *testing.T, c net.Conn, patience time.Duration) (time.Duration, error) {
	t.Helper()
	begin := time.Now()
	if err := c.SetDeadline(begin.Add(patience)); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Write([]byte{'.'}); err != nil {
		return 0, err
	}
	_, err := io.ReadFull(c, make([]byte, 1))
	return time.Since(begin), err
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// TestBlackhole: in either direction, an open connection waits and is told nothing, and goes on as soon as it may.
func TestBlackhole(t *testing.T) {
	n, h, c := lan(t)
	for _, way := range []struct {
		name     string
		from, to *netns.Host
	}{{"there", n.Self, h}, {"back", h, n.Self}} {
		if _, err := say(t, c, 5*time.Second); err != nil {
			t.Fatalf("before %s is cut: %v", way.name, err)
		}
		must(t, n.Blackhole(way.from, way.to))
		if _, err := say(t, c, 300*time.Millisecond); !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("while %s is cut: %v", way.name, err)
		}
		must(t, n.Restore(way.from, way.to))
		must(t, c.SetDeadline(time.Now().Add(5*time.Second)))
		if _, err := io.ReadFull(c, make([]byte, 1)); err != nil { // what was sent meanwhile
			t.Fatalf("after %s is there again: %v", way.name, err)
		}
	}
}

// TestUnplug: whoever talks to a host without a cable is told nothing.
func TestUnplug(t *testing.T) {
	_, h, c := lan(t)
	must(t, h.Unplug())
	if _, err := say(t, c, 300*time.Millisecond); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("without a cable: %v", err)
	}
	must(t, h.Plug())
	must(t, c.SetDeadline(time.Now().Add(5*time.Second)))
	if _, err := io.ReadFull(c, make([]byte, 1)); err != nil {
		t.Errorf("with a cable again: %v", err)
	}
}

// TestRefuse: whoever connects is told at once.
func TestRefuse(t *testing.T) {
	n, h, _ := lan(t)
	must(t, n.Refuse(n.Self, h))
	if _, err := net.DialTimeout("tcp", h.Addr+":7", 5*time.Second); !errors.Is(err, syscall.EHOSTUNREACH) {
		t.Errorf("%v", err)
	}
	must(t, n.Restore(n.Self, h))
	c, err := net.DialTimeout("tcp", h.Addr+":7", 5*time.Second)
	must(t, err)
	_ = c.Close()
}

// TestReset: an open connection breaks at once, and a new one is refused.
func TestReset(t *testing.T) {
	n, h, c := lan(t)
	must(t, n.Reset(h, n.Self))
	if _, err := say(t, c, 5*time.Second); !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("on an open connection: %v", err)
	}
	if _, err := net.DialTimeout("tcp", h.Addr+":7", 5*time.Second); !errors.Is(err, syscall.ECONNREFUSED) {
		t.Errorf("on a new connection: %v", err)
	}
	must(t, n.EndResets(h))
	c, err := net.DialTimeout("tcp", h.Addr+":7", 5*time.Second)
	must(t, err)
	_ = c.Close()
}

// TestSignal: the whole host stands still, and goes on.
func TestSignal(t *testing.T) {
	_, h, c := lan(t)
	must(t, h.Signal(syscall.SIGSTOP))
	if _, err := say(t, c, 300*time.Millisecond); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("while it stands still: %v", err)
	}
	must(t, h.Signal(syscall.SIGCONT))
	must(t, c.SetDeadline(time.Now().Add(5*time.Second)))
	if _, err := io.ReadFull(c, make([]byte, 1)); err != nil {
		t.Errorf("as it goes on: %v", err)
	}
}

// TestDelay: what the host sends comes later, what we send does not, and it ends.
func TestDelay(t *testing.T) {
	const by = 150 * time.Millisecond
	n, h, c := lan(t)
	for _, host := range []*netns.Host{h, n.Self, n.Self} {
		must(t, host.Delay(by))
		took, err := say(t, c, 5*time.Second)
		if err != nil || took < by || took > by+time.Second {
			t.Errorf("with a delay at %s: %v, %v", host.Name, took, err)
		}
		must(t, host.Delay(0))
		if took, err = say(t, c, 5*time.Second); err != nil || took >= by {
			t.Errorf("without a delay at %s: %v, %v", host.Name, took, err)
		}
	}
}

// TestEnter: the tests see no network but theirs, and no process of others.
func TestEnter(t *testing.T) {
	cards, err := net.Interfaces()
	must(t, err)
	for _, card := range cards {
		if card.Name != "lo" && !strings.HasPrefix(card.Name, "lan") && card.Name != "delay" {
			t.Errorf("there is a card %s", card.Name)
		}
	}
	if parent := os.Getppid(); parent != 1 {
		t.Errorf("the test is a child of %d, want the first process", parent)
	}
}
