package sqlstore

import (
	"context"
	"database/sql"

	"github.com/handstamp/handstamp/audit"
	"github.com/handstamp/handstamp/session"
)

// A transaction is what a write works with.
type transaction struct {
	conn    *sql.Conn
	texts   *statements
	chain   *audit.Chain     // nil where no audit log is kept
	end     *audit.Mark      // of the audit log; nil as long as nobody has looked
	changes []session.Change // published after the commit, in this order
	failed  error            // the first failure of the database
}

// exec runs a statement and returns how many rows it has changed.
func (t *transaction) exec(ctx context.Context, text string, args ...any) (int64, error) {
	stmt, err := t.texts.get(ctx, text)
	if err != nil {
		return 0, t.fail(err)
	}
	result, err := stmt.ExecContext(ctx, args...)
	if err != nil {
		return 0, t.fail(err)
	}
	n, err := result.RowsAffected()
	return n, t.fail(err)
}

// script runs several statements.
func (t *transaction) script(ctx context.Context, text string) error {
	_, err := t.conn.ExecContext(ctx, text)
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
