package sqlstore

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/handstamp/handstamp/internal/node"
	"github.com/handstamp/handstamp/session"
)

// maxNews is how many changes a node reads at once. One that is further behind begins anew, which is less work.
const maxNews = 10_000

const writeRenewal = `INSERT INTO nodes AS n (node, name, version, lease, applied, renewals, renewed_at)
	SELECT $1, $2, $3, $4, CASE WHEN source.incarnation = $6 THEN $5::bigint ELSE -1 END, 1, ` + databaseTime + `
	FROM (SELECT ` + durable + `) AS durable, (SELECT ` + incarnation + ` AS incarnation) AS source
	ON CONFLICT (node) DO UPDATE SET lease = excluded.lease, applied = excluded.applied,
		renewals = n.renewals + 1, renewed_at = excluded.renewed_at
	RETURNING ` + incarnation

const readNews = `SELECT ` + incarnation + `, head.position, COALESCE(f.position, 0), f.hash, COALESCE(f.lives, 0), f.user_id
	FROM feed_head AS head LEFT JOIN feed AS f ON f.position > $1 AND f.position <= head.position
	ORDER BY f.position LIMIT $2`

// databaseTime is an expression for microseconds since 1970 by the database's clock. Nothing that is promised goes by it.
const databaseTime = `(extract(epoch FROM clock_timestamp()) * 1000000)::bigint`

// Renew implements [node.Source] in two statements, each a transaction of its own, so that no process that stands still in
// between keeps others from anything. The write is durable before the feed is read. So either a revoke finds the
// node written down, when it looks after its commit; or the node was written down after that commit, and reads of it.
func (sh *shared) Renew(ctx context.Context, r node.Renewal) (node.News, error) {
	texts, err := sh.line.get(ctx)
	if err != nil {
		return node.News{}, fmt.Errorf("renew lease: %w", err)
	}
	news, err := renew(ctx, texts, r, sh.config.Version)
	if err == nil {
		err = sh.line.committed()
	}
	if err != nil {
		sh.line.fail(err)
		return node.News{}, fmt.Errorf("renew lease: %w", err)
	}
	return news, nil
}

func renew(ctx context.Context, texts *statements, r node.Renewal, version string) (news node.News, err error) {
	var written string
	err = texts.query(ctx, func(r row) error { return r.Scan(&written) }, writeRenewal,
		r.Node, r.Name, version, r.Lease.Microseconds(), r.After, r.Incarnation)
	if err != nil {
		return news, err
	}
	after := r.After
	if after < 0 { // it holds nothing that could have changed
		after = math.MaxInt64
	}
	last, contiguous := after, true
	err = texts.query(ctx, func(r row) error {
		var position, lives int64
		var hash, user []byte
		if err := r.Scan(&news.Incarnation, &news.Head, &position, &hash, &lives, &user); err != nil || position == 0 {
			return err
		}
		contiguous = contiguous && position == last+1
		last = position
		change, err := changeOf(hash, lives, user)
		news.Changes = append(news.Changes, change)
		return err
	}, readNews, after, maxNews)
	if err != nil {
		return node.News{}, err
	}
	if news.Incarnation != written {
		return node.News{}, errors.New("the database was replaced by another one meanwhile")
	}
	if r.After >= 0 && (!contiguous || last != news.Head) {
		news.Gap, news.Changes = true, nil
	}
	return news, nil
}

func changeOf(hash []byte, lives int64, user []byte) (c session.Change, err error) {
	if len(hash) != 0 && len(hash) != len(c.Hash) || len(user) != 0 && len(user) != len(c.UserID) {
		return c, errors.New("feed row with a key of the wrong length")
	}
	copy(c.Hash[:], hash)
	c.Lives = lives != 0
	copy(c.UserID[:], user)
	return c, nil
}

// Reassert implements [node.Source].
func (sh *shared) Reassert(ctx context.Context, ended []session.Hash) error {
	if len(ended) == 0 {
		return nil
	}
	// Without waiting for others, who may be waiting for this one in the same place.
	err := sh.store.writes.now(ctx, func(ctx context.Context, tx *transaction) error {
		const batch = 512
		for hashes := range slices.Chunk(ended, batch) {
			args := make([]any, batch) // as many each time, so that it is one text
			for i := range args {
				args[i] = hashes[min(i, len(hashes)-1)][:]
			}
			if _, err := endSessions(ctx, tx, `hash IN `+placeholders(1, batch), args...); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("end sessions that had ended: %w", err)
	}
	return nil
}

// Release implements [node.Source].
func (sh *shared) Release(ctx context.Context, id string) error {
	if _, err := sh.store.reads.exec(ctx, `DELETE FROM nodes WHERE node = $1`, id); err != nil {
		return fmt.Errorf("give lease up: %w", err)
	}
	return nil
}
