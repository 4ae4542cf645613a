package sqlstore

import (
	"context"

	"github.com/handstamp/handstamp/audit"
	"github.com/handstamp/handstamp/session"
)

// A transaction is what a write works with.
type transaction struct {
	texts   *statements
	chain   *audit.Chain     // nil where no audit log is kept
	end     *audit.Mark      // of the audit log; nil as long as nobody has looked
	before  []session.Change // what others have changed since this process heard of them, published first
	changes []session.Change // published after the commit, in this order
	place   place            // of the last change in the feed, where there is one
	sent    bool             // COMMIT is under way, so that whatever comes of it may have happened
	failed  error            // the first failure of the database

	elsewhere   bool         // sessions are kept in another store
	revocations []revocation // what the present write has left to do there
}

// exec runs a statement and returns how many rows it has changed.
func (t *transaction) exec(ctx context.Context, text string, args ...any) (int64, error) {
	n, err := t.texts.exec(ctx, text, args...)
	return n, t.fail(err)
}

// script runs several statements without arguments.
func (t *transaction) script(ctx context.Context, text string) error {
	_, err := t.texts.on.ExecContext(ctx, text)
	return t.fail(err)
}

// query runs a query and calls each with every row of it.
func (t *transaction) query(ctx context.Context, each func(row) error, text string, args ...any) error {
	return t.fail(t.texts.query(ctx, each, text, args...))
}

// change notes what the watchers have to be told after the commit.
func (t *transaction) change(c session.Change) { t.changes = append(t.changes, c) }

// fail keeps the first failure of the database, after which the whole transaction is lost.
func (t *transaction) fail(err error) error {
	if err != nil && t.failed == nil {
		t.failed = err
	}
	return err
}
