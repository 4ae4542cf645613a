// Package nats publishes messages to a stream of NATS JetStream.
//
//	publisher, err := nats.New("nats://127.0.0.1:4222", "handstamp.events")
//
// The subject of a message is the one that is given, a dot, and the action: handstamp.events.login. A stream must take
// handstamp.events.> and belongs to whoever runs NATS. The message is taken when the stream has acknowledged it; the ID goes along as
// Nats-Msg-Id, so that the stream itself drops what comes twice within its duplicate window.
package nats

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/handstamp/handstamp/outbox"
)

// A Publisher is an [outbox.Publisher]. It connects when there is something to publish, and again where the connection was lost.
type Publisher struct {
	servers, subject string

	mu     sync.Mutex
	conn   *nats.Conn // nil as long as there is none
	stream jetstream.JetStream
}

const (
	dialTimeout = 10 * time.Second
	ackTimeout  = 10 * time.Second
)

// Errors of New.
var (
	ErrURL     = errors.New("must be nats:// or tls:// and a host, perhaps with user and password, or several of them with commas between")
	ErrSubject = errors.New("must be words of letters, digits, _ and -, with dots between")
)

// New returns the Publisher for servers, one or several URLs with commas between. Close it when it is no longer needed.
func New(servers, subject string) (*Publisher, error) {
	if _, err := Servers(servers); err != nil {
		return nil, err
	}
	isOdd := func(word string) bool {
		return word == "" || strings.ContainsFunc(word, func(r rune) bool {
			return (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z') && r != '_' && r != '-'
		})
	}
	if slices.ContainsFunc(strings.Split(subject, "."), isOdd) {
		return nil, ErrSubject
	}
	return &Publisher{servers: servers, subject: subject}, nil
}

// Servers returns the URLs in a list of servers, or [ErrURL], which shows nothing of them.
func Servers(list string) ([]*url.URL, error) {
	var servers []*url.URL
	for one := range strings.SplitSeq(list, ",") {
		u, err := url.Parse(strings.TrimSpace(one))
		if err != nil || u.Scheme != "nats" && u.Scheme != "tls" || u.Hostname() == "" {
			return nil, ErrURL
		}
		servers = append(servers, u)
	}
	return servers, nil
}

// Publish implements [outbox.Publisher].
func (p *Publisher) Publish(ctx context.Context, m outbox.Message) error {
	stream, err := p.connect()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, ackTimeout)
	defer cancel()
	_, err = stream.PublishMsg(ctx, &nats.Msg{
		Subject: p.subject + "." + string(m.Event.Action),
		Header:  nats.Header{"Content-Type": {outbox.ContentType}},
		Data:    m.JSON,
	}, jetstream.WithMsgID(m.ID), jetstream.WithRetryAttempts(0)) // there are other attempts than these
	if errors.Is(err, jetstream.ErrNoStreamResponse) {
		return fmt.Errorf("no stream takes the subject %s.%s: %w", p.subject, m.Event.Action, err)
	}
	if err != nil {
		return fmt.Errorf("publish: %w", err)
	}
	return nil
}

// connect returns the stream of a connection that is there, or makes one.
func (p *Publisher) connect() (jetstream.JetStream, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.conn != nil && !p.conn.IsClosed() {
		return p.stream, nil
	}
	conn, err := nats.Connect(p.servers,
		nats.Name("handstamp"), nats.Timeout(dialTimeout), nats.MaxReconnects(-1), nats.ReconnectWait(time.Second),
		// What waits in a buffer is lost with the process, and would come late: better an error, and another attempt.
		nats.ReconnectBufSize(-1))
	if err != nil {
		return nil, fmt.Errorf("connect: %w", err)
	}
	stream, err := jetstream.New(conn)
	if err != nil {
		conn.Close()
		return nil, fmt.Errorf("connect: %w", err)
	}
	p.conn, p.stream = conn, stream
	return stream, nil
}

// Close closes the connection.
func (p *Publisher) Close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.conn != nil {
		p.conn.Close()
	}
	return nil
}
