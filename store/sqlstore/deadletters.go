package sqlstore

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/handstamp/handstamp/outbox"
)

// Letters implements [outbox.Store] and [outbox.Desk].
func (o *Outbox) Letters(ctx context.Context, which outbox.Filter) ([]outbox.Letter, error) {
	where, args := letterSelection(which)
	text := `SELECT destination, id, entry, attempts, error, failed_at, retry FROM outbox_dead WHERE ` + where + ` ORDER BY number, destination`
	if which.Limit > 0 {
		args = append(args, which.Limit)
		text += fmt.Sprintf(` LIMIT $%d`, len(args))
	}
	var letters []outbox.Letter
	err := o.store.reads.query(ctx, func(r row) error {
		var l outbox.Letter
		var entry string
		var failed, retry int64
		if err := r.Scan(&l.Destination, &l.ID, &entry, &l.Attempts, &l.Error, &failed, &retry); err != nil {
			return err
		}
		l.FailedAt, l.Retry = timeOf(failed), retry != 0
		err := json.Unmarshal([]byte(entry), &l.Entry)
		letters = append(letters, l)
		return err
	}, text, args...)
	if err != nil {
		return nil, fmt.Errorf("read dead letters: %w", err)
	}
	return letters, nil
}

// Retry implements [outbox.Desk].
func (o *Outbox) Retry(ctx context.Context, which outbox.Filter) (int, error) {
	return o.change(ctx, `UPDATE outbox_dead SET retry = 1`, which)
}

// Drop implements [outbox.Desk].
func (o *Outbox) Drop(ctx context.Context, which outbox.Filter) (int, error) {
	return o.change(ctx, `DELETE FROM outbox_dead`, which)
}

func (o *Outbox) change(ctx context.Context, statement string, which outbox.Filter) (int, error) {
	where, args := letterSelection(which)
	changed := int64(0)
	err := o.store.writes.together(ctx, func(ctx context.Context, tx *transaction) error {
		var err error
		changed, err = tx.exec(ctx, statement+` WHERE `+where, args...)
		return err
	})
	if err != nil { // the write may still be under way, and changed with it
		return 0, fmt.Errorf("change dead letters: %w", err)
	}
	return int(changed), nil
}

// letterSelection returns the condition that which stands for, and its arguments. IDs are compared in one JSON text, as
// every number of them would be a statement of its own.
func letterSelection(which outbox.Filter) (where string, args []any) {
	conditions := []string{`1 = 1`}
	add := func(condition string, arg any) {
		args = append(args, arg)
		conditions = append(conditions, fmt.Sprintf(condition, len(args)))
	}
	if which.Destination != "" {
		add(`destination = $%d`, which.Destination)
	}
	if len(which.IDs) > 0 {
		// Between commas, which no ID has.
		add(`$%d LIKE '%%,' || id || ',%%'`, ","+strings.Join(which.IDs, ",")+",")
	}
	if which.Retry {
		conditions = append(conditions, `retry = 1`)
	}
	return strings.Join(conditions, ` AND `), args
}

// Backlog implements [outbox.Desk].
func (o *Outbox) Backlog(ctx context.Context, destination string) (outbox.Backlog, error) {
	var b outbox.Backlog
	const text = `SELECT
		(SELECT COALESCE(MAX(number), 0) FROM events) - number,
		(SELECT COUNT(*) FROM outbox_dead d WHERE d.destination = p.destination)
		FROM outbox_positions p WHERE destination = $1`
	err := o.store.reads.query(ctx, func(r row) error { return r.Scan(&b.Pending, &b.Dead) }, text, destination)
	if err != nil {
		return outbox.Backlog{}, fmt.Errorf("count what waits for %s: %w", destination, err)
	}
	b.Pending = max(0, b.Pending) // a log that was trimmed to nothing
	return b, nil
}

// deliveredTo returns the number of the audit log up to which every destination has got everything, or end where there is
// no destination. Those to which nobody has delivered for long do not count.
func (t *transaction) deliveredTo(ctx context.Context, end int64) (int64, error) {
	upTo := end
	const text = `SELECT COALESCE(MIN(number), $1) FROM outbox_positions WHERE used_at >= $2`
	err := t.query(ctx, func(r row) error { return r.Scan(&upTo) }, text, end, time.Now().Add(-outbox.Abandoned).UnixMicro())
	return upTo, err
}
