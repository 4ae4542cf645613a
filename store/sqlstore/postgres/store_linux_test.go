package postgres_test

import (
	"flag"
	"os"
	"testing"

	"go.uber.org/goleak"

	"github.com/handstamp/handstamp/account"
	"github.com/handstamp/handstamp/audit"
	"github.com/handstamp/handstamp/client"
	"github.com/handstamp/handstamp/internal/privateserver"
	"github.com/handstamp/handstamp/session"
	"github.com/handstamp/handstamp/store/sqlstore"
	"github.com/handstamp/handstamp/store/sqlstore/postgres"
	"github.com/handstamp/handstamp/store/storetest"
	"github.com/handstamp/handstamp/throttle"
	"github.com/handstamp/handstamp/token/keyring"
)

// server is started once for all tests that do it no harm.
var server *privateserver.Postgres

func TestMain(m *testing.M) {
	// Each step of a state machine is a commit here; what the stores have in common is driven through more of them elsewhere. The command line
	// may say another number.
	if err := flag.Set("rapid.checks", "20"); err != nil {
		panic(err)
	}
	code := privateserver.Main(func(tb privateserver.TB) int {
		server = privateserver.StartPostgres(tb, privateserver.PostgresConfig{})
		return m.Run()
	})
	if code == 0 {
		if err := goleak.Find(); err != nil {
			println(err.Error())
			code = 1
		}
	}
	os.Exit(code)
}

// open opens a Store on the database at address until the test ends.
func open(t testing.TB, address string, config sqlstore.PostgresConfig) *sqlstore.Store {
	t.Helper()
	s, err := postgres.Open(t.Context(), address, config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// openNew opens a Store on tables of its own.
func openNew(t testing.TB) *sqlstore.Store {
	t.Helper()
	return open(t, server.NewSchema(t), sqlstore.PostgresConfig{})
}

func TestSessions(t *testing.T) {
	storetest.Sessions(t, func(t *testing.T) session.Store { return openNew(t).Sessions() })
}

func TestUsers(t *testing.T) {
	storetest.Users(t, func(t *testing.T) account.Store { return openNew(t).Users() })
}

func TestThrottle(t *testing.T) {
	storetest.Throttle(t, func(t *testing.T) throttle.Store { return openNew(t).Throttle() })
}

func TestClients(t *testing.T) {
	storetest.Clients(t, func(t *testing.T, chain audit.Chain) (client.Store, audit.Log) {
		s := openNew(t)
		return s.Clients(), s.Audit(chain)
	})
}

func TestKeys(t *testing.T) {
	storetest.Keys(t, func(t *testing.T, chain audit.Chain) (keyring.Store, audit.Log) {
		s := openNew(t)
		return s.Keys(), s.Audit(chain)
	})
}

func TestAudit(t *testing.T) {
	storetest.Audit(t, func(t *testing.T, chain audit.Chain) storetest.Audited {
		s := openNew(t)
		log := s.Audit(chain)
		return storetest.Audited{Log: log, Users: s.Users(), Links: s.Users(), Sessions: s.Sessions()}
	})
}
