// Package webhook delivers messages to an HTTP endpoint as Standard Webhooks
// (https://www.standardwebhooks.com, specification of version 1): a POST of the CloudEvent, signed with a secret that both sides
// know.
//
//	secret, err := webhook.ParseSecret("whsec_…")
//	publisher := webhook.New("https://app.example.com/events", secret)
//
// A status from 200 to 299 means that the message was taken. All others, redirects among them, mean that it was not.
package webhook

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/handstamp/handstamp/internal/push"
	"github.com/handstamp/handstamp/outbox"
)

// A Secret is what messages are signed with. Printing one shows dots.
type Secret struct{ key []byte }

// How a secret is written, and how many bytes it has.
const (
	secretPrefix         = "whsec_"
	minSecret, maxSecret = 24, 64
)

// ErrSecret means that a text is no secret.
var ErrSecret = errors.New("a webhook's secret is whsec_ and 24 to 64 random bytes in base64")

// ParseSecret reads a secret as Standard Webhooks writes it: whsec_ and base64.
func ParseSecret(text string) (Secret, error) {
	encoded, found := strings.CutPrefix(text, secretPrefix)
	key, err := base64.StdEncoding.Strict().DecodeString(encoded)
	if !found || err != nil || len(key) < minSecret || len(key) > maxSecret {
		return Secret{}, ErrSecret
	}
	return Secret{key}, nil
}

// Format implements [fmt.Formatter] and hides the secret.
func (Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "•••") }

// A Publisher is an [outbox.Publisher].
type Publisher struct {
	endpoint string
	secrets  []Secret
	client   *push.Client
}

// New returns the Publisher of an endpoint. Each message has a signature with each of the secrets, the first one first, so that
// both sides can take another secret at different times. Close it when it is no longer needed.
func New(endpoint string, secrets ...Secret) *Publisher {
	return &Publisher{endpoint: endpoint, secrets: secrets, client: push.New()}
}

// Close closes connections.
func (p *Publisher) Close() error {
	p.client.Close()
	return nil
}

// Publish implements [outbox.Publisher].
func (p *Publisher) Publish(ctx context.Context, m outbox.Message) error {
	at := strconv.FormatInt(time.Now().Unix(), 10) // of the attempt, so that receivers can refuse what is old
	signatures := make([]string, len(p.secrets))
	for i, secret := range p.secrets {
		signatures[i] = secret.sign(m.ID, at, m.JSON)
	}
	header := http.Header{
		"Content-Type":      {outbox.ContentType},
		"User-Agent":        {"Handstamp"},
		"Webhook-Id":        {m.ID},
		"Webhook-Timestamp": {at},
		"Webhook-Signature": {strings.Join(signatures, " ")},
	}
	err := p.client.Post(ctx, p.endpoint, header, m.JSON)
	if status := (*push.StatusError)(nil); errors.As(err, &status) && status.RetryAfter > 0 {
		return &outbox.DelayError{Err: err, After: status.RetryAfter}
	}
	return err
}

// sign returns the signature of a message: of its ID, the time of the attempt and the body, with dots between.
func (s Secret) sign(id, at string, body []byte) string {
	mac := hmac.New(sha256.New, s.key)
	_, _ = fmt.Fprintf(mac, "%s.%s.%s", id, at, body) // a hash takes all that is written to it
	return "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))
}
