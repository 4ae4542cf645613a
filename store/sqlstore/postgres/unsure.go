package postgres

import (
	"errors"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
)

// errUnsure means that a commit is on the server that was asked, and perhaps on no other. It would be gone if another one
// took its place.
var errUnsure = errors.New("the server did not wait until another one had it, too")

// unsureKey is where a connection keeps that it was told so.
const unsureKey = "handstamp unsure"

// noteUnsure takes the warning with which a server that waits for a synchronous standby says that it has given up: by a timeout or by
// somebody's command. To whoever committed it says that all went well.
func noteUnsure(conn *pgconn.PgConn, notice *pgconn.Notice) {
	const warning = "01000"
	// The texts are translated by lc_messages, the routine's name is not.
	if notice.Code == warning && notice.Routine == "SyncRepWaitForLSN" || strings.HasPrefix(notice.Message, "canceling wait for synchronous replication") {
		conn.CustomData()[unsureKey] = true
	}
}

// unsure returns whether a connection was told so; from then on it is of no use.
func unsure(driverConn any) error {
	conn, ok := driverConn.(*stdlib.Conn)
	if !ok || conn.Conn().PgConn().CustomData()[unsureKey] == nil {
		return nil
	}
	return errUnsure
}
