package postgres_test

import (
	"context"
	"errors"
	"net/netip"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/account"
	"github.com/handstamp/handstamp/audit"
	"github.com/handstamp/handstamp/store/sqlstore"
	"github.com/handstamp/handstamp/store/sqlstore/postgres"
	"github.com/handstamp/handstamp/throttle"
)

// openOnly opens a Store and closes it again.
func openOnly(ctx context.Context, address string) (*sqlstore.Store, error) {
	s, err := postgres.Open(ctx, address, sqlstore.PostgresConfig{})
	if err != nil {
		return nil, err
	}
	return s, s.Close()
}

func TestMigrationsOfSeveralAtOnce(t *testing.T) {
	address := server.NewSchema(t)
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			if _, err := openOnly(t.Context(), address); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
}

// TestNewerVersionBeside: a program works on tables that the next version has made, if that one says so.
func TestNewerVersionBeside(t *testing.T) {
	for name, c := range map[string]struct {
		knows string
		want  error
	}{
		"which the one before can work with":         {`INSERT INTO compatible VALUES ('9999_next.sql', '0008_nodes.sql')`, nil},
		"which the one in between can work with":     {`INSERT INTO compatible VALUES ('9999_next.sql', '9998_between.sql')`, sqlstore.ErrNewer},
		"which no other can work with":               {`SELECT 1`, sqlstore.ErrNewer},
		"of two that it says so of one of them only": {`INSERT INTO compatible VALUES ('9998_between.sql', '0008_nodes.sql'); INSERT INTO migrations VALUES ('9998_between.sql', 'x', 0)`, sqlstore.ErrNewer},
	} {
		t.Run(name, func(t *testing.T) {
			address := server.NewSchema(t)
			running := open(t, address, sqlstore.PostgresConfig{})
			db := raw(t, address)
			execute(t, db, `ALTER TABLE sessions ADD COLUMN later TEXT NOT NULL DEFAULT ''`)
			execute(t, db, `INSERT INTO migrations VALUES ('9999_next.sql', 'x', 0)`)
			execute(t, db, c.knows)
			if _, err := openOnly(t.Context(), address); !errors.Is(err, c.want) {
				t.Errorf("error %v, want %v", err, c.want)
			}
			r := newRecord()
			must(t, running.Sessions().Insert(t.Context(), r))
			_, err := running.Sessions().Load(t.Context(), r.Hash)
			must(t, err)
		})
	}
}

func TestOneAuditLogOfTwoWriters(t *testing.T) {
	address := server.NewSchema(t)
	chain := audit.NewChain([]byte("key"))
	var logs []*sqlstore.Audit
	for range 2 {
		logs = append(logs, open(t, address, sqlstore.PostgresConfig{}).Audit(chain))
	}
	const writers, each = 4, 20
	var all sync.WaitGroup
	for w := range 2 * writers {
		all.Go(func() {
			for range each {
				if err := logs[w%2].Record(t.Context(), handstamp.NewEvent(t.Context(), handstamp.ActionLogin)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	end, err := audit.Verify(t.Context(), logs[0], chain, audit.Mark{})
	if err != nil || end.Number != 2*writers*each {
		t.Errorf("the log ends at %d, %v; want %d entries", end.Number, err, 2*writers*each)
	}
}

func TestOneThrottleOfTwoTakers(t *testing.T) {
	address := server.NewSchema(t)
	stores := []*sqlstore.Throttle{open(t, address, sqlstore.PostgresConfig{}).Throttle(), open(t, address, sqlstore.PostgresConfig{}).Throttle()}
	const burst, takers = 25, 60
	bucket := throttle.Bucket{Key: throttle.Key{1}, Limit: throttle.Limit{Burst: burst, Every: time.Hour}}
	var allowed atomic.Int64
	var all sync.WaitGroup
	now := time.Now()
	for i := range takers {
		all.Go(func() {
			verdicts, err := stores[i%2].Take(t.Context(), now, []throttle.Bucket{bucket})
			if err != nil {
				t.Error(err)
				return
			}
			if verdicts[0].Wait == 0 {
				allowed.Add(1)
			}
		})
	}
	all.Wait()
	if allowed.Load() != burst {
		t.Errorf("%d attempts were let through, want %d", allowed.Load(), burst)
	}
}

// TestTextsThatPostgresRefuses fail nobody's write.
func TestTextsThatPostgresRefuses(t *testing.T) {
	s := openNew(t)
	chain := audit.NewChain([]byte("key"))
	log := s.Audit(chain)
	name := "a\x00b\xff\xfec"
	var all sync.WaitGroup
	for range 10 {
		all.Go(func() {
			u := account.User{ID: handstamp.NewID(), Email: name, FirstName: &name, Role: name}
			e := handstamp.NewEvent(t.Context(), handstamp.Action(name))
			e.Reason, e.Actor, e.Origin = name, name, handstamp.Origin{Address: netip.MustParseAddr("192.0.2.1"), Device: name, Trace: name}
			if err := s.Users().Insert(t.Context(), u, account.Write{Events: []handstamp.Event{e}}); err != nil {
				t.Error(err)
			}
			r := newRecord()
			r.Device, r.Role, r.Address = name, name, name
			if err := s.Sessions().Insert(t.Context(), r, e); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if _, err := s.Users().Find(t.Context(), account.Ref{EmailKey: name}); !errors.Is(err, account.ErrNoUser) {
		t.Errorf("error %v, want ErrNoUser", err)
	}
	found, err := s.Users().List(t.Context(), account.Query{Search: "a\x00b", Limit: 100})
	if err != nil || len(found) != 10 || *found[0].FirstName != "a\uFFFDb\uFFFDc" {
		t.Errorf("found %d users, %v; want 10", len(found), err)
	}
	if _, err := log.Entries(t.Context(), audit.Filter{Action: handstamp.Action(name), Limit: 5}); err != nil {
		t.Error(err)
	}
	if _, err := audit.Verify(t.Context(), log, chain, audit.Mark{}); err != nil {
		t.Error("the sums are not those of what was written down:", err)
	}
}

func TestCheckKey(t *testing.T) {
	s := openNew(t)
	for value, want := range map[string]error{"first": nil} {
		must(t, s.CheckKey(t.Context(), []byte(value)))
		for other, want := range map[string]error{value: want, "second": sqlstore.ErrOtherKey, "": sqlstore.ErrOtherKey} {
			if err := s.CheckKey(t.Context(), []byte(other)); !errors.Is(err, want) {
				t.Errorf("CheckKey(%q): %v, want %v", other, err, want)
			}
		}
	}
}

func TestBackupIsPostgresOwn(t *testing.T) {
	_, err := openNew(t).Backup(t.Context(), filepath.Join(t.TempDir(), "backup"), false)
	if !errors.Is(err, sqlstore.ErrServer) || !strings.Contains(err.Error(), "pg_dump") {
		t.Errorf("error %v, want ErrServer, which names pg_dump", err)
	}
}

func TestURLsThatAreRefused(t *testing.T) {
	for address, want := range map[string]error{
		"postgres://u:s3cret@db.internal/h":                                            postgres.ErrNoTLS,
		"postgres://u:s3cret@127.0.0.1,db.internal/h":                                  postgres.ErrNoTLS,
		"postgres://u:s3cret@127.0.0.1:x/h":                                            postgres.ErrURL,
		"postgres://u:s3cret@127.0.0.1/h?sslmode=s3cret":                               postgres.ErrURL,
		"postgres://u:s3cret@127.0.0.1/h?pool_max_conns=2":                             postgres.ErrURL,
		"postgres://u@127.0.0.1/h?password=s3cret&connect_timeout=s3cret":              postgres.ErrURL,
		"mysql://u:s3cret@127.0.0.1/h":                                                 postgres.ErrURL,
		"host=127.0.0.1 password=s3cret":                                               postgres.ErrURL,
		"postgres://u:s3cret@127.0.0.1:1/h":                                            nil, // nobody listens
		"postgres://u:s3cret@" + hostOf(server.URL("postgres")) + "/h?sslmode=disable": nil, // there is no such user
	} {
		_, err := openOnly(t.Context(), address)
		if err == nil || want != nil && !errors.Is(err, want) {
			t.Errorf("%s: error %v, want %v", address, err, want)
			continue
		}
		if strings.Contains(err.Error(), "s3cret") {
			t.Errorf("the error has the password: %v", err)
		}
	}
}

// hostOf returns the host and the port of a URL.
func hostOf(address string) string {
	_, host, _ := strings.Cut(address, "@")
	host, _, _ = strings.Cut(host, "/")
	return host
}
