package memory_test

import (
	"testing"

	"github.com/handstamp/handstamp/account"
	"github.com/handstamp/handstamp/audit"
	"github.com/handstamp/handstamp/session"
	"github.com/handstamp/handstamp/store/memory"
	"github.com/handstamp/handstamp/store/storetest"
	"github.com/handstamp/handstamp/throttle"
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

func TestThrottle(t *testing.T) {
	storetest.Throttle(t, func(*testing.T) throttle.Store { return memory.NewThrottle() })
}
