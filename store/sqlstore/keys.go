package sqlstore

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/token/keyring"
)

// Keys is the [keyring.Store] of a Store.
type Keys struct{ store *Store }

// Keys returns the Store's signing keys.
func (s *Store) Keys() *Keys { return &Keys{store: s} }

const keyColumns = `id, algorithm, imported, created_at, signs_from, accepted_until, sealed`

// Load implements [keyring.Store].
func (s *Keys) Load(ctx context.Context) (keys []keyring.Stored, err error) {
	err = s.store.current(ctx, func(query querier) (err error) {
		keys, err = readKeys(ctx, query)
		return err
	})
	return keys, err
}

// Change implements [keyring.Store].
func (s *Keys) Change(ctx context.Context, change func([]keyring.Stored) ([]keyring.Stored, []handstamp.Event, error)) error {
	return s.store.writes.together(ctx, func(ctx context.Context, tx *transaction) error {
		before, err := readKeys(ctx, tx.query)
		if err != nil {
			return err
		}
		after, events, err := change(before)
		if err != nil {
			return err
		}
		if _, err := tx.exec(ctx, `DELETE FROM signing_keys`); err != nil {
			return err
		}
		for _, k := range after {
			if err := insertKey(ctx, tx, k); err != nil {
				return err
			}
		}
		return tx.record(ctx, events...)
	})
}

func insertKey(ctx context.Context, tx *transaction, k keyring.Stored) error {
	const text = `INSERT INTO signing_keys (` + keyColumns + `) VALUES ($1, $2, $3, $4, $5, $6, $7)`
	_, err := tx.exec(ctx, text, k.ID, string(k.Algorithm), number(k.Imported), k.CreatedAt.UnixMicro(),
		nullableTime(k.SignsFrom), nullableTime(k.AcceptedUntil), k.Sealed)
	return err
}

func readKeys(ctx context.Context, query querier) ([]keyring.Stored, error) {
	var keys []keyring.Stored
	err := query(ctx, func(r row) error {
		var k keyring.Stored
		var imported, created int64
		var signs, until sql.NullInt64
		if err := r.Scan(&k.ID, &k.Algorithm, &imported, &created, &signs, &until, &k.Sealed); err != nil {
			return err
		}
		k.Imported, k.CreatedAt = imported != 0, timeOf(created)
		k.SignsFrom, k.AcceptedUntil = timeOrZero(signs), timeOrZero(until)
		keys = append(keys, k)
		return nil
	}, `SELECT `+keyColumns+` FROM signing_keys ORDER BY created_at, id`)
	if err != nil {
		return nil, fmt.Errorf("read signing keys: %w", err)
	}
	return keys, nil
}

// nullableTime returns NULL for the zero time.
func nullableTime(t time.Time) sql.NullInt64 {
	return sql.NullInt64{Int64: t.UnixMicro(), Valid: !t.IsZero()}
}

func timeOrZero(micros sql.NullInt64) time.Time {
	if !micros.Valid {
		return time.Time{}
	}
	return timeOf(micros.Int64)
}
