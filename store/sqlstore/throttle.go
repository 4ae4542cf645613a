package sqlstore

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/handstamp/handstamp/throttle"
)

// Throttle is the [throttle.Store] of a Store.
type Throttle struct{ store *Store }

// Throttle returns the Store's attempts.
func (s *Store) Throttle() *Throttle { return &Throttle{store: s} }

// Take implements [throttle.Store]. A refused attempt writes nothing, so it does not wait for the
// disk.
func (s *Throttle) Take(ctx context.Context, now time.Time, buckets []throttle.Bucket) ([]throttle.Verdict, error) {
	buckets = slices.Clone(buckets) // a caller who gives up may use theirs for something else
	keys := make([]throttle.Key, len(buckets))
	for i, b := range buckets {
		keys[i] = b.Key
	}
	var verdicts []throttle.Verdict
	err := s.store.writes.together(ctx, func(ctx context.Context, tx *transaction) error {
		states, err := readBuckets(ctx, tx, keys)
		if err != nil {
			return err
		}
		said, changed := throttle.Decide(now, buckets, states)
		verdicts = said
		if !changed {
			return nil
		}
		return writeBuckets(ctx, tx, keys, states)
	})
	if err != nil { // the write may still be under way
		return nil, err
	}
	return verdicts, nil
}

// Give implements [throttle.Store].
func (s *Throttle) Give(ctx context.Context, now time.Time, charges []throttle.Charge, forgive bool) error {
	charges = slices.Clone(charges)
	return s.store.writes.together(ctx, func(ctx context.Context, tx *transaction) error {
		keys := make([]throttle.Key, len(charges))
		for i, c := range charges {
			keys[i] = c.Key
		}
		states, err := readBuckets(ctx, tx, keys)
		if err != nil {
			return err
		}
		for i, c := range charges {
			states[i] = states[i].Give(now, c, forgive)
		}
		return writeBuckets(ctx, tx, keys, states)
	})
}

// Reset implements [throttle.Store].
func (s *Throttle) Reset(ctx context.Context, keys ...throttle.Key) error {
	keys = slices.Clone(keys)
	return s.store.writes.together(ctx, func(ctx context.Context, tx *transaction) error {
		for _, key := range keys {
			if _, err := tx.exec(ctx, `DELETE FROM throttle WHERE bucket = $1`, key[:]); err != nil {
				return err
			}
		}
		return nil
	})
}

const sweepBuckets = `DELETE FROM throttle WHERE bucket IN
	(SELECT bucket FROM throttle WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2)`

// Sweep implements [throttle.Store].
func (s *Throttle) Sweep(ctx context.Context, now time.Time, limit int) (int, error) {
	swept := 0
	err := s.store.writes.together(ctx, func(ctx context.Context, tx *transaction) error {
		n, err := tx.exec(ctx, sweepBuckets, now.UnixMicro(), limit)
		swept = int(n)
		return err
	})
	if err != nil { // the write may still be under way
		return 0, err
	}
	return swept, nil
}

// readBuckets returns the states of buckets in the order of keys: zero where there is none.
func readBuckets(ctx context.Context, tx *transaction, keys []throttle.Key) ([]throttle.State, error) {
	states := make([]throttle.State, len(keys))
	if len(keys) == 0 {
		return states, nil
	}
	args := make([]any, len(keys))
	for i := range keys {
		args[i] = keys[i][:]
	}
	err := tx.query(ctx, func(r row) error {
		var bucket []byte
		var state throttle.State
		if err := r.Scan(&bucket, &state.Full, &state.Failures, &state.Expires); err != nil {
			return err
		}
		if len(bucket) != len(throttle.Key{}) {
			return errors.New("throttle row with a key of the wrong length")
		}
		states[slices.Index(keys, throttle.Key(bucket))] = state
		return nil
	}, bucketsQuery(len(keys)), args...)
	return states, err
}

// bucketsQuery has one text for each number of buckets, of which there are few.
func bucketsQuery(n int) string {
	return `SELECT bucket, full_at, failures, expires_at FROM throttle WHERE bucket IN ` + placeholders(1, n)
}

// writeBuckets keeps the states of buckets that are not zero. A zero one has no row, or one that has
// expired.
func writeBuckets(ctx context.Context, tx *transaction, keys []throttle.Key, states []throttle.State) error {
	const columns = 4
	var rows strings.Builder
	args := make([]any, 0, columns*len(keys))
	for i, state := range states {
		if state == (throttle.State{}) {
			continue
		}
		if len(args) > 0 {
			rows.WriteString(", ")
		}
		rows.WriteString(placeholders(len(args)+1, columns))
		args = append(args, keys[i][:], state.Full, state.Failures, state.Expires)
	}
	if len(args) == 0 {
		return nil
	}
	_, err := tx.exec(ctx, `INSERT INTO throttle (bucket, full_at, failures, expires_at) VALUES `+rows.String()+`
		ON CONFLICT (bucket) DO UPDATE SET
			full_at = excluded.full_at, failures = excluded.failures, expires_at = excluded.expires_at`, args...)
	return err
}

// placeholders returns n of them in parentheses, the first of which has the number from.
func placeholders(from, n int) string {
	text := make([]byte, 0, 8*n)
	for i := range n {
		text = append(text, ", $"...)
		text = strconv.AppendInt(text, int64(from+i), 10)
	}
	return "(" + string(text[2:]) + ")"
}
