//go:build linux

package amqp_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rabbitmq/amqp091-go"
	"go.uber.org/goleak"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/internal/privateserver"
	"github.com/handstamp/handstamp/outbox"
	"github.com/handstamp/handstamp/outbox/amqp"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var at = time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)

func message(n int) outbox.Message {
	return outbox.Message{
		ID: fmt.Sprintf("%032d", n), Type: "com.handstamp.login", JSON: fmt.Appendf(nil, `{"n":%d}`, n),
		Event: handstamp.Event{At: at, Action: handstamp.ActionLogin},
	}
}

func publish(t *testing.T, p *amqp.Publisher, n int) {
	t.Helper()
	if err := p.Publish(t.Context(), message(n)); err != nil {
		t.Fatal(err)
	}
}

// A wire is a way to a server that can be cut.
type wire struct {
	listener net.Listener
	mu       sync.Mutex
	conns    []net.Conn
	running  sync.WaitGroup
}

func newWire(t *testing.T, to string) *wire {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	w := &wire{listener: listener}
	w.running.Go(func() {
		for {
			near, err := listener.Accept()
			if err != nil {
				return
			}
			far, err := net.Dial("tcp", to)
			if err != nil {
				near.Close()
				continue
			}
			w.mu.Lock()
			w.conns = append(w.conns, near, far)
			w.mu.Unlock()
			for _, pair := range [][2]net.Conn{{near, far}, {far, near}} {
				w.running.Go(func() {
					_, _ = io.Copy(pair[0], pair[1])
					near.Close()
					far.Close()
				})
			}
		}
	})
	t.Cleanup(func() {
		listener.Close()
		w.cut()
		w.running.Wait()
	})
	return w
}

func (w *wire) cut() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, conn := range w.conns {
		conn.Close()
	}
	w.conns = nil
}

// TestRabbitMQ: what was published is in the queue that is bound, in order, and stays there; the exchange is made where there is none,
// and taken as it is where there is one; and a connection that was lost is made again.
func TestRabbitMQ(t *testing.T) {
	server := privateserver.StartRabbitMQ(t)
	conn, err := amqp091.Dial(server.URL())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	channel, err := conn.Channel()
	if err != nil {
		t.Fatal(err)
	}
	// bind returns a queue of its own that gets what the exchange has for a key.
	bind := func(exchange, key string) string {
		t.Helper()
		queue, err := channel.QueueDeclare(exchange+" "+key, true, false, false, false, nil)
		if err == nil {
			err = channel.QueueBind(queue.Name, key, exchange, false, nil)
		}
		if err != nil {
			t.Fatal(err)
		}
		return queue.Name
	}
	// wantNext compares the next messages of a queue.
	wantNext := func(queue string, numbers ...int) {
		t.Helper()
		for _, n := range numbers {
			got, there, err := channel.Get(queue, true)
			want := message(n)
			if err != nil || !there || string(got.Body) != string(want.JSON) || got.MessageId != want.ID || got.Type != want.Type ||
				got.RoutingKey != "login" || got.DeliveryMode != amqp091.Persistent || got.ContentType != "application/cloudevents+json" ||
				!got.Timestamp.Equal(at) {
				t.Fatalf("message %d in %s: %v, %+v, %v", n, queue, there, got, err)
			}
		}
		if got, there, err := channel.Get(queue, true); there || err != nil {
			t.Errorf("and then there is %s, %v", got.Body, err)
		}
	}
	address := strings.TrimSuffix(strings.TrimPrefix(server.URL(), "amqp://guest:guest@"), "/")
	way := newWire(t, address)
	newPublisher := func(exchange string) *amqp.Publisher {
		t.Helper()
		p, err := amqp.New("amqp://guest:guest@"+way.listener.Addr().String()+"/", exchange)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { p.Close() })
		return p
	}

	made := newPublisher("made by us")
	publish(t, made, 0) // for nobody
	logins, others := bind("made by us", "login"), bind("made by us", "logout")
	publish(t, made, 1)
	publish(t, made, 2)
	way.cut()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	for made.Publish(ctx, message(3)) != nil { // the first attempt may be the one that finds out
		if ctx.Err() != nil {
			t.Fatal("it does not connect again")
		}
	}
	wantNext(logins, 1, 2, 3)
	wantNext(others)

	if err := channel.ExchangeDeclare("made by others", amqp091.ExchangeFanout, false, false, false, false, nil); err != nil {
		t.Fatal(err)
	}
	theirs := newPublisher("made by others")
	everything := bind("made by others", "")
	publish(t, theirs, 4)
	wantNext(everything, 4)

	// A queue that takes no more says so, and the message was not taken.
	full, err := channel.QueueDeclare("full", false, false, false, false, amqp091.Table{"x-max-length": 1, "x-overflow": "reject-publish"})
	if err == nil {
		err = channel.QueueBind(full.Name, "", "made by others", false, nil)
	}
	if err != nil {
		t.Fatal(err)
	}
	publish(t, theirs, 5)
	if err := theirs.Publish(t.Context(), message(6)); err == nil {
		t.Error("what the broker has refused counts as taken")
	}

	wrong, err := amqp.New("amqp://guest:hunter2@"+address+"/", "x")
	if err != nil {
		t.Fatal(err)
	}
	if err := wrong.Publish(t.Context(), message(7)); err == nil || strings.Contains(err.Error(), "hunter2") {
		t.Errorf("with a wrong password: %v", err)
	}
}

func TestSettings(t *testing.T) {
	for _, url := range []string{"", "http://localhost", "localhost:5672", "amqp://user:hunter2@%zz"} {
		if _, err := amqp.New(url, "a"); !errors.Is(err, amqp.ErrURL) {
			t.Errorf("%q: %v", url, err)
		}
	}
	for _, exchange := range []string{"", strings.Repeat("x", 128)} {
		if _, err := amqp.New("amqp://localhost", exchange); !errors.Is(err, amqp.ErrExchange) {
			t.Errorf("%q: %v", exchange, err)
		}
	}
	for text, want := range map[string]string{"amqp://localhost:1/": "amqp://localhost:1", "amqps://user:hunter2@localhost": "amqps://localhost:5671"} {
		if server, err := amqp.Server(text); err != nil || server.String() != want {
			t.Errorf("%s: %s, %v", text, server, err)
		}
	}
}
