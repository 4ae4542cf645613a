package webhook_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/handstamp/handstamp/outbox"
	"github.com/handstamp/handstamp/outbox/webhook"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// The example by which the reference libraries of Standard Webhooks test themselves.
const (
	exampleSecret    = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
	exampleTime      = 1614265330
	exampleSignature = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
)

var example = outbox.Message{ID: "msg_p5jXN8AQM9LWM0D4loKWxJek", JSON: []byte(`{"test": 2432232314}`)}

const otherSecret = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="

func secret(t *testing.T, text string) webhook.Secret {
	t.Helper()
	s, err := webhook.ParseSecret(text)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// A received is a request that came to an endpoint.
type received struct {
	header http.Header
	body   string
}

// endpoint answers with answer until the test ends.
func endpoint(t *testing.T, answer http.HandlerFunc) (url string, got <-chan received) {
	t.Helper()
	requests := make(chan received, 10)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil || r.Method != http.MethodPost {
			t.Errorf("%s, %v", r.Method, err)
		}
		requests <- received{r.Header, string(body)}
		answer(w, r)
	}))
	t.Cleanup(server.Close)
	return server.URL, requests
}

func publish(t *testing.T, url string, m outbox.Message, secrets ...webhook.Secret) error {
	t.Helper()
	p := webhook.New(url, secrets...)
	defer p.Close()
	return p.Publish(t.Context(), m)
}

func status(code int) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(code) }
}

// TestSpecificationsExample: at its time, the example of the specification has the signature of the specification.
func TestSpecificationsExample(t *testing.T) {
	url, got := endpoint(t, status(200))
	synctest.Test(t, func(t *testing.T) { // where it is the year 2000
		time.Sleep(time.Until(time.Unix(exampleTime, 0)))
		if err := publish(t, url, example, secret(t, exampleSecret)); err != nil {
			t.Fatal(err)
		}
	})
	if r := <-got; r.header.Get("webhook-timestamp") != "1614265330" || r.header.Get("webhook-signature") != exampleSignature {
		t.Errorf("%v, want the signature %s", r.header, exampleSignature)
	}
}

// TestSignature is checked as a receiver does, with nothing of ours.
func TestSignature(t *testing.T) {
	url, got := endpoint(t, status(204))
	m := outbox.Message{ID: "0123456789abcdef", JSON: []byte(`{"specversion":"1.0","data":{"device":"ü"}}`)}
	if err := publish(t, url, m, secret(t, exampleSecret), secret(t, otherSecret)); err != nil {
		t.Fatal(err)
	}
	r := <-got
	if r.body != string(m.JSON) || r.header.Get("Content-Type") != "application/cloudevents+json" || r.header.Get("webhook-id") != m.ID {
		t.Errorf("%+v", r)
	}
	at, err := strconv.ParseInt(r.header.Get("webhook-timestamp"), 10, 64)
	if age := time.Since(time.Unix(at, 0)); err != nil || age < 0 || age > time.Minute {
		t.Errorf("timestamp %q", r.header.Get("webhook-timestamp"))
	}
	signatures := strings.Split(r.header.Get("webhook-signature"), " ")
	for i, text := range []string{exampleSecret, otherSecret} {
		key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(text, "whsec_"))
		if err != nil {
			t.Fatal(err)
		}
		mac := hmac.New(sha256.New, key)
		fmt.Fprintf(mac, "%s.%d.%s", m.ID, at, r.body)
		if want := "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil)); len(signatures) != 2 || signatures[i] != want {
			t.Errorf("signatures %q, want %s", signatures, want)
		}
	}
}

// TestRefusals: whatever is no success means that the message was not taken. Errors say why, and neither where nor what.
func TestRefusals(t *testing.T) {
	for _, code := range []int{http.StatusMovedPermanently, 307, 400, 404, 410, 429, 500, 503} {
		followed := false
		elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { followed = true }))
		url, _ := endpoint(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Location", elsewhere.URL)
			w.WriteHeader(code)
			fmt.Fprint(w, "their secret")
		})
		err := publish(t, url+"/hidden", example, secret(t, exampleSecret))
		elsewhere.Close()
		if err == nil || err.Error() != fmt.Sprintf("answered with status %d", code) {
			t.Errorf("%d: %v", code, err)
		}
		if followed {
			t.Errorf("%d: the redirect was followed", code)
		}
	}
	err := publish(t, "http://127.0.0.1:1/hidden", example, secret(t, exampleSecret))
	if err == nil || strings.Contains(err.Error(), "hidden") {
		t.Errorf("nobody there: %v", err)
	}
}

func TestRetryAfter(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"120": 2 * time.Minute,
		time.Now().Add(time.Hour).UTC().Format(http.TimeFormat): time.Hour,
	} {
		url, _ := endpoint(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", text)
			w.WriteHeader(http.StatusTooManyRequests)
		})
		var delay *outbox.DelayError
		err := publish(t, url, example, secret(t, exampleSecret))
		if !errors.As(err, &delay) || (delay.After-want).Abs() > time.Minute/2 || err.Error() != "answered with status 429" {
			t.Errorf("%s: %v", text, err)
		}
	}
}

// TestEndlessAnswer: an endpoint that never ends its answer has taken the message, and holds nobody up.
func TestEndlessAnswer(t *testing.T) {
	url, _ := endpoint(t, func(w http.ResponseWriter, r *http.Request) {
		line := strings.Repeat("x", 1<<10)
		for r.Context().Err() == nil {
			if _, err := io.WriteString(w, line); err != nil {
				return
			}
		}
	})
	if err := publish(t, url, example, secret(t, exampleSecret)); err != nil {
		t.Error(err)
	}
}

// TestGivingUp: an endpoint that does not answer is left.
func TestGivingUp(t *testing.T) {
	hold := make(chan struct{})
	url, got := endpoint(t, func(http.ResponseWriter, *http.Request) { <-hold })
	defer close(hold)
	ctx, cancel := context.WithCancel(t.Context())
	p := webhook.New(url, secret(t, exampleSecret))
	defer p.Close()
	done := make(chan error)
	go func() { done <- p.Publish(ctx, example) }()
	<-got
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestParseSecret(t *testing.T) {
	for _, text := range []string{
		"", "whsec_", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_MfKQ9r8GKYqrTwjU", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaS!",
		"whsec_" + base64.StdEncoding.EncodeToString(make([]byte, 65)), "whsk_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
	} {
		if _, err := webhook.ParseSecret(text); !errors.Is(err, webhook.ErrSecret) {
			t.Errorf("%q: %v", text, err)
		}
	}
	if got := fmt.Sprintf("%v %+v %#v %s", secret(t, exampleSecret), secret(t, exampleSecret), secret(t, exampleSecret), secret(t, exampleSecret)); got != "••• ••• ••• •••" {
		t.Errorf("printed as %s", got)
	}
}
