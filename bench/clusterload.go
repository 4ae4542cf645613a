package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"github.com/handstamp/handstamp/session"
	"github.com/handstamp/handstamp/store/sqlstore"
	"github.com/handstamp/handstamp/store/sqlstore/postgres"
)

// noteEvery is how long a session of the product is used until the next use is written down.
const noteEvery = time.Hour / 10

// fillShared makes n users with a session each in the database at address, and returns what to ask for them. Each was seen at some
// time within noteEvery, as it is where people come and go, so that of the uses some are written down all the time.
func fillShared(ctx context.Context, address string, n int) (requests []string, err error) {
	store, err := postgres.Open(ctx, address, sqlstore.PostgresConfig{})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	const batch = 200 // so that no write takes longer than one may
	for from := 0; from < n; from += batch {
		err := store.Transact(ctx, func(ctx context.Context, tx sqlstore.Tx) error {
			for i := from; i < min(from+batch, n); i++ {
				u := newUser(fmt.Sprintf("person%06d@example.com", i), "") // an answer is as long as every other
				u.Role, u.CreatedAt, u.UpdatedAt = "user", sampleTime, sampleTime
				token := session.RandomToken()
				s := newSession(u.ID, token)
				s.SeenAt = s.SeenAt.Add(-rand.N(noteEvery)).Truncate(time.Microsecond)
				s.BeganAt, s.ProvedAt = s.SeenAt, s.SeenAt
				if err := tx.InsertUser(ctx, u); err != nil {
					return err
				}
				if err := tx.InsertSession(ctx, s); err != nil {
					return err
				}
				requests = append(requests, meRequest("Cookie: session="+string(token)))
			}
			return nil
		})
		if err != nil {
			return nil, fmt.Errorf("fill database with %d users: %w", n, err)
		}
	}
	return requests, nil
}

// ask asks about the session at a place, on one of the connections.
func (n *node) ask(conn, at int) error {
	if err := n.conns[conn].SetDeadline(time.Now().Add(answerTimeout)); err != nil {
		return err
	}
	return exchangeOne(n.conns[conn], n.requests[at], make([]byte, n.size))
}

// eachConn does something on every connection to some nodes at the same time, and returns the sum of what it returns.
func eachConn(nodes []*node, do func(n *node, conn int) (checks int, err error)) (checks int, err error) {
	var mu sync.Mutex
	var errs []error
	var busy sync.WaitGroup
	for _, n := range nodes {
		for i := range n.conns {
			busy.Go(func() {
				done, err := do(n, i)
				mu.Lock()
				defer mu.Unlock()
				checks += done
				if err != nil {
					errs = append(errs, fmt.Errorf("ask node at %s: %w", n.address, err))
				}
			})
		}
	}
	busy.Wait()
	return checks, errors.Join(errs...)
}

// put asks some nodes at the same time for one turn, on every connection each time about another session.
func put(nodes []*node, turn time.Duration) (checks int, err error) {
	until := time.Now().Add(turn)
	return eachConn(nodes, func(n *node, i int) (checks int, err error) {
		conn, answer := n.conns[i], make([]byte, n.size)
		if err := conn.SetDeadline(until.Add(answerTimeout)); err != nil {
			return 0, err
		}
		for at := rand.IntN(len(n.requests)); time.Now().Before(until); at = (at + 1) % len(n.requests) {
			if err := exchangeOne(conn, n.requests[at], answer); err != nil {
				return checks, err
			}
			checks++
		}
		return checks, nil
	})
}

// A clusterLoad puts load on nodes, and sums up what it costs them.
type clusterLoad struct {
	name   string
	nodes  []*node
	atOnce bool // or one after the other, while the others have nothing to do

	checks       int // of this round
	cpu, took    time.Duration
	rates, costs series // by round: checks a second, and µs of CPU time for each
}

// put asks the nodes for one turn.
func (l *clusterLoad) put(turn time.Duration) error {
	cpu, began := l.taken(), time.Now()
	if l.atOnce {
		n, err := put(l.nodes, turn)
		if l.checks += n; err != nil {
			return err
		}
	} else {
		for one := range slices.Chunk(l.nodes, 1) {
			n, err := put(one, turn/time.Duration(len(l.nodes)))
			if l.checks += n; err != nil {
				return err
			}
		}
	}
	l.took += time.Since(began)
	l.cpu += l.taken() - cpu
	return nil
}

// taken returns the CPU time that all the nodes have taken so far.
func (l *clusterLoad) taken() (sum time.Duration) {
	for _, n := range l.nodes {
		sum += n.cpu()
	}
	return sum
}

// endRound keeps what a round has measured; nothing, for a warm-up.
func (l *clusterLoad) endRound(isWarmUp bool) {
	if !isWarmUp {
		l.rates = append(l.rates, float64(l.checks)/l.took.Seconds())
		l.costs = append(l.costs, float64(l.cpu.Microseconds())/float64(l.checks))
	}
	l.checks, l.cpu, l.took = 0, 0, 0
}
