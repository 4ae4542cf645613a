package worker

import (
	"context"
	"fmt"
	"log/slog"
	"os/exec"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/handstamp/handstamp/password"
)

// A Config says what a [Pool] is made of. The zero value is good.
type Config struct {
	// Processes is how many workers there are. Zero means one for each processor.
	Processes int

	// Report is told that no process can be started, once, and of each that ended unasked. It is
	// called by many goroutines at once. When nil, that goes to [slog.Default].
	Report func(ctx context.Context, doing string, err error)
}

// A Pool is a [password.Engine] that computes in worker processes. It is safe for concurrent use.
type Pool struct {
	report  func(ctx context.Context, doing string, err error)
	command func() (*exec.Cmd, error) // what starts a worker
	local   password.Local            // for when there is none

	jobs    chan *job
	closing chan struct{}
	close   func()
	keepers sync.WaitGroup

	sayOnce   sync.Once // that no process can be started
	processes atomic.Int64
	restarts  atomic.Uint64
}

// A job is a request that a keeper has taken, and does.
type job struct {
	request
	done chan outcome // has room for one
}

// An outcome is one of three.
type outcome struct {
	answer answer
	died   bool            // the worker, and left no answer
	here   chan<- struct{} // the asker is to compute, and to close it then
}

// Start starts the processes of a pool, and does not wait for them. Close it after use.
func Start(c Config) *Pool { return startPool(c, self) }

func startPool(c Config, command func() (*exec.Cmd, error)) *Pool {
	if c.Processes <= 0 {
		c.Processes = runtime.GOMAXPROCS(0)
	}
	if c.Report == nil {
		c.Report = func(ctx context.Context, doing string, err error) { slog.WarnContext(ctx, doing, "error", err) }
	}
	p := &Pool{report: c.Report, command: command, jobs: make(chan *job), closing: make(chan struct{})}
	p.close = sync.OnceFunc(func() { close(p.closing) })
	for range c.Processes {
		k := keeper{pool: p}
		p.keepers.Go(k.run)
	}
	return p
}

// Close ends the processes when what they compute is done, and waits for that. Calls that come
// later fail with [password.ErrBusy].
func (p *Pool) Close() {
	p.close()
	p.keepers.Wait()
}

// Stats are what a [Pool] consists of, and has been through.
type Stats struct {
	Processes int    // workers that are running; less than there should be while some start, or none can
	Restarts  uint64 // processes that were started in the place of one that ended unasked
}

// Stats returns the figures of this moment. It waits for nothing.
func (p *Pool) Stats() Stats {
	return Stats{Processes: int(p.processes.Load()), Restarts: p.restarts.Load()}
}

// Hash implements [password.Engine].
func (p *Pool) Hash(ctx context.Context, plain string, params password.Params) (string, error) {
	a, err := p.do(ctx, request{kind: kindHash, params: params, plain: plain})
	return a.encoded, err
}

// Verify implements [password.Engine].
func (p *Pool) Verify(ctx context.Context, encoded, plain string, params password.Params) (password.Verdict, error) {
	// What is too long to be a hash stays so, but fits into a frame.
	encoded = encoded[:min(len(encoded), password.MaxEncoded+1)]
	a, err := p.do(ctx, request{kind: kindVerify, params: params, encoded: encoded, plain: plain})
	return a.verdict, err
}

// Why a request was not answered; all of them say [password.ErrBusy].
var (
	errDied   = fmt.Errorf("%w: two processes have ended on it", password.ErrBusy)
	errClosed = fmt.Errorf("%w: the workers are being stopped", password.ErrBusy)
)

// do hands a request to a keeper, and to another one if its worker dies of it.
func (p *Pool) do(ctx context.Context, r request) (answer, error) {
	if len(r.plain) > password.MaxBytes {
		return answer{}, password.ErrTooLong
	}
	for range 2 {
		if err := ctx.Err(); err != nil {
			return answer{}, err
		}
		j := &job{request: r, done: make(chan outcome, 1)}
		select {
		case <-p.closing:
			return answer{}, errClosed
		case <-ctx.Done():
			return answer{}, ctx.Err()
		case p.jobs <- j:
		}
		o := <-j.done
		switch {
		case o.here != nil:
			return p.computeHere(r, o.here)
		case !o.died:
			return o.answer, o.answer.err()
		}
	}
	return answer{}, errDied
}

// computeHere computes in the goroutine of who has asked, so that it breaks nobody else.
func (p *Pool) computeHere(r request, done chan<- struct{}) (answer, error) {
	defer close(done)
	a := r.answer(&p.local)
	return a, a.err()
}

// The pauses before a process is started.
const (
	firstPause = 100 * time.Millisecond
	longPause  = 10 * time.Second
	// noProcessPause is how long the server computes by itself before it tries again.
	noProcessPause = time.Minute
)
