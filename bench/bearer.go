package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/account"
	"github.com/handstamp/handstamp/session"
	"github.com/handstamp/handstamp/store/memory"
	"github.com/handstamp/handstamp/token"
)

// bearer measures what a bearer token costs in place of a cookie: over the network, and without it, where the first
// request with a token, which costs a signature, can be told from those that follow.
func (b *bench) bearer(ctx context.Context) error {
	if err := b.door(ctx, "Bearer tokens: GET /users/me, by cookie and by bearer token", meRequest, 0); err != nil {
		return err
	}
	return b.firstSight(ctx)
}

// A forgetful Authenticator can be made to have seen no token yet.
type forgetful struct{ *token.Tokens }

// An inquiry is one way of asking who is asking.
type inquiry struct {
	name    string
	before  func() error                // of each round; nil for nothing
	ask     func(r *http.Request) error // asks once
	headers []http.Header               // one after the other
	times   series                      // nanoseconds
}

// firstSight compares tokens that nobody has seen with those that are remembered, with cookies and with a bare handler.
func (b *bench) firstSight(ctx context.Context) (err error) {
	users := memory.NewUsers()
	owner := newOwner("")
	if err := users.Insert(ctx, owner, account.Write{}); err != nil {
		return fmt.Errorf("make a user: %w", err)
	}
	sessions := session.New(memory.New())
	defer sessions.Close()
	sessions.Cookie.Insecure = true
	tokens, err := newIssuer(ctx, sessions)
	if err != nil {
		return err
	}
	defer tokens.keys.Close()
	who := handstamp.Identity{UserID: owner.ID, Role: owner.Role}
	cookies, bearers := make([]http.Header, b.effort.tokens), make([]http.Header, b.effort.tokens)
	for i := range bearers {
		_, opaque, err := sessions.Begin(ctx, who)
		if err != nil {
			return fmt.Errorf("begin sessions: %w", err)
		}
		_, signed, err := tokens.Begin(ctx, who)
		if err != nil {
			return fmt.Errorf("begin sessions: %w", err)
		}
		cookies[i] = http.Header{"Cookie": {"session=" + string(opaque)}}
		bearers[i] = http.Header{"Authorization": {"Bearer " + string(signed)}}
	}

	seen := &forgetful{tokens.Tokens}
	forget := func() (err error) {
		seen.Tokens, err = newTokens(sessions, tokens.keys)
		return err
	}
	product := answering(productHandler(account.New(users), sessions, tokens.Tokens, seen))
	authenticate := func(r *http.Request) error {
		_, err := seen.Authenticate(r)
		return err
	}
	inquiries := []*inquiry{
		{name: "bare handler", headers: cookies, ask: answering(http.HandlerFunc(answerSample))},
		{name: "/users/me, cookie", headers: cookies, ask: product},
		{name: "/users/me, token never seen", headers: bearers, ask: product, before: forget},
		{name: "/users/me, token remembered", headers: bearers, ask: product}, // by the one above
		{name: "Authenticate, cookie", headers: cookies, ask: func(r *http.Request) error {
			_, err := sessions.Authenticate(r)
			return err
		}},
		{name: "Authenticate, token never seen", headers: bearers, ask: authenticate, before: forget},
		{name: "Authenticate, token remembered", headers: bearers, ask: authenticate},
	}
	for range b.effort.rounds + 1 { // the first one is the warm-up
		for _, i := range inquiries {
			if err := i.measure(ctx); err != nil {
				return fmt.Errorf("%s: %w", i.name, err)
			}
		}
	}
	t := b.table("Bearer tokens: the first request with one, without the network",
		fmt.Sprintf("In this process, on one goroutine, %d sessions in memory, one request each; the answer is thrown away.", len(bearers)),
		"what", "ns/op", "of cookie", "of remembered")
	for _, i := range inquiries {
		i.times = i.times[1:]
	}
	for n, i := range inquiries {
		cookie, remembered := inquiries[1].times, inquiries[3].times
		if n > 3 {
			cookie, remembered = inquiries[4].times, inquiries[6].times
		}
		t.row(i.name, i.times.show(whole), i.times.over(cookie).show(ratio), i.times.over(remembered).show(ratio))
	}
	return errors.Join(t.end(), ctx.Err())
}

// measure asks once with each of the headers.
func (i *inquiry) measure(ctx context.Context) error {
	if i.before != nil {
		if err := i.before(); err != nil {
			return err
		}
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, publicURL+mePath, nil)
	if err != nil {
		return err
	}
	r.RemoteAddr = "127.0.0.1:40000"
	begin := time.Now()
	for _, header := range i.headers {
		r.Header, r.Body = header, http.NoBody // handlers may wrap it
		if err := i.ask(r); err != nil {
			return err
		}
	}
	i.times = append(i.times, float64(time.Since(begin).Nanoseconds())/float64(len(i.headers)))
	return nil
}

// answering returns what asks handler, and wants 200.
func answering(handler http.Handler) func(r *http.Request) error {
	answer := discard{header: make(http.Header)}
	return func(r *http.Request) error {
		clear(answer.header)
		answer.status = http.StatusOK
		handler.ServeHTTP(&answer, r)
		if answer.status != http.StatusOK {
			return fmt.Errorf("the answer is %d", answer.status)
		}
		return nil
	}
}
