package sqlstore

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/audit"
)

// Audit is the [audit.Log] of a Store.
type Audit struct{ store *Store }

// Audit makes the Store keep, from now on, the events of what is done through it, each in the
// transaction of what was done, chained by chain. Call it before the Store is used for anything
// else. A Store of which this is not called keeps none.
func (s *Store) Audit(chain audit.Chain) *Audit {
	s.writes.chain = &chain
	return &Audit{store: s}
}

// HasEvents reports whether there is an audit log in the database that somebody has begun.
func (s *Store) HasEvents(ctx context.Context) (bool, error) {
	return hasRow(ctx, s.reads.query, `SELECT 1 FROM events LIMIT 1`)
}

const eventColumns = `number, at, action, outcome, reason, actor, actor_id, user_id, session_id, address, device, trace, sum`

// record adds events to the log, if one is kept.
func (t *transaction) record(ctx context.Context, events ...handstamp.Event) error {
	if t.chain == nil || len(events) == 0 {
		return nil
	}
	if t.end == nil {
		end, err := t.lastEvent(ctx)
		if err != nil {
			return fmt.Errorf("read audit log: %w", err)
		}
		t.end = &end
	}
	for _, e := range events {
		e = t.texts.dialect.cleanEvent(e)
		entry := t.chain.Link(*t.end, e)
		address := ""
		if e.Address.IsValid() {
			address = e.Address.String()
		}
		const text = `INSERT INTO events (` + eventColumns + `)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`
		_, err := t.exec(ctx, text, entry.Number, e.At.UnixMicro(), e.Action, e.Outcome, e.Reason, e.Actor,
			nullableID(e.ActorID), nullableID(e.UserID), nullableID(e.SessionID), address, e.Device, e.Trace, entry.Sum[:])
		if err != nil {
			return fmt.Errorf("write audit log: %w", err)
		}
		*t.end = entry.Mark()
	}
	return nil
}

// lastEvent returns where the log ends.
func (t *transaction) lastEvent(ctx context.Context) (audit.Mark, error) {
	var end audit.Mark
	err := t.query(ctx, scanMark(&end), `SELECT number, sum FROM events ORDER BY number DESC LIMIT 1`)
	if err != nil || end.Number > 0 {
		return end, err
	}
	return end, t.query(ctx, scanMark(&end), `SELECT number, sum FROM events_start`)
}

func scanMark(into *audit.Mark) func(row) error {
	return func(r row) error {
		var sum []byte
		if err := r.Scan(&into.Number, &sum); err != nil {
			return err
		}
		return sumOf(sum, &into.Sum)
	}
}

func sumOf(b []byte, into *audit.Sum) error {
	if len(b) != len(into) {
		return fmt.Errorf("audit entry with a sum of %d bytes", len(b))
	}
	copy(into[:], b)
	return nil
}

// nullableID returns NULL for the zero ID.
func nullableID(id handstamp.ID) any {
	if id.IsZero() {
		return nil
	}
	return id[:]
}

// Record implements [audit.Log].
func (a *Audit) Record(ctx context.Context, events ...handstamp.Event) error {
	return a.store.writes.together(ctx, func(ctx context.Context, tx *transaction) error {
		return tx.record(ctx, events...)
	})
}

// Entries implements [audit.Log].
func (a *Audit) Entries(ctx context.Context, which audit.Filter) ([]audit.Entry, error) {
	where, args := entrySelection(which)
	order := ` ORDER BY number`
	if which.Newest {
		order += ` DESC`
	}
	args = append(args, which.Limit)
	text := `SELECT ` + eventColumns + ` FROM events WHERE ` + where + order + fmt.Sprintf(` LIMIT $%d`, len(args))
	var entries []audit.Entry
	err := a.store.reads.query(ctx, func(r row) error {
		entry, err := scanEntry(r)
		entries = append(entries, entry)
		return err
	}, text, args...)
	if err != nil {
		return nil, fmt.Errorf("read audit log: %w", err)
	}
	if which.Newest {
		slices.Reverse(entries)
	}
	return entries, nil
}

// entrySelection returns the condition that which stands for, and its arguments.
func entrySelection(which audit.Filter) (where string, args []any) {
	conditions := []string{`number > $1`}
	args = []any{which.After}
	add := func(condition string, arg any) {
		args = append(args, arg)
		conditions = append(conditions, strings.ReplaceAll(condition, `$`, fmt.Sprintf(`$%d`, len(args))))
	}
	if which.Before != 0 {
		add(`number < $`, which.Before)
	}
	if !which.UserID.IsZero() {
		add(`(user_id = $ OR actor_id = $)`, which.UserID[:])
	}
	if which.Action != "" {
		add(`action = $`, which.Action)
	}
	if which.Outcome != "" {
		add(`outcome = $`, which.Outcome)
	}
	if !which.Since.IsZero() {
		add(`at >= $`, which.Since.UnixMicro())
	}
	if !which.Until.IsZero() {
		add(`at < $`, which.Until.UnixMicro())
	}
	return strings.Join(conditions, ` AND `), args
}

func scanEntry(r row) (audit.Entry, error) {
	var e audit.Entry
	var at int64
	var actor, user, session, sum []byte
	var address string
	err := r.Scan(&e.Number, &at, &e.Action, &e.Outcome, &e.Reason, &e.Actor, &actor, &user, &session,
		&address, &e.Device, &e.Trace, &sum)
	if err != nil {
		return audit.Entry{}, err
	}
	e.At = timeOf(at)
	for _, id := range []struct {
		bytes []byte
		into  *handstamp.ID
	}{{actor, &e.ActorID}, {user, &e.UserID}, {session, &e.SessionID}} {
		if len(id.bytes) == len(id.into) { // whatever else it is, the sum tells
			copy(id.into[:], id.bytes)
		}
	}
	if address != "" {
		e.Address, _ = netip.ParseAddr(address)
	}
	return e, sumOf(sum, &e.Sum)
}

// Start implements [audit.Log].
func (a *Audit) Start(ctx context.Context) (audit.Mark, error) {
	var start audit.Mark
	if err := a.store.reads.query(ctx, scanMark(&start), `SELECT number, sum FROM events_start`); err != nil {
		return audit.Mark{}, fmt.Errorf("read audit log: %w", err)
	}
	return start, nil
}

// Trim implements [audit.Log].
func (a *Audit) Trim(ctx context.Context, before time.Time, limit int) (int, error) {
	removed := 0
	err := a.store.writes.alone(ctx, func(ctx context.Context, tx *transaction) error {
		var last audit.Mark
		var first, end int64
		err := tx.query(ctx, func(r row) error { return r.Scan(&first, &end) },
			`SELECT COALESCE(MIN(number), 0), COALESCE(MAX(number), 0) FROM events`)
		if err != nil || end == 0 {
			return err
		}
		// As the clock may have been set back, an older time may stand behind a newer one: the first
		// entry that stays ends it. The newest always stays.
		stays := end
		err = tx.query(ctx, func(r row) error { return r.Scan(&stays) },
			`SELECT COALESCE(MIN(number), $1) FROM events WHERE at >= $2`, end, before.UnixMicro())
		if err != nil {
			return err
		}
		delivered, err := tx.deliveredTo(ctx, end)
		if err != nil {
			return err
		}
		stays = min(stays, first+int64(limit), delivered+1)
		if stays <= first {
			return nil
		}
		err = tx.query(ctx, scanMark(&last), `SELECT number, sum FROM events WHERE number = $1`, stays-1)
		if err != nil {
			return err
		}
		for _, statement := range []string{`DELETE FROM events WHERE number <= $1`, `DELETE FROM events_start WHERE number <= $1`} {
			if _, err := tx.exec(ctx, statement, last.Number); err != nil {
				return err
			}
		}
		const note = `INSERT INTO events_start (number, sum) VALUES ($1, $2)`
		if _, err := tx.exec(ctx, note, last.Number, last.Sum[:]); err != nil {
			return err
		}
		removed = int(stays - first)
		return tx.record(ctx, audit.TrimEvent(ctx, last.Number))
	})
	if err != nil {
		return 0, fmt.Errorf("trim audit log: %w", err)
	}
	return removed, nil
}
