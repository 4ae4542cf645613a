package chaos_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/handstamp/handstamp/internal/blackbox/history"
)

const api = "/api/v1"

// patience is how long a client waits for an answer.
const patience = 8 * time.Second

var dialer = &net.Dialer{Timeout: patience}

// A caller asks one node. It has connections of its own, so that a line that hangs holds up nobody else. It is
// safe for concurrent use.
type caller struct {
	node *node
	http *http.Client
}

func newCaller(n *node) *caller {
	return &caller{n, &http.Client{
		Transport: &http.Transport{DialContext: dialer.DialContext, MaxIdleConnsPerHost: 16},
		Timeout:   patience,
	}}
}

func (c *caller) close() { c.http.CloseIdleConnections() }

// A reply is an answer, or that there was none.
type reply struct {
	status int // 0: none
	cookie string
	etag   string
	body   []byte
	err    error
}

// call sends a request with a session token and reads the answer. It gives up with ctx.
func (c *caller) call(ctx context.Context, method, path, token string, body any, headers ...string) reply {
	var content io.Reader
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			return reply{err: err}
		}
		content = bytes.NewReader(text)
	}
	r, err := http.NewRequestWithContext(ctx, method, c.node.url()+path, content)
	if err != nil {
		return reply{err: err}
	}
	r.Host = publicHost
	if token != "" {
		r.Header.Set("Cookie", "session="+token)
	}
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	answer, err := c.http.Do(r)
	if err != nil {
		return reply{err: err}
	}
	defer answer.Body.Close()
	got := reply{status: answer.StatusCode, etag: answer.Header.Get("ETag")}
	for _, cookie := range answer.Cookies() {
		if cookie.Name == "session" && cookie.MaxAge >= 0 {
			got.cookie = cookie.Value
		}
	}
	// What is decided stands in the header. A body that is cut off changes nothing about it.
	got.body, _ = io.ReadAll(answer.Body)
	return got
}

// outcome is what the answer says about the session of the request.
func (r reply) outcome() history.Outcome {
	switch {
	case r.status == 0:
		return history.Lost
	case r.status == http.StatusUnauthorized:
		return history.Refused
	case r.status == http.StatusServiceUnavailable:
		return history.Blind
	}
	return history.Accepted
}

// isExpected reports whether one of our requests may be answered so on a bad day.
func (r reply) isExpected() bool {
	switch r.status {
	case 0, 200, 201, 204, 401, 412, 503:
		return true
	}
	return false
}

func (r reply) String() string {
	if r.err != nil {
		return r.err.Error()
	}
	return http.StatusText(r.status) + " " + strings.TrimSpace(string(r.body))
}
