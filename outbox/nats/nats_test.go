//go:build linux

package nats_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	natsio "github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"go.uber.org/goleak"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/internal/privateserver"
	"github.com/handstamp/handstamp/outbox"
	"github.com/handstamp/handstamp/outbox/nats"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func newPublisher(t *testing.T, url string) *nats.Publisher {
	t.Helper()
	p, err := nats.New(url, "handstamp.events")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.Close() })
	return p
}

// connect returns a client of the server, which is not ours.
func connect(t *testing.T, server *privateserver.NATS) jetstream.JetStream {
	t.Helper()
	conn, err := natsio.Connect(server.URL())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(conn.Close)
	js, err := jetstream.New(conn)
	if err != nil {
		t.Fatal(err)
	}
	return js
}

func newStream(t *testing.T, js jetstream.JetStream) jetstream.Stream {
	t.Helper()
	stream, err := js.CreateStream(t.Context(), jetstream.StreamConfig{Name: "HANDSTAMP", Subjects: []string{"handstamp.events.>"}})
	if err != nil {
		t.Fatal(err)
	}
	return stream
}

func message(n int) outbox.Message {
	return outbox.Message{
		ID: fmt.Sprintf("%032d", n), Type: "com.handstamp.login", Event: handstamp.Event{Action: handstamp.ActionLogin},
		JSON: fmt.Appendf(nil, `{"n":%d}`, n),
	}
}

// TestJetStream: what was published is in the stream, in order, once, and survives the server.
func TestJetStream(t *testing.T) {
	server := privateserver.StartNATS(t)
	p := newPublisher(t, server.URL())
	if err := p.Publish(t.Context(), message(0)); !errors.Is(err, jetstream.ErrNoStreamResponse) || !strings.Contains(err.Error(), "handstamp.events.login") {
		t.Errorf("without a stream: %v", err)
	}
	stream := newStream(t, connect(t, server))
	for n := range 3 {
		for range 2 { // what comes twice is there once
			if err := p.Publish(t.Context(), message(n)); err != nil {
				t.Fatal(err)
			}
		}
	}
	server.Kill()
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	if err := p.Publish(ctx, message(3)); err == nil {
		t.Error("published to a server that is gone")
	}
	cancel()
	server.Start(t)
	ctx, cancel = context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	for p.Publish(ctx, message(3)) != nil { // it connects again by itself, when it is time to
		if ctx.Err() != nil {
			t.Fatal("it does not connect again")
		}
	}

	for n := range 4 {
		got, err := stream.GetMsg(t.Context(), uint64(n+1))
		if err != nil {
			t.Fatal(err)
		}
		if string(got.Data) != string(message(n).JSON) || got.Subject != "handstamp.events.login" ||
			got.Header.Get("Nats-Msg-Id") != message(n).ID || got.Header.Get("Content-Type") != "application/cloudevents+json" {
			t.Errorf("message %d: %+v", n, got)
		}
	}
	if info, err := stream.Info(t.Context()); err != nil || info.State.Msgs != 4 {
		t.Errorf("%+v, %v; want 4 messages", info, err)
	}
}

// TestNobodyThere: it is an error, and shows no password.
func TestNobodyThere(t *testing.T) {
	err := newPublisher(t, "nats://user:hunter2@127.0.0.1:1").Publish(t.Context(), message(0))
	if err == nil || strings.Contains(err.Error(), "hunter2") {
		t.Errorf("got %v", err)
	}
}

func TestSettings(t *testing.T) {
	for _, url := range []string{"", "http://localhost", "nats://", "localhost:4222", "nats://a,https://b", "nats://user:hunter2@%zz"} {
		if _, err := nats.New(url, "a"); !errors.Is(err, nats.ErrURL) {
			t.Errorf("%q: %v", url, err)
		}
	}
	for _, subject := range []string{"", ".", "a.", "a..b", "a.*", ">", "a b"} {
		if _, err := nats.New("nats://localhost", subject); !errors.Is(err, nats.ErrSubject) {
			t.Errorf("%q: %v", subject, err)
		}
	}
}
