package sqlstore

import (
	"crypto/sha256"
	"database/sql"
	"fmt"
	"testing"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/account"
)

// TestUsersOfAnOlderVersionAreFound: the database of the version before there was a search, with more
// users than are read at once.
func TestUsersOfAnOlderVersionAreFound(t *testing.T) {
	file := newFile(t)
	db, err := sql.Open("sqlite", "file:"+file)
	if err != nil {
		t.Fatal(err)
	}
	db.SetMaxOpenConns(1) // the one with the transaction
	do := func(text string, args ...any) {
		t.Helper()
		if _, err := db.ExecContext(t.Context(), text, args...); err != nil {
			t.Fatal(err)
		}
	}
	do(`CREATE TABLE migrations (name TEXT PRIMARY KEY, checksum TEXT NOT NULL, applied_at BIGINT NOT NULL)`)
	for _, name := range []string{"0001_users_and_sessions.sql", "0002_serve.sql", "0003_throttle.sql"} {
		text, err := migrations.ReadFile("migrations/" + name)
		if err != nil {
			t.Fatal(err)
		}
		do(string(text))
		do(`INSERT INTO migrations VALUES ($1, $2, 0)`, name, fmt.Sprintf("%x", sha256.Sum256(text)))
	}
	const others = 1200
	do(`BEGIN`)
	for i := range others + 2 {
		email, first := fmt.Sprintf("user%d@example.com", i), any("Someone")
		switch i {
		case 5:
			email, first = "Åsa@Example.com", "ZOË"
		case others:
			first = nil
		}
		id := handstamp.NewID()
		do(`INSERT INTO users (id, place, email, email_key, first_name, role, password_hash, epoch, created_at, updated_at)
			VALUES ($1, $2, $3, $3, $4, '', '', 0, 0, 0)`, id[:], 3*i+7, email, first)
	}
	do(`COMMIT`)
	must(t, db.Close())

	s := open(t, file)
	for search, want := range map[string]string{
		"åsa": "Åsa@Example.com", "zoe": "Åsa@Example.com", "ZOË": "Åsa@Example.com",
		"USER1200": "user1200@example.com", "user1201@": "user1201@example.com",
	} {
		users, err := s.Users().List(t.Context(), account.Query{Search: search, Limit: 10})
		if err != nil || len(users) != 1 || users[0].Email != want {
			t.Errorf("search for %q: %v, %v; want %s", search, users, err, want)
		}
	}
	users, err := s.Users().List(t.Context(), account.Query{Search: "someone", Limit: 2 * others})
	if err != nil || len(users) != others {
		t.Errorf("%d users, %v; want %d", len(users), err, others)
	}
}
