package sqlstore

import (
	"context"
	"database/sql"
	"fmt"
	"time"
)

// A dialect is what the databases do not have in common.
type dialect struct {
	// configure makes what is committed on a connection durable.
	configure func(ctx context.Context, conn *sql.Conn) error

	// begin begins a transaction in which nobody else writes, in this process or in another.
	begin string
	// beginMigrating is begin where there may be no tables yet.
	beginMigrating string

	// prepares says that statements are to be prepared here, as the driver does not remember those that it has prepared.
	prepares bool
	// text makes a text one that the database takes; nil where it takes any.
	text func(string) string

	// unsure returns an error where a connection was told that its last commit may be on this server only; nil where there is
	// nobody else who would have to have it.
	unsure func(driverConn any) error

	// timeout bounds each wait for the database; zero where it is a file.
	timeout time.Duration
	// reconnects says that a connection which has failed is to be replaced.
	reconnects bool
}

var sqlite = dialect{
	configure: configureSQLite,
	// IMMEDIATE, so that nothing can come between what a write reads and what it writes.
	begin:          `BEGIN IMMEDIATE`,
	beginMigrating: `BEGIN IMMEDIATE`,
	prepares:       true,
}

// bound returns a context that lasts no longer than one wait for the database may.
func (d *dialect) bound(ctx context.Context) (context.Context, context.CancelFunc) {
	if d.timeout == 0 {
		return ctx, func() {}
	}
	return context.WithTimeout(ctx, d.timeout)
}

func configureSQLite(ctx context.Context, conn *sql.Conn) error {
	for _, setting := range []string{`PRAGMA busy_timeout = 5000`, `PRAGMA synchronous = FULL`} {
		if _, err := conn.ExecContext(ctx, setting); err != nil {
			return fmt.Errorf("%s: %w", setting, err)
		}
	}
	// SQLite says what it has become, and nothing else when that is not what was asked for.
	var mode string
	const wal = `PRAGMA journal_mode = WAL`
	if err := conn.QueryRowContext(ctx, wal).Scan(&mode); err != nil {
		return fmt.Errorf("%s: %w", wal, err)
	}
	if mode != "wal" && mode != "memory" {
		return fmt.Errorf("%s: the journal mode is still %s; the file system may not allow it", wal, mode)
	}
	return nil
}
