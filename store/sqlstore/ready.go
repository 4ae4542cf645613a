package sqlstore

import (
	"context"
	"fmt"
)

// Ready returns nil when the database can be read and, as far as is known, written. After a write
// has failed it makes a small one of its own, to find out whether the reason has passed: a server
// that is sent no more logins would otherwise never know.
func (s *Store) Ready(ctx context.Context) error {
	nothing := func(row) error { return nil }
	err := s.current(ctx, func(query querier) error { return query(ctx, nothing, `SELECT 1 FROM users LIMIT 1`) })
	if err != nil {
		return fmt.Errorf("read database: %w", err)
	}
	if !s.writes.doubtful.Load() {
		return nil
	}
	err = s.writes.alone(ctx, func(ctx context.Context, tx *transaction) error {
		key := []byte("probe")
		if _, err := tx.exec(ctx, `INSERT INTO imported (key) VALUES ($1) ON CONFLICT DO NOTHING`, key); err != nil {
			return err
		}
		_, err := tx.exec(ctx, `DELETE FROM imported WHERE key = $1`, key)
		return err
	})
	if err != nil {
		return fmt.Errorf("write database: %w", err)
	}
	return nil
}
