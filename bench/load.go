package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"sync"
	"time"
)

// clients is how many connections are kept busy at once.
const clients = 16

// A load keeps a server busy, for one turn after the other, and sums up what it has seen.
type load struct {
	name    string
	server  *child
	request string
	size    int // of an answer, in bytes
	conns   []net.Conn

	rates series // requests a second, by turn
	times []time.Duration
	cpu   time.Duration // of the server
}

// dial opens the connections of a load, on which the same request is sent each time.
func dial(ctx context.Context, name string, c *child, request string, size int) (*load, error) {
	l := &load{name: name, server: c, request: request, size: size}
	for range clients {
		conn, err := new(net.Dialer).DialContext(ctx, "tcp", c.address)
		if err != nil {
			l.close()
			return nil, fmt.Errorf("ask %s: %w", c.name, err)
		}
		l.conns = append(l.conns, conn)
	}
	return l, nil
}

func (l *load) close() {
	for _, conn := range l.conns {
		_ = conn.Close() // nothing is left to be lost
	}
}

// put asks the server for one turn. The generator sends ready-made bytes and reads answers of a
// known size, as it shares the processors with the server.
func (l *load) put(turn time.Duration) error {
	times, errs := make([][]time.Duration, clients), make([]error, clients)
	cpu, begin := l.server.cpu(), time.Now()
	var busy sync.WaitGroup
	for i, conn := range l.conns {
		busy.Go(func() { times[i], errs[i] = exchange(conn, l.request, l.size, begin.Add(turn)) })
	}
	busy.Wait()
	took := time.Since(begin)
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("ask %s: %w", l.name, err)
	}
	all := slices.Concat(times...)
	l.rates = append(l.rates, float64(len(all))/took.Seconds())
	l.times = append(l.times, all...)
	l.cpu += l.server.cpu() - cpu
	return nil
}

// forget drops what the turns so far have measured.
func (l *load) forget() { l.rates, l.times, l.cpu = nil, nil, 0 }

// turnsInRound is into how many turns a round is cut.
const turnsInRound = 10

// inTurns puts all loads for all rounds: in many short turns, as whatever else the machine does comes and goes.
func (b *bench) inTurns(ctx context.Context, loads []*load) error {
	for turn := range turnsInRound * (b.effort.rounds + 1) {
		if turn == turnsInRound { // the first round was the warm-up
			for _, l := range loads {
				l.forget()
			}
		}
		for i := range loads {
			first := turn % len(loads) // not always the same
			if err := loads[(first+i)%len(loads)].put(b.effort.turn / turnsInRound); err != nil {
				return err
			}
		}
		if err := ctx.Err(); err != nil {
			return err
		}
	}
	return nil
}

// cost returns the server's CPU time for each request, in microseconds.
func (l *load) cost() float64 { return float64(l.cpu.Microseconds()) / float64(len(l.times)) }

// loadColumns are those of the rows of loads.
var loadColumns = []string{"server", "requests/s", "of bare", "p50 µs", "p99 µs", "server CPU µs/request", "over bare"}

// row prints what was seen, and how it compares with what the bare handler has done.
func (l *load) row(t *table, bare *load) {
	t.row(l.name, l.rates.show(whole), l.rates.over(bare.rates).show(ratio),
		whole(percentile(l.times, 0.5)), whole(percentile(l.times, 0.99)),
		decimal(l.cost()), ratio(l.cost()/bare.cost()))
}

// answerTimeout is how long a request may take before something must be wrong.
const answerTimeout = 10 * time.Second

var okLine = []byte("HTTP/1.1 200 OK\r\n")

// exchange sends one request after the other until the time is over, and returns what each took.
func exchange(conn net.Conn, request string, size int, until time.Time) ([]time.Duration, error) {
	if err := conn.SetDeadline(until.Add(answerTimeout)); err != nil {
		return nil, err
	}
	var times []time.Duration
	answer := make([]byte, size)
	for before := time.Now(); before.Before(until); {
		if err := exchangeOne(conn, request, answer); err != nil {
			return nil, err
		}
		now := time.Now()
		times = append(times, now.Sub(before))
		before = now
	}
	return times, nil
}

// exchangeOne sends a request and reads an answer of a known size.
func exchangeOne(conn net.Conn, request string, answer []byte) error {
	if _, err := io.WriteString(conn, request); err != nil {
		return err
	}
	if _, err := io.ReadFull(conn, answer); err != nil {
		return err
	}
	if !bytes.HasPrefix(answer, okLine) || answer[len(answer)-1] != '\n' {
		return fmt.Errorf("unexpected answer: %.60q", answer)
	}
	return nil
}

// answerOf returns the bytes of a server's answer, without the value of the Date.
func answerOf(ctx context.Context, c *child, request string) (text []byte, size int, err error) {
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", c.address)
	if err != nil {
		return nil, 0, fmt.Errorf("ask %s: %w", c.name, err)
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(answerTimeout)); err != nil {
		return nil, 0, fmt.Errorf("ask %s: %w", c.name, err)
	}
	if _, err := io.WriteString(conn, request); err != nil {
		return nil, 0, fmt.Errorf("ask %s: %w", c.name, err)
	}
	var raw bytes.Buffer
	response, err := http.ReadResponse(bufio.NewReader(io.TeeReader(conn, &raw)), nil)
	if err != nil {
		return nil, 0, fmt.Errorf("ask %s: %w", c.name, err)
	}
	defer response.Body.Close()
	if _, err := io.Copy(io.Discard, response.Body); err != nil {
		return nil, 0, fmt.Errorf("ask %s: %w", c.name, err)
	}
	return bytes.Replace(raw.Bytes(), []byte(response.Header.Get("Date")), nil, 1), raw.Len(), nil
}
