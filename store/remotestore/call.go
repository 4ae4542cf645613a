package remotestore

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	"github.com/handstamp/handstamp/internal/nodeapi"
	"github.com/handstamp/handstamp/session"
)

// callTimeout bounds every call. A write may take longer by two leases, as strict revokes wait for other services.
const callTimeout = 5 * time.Second

// A call is a request to the server.
type call struct {
	path  string
	again bool // may be sent again where a connection turns out to be closed, as it does no harm
	write bool
}

// do sends in, and reads what comes into out. A problem that means something to a store becomes an error of package session.
func (s *Store) do(ctx context.Context, c call, in, out any) error {
	timeout := callTimeout
	if c.write {
		timeout += 2 * s.lease
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	body, err := json.Marshal(in)
	if err != nil {
		return err
	}
	request, err := s.newRequest(ctx, http.MethodPost, c.path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/json")
	if c.again {
		request.Header["X-Idempotency-Key"] = nil // for the transport, and is not sent
	}
	answer, err := s.http.Do(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(io.LimitReader(answer.Body, nodeapi.MaxAnswer+1))
	switch {
	case err != nil:
		return fmt.Errorf("read the answer: %w", err)
	case len(text) > nodeapi.MaxAnswer:
		return errors.New("the answer is too long")
	case answer.StatusCode != http.StatusOK:
		return problemIn(answer.StatusCode, text)
	}
	if err := json.Unmarshal(text, out); err != nil {
		return fmt.Errorf("read the answer: %w", err)
	}
	return nil
}

// newRequest returns a request with the client's credential (RFC 6749, section 2.3.1).
func (s *Store) newRequest(ctx context.Context, method, path string, body io.Reader) (*http.Request, error) {
	request, err := http.NewRequestWithContext(ctx, method, s.base+path, body)
	if err != nil {
		return nil, err
	}
	request.SetBasicAuth(url.QueryEscape(s.id.String()), url.QueryEscape(string(s.secret)))
	return request, nil
}

// problemIn returns the error that an answer is. Only what the server itself has said is one of package session: whatever stands between may answer 404, too,
// and nobody has signed out because of that.
func problemIn(status int, text []byte) error {
	var problem struct{ Error, Code string }
	if err := json.Unmarshal(text, &problem); err != nil {
		problem.Code, problem.Error = "", ""
	}
	switch {
	case status == http.StatusNotFound && problem.Code == nodeapi.CodeGone:
		return session.ErrGone
	case status == http.StatusConflict && problem.Code == nodeapi.CodeExists:
		return session.ErrExists
	case status == http.StatusConflict && problem.Code == nodeapi.CodeConflict:
		return session.ErrConflict
	}
	return fmt.Errorf("the server answers %d %.50q: %.200q", status, problem.Code, problem.Error)
}
