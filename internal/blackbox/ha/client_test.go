//go:build linux

package ha_test

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// answerTime is how long a client waits for an answer: longer than an address takes to move.
const answerTime = 10 * time.Second

// A client is somebody with a browser: connections of his own, which he keeps open, and no second try but for those that browsers make.
type client struct {
	http *http.Client
}

// newClient returns a client that connects to an address whatever host it asks for. keep says whether it keeps its connections.
func (s *site) newClient(address string, keep bool) client {
	dialer := &net.Dialer{}
	return client{&http.Client{
		Timeout: answerTime,
		Transport: &http.Transport{
			DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
				return dialer.DialContext(ctx, network, net.JoinHostPort(address, "443"))
			},
			TLSClientConfig:   &tls.Config{RootCAs: s.roots, ClientSessionCache: tls.NewLRUClientSessionCache(1)},
			DisableKeepAlives: !keep,
		},
	}}
}

func (c client) close() { c.http.CloseIdleConnections() }

// do sends a request and returns the status and the body of its answer.
func (c client) do(method, path, cookie string, form url.Values) (status int, body []byte, header http.Header, err error) {
	r, err := http.NewRequest(method, "https://"+host+path, strings.NewReader(form.Encode()))
	if err != nil {
		return 0, nil, nil, err
	}
	if form == nil {
		r.Body, r.ContentLength = http.NoBody, 0
	} else {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if cookie != "" {
		r.Header.Set("Cookie", cookie)
	}
	answer, err := c.http.Do(r)
	if err != nil {
		return 0, nil, nil, err
	}
	defer answer.Body.Close()
	body, err = io.ReadAll(answer.Body)
	return answer.StatusCode, body, answer.Header, err
}

// A session is one that has begun.
type session struct {
	email, cookie string
}

// signIn begins a session.
func (c client) signIn(email string) (session, error) {
	status, body, header, err := c.do(http.MethodPost, "/api/v1/auth_session/login", "", url.Values{"email": {email}, "password": {password}})
	if err != nil {
		return session{}, err
	}
	cookie, _, _ := strings.Cut(header.Get("Set-Cookie"), ";")
	if status != http.StatusOK || !strings.HasPrefix(cookie, "__Host-") {
		return session{}, fmt.Errorf("sign in: %d %.200s", status, body)
	}
	return session{email, cookie}, nil
}

// check asks who the session is, and reports whether it is still accepted. Any answer but the right one and a refusal is an error.
func (c client) check(s session) (isAccepted bool, err error) {
	status, body, _, err := c.do(http.MethodGet, "/api/v1/users/me", s.cookie, nil)
	if err != nil || status == http.StatusUnauthorized {
		return false, err
	}
	var who struct{ Email string }
	if status != http.StatusOK || json.Unmarshal(body, &who) != nil || who.Email != s.email {
		return false, fmt.Errorf("who is %s: %d %.200s", s.email, status, body)
	}
	return true, nil
}

// signOut revokes the session.
func (c client) signOut(s session) error {
	status, body, _, err := c.do(http.MethodDelete, "/api/v1/auth_session/logout", s.cookie, nil)
	if err == nil && status >= 300 {
		err = fmt.Errorf("sign out: %d %.200s", status, body)
	}
	return err
}
