package sqlstore

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/handstamp/handstamp/internal/node"
)

// A PostgresConfig says how a Store works on PostgreSQL. The zero value is good.
type PostgresConfig struct {
	Name    string        // of this process, for people
	Version string        // of the program, for people
	Lease   time.Duration // how long it answers from memory without having heard of changes; [node.DefaultLease] if zero

	// Strict makes whatever revokes wait until every other process has applied it, or trusts its memory no longer.
	Strict bool

	// Timeout bounds each wait for the database; 5 seconds if zero.
	Timeout time.Duration

	// Listen calls heard with the payload of each notification on a channel, and with an empty one when it may have missed
	// some, until ctx is done. Without it changes of other processes are heard of four times per lease.
	Listen func(ctx context.Context, channel string, heard func(payload string))

	// Unsure returns an error for a connection of the driver that the server has told that it gave up to wait for another server
	// which has to have each commit. Without it such a commit counts.
	Unsure func(driverConn any) error

	// Report is told when the lease cannot be renewed, once for each time that this begins, and of nil when it can be again.
	Report func(error)

	// Trace is told of each renewal.
	Trace func(node.Step)

	// Close is called at the end of [Store.Close].
	Close func() error
}

// ErrEncoding means that a database keeps texts in another encoding than UTF-8.
var ErrEncoding = errors.New("the database is not in UTF-8")

// channel is what processes notify each other on.
const channel = "handstamp"

// OpenPostgres makes a Store of a database that other processes may have open at the same time, and brings the tables up
// to date. db is of a driver that remembers the statements it has prepared, takes several statements at once where there are no
// arguments, and tells errors of the server by a method SQLState, as pgx does. Each of its connections must lead to a
// server that takes writes: what a replica says is too old. The package postgres beside this one opens one.
//
// Three connections of db are taken for as long as the Store is open or for a while: one writes, one renews the lease. The others read.
func OpenPostgres(ctx context.Context, db *sql.DB, config PostgresConfig) (*Store, error) {
	config.Timeout = cmp.Or(config.Timeout, 5*time.Second)
	config.Lease = cmp.Or(config.Lease, node.DefaultLease)
	d := postgres(config.Timeout)
	d.unsure = config.Unsure
	s := &Store{reads: statements{on: db, dialect: d}}
	var err error
	if s.writes, err = newWriter(ctx, db, d, s.feed.Publish); err != nil {
		return nil, err
	}
	if err := s.writes.migrate(ctx); err != nil {
		return nil, errors.Join(err, s.writes.close(), s.reads.close())
	}
	s.shared = share(s, db, config)
	return s, nil
}

// postgres returns how PostgreSQL is spoken to.
func postgres(timeout time.Duration) *dialect {
	// The server gives up before this side does, so that a connection survives a statement that was too slow. A process that stands still
	// in the middle of a transaction keeps everybody else from writing for as long as it may be idle there.
	settings := fmt.Sprintf(`SET LOCAL statement_timeout = %d; SET LOCAL lock_timeout = %d; SET LOCAL idle_in_transaction_session_timeout = %d;
		SELECT `+durable+`; `,
		(timeout * 9 / 10).Milliseconds(), (timeout * 8 / 10).Milliseconds(), (timeout * 4 / 10).Milliseconds())
	return &dialect{
		configure: configurePostgres,
		// One row, held until the commit, makes the writes of all processes come one after the other, as they do in SQLite.
		begin: `BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE; ` + settings + `SELECT id FROM turn FOR UPDATE`,
		beginMigrating: `BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE; SELECT ` + durable + `;
			SELECT pg_advisory_xact_lock(` + migrationLock + `);
			DO $$ BEGIN IF to_regclass('turn') IS NOT NULL THEN PERFORM id FROM turn FOR UPDATE; END IF; END $$`,
		text:       plainText,
		timeout:    timeout,
		reconnects: true,
	}
}

// durable is an expression that keeps a transaction from being acknowledged before it is on the disk, whatever the server's setting. How many
// other servers must have it by then is left to that.
const durable = `set_config('synchronous_commit', CASE current_setting('synchronous_commit')
	WHEN 'off' THEN 'on' ELSE current_setting('synchronous_commit') END, true)`

// migrationLock is the number of the advisory lock that is held during migrations: "handsta" in ASCII.
const migrationLock = `29380524337493089`

func configurePostgres(ctx context.Context, conn *sql.Conn) error {
	var encoding string
	if err := conn.QueryRowContext(ctx, `SHOW server_encoding`).Scan(&encoding); err != nil {
		return err
	}
	if encoding != "UTF8" {
		return fmt.Errorf("%w, but in %s", ErrEncoding, encoding)
	}
	return nil
}
