package sqlstore

import (
	"context"
	"errors"
	"fmt"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/client"
)

// Clients is the [client.Store] of a Store.
type Clients struct{ store *Store }

// Clients returns the Store's clients.
func (s *Store) Clients() *Clients { return &Clients{store: s} }

const clientColumns = `id, name, created_at, scope`

// Insert implements [client.Store].
func (s *Clients) Insert(ctx context.Context, r client.Record, events ...handstamp.Event) error {
	return s.store.writes.together(ctx, func(ctx context.Context, tx *transaction) error {
		const text = `INSERT INTO clients (` + clientColumns + `, secret_hash) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING`
		n, err := tx.exec(ctx, text, r.ID[:], r.Name, r.CreatedAt.UnixMicro(), string(r.Scope), r.SecretHash[:])
		if err != nil {
			return err
		}
		if n == 0 {
			return client.ErrExists
		}
		return tx.record(ctx, events...)
	})
}

// Load implements [client.Store].
func (s *Clients) Load(ctx context.Context, id handstamp.ID) (client.Record, error) {
	var record client.Record
	var err error
	readErr := s.store.current(ctx, func(query querier) error {
		record, err = client.Record{}, client.ErrNoClient
		return query(ctx, func(r row) error {
			err = nil
			var hash []byte
			if err := scanClient(r, &record.Client, &hash); err != nil {
				return err
			}
			if len(hash) != len(record.SecretHash) {
				return errors.New("client row with a hash of the wrong length")
			}
			record.SecretHash = client.Hash(hash)
			return nil
		}, `SELECT `+clientColumns+`, secret_hash FROM clients WHERE id = $1`, id[:])
	})
	if readErr != nil {
		return client.Record{}, fmt.Errorf("read client: %w", readErr)
	}
	return record, err
}

// List implements [client.Store].
func (s *Clients) List(ctx context.Context) ([]client.Client, error) {
	var clients []client.Client
	err := s.store.reads.query(ctx, func(r row) error {
		var one client.Client
		err := scanClient(r, &one)
		clients = append(clients, one)
		return err
	}, `SELECT `+clientColumns+` FROM clients ORDER BY created_at, id`)
	if err != nil {
		return nil, fmt.Errorf("list clients: %w", err)
	}
	return clients, nil
}

// scanClient reads the clientColumns into a client, and those behind them into more.
func scanClient(r row, into *client.Client, more ...any) error {
	var id []byte
	var created int64
	var scope string
	if err := r.Scan(append([]any{&id, &into.Name, &created, &scope}, more...)...); err != nil {
		return err
	}
	if len(id) != len(into.ID) {
		return errors.New("client row with a key of the wrong length")
	}
	into.ID, into.CreatedAt, into.Scope = handstamp.ID(id), timeOf(created), client.Scope(scope)
	return nil
}

// Delete implements [client.Store].
func (s *Clients) Delete(ctx context.Context, id handstamp.ID, events ...handstamp.Event) error {
	return s.store.writes.together(ctx, func(ctx context.Context, tx *transaction) error {
		n, err := tx.exec(ctx, `DELETE FROM clients WHERE id = $1`, id[:])
		if err != nil {
			return err
		}
		if n == 0 {
			return client.ErrNoClient
		}
		return tx.record(ctx, events...)
	})
}
