package worker

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// A keeper keeps one worker running and hands it one request after the other.
type keeper struct {
	pool   *Pool
	isNext bool          // there was a process before
	pause  time.Duration // before the next one
}

// run works until the pool is closed.
func (k *keeper) run() {
	for !k.isClosing() {
		worker, err := k.start()
		if err != nil {
			k.pool.sayOnce.Do(func() {
				k.pool.report(context.Background(), "start a process for password hashes; they are computed in this one", err)
			})
			k.letCompute()
			continue
		}
		if k.isNext {
			k.pool.restarts.Add(1)
		}
		k.isNext = true
		k.pool.processes.Add(1)
		err = k.serve(worker)
		k.pool.processes.Add(-1)
		if err == nil {
			worker.end()
			return
		}
		worker.kill()
		k.pool.report(context.Background(), "hash passwords in a process of their own", err)
		k.rest()
	}
}

func (k *keeper) isClosing() bool {
	select {
	case <-k.pool.closing:
		return true
	default:
		return false
	}
}

func (k *keeper) start() (*process, error) {
	command, err := k.pool.command()
	if err != nil {
		return nil, err
	}
	return start(command)
}

// serve hands requests to the worker until the pool is closed, or until the worker has ended, which
// is an error.
func (k *keeper) serve(worker *process) error {
	for {
		select {
		case <-k.pool.closing:
			return nil
		case <-worker.ended:
			return errEnded
		case j := <-k.pool.jobs:
			a, err := worker.ask(j.request)
			j.done <- outcome{answer: a, died: err != nil}
			if err != nil {
				return fmt.Errorf("%w: %w", errEnded, err)
			}
			k.pause = 0
		}
	}
}

var errEnded = errors.New("the process has ended")

// rest lets time go by before the next process, more of it while none gets anything done.
func (k *keeper) rest() {
	k.pause = min(max(2*k.pause, firstPause), longPause)
	select {
	case <-k.pool.closing:
	case <-time.After(k.pause):
	}
}

// letCompute lets one asker after the other compute in this process, for a while.
func (k *keeper) letCompute() {
	again := time.After(noProcessPause)
	for {
		select {
		case <-k.pool.closing:
			return
		case <-again:
			return
		case j := <-k.pool.jobs:
			done := make(chan struct{})
			j.done <- outcome{here: done}
			<-done
		}
	}
}
