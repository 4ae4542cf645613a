package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net/http"
	"testing"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/session"
	"github.com/handstamp/handstamp/store/memory"
)

// lookups measures what a request costs before the handler sees it.
func (b *bench) lookups(ctx context.Context) error {
	if err := b.setBenchTime(); err != nil {
		return err
	}
	t := b.table("Lookups: a live session by its cookie",
		"In this process, on one goroutine, each time the next of all sessions.",
		"what", "sessions", "ns/op", "B/op", "allocs/op")
	allocs := int64(0)
	for i, n := range b.effort.sessions {
		c, err := newCrowd(ctx, n)
		if err != nil {
			return err
		}
		if i == 0 {
			allocs += c.measure(b, t, "Cookie.Read", c.readCookie)
		}
		allocs += c.measure(b, t, "Manager.Authenticate", func(r *http.Request) error {
			_, err := c.sessions.Authenticate(r)
			return err
		})
		guard := handstamp.NewGuard(c.sessions)
		allocs += c.measure(b, t, "Guard.Identify", func(r *http.Request) error {
			_, err := guard.Identify(r)
			return err
		})
		c.sessions.Close()
		if c.err != nil {
			return c.err
		}
	}
	if err := t.end(); err != nil {
		return err
	}
	b.target(allocs == 0, "0 allocations in guard and session lookup: %d", allocs)
	return ctx.Err()
}

// setBenchTime sets how long [testing.Benchmark] measures.
func (b *bench) setBenchTime() error {
	testing.Init()
	if err := flag.Set("test.benchtime", (b.effort.turn / 10).String()); err != nil {
		return fmt.Errorf("set up: %w", err)
	}
	return nil
}

// nanoseconds is NsPerOp with decimals.
func nanoseconds(r testing.BenchmarkResult) float64 { return float64(r.T.Nanoseconds()) / float64(r.N) }

// A crowd is many live sessions, and a request that comes with the cookie of one of them.
type crowd struct {
	sessions *session.Manager
	cookies  []string
	err      error // the first failure of what was measured
}

func newCrowd(ctx context.Context, n int) (*crowd, error) {
	c := &crowd{sessions: session.New(memory.New()), cookies: make([]string, n)}
	c.sessions.Cookie = session.Cookie{Insecure: true}
	for i := range c.cookies {
		_, token, err := c.sessions.Begin(ctx, handstamp.Identity{UserID: handstamp.NewID(), Role: "member"})
		if err != nil {
			return nil, fmt.Errorf("begin %d sessions: %w", n, err)
		}
		c.cookies[i] = "theme=dark; session=" + string(token)
	}
	return c, nil
}

// errNoCookie means that the cookie was not found.
var errNoCookie = errors.New("no cookie in the request")

func (c *crowd) readCookie(r *http.Request) error {
	if _, ok := c.sessions.Cookie.Read(r.Header); !ok {
		return errNoCookie
	}
	return nil
}

// measure prints a row about do and returns how often one call of it allocates.
func (c *crowd) measure(b *bench, t *table, name string, do func(*http.Request) error) int64 {
	line, next := make([]string, 1), 0
	r := &http.Request{Method: http.MethodGet, Header: http.Header{"Cookie": line}}
	var times series
	var result testing.BenchmarkResult
	for range b.effort.rounds {
		result = testing.Benchmark(func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				line[0] = c.cookies[next]
				if next++; next == len(c.cookies) {
					next = 0
				}
				if err := do(r); err != nil {
					c.err = fmt.Errorf("%s: %w", name, err)
					b.SkipNow()
				}
			}
		})
		times = append(times, nanoseconds(result))
	}
	t.row(name, whole(float64(len(c.cookies))), times.show(whole),
		fmt.Sprint(result.AllocedBytesPerOp()), fmt.Sprint(result.AllocsPerOp()))
	return result.AllocsPerOp()
}
