package sqlstore

import (
	"context"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/account"
	"github.com/handstamp/handstamp/session"
)

// A Tx writes several users and sessions as one: see [Store.Transact].
type Tx struct{ tx *transaction }

// Transact runs do in a transaction of its own, in which nobody else writes. If Transact
// returns an error, nothing has happened; it does so also when ctx is done before the commit.
func (s *Store) Transact(ctx context.Context, do func(ctx context.Context, tx Tx) error) error {
	return s.writes.alone(ctx, func(ctx context.Context, tx *transaction) error {
		return do(ctx, Tx{tx})
	})
}

// InsertUser does what [account.Store] says of Insert.
func (t Tx) InsertUser(ctx context.Context, u account.User) error { return insertUser(ctx, t.tx, u) }

// MarkImported notes that the user with this ID, or the session with this hash, was imported, and
// reports whether it is the first time.
func (t Tx) MarkImported(ctx context.Context, key []byte) (first bool, err error) {
	n, err := t.tx.exec(ctx, `INSERT INTO imported (key) VALUES ($1) ON CONFLICT DO NOTHING`, key)
	return n == 1, err
}

// FindUser does what [account.Store] says of Find.
func (t Tx) FindUser(ctx context.Context, ref account.Ref) (account.User, error) {
	return findUser(ctx, t.tx.query, ref)
}

// Record writes events to the audit log, where one is kept.
func (t Tx) Record(ctx context.Context, events ...handstamp.Event) error {
	return t.tx.record(ctx, events...)
}

// InsertSession does what [session.Records] says of Insert.
func (t Tx) InsertSession(ctx context.Context, r session.Record) error {
	return insertSession(ctx, t.tx, r)
}
