package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/gofrs/flock"

	"github.com/handstamp/handstamp/session"
)

// A Store is an open database. It is safe for concurrent use.
type Store struct {
	feed   session.Broadcast
	reads  statements
	writes *writer
	lock   *flock.Flock // nil for a database without a file
	shared *shared      // nil for a database that one process owns

	elsewhere *elsewhere // nil where sessions are kept here
}

// ErrOwned means that another process has the database file open.
var ErrOwned = errors.New("in use by another process")

// OpenSQLite makes db the Store's own: it takes the lock, makes the file unreadable to others
// (mode 0600), switches to WAL, and brings the tables up to date. db may be of any driver for
// SQLite that has version 3.35 or later; closing it stays with the caller, after [Store.Close].
func OpenSQLite(ctx context.Context, db *sql.DB) (*Store, error) {
	lock, err := own(ctx, db)
	if err != nil {
		return nil, err
	}
	s := &Store{lock: lock, reads: statements{on: db, dialect: &sqlite}}
	if s.writes, err = newWriter(ctx, db, &sqlite, s.feed.Publish); err != nil {
		return nil, errors.Join(err, s.unlock())
	}
	if err := s.writes.migrate(ctx); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	if err := s.writes.alone(ctx, endTurn); err != nil {
		return nil, errors.Join(fmt.Errorf("open database: %w", err), s.Close())
	}
	return s, nil
}

// own takes the lock on the file of db.
func own(ctx context.Context, db *sql.DB) (*flock.Flock, error) {
	var file string
	const mainFile = `SELECT file FROM pragma_database_list WHERE name = 'main'`
	if err := db.QueryRowContext(ctx, mainFile).Scan(&file); err != nil {
		return nil, fmt.Errorf("open database: %w", err)
	}
	if file == "" {
		return nil, nil
	}
	lock, err := takeLock(file)
	if err != nil {
		return nil, err
	}
	// SQLite makes the file readable for everybody. What it puts beside it later gets the same mode.
	if err := os.Chmod(file, 0o600); err != nil {
		return nil, errors.Join(fmt.Errorf("protect database: %w", err), lock.Unlock())
	}
	return lock, nil
}

// takeLock makes a database file this process's own, or returns [ErrOwned].
func takeLock(file string) (*flock.Flock, error) {
	lock := flock.New(file+".lock", flock.SetPermissions(0o600))
	taken, err := lock.TryLock()
	if err != nil {
		return nil, fmt.Errorf("lock database: %w", err)
	}
	if !taken {
		return nil, fmt.Errorf("database %s: %w", filepath.Clean(file), ErrOwned)
	}
	return lock, nil
}

func (s *Store) unlock() error {
	if s.lock == nil {
		return nil
	}
	return s.lock.Unlock()
}

// Close finishes the writes that wait and gives the database up. The Store must not be used
// afterwards.
func (s *Store) Close() error {
	s.elsewhere.close()
	if s.shared != nil {
		s.shared.stop()
	}
	err := errors.Join(s.writes.close(), s.reads.close(), s.unlock())
	if s.shared != nil {
		err = errors.Join(err, s.shared.close())
	}
	return err
}

// Sessions returns the Store's sessions.
func (s *Store) Sessions() *Sessions { return &Sessions{Broadcast: &s.feed, store: s} }

// Users returns the Store's users.
func (s *Store) Users() *Users { return &Users{Broadcast: &s.feed, store: s} }
