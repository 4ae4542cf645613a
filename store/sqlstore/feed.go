package sqlstore

import (
	"context"
	"crypto/rand"
	"fmt"
	"strings"
	"time"

	"github.com/handstamp/handstamp/session"
)

// beginFeed makes the row at which the feed ends.
func beginFeed(ctx context.Context, tx *transaction) error {
	_, err := tx.exec(ctx, `INSERT INTO feed_head (id, position, incarnation) VALUES (1, 0, $1)`, rand.Text())
	return err
}

// add writes the changes of tx down, as the last part of it, and wakes the other processes when it is committed.
func (sh *shared) add(ctx context.Context, tx *transaction) (last place, err error) {
	// From here to the commit nobody else gets a position, whoever writes.
	err = tx.query(ctx, func(r row) error { return r.Scan(&last.position, &last.incarnation) },
		`UPDATE feed_head SET position = position + $1 RETURNING position, `+incarnation, len(tx.changes))
	if err != nil {
		return place{}, err
	}
	next := last.position - int64(len(tx.changes)) + 1
	if tx.before, err = sh.between(ctx, tx, place{next, last.incarnation}); err != nil {
		return place{}, err
	}
	for rest := tx.changes; len(rest) > 0; {
		n := chunk(len(rest))
		if err := addChanges(ctx, tx, next, rest[:n]); err != nil {
			return place{}, err
		}
		rest, next = rest[n:], next+int64(n)
	}
	nothing := func(row) error { return nil }
	return last, tx.query(ctx, nothing, `SELECT pg_notify($1, $2)`, channel, sh.node.ID())
}

// between returns the changes that others have made since those that this process has applied, and before the first of tx: whoever is told that the
// sessions of a user have ended must find one refused, too, to which somebody else had just given another token.
func (sh *shared) between(ctx context.Context, tx *transaction, first place) ([]session.Change, error) {
	state := sh.node.State()
	switch after := state.Position; {
	case state.Incarnation != first.incarnation:
		return []session.Change{{}}, nil
	case after < 0 || after >= first.position-1: // it trusts nothing in memory, or there are none
		return nil, nil
	}
	var changes []session.Change
	err := tx.query(ctx, func(r row) error {
		var hash, user []byte
		var lives int64
		if err := r.Scan(&hash, &lives, &user); err != nil {
			return err
		}
		change, err := changeOf(hash, lives, user)
		changes = append(changes, change)
		return err
	}, `SELECT hash, lives, user_id FROM feed WHERE position > $1 AND position < $2 ORDER BY position LIMIT $3`, state.Position, first.position, maxNews)
	if err != nil {
		return nil, err
	}
	if int64(len(changes)) != first.position-1-state.Position { // some are gone, or there are too many
		return []session.Change{{}}, nil
	}
	return changes, nil
}

// chunk returns how many of n rows go into one statement: one of few numbers, as each has a text of its own.
func chunk(n int) int {
	size := 256
	for size > n {
		size /= 4
	}
	return size
}

func addChanges(ctx context.Context, tx *transaction, position int64, changes []session.Change) error {
	const columns = 4
	var rows strings.Builder
	args := make([]any, 0, columns*len(changes))
	for i, c := range changes {
		if i > 0 {
			rows.WriteString(", ")
		}
		fmt.Fprintf(&rows, "($%d, $%d, $%d, $%d, %s)", len(args)+1, len(args)+2, len(args)+3, len(args)+4, databaseTime)
		args = append(args, position+int64(i), nullableHash(c.Hash), number(c.Lives), nullableID(c.UserID))
	}
	_, err := tx.exec(ctx, `INSERT INTO feed (position, hash, lives, user_id, at) VALUES `+rows.String(), args...)
	return err
}

// nullableHash returns NULL for the zero Hash.
func nullableHash(h session.Hash) any {
	if h == (session.Hash{}) {
		return nil
	}
	return h[:]
}

const (
	keepFeed  = 10 * time.Minute // whoever is further behind begins anew
	trimEvery = time.Minute
	trimBatch = 10_000
)

// keep removes what nobody needs any more, until ctx is done. All processes do: most find nothing left to do.
func (sh *shared) keep(ctx context.Context) {
	ticker := time.NewTicker(trimEvery)
	defer ticker.Stop()
	var silent silence
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		// What fails is done the next time, and whether the database can be reached, others tell.
		for n := trimBatch; n == trimBatch; {
			n, _ = sh.trim(ctx, keepFeed)
		}
		_ = sh.removeSilent(ctx, &silent)
	}
}

// trim removes the first changes of the feed that are older than age, a batch of them, and returns how many.
func (sh *shared) trim(ctx context.Context, age time.Duration) (removed int, err error) {
	ctx, cancel := sh.line.dialect.bound(ctx)
	defer cancel()
	err = sh.store.writes.now(ctx, func(ctx context.Context, tx *transaction) error {
		n, err := tx.exec(ctx, `DELETE FROM feed WHERE position <= (SELECT COALESCE(MAX(position), 0) FROM
			(SELECT position, at FROM feed ORDER BY position LIMIT $1) AS first WHERE at < `+databaseTime+` - $2)`,
			trimBatch, age.Microseconds())
		removed = int(n)
		return err
	})
	if err != nil { // the write may still be under way
		return 0, fmt.Errorf("trim feed: %w", err)
	}
	return removed, nil
}

// silence is how long nodes have been seen not to renew, by the clock of this process.
type silence map[string]heardOf

type heardOf struct {
	renewals int64
	since    time.Time
}

// removeSilent removes nodes that did not renew since they were looked at first, for so long that their lease is over. If one comes
// back, it writes itself down again.
func (sh *shared) removeSilent(ctx context.Context, silent *silence) error {
	rows, err := sh.others(ctx, sh.node.Incarnation())
	if err != nil {
		return err
	}
	seen := make(silence)
	for _, n := range rows {
		was, known := (*silent)[n.id]
		if !known || was.renewals != n.renewals {
			was = heardOf{renewals: n.renewals, since: time.Now()}
		}
		if time.Since(was.since) > max(10*n.lease, trimEvery/2) {
			if err := sh.remove(ctx, n); err != nil {
				return err
			}
			continue
		}
		seen[n.id] = was
	}
	*silent = seen
	return nil
}
