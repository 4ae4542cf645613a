// Package caep tells a receiver of the OpenID Shared Signals Framework that sessions were revoked and passwords changed: security
// event tokens (RFC 8417) with the events session-revoked and credential-change of the Continuous Access Evaluation Profile 1.0, pushed
// as RFC 8935 says.
//
//	publisher := caep.New(keys, caep.Config{
//		Endpoint: "https://receiver.example.com/events", Audience: "https://receiver.example.com", Issuer: "https://id.example.com",
//	})
//	destination := outbox.Destination{Name: "caep", Publisher: publisher, Wants: caep.Wants}
//
// There is one stream, and it is set up on both sides by hand: the framework's API for streams is not here.
package caep

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"

	"github.com/handstamp/handstamp/internal/push"
	"github.com/handstamp/handstamp/outbox"
)

// A Signer signs the claims of a security event token, with the typ secevent+jwt.
type Signer interface {
	SignEvent(claims []byte) (token string, err error)
}

// Config says who is told, and by whom.
type Config struct {
	Endpoint string // of the receiver
	Audience string // the aud of the tokens
	Token    string // the bearer token that the receiver wants; empty for none
	Issuer   string // the iss of the tokens, and of the users in them
}

// A Publisher is an [outbox.Publisher].
type Publisher struct {
	signer Signer
	config Config
	client *push.Client
}

// New returns the Publisher of a stream. Close it when it is no longer needed.
func New(signer Signer, c Config) *Publisher {
	return &Publisher{signer: signer, config: c, client: push.New()}
}

// Close closes connections.
func (p *Publisher) Close() error {
	p.client.Close()
	return nil
}

// Publish implements [outbox.Publisher]. A message that means several events is pushed as several tokens; after a failure all of them
// come again, each with the jti that it had.
func (p *Publisher) Publish(ctx context.Context, m outbox.Message) error {
	for _, e := range eventsOf(m, p.config.Issuer) {
		claims, err := json.Marshal(p.claims(m, e))
		if err != nil {
			return fmt.Errorf("write security event: %w", err)
		}
		token, err := p.signer.SignEvent(claims)
		if err != nil {
			return fmt.Errorf("sign security event: %w", err)
		}
		if err := p.push(ctx, token); err != nil {
			return fmt.Errorf("push %s: %w", e.name, err)
		}
	}
	return nil
}

// push hands a token over (RFC 8935, section 2.1).
func (p *Publisher) push(ctx context.Context, token string) error {
	header := http.Header{
		"Content-Type": {"application/secevent+jwt"},
		"Accept":       {"application/json"},
		"User-Agent":   {"Handstamp"},
	}
	if p.config.Token != "" {
		header.Set("Authorization", "Bearer "+p.config.Token)
	}
	err := p.client.Post(ctx, p.config.Endpoint, header, []byte(token))
	var status *push.StatusError
	if !errors.As(err, &status) {
		return err
	}
	if code := errorCode(status); code != "" {
		err = fmt.Errorf("%w: %s", err, code)
	}
	if status.RetryAfter > 0 {
		return &outbox.DelayError{Err: err, After: status.RetryAfter}
	}
	return err
}

// errorCodes are what a receiver may say (RFC 8935, section 2.4).
var errorCodes = []string{
	"invalid_request", "invalid_key", "invalid_issuer", "invalid_audience", "authentication_failed", "access_denied",
}

// errorCode returns why a receiver does not take a token, where it says so in a word that is known.
func errorCode(status *push.StatusError) string {
	var said struct {
		Err string `json:"err"`
	}
	if status.Status != http.StatusBadRequest || json.Unmarshal(status.Body, &said) != nil || !slices.Contains(errorCodes, said.Err) {
		return ""
	}
	return said.Err
}
