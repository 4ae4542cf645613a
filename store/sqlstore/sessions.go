package sqlstore

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/session"
)

// Sessions is the [session.Store] of a Store.
type Sessions struct {
	*session.Broadcast
	store *Store
}

// Lease implements [session.Leased].
func (s *Sessions) Lease() *session.Lease { return s.store.lease() }

// shownColumns are what a [session.Session] is made of.
const shownColumns = `id, user_id, role, began_at, proved_at, seen_at, until, generation, rotated_at,
	device, address`

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
	const text = `INSERT INTO sessions (` + shownColumns + `, hash, revision, data)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) ON CONFLICT DO NOTHING`
	n, err := tx.exec(ctx, text, r.ID[:], r.UserID[:], r.Role,
		r.BeganAt.UnixMicro(), r.ProvedAt.UnixMicro(), r.SeenAt.UnixMicro(), microsUnlessZero(r.Until), r.Generation, microsUnlessZero(r.RotatedAt),
		r.Device, r.Address,
		r.Hash[:], r.Revision, r.Data)
	if err == nil && n == 0 {
		return session.ErrExists
	}
	return err
}

// Load implements [session.Records].
func (s *Sessions) Load(ctx context.Context, hash session.Hash) (session.Record, error) {
	var record session.Record
	var err error
	readErr := s.store.current(ctx, func(query querier) error {
		record, err = session.Record{}, session.ErrGone
		return query(ctx, func(r row) error {
			record, err = session.Record{Hash: hash}, nil
			return scanSession(r, &record.Session, &record.Revision, &record.Data)
		}, `SELECT `+shownColumns+`, revision, data FROM sessions WHERE hash = $1`, hash[:])
	})
	if readErr != nil {
		return session.Record{}, fmt.Errorf("read session: %w", readErr)
	}
	return record, err
}

// List implements [session.Records].
func (s *Sessions) List(ctx context.Context, q session.Query) ([]session.Session, error) {
	where, args := sessionList(q)
	var sessions []session.Session
	err := s.store.reads.query(ctx, func(r row) error {
		var one session.Session
		err := scanSession(r, &one)
		sessions = append(sessions, one)
		return err
	}, `SELECT `+shownColumns+` FROM sessions WHERE `+where, args...)
	if err != nil {
		return nil, fmt.Errorf("list sessions: %w", err)
	}
	return sessions, nil
}

// sessionList returns the condition that q stands for, with the order, and its arguments.
func sessionList(q session.Query) (where string, args []any) {
	if !q.UserID.IsZero() {
		return `user_id = $1 ORDER BY began_at, id`, []any{q.UserID[:]}
	}
	before := int64(math.MaxInt64)
	if !q.After.IsZero() {
		before = q.After.BeganAt.UnixMicro()
	}
	return `(began_at, id) < ($1, $2) ORDER BY began_at DESC, id DESC LIMIT $3`,
		[]any{before, q.After.ID[:], max(q.Limit, 0)}
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

// scanSession reads the shownColumns into a session, and those behind them into more.
func scanSession(r row, into *session.Session, more ...any) error {
	var id, user []byte
	var began, proved, seen, until, rotated int64
	err := r.Scan(append([]any{
		&id, &user, &into.Role, &began, &proved, &seen, &until, &into.Generation, &rotated, &into.Device, &into.Address,
	}, more...)...)
	if err != nil {
		return err
	}
	if len(id) != len(into.ID) || len(user) != len(into.UserID) {
		return errors.New("session row with a key of the wrong length")
	}
	into.ID, into.UserID = handstamp.ID(id), handstamp.ID(user)
	into.BeganAt, into.ProvedAt, into.SeenAt = timeOf(began), timeOf(proved), timeOf(seen)
	into.Until, into.RotatedAt = timeUnlessZero(until), timeUnlessZero(rotated)
	return nil
}

// timeOf returns a time as the database keeps it.
func timeOf(micros int64) time.Time { return time.UnixMicro(micros).UTC() }

// timeUnlessZero is timeOf for a column that has 0 for the zero time.
func timeUnlessZero(micros int64) time.Time {
	if micros == 0 {
		return time.Time{}
	}
	return timeOf(micros)
}

// microsUnlessZero is the way back.
func microsUnlessZero(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

// Swap implements [session.Records].
func (s *Sessions) Swap(ctx context.Context, old session.Hash, r session.Record, events ...handstamp.Event) error {
	return s.store.writes.together(ctx, func(ctx context.Context, tx *transaction) error {
		const text = `UPDATE sessions SET hash = $1, proved_at = $2, data = $3, revision = revision + 1,
			until = $4, generation = $5, rotated_at = $6 WHERE hash = $7 AND revision = $8`
		n, err := tx.exec(ctx, text, r.Hash[:], r.ProvedAt.UnixMicro(), r.Data,
			microsUnlessZero(r.Until), r.Generation, microsUnlessZero(r.RotatedAt), old[:], r.Revision)
		if err != nil {
			return err
		}
		if n == 0 {
			return whyNotSwapped(ctx, tx, old)
		}
		if change, there := r.ChangeFrom(old); there {
			tx.change(change)
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
	if tx.elsewhere {
		return revokeElsewhere(ctx, tx, user, except)
	}
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
		args = append(args, expired.BeganBefore.UnixMicro(), expired.SeenBefore.UnixMicro(), expired.UntilBefore.UnixMicro(), expired.Limit)
		return `hash IN (SELECT hash FROM sessions WHERE until = 0 AND began_at < $1 OR until = 0 AND seen_at < $2
			OR until > 0 AND until < $3 LIMIT $4)`, args
	}
	if where != "" && which.Except != (session.Hash{}) {
		add(`hash <> $%d`, which.Except[:])
	}
	return where, args
}
