package sqlstore

import (
	"context"
	"fmt"
	"time"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/account"
)

// AddLink implements [account.Links].
func (s *Users) AddLink(ctx context.Context, l account.Link, events ...handstamp.Event) error {
	return s.store.writes.together(ctx, func(ctx context.Context, tx *transaction) error {
		const clear = `DELETE FROM links WHERE purpose = $1 OR expires_at <= $2`
		if _, err := tx.exec(ctx, clear, l.Purpose, time.Now().UnixMicro()); err != nil {
			return err
		}
		const text = `INSERT INTO links (hash, purpose, expires_at) VALUES ($1, $2, $3)`
		if _, err := tx.exec(ctx, text, l.Hash[:], l.Purpose, l.ExpiresAt.UnixMicro()); err != nil {
			return err
		}
		return tx.record(ctx, events...)
	})
}

// RemoveLinks implements [account.Links].
func (s *Users) RemoveLinks(ctx context.Context, purpose string) error {
	return s.store.writes.together(ctx, func(ctx context.Context, tx *transaction) error {
		_, err := tx.exec(ctx, `DELETE FROM links WHERE purpose = $1`, purpose)
		return err
	})
}

// HasLink implements [account.Links].
func (s *Users) HasLink(ctx context.Context, hash account.LinkHash, now time.Time) (bool, error) {
	there, err := hasLink(ctx, s.store.reads.query, hash, now)
	if err != nil {
		return false, fmt.Errorf("read links: %w", err)
	}
	return there, nil
}

func hasLink(ctx context.Context, query querier, hash account.LinkHash, now time.Time) (bool, error) {
	return hasRow(ctx, query, `SELECT 1 FROM links WHERE hash = $1 AND expires_at > $2`, hash[:], now.UnixMicro())
}

// hasRow reports whether a query has an answer.
func hasRow(ctx context.Context, query querier, text string, args ...any) (bool, error) {
	found := false
	err := query(ctx, func(row) error {
		found = true
		return nil
	}, text, args...)
	return found, err
}
