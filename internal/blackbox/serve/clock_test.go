package serve_test

import (
	"database/sql"
	"time"
)

// hurry makes every link so many minutes older, behind the server's back.
func (tg *target) hurry(minutes int) {
	tg.t.Helper()
	db, err := sql.Open("sqlite", "file:"+tg.database+"?_pragma=busy_timeout(10000)")
	if err != nil {
		tg.t.Fatal(err)
	}
	defer db.Close()
	result, err := db.ExecContext(tg.t.Context(), `UPDATE links SET expires_at = expires_at - $1`,
		(time.Duration(minutes) * time.Minute).Microseconds())
	if err != nil {
		tg.t.Fatal(err)
	}
	if n, err := result.RowsAffected(); n != 1 || err != nil {
		tg.t.Errorf("%d links, %v; want 1", n, err)
	}
}
