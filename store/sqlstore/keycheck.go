package sqlstore

import (
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
)

// ErrOtherKey means that a database belongs to another master key.
var ErrOtherKey = errors.New("the database belongs to another master key")

// CheckKey compares value, which the caller has derived from the master key, with that of whoever called it first for this database. It returns
// [ErrOtherKey] where they differ: what one node seals, the others could not open.
func (s *Store) CheckKey(ctx context.Context, value []byte) error {
	var first []byte
	err := s.writes.together(ctx, func(ctx context.Context, tx *transaction) error {
		if _, err := tx.exec(ctx, `INSERT INTO key_check (id, value) VALUES (1, $1) ON CONFLICT DO NOTHING`, value); err != nil {
			return err
		}
		return tx.query(ctx, func(r row) error { return r.Scan(&first) }, `SELECT value FROM key_check WHERE id = 1`)
	})
	if err != nil { // the write may still be under way, and first with it
		return fmt.Errorf("check master key: %w", err)
	}
	if subtle.ConstantTimeCompare(first, value) != 1 {
		return ErrOtherKey
	}
	return nil
}
