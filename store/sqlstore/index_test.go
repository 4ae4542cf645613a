package sqlstore

import (
	"regexp"
	"strings"
	"testing"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/account"
	"github.com/handstamp/handstamp/session"
)

var placeholder = regexp.MustCompile(`\$\d`)

// TestLookupsUseIndexes asks SQLite how it would go about each query that stands on the way of a
// request. A scan would make everybody wait for as long as there are users, as it did in the
// founding API.
func TestLookupsUseIndexes(t *testing.T) {
	s := open(t, newFile(t))
	var expired session.Selection
	expired.Expired.Limit = 1
	queries := []string{
		`SELECT * FROM sessions WHERE hash = $1`,
		`UPDATE sessions SET revision = 2 WHERE hash = $1 AND revision = $2`,
		`SELECT * FROM users WHERE id = $1`,
		`SELECT * FROM users WHERE email_key = $1`,
		`SELECT MAX(place) FROM users`,
		bucketsQuery(4),
		sweepBuckets,
	}
	for _, q := range []account.Query{{}, {Before: 1}, {Search: "x"}, {Before: 1, Search: "x"}} {
		where, _ := userSelection(q)
		queries = append(queries, `SELECT * FROM users WHERE `+where)
	}
	for _, q := range []session.Query{{}, {UserID: handstamp.NewID()}} {
		where, _ := sessionList(q)
		queries = append(queries, `SELECT * FROM sessions WHERE `+where)
	}
	for _, which := range []session.Selection{
		{Hash: session.RandomToken().Hash()},
		{UserID: handstamp.NewID()},
		{UserID: handstamp.NewID(), ID: handstamp.NewID()},
		{UserID: handstamp.NewID(), Except: session.RandomToken().Hash()},
		expired,
	} {
		where, _ := selection(which)
		queries = append(queries, `DELETE FROM sessions WHERE `+where)
	}
	for _, query := range queries {
		rows, err := s.writes.line.conn.QueryContext(t.Context(), `EXPLAIN QUERY PLAN `+placeholder.ReplaceAllString(query, "0"))
		if err != nil {
			t.Fatal(query, err)
		}
		for rows.Next() {
			var id, parent, unused int
			var detail string
			if err := rows.Scan(&id, &parent, &unused, &detail); err != nil {
				t.Fatal(query, err)
			}
			sortsAll := strings.Contains(query, "LIMIT") && strings.Contains(detail, "TEMP B-TREE")
			if strings.HasPrefix(detail, "SCAN") || sortsAll {
				t.Errorf("%s\n\twould %s", query, detail)
			}
		}
		if err := rows.Close(); err != nil {
			t.Fatal(query, err)
		}
	}
}
