package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"time"
)

// Why a file cannot be restored. [ErrOwned], [ErrNewer] and [ErrChanged] are other reasons.
var (
	// ErrDatabaseThere means that there is a database, which may not be replaced.
	ErrDatabaseThere = errors.New("there is a database already")
	// ErrNoBackup means that a file is no database of this program, or not a whole one.
	ErrNoBackup = errors.New("not a backup")
	// ErrInUse means that a file is a database beside which SQLite keeps its last writes.
	ErrInUse = errors.New("a database in use and not a backup")
)

// A Restore puts a backup in the place of a database.
type Restore struct {
	// Open opens a database with the caller's driver. It must not change it.
	Open func(file string) (*sql.DB, error)

	// Replace allows a database to be there. It is kept, under another name.
	Replace bool

	// KeepSessions leaves the sessions of the backup alive, and its signing keys. Among them are
	// sessions that have ended since, and keys that were replaced because they had leaked; they
	// come back.
	KeepSessions bool
}

// Restored says what has become of a Restore.
type Restored struct {
	Users    int    // who can sign in again
	Sessions int    // that the backup had
	Aside    string // the file in which the database that was replaced is kept; empty for none
}

// Run puts the backup in file in the place of the database into. It checks the whole of it, brings
// its tables up to date and ends its sessions before it touches what is there, and the change itself
// is one step: until then, and when Run returns an error, the database is what it was.
func (r Restore) Run(ctx context.Context, file, into string) (Restored, error) {
	lock, err := takeLock(into)
	if err != nil {
		return Restored{}, fmt.Errorf("restore database: %w", err)
	}
	result, err := r.run(ctx, file, into)
	if err != nil {
		err = fmt.Errorf("restore database: %w", err)
	}
	return result, errors.Join(err, lock.Unlock())
}

func (r Restore) run(ctx context.Context, file, into string) (result Restored, err error) {
	replaces := isThere(into)
	if replaces && !r.Replace {
		return result, fmt.Errorf("%s: %w", into, ErrDatabaseThere)
	}
	if info, err := os.Stat(file + "-wal"); err == nil && info.Size() > 0 {
		return result, fmt.Errorf("%s: %w", file, ErrInUse)
	}
	fresh := into + ".restoring"
	defer func() { err = errors.Join(err, removeDatabase(fresh)) }()
	if err := errors.Join(removeDatabase(fresh), copyFile(ctx, file, fresh)); err != nil {
		return result, err
	}
	if result, err = r.prepare(ctx, fresh); err != nil {
		return Restored{}, fmt.Errorf("%s: %w", file, err)
	}
	if replaces {
		result.Aside = into + ".replaced-" + time.Now().UTC().Format("20060102T150405.000Z")
		if err := r.setAside(ctx, into, result.Aside); err != nil {
			return Restored{}, err
		}
	}
	return result, settle(fresh, into, true)
}

// prepare judges the copy of a backup and makes it what the database shall be.
func (r Restore) prepare(ctx context.Context, fresh string) (result Restored, err error) {
	db, err := r.Open(fresh)
	if err != nil {
		return result, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	if err := judge(ctx, db); err != nil {
		return result, err
	}
	store, err := OpenSQLite(ctx, db)
	if err != nil {
		return result, err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	if result.Users, err = store.Users().Count(ctx); err != nil {
		return result, err
	}
	if result.Sessions, err = store.Sessions().Count(ctx); err != nil {
		return result, err
	}
	return result, store.writes.alone(ctx, func(ctx context.Context, tx *transaction) error {
		// A link works once, and may have been used since.
		if _, err := tx.exec(ctx, `DELETE FROM links`); err != nil || r.KeepSessions {
			return err
		}
		if _, err := tx.exec(ctx, `DELETE FROM sessions`); err != nil {
			return err
		}
		_, err := tx.exec(ctx, `DELETE FROM signing_keys`)
		return err
	})
}

// judge checks every page of a database, and that it was made by this program.
func judge(ctx context.Context, db *sql.DB) error {
	var verdict string
	if err := db.QueryRowContext(ctx, `PRAGMA integrity_check(1)`).Scan(&verdict); err != nil {
		return fmt.Errorf("%w: %w", ErrNoBackup, err)
	}
	if verdict != "ok" {
		return fmt.Errorf("%w: %s", ErrNoBackup, verdict)
	}
	var name string
	if err := db.QueryRowContext(ctx, `SELECT name FROM migrations LIMIT 1`).Scan(&name); err != nil {
		return fmt.Errorf("%w: it has no tables of Handstamp: %w", ErrNoBackup, err)
	}
	return nil
}

// setAside gives a database a second name. The first one keeps it too, so that there is a database
// at every moment, until another one takes its place.
func (r Restore) setAside(ctx context.Context, name, aside string) error {
	// What a killed process has left in the journal belongs into the file: beside another one,
	// SQLite would take it for that one's. It fails for a database that is damaged, and then the
	// journal goes where the file goes.
	if db, err := r.Open(name); err == nil {
		_, _ = db.ExecContext(ctx, `PRAGMA wal_checkpoint(TRUNCATE)`)
		_ = db.Close()
	}
	if err := os.Link(name, aside); err != nil {
		if err := os.Rename(name, aside); err != nil { // a file system without links
			return err
		}
	}
	if err := os.Rename(name+"-wal", aside+"-wal"); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := os.Remove(name + "-shm"); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// copyFile copies a file to a new one that only its owner can read.
func copyFile(ctx context.Context, from, to string) (err error) {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	for {
		_, err := io.CopyN(out, in, 16<<20)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err := errors.Join(err, ctx.Err()); err != nil {
			return err
		}
	}
}

// removeDatabase removes a database and what stands beside it, as far as there is any.
func removeDatabase(file string) error {
	var errs []error
	for _, end := range []string{"", "-wal", "-shm", ".lock"} {
		if err := os.Remove(file + end); err != nil && !errors.Is(err, fs.ErrNotExist) {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}
