package postgres_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/account"
	"github.com/handstamp/handstamp/internal/node"
	"github.com/handstamp/handstamp/session"
	"github.com/handstamp/handstamp/store/sqlstore"
)

// raw returns a connection to the database at address that knows nothing of Stores.
func raw(t testing.TB, address string) *sql.DB {
	t.Helper()
	db, err := sql.Open("pgx", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

func execute(t testing.TB, db *sql.DB, text string, args ...any) {
	t.Helper()
	if _, err := db.ExecContext(t.Context(), text, args...); err != nil {
		t.Fatal(err)
	}
}

func newManager(t testing.TB, s session.Store) *session.Manager {
	t.Helper()
	m := session.New(s)
	t.Cleanup(m.Close)
	return m
}

func newRecord() session.Record {
	now := time.Now().UTC().Truncate(time.Microsecond)
	return session.Record{
		Session: session.Session{ID: handstamp.NewID(), UserID: handstamp.NewID(), BeganAt: now, ProvedAt: now, SeenAt: now},
		Hash:    session.RandomToken().Hash(), Revision: 1,
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// eventually waits until check is true.
func eventually(t testing.TB, within time.Duration, what string, check func() bool) (took time.Duration) {
	t.Helper()
	start := time.Now()
	for !check() {
		if time.Since(start) > within {
			t.Fatalf("%s: not within %v", what, within)
		}
		time.Sleep(100 * time.Microsecond)
	}
	return time.Since(start)
}

func holds(s *sqlstore.Store) func() bool {
	return func() bool { return s.Node().Lease().Holds(time.Now()) }
}

// begin begins a session at one Manager and lets the other one look at it, so that both have it in memory.
func begin(t testing.TB, here, there *session.Manager) (session.Session, session.Token) {
	t.Helper()
	s, token, err := here.Begin(t.Context(), handstamp.Identity{UserID: handstamp.NewID()})
	must(t, err)
	_, err = there.Find(t.Context(), token)
	must(t, err)
	return s, token
}

func isGone(t testing.TB, m *session.Manager, token session.Token) bool {
	t.Helper()
	_, err := m.Find(t.Context(), token)
	if err != nil && !errors.Is(err, session.ErrGone) {
		t.Fatal(err)
	}
	return err != nil
}

func quantiles(took []time.Duration) string {
	slices.Sort(took)
	return fmt.Sprintf("p50 %v, p99 %v, most %v of %d", took[len(took)/2], took[len(took)*99/100], took[len(took)-1], len(took))
}

// TestRevokedElsewhereWakesUp: the lease is so long that only a notification brings the news this fast.
func TestRevokedElsewhereWakesUp(t *testing.T) {
	address := server.NewSchema(t)
	config := sqlstore.PostgresConfig{Lease: time.Minute}
	a, b := open(t, address, config), open(t, address, config)
	here, there := newManager(t, a.Sessions()), newManager(t, b.Sessions())
	eventually(t, 5*time.Second, "leases", func() bool { return holds(a)() && holds(b)() })
	execute(t, raw(t, address), `SELECT pg_notify('handstamp', '')`)
	var took []time.Duration
	for range 50 {
		_, token := begin(t, here, there)
		must(t, here.End(t.Context(), token))
		if !isGone(t, here, token) {
			t.Fatal("the node that has ended it accepts it still")
		}
		took = append(took, eventually(t, 5*time.Second, "refused by the other node", func() bool { return isGone(t, there, token) }))
	}
	t.Logf("from the revoke's answer to the refusal elsewhere: %s", quantiles(took))
}

// TestRevokeKnowsWhatOthersChanged: a token was replaced at one node, and at once all sessions of its user end at another, which
// still had the token in memory. When that is answered, it refuses both.
func TestRevokeKnowsWhatOthersChanged(t *testing.T) {
	address := server.NewSchema(t)
	config := sqlstore.PostgresConfig{Lease: time.Minute}
	a, b := open(t, address, config), open(t, address, config)
	here, there := newManager(t, a.Sessions()), newManager(t, b.Sessions())
	eventually(t, 5*time.Second, "leases", func() bool { return holds(a)() && holds(b)() })
	for range 30 {
		s, token := begin(t, here, there)
		renewed, err := there.Renew(t.Context(), token)
		must(t, err)
		must(t, here.EndUser(t.Context(), s.UserID))
		if !isGone(t, here, token) || !isGone(t, here, renewed) {
			t.Fatal("a token of a session that has ended is accepted where it was ended")
		}
	}
}

// TestRevokedElsewhereWithoutBeingWoken: nothing rests on notifications.
func TestRevokedElsewhereWithoutBeingWoken(t *testing.T) {
	address := server.NewSchema(t)
	config := sqlstore.PostgresConfig{Lease: 400 * time.Millisecond}
	a := open(t, address, config)
	deaf, err := sqlstore.OpenPostgres(t.Context(), raw(t, address), config)
	must(t, err)
	t.Cleanup(func() { must(t, deaf.Close()) })
	here, there := newManager(t, a.Sessions()), newManager(t, deaf.Sessions())
	for range 5 {
		_, token := begin(t, here, there)
		ended := time.Now()
		must(t, here.End(t.Context(), token))
		answered := time.Now()
		eventually(t, 5*time.Second, "refused by the other node", func() bool {
			asked := time.Now()
			gone := isGone(t, there, token)
			if !gone && asked.Sub(answered) > config.Lease {
				t.Fatalf("accepted %v after the revoke", asked.Sub(ended))
			}
			return gone
		})
	}
}

// TestUsersChangedElsewhere: what a node remembers of a user is as fresh as what it remembers of sessions.
func TestUsersChangedElsewhere(t *testing.T) {
	address := server.NewSchema(t)
	config := sqlstore.PostgresConfig{Lease: time.Minute}
	a, b := open(t, address, config), open(t, address, config)
	there := account.New(b.Users())
	u := account.User{ID: handstamp.NewID(), Email: "ann@example.com", EmailKey: "ann@example.com"}
	must(t, a.Users().Insert(t.Context(), u, account.Write{}))
	eventually(t, 5*time.Second, "leases", func() bool { return holds(a)() && holds(b)() })
	role := func() string {
		found, err := there.User(t.Context(), u.ID)
		must(t, err)
		return found.Role
	}
	role()
	_, err := a.Users().Update(t.Context(), u.ID, func(u *account.User) (account.Write, error) {
		u.Role = "admin"
		return account.Write{}, nil
	})
	must(t, err)
	eventually(t, 5*time.Second, "the new role", func() bool { return role() == "admin" })
}

// TestFeedIsInTheOrderOfCommits, without a gap, whoever writes.
func TestFeedIsInTheOrderOfCommits(t *testing.T) {
	address := server.NewSchema(t)
	var mu sync.Mutex
	var steps []node.Step
	a, b := open(t, address, sqlstore.PostgresConfig{}), open(t, address, sqlstore.PostgresConfig{})
	watching := open(t, address, sqlstore.PostgresConfig{Trace: func(s node.Step) {
		mu.Lock()
		defer mu.Unlock()
		steps = append(steps, s)
	}})
	eventually(t, 5*time.Second, "lease", holds(watching))
	var heard []session.Hash
	defer watching.Sessions().Watch(func(c session.Change) {
		mu.Lock()
		defer mu.Unlock()
		heard = append(heard, c.Hash)
	})()

	const writers, each = 6, 15
	ended := make([][]session.Hash, writers)
	var all sync.WaitGroup
	for w := range writers {
		all.Go(func() {
			for i := range each {
				r := newRecord()
				// In turns, so that each has to come after what the other store has done before.
				s := []*sqlstore.Store{a, b}[(w+i)%2].Sessions()
				if err := s.Insert(t.Context(), r); err != nil {
					t.Error(err)
				}
				if n, err := s.End(t.Context(), session.Selection{Hash: r.Hash}); n != 1 || err != nil {
					t.Error(n, err)
				}
				ended[w] = append(ended[w], r.Hash)
			}
		})
	}
	all.Wait()
	count := func() int {
		mu.Lock()
		defer mu.Unlock()
		return len(heard)
	}
	eventually(t, 5*time.Second, "all changes", func() bool { return count() >= writers*each })
	mu.Lock()
	defer mu.Unlock()
	if len(heard) != writers*each {
		t.Errorf("%d changes were heard of %d", len(heard), writers*each)
	}
	for w := range ended {
		last := -1
		for _, hash := range ended[w] {
			place := slices.Index(heard, hash)
			if place <= last {
				t.Fatalf("writer %d: a change was heard at place %d, after one at %d that was made before it", w, place, last)
			}
			last = place
		}
	}
	for i, s := range steps {
		if s.Err != nil || s.Cleared != (i == 0) || i > 0 && s.Head-s.After != int64(s.Changes) {
			t.Errorf("renewal %d: %+v", i, s)
		}
	}
}

// TestGapMakesForget: whoever has missed something forgets everything.
func TestGapMakesForget(t *testing.T) {
	for name, text := range map[string]string{
		"in front": `WITH head AS (UPDATE feed_head SET position = position + 3 RETURNING position)
			INSERT INTO feed SELECT position, decode(repeat('01', 32), 'hex'), 0, NULL, 0 FROM head`,
		"behind":  `UPDATE feed_head SET position = position + 3`,
		"between": `WITH head AS (UPDATE feed_head SET position = position + 3 RETURNING position) INSERT INTO feed SELECT position - i, decode(repeat('01', 32), 'hex'), 0, NULL, 0 FROM head, (VALUES (0), (2)) AS v (i)`,
		"back":    `UPDATE feed_head SET position = position - 1`,
	} {
		t.Run(name, func(t *testing.T) {
			address := server.NewSchema(t)
			s := open(t, address, sqlstore.PostgresConfig{Lease: 400 * time.Millisecond})
			r := newRecord()
			must(t, s.Sessions().Insert(t.Context(), r))
			_, err := s.Sessions().End(t.Context(), session.Selection{Hash: r.Hash})
			must(t, err)
			eventually(t, 5*time.Second, "position", func() bool { return s.Node().State().Position == 1 })
			cleared := make(chan struct{}, 100)
			defer s.Sessions().Watch(func(c session.Change) {
				if c == (session.Change{}) {
					cleared <- struct{}{}
				}
			})()
			execute(t, raw(t, address), text)
			select {
			case <-cleared:
			case <-time.After(5 * time.Second):
				t.Fatal("nothing was forgotten")
			}
			eventually(t, 5*time.Second, "lease", holds(s))
		})
	}
}

// TestOtherIncarnation: a database that has lost an acknowledged logout is told of it again.
func TestOtherIncarnation(t *testing.T) {
	address := server.NewSchema(t)
	s := open(t, address, sqlstore.PostgresConfig{Lease: 400 * time.Millisecond})
	db := raw(t, address)
	var ended []session.Record
	for range 600 {
		ended = append(ended, newRecord())
	}
	must(t, s.Transact(t.Context(), func(ctx context.Context, tx sqlstore.Tx) error {
		for _, r := range ended {
			if err := tx.InsertSession(ctx, r); err != nil {
				return err
			}
		}
		return nil
	}))
	execute(t, db, `CREATE TABLE kept AS SELECT * FROM sessions`)
	for _, r := range ended {
		if _, err := s.Sessions().End(t.Context(), session.Selection{UserID: r.UserID}); err != nil {
			t.Fatal(err)
		}
	}
	eventually(t, 5*time.Second, "position", func() bool { return s.Node().State().Position == 1200 })
	execute(t, db, `WITH lost AS (INSERT INTO sessions SELECT * FROM kept), none AS (DELETE FROM feed) UPDATE feed_head SET incarnation = 'another', position = 0`)
	was := s.Node().State().Incarnation
	eventually(t, 5*time.Second, "another incarnation", func() bool {
		state := s.Node().State()
		return state.Incarnation != was && state.Holds
	})
	if n, err := s.Sessions().Count(t.Context()); n != 0 || err != nil {
		t.Errorf("%d sessions are back, %v; want none", n, err)
	}
}

// TestAnswersOfAnotherIncarnation count only when the node goes by it: nobody has told it yet.
func TestAnswersOfAnotherIncarnation(t *testing.T) {
	address := server.NewSchema(t)
	s := open(t, address, sqlstore.PostgresConfig{Lease: time.Minute})
	m := newManager(t, s.Sessions())
	eventually(t, 5*time.Second, "lease", holds(s))
	_, token := begin(t, m, m)
	was := s.Node().Incarnation()
	execute(t, raw(t, address), `UPDATE feed_head SET incarnation = 'another'`)
	if _, err := s.Sessions().Load(t.Context(), token.Hash()); err != nil {
		t.Error(err)
	}
	if s.Node().Incarnation() == was {
		t.Error("what another incarnation says was gone by, and what the one before had said still is")
	}
}

func TestNodes(t *testing.T) {
	address := server.NewSchema(t)
	a := open(t, address, sqlstore.PostgresConfig{Name: "one", Version: "1.2", Lease: 3 * time.Second})
	b, err := sqlstore.OpenPostgres(t.Context(), raw(t, address), sqlstore.PostgresConfig{Name: "two"})
	must(t, err)
	eventually(t, 5*time.Second, "leases", func() bool { return holds(a)() && holds(b)() })
	nodes, err := a.Nodes(t.Context())
	must(t, err)
	if len(nodes) != 2 || nodes[0].Name != "one" || nodes[0].Version != "1.2" || nodes[0].Lease != 3*time.Second ||
		nodes[0].ID != a.Node().ID() || nodes[1].Lease != node.DefaultLease || nodes[0].Age < 0 || nodes[0].Age > 5*time.Second {
		t.Errorf("nodes %+v", nodes)
	}
	must(t, b.Close())
	if nodes, err = a.Nodes(t.Context()); err != nil || len(nodes) != 1 {
		t.Errorf("after the other one has ended: nodes %+v, %v", nodes, err)
	}
}
