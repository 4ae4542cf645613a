package sqlstore

import (
	"context"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"time"
)

//go:embed migrations/*.sql
var migrations embed.FS

// What stands in the way of bringing the tables up to date.
var (
	// ErrNewer means that the database was made by a newer version of this program.
	ErrNewer = errors.New("database was made by a newer version")
	// ErrChanged means that a migration is not what it was when it was applied.
	ErrChanged = errors.New("migration was changed after it had been applied")
)

// migrate brings the tables up to date, while no other process does.
func (w *writer) migrate(ctx context.Context) error {
	return w.commitOne(&write{ctx: ctx, do: migrate, alone: true, begin: w.dialect.beginMigrating, err: make(chan error, 1)})
}

// completions do what a migration has left to the program, right after it and only then.
var completions = map[string]func(context.Context, *transaction) error{
	"0004_lists.sql": addSearchTexts,
	"0008_nodes.sql": beginFeed,
}

// migrate applies, in the order of their names, the migrations that were not applied before. It
// runs in one transaction, so that a failure leaves the database as it was.
func migrate(ctx context.Context, tx *transaction) error {
	const table = `CREATE TABLE IF NOT EXISTS migrations (
		name TEXT PRIMARY KEY, checksum TEXT NOT NULL, applied_at BIGINT NOT NULL)`
	if err := tx.script(ctx, table); err != nil {
		return fmt.Errorf("migrate database: %w", err)
	}
	applied, err := appliedMigrations(ctx, tx)
	if err != nil {
		return fmt.Errorf("migrate database: %w", err)
	}
	files, err := fs.Glob(migrations, "migrations/*.sql")
	if err != nil {
		return fmt.Errorf("migrate database: %w", err)
	}
	newest := path.Base(files[len(files)-1])
	for _, file := range files {
		name := path.Base(file)
		text, err := migrations.ReadFile(file)
		if err != nil {
			return fmt.Errorf("migrate database: %w", err)
		}
		sum := sha256.Sum256(text)
		checksum := hex.EncodeToString(sum[:])
		if was, ok := applied[name]; ok {
			if was != checksum {
				return fmt.Errorf("migrate database: %s: %w", name, ErrChanged)
			}
			delete(applied, name)
			continue
		}
		if err := tx.script(ctx, string(text)); err != nil {
			return fmt.Errorf("migrate database: %s: %w", name, err)
		}
		if complete := completions[name]; complete != nil {
			if err := complete(ctx, tx); err != nil {
				return fmt.Errorf("migrate database: %s: %w", name, err)
			}
		}
		const note = `INSERT INTO migrations (name, checksum, applied_at) VALUES ($1, $2, $3)`
		if _, err := tx.exec(ctx, note, name, checksum, time.Now().UnixMicro()); err != nil {
			return fmt.Errorf("migrate database: %s: %w", name, err)
		}
	}
	return judgeNewer(ctx, tx, applied, newest)
}

// judgeNewer returns [ErrNewer] if a program that knows of migrations up to newest cannot work with what others have done to
// the database. So the nodes of a newer version may come while those of the one before are still there.
func judgeNewer(ctx context.Context, tx *transaction, others map[string]string, newest string) error {
	if len(others) == 0 {
		return nil
	}
	err := tx.query(ctx, func(r row) error {
		var name, knows string
		err := r.Scan(&name, &knows)
		if knows <= newest {
			delete(others, name)
		}
		return err
	}, `SELECT migration, knows FROM compatible`)
	if err != nil {
		return fmt.Errorf("migrate database: %w", err)
	}
	for _, name := range slices.Sorted(maps.Keys(others)) {
		return fmt.Errorf("migrate database: it has %s: %w", name, ErrNewer)
	}
	return nil
}

// appliedMigrations returns the checksums of what was applied, by name.
func appliedMigrations(ctx context.Context, tx *transaction) (map[string]string, error) {
	applied := make(map[string]string)
	err := tx.query(ctx, func(r row) error {
		var name, checksum string
		err := r.Scan(&name, &checksum)
		applied[name] = checksum
		return err
	}, `SELECT name, checksum FROM migrations`)
	return applied, err
}
