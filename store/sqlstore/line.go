package sqlstore

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
)

// A line is one connection, kept for one goroutine, and replaced when it has failed where the dialect says so.
type line struct {
	db      *sql.DB
	dialect *dialect

	conn  *sql.Conn   // nil as long as there is none
	texts *statements // on conn
}

// get returns the statements of the connection, and connects where there is none.
func (l *line) get(ctx context.Context) (*statements, error) {
	if l.conn != nil {
		return l.texts, nil
	}
	ctx, cancel := l.dialect.bound(ctx)
	defer cancel()
	for tries := maxStale; ; tries-- {
		conn, err := l.db.Conn(ctx)
		if err != nil {
			return nil, err
		}
		err = l.dialect.configure(ctx, conn)
		if err == nil {
			l.conn, l.texts = conn, &statements{on: conn, dialect: l.dialect}
			return l.texts, nil
		}
		err = errors.Join(err, drop(conn))
		if tries == 0 || !isLost(err) {
			return nil, err
		}
	}
}

// maxStale is how many connections of the pool are tried of which the server knows no more.
const maxStale = 32

// committed returns an error if what was just committed may not be where it has to be by the settings of the server.
func (l *line) committed() error {
	if l.dialect.unsure == nil {
		return nil
	}
	return l.conn.Raw(func(conn any) error { return l.dialect.unsure(conn) })
}

// fail returns the connection to where it was before a transaction that has failed with cause, or gives it up.
func (l *line) fail(cause error) {
	ctx, cancel := l.dialect.bound(context.Background())
	defer cancel()
	gone := l.dialect.reconnects && isLost(cause)
	if !gone {
		// It fails where the database has rolled back by itself, as SQLite does when the disk is full.
		_, err := l.conn.ExecContext(ctx, `ROLLBACK`)
		gone = l.dialect.reconnects && err != nil
	}
	if gone {
		_ = drop(l.conn)
		l.conn, l.texts = nil, nil
	}
}

// drop closes a connection for good, instead of giving it back to the pool.
func drop(conn *sql.Conn) error {
	err := conn.Raw(func(any) error { return driver.ErrBadConn })
	if errors.Is(err, driver.ErrBadConn) || errors.Is(err, sql.ErrConnDone) {
		return nil
	}
	return err
}

func (l *line) close() error {
	if l.conn == nil {
		return nil
	}
	return errors.Join(l.texts.close(), l.conn.Close())
}

// isLost reports whether an error means that the connection is no good, and says nothing of what was asked: it does not come from the
// server, or it says that the server ends, does not take connections yet, or has become a replica.
func isLost(err error) bool {
	if errors.Is(err, context.DeadlineExceeded) {
		return false // what has taken so long already is not tried again
	}
	var answer interface{ SQLState() string }
	if !errors.As(err, &answer) {
		return true
	}
	switch state := answer.SQLState(); state {
	case "57P01", "57P02", "57P03", // admin_shutdown, crash_shutdown, cannot_connect_now
		"25006": // read_only_sql_transaction
		return true
	default:
		return len(state) == 5 && state[:2] == "08" // connection_exception
	}
}
