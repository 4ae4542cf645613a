// Package amqp publishes messages to an exchange of RabbitMQ, or of another broker that speaks AMQP 0-9-1 with publisher confirms.
//
//	publisher, err := amqp.New("amqp://user:password@127.0.0.1:5672/", "handstamp")
//
// The routing key is the action: login. Messages are persistent, and one is taken when the broker has confirmed it. An exchange that
// is not there is made, of the type topic and durable. A message for which no queue is bound goes nowhere, as whoever binds a queue says what they
// want: bind it before it is needed.
package amqp

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"sync"
	"time"

	"github.com/rabbitmq/amqp091-go"

	"github.com/handstamp/handstamp/outbox"
)

// A Publisher is an [outbox.Publisher]. It connects when there is something to publish, and again where the connection was lost.
type Publisher struct {
	url, exchange string

	mu      sync.Mutex
	conn    *amqp091.Connection // nil as long as there is none
	channel *amqp091.Channel
}

const (
	dialTimeout    = 10 * time.Second
	confirmTimeout = 10 * time.Second
	heartbeat      = 10 * time.Second
)

// Errors of New.
var (
	ErrURL      = errors.New("must be amqp:// or amqps:// and a host, perhaps with user and password, and the virtual host")
	ErrExchange = errors.New("must be the name of an exchange, of up to 127 bytes")
)

// New returns the Publisher for an exchange. Close it when it is no longer needed. Its errors show nothing of the URL.
func New(server, exchange string) (*Publisher, error) {
	if _, err := Server(server); err != nil {
		return nil, err
	}
	if exchange == "" || len(exchange) > 127 {
		return nil, ErrExchange
	}
	return &Publisher{url: server, exchange: exchange}, nil
}

// Server returns where a URL leads, without user and password, or [ErrURL].
func Server(of string) (*url.URL, error) {
	uri, err := amqp091.ParseURI(of)
	if err != nil {
		return nil, ErrURL
	}
	return &url.URL{Scheme: uri.Scheme, Host: net.JoinHostPort(uri.Host, strconv.Itoa(uri.Port))}, nil
}

// Publish implements [outbox.Publisher].
func (p *Publisher) Publish(ctx context.Context, m outbox.Message) error {
	ctx, cancel := context.WithTimeout(ctx, confirmTimeout)
	defer cancel()
	confirmation, err := p.publish(ctx, m)
	if err != nil {
		return err
	}
	taken, err := confirmation.WaitContext(ctx)
	if err != nil {
		return fmt.Errorf("wait for the broker: %w", err)
	}
	if !taken {
		return errors.New("the broker did not take the message")
	}
	return nil
}

func (p *Publisher) publish(ctx context.Context, m outbox.Message) (*amqp091.DeferredConfirmation, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := p.connect(ctx); err != nil {
		return nil, fmt.Errorf("connect: %w", err)
	}
	confirmation, err := p.channel.PublishWithDeferredConfirmWithContext(ctx, p.exchange, string(m.Event.Action), false, false, amqp091.Publishing{
		ContentType:  outbox.ContentType,
		DeliveryMode: amqp091.Persistent,
		MessageId:    m.ID,
		Type:         m.Type,
		Timestamp:    m.Event.At,
		AppId:        "handstamp",
		Body:         m.JSON,
	})
	if err != nil {
		p.disconnect()
		return nil, fmt.Errorf("publish: %w", err)
	}
	return confirmation, nil
}

// connect makes a connection and a channel where there is none. Whoever calls it holds mu.
func (p *Publisher) connect(ctx context.Context) error {
	if p.conn != nil && !p.conn.IsClosed() && !p.channel.IsClosed() {
		return nil
	}
	p.disconnect()
	about := amqp091.NewConnectionProperties()
	about.SetClientConnectionName("handstamp")
	conn, err := amqp091.DialConfig(p.url, amqp091.Config{
		Heartbeat:  heartbeat,
		Properties: about,
		Dial: func(network, address string) (net.Conn, error) {
			conn, err := (&net.Dialer{Timeout: dialTimeout}).DialContext(ctx, network, address)
			if err != nil {
				return nil, err
			}
			// Until the broker has introduced itself. The heartbeat goes on from there.
			return conn, conn.SetDeadline(time.Now().Add(dialTimeout))
		},
	})
	if err != nil {
		return err
	}
	if err := p.open(conn); err != nil {
		return errors.Join(err, conn.Close())
	}
	return nil
}

// open makes a channel with confirms, and the exchange.
func (p *Publisher) open(conn *amqp091.Connection) error {
	channel, err := conn.Channel()
	if err != nil {
		return err
	}
	// Of whatever type it is, and without the right to make one.
	if err := channel.ExchangeDeclarePassive(p.exchange, amqp091.ExchangeTopic, true, false, false, false, nil); err != nil {
		if channel, err = conn.Channel(); err != nil { // the broker has closed the one before
			return err
		}
		if err := channel.ExchangeDeclare(p.exchange, amqp091.ExchangeTopic, true, false, false, false, nil); err != nil {
			return fmt.Errorf("make exchange %s: %w", p.exchange, err)
		}
	}
	if err := channel.Confirm(false); err != nil {
		return fmt.Errorf("ask for confirms: %w", err)
	}
	p.conn, p.channel = conn, channel
	return nil
}

// disconnect gives up what is there. Whoever calls it holds mu.
func (p *Publisher) disconnect() {
	if p.conn != nil {
		_ = p.conn.CloseDeadline(time.Now().Add(time.Second)) // it may be broken already
	}
	p.conn, p.channel = nil, nil
}

// Close closes the connection.
func (p *Publisher) Close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.disconnect()
	return nil
}
