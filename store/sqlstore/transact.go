package sqlstore

import (
	"context"
	"errors"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/account"
	"github.com/handstamp/handstamp/session"
)

// A Tx writes several users and sessions as one: see [Store.Transact].
type Tx struct{ tx *transaction }

// Transact runs do in a transaction of its own, in which nobody else writes. If do returns an
// error, nothing has happened. do may still be running when Transact returns because ctx is done.
func (s *Store) Transact(ctx context.Context, do func(ctx context.Context, tx Tx) error) error {
	return s.writes.alone(ctx, func(ctx context.Context, tx *transaction) error {
		return do(ctx, Tx{tx})
	})
}

// InsertUser does what [account.Store] says of Insert.
func (t Tx) InsertUser(ctx context.Context, u account.User) error { return insertUser(ctx, t.tx, u) }

// HasUser reports whether there is a user with this ID.
func (t Tx) HasUser(ctx context.Context, id handstamp.ID) (bool, error) {
	_, err := findUser(ctx, t.tx.query, account.Ref{ID: id})
	if errors.Is(err, account.ErrNoUser) {
		return false, nil
	}
	return err == nil, err
}

// InsertSession does what [session.Records] says of Insert.
func (t Tx) InsertSession(ctx context.Context, r session.Record) error {
	return insertSession(ctx, t.tx, r)
}
