package sqlstore

import (
	"context"
	"database/sql"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"

	"github.com/handstamp/handstamp/internal/privateserver"
	"github.com/handstamp/handstamp/session"
)

// TestUpkeep looks at what runs once in a while.
func TestUpkeep(t *testing.T) {
	server := privateserver.StartPostgres(t, privateserver.PostgresConfig{})
	for name, test := range map[string]func(*testing.T, *Store, *sql.DB){
		"the feed is trimmed from its beginning": testTrim,
		"silent nodes are removed":               testSilent,
		"no setting makes a commit less durable": testDurable,
	} {
		t.Run(name, func(t *testing.T) {
			db, err := sql.Open("pgx", server.NewSchema(t))
			if err != nil {
				t.Fatal(err)
			}
			defer db.Close()
			s, err := OpenPostgres(t.Context(), db, PostgresConfig{})
			if err != nil {
				t.Fatal(err)
			}
			test(t, s, db)
			must(t, s.Close())
		})
	}
}

func testTrim(t *testing.T, s *Store, db *sql.DB) {
	for range 4 {
		r := newRecord(session.Record{}.UserID)
		must(t, s.Sessions().Insert(t.Context(), r))
		_, err := s.Sessions().End(t.Context(), session.Selection{Hash: r.Hash})
		must(t, err)
	}
	_, err := db.ExecContext(t.Context(), `UPDATE feed SET at = 0 WHERE position IN (1, 2)`)
	must(t, err)
	if n, err := s.shared.trim(t.Context(), keepFeed); n != 2 || err != nil {
		t.Errorf("%d changes were removed, %v; want the two that are old", n, err)
	}
	var first, last int
	must(t, db.QueryRowContext(t.Context(), `SELECT min(position), max(position) FROM feed`).Scan(&first, &last))
	if first != 3 || last != 4 {
		t.Errorf("the feed has %d to %d, want 3 to 4", first, last)
	}
	if n, err := s.shared.trim(t.Context(), keepFeed); n != 0 || err != nil {
		t.Errorf("%d changes were removed the second time, %v; want none", n, err)
	}
}

func testSilent(t *testing.T, s *Store, db *sql.DB) {
	_, err := db.ExecContext(t.Context(), `INSERT INTO nodes VALUES ('silent', '', '', 1, 0, 1, 0), ('alive', '', '', 1, 0, 1, 0)`)
	must(t, err)
	for s.shared.node.Incarnation() == "" {
		time.Sleep(time.Millisecond)
	}
	var silent silence
	must(t, s.shared.removeSilent(t.Context(), &silent))
	for id, was := range silent {
		silent[id] = heardOf{was.renewals, was.since.Add(-time.Hour)}
	}
	_, err = db.ExecContext(t.Context(), `UPDATE nodes SET renewals = 2 WHERE node = 'alive'`)
	must(t, err)
	must(t, s.shared.removeSilent(t.Context(), &silent))
	nodes, err := s.Nodes(t.Context())
	must(t, err)
	for _, n := range nodes {
		if n.ID == "silent" {
			t.Error("the node that was silent for an hour is still there")
		}
	}
	if len(nodes) != 2 {
		t.Errorf("nodes %+v, want the one that is alive, and this one", nodes)
	}
}

func testDurable(t *testing.T, s *Store, db *sql.DB) {
	for setting, want := range map[string]string{"off": "on", "local": "local", "remote_apply": "remote_apply"} {
		must(t, s.writes.alone(t.Context(), func(ctx context.Context, tx *transaction) error {
			_, err := tx.texts.on.ExecContext(ctx, `SET SESSION synchronous_commit = `+setting)
			return err
		}))
		must(t, s.writes.alone(t.Context(), func(ctx context.Context, tx *transaction) error {
			return tx.query(ctx, func(r row) error {
				var got string
				err := r.Scan(&got)
				if got != want {
					t.Errorf("a write is committed with synchronous_commit = %s where the setting is %s, want %s", got, setting, want)
				}
				return err
			}, `SHOW synchronous_commit`)
		}))
	}
}
