package postgres

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgconn/ctxwatch"
)

const (
	listenPause = 500 * time.Millisecond // before a connection that was lost is made again
	listenCheck = 5 * time.Second        // after which silence is looked into
	listenWait  = 3 * time.Second        // for whatever is asked on that connection
)

// listener returns what hears of notifications, on a connection of its own. Nothing rests on it: what it misses, the next renewal of the lease
// brings. So it tells nobody of what goes wrong, as the same goes wrong with renewals.
func listener(config *pgx.ConnConfig) func(ctx context.Context, channel string, heard func(payload string)) {
	config = config.Copy()
	config.BuildContextWatcherHandler = func(conn *pgconn.PgConn) ctxwatch.Handler {
		return &pgconn.DeadlineContextWatcherHandler{Conn: conn.Conn()}
	}
	return func(ctx context.Context, channel string, heard func(string)) {
		for {
			listen(ctx, config, channel, heard)
			select {
			case <-ctx.Done():
				return
			case <-time.After(listenPause):
			}
		}
	}
}

// listen passes notifications on until ctx is done or the connection is lost.
func listen(ctx context.Context, config *pgx.ConnConfig, channel string, heard func(string)) {
	conn, err := within(ctx, func(ctx context.Context) (*pgx.Conn, error) { return pgx.ConnectConfig(ctx, config) })
	if err != nil {
		return
	}
	defer func() {
		_, _ = within(context.WithoutCancel(ctx), func(ctx context.Context) (any, error) { return nil, conn.Close(ctx) })
	}()
	_, err = within(ctx, func(ctx context.Context) (any, error) {
		return conn.Exec(ctx, `LISTEN `+pgx.Identifier{channel}.Sanitize())
	})
	if err != nil {
		return
	}
	heard("") // of what was missed
	for ctx.Err() == nil {
		waiting, cancel := context.WithTimeout(ctx, listenCheck)
		notification, err := conn.WaitForNotification(waiting)
		cancel()
		switch {
		case err == nil:
			heard(notification.Payload)
		case ctx.Err() == nil && pgconn.Timeout(err):
			if _, err := within(ctx, func(ctx context.Context) (any, error) { return nil, conn.Ping(ctx) }); err != nil {
				return
			}
		default:
			return
		}
	}
}

// within bounds what do waits.
func within[T any](ctx context.Context, do func(context.Context) (T, error)) (T, error) {
	ctx, cancel := context.WithTimeout(ctx, listenWait)
	defer cancel()
	return do(ctx)
}
