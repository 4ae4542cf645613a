package redisstore

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/redis/rueidis"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/session"
)

// Sessions is the [session.Store] of a Store.
type Sessions struct {
	*session.Broadcast
	store *Store
}

// Lease implements [session.Leased].
func (s *Sessions) Lease() *session.Lease { return s.store.node.Lease() }

// Insert implements [session.Records].
func (s *Sessions) Insert(ctx context.Context, r session.Record, events ...handstamp.Event) error {
	bearer := "0"
	limit := r.SeenAt
	if !r.Until.IsZero() {
		bearer, limit = "1", r.Until
	}
	args := []string{string(r.Hash[:]), placeOf(r.BeganAt, r.ID), string(r.UserID[:]), bearer, micros(limit), s.ttl(r)}
	answer, err := s.store.runForGood(ctx, insertScript, append(args, fields(r)...)...)
	if err != nil {
		return fmt.Errorf("insert session: %w", err)
	}
	if err := verdict(&reply{values: answer}); err != nil {
		return err
	}
	s.store.source.begun(r.Hash)
	if err := s.record(ctx, events); err != nil {
		_, endErr := s.End(context.WithoutCancel(ctx), session.Selection{Hash: r.Hash})
		return errors.Join(err, endErr)
	}
	return nil
}

// slack is how long a key is kept after its session has ended at the latest, so that a clock of Redis which is
// set right ends none.
const slack = 24 * time.Hour

// ttl returns, in milliseconds, when the key of a session goes by itself; 0 for never.
func (s *Sessions) ttl(r session.Record) string {
	last := r.Until
	if last.IsZero() {
		if s.store.config.Lifetime <= 0 {
			return "0"
		}
		last = r.BeganAt.Add(s.store.config.Lifetime)
	}
	return text((max(0, time.Until(last)) + slack).Milliseconds())
}

// verdict reads what a script says of a write at its beginning.
func verdict(r *reply) error {
	switch said := r.text(); said {
	case "ok":
		return nil
	case "exists":
		return session.ErrExists
	case "gone":
		return session.ErrGone
	case "conflict":
		return session.ErrConflict
	default:
		return errors.Join(r.err, fmt.Errorf("a script said %q", said))
	}
}

func (s *Sessions) record(ctx context.Context, events []handstamp.Event) error {
	if s.store.config.Record == nil || len(events) == 0 {
		return nil
	}
	if err := s.store.config.Record(ctx, events...); err != nil {
		return fmt.Errorf("record what happened to a session: %w", err)
	}
	return nil
}

// Load implements [session.Records]. What this process knows to have ended is gone, whatever Redis says: it may have
// lost that.
func (s *Sessions) Load(ctx context.Context, hash session.Hash) (session.Record, error) {
	answer, err := s.load(ctx, hash)
	if err != nil {
		return session.Record{}, fmt.Errorf("read session: %w", err)
	}
	if s.store.source.hasEnded(hash) {
		return session.Record{}, session.ErrGone
	}
	record := session.Record{Hash: hash}
	revision, data := answer.text(), answer.text()
	if len(answer.values) > 0 && answer.values[0].IsNil() {
		return session.Record{}, session.ErrGone
	}
	if record.Session, err = readSession(answer); err != nil {
		return session.Record{}, fmt.Errorf("read session: %w", err)
	}
	if record.Revision, err = strconv.ParseInt(revision, 10, 64); err != nil {
		return session.Record{}, fmt.Errorf("read session: %w", errDamaged)
	}
	if data != "" {
		record.Data = []byte(data)
	}
	return record, nil
}

// errNotFollowed means that another Redis answers than the one whose changes this process follows.
var errNotFollowed = errors.New("another Redis answers, and it is not known yet what it has lost")

// How long a read waits until this process follows the Redis that answers.
const (
	followTime  = time.Second
	followPause = 10 * time.Millisecond
)

// load returns what Redis says of a session, when it is the one whose changes this process follows.
func (s *Sessions) load(ctx context.Context, hash session.Hash) (*reply, error) {
	for begun := time.Now(); ; {
		answer, from, err := s.loadOnce(ctx, hash)
		if err != nil {
			return nil, err
		}
		if followed := s.store.node.Incarnation(); followed == "" || followed == from {
			return answer, nil
		}
		if time.Since(begun) > followTime {
			return nil, errNotFollowed
		}
		s.store.wakeUp()
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(followPause):
		}
	}
}

// loadOnce reads a session, and which Redis says so. Where replicas count, and this process has not heard of late that they
// follow the primary which it asks, it makes sure of that: another one may have taken its place.
func (s *Sessions) loadOnce(ctx context.Context, hash session.Hash) (answer *reply, from string, err error) {
	read := func(c rueidis.Client) error {
		values, err := loadScript.Exec(ctx, c, []string{s.store.base}, []string{"", string(hash[:])}).ToArray()
		if err != nil {
			return err
		}
		said := &reply{values: values}
		from = said.text()
		all := said.array()
		answer = &all
		return said.err
	}
	hold := s.Lease().Hold()
	err = read(s.store.client)
	if err == nil && s.store.config.Replicas > 0 && !hold.At(time.Now()) {
		err = s.store.confirmed(ctx, read)
	}
	return answer, from, err
}

// Swap implements [session.Records].
func (s *Sessions) Swap(ctx context.Context, old session.Hash, r session.Record, events ...handstamp.Event) error {
	c, err := s.store.change(ctx, swapScript,
		string(old[:]), string(r.Hash[:]), text(r.Revision), microsUnlessZero(r.Until), s.ttl(r), string(r.Data),
		"proved", micros(r.ProvedAt), "generation", text(r.Generation), "rotated", microsUnlessZero(r.RotatedAt))
	if len(c.values) > 0 {
		if err := verdict(&c.reply); err != nil {
			return err
		}
	}
	if err == nil {
		err = s.store.await(ctx, c.position)
	}
	if err != nil {
		return fmt.Errorf("change session: %w", err)
	}
	return s.record(ctx, events)
}

// Touch implements [session.Records].
func (s *Sessions) Touch(ctx context.Context, hash session.Hash, at time.Time) error {
	answer, err := s.store.run(ctx, touchScript, string(hash[:]), micros(at))
	if err != nil {
		return fmt.Errorf("touch session: %w", err)
	}
	return verdict(&reply{values: answer})
}

// Count returns how many sessions are kept, whether or not they have reached a limit.
func (s *Sessions) Count(ctx context.Context) (int, error) {
	total := 0
	for _, set := range []string{"cookies", "bearers"} {
		n, err := s.store.client.Do(ctx, s.store.client.B().Zcard().Key(s.store.base+set).Build()).AsInt64()
		if err != nil {
			return 0, fmt.Errorf("count sessions: %w", err)
		}
		total += int(n)
	}
	return total, nil
}
