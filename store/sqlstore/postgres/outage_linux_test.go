package postgres_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/handstamp/handstamp/account"
	"github.com/handstamp/handstamp/internal/privateserver"
	"github.com/handstamp/handstamp/session"
	"github.com/handstamp/handstamp/store/sqlstore"
)

// TestServerIsKilled: while it is away everything fails in a bounded time, and nothing is taken for gone; afterwards the first write
// succeeds.
func TestServerIsKilled(t *testing.T) {
	own := privateserver.StartPostgres(t, privateserver.PostgresConfig{})
	s := open(t, own.NewDatabase(t), sqlstore.PostgresConfig{Lease: 400 * time.Millisecond, Timeout: 2 * time.Second})
	m := newManager(t, s.Sessions())
	_, token := begin(t, m, m)
	ended := newRecord()
	must(t, s.Sessions().Insert(t.Context(), ended))
	_, err := s.Sessions().End(t.Context(), session.Selection{Hash: ended.Hash})
	must(t, err)

	for name, end := range map[string]func(){"killed": own.Kill, "stopped": own.Stop} {
		end()
		start := time.Now()
		if err := s.Sessions().Insert(t.Context(), newRecord()); err == nil {
			t.Error("a write succeeds without a server")
		}
		eventually(t, 5*time.Second, "no lease", func() bool { return !holds(s)() })
		if _, err := m.Find(t.Context(), token); err == nil || errors.Is(err, session.ErrGone) {
			t.Errorf("Find without a server: %v, want an error that is not ErrGone", err)
		}
		if err := s.Ready(t.Context()); err == nil {
			t.Error("ready without a server")
		}
		if took := time.Since(start); took > 10*time.Second {
			t.Errorf("all that took %v", took)
		}
		own.Start(t)
		if err := s.Sessions().Insert(t.Context(), newRecord()); err != nil {
			t.Errorf("the first write after the server was %s: %v", name, err)
		}
		eventually(t, 5*time.Second, "ready", func() bool { return s.Ready(t.Context()) == nil })
		if _, err := m.Find(t.Context(), token); err != nil {
			t.Errorf("an acknowledged session after the server was %s: %v", name, err)
		}
		if _, err := s.Sessions().Load(t.Context(), ended.Hash); !errors.Is(err, session.ErrGone) {
			t.Errorf("an acknowledged logout after the server was %s: %v", name, err)
		}
	}

	// The connections are lost, and the server is there: nobody notices.
	own.Stop()
	own.Start(t)
	if err := s.Sessions().Insert(t.Context(), newRecord()); err != nil {
		t.Errorf("a write right after a restart: %v", err)
	}
}

// TestFailover: a replica takes the place of its primary, which then comes back and does not know.
func TestFailover(t *testing.T) {
	primary := privateserver.StartPostgres(t, privateserver.PostgresConfig{})
	standby := primary.StartStandby(t, privateserver.PostgresConfig{})
	eventually(t, 10*time.Second, "replica", func() bool {
		return primary.SQL(t, `SELECT count(*) FROM pg_stat_replication WHERE state = 'streaming'`) == "1"
	})
	address := primary.NewDatabase(t)
	primary.SQL(t, `ALTER SYSTEM SET synchronous_standby_names = '*'`)
	primary.SQL(t, `SELECT pg_reload_conf()`)
	eventually(t, 10*time.Second, "synchronous replica", func() bool {
		return primary.SQL(t, `SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'sync'`) == "1"
	})

	config := sqlstore.PostgresConfig{Lease: 400 * time.Millisecond, Timeout: 2 * time.Second}
	only := address // leads to the primary only
	replica := standby.URL("test_1")
	both := strings.Replace(address, "/test_1", ","+hostOf(replica)+"/test_1", 1)
	s := open(t, both, config)
	left := open(t, only, config)
	m, behind := newManager(t, s.Sessions()), newManager(t, left.Sessions())
	_, token := begin(t, m, behind)
	was := s.Node().State().Incarnation

	// A replica is not taken for a server, whatever the URL says.
	if _, err := openOnly(t.Context(), replica+"&target_session_attrs=any"); err == nil {
		t.Error("a replica was opened")
	}

	primary.Kill()
	standby.Promote(t)
	eventually(t, 20*time.Second, "a write", func() bool {
		return s.Sessions().Insert(t.Context(), newRecord()) == nil
	})
	eventually(t, 10*time.Second, "a lease from another incarnation", func() bool {
		return holds(s)() && s.Node().State().Incarnation != was
	})
	if _, err := m.Find(t.Context(), token); err != nil {
		t.Error("an acknowledged session after the failover:", err)
	}
	must(t, m.End(t.Context(), token))

	// The old primary answers whoever reads from it: that the session is alive.
	primary.Start(t)
	db := raw(t, only)
	var n int
	must(t, db.QueryRowContext(t.Context(), `SELECT count(*) FROM sessions`).Scan(&n))
	if n != 1 {
		t.Fatalf("the old primary has %d sessions: it is not the split brain that this is about", n)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
	defer cancel()
	if _, err := behind.Find(ctx, token); err == nil || errors.Is(err, session.ErrGone) {
		t.Errorf("a node that is left with the old primary: %v, want an error that is not ErrGone", err)
	}
	// It waits for a replica that is not there, gives up, and says that all went well, with a warning.
	if err := left.Sessions().Insert(t.Context(), newRecord()); err == nil {
		t.Error("a login is acknowledged that only the old primary has")
	}
	if holds(left)() {
		t.Error("a node that is left with the old primary holds a lease")
	}
}

// TestAWriterThatStandsStill keeps the others from writing for a bounded time, and then what it was about to write is not written.
func TestAWriterThatStandsStill(t *testing.T) {
	address := server.NewSchema(t)
	config := sqlstore.PostgresConfig{Timeout: time.Second}
	a, b := open(t, address, config), open(t, address, config)
	u := account.User{ID: newRecord().UserID}
	written, still, failed := make(chan struct{}), make(chan struct{}), make(chan error, 1)
	goOn := sync.OnceFunc(func() { close(still) })
	t.Cleanup(goOn)
	go func() {
		failed <- a.Transact(t.Context(), func(ctx context.Context, tx sqlstore.Tx) error {
			err := tx.InsertUser(ctx, u)
			close(written)
			<-still
			return err
		})
	}()
	<-written
	start := time.Now()
	must(t, b.Sessions().Insert(t.Context(), newRecord()))
	t.Logf("the others waited for %v", time.Since(start))
	goOn()
	if err := <-failed; err == nil {
		t.Error("the one who stood still has written")
	}
	if n, err := b.Users().Count(t.Context()); n != 0 || err != nil {
		t.Errorf("%d users, %v; want none", n, err)
	}
	must(t, a.Sessions().Insert(t.Context(), newRecord()))
}
