package sqlstore

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// ErrServer means that a database is kept by a server of its own, which has its own means for that.
var ErrServer = errors.New("the database is kept by PostgreSQL: use pg_dump and pg_restore")

// Backup writes the database, as it is at one moment after the call, to file, which only its owner
// can read, and returns the file's size in bytes. Others read and write all the while. Whatever was
// acknowledged before the call is in it.
//
// A file that is there already is left alone and the error wraps [fs.ErrExist], unless replace is
// set. The file appears when it is complete and on the disk; a process that is killed before leaves
// behind a file with ".partial-" and a number added to the name.
//
// Password hashes and hashes of session tokens are in it as they are in the database, and sealed
// things stay sealed, so that whoever steals it has no more than whoever steals the database.
//
// Where the database is no file, it returns [ErrServer].
func (s *Store) Backup(ctx context.Context, file string, replace bool) (size int64, err error) {
	if s.shared != nil {
		return 0, fmt.Errorf("back up database: %w", ErrServer)
	}
	if !replace && isThere(file) { // sooner rather than after all the work
		return 0, fmt.Errorf("back up database: %s: %w", file, fs.ErrExist)
	}
	// SQLite writes into an empty file, too, which keeps its mode.
	partial, err := os.CreateTemp(filepath.Dir(file), filepath.Base(file)+".partial-")
	if err != nil {
		return 0, fmt.Errorf("back up database: %w", err)
	}
	defer func() {
		if err != nil {
			err = fmt.Errorf("back up database: %w", err)
			if gone := os.Remove(partial.Name()); gone != nil && !errors.Is(gone, fs.ErrNotExist) {
				err = errors.Join(err, gone)
			}
		}
	}()
	if err := partial.Close(); err != nil {
		return 0, err
	}
	nothing := func(row) error { return nil }
	if err := s.reads.query(ctx, nothing, `VACUUM INTO $1`, partial.Name()); err != nil {
		return 0, err
	}
	info, err := os.Stat(partial.Name())
	if err != nil {
		return 0, err
	}
	return info.Size(), settle(partial.Name(), file, replace)
}
