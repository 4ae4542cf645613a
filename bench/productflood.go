package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"time"
)

// A productFlood asks who is signed in, with and without very many who want to sign in.
type productFlood struct {
	*child
	client *http.Client

	idle, flood []time.Duration // what checks took
	flooded     time.Duration   // for how long there was a flood

	mu     sync.Mutex
	counts map[int]int // logins by the status of the answer
	wrong  int         // answers that must not be
}

func newProductFlood(c *child) *productFlood {
	return &productFlood{
		child:  c,
		client: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: floodClients}},
		counts: make(map[int]int),
	}
}

// measure takes a turn without logins and one with them.
func (f *productFlood) measure(ctx context.Context, idle, flood time.Duration) error {
	times, err := f.check(ctx, idle)
	if err != nil {
		return err
	}
	f.idle = append(f.idle, times...)
	flooding, stop := context.WithCancel(ctx)
	defer stop()
	errs := make([]error, floodClients)
	var clients sync.WaitGroup
	for i := range floodClients {
		clients.Go(func() { errs[i] = f.logInAgainAndAgain(flooding, i) })
	}
	began := time.Now()
	times, err = f.check(ctx, flood)
	f.flood, f.flooded = append(f.flood, times...), f.flooded+time.Since(began)
	stop()
	clients.Wait()
	f.client.CloseIdleConnections()
	runtime.GC() // what this process leaves behind is not the next turn's load
	return errors.Join(append(errs, err)...)
}

// check asks who the sample session's user is, again and again on one connection.
func (f *productFlood) check(ctx context.Context, during time.Duration) ([]time.Duration, error) {
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", f.address)
	if err != nil {
		return nil, fmt.Errorf("ask %s: %w", f.name, err)
	}
	defer conn.Close()
	until := time.Now().Add(during)
	if err := conn.SetDeadline(until.Add(answerTimeout)); err != nil {
		return nil, fmt.Errorf("ask %s: %w", f.name, err)
	}
	const request = "GET " + mePath + " HTTP/1.1\r\nHost: localhost\r\nX-Forwarded-For: 192.0.2.1\r\n" +
		"Cookie: session=" + string(sampleToken) + "\r\n\r\n"
	ticker := time.NewTicker(checkPause)
	defer ticker.Stop()
	answer := make([]byte, 4<<10)
	var all []time.Duration
	for time.Now().Before(until) && ctx.Err() == nil {
		<-ticker.C
		before := time.Now()
		if _, err := io.WriteString(conn, request); err != nil {
			return nil, fmt.Errorf("ask %s: %w", f.name, err)
		}
		n := 0
		for n == 0 || answer[n-1] != '\n' || !strings.Contains(string(answer[:n]), sampleEmail) {
			more, err := conn.Read(answer[n:])
			if n += more; err != nil {
				return nil, fmt.Errorf("ask %s: %w: %q", f.name, err, answer[:n])
			}
		}
		if !strings.HasPrefix(string(answer[:n]), string(okLine)) {
			return nil, fmt.Errorf("ask %s: %.200q", f.name, answer[:n])
		}
		all = append(all, time.Since(before))
	}
	return all, ctx.Err()
}

// logInAgainAndAgain is what client i does until ctx is done.
func (f *productFlood) logInAgainAndAgain(ctx context.Context, i int) error {
	for n := 0; ctx.Err() == nil; n++ {
		email, plain := fmt.Sprintf("nobody%d.%d@example.com", i, n), "a guess at random"
		switch i % 4 {
		case 0:
			email, plain = fmt.Sprintf("person%d@example.com", i), loginPassword
		case 1:
			email = fmt.Sprintf("person%d@example.com", i)
		}
		answer, err := f.logIn(ctx, i, url.Values{"email": {email}, "password": {plain}}.Encode())
		switch {
		case ctx.Err() != nil:
			return nil
		case err != nil:
			return fmt.Errorf("log in at %s: %w", f.name, err)
		case !f.count(answer):
			continue
		}
		select {
		case <-ctx.Done():
		case <-time.After(retryAfter + rand.N(retryAfter)): // as those do it who do not want to come all at once
		}
	}
	return nil
}

// count takes an answer into account, and reports whether it says that the client is to come back later.
func (f *productFlood) count(answer *http.Response) (later bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.counts[answer.StatusCode]++
	switch answer.StatusCode {
	case http.StatusOK, http.StatusUnauthorized:
		return false
	case http.StatusTooManyRequests, http.StatusServiceUnavailable:
		if seconds, err := strconv.Atoi(answer.Header.Get("Retry-After")); err == nil && seconds > 0 {
			return true
		}
	}
	f.wrong++
	return true
}

func (f *productFlood) logIn(ctx context.Context, i int, form string) (*http.Response, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+f.address+"/api/v1/auth_session/login", strings.NewReader(form))
	if err != nil {
		return nil, err
	}
	r.Host = "localhost"
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("X-Forwarded-For", fmt.Sprintf("198.51.%d.%d", i/250, i%250))
	answer, err := f.client.Do(r)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	_, err = io.Copy(io.Discard, answer.Body)
	return answer, err
}
