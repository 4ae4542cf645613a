package memory_test

import (
	"testing"

	"github.com/handstamp/handstamp/account"
	"github.com/handstamp/handstamp/audit"
	"github.com/handstamp/handstamp/client"
	"github.com/handstamp/handstamp/session"
	"github.com/handstamp/handstamp/store/memory"
	"github.com/handstamp/handstamp/store/storetest"
	"github.com/handstamp/handstamp/throttle"
	"github.com/handstamp/handstamp/token/keyring"
)

func TestSessions(t *testing.T) {
	storetest.Sessions(t, func(*testing.T) session.Store { return memory.New() })
}

func TestUsers(t *testing.T) {
	storetest.Users(t, func(*testing.T) account.Store { return memory.NewUsers() })
}

func TestAudit(t *testing.T) {
	storetest.Audit(t, func(_ *testing.T, chain audit.Chain) storetest.Audited {
		log, users, sessions := memory.NewAudit(chain), memory.NewUsers(), memory.New()
		users.Audit, sessions.Audit = log, log
		return storetest.Audited{Log: log, Users: users, Links: users, Sessions: sessions}
	})
}

func TestOutbox(t *testing.T) {
	storetest.Outbox(t, func(_ *testing.T, chain audit.Chain) storetest.Queued {
		log := memory.NewAudit(chain)
		return storetest.Queued{Log: log, Outbox: memory.NewOutbox(log)}
	})
}

func TestThrottle(t *testing.T) {
	storetest.Throttle(t, func(*testing.T) throttle.Store { return memory.NewThrottle() })
}

func TestClients(t *testing.T) {
	storetest.Clients(t, func(_ *testing.T, chain audit.Chain) (client.Store, audit.Log) {
		log, clients := memory.NewAudit(chain), memory.NewClients()
		clients.Audit = log
		return clients, log
	})
}

func TestKeys(t *testing.T) {
	storetest.Keys(t, func(_ *testing.T, chain audit.Chain) (keyring.Store, audit.Log) {
		log, keys := memory.NewAudit(chain), memory.NewKeys()
		keys.Audit = log
		return keys, log
	})
}

func TestCountSessions(t *testing.T) {
	s := memory.New()
	for i := range byte(3) {
		r := session.Record{Hash: session.Hash{i + 1}}
		if err := s.Insert(t.Context(), r); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.End(t.Context(), session.Selection{Hash: session.Hash{1}}); err != nil {
		t.Fatal(err)
	}
	if n, err := s.Count(t.Context()); n != 2 || err != nil {
		t.Errorf("%d sessions, %v; want 2", n, err)
	}
}
