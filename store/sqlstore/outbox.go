package sqlstore

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/handstamp/handstamp/audit"
	"github.com/handstamp/handstamp/outbox"
)

// Outbox is the [outbox.Store] and the [outbox.Desk] of a Store.
type Outbox struct{ store *Store }

// Outbox returns what is known of the delivery of the Store's audit log.
func (s *Store) Outbox() *Outbox { return &Outbox{store: s} }

// endTurn makes it nobody's turn. It is for the owner of a database that has no other: whoever had the turn has ended.
func endTurn(ctx context.Context, tx *transaction) error {
	_, err := tx.exec(ctx, `UPDATE outbox_turn SET holder = '', beat = beat + 1 WHERE id = 1 AND holder <> ''`)
	return err
}

// Claim implements [outbox.Store].
func (o *Outbox) Claim(ctx context.Context, node string, seen outbox.Turn) (outbox.Turn, error) {
	turn, err := readTurn(ctx, o.store.reads.query)
	if err != nil {
		return outbox.Turn{}, fmt.Errorf("read turn: %w", err)
	}
	if !turn.IsFor(node, seen) {
		return turn, nil // without a write: many wait
	}
	err = o.store.writes.together(ctx, func(ctx context.Context, tx *transaction) error {
		now, err := readTurn(ctx, tx.query)
		if turn = now; err != nil || !now.IsFor(node, seen) {
			return err
		}
		turn = outbox.Turn{Holder: node, Beat: now.Beat + 1}
		_, err = tx.exec(ctx, `UPDATE outbox_turn SET holder = $1, beat = $2 WHERE id = 1`, turn.Holder, turn.Beat)
		return err
	})
	if err != nil { // the write may still be under way, and turn with it
		return outbox.Turn{}, fmt.Errorf("claim turn: %w", err)
	}
	return turn, nil
}

func readTurn(ctx context.Context, query querier) (outbox.Turn, error) {
	var turn outbox.Turn
	err := query(ctx, func(r row) error { return r.Scan(&turn.Holder, &turn.Beat) }, `SELECT holder, beat FROM outbox_turn WHERE id = 1`)
	return turn, err
}

// Release implements [outbox.Store].
func (o *Outbox) Release(ctx context.Context, node string) error {
	return o.store.writes.together(ctx, func(ctx context.Context, tx *transaction) error {
		_, err := tx.exec(ctx, `UPDATE outbox_turn SET holder = '', beat = beat + 1 WHERE id = 1 AND holder = $1`, node)
		return err
	})
}

// Open implements [outbox.Store].
func (o *Outbox) Open(ctx context.Context, destination string) (int64, error) {
	var position int64
	err := o.store.writes.together(ctx, func(ctx context.Context, tx *transaction) error {
		end, err := tx.lastEvent(ctx)
		if err != nil {
			return err
		}
		const text = `INSERT INTO outbox_positions (destination, number, used_at) VALUES ($1, $2, $3)
			ON CONFLICT (destination) DO UPDATE SET used_at = excluded.used_at RETURNING number`
		return tx.query(ctx, func(r row) error { return r.Scan(&position) }, text, destination, end.Number, time.Now().UnixMicro())
	})
	if err != nil { // the write may still be under way, and position with it
		return 0, fmt.Errorf("open position of %s: %w", destination, err)
	}
	return position, nil
}

// Entries implements [outbox.Store].
func (o *Outbox) Entries(ctx context.Context, after int64, limit int) ([]audit.Entry, error) {
	return (&Audit{store: o.store}).Entries(ctx, audit.Filter{After: after, Limit: limit})
}

// Save implements [outbox.Store].
func (o *Outbox) Save(ctx context.Context, node string, s outbox.Step) error {
	dead := make([]string, len(s.Dead)) // outside: what cannot be written must not be begun
	for i, letter := range s.Dead {
		text, err := json.Marshal(letter.Entry)
		if err != nil {
			return fmt.Errorf("write dead letter: %w", err)
		}
		dead[i] = string(text)
	}
	err := o.store.writes.together(ctx, func(ctx context.Context, tx *transaction) error {
		switch turn, err := readTurn(ctx, tx.query); {
		case err != nil:
			return err
		case turn.Holder != node:
			return outbox.ErrNotYourTurn
		}
		const move = `UPDATE outbox_positions SET used_at = $1, number = CASE WHEN number < $2 THEN $2 ELSE number END WHERE destination = $3`
		if _, err := tx.exec(ctx, move, time.Now().UnixMicro(), s.Position, s.Destination); err != nil {
			return err
		}
		for i, letter := range s.Dead {
			const text = `INSERT INTO outbox_dead (destination, id, number, entry, attempts, error, failed_at, retry)
				VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (destination, id)
				DO UPDATE SET attempts = excluded.attempts, error = excluded.error, failed_at = excluded.failed_at, retry = excluded.retry`
			_, err := tx.exec(ctx, text, s.Destination, letter.ID, letter.Entry.Number, dead[i], letter.Attempts, letter.Error,
				letter.FailedAt.UnixMicro(), number(letter.Retry))
			if err != nil {
				return err
			}
		}
		for _, id := range s.Delivered {
			if _, err := tx.exec(ctx, `DELETE FROM outbox_dead WHERE destination = $1 AND id = $2`, s.Destination, id); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("save what was delivered to %s: %w", s.Destination, err)
	}
	return nil
}
