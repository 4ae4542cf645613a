package main

import (
	"fmt"
	"io"
	"runtime"
	"sync"
	"time"
)

// A logQueue passes on what is written to it without letting the writer wait: whoever reads the log
// may be slow, or have stopped, and requests must not wait for that. Lines beyond maxLogQueue are
// dropped, and counted.
type logQueue struct {
	out io.Writer

	mu      sync.Mutex
	waiting []byte
	dropped int
	closed  bool
	more    chan struct{} // has room for one
	done    chan struct{}
}

// maxLogQueue is how many bytes wait at most.
const maxLogQueue = 1 << 20

func newLogQueue(out io.Writer) *logQueue {
	q := &logQueue{out: out, more: make(chan struct{}, 1), done: make(chan struct{})}
	go q.run()
	return q
}

// Write implements [io.Writer]. It never fails.
func (q *logQueue) Write(line []byte) (int, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed { // by a request that outlives the server
		return len(line), nil
	}
	if len(q.waiting)+len(line) > maxLogQueue {
		q.dropped++
	} else {
		q.waiting = append(q.waiting, line...)
	}
	select {
	case q.more <- struct{}{}:
	default:
	}
	return len(line), nil
}

func (q *logQueue) run() {
	defer close(q.done)
	for range q.more {
		runtime.Gosched() // whoever is about to log goes first: one write then has many lines
		q.flush()
	}
	q.flush()
}

// flush writes all that waits at once. An error has no better place to go.
func (q *logQueue) flush() {
	q.mu.Lock()
	lines, dropped := q.waiting, q.dropped
	q.waiting, q.dropped = nil, 0
	q.mu.Unlock()
	if dropped > 0 {
		lines = fmt.Appendf(lines, "handstamp: %d lines of the log were dropped, as nobody read them\n", dropped)
	}
	if len(lines) > 0 {
		_, _ = q.out.Write(lines)
	}
}

// logPatience is how long the end of the program waits for whoever reads the log.
const logPatience = time.Second

// close writes what waits. What is written afterwards is lost.
func (q *logQueue) close() {
	q.mu.Lock()
	q.closed = true
	close(q.more)
	q.mu.Unlock()
	timer := time.NewTimer(logPatience)
	defer timer.Stop()
	select {
	case <-q.done:
	case <-timer.C:
	}
}
