package serve_test

import (
	"database/sql"
	"strings"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"
)

// hurry makes every link so many minutes older.
func (tg *target) hurry(minutes int) {
	tg.t.Helper()
	tg.change(1, `UPDATE links SET expires_at = expires_at - $1`, (time.Duration(minutes) * time.Minute).Microseconds())
}

// change changes so many rows of the database, behind the server's back.
func (tg *target) change(rows int64, text string, values ...any) {
	tg.t.Helper()
	driver, source := "sqlite", "file:"+tg.database+"?_pragma=busy_timeout(10000)"
	if strings.HasPrefix(tg.database, "postgres:") {
		driver, source = "pgx", tg.database
	}
	db, err := sql.Open(driver, source)
	if err != nil {
		tg.t.Fatal(err)
	}
	defer db.Close()
	result, err := db.ExecContext(tg.t.Context(), text, values...)
	if err != nil {
		tg.t.Fatal(err)
	}
	if n, err := result.RowsAffected(); n != rows || err != nil {
		tg.t.Errorf("%d rows, %v; want %d", n, err, rows)
	}
}
