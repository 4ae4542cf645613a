package redisstore

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/handstamp/handstamp/throttle"
)

// Throttle is the [throttle.Store] of a Store. What it writes waits for no replica: a failover may forget the attempts
// of its last moment.
type Throttle struct {
	store *Store
	// turn has one place: this process decides about one attempt after the other, so that it competes with other nodes
	// only, and not with itself for the bucket that all attempts share.
	turn chan struct{}
}

func newThrottle(s *Store) *Throttle { return &Throttle{store: s, turn: make(chan struct{}, 1)} }

// Take implements [throttle.Store]. A refused attempt writes nothing.
func (t *Throttle) Take(ctx context.Context, now time.Time, buckets []throttle.Bucket) ([]throttle.Verdict, error) {
	keys := make([]throttle.Key, len(buckets))
	for i, b := range buckets {
		keys[i] = b.Key
	}
	var verdicts []throttle.Verdict
	err := t.change(ctx, now, keys, func(states []throttle.State) (changed bool) {
		verdicts, changed = throttle.Decide(now, buckets, states)
		return changed
	})
	if err != nil {
		return nil, fmt.Errorf("take from buckets: %w", err)
	}
	return verdicts, nil
}

// Give implements [throttle.Store].
func (t *Throttle) Give(ctx context.Context, now time.Time, charges []throttle.Charge, forgive bool) error {
	keys := make([]throttle.Key, len(charges))
	for i, c := range charges {
		keys[i] = c.Key
	}
	err := t.change(ctx, now, keys, func(states []throttle.State) bool {
		for i, c := range charges {
			states[i] = states[i].Give(now, c, forgive)
		}
		return true
	})
	if err != nil {
		return fmt.Errorf("give back to buckets: %w", err)
	}
	return nil
}

// change reads states, lets decide change them, and writes them if none has changed meanwhile: all again if one has. So the
// arithmetic is in Go, in one place, and from reading to writing is one step all the same.
func (t *Throttle) change(ctx context.Context, now time.Time, keys []throttle.Key, decide func([]throttle.State) bool) error {
	if len(keys) == 0 {
		return nil
	}
	select {
	case t.turn <- struct{}{}:
		defer func() { <-t.turn }()
	case <-ctx.Done():
		return ctx.Err()
	}
	names := make([]string, len(keys))
	for i, key := range keys {
		names[i] = t.store.base + "bucket:" + string(key[:])
	}
	for {
		values, err := t.store.client.Do(ctx, t.store.client.B().Mget().Key(names...).Build()).ToArray()
		if err != nil {
			return err
		}
		was := &reply{values: values}
		texts, states := make([]string, len(keys)), make([]throttle.State, len(keys))
		for i := range keys {
			texts[i] = was.text()
			if states[i], err = readState(texts[i]); err != nil {
				return err
			}
		}
		if was.err != nil {
			return was.err
		}
		if !decide(states) {
			return nil
		}
		var args []string
		for i, key := range keys {
			args = append(args, string(key[:]), texts[i])
			args = append(args, kept(states[i], now)...)
		}
		done, err := bucketsScript.Exec(ctx, t.store.client, []string{t.store.base}, append([]string{""}, args...)).AsInt64()
		if err != nil || done == 1 {
			return err
		}
	}
}

var errState = errors.New("bucket in Redis is damaged")

func readState(text string) (s throttle.State, err error) {
	if text == "" {
		return s, nil
	}
	parts := strings.Split(text, " ")
	if len(parts) != 3 {
		return s, errState
	}
	var errs [3]error
	s.Full, errs[0] = strconv.ParseInt(parts[0], 10, 64)
	s.Failures, errs[1] = strconv.Atoi(parts[1])
	s.Expires, errs[2] = strconv.ParseInt(parts[2], 10, 64)
	if errors.Join(errs[:]...) != nil {
		return throttle.State{}, errState
	}
	return s, nil
}

// kept returns how the script is told of a state: as a text, when it expires, and when it may go by itself, a day later by the
// clock of Redis. A bucket that is shut stays until it is reset.
func kept(s throttle.State, now time.Time) []string {
	switch {
	case s == throttle.State{}:
		return []string{"", "", "0"}
	case s.Expires == math.MaxInt64:
		return []string{writeState(s), "", "0"}
	default:
		left := time.Duration(s.Expires-now.UnixMicro()) * time.Microsecond
		return []string{writeState(s), text(s.Expires), text((max(0, left) + slack).Milliseconds())}
	}
}

func writeState(s throttle.State) string {
	return text(s.Full) + " " + strconv.Itoa(s.Failures) + " " + text(s.Expires)
}

// Reset implements [throttle.Store].
func (t *Throttle) Reset(ctx context.Context, keys ...throttle.Key) error {
	if len(keys) == 0 {
		return nil
	}
	args := []string{""}
	for _, key := range keys {
		args = append(args, string(key[:]))
	}
	if err := resetBucketsScript.Exec(ctx, t.store.client, []string{t.store.base}, args).Error(); err != nil {
		return fmt.Errorf("reset buckets: %w", err)
	}
	return nil
}

// Sweep implements [throttle.Store].
func (t *Throttle) Sweep(ctx context.Context, now time.Time, limit int) (int, error) {
	swept := 0
	for swept < limit {
		most := min(limit-swept, batch)
		args := []string{"", text(now.UnixMicro()), text(int64(most))}
		n, err := sweepBucketsScript.Exec(ctx, t.store.client, []string{t.store.base}, args).AsInt64()
		if err != nil {
			return 0, fmt.Errorf("sweep buckets: %w", err)
		}
		swept += int(n)
		if int(n) < most {
			break
		}
	}
	return swept, nil
}
