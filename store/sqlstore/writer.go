package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"
	"sync/atomic"

	"github.com/handstamp/handstamp/audit"
	"github.com/handstamp/handstamp/session"
)

// A writer commits together the writes that wait at the same time: waiting for the disk takes
// longer than everything else about a write, and one wait serves them all. The longer the disk
// takes, the more have gathered for the next commit.
type writer struct {
	conn    *sql.Conn
	texts   statements
	publish func(...session.Change)
	chain   *audit.Chain // nil where no audit log is kept

	doubtful atomic.Bool // the last transaction failed

	mu     sync.RWMutex // held for reading while sending to queue
	queue  chan *write
	closed bool
	done   chan struct{}
}

// A write is one caller's part of a transaction.
type write struct {
	ctx   context.Context
	do    func(context.Context, *transaction) error
	alone bool       // in a transaction of its own, rolled back if do fails
	err   chan error // has room for the one answer
}

// maxBatch is how many writes one transaction takes.
const maxBatch = 128

// errClosed means that the store has been closed.
var errClosed = errors.New("store is closed")

// newWriter starts a writer on a connection of its own.
func newWriter(ctx context.Context, db *sql.DB, publish func(...session.Change)) (*writer, error) {
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, fmt.Errorf("open database: %w", err)
	}
	if err := configure(ctx, conn); err != nil {
		return nil, errors.Join(fmt.Errorf("open database: %w", err), conn.Close())
	}
	w := &writer{
		conn:    conn,
		texts:   statements{prepare: conn.PrepareContext},
		publish: publish,
		queue:   make(chan *write, maxBatch),
		done:    make(chan struct{}),
	}
	go w.run()
	return w, nil
}

// configure makes a write durable when it is committed.
func configure(ctx context.Context, conn *sql.Conn) error {
	for _, setting := range []string{`PRAGMA busy_timeout = 5000`, `PRAGMA synchronous = FULL`} {
		if _, err := conn.ExecContext(ctx, setting); err != nil {
			return fmt.Errorf("%s: %w", setting, err)
		}
	}
	// SQLite says what it has become, and nothing else when that is not what was asked for.
	var mode string
	const wal = `PRAGMA journal_mode = WAL`
	if err := conn.QueryRowContext(ctx, wal).Scan(&mode); err != nil {
		return fmt.Errorf("%s: %w", wal, err)
	}
	if mode != "wal" && mode != "memory" {
		return fmt.Errorf("%s: the journal mode is still %s; the file system may not allow it", wal, mode)
	}
	return nil
}

// together runs do in a transaction with others and returns when it is durable. An error that do
// returns must mean that do has written nothing: the others are committed all the same. When the
// database itself fails, do has to return that error as it is.
func (w *writer) together(ctx context.Context, do func(context.Context, *transaction) error) error {
	return w.send(&write{ctx: ctx, do: do, err: make(chan error, 1)})
}

// alone runs do in a transaction of its own, which is rolled back if do returns an error, and if ctx
// is done before it is committed.
func (w *writer) alone(ctx context.Context, do func(context.Context, *transaction) error) error {
	return w.send(&write{ctx: ctx, do: do, alone: true, err: make(chan error, 1)})
}

func (w *writer) send(job *write) error {
	if err := w.enqueue(job); err != nil {
		return err
	}
	if job.alone { // it gives up by itself when its caller does
		return <-job.err
	}
	select {
	case err := <-job.err:
		return err
	case <-job.ctx.Done():
		// The write may still happen; it is just not known here.
		return fmt.Errorf("wait for the database: %w", job.ctx.Err())
	}
}

func (w *writer) enqueue(job *write) error {
	w.mu.RLock()
	defer w.mu.RUnlock()
	if w.closed {
		return errClosed
	}
	select {
	case w.queue <- job:
		return nil
	case <-job.ctx.Done():
		return fmt.Errorf("wait for the database: %w", job.ctx.Err())
	}
}

func (w *writer) close() error {
	w.mu.Lock()
	if w.closed {
		w.mu.Unlock()
		return nil
	}
	w.closed = true
	close(w.queue)
	w.mu.Unlock()
	<-w.done
	return errors.Join(w.texts.close(), w.conn.Close())
}

func (w *writer) run() {
	defer close(w.done)
	for job := range w.queue {
		for job != nil {
			batch := []*write{job}
			job = nil
			if !batch[0].alone {
				batch, job = w.gather(batch)
			}
			w.commit(batch)
		}
	}
}

// gather adds what waits to batch. A write that wants to be alone comes back as next.
func (w *writer) gather(batch []*write) (full []*write, next *write) {
	for len(batch) < maxBatch {
		select {
		case job, open := <-w.queue:
			if !open {
				return batch, nil
			}
			if job.alone {
				return batch, job
			}
			batch = append(batch, job)
		default:
			return batch, nil
		}
	}
	return batch, nil
}

// commit runs batch in one transaction, tells the watchers what has changed, and then the callers
// how it went: whoever hears that a session has ended will find it refused.
func (w *writer) commit(batch []*write) {
	// The callers' contexts have no part in it: one who gives up must not undo the others' work.
	ctx := context.Background()
	answers := make([]error, len(batch))
	changes, err := w.transact(ctx, batch, answers)
	w.doubtful.Store(err != nil)
	if err == nil {
		w.publish(changes...)
	}
	for i, job := range batch {
		if answers[i] == nil {
			answers[i] = err
		}
		job.err <- answers[i]
	}
}

func (w *writer) transact(ctx context.Context, batch []*write, answers []error) ([]session.Change, error) {
	tx := &transaction{conn: w.conn, texts: &w.texts, chain: w.chain}
	// IMMEDIATE, so that nothing can come between what a write reads and what it writes.
	if _, err := w.conn.ExecContext(ctx, `BEGIN IMMEDIATE`); err != nil {
		return nil, fmt.Errorf("begin transaction: %w", err)
	}
	for i, job := range batch {
		if answers[i] = job.ctx.Err(); answers[i] == nil {
			answers[i] = job.run(ctx, tx)
		}
		if tx.failed == nil && job.alone {
			tx.failed = answers[i]
		}
		if tx.failed != nil {
			return nil, w.rollback(ctx, tx.failed)
		}
	}
	if _, err := w.conn.ExecContext(ctx, `COMMIT`); err != nil {
		return nil, w.rollback(ctx, fmt.Errorf("commit: %w", err))
	}
	return tx.changes, nil
}

// run calls do. A panic in it is a failure of the transaction: on this goroutine it would end the
// process, where the caller's catches it.
func (job *write) run(ctx context.Context, tx *transaction) (err error) {
	defer func() {
		if cause := recover(); cause != nil {
			err = tx.fail(fmt.Errorf("panic: %v\n%s", cause, debug.Stack()))
		}
	}()
	if !job.alone {
		return job.do(ctx, tx)
	}
	if err := job.do(job.ctx, tx); err != nil {
		return err
	}
	return job.ctx.Err()
}

// rollback returns the connection to where it was before BEGIN, and cause.
func (w *writer) rollback(ctx context.Context, cause error) error {
	// It fails where the database has rolled back by itself, as it does when the disk is full.
	_, _ = w.conn.ExecContext(ctx, `ROLLBACK`)
	return cause
}
