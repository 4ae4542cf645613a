// Package push posts what others are to be told to an endpoint of theirs. The endpoint is an operator's setting, so it may be
// anywhere, in a private network, too; what answers there is not trusted: it has its time, no redirect is followed, and little of an
// answer is read.
package push

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// Limits of what answers.
const (
	timeout   = 20 * time.Second // for everything; Standard Webhooks: between 15 and 30 seconds
	maxHeader = 16 << 10         // bytes
	maxBody   = 16 << 10         // bytes that are read
)

// A Client posts. It is safe for concurrent use.
type Client struct{ http http.Client }

// New returns a Client. Its requests go through the proxy that the environment names, if any.
func New() *Client {
	transport := &http.Transport{
		Proxy:                  http.ProxyFromEnvironment,
		MaxResponseHeaderBytes: maxHeader,
		MaxIdleConnsPerHost:    8,
		IdleConnTimeout:        time.Minute,
		TLSHandshakeTimeout:    10 * time.Second,
		ForceAttemptHTTP2:      true,
	}
	return &Client{http.Client{
		Transport: transport,
		Timeout:   timeout,
		// A redirect could lead anywhere, and what is sent is for the one who was named.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// Close closes the connections that are not in use.
func (c *Client) Close() { c.http.CloseIdleConnections() }

// A StatusError is an answer that is no success.
type StatusError struct {
	Status     int
	Body       []byte        // the beginning of it
	RetryAfter time.Duration // when to come again; zero where the answer does not say
}

// Error says the status and nothing of the body, which others have written.
func (e *StatusError) Error() string { return "answered with status " + strconv.Itoa(e.Status) }

// Post sends a body with these headers and returns nil for a status from 200 to 299. Other answers are a [StatusError]. No
// error shows the endpoint, whose URL may be secret.
func (c *Client) Post(ctx context.Context, endpoint string, header http.Header, body []byte) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, endpoint, bytes.NewReader(body))
	if err != nil {
		return errors.New("the URL cannot be used")
	}
	request.Header = header
	response, err := c.http.Do(request)
	if err != nil {
		return fmt.Errorf("send: %w", withoutURL(err))
	}
	defer response.Body.Close()
	// Read, so that the connection can be used again.
	start, readErr := io.ReadAll(io.LimitReader(response.Body, maxBody))
	if response.StatusCode >= 200 && response.StatusCode < 300 {
		return nil // whatever became of the rest: it was taken
	}
	if readErr != nil {
		start = nil
	}
	return &StatusError{response.StatusCode, start, retryAfter(response.Header)}
}

// withoutURL returns what is in an error of an HTTP client.
func withoutURL(err error) error {
	var of *url.Error
	if errors.As(err, &of) {
		return of.Err
	}
	return err
}

// retryAfter returns what an answer says of when to come again (RFC 9110, section 10.2.3), or zero.
func retryAfter(h http.Header) time.Duration {
	text := h.Get("Retry-After")
	if seconds, err := strconv.Atoi(text); err == nil {
		return time.Duration(max(0, min(seconds, 24*60*60))) * time.Second
	}
	if at, err := http.ParseTime(text); err == nil {
		return max(0, time.Until(at))
	}
	return 0
}
