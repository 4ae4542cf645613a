package sqlstore

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"github.com/handstamp/handstamp/audit"
	"github.com/handstamp/handstamp/session"
)

// A writer commits together the writes that wait at the same time: waiting for the disk takes
// longer than everything else about a write, and one wait serves them all. The longer the disk
// takes, the more have gathered for the next commit.
type writer struct {
	db      *sql.DB
	dialect *dialect
	publish func(...session.Change)
	feed    feed         // nil where every change is made in this process
	chain   *audit.Chain // nil where no audit log is kept

	line      line                                      // known to one goroutine only
	elsewhere bool                                      // sessions are kept in another store
	finish    func(context.Context, []revocation) error // does what writes have left to do there

	doubtful atomic.Bool // the last transaction failed

	mu     sync.RWMutex // held for reading while sending to queue
	queue  chan *write
	closed bool
	done   chan struct{}
}

// A feed takes changes to where other processes hear of them.
type feed interface {
	// add writes changes down, as the last part of the transaction that makes them, and returns where they stand.
	add(ctx context.Context, tx *transaction) (place, error)
	// settle returns when a revoke whose changes stand at upTo, committed before, may be answered.
	settle(ctx context.Context, upTo place, committed time.Time) error
}

// A place is one in the feed of a database.
type place struct {
	position    int64
	incarnation string // of the database
}

// A write is one caller's part of a transaction.
type write struct {
	ctx   context.Context
	do    func(context.Context, *transaction) error
	alone bool       // in a transaction of its own, rolled back if do fails
	begin string     // how that transaction begins; that of the dialect if empty
	err   chan error // has room for the one answer

	// What the writer adds to its answer.
	changed   bool      // do has made changes
	place     place     // of the last change of the transaction
	committed time.Time // not before the commit

	left []revocation // what is to be done after the commit; known when err has said nil
}

// maxBatch is how many writes one transaction takes.
const maxBatch = 128

// errClosed means that the store has been closed.
var errClosed = errors.New("store is closed")

// newWriter starts a writer on a connection of its own.
func newWriter(ctx context.Context, db *sql.DB, d *dialect, publish func(...session.Change)) (*writer, error) {
	w := &writer{
		db:      db,
		dialect: d,
		publish: publish,
		line:    line{db: db, dialect: d},
		queue:   make(chan *write, maxBatch),
		done:    make(chan struct{}),
	}
	if _, err := w.line.get(ctx); err != nil {
		return nil, fmt.Errorf("open database: %w", err)
	}
	go w.run()
	return w, nil
}

// together runs do in a transaction with others and returns when it is durable. An error that do
// returns must mean that do has written nothing: the others are committed all the same. When the
// database itself fails, do has to return that error as it is. Where a connection is lost, do may be run twice.
func (w *writer) together(ctx context.Context, do func(context.Context, *transaction) error) error {
	return w.send(&write{ctx: ctx, do: do, err: make(chan error, 1)})
}

// alone runs do in a transaction of its own, which is rolled back if do returns an error, and if ctx
// is done before it is committed.
func (w *writer) alone(ctx context.Context, do func(context.Context, *transaction) error) error {
	return w.send(&write{ctx: ctx, do: do, alone: true, err: make(chan error, 1)})
}

// now is together for what must not wait for other processes.
func (w *writer) now(ctx context.Context, do func(context.Context, *transaction) error) error {
	return w.commitOne(&write{ctx: ctx, do: do, err: make(chan error, 1)})
}

func (w *writer) send(job *write) error {
	err := w.commitOne(job)
	if err == nil && len(job.left) > 0 {
		err = w.finish(job.ctx, job.left)
	}
	if err != nil || !job.changed || w.feed == nil {
		return err
	}
	return w.feed.settle(job.ctx, job.place, job.committed)
}

// commitOne returns when job is durable.
func (w *writer) commitOne(job *write) error {
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
	return w.line.close()
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
	tx, answers, err := w.transact(ctx, batch)
	if w.mayRepeat(tx, batch, err) {
		tx, answers, err = w.transact(ctx, batch)
	}
	w.doubtful.Store(err != nil)
	if err == nil || tx.sent { // where it is not known how the commit went, they are forgotten to be safe
		w.publish(append(tx.before, tx.changes...)...)
	}
	committed := time.Now()
	for i, job := range batch {
		if answers[i] == nil {
			answers[i] = err
		}
		job.place, job.committed = tx.place, committed
		job.err <- answers[i]
	}
}

// mayRepeat reports whether a batch that has failed can be tried again: the connection was lost, as when a
// server is restarted, and surely nothing of it has happened. A write that is alone may do what must not be done twice.
func (w *writer) mayRepeat(tx *transaction, batch []*write, err error) bool {
	return err != nil && !tx.sent && !batch[0].alone && w.dialect.reconnects && isLost(err)
}

// transact returns what there is to tell of the transaction, also where it has failed.
func (w *writer) transact(ctx context.Context, batch []*write) (tx *transaction, answers []error, err error) {
	answers = make([]error, len(batch))
	tx = &transaction{chain: w.chain, elsewhere: w.elsewhere}
	if tx.texts, err = w.line.get(ctx); err != nil {
		return tx, answers, fmt.Errorf("connect to database: %w", err)
	}
	if err := w.inTransaction(ctx, tx, batch, answers); err != nil {
		w.line.fail(err)
		return tx, answers, err
	}
	return tx, answers, nil
}

func (w *writer) inTransaction(ctx context.Context, tx *transaction, batch []*write, answers []error) error {
	end := ctx
	if batch[0].begin == "" {
		bounded, cancel := w.dialect.bound(ctx)
		defer cancel()
		ctx = bounded
	} else {
		ctx = batch[0].ctx
	}
	if err := tx.script(ctx, cmp.Or(batch[0].begin, w.dialect.begin)); err != nil {
		return fmt.Errorf("begin transaction: %w", err)
	}
	for i, job := range batch {
		before := len(tx.changes)
		if answers[i] = job.ctx.Err(); answers[i] == nil {
			answers[i] = job.run(ctx, tx)
		}
		job.left, tx.revocations = tx.revocations, nil
		if tx.failed == nil && job.alone {
			tx.failed = answers[i]
		}
		if tx.failed != nil {
			return tx.failed
		}
		job.changed = len(tx.changes) > before
	}
	// The end has its own time: a write that is alone may have taken long.
	end, cancel := w.dialect.bound(end)
	defer cancel()
	if w.feed != nil && len(tx.changes) > 0 {
		var err error
		if tx.place, err = w.feed.add(end, tx); err != nil {
			return fmt.Errorf("tell of changes: %w", err)
		}
	}
	tx.sent = true
	err := tx.script(end, `COMMIT`)
	if err == nil {
		err = w.line.committed()
	}
	if err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	return nil
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
