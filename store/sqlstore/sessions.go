package sqlstore

import (
	"context"
	"fmt"
	"time"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/session"
)

// Sessions is the [session.Store] of a Store.
type Sessions struct {
	*session.Broadcast
	store *Store
}

const sessionColumns = `hash, id, user_id, role, began_at, proved_at, seen_at, revision, data, device, address`

// Insert implements [session.Records].
func (s *Sessions) Insert(ctx context.Context, r session.Record, events ...handstamp.Event) error {
	return s.store.writes.together(ctx, func(ctx context.Context, tx *transaction) error {
		if err := insertSession(ctx, tx, r); err != nil {
			return err
		}
		return tx.record(ctx, events...)
	})
}

func insertSession(ctx context.Context, tx *transaction, r session.Record) error {
	const text = `INSERT INTO sessions (` + sessionColumns + `)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT DO NOTHING`
	n, err := tx.exec(ctx, text, r.Hash[:], r.ID[:], r.UserID[:], r.Role,
		r.BeganAt.UnixMicro(), r.ProvedAt.UnixMicro(), r.SeenAt.UnixMicro(), r.Revision, r.Data, r.Device, r.Address)
	if err == nil && n == 0 {
		return session.ErrExists
	}
	return err
}

// Load implements [session.Records].
func (s *Sessions) Load(ctx context.Context, hash session.Hash) (session.Record, error) {
	records, err := s.read(ctx, `WHERE hash = $1`, hash[:])
	if err != nil {
		return session.Record{}, err
	}
	if len(records) == 0 {
		return session.Record{}, session.ErrGone
	}
	return records[0], nil
}

// List implements [session.Records].
func (s *Sessions) List(ctx context.Context, user handstamp.ID) ([]session.Record, error) {
	return s.read(ctx, `WHERE user_id = $1 ORDER BY began_at, id`, user[:])
}

// Count returns how many sessions are kept, whether or not they have reached a limit. It walks an
// index: milliseconds for 100,000 sessions.
func (s *Sessions) Count(ctx context.Context) (int, error) {
	n := 0
	err := s.store.reads.query(ctx, func(r row) error { return r.Scan(&n) }, `SELECT COUNT(*) FROM sessions`)
	if err != nil {
		return 0, fmt.Errorf("count sessions: %w", err)
	}
	return n, nil
}

func (s *Sessions) read(ctx context.Context, where string, args ...any) ([]session.Record, error) {
	var records []session.Record
	err := s.store.reads.query(ctx, func(r row) error {
		record, err := scanSession(r)
		records = append(records, record)
		return err
	}, `SELECT `+sessionColumns+` FROM sessions `+where, args...)
	if err != nil {
		return nil, fmt.Errorf("read sessions: %w", err)
	}
	return records, nil
}

func scanSession(r row) (session.Record, error) {
	var record session.Record
	var hash, id, user []byte
	var began, proved, seen int64
	err := r.Scan(&hash, &id, &user, &record.Role, &began, &proved, &seen, &record.Revision, &record.Data,
		&record.Device, &record.Address)
	if err != nil {
		return session.Record{}, err
	}
	if len(hash) != len(record.Hash) || len(id) != len(record.ID) || len(user) != len(record.UserID) {
		return session.Record{}, fmt.Errorf("session row with a key of the wrong length")
	}
	record.Hash, record.ID, record.UserID = session.Hash(hash), handstamp.ID(id), handstamp.ID(user)
	record.BeganAt, record.ProvedAt, record.SeenAt = timeOf(began), timeOf(proved), timeOf(seen)
	return record, nil
}

// timeOf returns a time as the database keeps it.
func timeOf(micros int64) time.Time { return time.UnixMicro(micros).UTC() }

// Swap implements [session.Records].
func (s *Sessions) Swap(ctx context.Context, old session.Hash, r session.Record, events ...handstamp.Event) error {
	return s.store.writes.together(ctx, func(ctx context.Context, tx *transaction) error {
		const text = `UPDATE sessions SET hash = $1, proved_at = $2, data = $3, revision = revision + 1
			WHERE hash = $4 AND revision = $5`
		n, err := tx.exec(ctx, text, r.Hash[:], r.ProvedAt.UnixMicro(), r.Data, old[:], r.Revision)
		if err != nil {
			return err
		}
		if n == 0 {
			return whyNotSwapped(ctx, tx, old)
		}
		if old != r.Hash {
			tx.change(session.Change{Hash: old})
		}
		return tx.record(ctx, events...)
	})
}

func whyNotSwapped(ctx context.Context, tx *transaction, hash session.Hash) error {
	there, err := hasRow(ctx, tx.query, `SELECT 1 FROM sessions WHERE hash = $1`, hash[:])
	switch {
	case err != nil:
		return err
	case there:
		return session.ErrConflict
	default:
		return session.ErrGone
	}
}

// Touch implements [session.Records].
func (s *Sessions) Touch(ctx context.Context, hash session.Hash, at time.Time) error {
	return s.store.writes.together(ctx, func(ctx context.Context, tx *transaction) error {
		const text = `UPDATE sessions SET seen_at = CASE WHEN seen_at < $1 THEN $1 ELSE seen_at END
			WHERE hash = $2`
		n, err := tx.exec(ctx, text, at.UnixMicro(), hash[:])
		if err == nil && n == 0 {
			return session.ErrGone
		}
		return err
	})
}

// End implements [session.Records].
func (s *Sessions) End(ctx context.Context, which session.Selection, events ...handstamp.Event) (int, error) {
	where, args := selection(which)
	if where == "" {
		return 0, nil
	}
	ended := 0
	err := s.store.writes.together(ctx, func(ctx context.Context, tx *transaction) error {
		var err error
		ended, err = endSessions(ctx, tx, where, args...)
		if err == nil && !which.UserID.IsZero() {
			tx.change(session.Change{UserID: which.UserID})
		}
		if err != nil || ended == 0 {
			return err
		}
		return tx.record(ctx, events...)
	})
	if err != nil { // the write may still be under way, and ended with it
		return 0, err
	}
	return ended, nil
}

// endSessions removes the sessions that where selects and returns how many that were.
func endSessions(ctx context.Context, tx *transaction, where string, args ...any) (int, error) {
	ended := 0
	err := tx.query(ctx, func(r row) error {
		var hash []byte
		if err := r.Scan(&hash); err != nil {
			return err
		}
		ended++
		tx.change(session.Change{Hash: session.Hash(hash)})
		return nil
	}, `DELETE FROM sessions WHERE `+where+` RETURNING hash`, args...)
	return ended, err
}

// endUserSessions ends every session of a user but that of except, which may be zero, as part of a
// write that revokes them.
func endUserSessions(ctx context.Context, tx *transaction, user handstamp.ID, except session.Hash) error {
	_, err := endSessions(ctx, tx, `user_id = $1 AND hash <> $2`, user[:], except[:])
	tx.change(session.Change{UserID: user})
	return err
}

// selection returns the condition that which stands for, and its arguments. There are few
// different texts, as each is prepared once. An empty text selects nothing.
func selection(which session.Selection) (where string, args []any) {
	add := func(condition string, arg any) {
		args = append(args, arg)
		if where != "" {
			where += ` AND `
		}
		where += fmt.Sprintf(condition, len(args))
	}
	if which.Hash != (session.Hash{}) {
		add(`hash = $%d`, which.Hash[:])
	}
	if !which.ID.IsZero() {
		add(`id = $%d`, which.ID[:])
	}
	if !which.UserID.IsZero() {
		add(`user_id = $%d`, which.UserID[:])
	}
	if expired := which.Expired; expired.Limit > 0 {
		// A zero time is long before 1970 and selects none.
		args = append(args, expired.BeganBefore.UnixMicro(), expired.SeenBefore.UnixMicro(), expired.Limit)
		return `hash IN (SELECT hash FROM sessions WHERE began_at < $1 OR seen_at < $2 LIMIT $3)`, args
	}
	if where != "" && which.Except != (session.Hash{}) {
		add(`hash <> $%d`, which.Except[:])
	}
	return where, args
}
